//! Plans: their order, hazards, refusals and results.

use crate::support::{TableExt, table};
use mizzle_core::{
    diff::diff,
    model::{
        AttributeDefinition, BillingMode, KeySchemaElement, Projection, ProvisionedThroughput,
        ScalarType, TableDefinition,
    },
    plan::{Call, Context, Facts, HazardKind, Origins, Plan, plan},
};

fn plan_of(before: &[TableDefinition], after: &[TableDefinition]) -> Plan {
    plan(&diff(before, after), &Context::default())
}

fn ids(plan: &Plan) -> Vec<String> {
    plan.steps.iter().map(|step| step.id.to_string()).collect()
}

fn hazards(plan: &Plan) -> Vec<&str> {
    let hazards = plan.steps.iter().flat_map(|step| &step.hazards);
    hazards.map(|hazard| hazard.message.as_str()).collect()
}

#[test]
fn new_tables_are_on_demand_unless_they_say_otherwise() {
    let plan = plan_of(&[], &[table("Shop")]);
    let [step] = plan.steps.as_slice() else { panic!("{plan:?}") };
    let Call::CreateTable(request) = &step.call else { panic!("{step:?}") };
    assert_eq!(request.billing_mode, Some(BillingMode::PayPerRequest));
}

#[test]
fn new_indexes_come_before_dropped_ones() {
    let before = table("Shop").gsi("byOld", &["a"], &[], Projection::all());
    let after = table("Shop").gsi("byNew", &["b"], &[], Projection::all());
    assert_eq!(
        ids(&plan_of(&[before], &[after])),
        ["Shop:create-index:byNew", "Shop:drop-index:byOld"]
    );
}

#[test]
fn at_the_limit_an_index_goes_before_another_comes() {
    let full = |name: &str| {
        (1..20)
            .fold(table("Shop"), |table, number| {
                table.gsi(&format!("idx{number}"), &["a"], &[], Projection::all())
            })
            .gsi(name, &["b"], &[], Projection::all())
    };
    assert_eq!(
        ids(&plan_of(&[full("byOld")], &[full("byNew")])),
        ["Shop:drop-index:byOld", "Shop:create-index:byNew"]
    );
}

#[test]
fn only_an_index_that_is_in_the_way_goes_first() {
    let before = table("Shop").gsi("byAge", &["age"], &[], Projection::all()).gsi(
        "byStatus",
        &["status"],
        &[],
        Projection::all(),
    );
    let after = table("Shop")
        .gsi("byStatusNumber", &["status"], &[], Projection::all())
        .with_types(&[("status", ScalarType::N)]);
    assert_eq!(
        ids(&plan_of(&[before], &[after])),
        ["Shop:drop-index:byStatus", "Shop:create-index:byStatusNumber", "Shop:drop-index:byAge"]
    );
}

#[test]
fn an_attribute_changes_its_type_only_while_no_index_uses_it() {
    let before = table("Shop").gsi("byA", &["a"], &[], Projection::all()).gsi(
        "byAB",
        &["a"],
        &["b"],
        Projection::all(),
    );
    let after = before.clone().with_types(&[("a", ScalarType::N)]);
    assert_eq!(
        ids(&plan_of(&[before], &[after])),
        [
            "Shop:drop-index:byA",
            "Shop:drop-index:byAB",
            "Shop:create-index:byA",
            "Shop:create-index:byAB"
        ]
    );
}

