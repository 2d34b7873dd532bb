//! Two branches with their own migrations, which `generate --rebase` puts in sequence.

use super::{DATA_MOVE, Repository};
use mizzle_test::{Boto3, Random};
use serde_json::json;
use std::time::Duration;

#[test]
fn two_branches_are_found_mended_and_run() {
    let repository = Repository::new();
    repository.branch("reports", || {
        repository.add_reports();
        repository.generate(&[]);
    });
    repository.add_sales();
    repository.generate(&[]);
    // An environment has applied the migrations of main.
    assert_eq!(repository.applied(), ["0001_init", "0002_add_shop_by_status"]);
    repository.merge("reports");
    let show = |name: &str, arguments: &[&str], code| {
        let output = repository.0.mizzle(arguments).run().assert_code(code);
        insta::assert_snapshot!(name, output.snapshot());
    };
    show("found", &["check"], 3);
    show("refused", &["generate"], 2);
    show("mended", &["generate", "--rebase"], 0);
    show("nothing_to_mend", &["generate", "--rebase"], 0);
    assert_eq!(
        repository.scripts(),
        ["0001_init", "0002_add_shop_by_status", "0003_add_shop_by_total"]
    );
    // Its call contains all key attributes, including those of the other branch.
    insta::assert_snapshot!("script", repository.0.read("migrations/0003_add_shop_by_total.ts"));
    assert_eq!(repository.applied(), ["0003_add_shop_by_total"]);
    repository.assert_sound();
    let serving = repository.0.mizzle(["local", "--port", "0"]).serve();
    let tables = Boto3::from_env().describe(&serving.database());
    let indexes = tables["Shop"]["GlobalSecondaryIndexes"].as_object().unwrap();
    assert_eq!(indexes.keys().collect::<Vec<_>>(), ["byEmail", "byStatus", "byTotal"]);
}

#[test]
fn the_other_branch_moves_when_it_is_named() {
    let repository = Repository::new();
    repository.branch("reports", || {
        repository.add_reports();
        repository.generate(&["--name", "reports"]);
        assert_eq!(repository.applied(), ["0001_init", "0002_reports"]);
    });
    repository.add_sales();
    repository.generate(&["--name", "aaa"]);
    repository.merge("reports");
    let before = repository.contents();
    for (name, kind) in [
        ("0002_reprots", "unknown-migration"),
        ("2", "unknown-migration"),
        ("0001_init", "invalid-branch"),
    ] {
        let report = repository.json(&["generate", "--rebase", name], 2);
        assert_eq!(report["error"]["kind"], kind, "{name}");
        let output = repository.0.mizzle(["generate", "--rebase", name]).run().assert_code(2);
        insta::assert_snapshot!(format!("named_{name}"), output.snapshot());
    }
    assert_eq!(repository.contents(), before);
    let report = repository.json(&["generate", "--rebase", "0002_aaa"], 0);
    assert_eq!(
        report,
        json!({
            "schemaVersion": 1,
            "command": "generate",
            "migration": null,
            "files": ["migrations/0003_aaa.ts", "migrations/0003_aaa.snapshot.json"],
            "changes": [],
            "next": null,
            "rebased": [{ "from": "0002_aaa", "to": "0003_aaa" }],
        })
    );
    assert_eq!(repository.applied(), ["0003_aaa"]);
    repository.assert_sound();
}

#[test]
fn where_the_moved_one_was_applied_that_is_said() {
    let repository = Repository::new();
    repository.branch("reports", || {
        repository.add_reports();
        repository.generate(&["--name", "reports"]);
        repository.applied();
    });
    repository.add_sales();
    repository.generate(&["--name", "aaa"]);
    repository.merge("reports");
    repository.json(&["generate", "--rebase"], 0);
    let output = repository.0.mizzle(["migrate", "--yes"]).run().assert_code(2);
    assert!(
        output.stderr.contains("0002_reports was applied, and is not in the migrations folder"),
        "{}",
        output.stderr
    );
}

#[test]
fn several_migrations_move_and_edited_scripts_stay_as_they_are() {
    let repository = Repository::new();
    repository.branch("theirs", || {
        repository.add_table("Users");
        repository.generate(&["--name", "same_name"]);
        let up = "export async function up(db: Database): Promise<void> {\n";
        repository.0.replace("migrations/0002_same_name.ts", up, DATA_MOVE);
        repository.commit();
        repository.add_table("Carts");
        repository.generate(&["--name", "same_name"]);
        repository.generate(&["--custom", "--name", "fill"]);
    });
    repository.add_sales();
    repository.generate(&["--name", "aaa"]);
    repository.add_reports();
    repository.generate(&["--name", "fill"]);
    repository.merge("theirs");
    let names = ["0002_same_name", "0003_same_name", "0004_fill"];
    let scripts = names.map(|name| repository.0.read(&format!("migrations/{name}.ts")));
    let output = repository.0.mizzle(["generate", "--rebase"]).run().assert_code(0);
    insta::assert_snapshot!("several", output.snapshot());
    let names = ["0004_same_name", "0005_same_name", "0006_fill"];
    assert_eq!(
        repository.scripts(),
        ["0001_init", "0002_aaa", "0003_fill", "0004_same_name", "0005_same_name", "0006_fill"]
    );
    assert_eq!(names.map(|name| repository.0.read(&format!("migrations/{name}.ts"))), scripts);
    repository.assert_sound();
}

