//! Uses a ledger, on any server.

use super::{attribute, create, wait_for};
use futures_util::future::{join, join_all};
use mizzle_aws::{DynamoDb, DynamoDbLedger};
use mizzle_core::{
    apply::{ControlPlane, ServiceErrorKind},
    ledger::{Change, Ledger, Lock, Owner, Record, RecordState, Resolution, ResolutionKind},
    model::{AuxiliarySettings, BillingMode, KeySchemaElement, ScalarType, TableDefinition},
};
use std::collections::BTreeMap;

const TABLE: &str = "mizzle_migrations";

pub(crate) fn lock(token: &str) -> Lock {
    Lock {
        token: token.to_owned(),
        heartbeat: 0,
        lease_ms: 30_000,
        owner: Owner {
            user: "ada".to_owned(),
            host: "build-7".to_owned(),
            pid: 4711,
            process: None,
            command: "mizzle migrate".to_owned(),
            since: 1_700_000_000,
        },
    }
}

pub(crate) fn record(name: &str, state: RecordState) -> Record {
    Record {
        name: name.to_owned(),
        checksum: "c0ffee".to_owned(),
        files: BTreeMap::from([("../src/names.ts".to_owned(), "f00d".to_owned())]),
        state,
        steps: vec!["createTable 1".to_owned(), "updateTable 2".to_owned()],
        deleting: None,
        held: Vec::new(),
        creating: None,
        adopted: Vec::new(),
        forward: None,
        project: Some("shop".to_owned()),
        tool: "0.1.0".to_owned(),
        by: "ada@build-7".to_owned(),
        started_at: 1_700_000_000,
        finished_at: (state == RecordState::Applied).then_some(1_700_000_060),
        error: (state == RecordState::Failed).then(|| "it did not work".to_owned()),
    }
}

async fn prepared(server: &DynamoDb) -> DynamoDbLedger {
    let ledger = server.ledger(TABLE);
    ledger.prepare().await.expect("there was none");
    ledger
}

/// Tests a missing ledger; then eight runners create it concurrently.
pub(crate) async fn is_made_by_several_at_once(server: &DynamoDb) {
    let ledger = server.ledger(TABLE);
    assert_eq!(ledger.table(), TABLE);
    assert_eq!(ledger.records().await, Ok(None));
    assert_eq!(ledger.lock().await, Ok(None));
    assert_eq!(ledger.release("nobody").await, Ok(false));
    let error = ledger.take(&lock("a"), None).await.expect_err("there is no ledger");
    assert_eq!(error.kind, ServiceErrorKind::NotFound, "{error}");
    assert_eq!((error.operation, error.table.as_deref()), ("PutItem", Some(TABLE)));
    let error = ledger.write(&record("0001_init", RecordState::Running), "a").await;
    let error = error.expect_err("there is no ledger");
    assert_eq!(error.kind, ServiceErrorKind::NotFound, "{error}");

    let prepared = join_all((0..8).map(|_| ledger.prepare())).await;
    assert!(prepared.iter().all(Result::is_ok), "{prepared:?}");
    assert_eq!(ledger.prepare().await, Ok(()), "it is there");
    assert_eq!(ledger.records().await, Ok(Some(Vec::new())));
    assert_eq!(ledger.lock().await, Ok(None));
    let table = server.describe_table(TABLE, AuxiliarySettings::NONE).await.expect("a description");
    let definition = table.expect("it is there").definition;
    assert_eq!(definition.key_schema, [KeySchemaElement::hash("id")]);
    assert_eq!(definition.billing_mode, Some(BillingMode::PayPerRequest));
}

/// Tests a table with the ledger's name that is not a ledger.
pub(crate) async fn is_not_made_of_another_table(server: &DynamoDb) {
    let definition = TableDefinition {
        table_name: TABLE.to_owned(),
        attribute_definitions: vec![attribute("id", ScalarType::N)],
        key_schema: vec![KeySchemaElement::hash("id")],
        billing_mode: Some(BillingMode::PayPerRequest),
        ..TableDefinition::default()
    };
    server.call(&create(&definition)).await.expect("CreateTable works");
    wait_for(server, TABLE, AuxiliarySettings::NONE, |table| table.is_some()).await;
    let error = server.ledger(TABLE).prepare().await.expect_err("it is no ledger");
    assert!(error.message.starts_with("the table exists and is not a ledger"), "{error}");
}

