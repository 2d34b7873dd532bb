//! Branches that were merged: the migrations that move, their new places, and the refusals.

use crate::{
    rebase::branches,
    support::{TableExt, table},
};
use mizzle_core::{
    diff::diff,
    history::{
        History, Migration, RebaseError, Rebased, Tables, Unreadable, check, rebase_branches,
    },
    model::{Projection, TableDefinition},
    plan::{Call, Context, plan},
    snapshot::{MigrationName, Snapshot},
};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn tables(tables: impl IntoIterator<Item = TableDefinition>) -> Tables {
    tables.into_iter().map(|table| (table.table_name.clone(), table.normalised())).collect()
}

/// Returns tables without an index: `A` is TableA.
fn plain(names: &[&str]) -> Tables {
    tables(names.iter().map(|name| table(&format!("Table{name}"))))
}

fn indexed(indexes: &[&str]) -> Tables {
    let add = |table: TableDefinition, name: &&str| {
        table.gsi(&format!("by_{name}"), &[name], &[], Projection::all())
    };
    tables([indexes.iter().fold(table("Shop"), add)])
}

fn name(name: &str) -> MigrationName {
    MigrationName::parse(name).unwrap()
}

fn named(names: &[&str]) -> BTreeSet<MigrationName> {
    names.iter().map(|one| name(one)).collect()
}

/// Returns the calls from one state to the other; `None` if DynamoDB does not support the change.
fn calls(before: &Tables, after: &Tables) -> Option<Vec<Call>> {
    let plan = plan(&diff(before.values(), after.values()), &Context::default());
    plan.blocked.is_empty().then(|| plan.steps.into_iter().map(|step| step.call).collect())
}

/// Creates a history of migrations by name, each with its parent and the tables after it.
fn history(migrations: &[(&str, &str, Tables)]) -> History {
    let mut history = History { baseline: None, migrations: Vec::new(), schema: Tables::new() };
    for (own, parent, after) in migrations {
        let found = history.migrations.iter().find(|other| other.name.to_string() == *parent);
        let parent = found.and_then(|parent| parent.snapshot.as_ref()?.as_ref().ok());
        let before = parent.map(|parent| parent.tables.clone()).unwrap_or_default();
        let snapshot = Snapshot::new(parent.map(|parent| parent.id), after.values());
        history.migrations.push(Migration {
            name: name(own),
            script: Some(Ok(calls(&before, after).unwrap())),
            snapshot: Some(Ok(snapshot)),
        });
    }
    history
}

/// Returns the history after the move, with regenerated scripts.
fn moved(mut history: History, rebased: &[Rebased]) -> Option<History> {
    history.migrations.retain(|one| rebased.iter().all(|moved| moved.from != one.name));
    for Rebased { to, before, snapshot, .. } in rebased {
        history.migrations.push(Migration {
            name: to.clone(),
            script: Some(Ok(calls(before, &snapshot.tables)?)),
            snapshot: Some(Ok(snapshot.clone())),
        });
    }
    history.migrations.sort_by(|a, b| a.name.cmp(&b.name));
    let newest = history.migrations.last()?.snapshot.clone()?.ok()?;
    history.schema = newest.tables;
    Some(history)
}

/// Returns the moves, and asserts that the result is valid.
#[track_caller]
fn line(history: &History, names: &[&str]) -> Vec<String> {
    let rebased = rebase_branches(history, &named(names)).unwrap();
    let Some(after) = moved(history.clone(), &rebased) else { return Vec::new() };
    assert_eq!(check(&after), []);
    assert_eq!(rebase_branches(&after, &BTreeSet::new()), Ok(Vec::new()));
    rebased.iter().map(|moved| format!("{} -> {}", moved.from, moved.to)).collect()
}

#[test]
fn the_branch_that_comes_last_moves_unless_another_one_is_named() {
    let two = history(&[
        ("0001_init", "", indexed(&[])),
        ("0002_ours", "0001_init", indexed(&["a"])),
        ("0003_more", "0002_ours", indexed(&["a", "b"])),
        ("0002_theirs", "0001_init", indexed(&["x"])),
        ("0003_them", "0002_theirs", indexed(&["x", "y"])),
        ("0004_end", "0003_them", indexed(&["y"])),
    ]);
    let theirs = ["0002_theirs -> 0004_theirs", "0003_them -> 0005_them", "0004_end -> 0006_end"];
    assert_eq!(line(&two, &[]), theirs);
    for name in ["0002_theirs", "0003_them", "0004_end"] {
        assert_eq!(line(&two, &[name]), theirs);
    }
    let ours = ["0002_ours -> 0005_ours", "0003_more -> 0006_more"];
    assert_eq!(line(&two, &["0002_ours"]), ours);
    assert_eq!(line(&two, &["0003_more", "0002_ours"]), ours);
}

