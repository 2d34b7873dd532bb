//! The status of scripts in the ledger: pending migrations and problems.

use super::{Fallible, Migrate, Script, session::LockedSession};
use crate::{
    Error,
    ports::{Event, Screen, World},
};
use mizzle_core::{
    ledger::{Ledger, LedgerProblem, Migration, MigrationStatus, Record, standings},
    snapshot::MigrationName,
};

/// A script with its status and its record.
pub(super) struct ScriptState<'a, E> {
    /// The script.
    pub(super) script: &'a Script<E>,
    /// The status.
    pub(super) status: MigrationStatus,
    /// The record in the ledger.
    pub(super) record: Option<Record>,
}

impl<E> ScriptState<'_, E> {
    /// Returns the name.
    pub(super) fn name(&self) -> String {
        self.script.name().to_string()
    }
}

/// The scripts to run, with further information from the ledger.
pub(super) struct Pending<'a, E> {
    /// The scripts, in order.
    pub(super) scripts: Vec<ScriptState<'a, E>>,
    /// The newest applied migration once the scripts are run; `None` if there is none.
    pub(super) newest: Option<&'a MigrationName>,
    /// The migrations that have done no step and have no script any more.
    pub(super) abandoned: Vec<String>,
}

/// Returns the newest applied migration.
pub(super) fn newest_applied<'a, E>(states: &[ScriptState<'a, E>]) -> Option<&'a MigrationName> {
    let newest = states.iter().rev().find(|state| state.status == MigrationStatus::Applied);
    newest.map(|state| state.script.name())
}

impl<W: World> Migrate<'_, W> {
    /// Returns every script with its state, and the problems between scripts and ledger.
    pub(super) async fn states(
        &self,
    ) -> Fallible<(Vec<ScriptState<'_, W::Error>>, Vec<LedgerProblem>), W> {
        let records = self.records().await?;
        let (statuses, problems) =
            standings(&self.migrations(), &records, self.runner.project.as_deref());
        let states = self.scripts.iter().zip(statuses).map(|(script, status)| {
            let name = script.name().to_string();
            let record = records.iter().find(|record| record.name == name).cloned();
            ScriptState { script, status, record }
        });
        Ok((states.collect(), problems))
    }

    /// Returns the records of the ledger.
    pub(super) async fn records(&self) -> Fallible<Vec<Record>, W> {
        let records = self.ledger.records().await.map_err(Error::Service)?;
        Ok(records.unwrap_or_default())
    }

    pub(super) fn migrations(&self) -> Vec<Migration> {
        self.scripts.iter().map(|script| script.migration.clone()).collect()
    }

    /// Returns the scripts to run, up to the one that `to` names.
    pub(super) async fn pending(&self, to: Option<&str>) -> Fallible<Pending<'_, W::Error>, W> {
        let upto = to.map(|to| self.position_of(to)).transpose()?;
        let (mut states, problems) = self.states().await?;
        let abandoned = abandoned(&problems);
        let applied = newest_applied(&states);
        self.refuse(problems, LedgerProblem::is_in_the_way)?;
        states.truncate(upto.map_or(states.len(), |last| last + 1));
        states.retain(|state| state.status != MigrationStatus::Applied);
        match states.iter().find(|state| state.status == MigrationStatus::Undoing) {
            None => {
                let newest = states.last().map(|state| state.script.name()).or(applied);
                Ok(Pending { scripts: states, newest, abandoned })
            }
            Some(state) => Err(Error::RollbackUnfinished(state.name())),
        }
    }

    /// Deletes the migrations from the ledger that have done no step and have no script any more.
    /// Only under the lock it is certain that no runner runs them.
    pub(super) async fn drop_abandoned(&self, session: &LockedSession<W>) -> Fallible<(), W> {
        let (_, problems) = self.states().await?;
        for name in abandoned(&problems) {
            let removed = self.ledger.remove(&name, &session.lease.token()).await;
            self.under(&session.lease, removed, Error::Service).await?;
            self.context.screen.event(Event::RecordDropped(&name));
        }
        Ok(())
    }

    /// Returns the position of the script with this number or full name.
    pub(super) fn position_of(&self, wanted: &str) -> Fallible<usize, W> {
        let number = wanted.parse::<u64>().ok();
        let is_meant = |script: &Script<W::Error>| {
            Some(script.name().number) == number || script.name().to_string() == wanted
        };
        self.scripts.iter().position(is_meant).ok_or_else(|| Error::UnknownMigration {
            wanted: wanted.to_owned(),
            known: self.scripts.iter().map(|script| script.name().to_string()).collect(),
        })
    }

    /// Refuses to continue with a ledger that has problems for which `is_in_the_way` holds.
    pub(super) fn refuse(
        &self,
        mut problems: Vec<LedgerProblem>,
        is_in_the_way: impl Fn(&LedgerProblem) -> bool,
    ) -> Fallible<(), W> {
        problems.retain(is_in_the_way);
        if problems.is_empty() {
            return Ok(());
        }
        Err(Error::LedgerMismatch { problems, project: self.runner.project.clone() })
    }
}

/// Returns the migrations in the ledger that have done no step and have no script any more.
fn abandoned(problems: &[LedgerProblem]) -> Vec<String> {
    let abandoned = problems.iter().filter_map(|problem| match problem {
        LedgerProblem::Abandoned(name) => Some(name.clone()),
        LedgerProblem::Changed { .. }
        | LedgerProblem::Renamed { .. }
        | LedgerProblem::Foreign { .. }
        | LedgerProblem::OutOfOrder { .. }
        | LedgerProblem::Missing { .. } => None,
    });
    abandoned.collect()
}
