//! Every prompt of a command, except those of `init` and `drop`, which have their own tests: in a
//! narrow window, confirmed, denied, and cancelled.

use crate::support::{BINARY, CONFIG, SCHEMA, lock, shop, shop_with_history};
use mizzle_test::{Boto3, DynamoDbLocal, Screen, TempProject, Terminal};

const ESCAPE: &str = "\u{1b}";
const CTRL_C: &str = "\u{3}";

/// A project in which a command prompts.
struct Asked {
    project: TempProject,
    args: &'static [&'static str],
    question: &'static str,
}

impl Asked {
    fn new(project: TempProject, args: &'static [&'static str], question: &'static str) -> Self {
        Self { project, args, question }
    }

    fn terminal(&self) -> Terminal {
        let mut terminal = self.project.mizzle(self.args).in_terminal(40, 60);
        terminal.wait_for(self.question);
        terminal
    }

    /// Returns the files of the project, except the embedded database, which every connection
    /// creates.
    fn files(&self) -> Vec<String> {
        let files = self.project.files().into_iter();
        files.filter(|file| !file.starts_with(".mizzle/")).collect()
    }

    /// Cancels or denies the prompt, and asserts that nothing has changed.
    #[track_caller]
    fn leave(&self, keys: &str, expected: u32) -> String {
        let before = self.files();
        let mut terminal = self.terminal();
        terminal.press(keys);
        let Screen { code, text } = terminal.finish();
        assert_eq!(code, expected, "{keys:?}\n{text}");
        assert_eq!(self.files(), before, "{keys:?}");
        text
    }

    /// Tests a yes/no prompt: cancelled, denied, confirmed.
    fn yes_or_no(&self, case: &str) {
        insta::assert_snapshot!(format!("{case}_left"), self.leave(ESCAPE, 130));
        self.leave(CTRL_C, 130);
        insta::assert_snapshot!(format!("{case}_no"), self.leave("n", 4));
        let mut terminal = self.terminal();
        terminal.press("y");
        let Screen { code, text } = terminal.finish();
        insta::assert_snapshot!(format!("{case}_yes"), text);
        assert_eq!(code, 0);
    }
}

#[test]
fn push_asks_before_it_changes_anything() {
    Asked::new(shop(), &["push"], "Apply 1 step").yes_or_no("push");
}

#[test]
fn generate_asks_for_a_name() {
    let asked = Asked::new(shop(), &["generate"], "What does this migration");
    insta::assert_snapshot!(asked.leave(ESCAPE, 130), @"
    ┌   mizzle generate
    │
    ◇  create table Shop
    │    key (pk S, sk S)
    │    LSI byDate (pk S, createdAt N) ALL
    │    GSI byEmail (email S) ALL
    │    GSI byStatus (status S, createdAt
    │    N) ALL
    │
    ■  What does this migration do?
    └  Operation cancelled.
    ");
    asked.leave(CTRL_C, 130);
    let mut terminal = asked.terminal();
    terminal.press("first tables\r");
    let Screen { code, text } = terminal.finish();
    insta::assert_snapshot!(text, @"
    ┌   mizzle generate
    │
    ◇  create table Shop
    │    key (pk S, sk S)
    │    LSI byDate (pk S, createdAt N) ALL
    │    GSI byEmail (email S) ALL
    │    GSI byStatus (status S, createdAt
    │    N) ALL
    │
    ◇  What does this migration do?
    │  first tables
    │
    ◆  migrations/0001_first_tables.ts
    │  migrations/0001_first_tables.snapshot
    │  .json
    │
    ●  Wrote migration 0001_first_tables
    │
    └  Next: mizzle migrate
    ");
    assert_eq!(code, 0);
}

#[test]
fn generate_asks_whether_a_table_is_a_renamed_one() {
    let project = shop_with_history();
    project.replace("schema.ts", "dynamoTable(\"Shop\"", "dynamoTable(\"Store\"");
    let asked = Asked::new(project, &["generate", "--name", "next"], "Is Store a new table");
    insta::assert_snapshot!(asked.leave(ESCAPE, 130), @"
    ┌   mizzle generate
    │
    ■  Is Store a new table, or was it Shop?
    │  Store is new
    └  Operation cancelled.
    ");
    asked.leave(CTRL_C, 130);
    let mut terminal = asked.terminal();
    terminal.press("\r");
    let Screen { code, text } = terminal.finish();
    insta::assert_snapshot!("rename_new", text);
    assert_eq!(code, 0);
    let script = asked.project.read("migrations/0003_next.ts");
    assert!(!script.contains("db.put") && !script.contains("cannot rename"), "{script}");
}

#[test]
fn generate_asks_before_a_schema_without_tables_deletes_all() {
    let project = shop_with_history();
    project.write("schema.ts", "export {};\n");
    let asked = Asked::new(project, &["generate", "--name", "end"], "no table any");
    asked.yes_or_no("no_tables");
}

#[test]
fn migrate_asks_before_it_undoes() {
    let project = shop_with_history();
    project.mizzle(["migrate"]).run().assert_code(0);
    Asked::new(project, &["migrate", "--down"], "Undo 0002_edit").yes_or_no("down");
}

#[test]
fn migrate_asks_before_settings_take_something_away() {
    let project = TempProject::new(BINARY);
    project.write("schema.ts", SCHEMA);
    let with_stream =
        CONFIG.replace("\n};", "\n  tables: { Shop: { stream: \"KEYS_ONLY\" } },\n};");
    project.write("mizzle.config.ts", &with_stream);
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    project.mizzle(["migrate"]).run().assert_code(0);
    project.replace(
        "mizzle.config.ts",
        "\n};",
        "\n  environments: { test: { tables: { Shop: { stream: false } } } },\n};",
    );
    let asked =
        Asked::new(project, &["migrate", "--env", "test"], "Apply the settings of the environment");
    asked.yes_or_no("settings");
}

#[test]
fn unlock_asks_whose_lock_it_takes() {
    let database = DynamoDbLocal::from_env().isolated();
    let project = shop_with_history();
    project.connect(&database);
    project.mizzle(["migrate"]).run().assert_code(0);
    lock(&database);
    // Its holder notices soon.
    Boto3::from_env().run(
        &database,
        r#"
        key, lease = {"id": {"S": "lock"}}, {":lease": {"N": "1000"}}
        client.update_item(TableName="mizzle_migrations", Key=key, UpdateExpression="SET leaseMs = :lease", ExpressionAttributeValues=lease)
        result = None
        "#,
    );
    Asked::new(project, &["unlock"], "Take the lock away").yes_or_no("unlock");
}