#[test]
fn a_lower_number_stays_and_equal_names_do_not_matter() {
    let numbers = history(&[
        ("0001_init", "", plain(&["A"])),
        ("0002_z", "0001_init", plain(&["A", "Z"])),
        ("0003_a", "0001_init", plain(&["A", "B"])),
    ]);
    assert_eq!(line(&numbers, &[]), ["0003_a -> 0003_a"]);
    let names = history(&[
        ("0001_init", "", plain(&["A"])),
        ("0002_a", "0001_init", plain(&["A", "B"])),
        ("0002_b", "0001_init", plain(&["A", "C"])),
        ("0003_b", "0002_b", plain(&["A", "C", "D"])),
    ]);
    assert_eq!(line(&names, &[]), ["0002_b -> 0003_b", "0003_b -> 0004_b"]);
}

#[test]
fn one_line_needs_nothing() {
    let more = [("0001_init", "", plain(&["A"])), ("0002_more", "0001_init", plain(&["A", "B"]))];
    assert_eq!(line(&history(&[]), &[]), [""; 0]);
    assert_eq!(line(&history(&more), &[]), [""; 0]);
    assert_eq!(line(&history(&more), &["0002_more"]), [""; 0]);
}

#[test]
fn branches_from_the_beginning_of_branches_and_more_than_two() {
    let many = history(&[
        ("0001_a", "", plain(&["A"])),
        ("0002_aa", "0001_a", plain(&["A", "AA"])),
        ("0002_ab", "0001_a", plain(&["A", "AB"])),
        ("0001_b", "", plain(&["B"])),
        ("0001_c", "", plain(&["C"])),
        ("0002_cc", "0001_c", plain(&["C", "CC"])),
    ]);
    let all = ["0002_ab -> 0003_ab", "0001_b -> 0004_b", "0001_c -> 0005_c", "0002_cc -> 0006_cc"];
    assert_eq!(line(&many, &[]), all);
}

#[test]
fn what_both_did_is_done_once() {
    let same = history(&[
        ("0001_init", "", indexed(&[])),
        ("0002_a", "0001_init", indexed(&["a", "x"])),
        ("0002_b", "0001_init", indexed(&["a"])),
    ]);
    let rebased = rebase_branches(&same, &BTreeSet::new()).unwrap();
    assert_eq!(rebased[0].snapshot.tables, indexed(&["a", "x"]));
    assert_eq!(calls(&rebased[0].before, &rebased[0].snapshot.tables), Some(Vec::new()));
    assert_eq!(line(&same, &[]), ["0002_b -> 0003_b"]);
}

/// Two migrations that leave the tables unchanged, for example, have the same snapshot.
#[test]
fn what_follows_twins_has_to_be_named() {
    let twins = history(&[
        ("0001_init", "", plain(&["A"])),
        ("0002_one", "0001_init", plain(&["A"])),
        ("0002_two", "0001_init", plain(&["A"])),
    ]);
    assert_eq!(line(&twins, &[]), ["0002_two -> 0003_two"]);
    let mut followed = twins;
    let next = history(&[
        ("0001_init", "", plain(&["A"])),
        ("0002_one", "0001_init", plain(&["A"])),
        ("0003_next", "0002_one", plain(&["A", "B"])),
    ]);
    followed.migrations.extend(next.migrations.into_iter().skip(2));
    let error = rebase_branches(&followed, &BTreeSet::new()).unwrap_err();
    let twins = vec![name("0002_one"), name("0002_two")];
    assert_eq!(error, RebaseError::Ambiguous { migration: name("0003_next"), twins });
    assert_eq!(line(&followed, &["0002_two"]), ["0002_two -> 0004_two"]);
    assert_eq!(line(&followed, &["0002_one"]), ["0002_one -> 0004_one"]);
    assert_eq!(
        line(&followed, &["0002_two", "0003_next"]),
        ["0002_two -> 0003_two", "0003_next -> 0004_next"]
    );
}

