//! Several people and their branches: git merges the files, `check` finds what that leaves, and
//! `generate --rebase` mends it. And scripts that people write themselves.

use crate::{
    scripts::assert_run_elsewhere,
    support::{BINARY, CONFIG, shop},
};
use mizzle_test::{Boto3, Random, TempProject};
use serde_json::{Value, json};
use std::{process::Command, time::Duration};

/// Room for two branches to change different lines.
const SCHEMA: &str = r#"import { dynamoTable, dynamoEntity, gsi, number, prefixKey, string, uuid } from "mizzle";

export const shop = dynamoTable("Shop", {
  pk: string("pk"),
  sk: string("sk"),
  indexes: {
    // sales

    byEmail: gsi("email"),

    // reports
  },
});

export const orders = dynamoEntity(
  shop,
  "Order",
  { id: uuid(), email: string(), status: string(), createdAt: number(), total: number() },
  (c) => ({ pk: prefixKey("ORDER#", c.id), sk: prefixKey("AT#", c.createdAt) }),
);

// more tables
"#;

/// A project in a git repository, with one migration on `main`.
struct Repository(TempProject);

impl Repository {
    fn new() -> Self {
        let project = TempProject::new(BINARY);
        project.write("mizzle.config.ts", CONFIG);
        project.write("schema.ts", SCHEMA);
        project.write(".gitignore", ".mizzle/\n");
        let repository = Self(project);
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.generate(&["--name", "init"]);
        repository
    }

    #[track_caller]
    fn git(&self, arguments: &[&str]) {
        let output = Command::new("git")
            .args(["-c", "user.name=Test", "-c", "user.email=test@example.com"])
            .args(["-c", "commit.gpgsign=false", "-c", "core.autocrlf=false"])
            .args(arguments)
            .current_dir(self.0.path())
            .env("HOME", self.0.home())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", self.0.home().join("no-gitconfig"))
            .env_remove("GIT_DIR")
            .env_remove("GIT_WORK_TREE")
            .env_remove("GIT_INDEX_FILE")
            .output()
            .unwrap_or_else(|error| panic!("this test needs git: {error}"));
        assert!(
            output.status.success(),
            "git {arguments:?}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// Generates a migration and commits it.
    #[track_caller]
    fn generate(&self, arguments: &[&str]) {
        let arguments = [&["generate"], arguments].concat();
        self.0.mizzle(&arguments).run().assert_code(0);
        self.commit();
    }

    #[track_caller]
    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "work"]);
    }

    /// Has a branch begin at the first commit, and works on it.
    fn branch(&self, name: &str, work: impl FnOnce()) {
        self.git(&["switch", "--quiet", "--create", name, "main"]);
        work();
        self.git(&["switch", "--quiet", "main"]);
    }

    fn merge(&self, branch: &str) {
        self.git(&["merge", "--quiet", "--no-edit", branch]);
    }

    fn add_sales(&self) {
        self.0.replace("schema.ts", "// sales", "byStatus: gsi(\"status\", \"createdAt\"),");
    }

    fn add_reports(&self) {
        self.0.replace("schema.ts", "// reports", "byTotal: gsi(\"total\"),");
    }

    fn add_table(&self, name: &str) {
        let table = format!(
            "export const t{name} = dynamoTable(\"{name}\", {{ pk: string(\"pk\") }});\n// more tables"
        );
        self.0.replace("schema.ts", "// more tables", &table);
    }

    fn scripts(&self) -> Vec<String> {
        let files = self.0.files_below("migrations").into_iter();
        let scripts = files.filter_map(|file| {
            Some(file.strip_prefix("migrations/")?.strip_suffix(".ts")?.to_owned())
        });
        scripts.collect()
    }

    fn contents(&self) -> Vec<(String, String)> {
        let files = self.0.files_below("migrations").into_iter();
        files.map(|file| (file.clone(), self.0.read(&file))).collect()
    }

    #[track_caller]
    fn json(&self, arguments: &[&str], code: i32) -> Value {
        let arguments = [arguments, &["--json"]].concat();
        self.0.mizzle(&arguments).run().assert_code(code).json()
    }

    /// Everything is as it should be: the history, the scripts in other runtimes, and the tables.
    #[track_caller]
    fn assert_sound(&self) {
        let checked = self.json(&["check"], 0);
        assert_eq!(checked["problems"], json!([]));
        assert_eq!(self.json(&["generate"], 0)["migration"], Value::Null);
        assert_run_elsewhere([&self.0]);
        self.json(&["migrate", "--yes"], 0);
        assert_eq!(self.json(&["migrate", "--yes"], 0)["outcome"], "in_sync");
        assert_eq!(self.json(&["push"], 0)["outcome"], "in_sync");
    }

    fn applied(&self) -> Vec<Value> {
        let report = self.json(&["migrate", "--yes"], 0);
        let migrations = report["migrations"].as_array().unwrap().iter();
        migrations.map(|one| one["name"].clone()).collect()
    }
}

#[test]
fn two_branches_are_found_mended_and_run() {
    let repository = Repository::new();
    repository.branch("reports", || {
        repository.add_reports();
        repository.generate(&[]);
    });
    repository.add_sales();
    repository.generate(&[]);
    // An environment has had the migrations of main.
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
    // Its call names all key attributes, those of the other branch, too.
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

const DATA_MOVE: &str = r#"export async function up(db: Database): Promise<void> {
  for await (const item of db.scanItems({ TableName: "Shop" })) {
    await db.put({ TableName: "Shop", Item: { ...item, moved: true } });
  }
"#;

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

/// 0002_more becomes 0003_more while there is one already, which becomes 0004_more.
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
        (&json!([]), &json!("unfit-script"))
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

    // The way out that was named.
    repository.0.remove("migrations/0002_theirs.ts");
    repository.0.remove("migrations/0002_theirs.snapshot.json");
    repository.json(&["generate"], 0);
    repository.assert_sound();
}

/// A schema full of conflict markers is no reason not to mend the migrations first.
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

#[test]
fn a_script_for_changes_of_items_needs_no_change_of_the_schema() {
    let repository = Repository::new();
    let project = &repository.0;
    let output = project.mizzle(["generate", "--custom"]).run().assert_code(0);
    insta::assert_snapshot!("custom", output.snapshot());
    insta::assert_snapshot!("custom_script", project.read("migrations/0002_custom.ts"));
    repository.assert_sound();

    // What the schema changes is of another migration.
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
    // Their snapshots are the same: nothing says what 0003_reports follows.
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
        // A killed run may leave the file of its lock, which is in nobody's way.
        let mut files = repository.0.files_below("migrations");
        files.retain(|file| file != "migrations/.mizzle-lock");
        assert_eq!(files.len(), 2 * expected.len(), "{files:?}");
        repository.git(&["restore", "migrations"]);
        repository.git(&["clean", "--quiet", "--force", "-d", "migrations"]);
    }
    assert!(killed > 0, "none was alive; {begun} had begun");
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

    // In a module that it imports, the line is none of the script's.
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
