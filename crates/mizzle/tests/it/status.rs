//! `mizzle check`, `status` and `unlock`: the state of a project and of an environment.

use crate::support::{shop, shop_with_history};
use mizzle_test::{Boto3, DynamoDbLocal, Fault, FaultProxy, Ministack, Moto, On, TempProject};
use serde_json::json;

#[test]
fn a_sound_history_passes_and_an_unsound_one_is_explained() {
    let project = shop_with_history();
    let show = |name: &str, code| {
        let output = project.mizzle(["check"]).run().assert_code(code);
        insta::assert_snapshot!(name, output.snapshot());
    };
    show("sound", 0);
    project.replace(
        "migrations/0002_edit.ts",
        "ProjectionType: \"KEYS_ONLY\"",
        "ProjectionType: \"ALL\"",
    );
    show("another_script", 3);
    let json = project.mizzle(["check", "--json"]).run().assert_code(3).json();
    assert_eq!(json["problems"][0]["kind"], "wrong-snapshot");
    project.replace("migrations/0002_edit.ts", "await db.updateTable", "await db.updatTable");
    show("broken_script", 3);
    project.remove("migrations/0002_edit.ts");
    show("missing_script", 3);
    project.remove("migrations/0002_edit.snapshot.json");
    show("changed_schema", 3);
}

#[test]
fn two_branches_that_were_merged_are_found() {
    let project = shop();
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    project.replace("schema.ts", "    byEmail: gsi(\"email\"),\n", "");
    project.mizzle(["generate", "--name", "ours"]).run().assert_code(0);
    let ours = ["ts", "snapshot.json"].map(|suffix| {
        let text = project.read(&format!("migrations/0002_ours.{suffix}"));
        project.remove(&format!("migrations/0002_ours.{suffix}"));
        (suffix, text)
    });
    project.replace("schema.ts", "gsi(\"status\", \"createdAt\")", "gsi(\"status\", \"total\")");
    project.mizzle(["generate", "--name", "theirs"]).run().assert_code(0);
    for (suffix, text) in ours {
        project.write(&format!("migrations/0002_ours.{suffix}"), &text);
    }
    let output = project.mizzle(["check"]).run().assert_code(3);
    insta::assert_snapshot!(output.snapshot(), @"
    $ mizzle check
    [exit code: 3]
    [stdout]
    0002_theirs.snapshot.json: 0002_ours and 0002_theirs both start from 0001_init: two branches were merged
      help: run `mizzle generate --rebase`, which puts the migrations of one branch behind those of the other
    [stderr]
    error: The migrations have 1 problem
      help: each says what to do; run `mizzle check` again then
    Nothing was changed
    ");
}

#[test]
fn an_environment_says_where_it_stands() {
    let project = shop_with_history();
    let show = |name: &str, arguments: &[&str], code| {
        let output = project.mizzle(arguments).run().assert_code(code);
        insta::assert_snapshot!(name, output.snapshot());
    };
    show("nothing_applied", &["status"], 0);
    project.mizzle(["migrate", "--to", "1"]).run().assert_code(0);
    show("one_applied", &["status", "--exit-code"], 3);
    project.mizzle(["migrate", "--yes"]).run().assert_code(0);
    show("all_applied", &["status", "--exit-code"], 0);
    {
        let serving = project.mizzle(["local", "--port", "0"]).serve();
        Boto3::from_env().run(
            &serving.database(),
            r#"
            client.update_table(TableName="Shop", GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "byAge"}}])
            result = None
            "#,
        );
    }
    show("drift", &["status", "--exit-code"], 3);
    let json = project.mizzle(["status", "--json"]).run().assert_code(0).json();
    assert_eq!(json["applied"], json!(["0001_init", "0002_edit"]));
    assert_eq!(json["drift"][0]["table"], "Shop");
}

#[test]
fn a_lock_can_be_taken_away_from_a_runner() {
    let database = DynamoDbLocal::from_env().isolated();
    let project = shop_with_history();
    project.connect(&database);
    let proxy = FaultProxy::start(&database.endpoint);
    project.replace("mizzle.config.ts", &database.endpoint, proxy.endpoint());
    proxy.inject(On::operation("CreateTable").table("Shop"), Fault::Hold { looks: 200 });
    let runner =
        project.mizzle(["migrate", "--json", "--yes"]).env("MIZZLE_LOCK_LEASE", "2").start();
    proxy.wait_until(|requests| {
        requests
            .iter()
            .any(|one| one.operation == "CreateTable" && one.table.as_deref() == Some("Shop"))
    });
    // Another runner waits, and prints the holder.
    let waiting =
        project.mizzle(["migrate", "--yes"]).env("MIZZLE_LOCK_WAIT", "1").run().assert_code(1);
    assert!(waiting.stderr.contains("Another runner holds the lock"), "{}", waiting.stderr);
    project.mizzle(["unlock"]).run().assert_code(4);
    let output = project.mizzle(["unlock", "--yes"]).run().assert_code(0);
    assert!(output.stderr.contains("The lock was taken away from mizzle migrate of"));
    // A runner that has lost the lock makes no further change, not even to record its success.
    proxy.heal();
    let lost = runner.finish().assert_code(1).json();
    assert_eq!(lost["error"]["kind"], "lock-lost", "{lost:#}");
    let report = project.mizzle(["migrate", "--json", "--yes"]).run().assert_code(0).json();
    assert_eq!(report["outcome"], "applied");
}

