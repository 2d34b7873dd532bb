//! Marking scripts as applied whose effects already exist: in tables that were created by hand, by
//! `push`, or by another tool.

use super::{
    Action, Fallible, Migrate, MigrationOutcome, MigrationState, Outcome, status::ScriptState,
};
use crate::{
    Error, drift,
    error::BaselineAdvice,
    ports::{Direction, Event, Screen, TimeOfDay, World},
};
use mizzle_core::{
    apply::ControlPlane,
    ledger::{Ledger, Migration, Record, RecordState},
    model::Status,
    plan::{Adoption, Call, adoption_extras, fingerprint},
    snapshot::MigrationName,
};
use std::collections::BTreeSet;

impl<W: World> Migrate<'_, W> {
    /// Marks pending migrations as applied, if the tables match the snapshot of the last one.
    ///
    /// # Errors
    ///
    /// When they do not match, the ledger does not match the scripts, or the server cannot be
    /// reached.
    pub async fn baseline(&self, to: Option<&str>) -> Fallible<Outcome<W::Error>, W> {
        let mut outcome = Outcome::new(Action::Baseline);
        let pending = self.pending(to).await?.scripts;
        let Some(last) = pending.last() else { return Ok(outcome) };
        let differences = self.differences(last.script.name()).await?;
        if !differences.is_empty() {
            let advice = self.advice(&pending).await?;
            let migration = last.name();
            return Err(Error::BaselineMismatch { migration, differences, advice });
        }
        let mut records = Vec::new();
        for ScriptState { script, .. } in &pending {
            // A script that cannot be recorded can still be marked, because the tables match.
            let recording = self.record(script, Direction::Up).await.unwrap_or_default();
            if recording.uses_items {
                let name = script.name().to_string();
                self.context.screen.event(Event::ItemsNotChecked(&name));
            }
            let record = self.applied(&script.migration, recording.fingerprints);
            records.push((record, recording.steps));
        }
        let names: Vec<String> = pending.iter().map(ScriptState::name).collect();
        if self.policy.dry_run {
            let state = MigrationState::Pending;
            let planned = records.into_iter();
            let planned =
                planned.map(|(record, steps)| MigrationOutcome::new(record.name, state, steps));
            outcome.migrations = planned.collect();
            return Ok(outcome);
        }
        self.locked(&mut outcome, async |session, outcome| {
            self.drop_abandoned(session).await?;
            // Another runner may have changed the ledger meanwhile.
            let now = self.pending(to).await?.scripts;
            if !now.iter().map(ScriptState::name).eq(names.iter().cloned()) {
                return Err(Error::LedgerChanged);
            }
            // A process without the lock may have changed the tables meanwhile.
            let differences = self.differences(last.script.name()).await?;
            if !differences.is_empty() {
                let (migration, advice) = (last.name(), None);
                return Err(Error::BaselineMismatch { migration, differences, advice });
            }
            for (record, steps) in records {
                let written = self.ledger.write(&record, &session.lease.token()).await;
                self.under(&session.lease, written, Error::Service).await?;
                let state = MigrationState::Applied;
                outcome.migrations.push(MigrationOutcome::new(record.name, state, steps));
            }
            Ok(())
        })
        .await?;
        Ok(outcome)
    }

    /// Returns the differences between the tables and the snapshot of a migration. Settings that an
    /// emulator ignores are excluded.
    async fn differences(&self, last: &MigrationName) -> Fallible<Vec<drift::Drift>, W> {
        let Some(tables) = self.timeline.tables_after(last) else {
            let (migration, action) = (last.to_string(), Action::Baseline);
            return Err(Error::NoSnapshot { migration, action });
        };
        let (context, environment) = (&self.context, self.environment);
        let (mut differences, _) = drift::differences(context, tables, environment).await?;
        let leftovers = drift::leftovers(context, self.timeline, last, environment).await;
        differences.extend(leftovers.map_err(Error::Service)?);
        Ok(differences)
    }

    /// Returns the alternative to marking the scripts: running them, unless existing tables block
    /// that.
    async fn advice(
        &self,
        pending: &[ScriptState<'_, W::Error>],
    ) -> Fallible<Option<BaselineAdvice>, W> {
        let (mut refused, mut asked) = (BTreeSet::new(), BTreeSet::new());
        for ScriptState { script, .. } in pending {
            let recording = self.record(script, Direction::Up).await.unwrap_or_default();
            let left = self.tables_left_by(script.name(), Direction::Up);
            for (step, fingerprint) in recording.steps.iter().zip(&recording.fingerprints) {
                let Call::CreateTable(request) = &step.call else { continue };
                let managed = self.managed(fingerprint, left)?;
                let extras = adoption_extras(request, managed.as_ref());
                let present = self.context.server.describe_table(step.table(), extras).await;
                let present = present.map_err(Error::Service)?;
                let Some(present) = present.filter(|table| table.status != Status::Deleting) else {
                    continue;
                };
                match self.adoption(request, managed.as_ref(), &present).0 {
                    Adoption::AsItIs { .. } => {}
                    Adoption::Changed(adoption) if adoption.objections().is_empty() => {}
                    Adoption::Changed(_) => {
                        asked.insert(step.table().to_owned());
                    }
                    Adoption::Impossible { .. } => {
                        refused.insert(step.table().to_owned());
                    }
                }
            }
        }
        let names = |tables: BTreeSet<String>| tables.into_iter().collect();
        Ok(Some(if !refused.is_empty() {
            BaselineAdvice::Reconcile(names(refused))
        } else if !asked.is_empty() {
            BaselineAdvice::RunAndApprove(names(asked))
        } else {
            BaselineAdvice::Run
        }))
    }

    /// Returns the record of a migration that counts as applied without having been run.
    pub(super) fn applied(&self, migration: &Migration, steps: Vec<String>) -> Record {
        let now = self.context.clock.seconds_since_1970();
        // The tables exist, but no script has created them.
        let adopted = steps.iter().filter_map(|step| fingerprint::created_table(step));
        let adopted = adopted.map(str::to_owned).collect();
        Record {
            name: migration.name.to_string(),
            checksum: migration.checksum.clone(),
            files: migration.files.clone(),
            state: RecordState::Applied,
            steps,
            deleting: None,
            held: Vec::new(),
            creating: None,
            adopted,
            forward: None,
            project: self.runner.project.clone(),
            tool: self.runner.tool.clone(),
            by: self.runner.by(),
            started_at: now,
            finished_at: Some(now),
            error: None,
        }
    }
}
