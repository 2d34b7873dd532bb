//! `mizzle migrate --down`: the last migrations are undone, and nothing is lost that was not named.

use crate::support::shop_with_history;
use mizzle_test::{
    Boto3, Database, DynamoDbLocal, Fault, FaultProxy, On, Random, Screen, TempProject,
};
use serde_json::{Value, json};
use std::time::Duration;

fn status(project: &TempProject) -> Value {
    let mut status = project.mizzle(["status", "--json"]).run().assert_code(0).json();
    let fields = ["applied", "pending", "unfinished", "failed"];
    fields.map(|field| status[field].take()).into_iter().collect()
}

fn indexes(database: &Database) -> Vec<String> {
    let tables = Boto3::from_env().describe(database);
    let indexes = tables["Shop"]["GlobalSecondaryIndexes"].as_object().unwrap();
    indexes.keys().cloned().collect()
}

#[test]
fn the_last_migration_is_undone_and_can_be_run_again() {
    let database = DynamoDbLocal::from_env().isolated();
    let project = shop_with_history();
    project.connect(&database);
    project.mizzle(["migrate"]).run().assert_code(0);
    assert_eq!(indexes(&database), ["byAge", "byStatus", "byTotal"]);
    let down = |arguments: &[&str]| {
        let arguments = [&["migrate", "--json", "--down"], arguments].concat();
        project.mizzle(arguments).run().assert_code(0).json()
    };
    assert_eq!(down(&["1", "--dry-run"])["outcome"], "pending");
    assert_eq!(indexes(&database), ["byAge", "byStatus", "byTotal"]);
    let report = down(&["1", "--yes"]);
    assert_eq!(report["outcome"], "undone");
    assert_eq!(report["migrations"][0]["name"], "0002_edit");
    assert_eq!(report["migrations"][0]["state"], "pending");
    assert_eq!(indexes(&database), ["byEmail", "byStatus"]);
    assert_eq!(status(&project), json!([["0001_init"], ["0002_edit"], [], []]));
    project.mizzle(["migrate"]).run().assert_code(0);
    assert_eq!(indexes(&database), ["byAge", "byStatus", "byTotal"]);
    // All of them, and more than there are.
    assert_eq!(down(&["9", "--yes"])["migrations"].as_array().unwrap().len(), 2);
    assert_eq!(status(&project), json!([[], ["0001_init", "0002_edit"], [], []]));
    assert_eq!(down(&["1", "--yes"])["outcome"], "in_sync");
    let tables = Boto3::from_env().describe(&database);
    assert_eq!(tables.as_object().unwrap().keys().collect::<Vec<_>>(), ["mizzle_migrations"]);
}

#[test]
fn what_is_lost_is_named_and_has_to_be_agreed_to() {
    let project = shop_with_history();
    project.mizzle(["migrate"]).run().assert_code(0);
    {
        let serving = project.mizzle(["local", "--port", "0"]).serve();
        Boto3::from_env().run(
            &serving.database(),
            r#"
            for n in range(3):
                client.put_item(TableName="Shop", Item={"pk": {"S": str(n)}, "sk": {"S": "x"}})
            result = None
            "#,
        );
    }
    let show = |name: &str, arguments: &[&str], code| {
        let output = project.mizzle(arguments).run().assert_code(code);
        insta::assert_snapshot!(name, output.snapshot());
    };
    show("dry_run", &["migrate", "--down", "2", "--dry-run"], 0);
    show("not_agreed", &["migrate", "--down", "2"], 4);
    show("undone", &["migrate", "--down", "2", "--yes"], 0);
    show("nothing_left", &["migrate", "--down"], 0);
    for arguments in
        [["--down", "0"].as_slice(), &["--down", "1", "--to", "1"], &["--down", "--baseline"]]
    {
        let arguments = [&["migrate"], arguments].concat();
        project.mizzle(arguments).run().assert_code(2);
    }
}

