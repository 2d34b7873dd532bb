//! The config file: all its names and forms, and all its errors.

use crate::support::{BINARY, SCHEMA, shop};
use mizzle_test::TempProject;

fn with_config(name: &str, text: &str) -> TempProject {
    let project = TempProject::new(BINARY);
    project.write(name, text);
    project.write("schema.ts", SCHEMA);
    project
}

#[test]
fn every_form_of_a_config_is_understood() {
    let body = "{ schema: \"./schema.ts\", endpoint: \"local\" }";
    let json = r#"{ "schema": "./schema.ts", "endpoint": "local" }"#;
    let define = |package: &str| {
        format!(
            "import {{ defineConfig }} from \"{package}\";\nexport default defineConfig({body});\n"
        )
    };
    for (name, text) in [
        ("mizzle.config.ts", format!("export default {body};\n")),
        ("mizzle.config.ts", format!("export default {body} satisfies object as unknown;\n")),
        ("mizzle.config.mts", format!("const config: object = {body};\nexport default config;\n")),
        ("mizzle.config.js", format!("module.exports = {body};\n")),
        ("mizzle.config.mjs", format!("export default {body};\n")),
        ("mizzle.config.json", json.to_owned()),
        ("mizzle.config.ts", format!("export default () => ({body});\n")),
        ("mizzle.config.ts", format!("export default async () => ({body});\n")),
        ("mizzle.config.ts", format!("export default Promise.resolve({body});\n")),
        ("mizzle.config.ts", "export const schema = \"./schema.ts\";\nexport const endpoint = \"local\";\n".to_owned()),
        ("mizzle.config.ts", define("mizzle")),
        ("mizzle.config.ts", define("@aurios/mizzle")),
        ("mizzle.config.ts", define("mizzling")),
        ("mizzle.config.ts", define("@aurios/mizzling")),
        ("mizzle.config.ts", define("mizzle-cli")),
        ("mizzle.config.ts", "export default { schema: [\"./schema.ts\"], dbCredentials: { endpoint: process.env.WHERE } };\n".to_owned()),
    ] {
        let project = with_config(name, &text);
        let output = project.mizzle(["push", "--yes"]).env("WHERE", "local").run();
        assert_eq!(output.code, Some(0), "{name}\n{text}\n{}", output.stderr);
        assert!(output.stderr.contains("embedded DynamoDB"), "{text}\n{}", output.stderr);
    }
}

#[test]
fn names_are_looked_for_in_their_order_and_can_be_given() {
    let project = shop();
    project.write("mizzle.config.json", "{}");
    project.write(
        "conf/other.ts",
        "export default { schema: \"../schema.ts\", out: \"./here\", endpoint: \"local\" };\n",
    );
    project.mizzle(["generate"]).run().assert_code(0);
    assert!(project.exists("migrations"));
    project.mizzle(["generate", "-c", "conf/other.ts"]).run().assert_code(0);
    assert!(project.exists("conf/here"), "paths are relative to the config file");
    std::fs::remove_dir_all(project.path().join("conf/here")).unwrap();
    project.mizzle(["generate"]).env("MIZZLE_CONFIG", "conf/other.ts").run().assert_code(0);
    assert!(project.exists("conf/here"));
    project.mizzle(["push", "--yes", "-c", "conf/other.ts"]).run().assert_code(0);
    assert!(project.exists("conf/.mizzle/local.db"), "the database is beside the config");
}