#[test]
fn a_changed_index_is_rebuilt_at_once_and_says_so() {
    let before = table("Shop").gsi("byA", &["a"], &[], Projection::all()).gsi(
        "byB",
        &["b"],
        &[],
        Projection::all(),
    );
    let after = table("Shop").gsi("byA", &["a"], &["b"], Projection::all()).gsi(
        "byB",
        &["b"],
        &[],
        Projection::keys_only(),
    );
    let plan = plan_of(&[before], &[after]);
    assert_eq!(
        ids(&plan),
        [
            "Shop:drop-index:byA",
            "Shop:create-index:byA",
            "Shop:drop-index:byB",
            "Shop:create-index:byB"
        ]
    );
    let hazards = hazards(&plan);
    insta::assert_snapshot!(hazards.join("\n"), @r"
    byA changes (key (a S) → (a S, b S)), which DynamoDB can only do by rebuilding it: queries on it fail until it is ACTIVE again. To avoid the gap, add the index under a new name first, switch the queries over, then drop this one.
    byB changes (projection ALL → KEYS_ONLY), which DynamoDB can only do by rebuilding it: queries on it fail until it is ACTIVE again. To avoid the gap, add the index under a new name first, switch the queries over, then drop this one.
    ");
}

#[test]
fn a_new_index_of_an_autoscaled_table_starts_with_what_the_table_has() {
    let units = |units| {
        Some(ProvisionedThroughput { read_capacity_units: units, write_capacity_units: units })
    };
    let autoscaled = |table: TableDefinition| {
        let mut table = TableDefinition {
            billing_mode: Some(BillingMode::Provisioned),
            provisioned_throughput: units(5),
            autoscaled: true,
            ..table
        };
        for index in &mut table.global_secondary_indexes {
            (index.provisioned_throughput, index.autoscaled) = (units(5), true);
        }
        table
    };
    let after = autoscaled(table("Hive").gsi("byHoney", &["honey"], &[], Projection::all()));
    for (present, index, hazards) in [
        (units(900), units(900), vec![HazardKind::LacksScaling]),
        (None, units(5), vec![HazardKind::LacksScaling]),
    ] {
        let before =
            TableDefinition { provisioned_throughput: present, ..autoscaled(table("Hive")) };
        let plan = plan_of(&[before], std::slice::from_ref(&after));
        let [step] = plan.steps.as_slice() else { panic!("{plan:?}") };
        let create = &step.call.input()["GlobalSecondaryIndexUpdates"][0]["Create"];
        let units = index.map(|units| units.write_capacity_units);
        assert_eq!(create["ProvisionedThroughput"]["WriteCapacityUnits"].as_i64(), units);
        let kinds: Vec<HazardKind> = step.hazards.iter().map(|hazard| hazard.kind).collect();
        assert_eq!(kinds, hazards);
    }
}

#[test]
fn a_rebuilt_index_comes_before_other_new_ones_and_both_say_what_another_type_costs() {
    let types = |code| [("code", code)];
    let before = table("Stock").gsi("byCode", &["code"], &[], Projection::all());
    let after = table("Stock")
        .gsi("byBatch", &["batch"], &["code"], Projection::all())
        .gsi("byCode", &["code"], &[], Projection::all())
        .with_types(&types(ScalarType::N));
    let plan = plan_of(&[before.with_types(&types(ScalarType::S))], &[after]);
    let steps: Vec<String> = plan.steps.iter().map(|step| step.id.to_string()).collect();
    assert_eq!(
        steps,
        ["Stock:drop-index:byCode", "Stock:create-index:byCode", "Stock:create-index:byBatch"]
    );
    assert_eq!(
        plan.steps[2].hazards[0].message,
        "Items whose code is still of type S will not be in the new index, and DynamoDB refuses to write them again like that: rewrite them first, or give the attribute of the new type a name of its own."
    );
}

#[test]
fn a_new_index_of_a_provisioned_table_takes_the_tables_capacity() {
    let capacity = ProvisionedThroughput { read_capacity_units: 7, write_capacity_units: 3 };
    let mut before = table("Shop");
    before.billing_mode = Some(BillingMode::Provisioned);
    before.provisioned_throughput = Some(capacity);
    let after = table("Shop").gsi("byA", &["a"], &[], Projection::all());
    let plan = plan_of(&[before], &[after]);
    let [step] = plan.steps.as_slice() else { panic!("{plan:?}") };
    insta::assert_json_snapshot!(step, @r#"
    {
      "id": "Shop:create-index:byA",
      "table": "Shop",
      "call": "UpdateTable",
      "input": {
        "TableName": "Shop",
        "AttributeDefinitions": [
          {
            "AttributeName": "a",
            "AttributeType": "S"
          },
          {
            "AttributeName": "pk",
            "AttributeType": "S"
          },
          {
            "AttributeName": "sk",
            "AttributeType": "S"
          }
        ],
        "GlobalSecondaryIndexUpdates": [
          {
            "Create": {
              "IndexName": "byA",
              "KeySchema": [
                {
                  "AttributeName": "a",
                  "KeyType": "HASH"
                }
              ],
              "Projection": {
                "ProjectionType": "ALL"
              },
              "ProvisionedThroughput": {
                "ReadCapacityUnits": 7,
                "WriteCapacityUnits": 3
              }
            }
          }
        ]
      },
      "after": [],
      "hazards": []
    }
    "#);
}

#[test]
fn what_is_fixed_at_creation_is_refused_with_the_reason() {
    let before = table("Shop").gsi("byA", &["a"], &[], Projection::all()).lsi("localB", "b");
    let mut other_key = table("Shop").lsi("localB", "b");
    other_key.key_schema = vec![KeySchemaElement::hash("id"), KeySchemaElement::range("sk")];
    let other_key = other_key.with_types(&[("b", ScalarType::N)]);
    let new_local = before.clone().lsi("localC", "c");
    let texts: Vec<String> = [other_key, new_local]
        .into_iter()
        .map(|after| {
            let plan = plan_of(std::slice::from_ref(&before), &[after]);
            assert!(plan.steps.is_empty(), "a blocked table has no steps");
            format!("{}\n  {}", plan.blocked[0].reason, plan.blocked[0].hint)
        })
        .collect();
    insta::assert_snapshot!(texts.join("\n"), @r"
    Shop would have to be replaced: its key cannot change from (pk S, sk S) to (id S, sk S) and LSI localB cannot change (key (pk S, b S) → (pk S, b N)). DynamoDB fixes keys and LSIs when a table is created. Replacing it loses its items
      describe a table of another name, copy the items, and switch over; or undo the change in the schema; or run `mizzle generate --replace Shop`, which writes a migration that deletes the table and creates it again
    Shop would have to be replaced: LSI localC cannot be added. DynamoDB fixes keys and LSIs when a table is created. Replacing it loses its items
      make the index global (gsi), which can be added at any time; or undo the change in the schema; or run `mizzle generate --replace Shop`, which writes a migration that deletes the table and creates it again
    ");
}

#[test]
fn a_blocked_table_does_not_block_the_others() {
    let mut replaced = table("Shop");
    replaced.key_schema.pop();
    let plan = plan_of(&[table("Shop")], &[replaced.with_types(&[]), table("Users")]);
    assert_eq!(ids(&plan), ["Users:create-table"]);
    assert_eq!(plan.blocked.len(), 1);
}

#[test]
fn a_deleted_table_names_what_is_lost_and_a_probable_rename() {
    let plan = plan_of(&[table("People")], &[table("Users")]);
    insta::assert_snapshot!(hazards(&plan).join("\n"), @"Deletes table People and every item in it. DynamoDB cannot rename a table: the items do not move to Users, copy them first.");
    let plan = plan_of(&[table("People")], &[]);
    insta::assert_snapshot!(hazards(&plan).join("\n"), @"Deletes table People and every item in it.");
}

#[test]
fn a_rename_is_pointed_out_whatever_the_key() {
    let deletion = |after: &[TableDefinition], origins: Origins| {
        let context = Context { origins, ..Context::default() };
        let plan = plan(&diff(&[table("People")], after), &context);
        hazards(&plan).join(" ")
    };
    let (users, by_id) = (table("Users"), table("ById").with_key(&["id"]));
    let rename = "DynamoDB cannot rename a table: the items do not move to";
    for (after, expected) in [
        (vec![by_id.clone()], format!(" {rename} ById, copy them first.")),
        (vec![by_id.clone(), users.clone()], format!(" {rename} Users, copy them first.")),
        (
            vec![by_id.clone(), table("Many").with_key(&["m"])],
            format!(" {rename} ById or Many, copy them first."),
        ),
        (
            ["One", "Two", "Three", "Four"].map(|name| table(name).with_key(&["id"])).into(),
            format!(" {rename} a new table, copy them first."),
        ),
        (vec![], String::new()),
    ] {
        let expected = format!("Deletes table People and every item in it.{expected}");
        assert_eq!(deletion(&after, Origins::new()), expected);
    }
    let new = Origins::from([("Users".to_owned(), None)]);
    assert_eq!(
        deletion(std::slice::from_ref(&users), new),
        "Deletes table People and every item in it."
    );
    let copied = Origins::from([("Users".to_owned(), Some("People".to_owned()))]);
    assert_eq!(
        deletion(&[users], copied),
        "Deletes table People and every item in it. Its items are copied to Users first."
    );
}

#[test]
fn a_table_is_replaced_where_that_is_meant() {
    let (before, after) = (table("Shop"), table("Shop").with_key(&["id"]));
    let context = Context { replace: ["Shop".to_owned()].into(), ..Context::default() };
    let plan = plan(&diff([&before], [&after]), &context);
    assert_eq!(plan.blocked, []);
    assert_eq!(ids(&plan), ["Shop:delete-table", "Shop:create-table"]);
    assert_eq!(plan.steps[0].hazards[0].kind, HazardKind::ReplacesTable);
    let other = Context { replace: ["Other".to_owned()].into(), ..Context::default() };
    assert_eq!(mizzle_core::plan::plan(&diff([&before], [&after]), &other).blocked.len(), 1);
}

#[test]
fn a_deleted_table_names_what_goes_with_it() {
    let facts = Facts {
        item_count: Some(1204),
        size_bytes: Some(3_100_000),
        is_counted_now: true,
        has_stream: true,
        has_recovery: true,
        ..Facts::default()
    };
    let deletion = |facts: &Facts| {
        let facts = [("People".to_owned(), facts.clone())].into();
        let context = Context { facts, ..Context::default() };
        hazards(&plan(&diff(&[table("People")], []), &context)).join("\n")
    };
    insta::assert_snapshot!(deletion(&facts), @r"
    Deletes table People and every item in it: 1,204 items (3.1 MB).
    The stream ends: what reads it gets nothing new. Records that are there can be read for 24 hours.
    The continuous backups go with the table: it can no longer be restored to an earlier moment. AWS itself keeps its last state for 35 days.
    ");
    let empty = Facts { item_count: Some(0), is_counted_now: true, ..Facts::default() };
    insta::assert_snapshot!(deletion(&empty), @"Deletes table People, which holds no item.");
    // A count of zero that is six hours old is no evidence.
    let empty = Facts { is_counted_now: false, ..empty };
    insta::assert_snapshot!(deletion(&empty), @"Deletes table People and every item in it.");
}

#[test]
fn unused_attributes_of_an_old_snapshot_do_not_reach_a_request() {
    let mut before = table("Shop");
    before.attribute_definitions.push(AttributeDefinition {
        attribute_name: "a".to_owned(),
        attribute_type: ScalarType::B,
    });
    let after = table("Shop").gsi("byA", &["a"], &[], Projection::all());
    let plan = plan_of(&[before], std::slice::from_ref(&after));
    let Call::UpdateTable(update) = &plan.steps[0].call else { panic!("{plan:?}") };
    assert_eq!(update.attribute_definitions, after.attribute_definitions);
}
