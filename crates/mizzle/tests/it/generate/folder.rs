//! The migrations folder after, or during, changes by other users.

use super::snapshot_of;
use crate::support::{edit, shop};
use serde_json::{Value, json};

#[test]
fn a_snapshot_of_the_first_format_is_the_starting_state() {
    let project = shop();
    project.mizzle(["generate"]).run().assert_code(0);
    let ours = snapshot_of(&project, "0001_create_shop");
    let first_format = json!({ "version": "1", "tables": ours["tables"] });
    let project = shop();
    project.write("migrations/snapshot.json", &first_format.to_string());
    project.write("migrations/0004_old.ts", "// export async function up( {\n");
    let output = project.mizzle(["generate"]).run().assert_code(0);
    assert!(output.stderr.contains("nothing to write"), "{}", output.stderr);
    edit(&project);
    let json = project.mizzle(["generate", "--json"]).run().assert_code(0).json();
    assert_eq!(json["migration"], "0005_add_shop_by_age_and_2_more");
    assert_eq!(json["changes"][0]["kind"], "update");
}

#[test]
fn a_broken_folder_says_what_is_wrong_with_it() {
    let project = shop();
    project.mizzle(["generate"]).run().assert_code(0);
    let first = project.read("migrations/0001_create_shop.snapshot.json");

    project.write(
        "migrations/0001_create_shop.snapshot.json",
        &first.replace("\"email\"", "\"mail\""),
    );
    insta::assert_snapshot!(
        "edited_snapshot",
        project.mizzle(["generate"]).run().assert_code(2).snapshot()
    );

    project.write("migrations/0001_create_shop.snapshot.json", &first);
    project.write("migrations/0002_other_branch.snapshot.json", &first);
    project.write("migrations/0002_other_branch.ts", "");
    insta::assert_snapshot!(
        "forked_history",
        project.mizzle(["generate"]).run().assert_code(2).snapshot()
    );
}

#[test]
fn a_migration_that_lost_one_of_its_files_is_noticed() {
    let project = shop();
    project.mizzle(["generate"]).run().assert_code(0);
    edit(&project);
    project.mizzle(["generate", "--name", "second"]).run().assert_code(0);
    for lost in ["0002_second.snapshot.json", "0002_second.ts", "0001_create_shop.ts"] {
        let path = format!("migrations/{lost}");
        let text = project.read(&path);
        project.remove(&path);
        let output = project.mizzle(["generate"]).run().assert_code(2);
        assert!(output.stderr.contains(&format!("has no {lost} beside it")), "{}", output.stderr);
        project.write(&path, &text);
    }
    project.mizzle(["generate"]).run().assert_code(0);
}

#[test]
fn a_missing_parent_is_to_be_restored() {
    let project = shop();
    project.mizzle(["generate"]).run().assert_code(0);
    edit(&project);
    project.mizzle(["generate", "--name", "second"]).run().assert_code(0);
    project.remove("migrations/0001_create_shop.snapshot.json");
    project.remove("migrations/0001_create_shop.ts");
    insta::assert_snapshot!(project.mizzle(["generate"]).run().assert_code(2).snapshot());
}

#[test]
fn a_number_that_cannot_be_counted_on_is_an_error() {
    let project = shop();
    project.write("migrations/snapshot.json", r#"{ "version": "1", "tables": {} }"#);
    project.write("migrations/20240131235959_by_time.ts", "");
    let json = project.mizzle(["generate", "--json"]).run().assert_code(0).json();
    assert_eq!(json["migration"], "20240131235960_create_shop");
    project.write("migrations/18446744073709551616_x.ts", "");
    insta::assert_snapshot!(project.mizzle(["generate"]).run().assert_code(2).snapshot());
}

#[test]
fn runs_at_once_end_in_one_migration() {
    let project = shop();
    let outputs: Vec<_> = std::thread::scope(|scope| {
        let run = |number| {
            let name = format!("by_run_{number}");
            let command = project.mizzle(["generate", "--json", "--name", &name]);
            scope.spawn(move || command.run())
        };
        let runs: Vec<_> = (0..4).map(run).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    for output in outputs {
        // A run either adds the migration, or detects another one, or starts after it.
        let json = output.json();
        match output.code {
            Some(0) => assert_eq!(json["error"], Value::Null),
            _ => assert_eq!(json["error"]["kind"], "migrations-changed", "{json}"),
        }
    }
    let files = project.files_below("migrations");
    assert_eq!(files.len(), 2, "{files:?}");
    let again = project.mizzle(["generate", "--json"]).run().assert_code(0).json();
    assert_eq!(again["migration"], Value::Null);
}

#[test]
fn a_migration_that_comes_during_the_question_is_noticed() {
    let project = shop();
    let mut terminal = project.mizzle(["generate"]).in_terminal(100, 40);
    terminal.wait_for("What does this migration do?");
    project.mizzle(["generate", "--name", "other"]).run().assert_code(0);
    let files = project.files_below("migrations");
    terminal.press("\r");
    let screen = terminal.finish();
    insta::assert_snapshot!(screen.text);
    assert_eq!(screen.code, 1);
    assert_eq!(project.files_below("migrations"), files);
}
