//! Changes the ledger's entry of a migration without running anything.

use super::{Action, Fallible, Migrate, MigrationOutcome, MigrationState, Outcome};
use crate::{
    Error,
    ports::{Direction, Question, ScriptHost, TimeOfDay, World},
};
use mizzle_core::{
    history::Tables,
    ledger::{
        Change, Effects, Ledger, LedgerProblem, Record, Resolution, ResolutionKind, resolve,
        standings,
    },
};

impl<W: World> Migrate<'_, W> {
    /// Resolves the migration with that number or name, after approval.
    ///
    /// # Errors
    ///
    /// When there is no such migration, it cannot be resolved in that way, or the ledger cannot be
    /// read.
    pub async fn resolve(
        &self,
        wanted: &str,
        kind: ResolutionKind,
    ) -> Fallible<Outcome<W::Error>, W> {
        let mut outcome = Outcome::new(Action::Resolve(kind));
        let records = self.records().await?;
        let name = self.name_of(wanted, &records)?;
        // In a foreign ledger, only a migration with its full name can be forgotten.
        if kind != ResolutionKind::Forget || wanted != name {
            self.refuse_foreign(&records)?;
        }
        let effects = match kind {
            ResolutionKind::Applied => self.effects(&name).await,
            ResolutionKind::AcceptChange | ResolutionKind::RolledBack | ResolutionKind::Forget => {
                Effects::default()
            }
        };
        let change = |records: &[Record]| {
            let scripts = self.migrations();
            resolve(kind, &name, (&scripts, records), effects.clone(), |migration| {
                self.applied(migration, Vec::new())
            })
            .map_err(|reason| Error::Unresolvable { reason, kind })
        };
        // Refuse before asking for approval.
        change(&records)?;
        if kind == ResolutionKind::AcceptChange {
            self.refuse_broken(&name).await?;
        }
        let record = records.iter().find(|record| record.name == name).cloned();
        let record_now = record.as_ref();
        let question = Question::Resolve { migration: &name, kind, record: record_now };
        if let Err(refusal) = self.context.approve(self.policy, question) {
            outcome.refuse([], refusal);
            return Ok(outcome);
        }
        self.locked(&mut outcome, async |session, outcome| {
            let now = self.records().await?;
            let before = now.iter().find(|record| record.name == name).cloned();
            if before != record {
                return Err(Error::LedgerChanged);
            }
            let change = change(&now)?;
            let resolution = Resolution {
                migration: name.clone(),
                kind,
                by: self.runner.by(),
                at: self.context.clock.seconds_since_1970(),
                tool: self.runner.tool.clone(),
                before,
            };
            let token = session.lease.token();
            let resolved = self.ledger.resolve(&change, &resolution, &token).await;
            self.under(&session.lease, resolved, Error::Service).await?;
            let state = match change {
                Change::Write(_) | Change::Rename { .. } => MigrationState::Applied,
                Change::Remove => match kind {
                    ResolutionKind::Forget => MigrationState::Forgotten,
                    ResolutionKind::AcceptChange
                    | ResolutionKind::Applied
                    | ResolutionKind::RolledBack => MigrationState::Pending,
                },
            };
            outcome.migrations.push(MigrationOutcome::new(name.clone(), state, Vec::new()));
            Ok(())
        })
        .await?;
        Ok(outcome)
    }

    /// Returns the name of the migration with that number or whole name, in the folder or in the
    /// ledger.
    fn name_of(&self, wanted: &str, records: &[Record]) -> Fallible<String, W> {
        let error = match self.position_of(wanted) {
            Ok(position) => return Ok(self.scripts[position].name().to_string()),
            Err(error) => error,
        };
        let number = wanted.parse::<u64>().ok();
        let is_meant = |record: &&Record| {
            let prefix = record.name.split('_').next().and_then(|prefix| prefix.parse().ok());
            record.name == wanted || number.is_some() && prefix == number
        };
        let mut meant = records.iter().filter(is_meant);
        match (meant.next(), meant.next()) {
            (Some(record), None) => Ok(record.name.clone()),
            _ => Err(error),
        }
    }

    /// Refuses a script that cannot be loaded: such a script was not applied.
    async fn refuse_broken(&self, name: &str) -> Fallible<(), W> {
        let Some(script) = self.scripts.iter().find(|script| script.name().to_string() == name)
        else {
            return Ok(());
        };
        if let Some(refusal) = &script.refusal {
            return Err(Error::Port(refusal.clone()));
        }
        match self.record(script, Direction::Up).await {
            Err(error) if W::Host::is_broken(&error) => Err(Error::Port(error)),
            // A script that fails without items may have been applied with items.
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Refuses to change a ledger that belongs, or seems to belong, to another project.
    fn refuse_foreign(&self, records: &[Record]) -> Fallible<(), W> {
        let project = self.runner.project.as_deref();
        let (_, problems) = standings(&self.migrations(), records, project);
        self.refuse(problems, |problem| matches!(problem, LedgerProblem::Foreign { .. }))
    }

    /// Returns the known effects of a migration on the set of tables: from its script, or from its
    /// snapshot if the script cannot be recorded.
    async fn effects(&self, name: &str) -> Effects {
        let Some(script) = self.scripts.iter().find(|script| script.name().to_string() == name)
        else {
            return Effects::default();
        };
        let recording = self.record(script, Direction::Up).await.unwrap_or_default();
        let tables = |tables: Option<&Tables>| {
            tables.into_iter().flat_map(|tables| tables.keys().cloned()).collect::<Vec<String>>()
        };
        let before = tables(self.timeline.tables_before(script.name()));
        let mut created = tables(self.timeline.tables_after(script.name()));
        created.retain(|table| !before.contains(table));
        Effects { steps: recording.fingerprints, created }
    }
}