#[test]
fn what_cannot_be_is_said() {
    let forked = || {
        history(&[
            ("0001_init", "", indexed(&["a"])),
            ("0002_ours", "0001_init", indexed(&[])),
            ("0002_theirs", "0001_init", indexed(&["a", "b"])),
            ("0003_them", "0002_theirs", indexed(&["a"])),
        ])
    };
    let unreadable = || Unreadable { message: "it is torn".to_owned(), hint: "mend it".to_owned() };
    let clashing = {
        let rebuilt = table("Shop").gsi("by_a", &["other"], &[], Projection::all());
        history(&[
            ("0001_init", "", indexed(&["a"])),
            ("0002_ours", "0001_init", indexed(&[])),
            ("0002_theirs", "0001_init", tables([rebuilt])),
        ])
    };
    let last = history(&[
        ("0001_init", "", indexed(&[])),
        ("18446744073709551615_a", "0001_init", plain(&["A"])),
        ("18446744073709551615_b", "0001_init", plain(&["B"])),
    ]);
    let changed = |change: fn(&mut History, Unreadable)| {
        let mut history = forked();
        change(&mut history, unreadable());
        history
    };
    let cases = [
        ("a common migration", forked(), named(&["0001_init"])),
        ("all branches", forked(), named(&["0002_ours", "0003_them"])),
        ("the same index", clashing, named(&[])),
        ("no number", last, named(&[])),
        (
            "a file that cannot be read, and one that is gone",
            changed(|history, unreadable| {
                history.migrations[1].snapshot = Some(Err(unreadable));
                history.migrations[2].script = None;
            }),
            named(&[]),
        ),
        (
            "a parent that is gone",
            changed(|history, _| drop(history.migrations.remove(0))),
            named(&[]),
        ),
        (
            "a baseline that cannot be read",
            changed(|history, unreadable| history.baseline = Some(Err(unreadable))),
            named(&[]),
        ),
    ];
    let sections = cases.map(|(title, history, names)| {
        let error = rebase_branches(&history, &names).unwrap_err();
        let details: Vec<String> = match &error {
            RebaseError::Unsound(problems) => {
                problems.iter().map(|problem| problem.message.clone()).collect()
            }
            RebaseError::Conflicts { conflicts, .. } => {
                conflicts.iter().map(ToString::to_string).collect()
            }
            RebaseError::Stays { .. }
            | RebaseError::Ambiguous { .. }
            | RebaseError::NoNumber(_) => Vec::new(),
        };
        let details: String = details.iter().map(|detail| format!("\n    {detail}")).collect();
        format!("# {title}\n{error}{details}")
    });
    insta::assert_snapshot!(sections.join("\n\n"));
}

#[test]
fn scripts_of_the_first_format_stay_before_all() {
    let mut old = history(&[("0003_ours", "", plain(&["A"])), ("0003_theirs", "", plain(&["B"]))]);
    old.baseline = Some(Ok(Tables::new()));
    for number in 1..3 {
        old.migrations.push(Migration {
            name: MigrationName { number, name: "old".to_owned() },
            script: Some(Err(Unreadable { message: String::new(), hint: String::new() })),
            snapshot: None,
        });
    }
    let rebased = rebase_branches(&old, &BTreeSet::new()).unwrap();
    assert_eq!((rebased.len(), rebased[0].to.to_string()), (1, "0004_theirs".to_owned()));
}

proptest! {
    /// Compatible branches become one line, in which `check` finds no problem.
    #[test]
    fn a_line_is_sound([common, a, b] in branches()) {
        let [common, a, b] = [common, a, b].map(|table| tables([table]));
        let feasible = [(&common, &a), (&common, &b)].iter().all(|(x, y)| calls(x, y).is_some());
        prop_assume!(feasible);
        let history = history(&[
            ("0001_init", "", common),
            ("0002_a", "0001_init", a),
            ("0002_b", "0001_init", b),
        ]);
        // The fork alone: other problems have tests of their own.
        prop_assume!(check(&history).len() == 1);
        if let Ok(rebased) = rebase_branches(&history, &BTreeSet::new())
            && let Some(history) = moved(history, &rebased)
        {
            prop_assert_eq!(check(&history), []);
        }
    }
}
