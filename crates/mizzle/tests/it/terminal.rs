//! The commands in a terminal: the screen, and the effects of keys.

use crate::support::shop;
use mizzle_test::Screen;

const ESCAPE: &str = "\u{1b}";
const CTRL_C: &str = "\u{3}";

#[test]
fn a_push_is_shown_agreed_to_and_applied() {
    let project = shop();
    let mut terminal = project.mizzle(["push"]).in_terminal(100, 40);
    terminal.wait_for("Apply 1 step to embedded DynamoDB").press("y");
    let Screen { code, text } = terminal.finish();
    insta::assert_snapshot!(text, @"
    ┌   mizzle push
    │
    ●  Target: embedded DynamoDB (.mizzle/local.db)
    │
    ◇  + Shop: new table
    │    + Create table
    │        key (pk S, sk S)
    │        LSI byDate (pk S, createdAt N) ALL
    │        GSI byEmail (email S) ALL
    │        GSI byStatus (status S, createdAt N) ALL
    │
    ◇  Apply 1 step to embedded DynamoDB (.mizzle/local.db)?
    │  Yes
    │
    ◇  Applying 1 step on 1 table
    │  ◇ Shop: Create table  [time]
    │
    └  Applied 1 step on 1 table in [time]
    ");
    assert_eq!(code, 0);

    let Screen { code, text } = project.mizzle(["list"]).in_terminal(100, 40).finish();
    insta::assert_snapshot!(text, @"
    ┌   mizzle list
    │
    NAME        KIND   PK        SK           PROJECTION  STATUS  BILLING          ITEMS  SIZE
    Shop        table  pk S      sk S                     ACTIVE  PAY_PER_REQUEST      0   0 B
      byEmail   GSI    email S                ALL         ACTIVE                       0   0 B
      byStatus  GSI    status S  createdAt N  ALL         ACTIVE                       0   0 B
      byDate    LSI    pk S      createdAt N  ALL                                      0   0 B
    └  1 table at embedded DynamoDB (.mizzle/local.db)
    ");
    assert_eq!(code, 0);
}

#[test]
fn what_is_to_be_agreed_to_is_shown_even_when_quiet() {
    let project = shop();
    let mut terminal = project.mizzle(["push", "--quiet"]).in_terminal(100, 40);
    terminal.wait_for("GSI byEmail (email S) ALL").wait_for("Apply 1 step").press("n");
    assert_eq!(terminal.finish().code, 4);
}

#[test]
fn no_is_no_and_leaving_is_leaving() {
    let project = shop();
    for (keys, expected) in [("n", 4), ("\r", 4), (ESCAPE, 130), (CTRL_C, 130)] {
        let mut terminal = project.mizzle(["push"]).in_terminal(100, 40);
        terminal.wait_for("Apply 1 step").press(keys);
        let screen = terminal.finish();
        assert_eq!(screen.code, expected, "{keys:?}\n{}", screen.text);
        // Ctrl-C may arrive as a key or, slightly earlier, as a signal; the latter prints no final
        // line.
        let goodbye = match expected {
            4 => "└  Nothing was changed",
            _ => "└  Operation cancelled.",
        };
        let says_goodbye = screen.text.ends_with(goodbye);
        assert!(says_goodbye || keys == CTRL_C, "{}", screen.text);
    }
    let json = project.mizzle(["list", "--json"]).run().assert_code(0).json();
    assert_eq!(json["tables"], serde_json::json!([]));
}

#[test]
fn a_migration_is_named_by_its_author_or_by_its_changes() {
    let project = shop();
    let mut terminal = project.mizzle(["generate"]).in_terminal(100, 40);
    terminal.wait_for("What does this migration do?").press("First tables\r");
    let Screen { code, text } = terminal.finish();
    insta::assert_snapshot!(text, @"
    ┌   mizzle generate
    │
    ◇  create table Shop
    │    key (pk S, sk S)
    │    LSI byDate (pk S, createdAt N) ALL
    │    GSI byEmail (email S) ALL
    │    GSI byStatus (status S, createdAt N) ALL
    │
    ◇  What does this migration do?
    │  First tables
    │
    ◆  migrations/0001_first_tables.ts
    │  migrations/0001_first_tables.snapshot.json
    │
    ●  Wrote migration 0001_first_tables
    │
    └  Next: mizzle migrate
    ");
    assert_eq!(code, 0);
    assert!(project.exists("migrations/0001_first_tables.ts"));

    crate::support::edit(&project);
    let mut terminal = project.mizzle(["generate"]).in_terminal(100, 40);
    terminal.wait_for("What does this migration do?").press(ESCAPE);
    let screen = terminal.finish();
    assert_eq!(screen.code, 130, "{}", screen.text);
    assert!(!project.exists("migrations/0002_add_shop_by_age_and_2_more.ts"));

    let mut terminal = project.mizzle(["generate"]).in_terminal(100, 40);
    terminal.wait_for("What does this migration do?").press("\r");
    assert_eq!(terminal.finish().code, 0);
    assert!(project.exists("migrations/0002_add_shop_by_age_and_2_more.ts"));
}

#[test]
fn a_problem_stands_within_the_conversation() {
    let project = shop();
    project.replace("schema.ts", "byEmail: gsi(\"email\")", "byEmail: gsi(\"mail\")");
    let Screen { code, text } = project.mizzle(["push"]).in_terminal(60, 30).finish();
    insta::assert_snapshot!(text, @r#"
    ┌   mizzle push
    │
    ■  Could not resolve the type of index key "mail" on table
    │  "Shop"
    │     ╭─[schema.ts:7:18]
    │   6 │   indexes: {
    │   7 │     byEmail: gsi("mail"),
    │     ·                  ──────
    │   8 │     byStatus: gsi("status", "createdAt"),
    │     ╰────
    │    help: add a column named "mail" to an entity of Shop,
    │    or to the table itself
    │
    └  Nothing was changed
    "#);
    assert_eq!(code, 2);
}
