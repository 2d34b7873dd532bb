//! The bookkeeping of a script's steps: its record, the tables that the migration has created, and
//! the steps that a rollback skips.

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
    /// Records a step that an earlier run has done or skipped.
    pub(super) fn done_before(&mut self, step: &Step, fingerprint: &str) {
        let adopted = is_adopted(self.record, fingerprint);
        let Way::Down(rollback) = &mut self.way else { return };
        match rollback.scope.leaves_out(fingerprint, &step.call) {
            Some(_) => rollback.scope.left_out(fingerprint),
            None => rollback.scope.done(fingerprint, adopted),
        }
    }

    /// Records a step that is done. `adopted` is true if it creates a table that already existed.
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

    /// Records a step that failed. A table whose creation was refused was not created by this
    /// migration.
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

    /// True if a rollback skips a step, which is reported.
    pub(super) fn leaves_out(&mut self, step: &Step, fingerprint: &str) -> bool {
        let Way::Down(rollback) = &mut self.way else { return false };
        let Some(reason) = rollback.scope.leaves_out(fingerprint, &step.call) else { return false };
        rollback.scope.left_out(fingerprint);
        let skipped = left_out(step, reason.words(&self.record.name));
        self.skip(step, skipped);
        true
    }

    /// Records and reports a step that is skipped.
    pub(super) fn skip(&mut self, step: &Step, skipped: Skipped) {
        self.migrate.context.screen.event(Event::Skipped(&skipped));
        self.skipped.push((step.id.clone(), skipped));
    }

    /// Records the steps whose operation the server does not support, as some emulators do not.
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

    /// Records, before a table is created, that there is none, so that a table left behind by a
    /// killed run is known to belong to the migration. Returns true if an earlier run has recorded
    /// that.
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
