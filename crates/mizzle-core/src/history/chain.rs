//! The chain of migrations: their numbers, their files, and the parents of their snapshots.

use super::{History, HistoryProblem, HistoryProblemKind as Kind, Migration, Tables, Unreadable};
use crate::snapshot::{MigrationName, Snapshot};

/// The migrations in their order.
pub(super) struct Chain<'a> {
    pub(super) migrations: Vec<&'a Migration>,
    /// The state before all migrations; `None` if it cannot be read.
    pub(super) baseline: Option<&'a Tables>,
    /// The number of migrations whose scripts have the first format, which had no snapshots.
    pub(super) first_format: usize,
}

/// The parent of a snapshot.
pub(super) enum Parent<'a> {
    /// The state before all migrations, if it can be read.
    Beginning(Option<&'a Tables>),
    /// The snapshot of the migration at this position.
    Snapshot(usize, &'a Snapshot),
    /// A snapshot that is missing or cannot be read.
    Missing,
}

/// The state before the first migration of a project without a baseline.
static NOTHING: Tables = Tables::new();

const REBASE: &str = "run `mizzle generate --rebase`, which puts the migrations of one branch behind those of the other";
/// The fix for migrations whose numbers are not in the order of their snapshots.
pub const RENUMBER: &str = "migrations run by their numbers: give this one its number back, or rename script and snapshot of both";
const RESTORE: &str = "restore the missing migration (script and snapshot) from version control";

impl<'a> Chain<'a> {
    pub(super) fn of(history: &'a History) -> Self {
        let mut migrations: Vec<&Migration> = history.migrations.iter().collect();
        migrations.sort_by(|a, b| a.name.cmp(&b.name));
        let has_snapshot = |migration: &&Migration| migration.snapshot.is_some();
        let first_format = match history.baseline {
            Some(_) => migrations.iter().position(has_snapshot).unwrap_or(migrations.len()),
            None => 0,
        };
        let baseline = match &history.baseline {
            None => Some(&NOTHING),
            Some(tables) => tables.as_ref().ok(),
        };
        Self { migrations, baseline, first_format }
    }

    /// Returns the newest migration, if there is one, and the tables after it; `None` if the
    /// snapshots are not an unbroken chain.
    pub(super) fn head(&self) -> Option<(Option<&'a MigrationName>, &'a Tables)> {
        let mut positions = self.first_format..self.migrations.len();
        let is_sound =
            |position| self.snapshot(position).is_some() && self.parentage(position).is_none();
        if !positions.all(is_sound) {
            return None;
        }
        let newest = self.migrations.last().filter(|_| self.migrations.len() > self.first_format);
        match newest
            .and_then(|newest| Some((&newest.name, newest.snapshot.as_ref()?.as_ref().ok()?)))
        {
            Some((name, snapshot)) => Some((Some(name), &snapshot.tables)),
            None => self.baseline.map(|tables| (None, tables)),
        }
    }

    /// Checks that numbers count from 1 without gaps. (The first CLI sometimes began with 0.)
    pub(super) fn number(&self, position: usize) -> Option<HistoryProblem> {
        let name = &self.migrations[position].name;
        let before = position.checked_sub(1).map(|before| &self.migrations[before].name);
        let expected = before.map_or(1, |before| before.number.saturating_add(1));
        if let Some(twin) = before.filter(|before| before.number == name.number) {
            // A fork is reported separately.
            let is_forked =
                self.parentage(position).is_some_and(|problem| problem.kind == Kind::Forked);
            let message = format!("{twin} and {name} have the same number");
            let hint = "give one of them (script and snapshot) a number of its own";
            return (!is_forked)
                .then(|| self.problem(Kind::DuplicateNumber, position, message, hint));
        }
        (name.number > expected).then(|| {
            let message = match before {
                Some(before) => format!("There is no migration between {before} and {name}"),
                None => format!("There is no migration before {name}"),
            };
            let hint = format!(
                "restore number {expected:04} from version control, or, if there was none, give this script and its snapshot that number"
            );
            self.problem(Kind::MissingNumber, position, message, hint)
        })
    }

    /// Checks that each migration has two files that can be read.
    pub(super) fn files(&self, position: usize) -> Vec<HistoryProblem> {
        let Migration { name, script, snapshot } = self.migrations[position];
        let restore = |missing: String, present: String| {
            format!(
                "restore {missing} from version control; or, if the migration was never used, remove {present} as well"
            )
        };
        let mut problems = Vec::new();
        match script {
            Some(Ok(_)) => {}
            Some(Err(Unreadable { message, hint })) => {
                problems.push(self.problem(Kind::UnreadableScript, position, message, hint));
            }
            None => {
                let message = format!("{name} has a snapshot and no script");
                let hint = restore(name.script_file(), name.snapshot_file());
                problems.push(self.problem(Kind::MissingScript, position, message, hint));
            }
        }
        match snapshot {
            Some(Ok(_)) => {}
            Some(Err(Unreadable { message, hint })) => {
                problems.push(self.problem(Kind::UnreadableSnapshot, position, message, hint));
            }
            None if position < self.first_format => {}
            None => {
                let message = format!("{name} has a script and no snapshot");
                let hint = restore(name.snapshot_file(), name.script_file());
                problems.push(self.problem(Kind::MissingSnapshot, position, message, hint));
            }
        }
        problems
    }

    /// Checks that each snapshot starts from the one before it.
    pub(super) fn parentage(&self, position: usize) -> Option<HistoryProblem> {
        let name = &self.migrations[position].name;
        let snapshot = self.snapshot(position)?;
        let is_sibling = |&other: &usize| {
            self.snapshot(other).is_some_and(|other| other.parent_id == snapshot.parent_id)
        };
        let parent = self.parent(snapshot);
        if let Some(sibling) = (0..position).find(is_sibling) {
            let sibling = &self.migrations[sibling].name;
            let (from, hint) = match parent {
                Parent::Snapshot(parent, _) => (self.migrations[parent].name.to_string(), REBASE),
                Parent::Beginning(_) => ("the beginning".to_owned(), REBASE),
                Parent::Missing => ("one snapshot, which is not in the folder".to_owned(), RESTORE),
            };
            let message =
                format!("{sibling} and {name} both start from {from}: two branches were merged");
            return Some(self.problem(Kind::Forked, position, message, hint));
        }
        match parent {
            Parent::Beginning(_) => None,
            Parent::Snapshot(parent, _) if parent < position => None,
            Parent::Snapshot(parent, _) => {
                let parent = &self.migrations[parent].name;
                let message = format!("{name} starts from {parent}, which comes after it");
                Some(self.problem(Kind::OutOfOrder, position, message, RENUMBER))
            }
            // The parent may be a migration that is reported as missing or unreadable.
            Parent::Missing if self.is_predecessor_unknown(position) => None,
            Parent::Missing => {
                let message = format!("{name} starts from a snapshot that is not in the folder");
                Some(self.problem(Kind::MissingParent, position, message, RESTORE))
            }
        }
    }

    /// Returns the parent of a snapshot.
    pub(super) fn parent(&self, snapshot: &Snapshot) -> Parent<'a> {
        let Some(id) = snapshot.parent_id else { return Parent::Beginning(self.baseline) };
        let mut snapshots = (0..self.migrations.len())
            .filter_map(|position| Some((position, self.snapshot(position)?)));
        match snapshots.find(|(_, snapshot)| snapshot.id == id) {
            Some((position, snapshot)) => Parent::Snapshot(position, snapshot),
            None => Parent::Missing,
        }
    }

    fn is_predecessor_unknown(&self, position: usize) -> bool {
        let before = position.checked_sub(1).filter(|before| *before >= self.first_format);
        before.is_some_and(|before| self.snapshot(before).is_none())
    }

    /// Returns the snapshot at a position, if it exists and can be read.
    pub(super) fn snapshot(&self, position: usize) -> Option<&'a Snapshot> {
        self.migrations[position].snapshot.as_ref()?.as_ref().ok()
    }

    fn problem(
        &self,
        kind: Kind,
        position: usize,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> HistoryProblem {
        let Migration { name, script, snapshot } = self.migrations[position];
        let is_of_script = match kind {
            Kind::MissingSnapshot | Kind::UnreadableScript => true,
            Kind::DuplicateNumber | Kind::MissingNumber => script.is_some() || snapshot.is_none(),
            Kind::MissingScript
            | Kind::UnreadableSnapshot
            | Kind::Forked
            | Kind::MissingParent
            | Kind::OutOfOrder
            | Kind::UnreadableBaseline
            | Kind::RefusedCall
            | Kind::WrongSnapshot
            | Kind::SchemaChanged => false,
        };
        let file = if is_of_script { name.script_file() } else { name.snapshot_file() };
        HistoryProblem { kind, file, message: message.into(), hint: hint.into() }
    }
}
