//! `mizzle local` and its lock.

use crate::support::{BINARY, shop, with_schema};
use mizzle_test::{Boto3, TempProject};
use serde_json::json;

#[test]
fn a_database_that_is_served_is_reached_through_its_server() {
    let project = shop();
    let serving = project.mizzle(["local", "--port", "0"]).serve();
    let endpoint = serving.endpoint().to_owned();
    let output = project.mizzle(["push", "--yes"]).run().assert_code(0);
    let target =
        format!("embedded DynamoDB (.mizzle/local.db), served by mizzle local at {endpoint}");
    assert!(output.stderr.contains(&target), "{}", output.stderr);
    let tables = Boto3::from_env().describe(&serving.database());
    assert!(tables["Shop"].is_object(), "{tables}");
    for args in [&["list", "--json"][..], &["list", "--endpoint", "local", "--json"]] {
        let json = project.mizzle(args).run().assert_code(0).json();
        assert_eq!(json["target"]["endpoint"], "local");
        assert_eq!(json["target"]["servedAt"], endpoint);
        assert_eq!(json["tables"][0]["TableName"], "Shop");
    }
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    project.mizzle(["migrate", "--baseline", "--yes"]).run().assert_code(0);
    project.mizzle(["status", "--exit-code"]).run().assert_code(0);
    project.mizzle(["drop", "Shop", "--yes"]).run().assert_code(0);
    project.mizzle(["push", "--yes"]).run().assert_code(0);

    // A second server cannot take it over from the first one.
    let output = project.mizzle(["local", "--port", "0"]).run().assert_code(1);
    insta::assert_snapshot!(output.snapshot(), @"
    $ mizzle local --port 0
    [exit code: 1]
    [stderr]
    error: [project]/.mizzle/local.db is in use by `mizzle local` on http://127.0.0.1:[port] (process [pid])
      help: stop it (process [pid]), or use its endpoint: --endpoint http://127.0.0.1:[port]
    ");

    // A crash releases the lock, without losing data.
    serving.kill();
    let json = project.mizzle(["push", "--yes", "--json"]).run().assert_code(0).json();
    assert_eq!(json["outcome"], "in_sync");
    assert_eq!(json["target"].get("servedAt"), None);
}

#[test]
fn a_stranger_where_the_server_was_is_not_believed() {
    let project = shop();
    let serving = project.mizzle(["local", "--port", "0"]).serve();
    let mut note: serde_json::Value =
        serde_json::from_str(&project.read(".mizzle/local.db.owner")).unwrap();
    serving.kill();

    // Another database listens at the noted endpoint, and another process holds the lock.
    let stranger = project.mizzle(["local", "--port", "0", "--in-memory"]).serve();
    note["endpoint"] = stranger.endpoint().into();
    project.write(".mizzle/local.db.owner", &note.to_string());
    let lock = std::fs::File::options()
        .write(true)
        .open(project.path().join(".mizzle/local.db.lock"))
        .unwrap();
    lock.lock().unwrap();
    let output = project.mizzle(["push", "--yes", "--json"]).run().assert_code(1);
    assert_eq!(output.json()["error"]["kind"], "database-in-use");
    assert_eq!(Boto3::from_env().describe(&stranger.database()), json!({}));

    // A short-term holder is waited for, and a note without a holder is ignored.
    let waiting = project.mizzle(["push", "--yes", "--json"]).start();
    drop(lock);
    assert_eq!(waiting.finish().assert_code(0).json()["outcome"], "applied");
    assert_eq!(Boto3::from_env().describe(&stranger.database()), json!({}));
}

#[test]
fn no_other_server_can_be_named_to_it() {
    let project = shop();
    for (flag, value) in
        [("--endpoint", "http://127.0.0.1:9"), ("--region", "eu-west-1"), ("--profile", "work")]
    {
        let output = project.mizzle(["local", "--json", flag, value]).run().assert_code(2);
        let error = &output.json()["error"];
        assert_eq!(error["kind"], "contradicting-options");
        assert!(error["message"].as_str().unwrap().starts_with(flag), "{error}");
    }
}

#[test]
fn a_database_in_memory_leaves_nothing_behind() {
    let project = TempProject::new(BINARY);
    let serving = project.mizzle(["local", "--port", "0", "--in-memory"]).serve();
    assert_eq!(Boto3::from_env().describe(&serving.database()), json!({}));
    serving.kill();
    assert_eq!(project.files(), [""; 0]);
}

#[test]
fn a_taken_port_is_named() {
    let project = TempProject::new(BINARY);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = project.mizzle(["local", "--port", &port, "--in-memory"]).run().assert_code(1);
    let expected = format!("error: Port {port} on this machine is already in use\n");
    assert!(output.stderr.starts_with(&expected), "{}", output.stderr);
}

/// Returns a schema with a table for each name.
fn tables(names: &[&str]) -> String {
    let tables = names.iter().enumerate().map(|(number, name)| {
        format!("export const t{number} = dynamoTable({name:?}, {{ pk: string(\"pk\") }});\n")
    });
    let tables: String = tables.collect();
    format!("import {{ dynamoTable, string }} from \"mizzle\";\n{tables}")
}

#[test]
fn tables_whose_names_differ_by_case_alone_are_two() {
    let project = with_schema(&tables(&["orders", "Orders", "_tables", "sqlite_x"]));
    project.mizzle(["push", "--yes"]).run().assert_code(0);
    let output = project.mizzle(["push", "--yes", "--json"]).run().assert_code(0);
    assert_eq!(output.json()["outcome"], "in_sync");
    let serving = project.mizzle(["local", "--port", "0"]).serve();
    let boto3 = Boto3::from_env();
    boto3.run(
        &serving.database(),
        r#"
        for table in ("orders", "Orders", "_tables"):
            client.put_item(TableName=table, Item={"pk": {"S": table}})
        result = None
        "#,
    );
    serving.kill();
    project
        .mizzle(["drop", "Orders", "_tables", "--yes", "--accept-data-loss"])
        .run()
        .assert_code(0);
    let serving = project.mizzle(["local", "--port", "0"]).serve();
    let left = boto3.run(
        &serving.database(),
        r#"
        tables = client.list_tables()["TableNames"]
        result = {table: client.scan(TableName=table)["Items"] for table in tables}
        "#,
    );
    assert_eq!(left, json!({ "orders": [{ "pk": { "S": "orders" } }], "sqlite_x": [] }));
}

#[cfg(unix)]
#[test]
fn a_path_that_is_no_database_ends_with_an_error() {
    let project = shop();
    project.mizzle(["push", "--yes"]).run().assert_code(0);
    let serving = project.mizzle(["local", "--port", "0"]).serve();
    let path = |name: &str| project.path().join(name);
    std::os::unix::fs::symlink(path(".mizzle/local.db"), path("linked.db")).unwrap();
    let second = ["local", "--json", "--port", "0", "--path", "linked.db"];
    let output = project.mizzle(second).run().assert_code(1);
    assert_eq!(output.json()["error"]["kind"], "database-in-use");
    serving.kill();

    for name in [".mizzle/local.db", ".mizzle/local.db.lock", ".mizzle/ignored-settings.json"] {
        let _ = std::fs::rename(path(name), path("kept"));
        let made = std::process::Command::new("mkfifo").arg(path(name)).status().unwrap();
        assert!(made.success());
        let output = project.mizzle(["push", "--yes", "--json"]).run().assert_code(1);
        let message = output.json()["error"]["message"].to_string();
        assert!(message.contains("a pipe") && message.contains(name), "{name}: {message}");
        std::fs::remove_file(path(name)).unwrap();
        let _ = std::fs::rename(path("kept"), path(name));
    }
}
