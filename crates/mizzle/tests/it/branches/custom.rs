//! Scripts that users write themselves.

use super::Repository;
use crate::support::shop;
use mizzle_test::TempProject;
use serde_json::{Value, json};

#[test]
fn a_script_for_changes_of_items_needs_no_change_of_the_schema() {
    let repository = Repository::new();
    let project = &repository.0;
    let output = project.mizzle(["generate", "--custom"]).run().assert_code(0);
    insta::assert_snapshot!("custom", output.snapshot());
    insta::assert_snapshot!("custom_script", project.read("migrations/0002_custom.ts"));
    repository.assert_sound();

    // The changes of the schema belong to another migration.
    repository.add_sales();
    let output =
        project.mizzle(["generate", "--custom", "--name", "Fill in!"]).run().assert_code(0);
    insta::assert_snapshot!("custom_beside_changes", output.snapshot());
    let snapshot = |name: &str| -> Value {
        serde_json::from_str(&project.read(&format!("migrations/{name}.snapshot.json"))).unwrap()
    };
    let (before, after) = (snapshot("0002_custom"), snapshot("0003_fill_in"));
    assert_eq!((&after["parentId"], &after["tables"]), (&before["id"], &before["tables"]));
    assert_ne!(after["id"], before["id"]);
    let report = repository.json(&["generate", "--custom", "--name", "json"], 0);
    assert_eq!(
        report,
        json!({
            "schemaVersion": 1,
            "command": "generate",
            "migration": "0004_json",
            "files": ["migrations/0004_json.ts", "migrations/0004_json.snapshot.json"],
            "changes": [],
            "next": "mizzle migrate",
        })
    );
    assert_eq!(repository.json(&["generate"], 0)["migration"], "0005_add_shop_by_status");
    repository.assert_sound();
}

#[test]
fn on_a_terminal_a_custom_script_is_named_by_its_author() {
    let project = shop();
    for (keys, script) in [("Fill totals\r", "0001_fill_totals"), ("\r", "0002_custom")] {
        let mut terminal = project.mizzle(["generate", "--custom"]).in_terminal(100, 40);
        terminal.wait_for("What does this migration do?").press(keys);
        assert_eq!(terminal.finish().code, 0);
        assert!(project.exists(&format!("migrations/{script}.ts")), "{script}");
    }
}

#[test]
fn two_custom_scripts_of_two_branches_come_one_after_the_other() {
    let repository = Repository::new();
    repository.branch("theirs", || {
        repository.generate(&["--custom", "--name", "theirs"]);
        repository.add_reports();
        repository.generate(&["--name", "reports"]);
    });
    repository.generate(&["--custom", "--name", "ours"]);
    repository.merge("theirs");
    // Their snapshots are the same: the parent of 0003_reports is ambiguous.
    let output = repository.0.mizzle(["generate", "--rebase"]).run().assert_code(4);
    insta::assert_snapshot!("ambiguous", output.snapshot());
    let report = repository.json(&["generate", "--rebase", "0002_theirs", "0003_reports"], 0);
    assert_eq!(
        report["rebased"],
        json!([
            { "from": "0002_theirs", "to": "0003_theirs" },
            { "from": "0003_reports", "to": "0004_reports" },
        ])
    );
    repository.assert_sound();
}

#[test]
fn a_script_that_does_not_run_is_shown_where_it_goes_wrong() {
    let project = shop();
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    project.mizzle(["generate", "--custom", "--name", "fill"]).run().assert_code(0);
    let up = "export async function up(db: Database): Promise<void> {\n";
    project.replace("migrations/0002_fill.ts", up, &format!("{up}  await db.putt({{}});\n"));
    let problem = |project: &TempProject| {
        let report = project.mizzle(["check", "--json"]).run().assert_code(3).json();
        let [problem] = report["problems"].as_array().unwrap().as_slice() else {
            panic!("{report:#}");
        };
        problem.clone()
    };
    let found = problem(&project);
    assert_eq!(found["kind"], "unreadable-script");
    assert_eq!((&found["line"], &found["column"]), (&json!(4), &json!(9)));

    // In an imported module, the line is not in the script.
    project.replace("migrations/0002_fill.ts", "db.putt({})", "fill(db)");
    let script = project.read("migrations/0002_fill.ts");
    project.write(
        "migrations/0002_fill.ts",
        &format!("import {{ fill }} from \"../fill\";\n{script}"),
    );
    project.write("fill.ts", "export async function fill(db) {\n  await db.putt({});\n}\n");
    let found = problem(&project);
    assert_eq!((&found["line"], &found["column"]), (&Value::Null, &Value::Null));
    insta::assert_snapshot!("place", project.mizzle(["check"]).run().assert_code(3).snapshot());
}
