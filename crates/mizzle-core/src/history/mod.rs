//! Validates the migration history for `mizzle check`, and rebases merged branches. Pure: callers
//! pass the files' contents and the recorded script runs.

mod branches;
mod chain;
mod rebase;
mod rehearsal;
mod replay;
mod timeline;

pub use branches::{RebaseError, Rebased, rebase_branches};
pub use chain::RENUMBER;
pub(crate) use rebase::Merger;
pub use rebase::{Conflict, rebase};
pub use rehearsal::{Passage, Rehearsal, passages};
pub use timeline::{RemovedTable, TableForms, Timeline};

use crate::{
    diff::{TableDiff, diff, released},
    model::TableDefinition,
    plan::Call,
    snapshot::{FIRST_FORMAT, MigrationName, Snapshot},
};
use chain::{Chain, Parent};
use serde::Serialize;
use std::collections::BTreeMap;

/// Tables by name.
pub type Tables = BTreeMap<String, TableDefinition>;

/// The contents of the migrations folder, and the schema.
#[derive(Debug, Clone)]
pub struct History {
    /// The tables of a `snapshot.json` of the first format; `None` if there is no such file.
    pub baseline: Option<Result<Tables, Unreadable>>,
    /// The migrations, in any order.
    pub migrations: Vec<Migration>,
    /// The tables of the schema.
    pub schema: Tables,
}

/// A migration: a script, and the snapshot of the tables after it.
#[derive(Debug, Clone)]
pub struct Migration {
    /// The number and name.
    pub name: MigrationName,
    /// The control-plane calls that its `up` makes, in order; `None` if there is no script.
    pub script: Option<Result<Vec<Call>, Unreadable>>,
    /// The snapshot; `None` if there is none.
    pub snapshot: Option<Result<Snapshot, Unreadable>>,
}

/// The error of a file that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The cause.
    pub message: String,
    /// The suggested fix.
    pub hint: String,
}

/// The kind of a problem. Its kebab-case name is stable, because `--json` contains it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HistoryProblemKind {
    /// The snapshot of the first format cannot be read.
    UnreadableBaseline,
    /// Two migrations have the same number.
    DuplicateNumber,
    /// A number is missing between two migrations, or before the first.
    MissingNumber,
    /// A snapshot has no script.
    MissingScript,
    /// A script has no snapshot.
    MissingSnapshot,
    /// A script cannot be read, or cannot be run to record its calls.
    UnreadableScript,
    /// A snapshot cannot be read.
    UnreadableSnapshot,
    /// Two snapshots start from the same one: two branches were merged.
    Forked,
    /// A snapshot starts from one that does not exist.
    MissingParent,
    /// A snapshot starts from one that comes after it.
    OutOfOrder,
    /// DynamoDB would refuse a call of a script.
    RefusedCall,
    /// The calls of a script do not result in its snapshot.
    WrongSnapshot,
    /// The schema differs from the newest snapshot.
    SchemaChanged,
}

/// A problem of a migration history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HistoryProblem {
    /// The kind.
    pub kind: HistoryProblemKind,
    /// The name of the file within the migrations folder; empty for the folder as a whole.
    pub file: String,
    /// The problem.
    pub message: String,
    /// The suggested fix.
    pub hint: String,
}

/// Checks a history: every migration in order, then the schema.
///
/// Consequences of a reported problem are not reported: without its predecessor a snapshot cannot
/// be checked, nor can the schema without the newest snapshot.
pub fn check(history: &History) -> Vec<HistoryProblem> {
    let chain = Chain::of(history);
    let mut problems: Vec<HistoryProblem> = baseline(history).into_iter().collect();
    for position in 0..chain.migrations.len() {
        problems.extend(chain.number(position));
        problems.extend(chain.files(position));
        problems.extend(chain.parentage(position));
        problems.extend(replayed(&chain, position));
    }
    problems.extend(schema(history, &chain));
    problems
}

/// Reports a snapshot of the first format that cannot be read.
fn baseline(history: &History) -> Option<HistoryProblem> {
    let Some(Err(Unreadable { message, hint })) = &history.baseline else { return None };
    let (message, hint) = (message.clone(), hint.clone());
    let (kind, file) = (HistoryProblemKind::UnreadableBaseline, FIRST_FORMAT.to_owned());
    Some(HistoryProblem { kind, file, message, hint })
}

/// Checks that the script of a migration leads from the snapshot before it to its own.
fn replayed(chain: &Chain<'_>, position: usize) -> Vec<HistoryProblem> {
    let migration = chain.migrations[position];
    let (Some(Ok(calls)), Some(Ok(snapshot))) = (&migration.script, &migration.snapshot) else {
        return Vec::new();
    };
    let before = match chain.parent(snapshot) {
        Parent::Beginning(Some(tables)) => tables,
        Parent::Snapshot(_, parent) => &parent.tables,
        Parent::Beginning(None) | Parent::Missing => return Vec::new(),
    };
    replay::check(migration, before, calls, &snapshot.tables)
}

/// Checks that the newest snapshot equals the schema.
fn schema(history: &History, chain: &Chain<'_>) -> Vec<HistoryProblem> {
    let Some((newest, tables)) = chain.head() else { return Vec::new() };
    let (file, since) = match newest {
        Some(name) => (name.snapshot_file(), format!("The schema has changed since {name}")),
        None if history.baseline.is_some() => {
            (FIRST_FORMAT.to_owned(), format!("The schema has changed since {FIRST_FORMAT}"))
        }
        None => (String::new(), "There is no migration for the schema yet".to_owned()),
    };
    let problem = |(change, hint): (String, String)| HistoryProblem {
        kind: HistoryProblemKind::SchemaChanged,
        file: file.clone(),
        message: format!("{since}: {change}"),
        hint,
    };
    let generate = || "run `mizzle generate`, which writes a migration for it".to_owned();
    let hint = |table: &TableDiff| match table {
        TableDiff::Update(update) if update.needs_replacement() => format!(
            "run `mizzle generate --replace {}`, which writes a migration that deletes the table and creates it again; or undo the change in the schema",
            update.after.table_name
        ),
        TableDiff::Create(_) | TableDiff::Update(_) | TableDiff::Delete(_) => generate(),
    };
    let schema = history.schema.values();
    let changed = diff(tables.values(), schema.clone());
    let released = released(tables.values(), schema);
    let released = released.iter().map(|released| {
        let details = released.details().join("; ");
        (format!("change table {}: {details}", released.table), generate())
    });
    let changed = changed.tables.iter().map(|table| (words(table), hint(table)));
    changed.chain(released).map(problem).collect()
}

/// Describes the change of a table: `change table Shop: add GSI byEmail (email S) ALL`.
fn words(table: &TableDiff) -> String {
    let name = table.table();
    match table {
        TableDiff::Create(_) => format!("create table {name}"),
        TableDiff::Delete(_) => format!("delete table {name}"),
        TableDiff::Update(_) => format!("change table {name}: {}", table.details().join("; ")),
    }
}