/// Only mizzle should write to the ledger, but other entries are possible.
#[test]
fn what_is_no_lock_and_no_record_is_said_and_can_be_removed() {
    let boto3 = Boto3::from_env();
    for server in [DynamoDbLocal::from_env(), Ministack::from_env(), Moto::from_env()] {
        let database = server.isolated();
        let project = shop();
        project.connect(&database);
        project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
        project.mizzle(["migrate", "--yes"]).run().assert_code(0);
        project.mizzle(["generate", "--custom", "--name", "rows"]).run().assert_code(0);
        let put = |item: &str| {
            boto3.run(
                &database,
                &format!(
                    "client.put_item(TableName='mizzle_migrations', Item={item})\nresult = None"
                ),
            );
        };
        for (lock, waits) in [
            ("{'id': {'S': 'lock'}}", false),
            ("{'id': {'S': 'lock'}, 'token': {'N': '1'}, 'beat': {'S': 'x'}}", false),
            ("{'id': {'S': 'lock'}, 'token': {'SS': ['a']}, 'owner': {'NULL': True}}", false),
            ("{'id': {'S': 'lock'}, 'token': {'S': 't'}, 'beat': {'N': '1'}}", true),
            (
                "{'id': {'S': 'lock'}, 'token': {'S': 't'}, 'beat': {'N': '1'}, 'leaseMs': {'N': '99999999999'}, 'owner': {'M': {'user': {'S': 'a'}, 'host': {'S': 'a'}, 'pid': {'N': '1'}, 'command': {'S': 'a'}, 'since': {'N': '1'}}}}",
                true,
            ),
        ] {
            put(lock);
            let output = project.mizzle(["migrate", "--yes"]).run().assert_code(1);
            assert!(output.stderr.contains("`mizzle unlock` removes"), "{lock}: {}", output.stderr);
            let unlock = || project.mizzle(["unlock", "--yes"]).env("MIZZLE_LOCK_LEASE", "0.5");
            let output = unlock().run().assert_code(0);
            assert_eq!(output.stderr.contains("waiting"), waits, "{lock}: {}", output.stderr);
            let removed = "The lock, which could not be read, was removed";
            assert!(output.stderr.contains(removed), "{lock}: {}", output.stderr);
        }
        project.mizzle(["migrate", "--yes"]).run().assert_code(0);
        put("{'id': {'S': 'migration/0001_init'}, 'name': {'N': '1'}}");
        for command in ["status", "migrate", "resolve 0001_init --applied"] {
            let output = project.mizzle(command.split(' ').chain(["--yes"])).run().assert_code(1);
            let message =
                "the item \"migration/0001_init\" of the ledger is not as mizzle writes it";
            assert!(output.stderr.contains(message), "{command}: {}", output.stderr);
        }
        boto3.run(
            &database,
            "client.delete_item(TableName='mizzle_migrations', Key={'id': {'S': 'migration/0001_init'}})\nresult = None",
        );
        project.mizzle(["resolve", "0001_init", "--applied", "--yes"]).run().assert_code(0);
        project.mizzle(["status"]).run().assert_code(0);
    }
}

#[test]
#[cfg(unix)]
fn a_runner_that_sleeps_past_its_lease_changes_nothing_when_it_wakes_up() {
    let database = DynamoDbLocal::from_env().isolated();
    let project = shop_with_history();
    project.connect(&database);
    let proxy = FaultProxy::start(&database.endpoint);
    project.replace("mizzle.config.ts", &database.endpoint, proxy.endpoint());
    proxy.inject(On::operation("CreateTable").table("Shop"), Fault::Hold { looks: 40 });
    let sleeper =
        project.mizzle(["migrate", "--json", "--yes"]).env("MIZZLE_LOCK_LEASE", "1").start();
    // It has created the table, and waits for it.
    let is_look = |one: &mizzle_test::Request| {
        one.operation == "DescribeTable" && one.table.as_deref() == Some("Shop")
    };
    proxy.wait_until(|requests| {
        let mut since = requests.iter().skip_while(|one| {
            one.operation != "CreateTable" || one.table.as_deref() != Some("Shop")
        });
        since.any(is_look)
    });
    sleeper.pause();
    proxy.heal();
    let report = project
        .mizzle(["migrate", "--json", "--yes"])
        .env("MIZZLE_LOCK_LEASE", "1")
        .run()
        .assert_code(0)
        .json();
    assert_eq!(report["outcome"], "applied");
    proxy.forget_requests();
    sleeper.resume();
    let lost = sleeper.finish().assert_code(1).json();
    assert_eq!(lost["error"]["kind"], "lock-lost", "{lost:#}");
    let tables = proxy.writes().into_iter().filter(|write| write.operation.ends_with("Table"));
    assert_eq!(tables.count(), 0);
}