#[test]
fn a_config_that_is_missing_or_wrong_is_explained() {
    let empty = TempProject::new(BINARY);
    insta::assert_snapshot!(empty.mizzle(["generate"]).run().assert_code(2).snapshot(), @"
    $ mizzle generate
    [exit code: 2]
    [stderr]
    error: There is no config file in [project]
      help: mizzle looked for mizzle.config.ts, mizzle.config.mts, mizzle.config.js, mizzle.config.mjs, mizzle.config.json
      help: run mizzle in the folder that holds it, or name it with --config
      help: mizzle init writes one
    ");
    insta::assert_snapshot!(
        empty.mizzle(["generate", "-c", "nope.ts"]).run().assert_code(2).snapshot(),
        @"
    $ mizzle generate -c nope.ts
    [exit code: 2]
    [stderr]
    error: The config file nope.ts does not exist
      help: --config names it: correct the path
    "
    );
    for (case, name, text) in [
        ("no_schema", "mizzle.config.ts", "export default { endpoint: \"local\" };\n"),
        (
            "missing_file",
            "mizzle.config.ts",
            "export default { schema: \"./shema.ts\", endpoint: \"local\" };\n",
        ),
        ("empty_glob", "mizzle.config.ts", "export default { schema: \"./tables/**/*.ts\" };\n"),
        ("bad_glob", "mizzle.config.ts", "export default { schema: \"./tables/{a\" };\n"),
        (
            "one_field",
            "mizzle.config.ts",
            "export default { schema: \"./schema.ts\", endpont: \"local\" };\n",
        ),
        (
            "many_fields",
            "mizzle.config.ts",
            "export default { schema: 1, out: [], region: () => \"x\", maxAttempts: 0, credentials: { accessKeyId: \"AKIDSECRET\" } };\n",
        ),
        ("not_an_object", "mizzle.config.ts", "export default \"local\";\n"),
        (
            "syntax",
            "mizzle.config.ts",
            "export default {\n  schema: \"./schema.ts\"\n  out: \"./x\",\n};\n",
        ),
        (
            "throws",
            "mizzle.config.ts",
            "const need = (name: string): string => {\n  throw new Error(`${name} is not set`);\n};\n\nexport default { schema: need(\"SCHEMA\") };\n",
        ),
        ("json_syntax", "mizzle.config.json", "{\n  \"schema\": \"./schema.ts\",\n}\n"),
    ] {
        let project = with_config(name, text);
        let output = project.mizzle(["generate"]).run().assert_code(2);
        insta::assert_snapshot!(case, output.snapshot());
        let json = project.mizzle(["generate", "--json"]).run().assert_code(2).json();
        assert!(json["error"]["message"].is_string(), "{case}");
    }
}

#[test]
fn table_settings_reach_plan_and_script() {
    let project = with_config(
        "mizzle.config.ts",
        "export default {\n  schema: \"./schema.ts\",\n  endpoint: \"local\",\n  tables: {\n    \"*\": { deletionProtection: true },\n    Shop: { stream: \"NEW_IMAGE\", tags: { team: \"shop\" } },\n  },\n};\n",
    );
    let plan = project.mizzle(["push", "--dry-run", "--json"]).run().assert_code(0).json();
    let input = &plan["plan"]["steps"][0]["input"];
    assert_eq!(input["DeletionProtectionEnabled"], true);
    assert_eq!(input["StreamSpecification"]["StreamViewType"], "NEW_IMAGE");
    assert_eq!(input["Tags"][0]["Key"], "team");
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    assert!(project.read("migrations/0001_init.ts").contains("DeletionProtectionEnabled: true"));
    assert!(project.read("migrations/0001_init.snapshot.json").contains("\"NEW_IMAGE\""));
    project.mizzle(["generate"]).run().assert_code(0);
    let files = project.files();
    assert!(!files.iter().any(|file| file.contains("0002")), "nothing changed: {files:?}");

    project.write(
        "mizzle.config.ts",
        "export default {\n  schema: \"./schema.ts\",\n  endpoint: \"local\",\n  tables: {\n    \"*\": { readCapacity: 5, writeCapacity: 5 },\n    Shpo: { deletionProtection: true },\n    Shop: { onDemandMaximum: { reads: 9 }, indexes: { byDate: { capacity: \"autoscaled\" } } },\n  },\n};\n",
    );
    let output = project.mizzle(["generate"]).run().assert_code(2);
    insta::assert_snapshot!("wrong_settings", output.snapshot());
    let json = project.mizzle(["push", "--json"]).run().assert_code(2).json();
    assert_eq!(json["error"]["kind"], "invalid-config");
    assert_eq!(json["error"]["problems"][0]["rule"], "unknown-table");
}

#[test]
fn secrets_never_show() {
    let project = with_config(
        "mizzle.config.ts",
        "export default {\n  schema: \"./schema.ts\",\n  endpoint: \"http://127.0.0.1:9\",\n  credentials: { accessKeyId: \"AKIDHIDDEN\", secretAccessKey: \"hush/hush\", sessionToken: \"quietly\" },\n};\n",
    );
    for args in [
        &["push", "--yes"][..],
        &["push", "--yes", "--json"],
        &["push", "--yes", "--verbose"],
        &["list"],
        &["generate"],
    ] {
        let output = project.mizzle(args).run();
        for secret in ["AKIDHIDDEN", "hush", "quietly"] {
            assert!(
                !output.stdout.contains(secret) && !output.stderr.contains(secret),
                "{args:?}: {}",
                output.stderr
            );
        }
    }
    // Not even in the code frame of an error beside them.
    let config = project.read("mizzle.config.ts");
    for (from, to) in [("\"hush/hush\",", "\"hush/hush\""), ("\"quietly\"", "quietly(\"quietly\")")]
    {
        project.write("mizzle.config.ts", &config.replace(from, to));
        let output = project.mizzle(["generate"]).run().assert_code(2);
        assert!(output.stderr.contains("mizzle.config.ts:"), "{}", output.stderr);
        assert!(!output.stderr.contains("hush"), "{}", output.stderr);
        assert!(!output.stderr.contains("\"quietly"), "{}", output.stderr);
    }
    project.write("mizzle.config.ts", &config);
    for file in project.files() {
        let text = project.read(&file);
        assert!(file == "mizzle.config.ts" || !text.contains("hush"), "{file}");
    }
}

#[test]
fn the_environment_wins_over_the_file_and_flags_over_both() {
    let project = shop();
    let output =
        project.mizzle(["list"]).env("MIZZLE_ENDPOINT", "http://127.0.0.1:9").run().assert_code(1);
    assert!(output.stderr.contains("http://127.0.0.1:9"), "{}", output.stderr);
    let output = project
        .mizzle(["list", "--endpoint", "http://127.0.0.1:7"])
        .env("MIZZLE_ENDPOINT", "http://127.0.0.1:9")
        .run()
        .assert_code(1);
    assert!(output.stderr.contains("http://127.0.0.1:7"), "{}", output.stderr);
    let output = project.mizzle(["generate"]).env("MIZZLE_STRICT", "perhaps").run().assert_code(2);
    assert!(output.stderr.contains("MIZZLE_STRICT must be true or false"), "{}", output.stderr);
}

#[test]
fn dotenv_files_are_the_projects_own_business() {
    let project = with_config(
        "mizzle.config.ts",
        "import { readFileSync } from \"node:fs\";\nfor (const line of readFileSync(\".env\", \"utf8\").split(\"\\n\")) {\n  const [name, value] = line.split(\"=\");\n  if (name) process.env[name] ??= value;\n}\nexport default { schema: \"./schema.ts\", out: process.env.OUT, endpoint: \"local\" };\n",
    );
    project.write(".env", "OUT=./from-dotenv\n");
    project.mizzle(["generate"]).run().assert_code(0);
    assert!(project.exists("from-dotenv"));
}

#[test]
fn usage_errors_are_json_too() {
    let project = TempProject::new(BINARY);
    let output = project.mizzle(["pusj", "--json"]).run().assert_code(2);
    insta::assert_snapshot!(output.snapshot(), @r#"
    $ mizzle pusj --json
    [exit code: 2]
    [stdout]
    {
      "schemaVersion": 1,
      "command": null,
      "error": {
        "kind": "usage",
        "message": "There is no command \"pusj\"",
        "hints": [
          "did you mean \"push\"?",
          "mizzle --help lists the commands"
        ]
      }
    }
    "#);
    let output = project.mizzle(["--json", "--endpoint", "x", "push", "--nope"]).run();
    assert_eq!(output.assert_code(2).json()["command"], "push");
    let output = project.mizzle(["pusj"]).run().assert_code(2);
    insta::assert_snapshot!(output.snapshot(), @r#"
    $ mizzle pusj
    [exit code: 2]
    [stderr]
    error: There is no command "pusj"
      help: did you mean "push"?
      help: mizzle --help lists the commands
    "#);
}

#[test]
fn a_config_that_cannot_be_read_is_never_none() {
    let project = with_config("mizzle.config.ts", "");
    project.remove("mizzle.config.ts");
    std::fs::create_dir(project.path().join("mizzle.config.ts")).unwrap();
    // A config of lower precedence must not replace it.
    project.write("mizzle.config.json", r#"{ "schema": "./schema.ts", "endpoint": "local" }"#);
    for args in [&["list"][..], &["drop", "Shop", "--yes"], &["push", "--yes"], &["migrate"]] {
        let output = project.mizzle(args).run().assert_code(2);
        let expected = "error: The config file mizzle.config.ts is a folder\n";
        assert!(output.stderr.starts_with(expected), "{}", output.stderr);
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_an_error_and_never_a_wait() {
    use std::os::unix::fs::symlink;
    let pipe = |project: &TempProject, path: &str| {
        let path = project.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    };
    #[track_caller]
    fn refused(project: &TempProject, args: &[&str], code: i32, says: &str) {
        let output = project.mizzle(args).run().assert_code(code);
        assert!(output.stderr.contains(says), "{args:?}: {}", output.stderr);
        assert!(!output.stderr.contains("did you mean"), "{args:?}: {}", output.stderr);
    }

    let empty = TempProject::new(BINARY);
    pipe(&empty, "mizzle.config.ts");
    refused(&empty, &["list"], 2, "The config file mizzle.config.ts is a pipe");
    refused(&empty, &["list", "-c", "mizzle.config.ts"], 2, "mizzle.config.ts is a pipe");
    empty.remove("mizzle.config.ts");
    symlink("gone.ts", empty.path().join("mizzle.config.mts")).unwrap();
    refused(&empty, &["list"], 2, "mizzle.config.mts is a link that leads nowhere");
    refused(&empty, &["list", "-c", "mizzle.config.mts"], 2, "is a link that leads nowhere");
    refused(&empty, &["list", "-c", &"x".repeat(300)], 2, "cannot be read: File name too long");

    let project = shop();
    for (case, says) in
        [("pipe", "which is a pipe"), ("link", "which is a link that leads nowhere")]
    {
        let out = project.path().join("migrations");
        match case {
            "pipe" => pipe(&project, "migrations"),
            _ => symlink("gone", &out).unwrap(),
        }
        for args in [&["generate"][..], &["migrate", "--yes"], &["status"], &["check"]] {
            refused(&project, args, 2, says);
        }
        std::fs::remove_file(out).unwrap();
    }

    let schema = shop();
    schema.remove("schema.ts");
    pipe(&schema, "schema.ts");
    refused(&schema, &["push", "--yes"], 2, "The schema file schema.ts is a pipe");
    schema.remove("schema.ts");
    symlink("gone.ts", schema.path().join("schema.ts")).unwrap();
    refused(&schema, &["push", "--yes"], 2, "schema.ts is a link that leads nowhere");

    for file in ["local.db", "local.db.lock", "ignored-settings.json"] {
        let project = shop();
        pipe(&project, &format!(".mizzle/{file}"));
        refused(&project, &["push", "--yes"], 1, file);
    }

    let history = shop();
    history.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    for (file, code) in [("0001_init.snapshot.json", 1), ("0001_init.ts", 1), (".mizzle-lock", 1)] {
        let path = format!("migrations/{file}");
        let before = history.exists(&path).then(|| history.read(&path));
        if before.is_some() {
            history.remove(&path);
        }
        pipe(&history, &path);
        history.replace("schema.ts", "gsi(\"email\")", "gsi(\"email\", \"status\")");
        let args: &[&str] = if file.ends_with("init.ts") {
            &["migrate", "--yes"]
        } else {
            &["generate", "--name", "more"]
        };
        refused(&history, args, code, "it is a pipe");
        history.replace("schema.ts", "gsi(\"email\", \"status\")", "gsi(\"email\")");
        history.remove(&path);
        if let Some(before) = before {
            history.write(&path, &before);
        }
    }

    let fresh = TempProject::new(BINARY);
    pipe(&fresh, "package.json");
    pipe(&fresh, ".gitignore");
    let init = fresh.mizzle(["init", "--yes", "--gitignore"]).env("MIZZLE_LOCAL_PORTS", "9");
    let output = init.run().assert_code(1);
    assert!(output.stderr.contains(".gitignore: it is a pipe"), "{}", output.stderr);
}

#[cfg(unix)]
#[test]
fn a_config_without_permission_is_never_none() {
    use std::{fs, os::unix::fs::PermissionsExt};
    let project = shop();
    let file = project.path().join("mizzle.config.ts");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    let output = project.mizzle(["list"]).obeying_permissions().run().assert_code(2);
    assert!(output.stderr.contains("permission denied"), "{}", output.stderr);
}

#[test]
fn flags_that_contradict_the_embedded_database_are_refused() {
    let project = shop();
    let run = |args: &[&str], variables: &[(&str, &str)]| {
        let command = project.mizzle(args);
        variables.iter().fold(command, |command, (name, value)| command.env(name, value)).run()
    };
    let in_region: &[(&str, &str)] = &[("MIZZLE_REGION", "eu-west-1")];
    for (args, variables) in [
        (&["push", "--yes", "--region", "eu-west-1"][..], &[][..]),
        (&["push", "--yes", "--profile", "work"], &[]),
        (&["list", "--endpoint", "local", "--profile", "work"], &[]),
        (&["migrate", "--yes", "--region", "eu-west-1"], &[]),
        (&["status", "--profile", "work"], &[]),
        (&["unlock", "--yes", "--profile", "work"], &[]),
        (&["pull", "--dry-run", "--region", "eu-west-1"], &[]),
        (&["drop", "Shop", "--yes", "--region", "eu-west-1"], &[]),
        (&["list"], in_region),
        (&["list"], &[("MIZZLE_PROFILE", "work")]),
        (&["list"], &[("MIZZLE_ENDPOINT", "local"), ("MIZZLE_PROFILE", "work")]),
        (&["list", "--region", "eu-west-1"], &[("MIZZLE_ENDPOINT", "local")]),
        (&["init", "--yes", "--force", "--endpoint", "local", "--region", "eu-west-1"], &[]),
    ] {
        let output = run(args, variables).assert_code(2);
        assert!(output.stderr.contains(" contradicts "), "{args:?}: {}", output.stderr);
    }
    assert_eq!(project.files(), ["mizzle.config.ts", "schema.ts"]);
    insta::assert_snapshot!(run(&["push", "--yes", "--region", "eu-west-1"], &[]).snapshot(), @r#"
    $ mizzle push --yes --region eu-west-1
    [exit code: 2]
    [stderr]
    error: --region eu-west-1 contradicts `endpoint: "local"` in the config: the embedded DynamoDB has no region
      help: for the embedded DynamoDB, leave out --region
      help: for AWS, choose an environment with a region of its own (--env), or name the endpoint: --endpoint https://dynamodb.<region>.amazonaws.com
    "#);
    let output = run(&["list", "--json"], in_region).assert_code(2);
    insta::assert_snapshot!(output.snapshot(), @r#"
    $ mizzle list --json
    [exit code: 2]
    [stdout]
    {
      "schemaVersion": 1,
      "command": "list",
      "error": {
        "kind": "contradicting-options",
        "message": "MIZZLE_REGION=eu-west-1 contradicts `endpoint: \"local\"` in the config: the embedded DynamoDB has no region",
        "hints": [
          "for the embedded DynamoDB, unset MIZZLE_REGION",
          "for AWS, choose an environment with a region of its own (--env), or name the endpoint: --endpoint https://dynamodb.<region>.amazonaws.com"
        ]
      }
    }
    "#);

    // A flag overrides a variable, `none` means no profile, and `generate` does not connect.
    run(&["list", "--endpoint", "local"], in_region).assert_code(0);
    run(&["list", "--profile", "none"], &[]).assert_code(0);
    run(&["list"], &[("MIZZLE_PROFILE", "none")]).assert_code(0);
    run(&["generate", "--name", "init", "--region", "eu-west-1"], &[]).assert_code(0);
    // Fields that environments inherit are not a contradiction.
    project.replace(
        "mizzle.config.ts",
        "endpoint:",
        "region: \"eu-west-1\",\n  profile: \"work\",\n  endpoint:",
    );
    run(&["list"], &[]).assert_code(0);
}

#[test]
fn nothing_is_changed_where_nobody_has_said_where() {
    let empty = TempProject::new(BINARY);
    let credentials = |command: mizzle_test::MizzleCommand| {
        command
            .env("AWS_ACCESS_KEY_ID", "AKIDOFTHETEST")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_REGION", "eu-west-1")
            // Makes any request fail.
            .env("HTTPS_PROXY", "http://127.0.0.1:9")
            .env("AWS_MAX_ATTEMPTS", "1")
    };
    let drop = |args: &[&str]| {
        credentials(empty.mizzle([&["drop", "Shop", "--yes"], args].concat())).run()
    };
    insta::assert_snapshot!(drop(&[]).assert_code(2).snapshot(), @"
    $ mizzle drop Shop --yes
    [exit code: 2]
    [stderr]
    error: No flag and no config says where the tables are, and https://dynamodb.eu-west-1.amazonaws.com (eu-west-1) is only the default
      help: name the server: --region or --profile for AWS, --endpoint for any other one
      help: or put `region`, `profile` or `endpoint` into the config, and run mizzle beside it
    ");
    credentials(empty.mizzle(["unlock", "--yes"])).run().assert_code(2);
    for named in [
        &["--region", "eu-west-1"][..],
        &["--profile", "none"],
        &["--endpoint", "http://127.0.0.1:9"],
    ] {
        let output = drop(named).assert_code(1);
        assert!(output.stderr.starts_with("Target: "), "{}", output.stderr);
    }

    let project = with_config("mizzle.config.ts", "export default { schema: \"./schema.ts\" };\n");
    for args in [&["push", "--yes"][..], &["drop", "Shop", "--yes"], &["unlock", "--yes"]] {
        // The config defers to the variables of all AWS tools, which are not set.
        let output = project.mizzle(args).run().assert_code(2);
        assert!(output.stderr.contains("is only the default"), "{}", output.stderr);
        let output = credentials(project.mizzle(args)).run().assert_code(1);
        assert!(output.stderr.contains("eu-west-1"), "{}", output.stderr);
    }
}
