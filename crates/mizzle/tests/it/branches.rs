//! Several users and their branches: git merges the files, `check` finds the resulting problems,
//! and `generate --rebase` fixes them. And scripts that users write themselves.

mod custom;
mod rebase;
mod refused;

use crate::{
    scripts::assert_run_elsewhere,
    support::{BINARY, CONFIG},
};
use mizzle_test::TempProject;
use serde_json::{Value, json};
use std::process::Command;

/// A schema with room for two branches to change different lines.
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

    /// Creates a branch at the first commit, and works on it.
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

    /// Asserts that everything is valid: the history, the scripts in other runtimes, and the
    /// tables.
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

const DATA_MOVE: &str = r#"export async function up(db: Database): Promise<void> {
  for await (const item of db.scanItems({ TableName: "Shop" })) {
    await db.put({ TableName: "Shop", Item: { ...item, moved: true } });
  }
"#;