/// Tests the lock: it is acquired, kept, taken over and released.
pub(crate) async fn lock_has_one_holder(server: &DynamoDb) {
    let ledger = prepared(server).await;
    for round in 0..3 {
        let locks: Vec<_> = (0..8).map(|number| lock(&format!("{round}-{number}"))).collect();
        let seen = ledger.lock().await.expect("the ledger is there");
        let taken = join_all(locks.iter().map(|lock| ledger.take(lock, seen.as_ref()))).await;
        let taken: Vec<bool> =
            taken.into_iter().map(|taken| taken.expect("a request is answered")).collect();
        let winners: Vec<_> = (0..8).filter(|number| taken[*number]).collect();
        let [winner] = winners.as_slice() else { panic!("one has it: {taken:?}") };
        assert_eq!(ledger.lock().await, Ok(Some(locks[*winner].clone())));
    }

    let holder = ledger.lock().await.expect("a look").expect("it is held");
    let beaten = holder.beaten();
    assert_eq!(ledger.take(&beaten, Some(&holder)).await, Ok(true));
    assert_eq!(ledger.lock().await, Ok(Some(beaten.clone())));
    let other = lock("other");
    assert_eq!(ledger.take(&other, None).await, Ok(false), "it is held");
    assert_eq!(ledger.take(&other, Some(&holder)).await, Ok(false), "it sent a heartbeat");
    // The same attempt again, as after a lost response.
    assert_eq!(ledger.take(&beaten, Some(&holder)).await, Ok(true), "it is ours");

    assert_eq!(ledger.take(&other, Some(&beaten)).await, Ok(true), "a takeover");
    assert_eq!(ledger.take(&beaten.beaten(), Some(&beaten)).await, Ok(false), "it was lost");
    assert_eq!(ledger.release(&beaten.token).await, Ok(false), "it is not theirs");
    assert_eq!(ledger.lock().await, Ok(Some(other.clone())));
    assert_eq!(ledger.release(&other.token).await, Ok(true));
    assert_eq!(ledger.release(&other.token).await, Ok(false));
    assert_eq!(ledger.lock().await, Ok(None));
    assert_eq!(ledger.take(&holder, Some(&other)).await, Ok(false), "there is none any more");
    assert_eq!(ledger.take(&holder, None).await, Ok(true));
}

/// Tests that only the holder of the lock writes records.
pub(crate) async fn records_are_fenced(server: &DynamoDb) {
    let ledger = prepared(server).await;
    let running = record("0001_init", RecordState::Running);
    assert_eq!(ledger.write(&running, "a").await, Ok(false), "nobody holds the lock");
    assert_eq!(ledger.take(&lock("a"), None).await, Ok(true));
    assert_eq!(ledger.write(&running, "a").await, Ok(true));
    assert_eq!(ledger.write(&running, "b").await, Ok(false));
    let applied = record("0001_init", RecordState::Applied);
    assert_eq!(ledger.write(&applied, "a").await, Ok(true));
    let failed = record("0002_more", RecordState::Failed);
    assert_eq!(ledger.write(&failed, "a").await, Ok(true));

    assert_eq!(ledger.take(&lock("b"), Some(&lock("a"))).await, Ok(true));
    assert_eq!(ledger.write(&running, "a").await, Ok(false), "it was taken over");
    assert_eq!(ledger.remove("0001_init", "a").await, Ok(false), "it was taken over");
    let all = vec![applied.clone(), failed];
    assert_eq!(ledger.records().await, Ok(Some(all.clone())));
    assert_eq!(server.ledger(TABLE).records().await, Ok(Some(all)), "whoever asks");
    assert_eq!(ledger.remove("0002_more", "b").await, Ok(true));
    assert_eq!(ledger.remove("0002_more", "b").await, Ok(true), "the lock is what counts");
    assert_eq!(ledger.records().await, Ok(Some(vec![applied.clone()])));

    // A resolution and its change: both or neither.
    let resolution = |at| Resolution {
        migration: "0001_init".to_owned(),
        kind: ResolutionKind::RolledBack,
        by: "ada@build-7".to_owned(),
        at,
        tool: "0.1.0".to_owned(),
        before: Some(applied.clone()),
    };
    let write = Change::Write(Box::new(running.clone()));
    assert_eq!(ledger.resolve(&write, &resolution(2), "a").await, Ok(false));
    assert_eq!(ledger.resolutions().await, Ok(Vec::new()));
    assert_eq!(ledger.resolve(&write, &resolution(2), "b").await, Ok(true));
    assert_eq!(ledger.records().await, Ok(Some(vec![running])));
    assert_eq!(ledger.resolve(&Change::Remove, &resolution(10), "b").await, Ok(true));
    assert_eq!(ledger.records().await, Ok(Some(Vec::new())));
    assert_eq!(ledger.resolutions().await, Ok(vec![resolution(2), resolution(10)]));
}

/// Tests that all pages of `Scan` are read, and that records are sorted by name.
pub(crate) async fn every_page_of_records_is_read(server: &DynamoDb) {
    let ledger = prepared(server).await;
    assert_eq!(ledger.take(&lock("a"), None).await, Ok(true));
    let mut all = Vec::new();
    for number in 1..=6 {
        let mut record = record(&format!("{number:04}_big"), RecordState::Failed);
        record.error = Some("x".repeat(300_000));
        all.push(record);
    }
    for record in all.iter().rev() {
        assert_eq!(ledger.write(record, "a").await, Ok(true));
    }
    assert_eq!(ledger.records().await, Ok(Some(all)));
}

/// Tests that concurrent writes and heartbeats of the holder do not conflict.
pub(crate) async fn signs_of_life_and_writes_do_not_hurt_each_other(server: &DynamoDb) {
    let ledger = prepared(server).await;
    assert_eq!(ledger.take(&lock("a"), None).await, Ok(true));
    let beats = async {
        let mut now = lock("a");
        for _ in 0..40 {
            let next = now.beaten();
            assert_eq!(ledger.take(&next, Some(&now)).await, Ok(true));
            now = next;
        }
    };
    let writes = async {
        for number in 0..40 {
            let record = record(&format!("{number:04}"), RecordState::Running);
            assert_eq!(ledger.write(&record, "a").await, Ok(true));
        }
    };
    join(beats, writes).await;
    assert_eq!(ledger.lock().await.map(|lock| lock.map(|lock| lock.heartbeat)), Ok(Some(40)));
}
