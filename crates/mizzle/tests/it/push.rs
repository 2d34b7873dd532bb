//! `mizzle push`: the described tables, and nothing else, on the embedded server and on Amazon's
//! DynamoDB Local. boto3, which is independent of mizzle, checks the tables.

use crate::support::{BINARY, edit, shop, with_schema};
use mizzle_test::{Boto3, Database, DynamoDbLocal, TempProject};
use serde_json::{Value, json};

/// The servers for the pushes.
enum Server {
    Embedded,
    DynamoDbLocal(Database),
}

impl Server {
    fn both() -> [Self; 2] {
        [Self::Embedded, Self::DynamoDbLocal(DynamoDbLocal::from_env().isolated())]
    }

    fn connect(&self, project: &TempProject) {
        match self {
            Self::Embedded => {}
            Self::DynamoDbLocal(database) => project.connect(database),
        }
    }

    /// Describes the tables with boto3.
    fn tables(&self, project: &TempProject) -> Value {
        match self {
            Self::Embedded => {
                let serving = project.mizzle(["local", "--port", "0"]).serve();
                Boto3::from_env().describe(&serving.database())
            }
            Self::DynamoDbLocal(database) => Boto3::from_env().describe(database),
        }
    }

    fn put_item(&self, project: &TempProject) {
        const SNIPPET: &str = r#"
        client.put_item(TableName="Shop", Item={"pk": {"S": "a"}, "sk": {"S": "b"}})
        result = None
        "#;
        match self {
            Self::Embedded => {
                let serving = project.mizzle(["local", "--port", "0"]).serve();
                Boto3::from_env().run(&serving.database(), SNIPPET);
            }
            Self::DynamoDbLocal(database) => {
                Boto3::from_env().run(database, SNIPPET);
            }
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::DynamoDbLocal(_) => "DynamoDB Local",
        }
    }
}

fn index(key: &[&str], projection: &Value) -> Value {
    json!({ "KeySchema": key, "Projection": projection, "IndexStatus": "ACTIVE" })
}

fn push(project: &TempProject) -> Value {
    project.mizzle(["push", "--yes", "--json"]).run().assert_code(0).json()
}

/// Asserts that a second push finds no changes and sends none.
fn assert_in_sync(project: &TempProject) {
    let json = push(project);
    assert_eq!(json["outcome"], "in_sync", "{json:#}");
    assert_eq!((&json["plan"]["steps"], &json["applied"]), (&json!([]), &json!([])));
}

#[test]
fn a_schema_and_its_edit_become_exactly_the_described_tables() {
    for server in Server::both() {
        let project = shop();
        server.connect(&project);
        let json = push(&project);
        assert_eq!(json["outcome"], "applied", "{}", server.name());
        assert_eq!(json["applied"], json!(["Shop:create-table"]));
        assert_eq!(json["remaining"], json!([]));
        let mut described = json!({ "Shop": {
            "TableStatus": "ACTIVE",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": { "pk": "S", "sk": "S", "email": "S", "status": "S", "createdAt": "N" },
            "KeySchema": ["pk HASH", "sk RANGE"],
            "GlobalSecondaryIndexes": {
                "byEmail": index(&["email HASH"], &json!("ALL")),
                "byStatus": index(&["status HASH", "createdAt RANGE"], &json!("ALL")),
            },
            "LocalSecondaryIndexes": {
                "byDate": { "KeySchema": ["pk HASH", "createdAt RANGE"], "Projection": "ALL" },
            },
        } });
        assert_eq!(server.tables(&project), described, "{}", server.name());
        assert_in_sync(&project);

        edit(&project);
        let json = push(&project);
        assert_eq!(
            json["applied"],
            json!([
                "Shop:create-index:byAge",
                "Shop:create-index:byTotal",
                "Shop:drop-index:byEmail"
            ])
        );
        described["Shop"]["AttributeDefinitions"] =
            json!({ "pk": "S", "sk": "S", "status": "S", "createdAt": "N", "total": "N" });
        described["Shop"]["GlobalSecondaryIndexes"] = json!({
            "byAge": index(&["createdAt HASH"], &json!("KEYS_ONLY")),
            "byStatus": index(&["status HASH", "createdAt RANGE"], &json!("ALL")),
            "byTotal": index(&["status HASH", "total RANGE"], &json!(["email"])),
        });
        assert_eq!(server.tables(&project), described, "{}", server.name());
        assert_in_sync(&project);
    }
}

