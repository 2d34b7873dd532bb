//! A generated script performs its plan: its steps, written as TypeScript and run, are those of the
//! planner.

use crate::{
    project::Project,
    states::any_change,
    support::{TableExt, table},
};
use mizzle_core::{
    diff::diff,
    model::{AttributeDefinition, KeySchemaElement, ResourcePolicy, TableDefinition},
    plan::{self, Context, Origins, Plan, plan},
    script,
};
use mizzle_eval::{Direction, Evaluator, Limits, ScriptEvent, ScriptFacts};
use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};
use std::{cell::Cell, path::Path};

/// The number of round trips of plans for up to three tables: hundreds of scripts.
const CASES: u32 = 200;

/// Generates texts for a script: quotes, ends of lines and of comments, and other characters with a
/// meaning in TypeScript.
pub(crate) fn any_text() -> impl Strategy<Value = String> {
    let parts = [
        "\"",
        "'",
        "`",
        "\\",
        "\\u",
        "${x}",
        "\n",
        "\r",
        "\u{2028}",
        "\u{2029}",
        "\0",
        "\t",
        "\u{7f}",
        "//",
        "*/",
        "/*",
        "<!--",
        "-->",
        "\u{feff}",
        "\u{202e}",
        "é",
        "e\u{301}",
        "😀",
        " ",
        "x",
        "-",
        ",",
        "__proto__",
    ];
    prop::collection::vec(select(parts.to_vec()), 0..6).prop_map(|parts| parts.concat())
}

/// Appends a text to everything in the table that users name freely.
pub(crate) fn named(mut table: TableDefinition, number: usize, text: &str) -> TableDefinition {
    let name = |name: &mut String| name.push_str(text);
    table.table_name = format!("{}{number}", table.table_name);
    for AttributeDefinition { attribute_name, .. } in &mut table.attribute_definitions {
        name(attribute_name);
    }
    let gsis = table.global_secondary_indexes.iter_mut();
    let gsis = gsis.map(|index| (&mut index.key_schema, &mut index.projection));
    let lsis = table.local_secondary_indexes.iter_mut();
    let lsis = lsis.map(|index| (&mut index.key_schema, &mut index.projection));
    for (key, projection) in gsis.chain(lsis) {
        key.iter_mut().for_each(|KeySchemaElement { attribute_name, .. }| name(attribute_name));
        projection.non_key_attributes.iter_mut().for_each(name);
    }
    table.key_schema.iter_mut().for_each(|element| name(&mut element.attribute_name));
    if let Some(attribute) =
        table.time_to_live_specification.as_mut().and_then(|expiry| expiry.attribute_name.as_mut())
    {
        name(attribute);
    }
    for tag in table.tags.iter_mut().flatten() {
        name(&mut tag.key);
        name(&mut tag.value);
    }
    if table.resource_policy.as_ref().is_some_and(|policy| *policy != ResourcePolicy::NONE) {
        let policy = json!({ "Version": "2012-10-17", "Id": text, text: [text] });
        table.resource_policy = Some(ResourcePolicy::new(policy));
    }
    table.normalised()
}

/// Returns the calls of a script in the planner's form.
fn calls(
    evaluator: &Evaluator,
    script: &Path,
    direction: Direction,
) -> Result<Vec<plan::Call>, String> {
    let mut running =
        evaluator.script(script, direction, ScriptFacts::default(), Limits::default());
    let mut calls = Vec::new();
    while let Some(event) = pollster::block_on(running.next()) {
        match event {
            ScriptEvent::Call(call) => {
                let parsed = plan::Call::parse(call.method(), call.input());
                calls.push(parsed.map_err(|problem| problem.to_string())?);
                call.reply(Ok(Value::Null));
            }
            ScriptEvent::Log(line) => return Err(format!("it says {line:?}")),
        }
    }
    running.finish().map_err(|error| error.to_string())?;
    Ok(calls)
}

