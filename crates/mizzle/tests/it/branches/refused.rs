//! Branches that `generate --rebase` cannot put in sequence, and leaves unchanged.

use super::{DATA_MOVE, Repository};
use serde_json::{Value, json};

#[test]
fn an_edited_script_that_does_not_fit_any_more_is_left_to_its_author() {
    let repository = Repository::new();
    repository.branch("theirs", || {
        repository.add_reports();
        repository.generate(&["--name", "theirs"]);
        let up = "export async function up(db: Database): Promise<void> {\n";
        repository.0.replace("migrations/0002_theirs.ts", up, DATA_MOVE);
        repository.commit();
    });
    repository.add_sales();
    repository.generate(&["--name", "ours"]);
    repository.merge("theirs");
    let before = repository.contents();
    let output = repository.0.mizzle(["generate", "--rebase"]).run().assert_code(4);
    insta::assert_snapshot!("unfit_script", output.snapshot());
    let report = repository.json(&["generate", "--rebase"], 4);
    assert_eq!(
        (&report["rebased"], &report["error"]["kind"]),
        (&json!([]), &json!("script-not-rebasable"))
    );
    assert_eq!(repository.contents(), before);

    repository.0.replace(
        "migrations/0002_theirs.ts",
        "AttributeDefinitions: [",
        "AttributeDefinitions: [\n      { AttributeName: \"status\", AttributeType: \"S\" },\n      { AttributeName: \"createdAt\", AttributeType: \"N\" },",
    );
    repository.json(&["generate", "--rebase"], 0);
    assert!(repository.0.read("migrations/0003_theirs.ts").contains("moved: true"));
    repository.assert_sound();
}

#[test]
fn a_script_that_does_not_run_cannot_be_shown_to_fit() {
    let repository = Repository::new();
    repository.branch("theirs", || {
        repository.add_table("Users");
        repository.generate(&["--name", "theirs"]);
        repository.0.replace("migrations/0002_theirs.ts", "createTable", "createTabel");
        repository.commit();
    });
    repository.add_sales();
    repository.generate(&["--name", "ours"]);
    repository.merge("theirs");
    let output = repository.0.mizzle(["generate", "--rebase"]).run().assert_code(4);
    insta::assert_snapshot!("broken_script", output.snapshot());

    std::fs::write(repository.0.path().join("migrations/0002_theirs.ts"), b"\xff").unwrap();
    let before = repository.0.files_below("migrations");
    let output = repository.0.mizzle(["generate", "--rebase"]).run().assert_code(1);
    insta::assert_snapshot!("unreadable_script", output.snapshot());
    assert_eq!(repository.0.files_below("migrations"), before);
}

#[test]
fn what_does_not_go_together_is_refused_and_nothing_is_written() {
    let repository = Repository::new();
    repository.branch("theirs", || {
        repository.0.replace("schema.ts", "gsi(\"email\")", "gsi(\"email\", \"total\")");
        repository.generate(&["--name", "theirs"]);
    });
    repository.0.replace("schema.ts", "    byEmail: gsi(\"email\"),\n", "");
    repository.generate(&["--name", "ours"]);
    repository.git(&["merge", "--quiet", "--no-edit", "--strategy-option=ours", "theirs"]);
    let before = repository.contents();
    let output = repository.0.mizzle(["generate", "--rebase"]).run().assert_code(4);
    insta::assert_snapshot!("conflict", output.snapshot());
    let report = repository.json(&["generate", "--rebase"], 4);
    assert_eq!(report["error"]["kind"], "conflict");
    assert_eq!(
        (&report["migration"], &report["files"], &report["rebased"]),
        (&Value::Null, &json!([]), &json!([]))
    );
    assert_eq!(repository.contents(), before);

    // The solution in the hint.
    repository.0.remove("migrations/0002_theirs.ts");
    repository.0.remove("migrations/0002_theirs.snapshot.json");
    repository.json(&["generate"], 0);
    repository.assert_sound();
}

#[test]
fn a_folder_with_other_problems_is_not_rebased() {
    let repository = Repository::new();
    repository.branch("theirs", || {
        repository.add_table("Users");
        repository.generate(&["--name", "theirs"]);
    });
    repository.add_sales();
    repository.generate(&["--name", "ours"]);
    repository.merge("theirs");
    repository.0.remove("migrations/0001_init.snapshot.json");
    repository.0.remove("migrations/0002_theirs.ts");
    let output = repository.0.mizzle(["generate", "--rebase"]).run().assert_code(2);
    insta::assert_snapshot!("incomplete", output.snapshot());
}
