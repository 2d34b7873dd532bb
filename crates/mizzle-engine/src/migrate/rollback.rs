//! Rolls back the last migrations by the `down` of their scripts.

use super::{
    Action, Fallible, Migrate, MigrationOutcome, MigrationState, Outcome, Recording, Script,
    adopt::left_out,
    approved::{Approved, Rollback},
    plan::{Foreseen, deleted, foresee_step},
    run::Way,
    session::LockedSession,
    status::ScriptState,
};
use crate::{
    Error,
    ports::{Direction, Event, Question, Screen, World},
};
use mizzle_core::{
    ledger::{ForwardProgress, LedgerProblem, MigrationStatus, Record, RollbackScope},
    plan::{Call, Fitter, Forecast, Step},
};
use std::collections::{BTreeMap, BTreeSet};

/// A migration that is to be rolled back.
struct PlannedRollback {
    outcome: MigrationOutcome,
    /// The record in the ledger.
    record: Option<Record>,
    rollback: Rollback,
}

impl<W: World> Migrate<'_, W> {
    /// Shows the effects and losses of rolling back the last migrations, asks for approval, and
    /// rolls them back, the last first.
    ///
    /// # Errors
    ///
    /// When the ledger does not match the scripts, a script cannot be recorded, or the server
    /// cannot be reached.
    pub async fn roll_back(&self, count: usize) -> Fallible<Outcome<W::Error>, W> {
        let mut outcome = Outcome::new(Action::RollBack);
        let planned = self.plan_rollback(self.last(count).await?).await?;
        if self.policy.dry_run || planned.is_empty() {
            outcome.migrations = planned.into_iter().map(|planned| planned.outcome).collect();
            return Ok(outcome);
        }
        if let Err(error) = self.approve_rollback(&planned).await {
            outcome.refuse(planned.into_iter().map(|planned| planned.outcome), error);
            return Ok(outcome);
        }
        self.locked(&mut outcome, async |session, outcome| {
            self.roll_back_locked(planned, session, outcome).await
        })
        .await?;
        Ok(outcome)
    }

    /// Returns the last migrations that were run or started, the last one first.
    async fn last(&self, count: usize) -> Fallible<Vec<ScriptState<'_, W::Error>>, W> {
        let (mut states, problems) = self.states().await?;
        states.retain(|state| state.status != MigrationStatus::Pending);
        states.reverse();
        states.truncate(count);
        // A `down` may have been fixed meanwhile: its effect is shown and approved.
        self.refuse(problems, |problem| match problem {
            LedgerProblem::Changed { name, .. } => {
                !states.iter().any(|state| state.script.name() == name)
            }
            LedgerProblem::Renamed { .. }
            | LedgerProblem::Foreign { .. }
            | LedgerProblem::OutOfOrder { .. }
            | LedgerProblem::Missing { .. }
            | LedgerProblem::Abandoned(_) => problem.is_in_the_way(),
        })?;
        Ok(states)
    }

    /// Returns the effects of rolling migrations back, the last one first.
    async fn plan_rollback(
        &self,
        migrations: Vec<ScriptState<'_, W::Error>>,
    ) -> Fallible<Vec<PlannedRollback>, W> {
        let mut recordings = Vec::new();
        for ScriptState { script, record, .. } in migrations {
            let recording = self.record(script, Direction::Down).await.map_err(Error::Port)?;
            recordings.push((script, record, recording));
        }
        let steps = recordings.iter().flat_map(|(_, _, recording)| &recording.steps);
        let mut forecast = self.forecast(steps, &BTreeMap::new(), &BTreeMap::new()).await?;
        let (mut planned, mut created) = (Vec::new(), BTreeSet::new());
        for (script, record, recording) in recordings {
            let mut scope = self.scope(script, record.as_ref(), &recording).await;
            scope = scope.after(std::mem::take(&mut created));
            let (outcome, rollback, end) =
                self.foresee_rollback(script, scope, recording, &mut forecast)?;
            created = end;
            planned.push(PlannedRollback { outcome, record, rollback });
        }
        match forecast.blocked() {
            [] => Ok(planned),
            blocked => Err(Error::Blocked(blocked.to_vec())),
        }
    }

    /// Returns the resources that belong to a migration.
    async fn scope(
        &self,
        script: &Script<W::Error>,
        record: Option<&Record>,
        down: &Recording,
    ) -> RollbackScope {
        let forward = record.map(ForwardProgress::of).unwrap_or_default();
        // A script that cannot be recorded provides less information, but the ledger still contains
        // the tables.
        let up = match forward.applied {
            true => Recording::default(),
            false => self.record(script, Direction::Up).await.unwrap_or_default(),
        };
        let up_calls = up.steps.iter().map(|step: &Step| -> &Call { &step.call });
        let calls = up.fingerprints.iter().map(String::as_str).zip(up_calls);
        RollbackScope::new(forward, calls, down.fingerprints.iter().map(String::as_str))
    }

    /// Returns the rollback as it is shown, and the tables that it creates itself.
    fn foresee_rollback(
        &self,
        script: &Script<W::Error>,
        scope: RollbackScope,
        recording: Recording,
        forecast: &mut Forecast,
    ) -> Fallible<(MigrationOutcome, Rollback, BTreeSet<String>), W> {
        let left = self.tables_left_by(script.name(), Direction::Down);
        let name = script.name().to_string();
        let hazards = recording.hazards().collect();
        let Recording { steps, fingerprints, .. } = recording;
        let mut ahead = scope.clone();
        let (mut kept, mut skipped) = (Vec::new(), Vec::new());
        let (mut approved, mut fitter) = (Approved::default(), Fitter::default());
        for (step, fingerprint) in steps.into_iter().zip(fingerprints) {
            if let Some(reason) = ahead.leaves_out(&fingerprint, &step.call) {
                ahead.left_out(&fingerprint);
                skipped.push(left_out(&step, reason.words(&name)));
                continue;
            }
            ahead.done(&fingerprint, false);
            let managed = self.managed(&fingerprint, left)?;
            let foreseen = foresee_step(step, managed.as_ref(), forecast, &mut fitter);
            let Foreseen { step, exists, .. } = match foreseen {
                Ok(foreseen) => foreseen,
                Err(left_out) => {
                    skipped.push(left_out);
                    continue;
                }
            };
            approved.show(&step, fingerprint, exists, self.policy.accept_data_loss);
            kept.push(step);
        }
        let outcome = MigrationOutcome::new(name, MigrationState::Pending, kept);
        let created = ahead.made().clone();
        let rollback = Rollback { scope, approved };
        Ok((MigrationOutcome { skipped, hazards, ..outcome }, rollback, created))
    }

    async fn approve_rollback(&self, planned: &[PlannedRollback]) -> Fallible<(), W> {
        for PlannedRollback { outcome: migration, .. } in planned {
            let direction = Direction::Down;
            let event = Event::MigrationPlanned { migration, direction, asks: true };
            self.context.screen.event(event);
        }
        let steps = || planned.iter().flat_map(|planned| &planned.outcome.steps);
        self.policy.refuse_data_loss(steps())?;
        self.require_backups(steps()).await?;
        let names: Vec<&str> = planned.iter().map(|one| one.outcome.name.as_str()).collect();
        self.context.approve(self.policy, Question::RollBack(&names))
    }

    async fn roll_back_locked(
        &self,
        approved: Vec<PlannedRollback>,
        session: &LockedSession<W>,
        outcome: &mut Outcome<W::Error>,
    ) -> Fallible<(), W> {
        let last = self.last(approved.len()).await?;
        let now = last.iter().map(|state| (state.name(), &state.record));
        let then = approved.iter().map(|planned| (planned.outcome.name.clone(), &planned.record));
        if !now.eq(then) {
            return Err(Error::LedgerChanged);
        }
        let steps = approved.iter().flat_map(|planned| &planned.outcome.steps);
        self.back_up(&deleted(steps), outcome).await?;
        let mut created = BTreeSet::new();
        for (ScriptState { script, record, .. }, planned) in last.into_iter().zip(approved) {
            let mut rollback = planned.rollback;
            rollback.scope = rollback.scope.after(created);
            let way = Way::Down(&mut rollback);
            let (migration, result) = self.run_script(script, way, record, session).await;
            outcome.migrations.push(migration);
            result?;
            created = rollback.scope.made().clone();
        }
        Ok(())
    }
}