#[test]
fn migrations_whose_numbers_were_exchanged_are_refused_as_check_does() {
    let project = shop_with_history();
    for suffix in ["ts", "snapshot.json"] {
        let texts = ["0001_init", "0002_edit"].map(|name| format!("migrations/{name}.{suffix}"));
        let [init, edit] = texts.map(|file| {
            let text = project.read(&file);
            project.remove(&file);
            text
        });
        project.write(&format!("migrations/0001_edit.{suffix}"), &edit);
        project.write(&format!("migrations/0002_init.{suffix}"), &init);
    }
    let problems = project.mizzle(["check", "--json"]).run().assert_code(3).json();
    let problem = &problems["problems"][0];
    assert_eq!(problem["kind"], "out-of-order", "{problems:#}");
    for command in [["migrate"].as_slice(), &["status"], &["migrate", "--dry-run"]] {
        let output = project.mizzle(command).run().assert_code(2);
        for words in ["message", "hint"] {
            let words = problem[words].as_str().unwrap();
            assert!(output.stderr.contains(words), "{words}: {}", output.stderr);
        }
    }
}

/// Makes the second migration fail, before its first step or after it, and removes it.
fn failed_and_removed(after: &str) -> TempProject {
    let project = shop_with_history();
    let script = "migrations/0002_edit.ts";
    let failing = format!("{after}  if (!db.dryRun) throw new Error(\"no way\");\n");
    let text = project.read(script).replacen(after, &failing, 1);
    project.write(script, &text);
    project.mizzle(["migrate"]).run().assert_code(1);
    for suffix in ["ts", "snapshot.json"] {
        project.remove(&format!("migrations/0002_edit.{suffix}"));
    }
    project
}

#[test]
fn a_failed_migration_that_did_nothing_and_is_gone_is_in_nobodys_way() {
    let project = failed_and_removed("up(db: Database): Promise<void> {\n");
    let show = |name: &str, arguments: &[&str], code| {
        let output = project.mizzle(arguments).run().assert_code(code);
        insta::assert_snapshot!(name, output.snapshot());
    };
    show("abandoned", &["status", "--exit-code"], 3);
    project.mizzle(["migrate", "--dry-run"]).run().assert_code(0);
    show("abandoned_migrate", &["migrate"], 0);
    project.mizzle(["status", "--exit-code"]).run().assert_code(0);
}

#[test]
fn a_failed_migration_that_did_something_has_to_come_back() {
    let project = failed_and_removed("  });\n");
    let show = |name: &str, arguments: &[&str], code| {
        let output = project.mizzle(arguments).run().assert_code(code);
        insta::assert_snapshot!(name, output.snapshot());
    };
    show("failed_and_removed", &["migrate"], 2);
    let status = project.mizzle(["status", "--json"]).run().assert_code(0).json();
    let problem = "0002_edit failed with 1 step done or begun, and is not in the migrations folder";
    assert_eq!(status["problems"], json!([problem]));
}

#[test]
fn a_file_that_an_applied_script_imports_is_part_of_it() {
    let project = shop_with_history();
    project.write("lib/seed.ts", "export const seed = { pk: \"a\", sk: \"b\" };\n");
    let script = "migrations/0002_edit.ts";
    let text = project.read(script);
    let beginning = "up(db: Database): Promise<void> {\n";
    let put = format!("{beginning}  await db.put({{ TableName: \"Shop\", Item: seed }});\n");
    let text = text.replacen(beginning, &put, 1);
    project.write(script, &format!("import {{ seed }} from \"../lib/seed\";\n{text}"));
    project.mizzle(["migrate"]).run().assert_code(0);
    project.write("lib/seed.ts", "// The first.\nexport const seed = { 'pk': \"a\", sk: \"b\" }");
    project.mizzle(["status", "--exit-code"]).run().assert_code(0);
    project.write("lib/seed.ts", "export const seed = { pk: \"a\", sk: \"c\" };\n");
    let status = project.mizzle(["status", "--json"]).run().assert_code(0).json();
    assert_eq!(status["changed"], json!(["0002_edit"]));
    let output = project.mizzle(["migrate"]).run().assert_code(2);
    let problem = "0002_edit was changed after it was applied";
    assert!(output.stderr.contains(problem), "{}", output.stderr);
}
