//! The files that a pull writes, and those that it does not touch.

use super::{Stage, python};
use mizzle_test::{DynamoDbLocal, Fault, On};
use serde_json::{Value, json};
use std::time::Duration;

#[test]
fn a_file_each_and_one_for_all_of_them() {
    let stage = Stage::small();
    stage.pull(&["--split", "--yes"]);
    assert_eq!(stage.project.files_below("schema"), ["schema/shop.ts", "schema/users.ts"]);
    assert_eq!(
        stage.project.read("schema.ts"),
        "export * from \"./schema/shop.js\";\nexport * from \"./schema/users.js\";\n"
    );
    stage.assert_settled();

    // If the config names a folder, no other file has to import the new ones.
    let stage = Stage::small();
    stage.project.replace("mizzle.config.ts", "./schema.ts", "./src/**/*.table.ts");
    stage.pull(&["--split", "--yes"]);
    assert_eq!(stage.project.files_below("src"), ["src/shop.table.ts", "src/users.table.ts"]);
    stage.assert_settled();
}

#[test]
fn what_is_there_is_not_overwritten_by_accident() {
    let stage = Stage::small();
    let mine = "// mine\nexport {};\n";
    stage.project.write("schema.ts", mine);
    let output = stage.project.mizzle(["pull", "--yes"]).run().assert_code(4);
    insta::assert_snapshot!(output.snapshot(), @"
    $ mizzle pull --yes
    [exit code: 4]
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    error: schema.ts already exists
      help: overwrite it with --force; the present content is lost
      help: or let `schema` in the config name another file first
    ");
    assert_eq!(stage.project.files(), ["mizzle.config.ts", "schema.ts"]);
    assert_eq!(stage.project.read("schema.ts"), mine);
    stage.pull(&["--force", "--yes"]);
    assert!(stage.project.read("schema.ts").contains("dynamoTable(\"Shop\""));
    stage.assert_settled();
}

/// Pulling a subset over an earlier pull lists the tables that would be lost.
#[test]
fn tables_that_the_schema_would_lose_are_named() {
    for split in [&[][..], &["--split"]] {
        let stage = Stage::small();
        stage.pull(&[&["--tables", "Users", "--yes"], split].concat());
        let again = |more: &[&str]| {
            let args = [&["pull", "--tables", "Shop", "--yes"], split, more].concat();
            stage.project.mizzle(args).run()
        };
        let schema = stage.project.read("schema.ts");
        let refused = again(&[]).assert_code(4);
        assert_eq!(stage.project.read("schema.ts"), schema);
        let forced = again(&["--force"]).assert_code(0);
        for output in [&refused, &forced] {
            let warning = "warning: schema.ts also describes Users, which would be gone";
            assert!(output.stderr.contains(warning), "{}", output.stderr);
        }
        insta::assert_snapshot!(format!("lost{}", split.concat()), refused.snapshot());
    }
}

/// The ORM's functions describe only the attributes of an index: types are in an entity, and
/// projections are in the config.
#[test]
fn a_project_with_the_orm_gets_what_the_orm_knows() {
    let stage = Stage::small();
    stage.project.write("package.json", "{ \"dependencies\": { \"@aurios/mizzle\": \"^1.0.0\" } }");
    stage.pull(&["--yes"]);
    insta::assert_snapshot!("orm_schema", stage.project.read("schema.ts"));
    let config = stage.project.read("mizzle.config.ts");
    insta::assert_snapshot!(&config[config.find("  tables:").unwrap()..], @r#"
      tables: {
        Shop: {
          stream: "NEW_IMAGE",
          indexes: {
            byAge: { projection: "KEYS_ONLY" },
            byDay: { projection: ["total"] },
          },
        },
      },
    };
    "#);
    stage.assert_settled();
    // The stand-in for the ORM has neither projections nor LSIs with types.
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/../mizzle-eval/tests/fixtures/orm");
    for file in walkdir(std::path::Path::new(fixture)) {
        let path = file.strip_prefix(fixture).unwrap().to_string_lossy().replace('\\', "/");
        let text = std::fs::read_to_string(&file).unwrap();
        stage.project.write(&format!("node_modules/@aurios/mizzle/{path}"), &text);
    }
    stage.assert_settled();
}

fn walkdir(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let nested = entries.map(|path| if path.is_dir() { walkdir(&path) } else { vec![path] });
    nested.flatten().collect()
}

/// A table is described once: those of other files stay there.
#[test]
fn tables_that_the_schema_has_already_are_left_to_it() {
    let stage = Stage::small();
    stage.project.replace(
        "mizzle.config.ts",
        "\"./schema.ts\"",
        "[\"./schema.ts\", \"./mine.ts\"]",
    );
    stage.project.write(
        "mine.ts",
        "import { dynamoTable, number } from \"mizzle\";\nexport const mine = dynamoTable(\"Users\", { pk: number(\"id\") });\n",
    );
    let report = stage.pull(&["--yes"]);
    let skipped = json!([{ "name": "Users", "reason": "mine.ts describes it already" }]);
    assert_eq!(report["skipped"], skipped);
    assert!(!stage.project.read("schema.ts").contains("Users"));
    // It was not pulled, so the first migration does not contain it; the next one will.
    let generated = stage.project.mizzle(["generate", "--json"]).run().assert_code(0).json();
    assert_eq!(generated["changes"][0]["table"], "Users", "{generated:#}");
}

#[test]
fn a_history_goes_on_with_generate() {
    let stage = Stage::small();
    stage.pull(&["--tables", "Us*", "--yes"]);
    let report = stage.pull(&["--tables", "Us*", "--tables", "Shop", "--force", "--yes"]);
    assert_eq!((&report["migration"], &report["baseline"]), (&Value::Null, &Value::Null));
    assert_eq!(stage.project.files_below("migrations").len(), 2);
    let generated = stage.project.mizzle(["generate", "--json"]).run().assert_code(0).json();
    assert_eq!(generated["changes"][0]["table"], "Shop", "{generated:#}");
    stage.project.mizzle(["migrate", "--baseline"]).run().assert_code(0);
    stage.assert_settled();
}

/// Unreadable settings are reported, and tables that cannot be described are left out.
#[test]
fn what_is_missing_is_named() {
    let stage = Stage::at(DynamoDbLocal::from_env().isolated());
    python(&stage.database, "create('Shop', 'pk:S')");
    let denied = Fault::access_denied("dynamodb:ListTagsOfResource");
    stage.proxy.inject(On::operation("ListTagsOfResource").every(), denied);
    let output = stage.project.mizzle(["pull"]).run().assert_code(0);
    insta::assert_snapshot!(output.snapshot(), @"
    $ mizzle pull
    [exit code: 0]
    [stdout]
    schema.ts
    migrations/0001_init.ts
    migrations/0001_init.snapshot.json
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    Shop: nothing is said of its tags, which could not be read: ListTagsOfResource of Shop failed: User: arn:aws:iam::[account]:user/test is not authorized to perform: dynamodb:ListTagsOfResource (AccessDeniedException)
    Pulled 1 table. Next: mizzle migrate --baseline
    ");

    let denied = Fault::access_denied("dynamodb:DescribeTable");
    stage.proxy.inject(On::operation("DescribeTable").every(), denied);
    let report = stage.project.mizzle(["pull", "--json"]).run().assert_code(1).json();
    assert_eq!(report["error"]["kind"], "access-denied");
}

/// A pull that is killed at any time leaves complete files or none, and the next one completes.
#[test]
fn a_kill_leaves_no_half_files() {
    let stage = Stage::small();
    let whole = Stage::small();
    whole.pull(&["--yes"]);
    let [schema, config] = ["schema.ts", "mizzle.config.ts"].map(|file| whole.project.read(file));
    let before = stage.project.read("mizzle.config.ts");
    let endpoint = |text: &str| {
        let lines = text.lines().filter(|line| {
            !["endpoint:", "credentials:"].iter().any(|field| line.trim_start().starts_with(field))
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    for milliseconds in [20, 60, 100, 140, 180, 220, 300, 400] {
        let killed = stage.project.mizzle(["pull", "--yes"]);
        killed.kill_after(Duration::from_millis(milliseconds));
        if stage.project.exists("schema.ts") {
            assert_eq!(stage.project.read("schema.ts"), schema);
        }
        let now = endpoint(&stage.project.read("mizzle.config.ts"));
        assert!(now == endpoint(&before) || now == endpoint(&config), "{now}");
    }
    stage.pull(&["--yes"]);
    stage.project.mizzle(["migrate", "--baseline"]).run().assert_code(0);
    stage.assert_settled();
}
