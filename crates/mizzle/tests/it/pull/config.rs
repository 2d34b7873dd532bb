//! Settings are added to the config if that is possible, and are shown otherwise.

use super::Stage;
use serde_json::json;

fn with_config(file: &str, text: &str) -> Stage {
    let stage = Stage::small();
    stage.project.remove("mizzle.config.ts");
    let fields = stage.database.through(&stage.proxy).config_fields();
    let fields = match file.ends_with("json") {
        true => {
            let database = stage.database.through(&stage.proxy);
            let fields = json!({
                "endpoint": database.endpoint,
                "region": database.region,
                "credentials": { "accessKeyId": database.access_key, "secretAccessKey": database.secret_key },
            });
            let text = fields.to_string();
            text[1..text.len() - 1].to_owned()
        }
        false => fields,
    };
    stage.project.write(file, &text.replace("FIELDS", &fields));
    stage
}

/// Returns the config after the fields of the server.
fn rest(stage: &Stage, file: &str) -> String {
    let text = stage.project.read(file);
    let at = text.find("secretAccessKey").unwrap();
    text[at..].split_once('\n').unwrap().1.to_owned()
}

#[test]
fn a_config_in_code_is_added_to() {
    for (file, text) in [
        (
            "mizzle.config.ts",
            "import { defineConfig } from \"mizzle-cli\";\n\nexport default defineConfig({\n  schema: \"./schema.ts\", // mine\n  FIELDS\n});\n",
        ),
        (
            "mizzle.config.mjs",
            "const config = {\n\tschema: './schema.ts',\n\tFIELDS\n}\n\nexport default config\n",
        ),
        (
            "mizzle.config.ts",
            "export default {\n  schema: \"./schema.ts\",\n  FIELDS\n  tables: {\n    \"*\": { tags: { team: \"shop\" } }, // all of them\n  },\n};\n",
        ),
    ] {
        let stage = with_config(file, text);
        let report = stage.pull(&["--yes"]);
        assert_eq!(report["paste"], serde_json::Value::Null, "{report:#}");
        let name =
            format!("added_{}_{}", file.rsplit('.').next().unwrap(), text.contains("tables"));
        insta::assert_snapshot!(name, rest(&stage, file));
        if text.contains("tables") {
            // The default contains a tag that this server does not store when a table is created.
            assert_eq!(report["differences"][0]["table"], "Shop", "{report:#}");
            assert_eq!(report["baseline"], "left");
            continue;
        }
        stage.assert_settled();
    }
}

#[test]
fn a_config_in_json_is_added_to() {
    let stage = with_config(
        "mizzle.config.json",
        "{\n    \"schema\": \"./schema.ts\",\n    FIELDS,\n    \"strict\": true\n}\n",
    );
    stage.pull(&["--yes"]);
    insta::assert_snapshot!(rest(&stage, "mizzle.config.json"), @r#"
        "strict": true,
        "tables": {
            "Shop": {
                "stream": "NEW_IMAGE"
            }
        }
    }
    "#);
    stage.assert_settled();
}

#[test]
fn a_config_that_code_makes_is_left_alone() {
    let text = "const config = () => ({\n  schema: \"./schema.ts\",\n  FIELDS\n});\nexport default config;\n";
    let stage = with_config("mizzle.config.ts", text);
    let before = stage.project.read("mizzle.config.ts");
    let output = stage.project.mizzle(["pull", "--yes"]).run().assert_code(0);
    insta::assert_snapshot!(output.snapshot(), @r#"
    $ mizzle pull --yes
    [exit code: 0]
    [stdout]
    schema.ts
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    warning: mizzle.config.ts is left as it is: what it exports is not written as an object. Put this into the object that it exports:
    tables: {
      Shop: { stream: "NEW_IMAGE" },
    },
    Pulled 2 tables, without a migration yet. Next: put the text into mizzle.config.ts, and run the command again
    "#);
    assert_eq!(stage.project.read("mizzle.config.ts"), before);
    // A migration would not match the tables.
    assert!(!stage.project.exists("migrations/0001_init.ts"));
    // Added by hand, it matches the tables, and the next run continues from there.
    let report = stage.pull(&["--yes"]);
    let paste = report["paste"]["text"].as_str().unwrap();
    stage.project.replace("mizzle.config.ts", "schema:", &format!("{paste}\n  schema:"));
    let report = stage.pull(&["--yes"]);
    assert_eq!(report["paste"], serde_json::Value::Null);
    assert_eq!([&report["migration"], &report["baseline"]], ["0001_init", "applied"]);
    stage.assert_settled();
}

#[test]
fn what_the_config_says_already_has_the_last_word() {
    let stage = with_config(
        "mizzle.config.ts",
        "export default {\n  schema: \"./schema.ts\",\n  FIELDS\n  tables: { Shop: { stream: \"OLD_IMAGE\" } },\n};\n",
    );
    let output = stage.project.mizzle(["pull", "--yes"]).run().assert_code(0);
    insta::assert_snapshot!(output.snapshot(), @r#"
    $ mizzle pull --yes
    [exit code: 0]
    [stdout]
    schema.ts
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    warning: mizzle.config.ts has settings of Shop already, which are left as they are. The server has:
    tables: {
      Shop: { stream: "NEW_IMAGE" },
    },
    warning: The tables differ from what config and schema say of them now; `mizzle push` would change:
      Shop: change stream: NEW_IMAGE → OLD_IMAGE
    Pulled 2 tables, without a migration yet. Next: put the text into mizzle.config.ts, and run the command again
    "#);
    assert!(!stage.project.exists("migrations/0001_init.ts"));
}
