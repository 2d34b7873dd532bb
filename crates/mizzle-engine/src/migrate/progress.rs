//! The bookkeeping of a script's steps: what its record says, what the migration has created, and what
//! a rollback leaves alone.

use super::{
    Fallible, Skipped,
    adopt::left_out,
    run::{Run, Way},
};
use crate::{
    converge::{Reason, Unapplied},
    ports::{Event, Screen, World},
};
use mizzle_core::{
    apply::StepError,
    ledger::Record,
    plan::{Call, Plan, Step, StepId, fingerprint},
};

impl<W: World> Run<'_, W> {
    /// Notes a step that an earlier run has done or left out.
    pub(super) fn done_before(&mut self, step: &Step, fingerprint: &str) {
        let adopted = is_adopted(self.record, fingerprint);
        let Way::Down(rollback) = &mut self.way else { return };
        match rollback.scope.leaves_out(fingerprint, &step.call) {
            Some(_) => rollback.scope.left_out(fingerprint),
            None => rollback.scope.done(fingerprint, adopted),
        }
    }

    /// Notes a step that is done. `adopted` says that the table which it creates existed before.
    pub(super) fn done(&mut self, fingerprint: &str, adopted: bool) {
        if let Some(table) = fingerprint::created_table(fingerprint) {
            self.record.creating = None;
            if adopted {
                self.record.adopted.push(table.to_owned());
            }
        }
        if let Some(table) = fingerprint::deleted_table(fingerprint) {
            self.record.adopted.retain(|adopted| adopted != table);
        }
        match &mut self.way {
            Way::Up(up) => up.done(fingerprint, adopted),
            Way::Down(rollback) => rollback.scope.done(fingerprint, adopted),
        }
    }

    /// Notes a step that failed: a table whose creation was refused was not created by this migration.
    pub(super) fn not_done(&mut self, error: &StepError) {
        let is_refused = match error {
            StepError::Conflict { .. } => true,
            StepError::Service(error) | StepError::Stuck { error, .. } => {
                !error.kind.leaves_outcome_open()
            }
            StepError::Wait(_)
            | StepError::Vanished { .. }
            | StepError::Exchanged { .. }
            | StepError::NotEmpty { .. } => false,
        };
        if is_refused {
            self.record.creating = None;
        }
    }

    /// True if a rollback leaves a step out, which is told.
    pub(super) fn leaves_out(&mut self, step: &Step, fingerprint: &str) -> bool {
        let Way::Down(rollback) = &mut self.way else { return false };
        let Some(reason) = rollback.scope.leaves_out(fingerprint, &step.call) else { return false };
        rollback.scope.left_out(fingerprint);
        let skipped = left_out(step, reason.words(&self.record.name));
        self.skip(step, skipped);
        true
    }

    /// Notes and tells a step that is left out.
    pub(super) fn skip(&mut self, step: &Step, skipped: Skipped) {
        self.migrate.context.screen.event(Event::Skipped(&skipped));
        self.skipped.push((step.id.clone(), skipped));
    }

    /// Notes the steps that the server has no operation for, as some emulators have not.
    pub(super) fn note_unsupported(&mut self, plan: &Plan, unsupported: &[StepId]) {
        for step in plan.steps.iter().filter(|step| unsupported.contains(&step.id)) {
            self.unsupported.push(step.id.clone());
            self.unapplied.push(Unapplied {
                table: step.table().to_owned(),
                setting: step.title.clone(),
                reason: Reason::Unsupported,
            });
        }
    }

    /// Before a table is created: records that there is none, so that what a killed run leaves behind
    /// is known to be the migration's. Returns true if an earlier run has recorded that.
    pub(super) async fn begin_creation(
        &mut self,
        step: &Step,
        fingerprint: &str,
    ) -> Fallible<bool, W> {
        if !matches!(step.call, Call::CreateTable(_)) {
            return Ok(false);
        }
        if self.record.creating.as_deref() == Some(fingerprint) {
            return Ok(true);
        }
        self.record.creating = None;
        if !self.exists(step.table()).await? {
            self.record.creating = Some(fingerprint.to_owned());
            self.write().await?;
        }
        Ok(false)
    }
}

fn is_adopted(record: &Record, fingerprint: &str) -> bool {
    let created = fingerprint::created_table(fingerprint);
    created.is_some_and(|table| record.adopted.iter().any(|adopted| adopted == table))
}
