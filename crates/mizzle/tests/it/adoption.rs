//! Tables whose capacity is managed elsewhere: adopted unchanged, and changed by calls that fit
//! their billing mode.

use crate::support::with_schema;
use mizzle_test::{Boto3, Database, DynamoDbLocal, FaultProxy, Ministack, Moto, TempProject};
use serde_json::{Value, json};

const SCHEMA: &str = r#"import { dynamoEntity, dynamoTable, gsi, string } from "mizzle";

export const yard = dynamoTable("Yard", { pk: string("pk"), indexes: { byPart: gsi("part") } });
export const ship = dynamoEntity(yard, "Ship", { part: string(), crew: string(), dock: string() });
"#;

/// Creates a project with these fields of the config and one migration.
fn project(database: &Database, fields: &str) -> TempProject {
    let project = with_schema(SCHEMA);
    project.connect(database);
    project.replace("mizzle.config.ts", "};\n", &format!("  {fields}\n}};\n"));
    project.mizzle(["generate", "--name", "one"]).run().assert_code(0);
    project
}

/// Creates the table outside of mizzle: 300 reads and 400 writes, and the same for its index.
fn make(database: &Database) -> Value {
    Boto3::from_env().run(
        database,
        r#"
        units = {"ReadCapacityUnits": 300, "WriteCapacityUnits": 400}
        hash = lambda name: [{"AttributeName": name, "KeyType": "HASH"}]
        client.create_table(TableName="Yard", KeySchema=hash("pk"), ProvisionedThroughput=units,
                            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "part")],
                            GlobalSecondaryIndexes=[{"IndexName": "byPart", "KeySchema": hash("part"),
                                                     "Projection": {"ProjectionType": "ALL"},
                                                     "ProvisionedThroughput": units}])
        client.get_waiter("table_exists").wait(TableName="Yard", WaiterConfig={"Delay": 1})
        result = None
        "#,
    );
    Boto3::from_env().describe(database)["Yard"].clone()
}

#[test]
fn a_table_that_is_adopted_keeps_what_is_not_managed() {
    let autoscaled =
        r#"tables: { Yard: { capacity: "autoscaled", readCapacity: 5, writeCapacity: 5 } },"#;
    for (database, fields) in [
        (DynamoDbLocal::from_env().isolated(), ""),
        (Ministack::from_env().isolated(), autoscaled),
        (Moto::from_env().isolated(), ""),
    ] {
        let before = make(&database);
        assert_eq!(before["ProvisionedThroughput"]["WriteCapacityUnits"], 400, "{before:#}");
        let project = project(&database, fields);
        let output = project.mizzle(["migrate"]).run().assert_code(0);
        assert!(output.stderr.contains("taken over as it is"), "{}", output.stderr);
        assert_eq!(Boto3::from_env().describe(&database)["Yard"], before);
    }
}

#[test]
fn capacity_that_would_throttle_a_table_that_was_there_is_refused() {
    let database = DynamoDbLocal::from_env().isolated();
    let before = make(&database);
    let project = project(&database, "tables: { Yard: { readCapacity: 3, writeCapacity: 4 } },");
    let output = project.mizzle(["migrate"]).run().assert_code(4);
    insta::assert_snapshot!(output.snapshot(), @"
    $ mizzle migrate
    [exit code: 4]
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    0001_one
      Yard: Create table: exists already, is changed
      Yard: Set capacity: 3 reads, 4 writes; byPart 3 reads, 4 writes
        ▲ Requests beyond 3 reads, 4 writes a second are throttled from now on.
        ▲ Requests of byPart beyond 3 reads, 4 writes a second are throttled from now on.
    error: No terminal to ask on: Apply 0001_one to http://127.0.0.1:[port] (us-east-1)?
      help: answer with --yes
      help: to keep what a table that exists has, state it in the config or leave it out there, and mark the migration as applied: mizzle migrate --baseline
    Nothing was changed
    ");
    assert_eq!(Boto3::from_env().describe(&database)["Yard"], before);
    let output = project.mizzle(["migrate", "--baseline"]).run().assert_code(1);
    assert!(
        output.stderr.contains("`mizzle migrate` shows what it would change of Yard, and asks"),
        "{}",
        output.stderr
    );
}

/// One schema and three migrations in an environment with another billing mode than the rest: on a
/// server with AWS's rules they have the same result as `push`.
#[test]
fn migrations_reach_in_another_billing_mode_what_push_reaches() {
    for (everywhere, then, here) in [
        ("", "", r#"capacity: "autoscaled", readCapacity: 50, writeCapacity: 40"#),
        (
            "tables: { Yard: { readCapacity: 2, writeCapacity: 2 } },",
            "tables: { Yard: { readCapacity: 3, writeCapacity: 3 } },",
            r#"billingMode: "PAY_PER_REQUEST""#,
        ),
    ] {
        let server = Moto::from_env();
        let [migrated, pushed] = [server.isolated(), server.isolated()];
        let proxy = FaultProxy::start(&migrated.endpoint);
        proxy.enforce_billing_modes();
        let environment = format!(
            "{everywhere}\n  environments: {{ production: {{ tables: {{ \"*\": {{ {here} }} }} }} }},"
        );
        let project = project(&migrated.through(&proxy), &environment);
        let migrate = || {
            project.mizzle(["check", "--env", "production"]).run().assert_code(0);
            project.mizzle(["migrate", "--env", "production"]).run().assert_code(0);
        };
        migrate();
        let edit = |name: &str, index: &str| {
            project.replace("schema.ts", "indexes: {", &format!("indexes: {{ {index},"));
            project.mizzle(["generate", "--name", name]).run().assert_code(0);
            migrate();
        };
        edit("two", r#"byCrew: gsi("crew")"#);
        if everywhere != then {
            project.replace("mizzle.config.ts", everywhere, then);
        }
        edit("three", r#"byDock: gsi("dock")"#);
        let fields = |database: &Database| database.config_fields();
        project.replace("mizzle.config.ts", &fields(&migrated.through(&proxy)), &fields(&pushed));
        project.mizzle(["push", "--env", "production", "--yes"]).run().assert_code(0);
        let [migrated, pushed] = [migrated, pushed]
            .map(|database| Boto3::from_env().describe(&database)["Yard"].clone());
        assert_eq!(migrated, pushed, "{here}");
    }
}

#[test]
fn a_script_that_an_environment_refuses_is_named_with_its_place() {
    let project = with_schema(SCHEMA);
    project.replace(
        "mizzle.config.ts",
        "};\n",
        r#"  environments: { live: { tables: { "*": { billingMode: "PAY_PER_REQUEST" } } } },
};
"#,
    );
    project.mizzle(["generate", "--name", "one"]).run().assert_code(0);
    project.mizzle(["generate", "--custom", "--name", "two"]).run().assert_code(0);
    project.write(
        "migrations/0002_two.ts",
        r#"import type { Database } from "mizzle-cli";

export async function up(db: Database): Promise<void> {
  if (db.env !== "live") return;
  await db.updateTable({ TableName: "Yard", BillingMode: "PROVISIONED" });
}

export async function down(): Promise<void> {}
"#,
    );
    project.mizzle(["check"]).run().assert_code(0);
    let report = project.mizzle(["check", "--env", "live", "--json"]).run().assert_code(3).json();
    let problem = &report["problems"][0];
    assert_eq!(report["problems"].as_array().unwrap().len(), 1, "{report:#}");
    let found = json!([problem["kind"], problem["environment"], problem["file"], problem["line"]]);
    assert_eq!(found, json!(["refused-call", "live", "0002_two.ts", 5]), "{report:#}");
}