#[test]
fn the_examples_push_on_both_servers() {
    for example in ["blog", "shop"] {
        for server in Server::both() {
            let project = TempProject::from_example(BINARY, example);
            server.connect(&project);
            assert_eq!(push(&project)["outcome"], "applied", "{example} {}", server.name());
            insta::assert_json_snapshot!(format!("example_{example}"), server.tables(&project));
            assert_in_sync(&project);
        }
    }
}

#[test]
fn a_changed_index_is_rebuilt_and_items_stay() {
    for server in Server::both() {
        let project = shop();
        server.connect(&project);
        push(&project);
        project.replace(
            "schema.ts",
            "gsi(\"status\", \"createdAt\")",
            "gsi(\"status\", \"total\")",
        );
        let json = push(&project);
        assert_eq!(
            json["applied"],
            json!(["Shop:drop-index:byStatus", "Shop:create-index:byStatus"]),
            "{}",
            server.name()
        );
        assert_eq!(json["plan"]["steps"][0]["hazards"][0]["kind"], "rebuilds-index");
        assert_eq!(
            server.tables(&project)["Shop"]["GlobalSecondaryIndexes"]["byStatus"],
            index(&["status HASH", "total RANGE"], &json!("ALL"))
        );
        assert_in_sync(&project);
    }
}

