//! The status of scripts in the ledger, and the mismatches.

use super::{migration, record};
use mizzle_core::{
    ledger::{
        AppliedBy, ChangedFile, FileChange, LedgerProblem, Migration, MigrationStatus, Record,
        RecordState, standings,
    },
    snapshot::MigrationName,
};
use std::collections::BTreeMap;

#[test]
fn scripts_stand_to_the_ledger_as_it_says() {
    let scripts =
        ["0001_a", "0002_b", "0003_c", "0004_d"].map(|name| migration(name, 'x')).to_vec();
    let with = |name: &str, state| Record { state, ..record(name, 'x') };
    let records = [
        with("0001_a", RecordState::Applied),
        with("0002_b", RecordState::Failed),
        with("0003_c", RecordState::Running),
    ];
    let (found, problems) = standings(&scripts, &records, None);
    assert_eq!(
        found,
        [
            MigrationStatus::Applied,
            MigrationStatus::Failed,
            MigrationStatus::Unfinished,
            MigrationStatus::Pending
        ]
    );
    assert_eq!(problems, []);
}

#[test]
fn what_does_not_fit_is_named() {
    let scripts =
        [migration("0001_a", 'a'), migration("0002_b", 'b'), migration("0003_c", 'c')].to_vec();
    let name = |name: &str| MigrationName::parse(name).unwrap();
    let with = |state, steps: usize| Record {
        state,
        steps: vec!["DeleteTable A 1".to_owned(); steps],
        ..record("0007_gone", 'x')
    };
    let missing =
        |state, steps| LedgerProblem::Missing { name: "0007_gone".to_owned(), state, steps };
    let abandoned = || LedgerProblem::Abandoned("0007_gone".to_owned());
    let begun =
        Record { creating: Some("CreateTable A 1".to_owned()), ..with(RecordState::Running, 0) };
    for (last, expected) in [
        (with(RecordState::Applied, 0), missing(RecordState::Applied, 0)),
        (with(RecordState::Failed, 2), missing(RecordState::Failed, 2)),
        (with(RecordState::Failed, 0), abandoned()),
        (with(RecordState::Running, 1), missing(RecordState::Running, 1)),
        (with(RecordState::Running, 0), abandoned()),
        (begun, missing(RecordState::Running, 1)),
        (with(RecordState::Undoing, 0), missing(RecordState::Undoing, 0)),
    ] {
        let is_abandoned = expected == abandoned();
        let records = [record("0001_a", 'y'), record("0003_c", 'c'), last];
        let (pending, later) = (name("0002_b"), name("0003_c"));
        let order =
            LedgerProblem::OutOfOrder { pending, later, standing: MigrationStatus::Applied };
        let problems = standings(&scripts, &records, None).1;
        let changed = LedgerProblem::Changed {
            name: name("0001_a"),
            files: vec![ChangedFile { name: "0001_a.ts".to_owned(), change: FileChange::Differs }],
            applied: AppliedBy { at: 0, by: "ada@host".to_owned() },
        };
        assert_eq!(problems, [changed, order, expected]);
        let in_the_way: Vec<bool> = problems.iter().map(LedgerProblem::is_in_the_way).collect();
        assert_eq!(in_the_way, [true, true, !is_abandoned]);
    }
}

/// Returns a set of files with their fingerprints.
fn files(files: &[(&str, char)]) -> BTreeMap<String, String> {
    files.iter().map(|(name, checksum)| ((*name).to_owned(), checksum.to_string())).collect()
}

#[test]
fn the_file_that_changed_is_named() {
    let (script, names, more) = ("0002_b.ts", "../src/names.ts", "../src/more.ts");
    for (before, now, words) in [
        (&[][..], &[][..], ": 0002_b.ts differs"),
        (
            &[(script, 's'), (names, 'n')],
            &[(script, 's'), (names, 'm')],
            ": ../src/names.ts differs",
        ),
        (
            &[(script, 's'), (names, 'n')],
            &[(script, 't'), (names, 'n'), (more, 'm')],
            ": 0002_b.ts differs; ../src/more.ts was not imported then",
        ),
        (
            &[(script, 's'), (names, 'n'), (more, 'm')],
            &[(script, 't'), (names, 'o')],
            ": ../src/names.ts and 0002_b.ts differ; ../src/more.ts is gone or not imported any more",
        ),
        // A script without imports is one file, with the fingerprint of the whole.
        (&[], &[(script, 'y'), (names, 'n')], ": ../src/names.ts was not imported then"),
        (
            &[(script, 'x'), (names, 'n'), (more, 'm')],
            &[],
            ": ../src/more.ts and ../src/names.ts are gone or not imported any more",
        ),
    ] {
        let scripts = [Migration { files: files(now), ..migration("0002_b", 'x') }];
        let record = Record {
            files: files(before),
            finished_at: Some(1_764_324_672),
            ..record("0002_b", 'y')
        };
        let problems = standings(&scripts, &[record], None).1;
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let expected = format!(
            "0002_b was changed after it was applied (2025-11-28T10:11:12Z by ada@host){words}"
        );
        assert_eq!(problems, [expected]);
    }
}