#[test]
fn in_a_terminal_the_question_names_the_place() {
    let project = shop_with_history();
    project.mizzle(["migrate"]).run().assert_code(0);
    for (key, expected) in [("n", 4), ("y", 0)] {
        let mut terminal = project.mizzle(["migrate", "--down"]).in_terminal(80, 40);
        terminal.wait_for("Undo 0002_edit at embedded DynamoDB").press(key);
        let Screen { code, text } = terminal.finish();
        assert_eq!(code, expected, "{text}");
        insta::assert_snapshot!(format!("terminal_{key}"), text);
    }
    assert_eq!(status(&project), json!([["0001_init"], ["0002_edit"], [], []]));
}

#[test]
fn a_failed_migration_can_be_backed_out_and_a_failed_undoing_gone_on_with() {
    let project = shop_with_history();
    let script = "migrations/0002_edit.ts";
    project.replace(
        script,
        "export async function down",
        "function fail(): void {\n  throw new Error(\"no way back\");\n}\n\nexport async function down",
    );
    let sound = project.read(script);
    // Its last step fails.
    project.write(script, &sound.replacen("\n}\n", "\n  throw new Error(\"no way\");\n}\n", 1));
    project.mizzle(["migrate"]).run().assert_code(1);
    let failed = json!([{ "name": "0002_edit", "error": "Error: no way" }]);
    assert_eq!(status(&project), json!([["0001_init"], [], [], failed]));
    project.mizzle(["migrate", "--down", "1", "--yes"]).run().assert_code(0);
    assert_eq!(status(&project), json!([["0001_init"], ["0002_edit"], [], []]));

    project.write(script, &sound);
    project.mizzle(["migrate"]).run().assert_code(0);
    // Now the way back fails, after its first step.
    let (up, down) = sound.split_once("export async function down").unwrap();
    let (first, rest) = down.split_once("});\n").unwrap();
    let broken =
        format!("{up}export async function down{first}}});\n  if (!db.dryRun) fail();\n{rest}");
    project.write(script, &broken);
    // What fails before anything is done is seen before anything is done.
    project.write(script, &broken.replace("if (!db.dryRun) ", ""));
    project.mizzle(["migrate", "--down", "1", "--yes"]).run().assert_code(2);
    assert_eq!(status(&project), json!([["0001_init", "0002_edit"], [], [], []]));
    project.write(script, &broken);
    let output = project.mizzle(["migrate", "--down", "1", "--yes"]).run().assert_code(1);
    insta::assert_snapshot!("failed", output.snapshot());
    let output = project.mizzle(["migrate"]).run().assert_code(2);
    insta::assert_snapshot!("unfinished", output.snapshot());
    project.write(script, &sound);
    let output = project.mizzle(["migrate", "--down", "1", "--yes"]).run().assert_code(0);
    assert!(output.stderr.contains("going on after 1 step"), "{}", output.stderr);
    assert_eq!(status(&project), json!([["0001_init"], ["0002_edit"], [], []]));
    project.mizzle(["migrate"]).run().assert_code(0);
    let report = project.mizzle(["push", "--json"]).run().assert_code(0).json();
    assert_eq!(report["outcome"], "in_sync");
}

#[test]
fn an_undoing_that_is_killed_is_finished_by_the_next() {
    let mut random = Random::new();
    let mut killed = 0;
    for _ in 0..6 {
        let database = DynamoDbLocal::from_env().isolated();
        let project = shop_with_history();
        project.connect(&database);
        project.mizzle(["migrate"]).run().assert_code(0);
        let proxy = FaultProxy::start(&database.endpoint);
        proxy.inject(On::any().every(), Fault::Delay(Duration::from_millis(5)));
        project.replace("mizzle.config.ts", &database.endpoint, proxy.endpoint());
        let undo =
            || project.mizzle(["migrate", "--down", "1", "--yes"]).env("MIZZLE_LOCK_LEASE", "1");
        let pause = random.duration(Duration::from_millis(30)..Duration::from_millis(600));
        killed += u32::from(undo().kill_after(pause).was_alive);
        // When it was not killed before its end, there is one migration less to undo.
        if status(&project) != json!([["0001_init"], ["0002_edit"], [], []]) {
            undo().run().assert_code(0);
        }
        assert_eq!(indexes(&database), ["byEmail", "byStatus"]);
        assert_eq!(status(&project), json!([["0001_init"], ["0002_edit"], [], []]));
    }
    assert!(killed > 0, "some were alive");
}
