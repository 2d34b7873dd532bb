//! Resolving a migration by hand.

use super::{migration, record};
use mizzle_core::{
    ledger::{
        Change, Effects, Migration, Record, RecordState, ResolutionKind, Unresolvable, resolve,
    },
    snapshot::MigrationName,
};

#[test]
fn a_migration_is_resolved_by_hand() {
    use ResolutionKind::{AcceptChange, Applied, Forget, RolledBack};
    let scripts = [migration("0001_a", 'a'), migration("0002_b", 'b'), migration("0003_c", 'c')];
    let name = |name: &str| MigrationName::parse(name).unwrap();
    let steps = || vec!["CreateTable A 1".to_owned(), "CreateTable B 2".to_owned()];
    let new = |migration: &Migration| record(&migration.name.to_string(), 'b');
    let resolve = |kind, name: &str, records: &[Record]| {
        resolve(
            kind,
            name,
            (&scripts, records),
            Effects { steps: steps(), created: Vec::new() },
            new,
        )
    };
    let with = |name: &str, checksum, state| Record { state, ..record(name, checksum) };
    let a = || record("0001_a", 'a');
    let failed = Record {
        steps: vec!["CreateTable A 1".to_owned()],
        error: Some("no".to_owned()),
        creating: Some("CreateTable B 2".to_owned()),
        ..with("0002_b", 'y', RecordState::Failed)
    };

    // Accept a change.
    let changed = Record { steps: steps(), ..record("0002_b", 'y') };
    let Ok(Change::Write(accepted)) = resolve(AcceptChange, "0002_b", &[a(), changed.clone()])
    else {
        panic!("it was changed")
    };
    assert_eq!(*accepted, Record { checksum: "b".to_owned(), ..changed });
    // Mark as applied: the tables that the run has created belong to the migration, the others
    // existed before.
    let Ok(Change::Write(applied)) = resolve(Applied, "0002_b", &[a(), failed.clone()]) else {
        panic!("it failed")
    };
    let expected =
        Record { steps: steps(), adopted: vec!["B".to_owned()], ..record("0002_b", 'b') };
    assert_eq!(*applied, expected);
    let Ok(Change::Write(applied)) = resolve(Applied, "0002_b", &[a()]) else {
        panic!("it is pending")
    };
    let adopted = vec!["A".to_owned(), "B".to_owned()];
    assert_eq!(*applied, Record { steps: steps(), adopted, ..record("0002_b", 'b') });
    // A script that cannot be recorded: the tables come from its snapshot.
    let effects = Effects { steps: Vec::new(), created: vec!["A".to_owned(), "B".to_owned()] };
    let unrecorded = mizzle_core::ledger::resolve(
        Applied,
        "0002_b",
        (&scripts, &[a(), failed.clone()]),
        effects,
        new,
    );
    let adopted = vec!["B".to_owned()];
    let expected = Record { adopted, ..record("0002_b", 'b') };
    assert_eq!(unrecorded, Ok(Change::Write(Box::new(expected))));
    // A renamed script keeps its record.
    let renamed = resolve(AcceptChange, "0002_b", &[a(), record("0002_old", 'b')]);
    let record_of = Box::new(record("0002_b", 'b'));
    assert_eq!(renamed, Ok(Change::Rename { record: record_of, from: "0002_old".to_owned() }));
    // Roll back, forget.
    assert_eq!(resolve(RolledBack, "0002_b", &[a(), failed.clone()]), Ok(Change::Remove));
    assert_eq!(resolve(RolledBack, "0001_a", &[a()]), Ok(Change::Remove));
    assert_eq!(resolve(Forget, "0009_x", &[record("0009_x", 'x')]), Ok(Change::Remove));

    for (kind, migration, records, refusal) in [
        (AcceptChange, "0001_a", &[a()][..], Unresolvable::NotChanged("0001_a".to_owned())),
        (AcceptChange, "0001_a", &[], Unresolvable::NotRecorded("0001_a".to_owned())),
        (
            AcceptChange,
            "0002_b",
            std::slice::from_ref(&failed),
            Unresolvable::NotApplied("0002_b".to_owned()),
        ),
        (
            AcceptChange,
            "0009_x",
            &[record("0009_x", 'x')],
            Unresolvable::NoScript("0009_x".to_owned()),
        ),
        (Applied, "0001_a", &[a()], Unresolvable::AlreadyApplied("0001_a".to_owned())),
        (
            Applied,
            "0003_c",
            &[a()],
            Unresolvable::EarlierPending { name: "0003_c".to_owned(), earlier: name("0002_b") },
        ),
        (Applied, "0009_x", &[], Unresolvable::NoScript("0009_x".to_owned())),
        (
            RolledBack,
            "0001_a",
            &[a(), failed.clone()],
            Unresolvable::LaterApplied { name: "0001_a".to_owned(), later: name("0002_b") },
        ),
        (RolledBack, "0002_b", &[a()], Unresolvable::NotRecorded("0002_b".to_owned())),
        (Forget, "0001_a", &[a()], Unresolvable::HasScript("0001_a".to_owned())),
        (Forget, "0009_x", &[], Unresolvable::NotRecorded("0009_x".to_owned())),
    ] {
        assert_eq!(resolve(kind, migration, records), Err(refusal));
    }
}
