//! The folder as the commands use it, alone and concurrently.

use super::*;
use mizzle_core::history::{HistoryProblemKind, check};
use std::sync::Barrier;

const FILES: [&str; 2] = ["0001_create_users.snapshot.json", "0001_create_users.ts"];

fn open(folder: &Path) -> Result<Migrations, CommandError> {
    Migrations::open(folder, folder)
}

fn create_users() -> MigrationName {
    MigrationName { number: 1, name: "create_users".to_owned() }
}

/// Adds a migration after those that were read, without a change of the tables.
fn add(migrations: &Migrations, name: &str) -> Result<[PathBuf; 2], CommandError> {
    let snapshot = Snapshot::new(migrations.head().id, migrations.head().tables.values());
    migrations.add(&migrations.next(name), "script", &snapshot)
}

fn files(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_migration_is_two_files_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let [script, snapshot] = add(&open(folder.path()).unwrap(), "create_users").unwrap();
    assert_eq!(files(folder.path()), FILES);
    assert_eq!(script, folder.path().join(FILES[1]));
    assert_eq!(fs::read_to_string(script).unwrap(), "script");
    assert!(Snapshot::from_text(&fs::read_to_string(snapshot).unwrap()).is_ok());

    let again = open(folder.path()).unwrap();
    assert_eq!(again.next("x").to_string(), "0002_x");
    let error = again.add(&create_users(), "other", &Snapshot::new(None, [])).unwrap_err();
    assert_eq!(error.code, "migration-exists");
    assert_eq!(fs::read_to_string(folder.path().join(FILES[1])).unwrap(), "script");
}

#[test]
fn a_run_that_was_killed_after_its_commit_is_finished_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = Snapshot::new(None, []);
    let commit = folder.path().join(commit::COMMIT);
    fs::create_dir(&commit).unwrap();
    fs::write(commit.join(FILES[1]), "script").unwrap();
    fs::write(commit.join(FILES[0]), snapshot.to_text()).unwrap();
    assert_eq!(open(folder.path()).unwrap().head().id, Some(snapshot.id));
    assert_eq!(files(folder.path()), FILES);
}

#[test]
fn a_run_that_was_killed_before_its_commit_leaves_no_migration() {
    let folder = tempfile::tempdir().unwrap();
    let staging = folder.path().join(".mizzle-staging-abc");
    fs::create_dir(&staging).unwrap();
    fs::write(staging.join(FILES[1]), "half").unwrap();
    let migrations = open(folder.path()).unwrap();
    assert_eq!((migrations.head().id, migrations.next("x").number), (None, 1));
    assert_eq!(files(folder.path()), [""; 0]);
}

#[test]
fn a_file_in_the_way_of_an_interrupted_run_is_named_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let commit = folder.path().join(commit::COMMIT);
    fs::create_dir(&commit).unwrap();
    fs::write(commit.join(FILES[1]), "script").unwrap();
    fs::write(folder.path().join(FILES[1]), "edited").unwrap();
    let error = open(folder.path()).unwrap_err();
    assert_eq!(error.code, "migration-exists");
    assert!(error.message.contains(FILES[1]), "{}", error.message);
    assert!(error.hints[0].contains(commit::COMMIT), "{:?}", error.hints);
    assert_eq!(fs::read_to_string(folder.path().join(FILES[1])).unwrap(), "edited");
}

#[test]
fn of_many_that_start_from_one_state_one_succeeds() {
    for name in [None, Some("same_name")] {
        let folder = tempfile::tempdir().unwrap();
        let start = Barrier::new(4);
        let results: Vec<Result<_, CommandError>> = std::thread::scope(|scope| {
            let run = |number: usize| {
                let (start, folder) = (&start, folder.path());
                scope.spawn(move || {
                    let migrations = open(folder).unwrap();
                    start.wait();
                    let own = format!("by_run_{number}");
                    add(&migrations, name.unwrap_or(&own))
                })
            };
            let runs: Vec<_> = (0..4).map(run).collect();
            runs.into_iter().map(|run| run.join().unwrap()).collect()
        });
        let codes: Vec<&str> =
            results.iter().filter_map(|result| result.as_ref().err()).map(|e| e.code).collect();
        assert_eq!(codes, ["migrations-changed"; 3]);
        assert_eq!(files(folder.path()).len(), 2, "{:?}", files(folder.path()));
        assert_eq!(open(folder.path()).unwrap().next("x").number, 2);
    }
}

