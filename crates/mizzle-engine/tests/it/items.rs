//! Items that exist only in a script's memory.

use crate::world::{Body, Next, Project, Setup, calls, completed, create, failure, script, table};
use mizzle_core::ledger::RecordState;
use mizzle_engine::Error;
use serde_json::{Value, json};

/// Returns a script that reads the items of a table, deletes the table, creates it again, and puts
/// the items back: they exist only in memory meanwhile.
fn rewriter() -> Body {
    let shop = table("Shop", &["status"]);
    script(move |facts, answers| {
        let items: Vec<Value> = match answers.first() {
            Some(answer) if !facts.dry_run => answer["Items"].as_array().cloned().unwrap(),
            Some(_) | None => Vec::new(),
        };
        match answers.len() {
            0 => Next::Call("scan".to_owned(), json!({ "TableName": "Shop" })),
            1 => Next::Call("deleteTable".to_owned(), json!({ "TableName": "Shop" })),
            2 => {
                let (method, input) = create(&shop);
                Next::Call(method, input)
            }
            n if n - 3 < items.len() => {
                let input = json!({ "TableName": "Shop", "Item": items[n - 3] });
                Next::Call("put".to_owned(), input)
            }
            _ => Next::Return,
        }
    })
}

fn setup() -> Setup {
    let project = Project::default().generated("0001_shop", &[table("Shop", &[])]);
    let scripts = (rewriter(), calls(Vec::new()));
    let project = project.migration("0002_rewrite", scripts, &[table("Shop", &["status"])]);
    let setup = Setup::new(project);
    completed(setup.with(async |migrate| migrate.run(Some("1")).await).unwrap());
    setup.memory.put("Shop", &["a", "b"]);
    setup
}

#[test]
fn without_a_crash_they_come_back() {
    let setup = setup();
    let outcome = completed(setup.run());
    assert_eq!(setup.memory.keys("Shop"), ["a", "b"]);
    assert_eq!(outcome.migrations[0].items.read, 2);
    assert_eq!(outcome.migrations[0].items.written, 2);
}

#[test]
fn after_a_crash_the_run_fails_instead_of_completing_without_them() {
    let whole = setup();
    let before = whole.memory.state().port_calls;
    completed(whole.run());
    let calls = whole.memory.state().port_calls;
    let (mut lost, mut kept) = (0, 0);
    for after in before + 1..=calls {
        let setup = setup();
        setup.memory.state().crash_after = Some(after);
        assert!(setup.with(async |migrate| migrate.run(None).await).is_none());
        setup.memory.state().is_crashed = false;
        setup.memory.state().crash_after = None;
        match setup.run() {
            Ok(outcome) if outcome.failure.is_none() => {
                assert_eq!(setup.memory.keys("Shop"), ["a", "b"], "after port call {after}");
                kept += 1;
            }
            outcome => {
                let error = failure(outcome);
                let Error::ItemsLost { tables, .. } = error else { panic!("{error:?}") };
                assert_eq!(tables, ["Shop"]);
                let record = setup.memory.state().records["0002_rewrite"].clone();
                assert_eq!(record.state, RecordState::Failed);
                assert!(record.error.is_some());
                lost += 1;
            }
        }
    }
    assert!(lost > 3 && kept > 3, "{lost} lost, {kept} kept");
}