#[test]
fn the_steps_of_a_script_are_those_of_its_plan() {
    let project = Project::new(&[]);
    let (evaluator, count) = (project.evaluator(), Cell::new(0));
    let changes = prop::collection::vec((any_change(), any_text()), 1..=3);
    proptest!(ProptestConfig::with_cases(CASES), |(changes in changes)| {
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for (number, ((a, b), text)) in changes.into_iter().enumerate() {
            before.extend(a.map(|table| named(table, number, &text)));
            after.extend(b.map(|table| named(table, number, &text)));
        }
        let plan = |from: &[TableDefinition], to: &[TableDefinition]| {
            plan(&diff(from, to), &Context::default())
        };
        let (up, down) = (plan(&before, &after), plan(&after, &before));
        let text = script::write(&up, &down);
        // An evaluator reads a file once.
        count.set(count.get() + 1);
        let file = format!("{:04}_test.ts", count.get());
        project.write(&file, &text);
        let planned = |plan: &Plan| -> Vec<plan::Call> {
            plan.steps.iter().map(|step| step.call.clone()).collect()
        };
        for (direction, plan) in [(Direction::Up, up), (Direction::Down, down)] {
            let calls = calls(&evaluator, &project.path(&file), direction);
            prop_assert_eq!(calls, Ok(planned(&plan)), "{:?} of\n{}", direction, text);
        }
    });
}

/// Runs a script that renames a table, on one item. Returns its calls, with the requests for items.
fn renaming(from: &TableDefinition, to: &TableDefinition, item: &Value) -> Vec<String> {
    let origins = Origins::from([(to.table_name.clone(), Some(from.table_name.clone()))]);
    let changes = diff([from], [to]);
    let up = plan(&changes, &Context { origins: origins.clone(), ..Context::default() });
    let copies = script::copies(&changes, &origins);
    let text = script::write_copying((&up, &copies), (&Plan::default(), &[]));
    let project = Project::new(&[("0001_test.ts", &text)]);
    let run = project.migrate("0001_test.ts", Direction::Up, |call| {
        Ok(match call.method() {
            "scan" => json!({ "Items": [item] }),
            _ => json!({}),
        })
    });
    assert!(run.outcome.is_ok(), "{:?} of\n{text}", run.outcome);
    run.calls
}

#[test]
fn a_renamed_table_gets_the_items_before_the_old_one_goes() {
    let item = json!({ "pk": { "S": "a" }, "sk": { "S": "b" }, "total": { "N": "1" } });
    let calls = renaming(&table("App"), &table("Shop"), &item);
    let [create, scan, put, delete] = calls.as_slice() else { panic!("{calls:?}") };
    assert!(create.starts_with("createTable") && scan.starts_with("scan"), "{calls:?}");
    let request: Value = serde_json::from_str(put.strip_prefix("put ").unwrap()).unwrap();
    assert_eq!(request, json!({ "TableName": "Shop", "Item": item }));
    assert_eq!(delete, "deleteTable {\"TableName\":\"App\"}");

    // Names that are not valid variable names in TypeScript.
    let odd = table("App").with_key(&["class", "key \"1\""]);
    let item = json!({ "class": { "S": "a" }, "key \"1\"": { "S": "b" }, "total": { "N": "1" } });
    let calls = renaming(&odd, &table("Shop").with_key(&["id"]), &item);
    let request: Value = serde_json::from_str(calls[2].strip_prefix("put ").unwrap()).unwrap();
    assert_eq!(request["Item"], item);
    assert_eq!(
        request["ConditionExpression"],
        "attribute_not_exists(#new) OR (#old1 = :old1 AND #old2 = :old2)"
    );
    assert_eq!(
        request["ExpressionAttributeNames"],
        json!({ "#new": "id", "#old1": "class", "#old2": "key \"1\"" })
    );
    assert_eq!(
        request["ExpressionAttributeValues"],
        json!({ ":old1": { "S": "a" }, ":old2": { "S": "b" } })
    );
}
