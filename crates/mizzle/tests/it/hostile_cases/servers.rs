//! Servers with answers that no DynamoDB returns.

use super::Case;
use mizzle_test::Stranger;
use serde_json::{Value, json};
use std::{
    fs,
    sync::atomic::{AtomicUsize, Ordering},
};

/// An answer to an operation, by its name and the body of the request.
type Answer = fn(&str, &str) -> (u16, Vec<u8>);

fn say(value: &Value) -> (u16, Vec<u8>) {
    (200, value.to_string().into_bytes())
}

fn table(name: &str) -> Value {
    json!({ "Table": {
        "TableName": name, "TableStatus": "ACTIVE", "ItemCount": 3, "TableSizeBytes": 9,
        "TableArn": format!("arn:aws:dynamodb:eu-west-1:000000000000:table/{name}"),
        "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
        "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
        "BillingModeSummary": { "BillingMode": "PAY_PER_REQUEST" },
    } })
}

/// Records a deletion for the test.
fn deletes(operation: &str) {
    if operation == "DeleteTable" {
        DELETED.fetch_add(1, Ordering::SeqCst);
    }
}

static DELETED: AtomicUsize = AtomicUsize::new(0);
static PAGE: AtomicUsize = AtomicUsize::new(0);

const ANSWERS: [(&str, Answer); 22] = [
    ("a page of HTML", |_, _| (200, b"<!doctype html><title>Hello</title>".to_vec())),
    ("nothing", |_, _| (200, Vec::new())),
    ("an empty object", |_, _| (200, b"{}".to_vec())),
    ("null", |_, _| (200, b"null".to_vec())),
    ("a list", |_, _| (200, b"[]".to_vec())),
    ("half an object", |_, _| (200, b"{\"TableNames\":[\"Sh".to_vec())),
    ("bytes that are no text", |_, _| (200, vec![0xff; 100])),
    ("deep nesting", |_, _| (200, [vec![b'['; 200_000], vec![b']'; 200_000]].concat())),
    ("names that are none", |_, _| say(&json!({ "TableNames": ["a\u{1b}[2J", "\n0 tables", ""] }))),
    ("a list without an end", |_, _| {
        let page = PAGE.fetch_add(1, Ordering::SeqCst);
        say(
            &json!({ "TableNames": [format!("table-{page}")], "LastEvaluatedTableName": format!("table-{page}"),
            "Items": [], "LastEvaluatedKey": { "id": { "S": format!("{page}") } } }),
        )
    }),
    ("the same page again and again", |_, _| {
        say(&json!({ "TableNames": ["Shop"], "LastEvaluatedTableName": "Shop",
            "Items": [], "LastEvaluatedKey": { "id": { "S": "x" } } }))
    }),
    ("a table of another case", |operation, _| {
        deletes(operation);
        match operation {
            "ListTables" => say(&json!({ "TableNames": ["shop"] })),
            _ => say(&table("shop")),
        }
    }),
    ("another table", |operation, _| {
        deletes(operation);
        say(&table("Other"))
    }),
    ("a table without a key", |_, _| {
        say(&json!({ "Table": { "TableName": "Shop", "TableStatus": "ACTIVE" } }))
    }),
    ("an unknown status", |_, _| {
        let mut answer = table("Shop");
        answer["Table"]["TableStatus"] = json!("\u{1b}[2JMELTING");
        say(&answer)
    }),
    ("hostile attributes", |operation, _| {
        if operation == "DeleteTable" {
            return (400, b"{\"__type\":\"AccessDeniedException\"}".to_vec());
        }
        let mut answer = table("Shop");
        answer["Table"]["KeySchema"][0]["AttributeName"] = json!("e\u{1b}]0;x\u{7}\r\n\u{202e}");
        answer["Table"]["AttributeDefinitions"][0]["AttributeName"] =
            json!("e\u{1b}]0;x\u{7}\r\n\u{202e}");
        say(&answer)
    }),
    ("a forged error", |_, _| {
        let message = "no\u{1b}[31m\u{1b}]52;c;eA==\u{7}\r\nEverything is in sync";
        (
            400,
            json!({ "__type": "Evil\u{1b}[31mException", "message": message })
                .to_string()
                .into_bytes(),
        )
    }),
    ("a huge error", |_, _| {
        (
            400,
            json!({ "__type": "ValidationException", "message": "x".repeat(5_000_000) })
                .to_string()
                .into_bytes(),
        )
    }),
    ("an error without a type", |_, _| (400, b"{\"message\":\"no\"}".to_vec())),
    ("a redirect", |_, _| (301, b"{}".to_vec())),
    ("not found", |_, _| (404, b"{}".to_vec())),
    ("an unknown operation", |_, _| (400, b"{\"__type\":\"UnknownOperationException\"}".to_vec())),
];

const COMMANDS: [&[&str]; 5] = [
    &["list"],
    &["push", "--dry-run"],
    &["drop", "Shop", "--yes", "--accept-data-loss"],
    &["status"],
    &["migrate"],
];

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let endpoint = ["--endpoint", "{endpoint}", "--region", "eu-west-1"];
    for (name, answer) in ANSWERS {
        for command in COMMANDS {
            let case = Case::new(
                format!("servers/{name}/{}", command[0]),
                "what no DynamoDB says is an error, and never the cause of a deletion",
                &[command, &endpoint].concat(),
                // A server may well have no tables, or may have lost them.
                &[0, 1, 2, 3, 4],
            );
            let case = case
                .prepared(|project| {
                    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
                    let config = project.read("mizzle.config.ts");
                    project
                        .write("mizzle.config.ts", &config.replace("  endpoint: \"local\",\n", ""));
                })
                .server(move || Stranger::answering(answer))
                .variable("AWS_ACCESS_KEY_ID", "test")
                .variable("AWS_SECRET_ACCESS_KEY", "test")
                .check(|_, output| {
                    let forged = output.stderr.lines().chain(output.stdout.lines());
                    if forged
                        .clone()
                        .any(|line| line == "Everything is in sync" || line == "0 tables")
                    {
                        return Err("a line is forged".to_owned());
                    }
                    match DELETED.load(Ordering::SeqCst) {
                        0 => Ok(()),
                        _ => Err("a table was deleted".to_owned()),
                    }
                });
            cases.push(case);
        }
    }
    for command in [COMMANDS[0], COMMANDS[3]] {
        let case = Case::new(
            format!("servers/a huge answer/{}", command[0]),
            "no answer fills the memory",
            &[command, &endpoint].concat(),
            &[1],
        );
        cases.push(
            case.file("mizzle.config.ts", "export default { schema: \"./schema.ts\" };\n")
                .prepared(|project| fs::create_dir(project.path().join("migrations")).unwrap())
                .server(|| Stranger::answering(|_, _| (200, vec![b' '; 200 << 20])))
                .started(|command| command.limited("ulimit -v 2097152"))
                .variable("AWS_ACCESS_KEY_ID", "test")
                .variable("AWS_SECRET_ACCESS_KEY", "test"),
        );
    }
    cases
}