/// 0002_more becomes 0003_more, which already exists and becomes 0004_more.
#[test]
fn a_new_name_may_be_an_old_one() {
    let repository = Repository::new();
    repository.branch("theirs", || {
        repository.add_table("Users");
        repository.generate(&["--name", "more"]);
        repository.add_table("Carts");
        repository.generate(&["--name", "more"]);
    });
    repository.add_sales();
    repository.generate(&["--name", "aaa"]);
    repository.merge("theirs");
    let report = repository.json(&["generate", "--rebase"], 0);
    assert_eq!(
        report["rebased"],
        json!([
            { "from": "0002_more", "to": "0003_more" },
            { "from": "0003_more", "to": "0004_more" },
        ])
    );
    let script = repository.0.read("migrations/0003_more.ts");
    assert!(script.contains("Users") && !script.contains("Carts"), "{script}");
    repository.assert_sound();
}

/// A schema full of conflict markers does not prevent fixing the migrations first.
#[test]
fn the_schema_has_no_part_in_it() {
    let repository = Repository::new();
    repository.branch("theirs", || {
        repository.add_table("Users");
        repository.generate(&["--name", "theirs"]);
    });
    repository.add_sales();
    repository.generate(&["--name", "ours"]);
    repository.merge("theirs");
    repository.0.write("schema.ts", "<<<<<<< HEAD\n");
    repository.json(&["generate", "--rebase"], 0);
    assert_eq!(repository.scripts(), ["0001_init", "0002_ours", "0003_theirs"]);
    let twice = repository.json(&["generate", "--rebase", "--name", "x"], 2);
    assert_eq!(twice["error"]["kind"], "usage");
}

#[test]
fn a_rebase_that_is_killed_is_done_or_not_begun() {
    let repository = Repository::new();
    repository.branch("theirs", || {
        repository.add_table("Users");
        repository.generate(&["--name", "theirs"]);
        repository.add_table("Carts");
        repository.generate(&["--name", "theirs"]);
    });
    repository.add_sales();
    repository.generate(&["--name", "ours"]);
    repository.merge("theirs");
    let mut random = Random::new();
    let (mut killed, mut begun) = (0, 0);
    for _ in 0..20 {
        let pause = random.duration(Duration::from_millis(1)..Duration::from_millis(60));
        let run = repository.0.mizzle(["generate", "--rebase"]).kill_after(pause);
        killed += u32::from(run.was_alive);
        let output = repository.0.mizzle(["check", "--json"]).run();
        let json = output.json();
        let kinds = json["problems"].as_array().unwrap().iter().map(|one| one["kind"].clone());
        match kinds.collect::<Vec<_>>().as_slice() {
            [] => begun += 1,
            kinds => assert_eq!(kinds, ["forked"], "{json:#}"),
        }
        repository.json(&["generate", "--rebase"], 0);
        let expected = ["0001_init", "0002_ours", "0003_theirs", "0004_theirs"];
        assert_eq!(repository.scripts(), expected);
        // A killed run may leave its lock file, which does not matter.
        let mut files = repository.0.files_below("migrations");
        files.retain(|file| file != "migrations/.mizzle-lock");
        assert_eq!(files.len(), 2 * expected.len(), "{files:?}");
        repository.git(&["restore", "migrations"]);
        repository.git(&["clean", "--quiet", "--force", "-d", "migrations"]);
    }
    assert!(killed > 0, "none was alive; {begun} had begun");
}

#[test]
fn what_a_person_sees_on_a_terminal() {
    let repository = Repository::new();
    repository.branch("reports", || {
        repository.add_reports();
        repository.generate(&["--name", "reports"]);
    });
    repository.add_sales();
    repository.generate(&["--name", "aaa"]);
    repository.merge("reports");
    let show = |name: &str, arguments: &[&str], code| {
        let screen = repository.0.mizzle(arguments).in_terminal(100, 40).finish();
        insta::assert_snapshot!(name, screen.text);
        assert_eq!(screen.code, code);
    };
    show("terminal_rebase", &["generate", "--rebase"], 0);
    repository.0.replace("migrations/0002_aaa.ts", "updateTable", "updatTable");
    show("terminal_check", &["check"], 3);
}
