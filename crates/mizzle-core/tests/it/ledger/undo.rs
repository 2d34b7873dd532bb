//! The calls that the rollback of a migration skips, because the migration has not created the
//! resource.

use super::record;
use mizzle_core::{
    ledger::{ForwardProgress, NotOurs, Record, RecordState, RollbackScope},
    plan::Call,
};

fn call(method: &str, input: &serde_json::Value) -> Call {
    Call::parse(method, input).unwrap()
}

fn create(table: &str) -> Call {
    let attribute = serde_json::json!([{ "AttributeName": "pk", "AttributeType": "S" }]);
    let key = serde_json::json!([{ "AttributeName": "pk", "KeyType": "HASH" }]);
    let input = serde_json::json!({
        "TableName": table, "AttributeDefinitions": attribute, "KeySchema": key, "BillingMode": "PAY_PER_REQUEST",
    });
    call("createTable", &input)
}

fn delete(table: &str) -> Call {
    call("deleteTable", &serde_json::json!({ "TableName": table }))
}

fn unprotect(table: &str) -> Call {
    let input = serde_json::json!({ "TableName": table, "DeletionProtectionEnabled": false });
    call("updateTable", &input)
}

/// Runs the calls of a `down`, and returns the reasons for those that are skipped.
fn left_out(record: &Record, up: &[Call], down: &[Call]) -> Vec<Option<NotOurs>> {
    let steps = |calls: &[Call]| calls.iter().map(Call::fingerprint).collect::<Vec<_>>();
    let (forward, back) = (steps(up), steps(down));
    let mut way = RollbackScope::new(
        ForwardProgress::of(record),
        forward.iter().map(String::as_str).zip(up),
        back.iter().map(String::as_str),
    );
    let judge = |(step, call): (&String, &Call)| {
        let reason = way.leaves_out(step, call);
        match reason {
            Some(_) => way.left_out(step),
            None => way.done(step, false),
        }
        reason
    };
    back.iter().zip(down).map(judge).collect()
}

#[test]
fn an_undoing_takes_away_what_was_made_and_nothing_else() {
    let (never, adopted) = (Some(NotOurs::NeverMade), Some(NotOurs::Adopted));
    let steps = |calls: &[Call]| calls.iter().map(Call::fingerprint).collect::<Vec<_>>();
    let with = |state, done: &[Call], adopted: &[&str]| Record {
        state,
        steps: steps(done),
        adopted: adopted.iter().map(ToString::to_string).collect(),
        ..record("0002_b", 'x')
    };
    let (failed, whole) = (RecordState::Failed, RecordState::Applied);
    let up = [create("New"), delete("Old")];
    let down = [create("Old"), unprotect("New"), delete("New")];
    for (record, expected) in [
        (with(whole, &up, &[]), [None, None, None]),
        // A migration that was marked as applied without its steps being known.
        (with(whole, &[], &[]), [None, None, None]),
        (with(failed, &up[..1], &[]), [None, None, None]),
        (with(failed, &[], &[]), [None, never, never]),
        (with(whole, &up, &["New"]), [None, adopted, adopted]),
        (with(failed, &up[..1], &["New"]), [None, adopted, adopted]),
    ] {
        assert_eq!(left_out(&record, &up, &down), expected, "{record:?}");
        // After the rollback was killed, the result is the same.
        let undoing = Record {
            state: RecordState::Undoing,
            forward: Some(ForwardProgress::of(&record)),
            steps: steps(&down[..1]),
            adopted: Vec::new(),
            ..record
        };
        assert_eq!(left_out(&undoing, &up, &down), expected, "{undoing:?}");
    }
    // Killed while the table was being created.
    let begun = Record { creating: Some(up[0].fingerprint()), ..with(failed, &[], &[]) };
    assert_eq!(left_out(&begun, &up, &down), [None, None, None]);
    // A table that is replaced: the old one stays until the new one was made.
    let (up, down) =
        ([delete("A"), create("A")], [delete("A"), create("A"), unprotect("A"), delete("A")]);
    assert_eq!(left_out(&with(failed, &[], &[]), &up, &down), [never, None, None, None]);
    assert_eq!(left_out(&with(failed, &up, &[]), &up, &down), [None; 4]);
    // A table that only the rollback needs.
    assert_eq!(left_out(&with(failed, &[], &[]), &[], &[create("T"), delete("T")]), [None; 2]);
}

#[test]
fn an_index_that_was_not_made_is_not_dropped() {
    let add = call(
        "updateTable",
        &serde_json::json!({
            "TableName": "A",
            "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
            "GlobalSecondaryIndexUpdates": [{ "Create": {
                "IndexName": "byPk",
                "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
                "Projection": { "ProjectionType": "ALL" },
            } }],
        }),
    );
    let drop = |index: &str| {
        let update = serde_json::json!([{ "Delete": { "IndexName": index } }]);
        let input = serde_json::json!({ "TableName": "A", "GlobalSecondaryIndexUpdates": update });
        call("updateTable", &input)
    };
    let (up, down) = ([add], [drop("byPk"), drop("another")]);
    for (state, done, expected) in [
        (RecordState::Failed, 0, [Some(NotOurs::NeverMade), None]),
        (RecordState::Failed, 1, [None, None]),
        (RecordState::Applied, 0, [None, None]),
    ] {
        let steps = up[..done].iter().map(Call::fingerprint).collect();
        let record = Record { state, steps, ..record("0002_b", 'x') };
        assert_eq!(left_out(&record, &up, &down), expected, "{record:?}");
    }
}
