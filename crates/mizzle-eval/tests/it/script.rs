//! Successful migration scripts.

use crate::project::{Project, Run};
use indoc::indoc;
use mizzle_eval::{CallError, Direction, EvalErrorKind, Limits, ScriptEvent, ScriptFacts};
use pollster::block_on;
use serde_json::{Value, json};
use std::time::Duration;

#[test]
fn calls_come_in_order_with_the_request_as_it_is_written() {
    let project = Project::of_up(indoc! {r#"
        await db.createTable({ TableName: "Shop", KeySchema: [{ KeyType: "HASH", AttributeName: "pk" }], Tags: undefined });
        db.log("created", { TableName: "Shop" });
        const { TableDescription } = (await db.updateTable({ TableName: "Shop", BillingMode: "PROVISIONED" })) as any;
        db.log(TableDescription.TableName);
        await db.deleteTable({ TableName: "Shop" });
    "#});
    let run = project.migrate("0001_test.ts", Direction::Up, |call| {
        Ok(json!({ "TableDescription": { "TableName": call.input()["TableName"] } }))
    });
    assert_eq!(run.outcome.as_ref().map_err(ToString::to_string), Ok(&()));
    assert_eq!(
        run.calls,
        [
            r#"createTable {"TableName":"Shop","KeySchema":[{"KeyType":"HASH","AttributeName":"pk"}]}"#,
            r#"updateTable {"TableName":"Shop","BillingMode":"PROVISIONED"}"#,
            r#"deleteTable {"TableName":"Shop"}"#,
        ]
    );
    assert_eq!(run.logs, ["created { TableName: 'Shop' }", "Shop"]);
}

#[test]
fn every_method_is_there() {
    let methods = [
        "createTable",
        "updateTable",
        "deleteTable",
        "updateTimeToLive",
        "updateContinuousBackups",
        "tagResource",
        "untagResource",
        "putResourcePolicy",
        "deleteResourcePolicy",
        "get",
        "put",
        "update",
        "delete",
        "query",
        "scan",
        "batchGet",
        "batchWrite",
        "transactWrite",
    ];
    let body: String = methods
        .iter()
        .map(|method| format!("await db.{method}({{ TableName: 'T' }});\n"))
        .collect();
    let run = Project::of_up(&body).up();
    assert!(run.outcome.is_ok());
    let expected: Vec<_> =
        methods.iter().map(|method| format!("{method} {{\"TableName\":\"T\"}}")).collect();
    assert_eq!(run.calls, expected);
}

#[test]
fn scripts_come_in_every_form() {
    let up = "export async function up(db) { await db.deleteTable({ TableName: 'T' }); }";
    let common = "exports.up = async (db) => { await db.deleteTable({ TableName: 'T' }); };";
    for (file, text) in [
        ("0001_a.ts", up),
        ("0001_a.mts", up),
        ("0001_a.js", up),
        ("0001_a.mjs", up),
        ("0001_a.js", common),
        ("0001_a.cjs", common),
        ("0001_a.cts", common),
        (
            "0001_a.js",
            "module.exports = Object.assign({}, { async up(db) { await db.deleteTable({ TableName: 'T' }); } });",
        ),
        (
            "0001_a.ts",
            "const name: string = await Promise.resolve('T');\nexport const up = (db: any) => db.deleteTable({ TableName: name });",
        ),
        (
            "0001_a.ts",
            "export default { up: async ({ deleteTable }: any) => { await deleteTable({ TableName: 'T' }) } };",
        ),
        (
            "0001_a.ts",
            "import { Database } from 'mizzle-cli';\nexport async function up(db: Database) { await db.deleteTable({ TableName: 'T' }); }",
        ),
    ] {
        let project = Project::new(&[(file, text)]);
        let run = project.migrate(file, Direction::Up, |_| Ok(Value::Null));
        assert!(run.outcome.is_ok(), "{text}: {}", run.failure(&project));
        assert_eq!(run.calls, [r#"deleteTable {"TableName":"T"}"#], "{file} {text}");
    }
}

#[test]
fn down_runs_on_its_own() {
    let project = Project::new(&[(
        "0001_a.ts",
        "export async function up() { throw new Error('up') }\n\
         export async function down(db) { await db.deleteTable({ TableName: 'T' }); }",
    )]);
    let run = project.migrate("0001_a.ts", Direction::Down, |_| Ok(Value::Null));
    assert!(run.outcome.is_ok());
    assert_eq!(run.calls, [r#"deleteTable {"TableName":"T"}"#]);
}

#[test]
fn scripts_import_helpers_and_packages() {
    let project = Project::new(&[
        (
            "migrations/0001_a.ts",
            "import { rename } from './helpers/rename';\nimport slug from 'slug';\nimport { NumberValue } from '@aws-sdk/lib-dynamodb';\n\
             export async function up(db) { await rename(db, slug('A B')); await db.put({ Item: { n: NumberValue.from('1.10') } }); }",
        ),
        (
            "migrations/helpers/rename.ts",
            "import type { Database } from 'mizzle-cli';\n\
             export async function rename(db: Database, name: string) { await db.deleteTable({ TableName: name }); }",
        ),
        ("node_modules/slug/package.json", r#"{ "main": "index.js" }"#),
        ("node_modules/slug/index.js", "module.exports = (text) => text.replace(/ /g, '-')"),
    ]);
    let run = project.migrate("migrations/0001_a.ts", Direction::Up, |_| Ok(json!({})));
    assert!(run.outcome.is_ok(), "{}", run.failure(&project));
    assert_eq!(
        run.calls,
        [r#"deleteTable {"TableName":"A-B"}"#, r#"put {"Item":{"n":{"N":"1.10"}}}"#]
    );
}

#[test]
fn the_facts_are_told() {
    let project = Project::of_up("db.log(db.env, db.dryRun, Object.keys(db).length > 20);");
    for (facts, expected) in [
        (ScriptFacts::default(), "undefined false true"),
        (
            ScriptFacts { environment: Some("staging".to_owned()), dry_run: true },
            "staging true true",
        ),
    ] {
        let file = project.path("0001_test.ts");
        let script = project.evaluator().script(&file, Direction::Up, facts, Limits::default());
        let run = Run::of(script, |_| Ok(Value::Null));
        assert_eq!(run.logs_of(&project), [expected]);
    }
}

#[test]
fn calls_can_be_under_way_at_once_and_are_settled_in_the_order_of_the_replies() {
    let project = Project::of_up(indoc! {r#"
        const one = async (name: string) => {
          await db.deleteTable({ TableName: name });
          db.log(name);
          return name;
        };
        const all = await Promise.all(["a", "b", "c"].map(one));
        db.log(all.join(""));
    "#});
    let file = project.path("0001_test.ts");
    let mut script =
        project.evaluator().script(&file, Direction::Up, ScriptFacts::default(), Limits::default());
    let mut waiting = Vec::new();
    while waiting.len() < 3 {
        match block_on(script.next()).unwrap() {
            ScriptEvent::Call(call) => waiting.push(call),
            ScriptEvent::Log(line) => panic!("{line} before any reply"),
        }
    }
    let mut logs = Vec::new();
    for call in waiting.into_iter().rev() {
        call.reply(Ok(Value::Null));
        match block_on(script.next()).unwrap() {
            ScriptEvent::Log(line) => logs.push(line),
            ScriptEvent::Call(call) => panic!("{call:?}"),
        }
    }
    while let Some(ScriptEvent::Log(line)) = block_on(script.next()) {
        logs.push(line);
    }
    assert_eq!(logs, ["c", "b", "a", "abc"]);
    assert!(script.finish().is_ok());
}

#[test]
fn a_failed_call_can_be_caught() {
    let project = Project::of_up(indoc! {r#"
        try {
          await db.put({ TableName: "T", Item: { pk: "a" }, ConditionExpression: "attribute_not_exists(pk)" });
        } catch (error) {
          db.log(error instanceof Error, error.name, error.message, error.Item, Object.keys(error));
          if (error.name !== "ConditionalCheckFailedException") throw error;
        }
        await db.deleteTable({ TableName: "T" }).catch((error) => db.log(String(error)));
    "#});
    let run = project.migrate("0001_test.ts", Direction::Up, |call| match call.method() {
        "put" => Err(CallError {
            fields: vec![("Item".to_owned(), json!({ "pk": { "S": "a" }, "n": { "N": "1" } }))],
            ..CallError::new("ConditionalCheckFailedException", "The conditional request failed")
        }),
        _ => Err(CallError::new("ResourceNotFoundException", "no such table")),
    });
    assert_eq!(
        run.logs_of(&project),
        [
            "true ConditionalCheckFailedException The conditional request failed { pk: 'a', n: 1 } [ 'Item' ]",
            "ResourceNotFoundException: no such table",
        ]
    );
}

#[test]
fn a_call_that_is_dropped_fails() {
    let project = Project::of_up("await db.deleteTable({ TableName: 'T' });");
    let file = project.path("0001_test.ts");
    let mut script =
        project.evaluator().script(&file, Direction::Up, ScriptFacts::default(), Limits::default());
    drop(block_on(script.next()).unwrap());
    assert!(block_on(script.next()).is_none());
    let error = script.finish().unwrap_err();
    assert_eq!(error.kind(), EvalErrorKind::CallFailed);
    assert_eq!(error.to_string(), "AbortError: the call was given up without an answer");
}

#[test]
fn waiting_is_not_running() {
    // Each section of code is short, but their total is not; waiting takes longer than the limit.
    let project = Project::of_up(indoc! {"
        const work = () => { const end = Date.now() + 300; while (Date.now() < end); };
        for (let i = 0; i < 5; i++) { work(); await db.deleteTable({ TableName: 'T' }); }
        await new Promise((resolve) => setTimeout(resolve, 1200));
        work();
    "});
    let limits = Limits { time: Duration::from_secs(1), ..Limits::default() };
    let file = project.path("0001_test.ts");
    let script = project.evaluator().script(&file, Direction::Up, ScriptFacts::default(), limits);
    let mut first = true;
    let run = Run::of(script, |_| {
        if std::mem::take(&mut first) {
            // Under test: a slow reply.
            std::thread::sleep(Duration::from_millis(1300));
        }
        Ok(Value::Null)
    });
    assert!(run.outcome.is_ok(), "{}", run.failure(&project));
    assert_eq!(run.calls.len(), 5);
}

#[test]
fn one_evaluator_runs_many_scripts_and_each_begins_anew() {
    let project = Project::new(&[
        (
            "0001_a.ts",
            "import { state } from './state';\nexport async function up(db) { (globalThis as any).seen = true; state.count++; await db.deleteTable({ TableName: 'A' }); setInterval(() => db.deleteTable({ TableName: 'late' }), 1); }",
        ),
        (
            "0002_b.ts",
            "import { state } from './state';\nexport async function up(db) { db.log(typeof seen, state.count); await new Promise((r) => setTimeout(r, 20)); }",
        ),
        ("state.ts", "export const state = { count: 0 };"),
    ]);
    let evaluator = project.evaluator();
    let run = |file: &str| {
        let facts = ScriptFacts::default();
        let script = evaluator.script(&project.path(file), Direction::Up, facts, Limits::default());
        Run::of(script, |_| Ok(Value::Null))
    };
    assert_eq!(run("0001_a.ts").calls, [r#"deleteTable {"TableName":"A"}"#]);
    let second = run("0002_b.ts");
    assert_eq!(second.calls, [] as [&str; 0]);
    assert_eq!(second.logs_of(&project), ["undefined 0"]);
}

#[test]
fn pages_are_asked_for_as_they_are_used() {
    let project = Project::of_up(indoc! {r#"
        const seen: unknown[] = [];
        for await (const item of db.scanItems({ TableName: "T", Limit: 2 })) {
          seen.push(item.n);
          if (item.n === 3) break;
        }
        db.log(seen.join());
        for await (const { Items, Count } of db.queryPages({
          TableName: "T",
          KeyConditionExpression: "pk = :pk",
          ExpressionAttributeValues: { ":pk": "a" },
          ExclusiveStartKey: { pk: "a", n: 0 },
        })) db.log(Items.length, Count);
        for await (const item of db.queryItems({ TableName: "Empty" })) db.log("never", item);
    "#});
    let run = project.migrate("0001_test.ts", Direction::Up, |call| {
        let input = call.input();
        if input["TableName"] == "Empty" {
            return Ok(json!({}));
        }
        let start = input["ExclusiveStartKey"]["n"]["N"].as_str().unwrap_or("0");
        let start: u32 = start.parse().unwrap();
        let item = |n: u32| json!({ "n": { "N": n.to_string() } });
        let mut page = json!({ "Items": [item(start + 1), item(start + 2)], "Count": 2 });
        if start < 4 {
            page["LastEvaluatedKey"] = item(start + 2);
        }
        Ok(page)
    });
    assert_eq!(
        run.calls,
        [
            r#"scan {"TableName":"T","Limit":2}"#,
            r#"scan {"TableName":"T","Limit":2,"ExclusiveStartKey":{"n":{"N":"2"}}}"#,
            r#"query {"TableName":"T","KeyConditionExpression":"pk = :pk","ExpressionAttributeValues":{":pk":{"S":"a"}},"ExclusiveStartKey":{"pk":{"S":"a"},"n":{"N":"0"}}}"#,
            r#"query {"TableName":"T","KeyConditionExpression":"pk = :pk","ExpressionAttributeValues":{":pk":{"S":"a"}},"ExclusiveStartKey":{"n":{"N":"2"}}}"#,
            r#"query {"TableName":"T","KeyConditionExpression":"pk = :pk","ExpressionAttributeValues":{":pk":{"S":"a"}},"ExclusiveStartKey":{"n":{"N":"4"}}}"#,
            r#"query {"TableName":"Empty"}"#,
        ]
    );
    assert_eq!(run.logs_of(&project), ["1,2,3", "2 2", "2 2", "2 2"]);
}

#[test]
fn scripts_of_the_first_cli_run_when_they_parse() {
    let project = Project::new(&[(
        "0000_first.ts",
        indoc! {r#"
            import { Mizzle } from "mizzle";

            export async function up(db: Mizzle) {
              await db.createTable("Shop", {
                TableName: "Shop",
                KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
              });
            }

            export async function down(db: Mizzle) {
              await db.deleteTable("Shop");
            }
        "#},
    )]);
    let mut calls = Vec::new();
    for direction in [Direction::Up, Direction::Down] {
        let run = project.migrate("0000_first.ts", direction, |_| Ok(Value::Null));
        assert!(run.outcome.is_ok(), "{}", run.failure(&project));
        calls.extend(run.calls);
    }
    assert_eq!(
        calls,
        [
            r#"createTable {"TableName":"Shop","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]}"#,
            r#"deleteTable {"TableName":"Shop"}"#,
        ]
    );
}

#[test]
fn many_timers_side_by_side_take_no_longer_than_the_longest() {
    let project = Project::of_up(
        "const order: number[] = [];
         await Promise.all(Array.from({ length: 20_000 }, (_, index) => new Promise<void>((resolve) =>
             setTimeout(() => { if (index % 4000 === 0) order.push(index); resolve(); }, 5 + index % 3))));
         const late = setTimeout(() => { throw new Error('cleared'); }, 1); clearTimeout(late);
         const times: string[] = [];
         setTimeout(() => times.push('c'), 30); setTimeout(() => times.push('a'), 10);
         setTimeout(() => times.push('b'), 20); setTimeout(() => times.push('A'), 10);
         let ticks = 0;
         await new Promise<void>((resolve) => {
             const interval = setInterval(() => { if (++ticks === 3) { clearInterval(interval); resolve(); } }, 15);
         });
         db.log(`${order.length} ${times.join('')} ${ticks}`);",
    );
    let started = std::time::Instant::now();
    let run = project.up();
    assert!(run.outcome.is_ok(), "{:?}", run.outcome);
    assert_eq!(run.logs, ["5 aAbc 3"]);
    assert!(started.elapsed() < std::time::Duration::from_secs(9), "{:?}", started.elapsed());
}