#[test]
fn what_a_person_sees() {
    let project = shop();
    insta::assert_snapshot!(
        project.mizzle(["push", "--dry-run"]).run().assert_code(0).snapshot(),
        @"
    $ mizzle push --dry-run
    [exit code: 0]
    [stdout]
    + Shop: new table
      + Create table
          key (pk S, sk S)
          LSI byDate (pk S, createdAt N) ALL
          GSI byEmail (email S) ALL
          GSI byStatus (status S, createdAt N) ALL
    [stderr]
    Target: embedded DynamoDB (.mizzle/local.db)
    1 step on 1 table to apply; nothing was changed (--dry-run)
    "
    );
    insta::assert_snapshot!(project.mizzle(["push"]).run().assert_code(4).snapshot(), @"
    $ mizzle push
    [exit code: 4]
    [stderr]
    Target: embedded DynamoDB (.mizzle/local.db)
    + Shop: new table
      + Create table
          key (pk S, sk S)
          LSI byDate (pk S, createdAt N) ALL
          GSI byEmail (email S) ALL
          GSI byStatus (status S, createdAt N) ALL
    error: No terminal to ask on: Apply 1 step to embedded DynamoDB (.mizzle/local.db)?
      help: answer with --yes
    Nothing was changed
    ");
    insta::assert_snapshot!(
        project.mizzle(["push", "--yes"]).run().assert_code(0).snapshot(),
        @"
    $ mizzle push --yes
    [exit code: 0]
    [stderr]
    Target: embedded DynamoDB (.mizzle/local.db)
    + Shop: new table
      + Create table
          key (pk S, sk S)
          LSI byDate (pk S, createdAt N) ALL
          GSI byEmail (email S) ALL
          GSI byStatus (status S, createdAt N) ALL
    Shop: Create table
    Shop: Create table: done in [time]
    Applied 1 step on 1 table in [time]
    "
    );
    insta::assert_snapshot!(project.mizzle(["push"]).run().assert_code(0).snapshot(), @"
    $ mizzle push
    [exit code: 0]
    [stderr]
    Target: embedded DynamoDB (.mizzle/local.db)
    Everything is in sync
    ");
    project.replace("schema.ts", "    byEmail: gsi(\"email\"),\n", "");
    project.replace("schema.ts", "gsi(\"status\", \"createdAt\")", "gsi(\"status\", \"total\")");
    insta::assert_snapshot!(
        project.mizzle(["push", "--yes"]).run().assert_code(0).snapshot(),
        @"
    $ mizzle push --yes
    [exit code: 0]
    [stderr]
    Target: embedded DynamoDB (.mizzle/local.db)
    ~ Shop: change
      - Drop GSI byStatus
        ▲ byStatus changes (key (status S, createdAt N) → (status S, total N)), which DynamoDB can only do by rebuilding it: queries on it fail until it is ACTIVE again. To avoid the gap, add the index under a new name first, switch the queries over, then drop this one.
      + Add GSI byStatus (status S, total N) ALL
      - Drop GSI byEmail
        ▲ Queries on byEmail fail from now on. The items of the table are not touched.
    Shop: Drop GSI byStatus
    Shop: Drop GSI byStatus: done in [time]
    Shop: Add GSI byStatus (status S, total N) ALL
    Shop: Add GSI byStatus (status S, total N) ALL: done in [time]
    Shop: Drop GSI byEmail
    Shop: Drop GSI byEmail: done in [time]
    Applied 3 steps on 1 table in [time]
    "
    );
}

#[test]
fn a_dry_run_and_a_refusal_change_nothing() {
    for server in Server::both() {
        let project = shop();
        server.connect(&project);
        let json = project.mizzle(["push", "--dry-run", "--json"]).run().assert_code(0).json();
        assert_eq!((&json["outcome"], &json["applied"]), (&json!("pending"), &json!([])));
        assert_eq!(json["plan"]["steps"][0]["call"], "CreateTable");
        assert_eq!(json["plan"]["steps"][0]["input"]["BillingMode"], "PAY_PER_REQUEST");
        let json = project.mizzle(["push", "--json"]).run().assert_code(4).json();
        assert_eq!(
            (&json["outcome"], &json["error"]["kind"]),
            (&json!("refused"), &json!("needs-confirmation"))
        );
        assert_eq!(server.tables(&project), json!({}), "{}", server.name());
    }
}

#[test]
fn what_cannot_be_done_in_place_is_refused_whole() {
    for server in Server::both() {
        let project = shop();
        server.connect(&project);
        push(&project);
        server.put_item(&project);
        let before = server.tables(&project);
        project.replace(
            "schema.ts",
            "sk: string(\"sk\"),\n  indexes: {\n    byEmail: gsi(\"email\"),",
            "sk: number(\"sk\"),\n  indexes: {",
        );
        project.write("more.ts", "import { dynamoTable, string } from \"mizzle\";\nexport const users = dynamoTable(\"Users\", { pk: string(\"id\") });\n");
        project.replace("mizzle.config.ts", "\"./schema.ts\"", "[\"./schema.ts\", \"./more.ts\"]");
        let output = project.mizzle(["push", "--yes"]).run().assert_code(4);
        if matches!(server, Server::Embedded) {
            insta::assert_snapshot!(output.snapshot(), @r#"
            $ mizzle push --yes
            [exit code: 4]
            [stderr]
            warning: Entity "Order" fills key "sk" of table "Shop" with a string (S), but it is a number (N)
                ╭─[schema.ts:14:3]
             13 │   shop,
             14 │   "Order",
                ·   ───────
             15 │   { id: uuid(), email: string(), status: string(), createdAt: number(), total: number() },
                ╰────
              help: DynamoDB refuses such items: change the type of the key, or what fills it
            Target: embedded DynamoDB (.mizzle/local.db)
            ■ Shop: cannot be changed
                Shop would have to be replaced: its key cannot change from (pk S, sk S) to (pk S, sk N). DynamoDB fixes keys and LSIs when a table is created. Replacing it loses its items: 1 item (6 B)
            + Users: new table
              + Create table
                  key (id S)
            error: DynamoDB cannot bring Shop to what the schema describes, so nothing is done
              help: describe a table of another name, copy the items, and switch over; or undo the change in the schema; or pass --accept-data-loss to replace the table
            Nothing was changed
            "#);
        }
        let json = project.mizzle(["push", "--yes", "--json"]).run().assert_code(4).json();
        assert_eq!(json["outcome"], "refused");
        assert_eq!(json["plan"]["blocked"][0]["table"], "Shop");
        assert_eq!(server.tables(&project), before, "{}", server.name());
    }
}

#[test]
fn tables_that_the_schema_does_not_name_are_listed_and_left_alone() {
    for server in Server::both() {
        let project = with_schema(
            "import { dynamoTable, string } from \"mizzle\";\nexport const mine = dynamoTable(\"Mine\", { pk: string(\"pk\") });\nexport const other = dynamoTable(\"Other\", { pk: string(\"pk\") });\n",
        );
        server.connect(&project);
        push(&project);
        project.replace(
            "schema.ts",
            "export const other = dynamoTable(\"Other\", { pk: string(\"pk\") });\n",
            "",
        );
        let json = push(&project);
        assert_eq!(
            (&json["outcome"], &json["plan"]["untracked"]),
            (&json!("in_sync"), &json!(["Other"]))
        );
        let tables = server.tables(&project);
        assert_eq!(tables.as_object().unwrap().keys().collect::<Vec<_>>(), ["Mine", "Other"]);
    }
}

#[test]
fn a_table_without_any_index_or_sort_key_and_names_with_dots() {
    for server in Server::both() {
        let project = with_schema(
            "import { binary, dynamoTable, number } from \"mizzle\";\nexport const a = dynamoTable(\"app.prod-1_x\", { pk: binary(\"blob\") });\nexport const b = dynamoTable(\"counters\", { pk: number(\"n\") });\n",
        );
        server.connect(&project);
        push(&project);
        let tables = server.tables(&project);
        assert_eq!(tables["app.prod-1_x"]["AttributeDefinitions"], json!({ "blob": "B" }));
        assert_eq!(tables["counters"]["KeySchema"], json!(["n HASH"]));
        assert_in_sync(&project);
    }
}

#[test]
fn a_multi_attribute_key_is_kept_or_reported_but_never_lost_silently() {
    let schema = "import { dynamoEntity, dynamoTable, gsi, string } from \"mizzle\";\nexport const t = dynamoTable(\"Games\", { pk: string(\"pk\"), indexes: { byBoth: gsi([\"tournament\", \"region\"], [\"round\", \"bracket\"]) } });\nexport const e = dynamoEntity(t, \"Match\", { tournament: string(), region: string(), round: string(), bracket: string() });\n";
    let project = with_schema(schema);
    push(&project);
    let tables = Server::Embedded.tables(&project);
    assert_eq!(
        tables["Games"]["GlobalSecondaryIndexes"]["byBoth"]["KeySchema"],
        json!(["tournament HASH", "region HASH", "round RANGE", "bracket RANGE"])
    );
    assert_in_sync(&project);

    let server = Server::DynamoDbLocal(DynamoDbLocal::from_env().isolated());
    let project = with_schema(schema);
    server.connect(&project);
    let output = project.mizzle(["push", "--yes", "--json"]).run().assert_code(1);
    assert_eq!(
        output.json()["outcome"],
        "failed",
        "DynamoDB Local knows no such keys, and says so"
    );
}

#[test]
fn a_push_that_is_killed_is_finished_by_the_next() {
    use std::{
        io::{BufRead, BufReader},
        process::{Command, Stdio},
    };
    // The line after which it is killed, and the minimum progress of the push at that point.
    for (line, at_least) in [("Target:", 0), ("Add GSI byAge", 0), ("byAge", 1), ("Drop", 2)] {
        let project = shop();
        push(&project);
        edit(&project);
        let mut child = Command::new(BINARY)
            .args(["push", "--yes"])
            .current_dir(project.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let marks = |text: &str| text.starts_with("Shop: ") && text.contains(line);
        let mut seen = 0;
        for text in BufReader::new(child.stderr.take().unwrap()).lines() {
            let text = text.unwrap();
            seen += usize::from(text.contains(": done in"));
            if seen >= at_least && (marks(&text) || (line == "Target:" && text.contains(line))) {
                break;
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        push(&project);
        assert_in_sync(&project);
        let tables = Server::Embedded.tables(&project);
        let indexes: Vec<_> =
            tables["Shop"]["GlobalSecondaryIndexes"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(indexes, ["byAge", "byStatus", "byTotal"], "killed at {line}");
    }
}

#[test]
fn a_dead_endpoint_says_so_and_changes_nothing() {
    let project = shop();
    let output =
        project.mizzle(["push", "--yes", "--endpoint", "http://127.0.0.1:9"]).run().assert_code(1);
    insta::assert_snapshot!(output.snapshot(), @r#"
    $ mizzle push --yes --endpoint http://127.0.0.1:[port]
    [exit code: 1]
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    error: ListTables failed: nothing listens at http://127.0.0.1:[port]
      help: the embedded DynamoDB needs no server: `endpoint: "local"` in the config, or --endpoint local
      help: or start DynamoDB Local there: docker run --rm -p 9:8000 amazon/dynamodb-local, or java -jar DynamoDBLocal.jar -sharedDb -port 9
    "#);
}
