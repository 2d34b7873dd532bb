//! `mizzle drop` in a terminal: the screen, and the effects of keys.

use super::{ENVIRONMENTS, Stage, create, left, protect, python};
use mizzle_test::{Database, DynamoDbLocal, Fault, Ministack, On, Screen, Terminal};
use serde_json::json;

const ESCAPE: &str = "\u{1b}";
/// Selects all visible tables.
const TAB: &str = "\t";
/// Moves down.
const CTRL_N: &str = "\u{e}";

/// A host name that does not exist.
const ELSEWHERE: &str = "http://dynamodb.example.test";

/// Creates tables of several kinds in the embedded DynamoDB.
fn stage() -> Stage {
    let stage = Stage::embedded();
    fill(&stage.database);
    stage
}

fn fill(database: &Database) {
    create(database, &["Carts", "OrderLines", "Users"]);
    protect(database, "Users");
    python(
        database,
        r#"
client.create_table(
    TableName="Orders",
    BillingMode="PAY_PER_REQUEST",
    KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    AttributeDefinitions=[
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "email", "AttributeType": "S"},
        {"AttributeName": "status", "AttributeType": "S"},
    ],
    GlobalSecondaryIndexes=[
        {"IndexName": f"by{name.title()}", "KeySchema": [{"AttributeName": name, "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}
        for name in ["email", "status"]
    ],
    StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
)
while client.describe_table(TableName="Orders")["Table"]["TableStatus"] != "ACTIVE":
    pass
fill("Orders", 12)
"#,
    );
}

fn drop_in_terminal(stage: &Stage, args: &[&str], size: (u16, u16)) -> Terminal {
    stage
        .project
        .mizzle(["drop", "--accept-data-loss"].iter().chain(args))
        .in_terminal(size.0, size.1)
}

/// Returns the number of picked tables as the list shows it once the input has been drawn.
fn standing(picked: usize, total: usize) -> String {
    format!("{picked} of {total} picked")
}

#[test]
fn tables_are_filtered_picked_agreed_to_and_dropped() {
    for (columns, rows) in [(100, 40), (40, 48)] {
        let stage = stage();
        let mut terminal = drop_in_terminal(&stage, &[], (columns, rows));
        terminal.wait_for(&standing(0, 4));
        let list = terminal.wait_until(|text| text.contains("0 of 4 picked"));
        insta::assert_snapshot!(format!("list_{columns}"), list);
        terminal.press("order").wait_for("2 shown").press(&format!("{CTRL_N} "));
        terminal.wait_for("1 of 4 picked").press("\r");
        terminal.wait_for("Drop Orders from").press("y");
        let Screen { code, text } = terminal.finish();
        insta::assert_snapshot!(format!("dropped_{columns}"), text);
        assert_eq!(code, 0);
        assert_eq!(left(&stage.database), json!({ "Carts": 2, "OrderLines": 2, "Users": 2 }));
    }
}

#[test]
fn all_are_picked_and_the_protected_one_stays() {
    let stage = stage();
    let mut terminal = drop_in_terminal(&stage, &[], (100, 48));
    terminal.wait_for(&standing(0, 4)).press(TAB).wait_for(&standing(4, 4)).press("\r");
    terminal.wait_for("Drop 3 tables from").press("y");
    let Screen { code, text } = terminal.finish();
    insta::assert_snapshot!("all", text);
    assert_eq!(code, 1);
    assert_eq!(left(&stage.database), json!({ "Users": 2 }));

    let mut terminal = drop_in_terminal(&stage, &["--unprotect", "--yes"], (100, 40));
    terminal.wait_for(&standing(0, 1)).press(" ").wait_for(&standing(1, 1)).press("\r");
    let Screen { code, text } = terminal.finish();
    insta::assert_snapshot!(text, @"
    ┌   mizzle drop
    │
    ●  Target: http://127.0.0.1:[port] (us-east-1)
    │
    ◇  Which tables are to be dropped?
    │  Users
    │
    ◇  - Users: delete
    │    - Lift deletion protection
    │      ▲ Users is protected against being deleted. The protection is lifted in order to delete it.
    │    - Delete table
    │      ▲ Deletes table Users and every item in it: 2 items (16 B).
    │
    ◇  Applying 2 steps on 1 table
    │  ◇ Users: 2 steps  [time]
    │
    └  Dropped 1 table in [time]
    ");
    assert_eq!(code, 0);
    assert_eq!(left(&stage.database), json!({}));

    let Screen { code, text } = drop_in_terminal(&stage, &[], (60, 10)).finish();
    insta::assert_snapshot!(text, @"
    ┌   mizzle drop
    │
    ●  Target: http://127.0.0.1:[port] (us-east-1)
    │
    └  There is no table to drop at http://127.0.0.1:[port]
       (us-east-1)
    ");
    assert_eq!(code, 0);
}

#[test]
fn leaving_at_any_question_changes_nothing() {
    let stage = stage();
    let mut terminal = drop_in_terminal(&stage, &[], (100, 40));
    terminal.wait_for(&standing(0, 4)).press(ESCAPE);
    let Screen { code, text } = terminal.finish();
    insta::assert_snapshot!(text, @"
    ┌   mizzle drop
    │
    ●  Target: http://127.0.0.1:[port] (us-east-1)
    │
    ■  Which tables are to be dropped?
    └  Operation cancelled.
    ");
    assert_eq!(code, 130);

    for (keys, expected, name) in
        [(ESCAPE, 130, "left_at_the_end"), ("n", 4, "declined"), ("\r", 4, "default")]
    {
        let mut terminal = drop_in_terminal(&stage, &["Carts"], (100, 40));
        terminal.wait_for("Drop Carts from").press(keys);
        let Screen { code, text } = terminal.finish();
        if name != "default" {
            insta::assert_snapshot!(name, text);
        }
        assert_eq!(code, expected, "{text}");
    }
    assert!(stage.proxy.writes().is_empty());
}

#[test]
fn what_is_to_be_agreed_to_is_shown_even_when_quiet() {
    let stage = stage();
    let mut terminal = drop_in_terminal(&stage, &["Orders", "--quiet"], (100, 40));
    terminal.wait_for("every item in it: 12 items").wait_for("Drop Orders from").press("n");
    assert_eq!(terminal.finish().code, 4);
}

/// Runs `drop` with a remote host name, which the proxy forwards to the server.
fn elsewhere(stage: &Stage, args: &[&str], size: (u16, u16)) -> Terminal {
    let args = ["drop", "--accept-data-loss", "--endpoint", ELSEWHERE].iter().chain(args);
    let command = stage.project.mizzle(args).env("HTTP_PROXY", stage.proxy.endpoint());
    command.in_terminal(size.0, size.1)
}

#[test]
fn elsewhere_the_name_or_the_number_is_typed() {
    let stage = Stage::at(Ministack::from_env().isolated());
    fill(&stage.database);
    let mut terminal = elsewhere(&stage, &["Orders", "--backup"], (100, 48));
    terminal.wait_for("Type Orders to drop it").press("Order\r");
    terminal.wait_for("type Orders to agree").press("s\r");
    let Screen { code, text } = terminal.finish();
    insta::assert_snapshot!(text, @"
    ┌   mizzle drop
    │
    ●  Target: http://dynamodb.example.test (us-east-1)
    │
    ◇  - Orders: delete
    │    - Delete table
    │        GSIs byEmail and byStatus
    │        backed up first, as Orders-mizzle-[timestamp]
    │      ▲ Deletes table Orders and every item in it: about 12 items (2.4 kB).
    │      ▲ The stream ends: what reads it gets nothing new. Records that are there can be read for
    │        24 hours.
    │
    ◇  Type Orders to drop it from http://dynamodb.example.test (us-east-1)
    │  Orders
    │
    Backup of Orders: [backup ARN]
    ◇  Applying 1 step on 1 table
    │  ◇ Orders: Delete table  [time]
    │
    └  Dropped 1 table in [time]
    ");
    assert_eq!(code, 0);

    let mut terminal = elsewhere(&stage, &[], (40, 60));
    let list = terminal.wait_until(|text| text.contains("0 of 3 picked"));
    assert!(list.contains("about 2 items"), "{list}");
    terminal.press(&format!("{TAB}\r")).wait_for("Type 2 to drop").press("2\r");
    let Screen { code, text } = terminal.finish();
    insta::assert_snapshot!("typed_number", text);
    assert_eq!(code, 1, "one is protected");
    assert_eq!(left(&stage.database), json!({ "Users": 2 }));
}

#[test]
fn leaving_instead_of_typing_changes_nothing() {
    let stage = Stage::at(DynamoDbLocal::from_env().isolated());
    create(&stage.database, &["Carts"]);
    for keys in [ESCAPE, "Car\u{1b}"] {
        let mut terminal = elsewhere(&stage, &["Carts"], (100, 40));
        terminal.wait_for("Type Carts to drop it").press(keys);
        let Screen { code, text } = terminal.finish();
        assert_eq!(code, 130, "{text}");
    }
    assert_eq!(left(&stage.database), json!({ "Carts": 2 }));
}

/// Excludes the ledger of the selected environment, that of another one and the default one; and
/// includes only tables with names of the environment.
#[test]
fn what_is_offered_is_of_the_environment_and_no_ledger() {
    let stage = Stage::with_config(DynamoDbLocal::from_env().isolated(), ENVIRONMENTS);
    let ledgers =
        ["history", "staging-history", "history.prod", "mizzle_migrations", "qa-mizzle_migrations"];
    create(&stage.database, &["Shop", "staging-Shop", "staging-mizzle_migrations"]);
    create(&stage.database, &ledgers);
    let mut terminal = drop_in_terminal(&stage, &[], (100, 40));
    terminal.wait_for(&standing(0, 2)).wait_for("Shop").wait_for("staging-Shop").press(ESCAPE);
    assert_eq!(terminal.finish().code, 130);
    let mut terminal = drop_in_terminal(&stage, &["--env", "staging"], (100, 40));
    terminal.wait_for(&standing(0, 1)).press(&format!("{TAB}\r"));
    terminal.wait_for("Drop staging-Shop from").press("y");
    assert_eq!(terminal.finish().code, 0);
    assert_eq!(left(&stage.database).as_object().unwrap().len(), 7);
}

#[test]
fn a_failure_among_others_stays_on_the_screen() {
    let stage = stage();
    let denied = Fault::access_denied("dynamodb:DeleteTable");
    stage.proxy.inject(On::operation("DeleteTable").table("Orders").every(), denied);
    let args = ["Carts", "Orders", "Ordres", "--yes"];
    let Screen { code, text } = drop_in_terminal(&stage, &args, (60, 50)).finish();
    insta::assert_snapshot!("failure", text);
    assert_eq!(code, 1);
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_true_lines() {
    let stage = stage();
    let looks = usize::MAX;
    stage.proxy.inject(On::operation("DeleteTable").table("Carts"), Fault::Hold { looks });
    let args = ["Carts", "OrderLines", "--yes"];
    let mut terminal = drop_in_terminal(&stage, &args, (100, 40));
    terminal.wait_for("DELETING").wait_for("◇ OrderLines").interrupt();
    let Screen { code, text } = terminal.finish();
    insta::assert_snapshot!(text, @"
    ┌   mizzle drop
    │
    ●  Target: http://127.0.0.1:[port] (us-east-1)
    │
    ◇  - Carts: delete
    │    - Delete table
    │      ▲ Deletes table Carts and every item in it: 2 items (16 B).
    │
    ◇  - OrderLines: delete
    │    - Delete table
    │      ▲ Deletes table OrderLines and every item in it: 2 items (16 B).
    │
    ■  Applying 2 steps on 2 tables
    │  ■ Carts: Delete table: interrupted after [time]
    │  ◇ OrderLines: Delete table  [time]
    │
    ■  Interrupted: what DynamoDB has accepted goes on by itself
    │    help: run the command again: it goes on where it stopped
    │
    └  Dropped 1 of 2 tables in [time]
    ");
    assert_eq!(code, 130);
}