#[test]
fn those_who_try_again_end_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for run in 0..4 {
            let folder = folder.path();
            scope.spawn(move || {
                // One of the other three won each lost round.
                let done =
                    (0..4).any(|_| match add(&open(folder).unwrap(), &format!("by_run_{run}")) {
                        Ok(_) => true,
                        Err(error) => {
                            assert_eq!(error.code, "migrations-changed", "{error:?}");
                            false
                        }
                    });
                assert!(done, "run {run} lost more rounds than there are others");
            });
        }
    });
    let numbers: Vec<String> =
        files(folder.path()).iter().map(|file| file[..4].to_owned()).collect();
    assert_eq!(numbers, ["0001", "0001", "0002", "0002", "0003", "0003", "0004", "0004"]);
    assert_eq!(open(folder.path()).unwrap().next("x").number, 5);
}

#[test]
fn a_migration_that_came_meanwhile_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let migrations = open(folder.path()).unwrap();
    let theirs = Snapshot::new(None, []).to_text();
    fs::write(folder.path().join("0001_theirs.ts"), "").unwrap();
    fs::write(folder.path().join("0001_theirs.snapshot.json"), theirs).unwrap();
    let error = add(&migrations, "create_users").unwrap_err();
    assert_eq!(error.code, "migrations-changed");
    assert_eq!(files(folder.path()), ["0001_theirs.snapshot.json", "0001_theirs.ts"]);
}

#[test]
fn who_only_reads_does_not_wait_for_the_lock() {
    let folder = tempfile::tempdir().unwrap();
    let _held = FolderLock::acquire(folder.path(), Duration::ZERO).unwrap();
    assert_eq!(open(folder.path()).unwrap().next("x").number, 1);
}