#[test]
fn a_renamed_script_is_recognised() {
    let problems = |scripts: &[Migration], records: &[Record]| {
        let problems = standings(scripts, records, None).1;
        problems.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let scripts = [migration("0001_a", 'a'), migration("0002_new", 'b'), migration("0003_c", 'c')];
    let records = [record("0001_a", 'a'), record("0002_old", 'b'), record("0003_c", 'c')];
    assert_eq!(
        problems(&scripts, &records),
        [
            "0002_new is the migration that was applied as 0002_old (1970-01-01T00:00:00Z by ada@host)"
        ]
    );
    // Scripts with the same content (empty ones) cannot be distinguished.
    let twins = [&scripts[..2], &[migration("0004_d", 'b')]].concat();
    let named = problems(&twins, &records[..2]);
    assert!(!named.iter().any(|problem| problem.contains("applied as")), "{named:?}");
    let failed = Record { state: RecordState::Failed, ..record("0002_old", 'b') };
    let named = problems(&scripts[..2], &[records[0].clone(), failed]);
    assert!(!named.iter().any(|problem| problem.contains("applied as")), "{named:?}");
}

#[test]
fn a_ledger_of_another_project_is_recognised() {
    let of = |record: Record, project: &str| Record { project: Some(project.to_owned()), ..record };
    let own = [migration("0001_init", 'a'), migration("0002_b", 'b')];
    let other = [record("0001_init", 'x'), record("0002_users", 'y')];
    let foreign = |scripts: &[Migration], records: &[Record], project: Option<&str>| {
        let (standings, problems) = standings(scripts, records, project);
        match problems.as_slice() {
            [LedgerProblem::Foreign { project, migrations }] => {
                assert_eq!(*migrations, records.len());
                assert!(standings.iter().all(|standing| *standing == MigrationStatus::Pending));
                Some(project.clone())
            }
            _ => None,
        }
    };
    assert_eq!(foreign(&own, &other, None), Some(None));
    let named = other.clone().map(|record| of(record, "billing"));
    assert_eq!(foreign(&own, &named, Some("shop")), Some(Some("billing".to_owned())));
    assert_eq!(foreign(&[], &named, Some("shop")), Some(Some("billing".to_owned())));
    // Names that match by chance.
    let init = [of(record("0001_init", 'x'), "billing")];
    assert_eq!(foreign(&own, &init, Some("shop")), Some(Some("billing".to_owned())));
    // The records of a project without a name contain no project name.
    assert_eq!(foreign(&own, &init, None), Some(Some("billing".to_owned())));
    for (scripts, records, project) in [
        (&own[..], &[][..], None),
        // A script that both have.
        (&own, &[record("0001_init", 'a'), record("0002_users", 'y')], None),
        // Scripts that were changed.
        (&own, &[record("0001_init", 'x'), record("0002_b", 'y')], None),
        // The project's own records, although no script matches.
        (&own, &other.clone().map(|record| of(record, "shop")), Some("shop")),
        // The package was renamed.
        (&own, &[of(record("0001_init", 'a'), "old")], Some("shop")),
        // No scripts, and no names to compare.
        (&[], &other, Some("shop")),
    ] {
        assert_eq!(foreign(scripts, records, project), None, "{records:?}");
    }
}

#[test]
fn a_script_before_one_that_was_begun_is_out_of_order() {
    let scripts = ["0001_a", "0002_b"].map(|name| migration(name, 'x')).to_vec();
    for (state, words) in [
        (
            RecordState::Applied,
            "0001_a comes before 0002_b, which was applied, and was not applied itself",
        ),
        (
            RecordState::Failed,
            "0001_a comes before 0002_b, which failed, and was not applied itself",
        ),
        (
            RecordState::Running,
            "0001_a comes before 0002_b, which was begun, and was not applied itself",
        ),
        (
            RecordState::Undoing,
            "0001_a comes before 0002_b, which is being undone, and was not applied itself",
        ),
    ] {
        let records = [Record { state, ..record("0002_b", 'x') }];
        let problems: Vec<String> =
            standings(&scripts, &records, None).1.iter().map(ToString::to_string).collect();
        assert_eq!(problems, [words]);
    }
}
