//! `init` without prompts: flags, environment and defaults decide.

use super::{empty, init, set_up_aws};
use serde_json::json;

#[test]
fn defaults_give_a_project_that_works() {
    let project = empty();
    insta::assert_snapshot!(init(&project, &[]).run().assert_code(0).snapshot(), @"
    $ mizzle init
    [exit code: 0]
    [stdout]
    schema.ts
    .gitignore
    mizzle.config.ts
    [stderr]
    Found
      schema    none yet
    Chosen
      schema    ./schema.ts
      out       ./migrations
      DynamoDB  embedded
    Next: mizzle push
    ");
    assert_eq!(project.files(), [".gitignore", "mizzle.config.ts", "schema.ts"]);
    insta::assert_snapshot!("starter", project.read("schema.ts"));
    assert_eq!(project.read(".gitignore"), ".mizzle/\n");

    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    assert!(project.exists("migrations/0001_init.ts"));
    project.mizzle(["push", "--yes"]).run().assert_code(0);
    let json = project.mizzle(["list", "--json"]).run().assert_code(0).json();
    assert_eq!(json["tables"][0]["TableName"], "App");
    project.mizzle(["check"]).run().assert_code(0);
}

#[test]
fn every_answer_has_a_flag() {
    let project = empty();
    set_up_aws(&project);
    let flags = [
        "--schema",
        "./db/{users,orders}.ts",
        "--schema",
        "./more",
        "--out",
        "./db/migrations",
        "--region",
        "ap-south-2",
        "--profile",
        "elsewhere",
        "--no-starter",
    ];
    let output = init(&project, &flags).run().assert_code(0);
    insta::assert_snapshot!(output.snapshot(), @"
    $ mizzle init --schema ./db/{users,orders}.ts --schema ./more --out ./db/migrations --region ap-south-2 --profile elsewhere --no-starter
    [exit code: 0]
    [stdout]
    mizzle.config.ts
    [stderr]
    Found
      schema    none yet
      AWS       profiles default, work; region eu-north-1
    Chosen
      schema    ./db/{users,orders}.ts, ./more
      out       ./db/migrations
      DynamoDB  AWS, region ap-south-2, profile elsewhere
    Next: write ./db/{users,orders}.ts, ./more, then mizzle push
    ");
    insta::assert_snapshot!(project.read("mizzle.config.ts"), @r#"
    export default {
      schema: [
        "./db/{users,orders}.ts",
        "./more",
      ],
      out: "./db/migrations",
      // Without an endpoint it is AWS.
      region: "ap-south-2",
      profile: "elsewhere",
    };
    "#);
    assert_eq!(project.files(), ["mizzle.config.ts"]);

    let project = empty();
    let flags = ["--endpoint", "http://127.0.0.1:1", "--region", "eu-west-1", "--starter"];
    init(&project, &flags).run().assert_code(0);
    let config = project.read("mizzle.config.ts");
    assert!(config.contains("endpoint: \"http://127.0.0.1:1\",\n  region: \"eu-west-1\",\n"));
    assert_eq!(project.files(), ["mizzle.config.ts", "schema.ts"], "no embedded database, no line");

    let project = empty();
    init(&project, &["--endpoint", "local", "--no-gitignore", "--yes"]).run().assert_code(0);
    assert_eq!(project.files(), ["mizzle.config.ts", "schema.ts"]);
    assert!(project.read("mizzle.config.ts").contains("endpoint: \"local\""));
}

#[test]
fn aws_has_the_region_of_the_profile() {
    let region_of = |flags: &[&str], variables: &[(&str, &str)]| {
        let project = empty();
        set_up_aws(&project);
        let command = init(&project, flags);
        let command =
            variables.iter().fold(command, |command, (name, value)| command.env(name, value));
        let json = command.run().assert_code(0).json();
        assert_eq!(json["endpoint"], json!(null));
        json["region"].as_str().unwrap().to_owned()
    };
    let work = ["--profile", "work", "--json"];
    assert_eq!(region_of(&work, &[]), "eu-west-3");
    assert_eq!(region_of(&work, &[("MIZZLE_REGION", "us-west-1")]), "us-west-1");
    assert_eq!(region_of(&["--profile", "gone", "--json"], &[]), "eu-north-1");
    let variables = [("AWS_REGION", "sa-east-1")];
    assert_eq!(region_of(&["--profile", "gone", "--json"], &variables), "sa-east-1");
}

#[test]
fn what_the_environment_says_stands_until_a_flag_says_else() {
    let project = empty();
    let command = |flags: &[&str]| {
        init(&project, flags)
            .env("MIZZLE_SCHEMA", "./from/env.ts")
            .env("MIZZLE_OUT", "./out/of/env")
            .env("MIZZLE_ENDPOINT", "http://127.0.0.1:9")
            .env("MIZZLE_CONFIG", "conf/mine.config.mts")
    };
    let json = command(&["--json"]).run().assert_code(0).json();
    assert_eq!(json["config"], "conf/mine.config.mts");
    assert_eq!(json["schema"], json!(["./from/env.ts"]));
    assert_eq!(json["out"], "./out/of/env");
    assert_eq!(json["endpoint"], "http://127.0.0.1:9");
    // The next command finds the config by the variable, too.
    assert_eq!(json["next"], "mizzle push");
    assert_eq!(project.files(), ["conf/from/env.ts", "conf/mine.config.mts"]);

    let flags = ["--json", "--schema", "./a.ts", "--out", "./b", "--endpoint", "local", "--config"];
    let json = command(&[&flags[..], &["new/mizzle.config.ts"]].concat()).run().assert_code(0);
    let json = json.json();
    assert_eq!(json["config"], "new/mizzle.config.ts");
    assert_eq!(
        (&json["schema"][0], &json["out"], &json["endpoint"]),
        (&"./a.ts".into(), &"./b".into(), &"local".into())
    );
    assert_eq!(json["next"], "mizzle push --config new/mizzle.config.ts");
    assert_eq!(json["files"], json!(["new/a.ts", "new/.gitignore", "new/mizzle.config.ts"]));
    let push = project.mizzle(["push", "--yes", "--config", "new/mizzle.config.ts"]);
    push.run().assert_code(0);
    assert!(project.exists("new/.mizzle/local.db"));
}

#[test]
fn one_document_says_it_all() {
    let project = empty();
    set_up_aws(&project);
    project.write("package.json", r#"{ "packageManager": "yarn@4.5.0", "dependencies": { "mizzle": "*", "mizzle-cli": "*" } }"#);
    project.write("tsconfig.json", "{}");
    project.write("src/schema/users.ts", "import { dynamoTable } from \"mizzle\";\n");
    let output = init(&project, &["--json"]).run().assert_code(0);
    assert_eq!(output.stderr, "");
    insta::assert_json_snapshot!("json", output.json());
    let output = init(&project, &["--json"]).run().assert_code(4);
    insta::assert_json_snapshot!(output.json(), @r#"
    {
      "schemaVersion": 1,
      "command": "init",
      "error": {
        "kind": "config-exists",
        "message": "mizzle.config.ts already exists",
        "hints": [
          "edit mizzle.config.ts, or overwrite it with --force"
        ]
      }
    }
    "#);
}

#[test]
fn quiet_says_which_files_there_are() {
    let project = empty();
    let output = init(&project, &["--quiet"]).run().assert_code(0);
    assert_eq!(
        (output.stdout.as_str(), output.stderr.as_str()),
        ("schema.ts\n.gitignore\nmizzle.config.ts\n", "")
    );
}

#[test]
fn answers_that_cannot_be_are_refused_before_anything_is_done() {
    let project = empty();
    project.write("file", "");
    let mut said = String::new();
    for flags in [
        &["--schema", ""][..],
        &["--schema", "src/{a"],
        &["--out", " "],
        &["--out", "file"],
        &["--endpoint", "localhost:8000"],
        &["--endpoint", "http://me:hunter2@localhost:8000"],
        &["--region", "eu west"],
        &["--profile", ""],
        &["--config", "mizzle.config.json"],
        &["--starter", "--no-starter"],
    ] {
        let output = init(&project, flags).run().assert_code(2);
        let first = output.stderr.lines().next().unwrap_or_default();
        said.push_str(&format!("{}\n  {first}\n", flags.join(" ").replace("hunter2", "…")));
    }
    for (name, value) in [
        ("MIZZLE_ENDPOINT", "localhost"),
        ("MIZZLE_REGION", "eu/west"),
        ("MIZZLE_SCHEMA", "src/{a"),
        ("MIZZLE_OUT", "file"),
        ("MIZZLE_CONFIG", "mizzle.yaml"),
        ("MIZZLE_LOCAL_PORTS", "8000,all"),
        ("MIZZLE_LOCAL_PORTS", "0"),
    ] {
        let output = init(&project, &[]).env(name, value).run().assert_code(2);
        let first = output.stderr.lines().next().unwrap_or_default();
        said.push_str(&format!("{name}={value}\n  {first}\n"));
    }
    insta::assert_snapshot!("wrong_answers", said);
    assert_eq!(project.files(), ["file"]);
}