#[test]
fn a_broken_line_says_what_to_do() {
    let first = Snapshot::new(None, []);
    let second = Snapshot::new(Some(first.id), []);
    for (snapshots, hint) in [
        (vec![("0001_a", &first), ("0001_b", &first)], "mizzle generate --rebase"),
        (vec![("0002_a", &second)], "restore the missing pair of files"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        for (name, snapshot) in snapshots {
            let file = folder.path().join(format!("{name}.snapshot.json"));
            fs::write(file, snapshot.to_text()).unwrap();
            fs::write(folder.path().join(format!("{name}.ts")), "").unwrap();
        }
        let error = open(folder.path()).unwrap_err();
        assert_eq!(error.code, "invalid-history");
        assert!(error.hints[0].contains(hint), "{:?}", error.hints);
    }
}

#[test]
fn every_number_counts() {
    for (file, next) in [
        ("snapshot.json", Some("0001_x")),
        ("0007_old.ts", Some("0008_x")),
        ("9999_old.ts", Some("10000_x")),
        ("4294967295_old.ts", Some("4294967296_x")),
        ("20240131235959_old.ts", Some("20240131235960_x")),
        ("18446744073709551614_old.ts", Some("18446744073709551615_x")),
        ("18446744073709551615_old.ts", None),
        ("18446744073709551616_old.ts", None),
        ("99999999999999999999999_old.snapshot.json", None),
        ("_old.ts", Some("0001_x")),
        ("99999999999999999999999.ts", Some("0001_x")),
        ("123_old.ts", Some("0001_x")),
        ("helpers.ts", Some("0001_x")),
        ("0007_old.test.ts", Some("0001_x")),
    ] {
        let folder = tempfile::tempdir().unwrap();
        // Scripts of the first format have no own snapshots, only a common one.
        for file in [file, "snapshot.json"] {
            fs::write(folder.path().join(file), r#"{"version":"1","tables":{}}"#).unwrap();
        }
        match (open(folder.path()), next) {
            (Ok(migrations), Some(next)) => assert_eq!(migrations.next("x").to_string(), next),
            (Err(error), None) => {
                assert_eq!(error.code, "bad-migration-number");
                assert!(error.message.contains(file), "{}", error.message);
            }
            (result, _) => panic!("{file}: {result:?}"),
        }
    }
}

#[test]
fn a_migration_is_not_half_a_migration() {
    let snapshot = Snapshot::new(None, []).to_text();
    for (files, missing) in [
        (&[("0001_a.ts", "")][..], Some("0001_a.snapshot.json")),
        (&[("0001_a.snapshot.json", &*snapshot)], Some("0001_a.ts")),
        (&[("0001_b.ts", ""), ("0001_a.snapshot.json", &snapshot)], Some("0001_b.snapshot.json")),
        (&[("0001_a.ts", ""), ("snapshot.json", r#"{"version":"1","tables":{}}"#)], None),
        (&[("0001_a.ts", ""), ("0001_a.snapshot.json", &snapshot)], None),
    ] {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        match (open(folder.path()), missing) {
            (Ok(_), None) => {}
            (Err(error), Some(missing)) => {
                assert_eq!(error.code, "incomplete-migration");
                assert!(error.message.ends_with(&format!("has no {missing} beside it")));
            }
            (result, _) => panic!("{files:?}: {result:?}"),
        }
    }
}

/// Creates two migrations with the same parent, and the second one rebased onto the first.
fn forked(folder: &Path) -> Replacement {
    let first = Snapshot::new(None, []);
    for name in ["0001_ours", "0001_theirs"] {
        fs::write(folder.join(format!("{name}.snapshot.json")), first.to_text()).unwrap();
        fs::write(folder.join(format!("{name}.ts")), name).unwrap();
    }
    Replacement {
        from: MigrationName { number: 1, name: "theirs".to_owned() },
        to: MigrationName { number: 2, name: "theirs".to_owned() },
        script: "0001_theirs".to_owned(),
        snapshot: Snapshot::new(Some(first.id), []),
    }
}

fn inspect(folder: &Path) -> Inspection {
    Inspection::of(folder, folder, Vec::new(), |_| Ok(Vec::new())).unwrap()
}

#[test]
fn migrations_take_the_places_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let replacement = forked(folder.path());
    let inspection = inspect(folder.path());
    let kinds: Vec<HistoryProblemKind> =
        check(&inspection.history).into_iter().map(|problem| problem.kind).collect();
    assert_eq!(kinds, [HistoryProblemKind::Forked]);
    let new = inspection.replace(&[replacement]).unwrap();
    let expected = ["0002_theirs.ts", "0002_theirs.snapshot.json"];
    assert_eq!(new, expected.map(|file| folder.path().join(file)));
    assert_eq!(
        files(folder.path()),
        ["0001_ours.snapshot.json", "0001_ours.ts", "0002_theirs.snapshot.json", "0002_theirs.ts"]
    );
    assert_eq!(check(&inspect(folder.path()).history), []);
    assert_eq!(open(folder.path()).unwrap().next("x").number, 3);
}

#[test]
fn what_changed_since_it_was_inspected_is_not_replaced() {
    let snapshot = Snapshot::new(None, []).to_text();
    for (file, text) in [
        ("0001_theirs.ts", "edited"),
        ("0001_ours.ts", "edited"),
        ("0003_more.ts", "new"),
        ("0003_more.snapshot.json", &snapshot),
        ("snapshot.json", "{}"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let replacement = forked(folder.path());
        let inspection = inspect(folder.path());
        fs::write(folder.path().join(file), text).unwrap();
        let before = files(folder.path());
        let error = inspection.replace(&[replacement]).unwrap_err();
        assert_eq!(error.code, "migrations-changed", "{file}");
        assert_eq!(files(folder.path()), before);
    }
    let folder = tempfile::tempdir().unwrap();
    let replacement = forked(folder.path());
    let inspection = inspect(folder.path());
    fs::write(folder.path().join("notes.md"), "no migration").unwrap();
    inspection.replace(&[replacement]).unwrap();
}

/// The next reader of the folder completes the commit of a killed run.
#[test]
fn a_replacement_that_was_killed_is_finished_by_whoever_looks_next() {
    type Look = fn(&Path) -> u64;
    let looks: [Look; 2] = [
        |folder| open(folder).unwrap().next("x").number,
        |folder| {
            let history = inspect(folder).history;
            assert_eq!(check(&history), []);
            history.migrations.last().unwrap().name.number + 1
        },
    ];
    for look in looks {
        let folder = tempfile::tempdir().unwrap();
        let Replacement { from, to, script, snapshot } = forked(folder.path());
        let commit = folder.path().join(commit::COMMIT);
        fs::create_dir_all(commit.join("removed")).unwrap();
        for file in [from.script_file(), from.snapshot_file()] {
            fs::copy(folder.path().join(&file), commit.join("removed").join(&file)).unwrap();
        }
        fs::remove_file(folder.path().join(from.script_file())).unwrap();
        fs::write(commit.join(to.script_file()), script).unwrap();
        fs::write(commit.join(to.snapshot_file()), snapshot.to_text()).unwrap();
        assert_eq!(look(folder.path()), 3);
        assert_eq!(files(folder.path()).len(), 4);
    }
}

#[test]
fn a_file_that_was_changed_after_a_kill_is_named_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let Replacement { from, .. } = forked(folder.path());
    let commit = folder.path().join(commit::COMMIT);
    fs::create_dir_all(commit.join("removed")).unwrap();
    fs::write(commit.join("removed").join(from.script_file()), "as it was").unwrap();
    let error = open(folder.path()).unwrap_err();
    assert_eq!(error.code, "migration-exists");
    assert!(error.message.contains("yet to remove 0001_theirs.ts"), "{}", error.message);
    assert_eq!(fs::read_to_string(folder.path().join("0001_theirs.ts")).unwrap(), "0001_theirs");
}
