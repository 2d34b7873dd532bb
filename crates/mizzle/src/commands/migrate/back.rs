//! What an undoing was agreed to, and how it is held to it.

use super::{
    Known, Migrate,
    approval::Approved,
    plan::{Foreseen, foresee_step},
    script::{Run, Way},
};
use crate::{
    commands::{generate::refusal, record::Recording},
    error::CommandError,
    project::Script,
    report::{MigrationReport, MigrationState, Skipped},
};
use mizzle_core::{
    apply::StepError,
    ledger::{Forward, Record, WayBack},
    plan::{Call, Fitter, Forecast, Step, fingerprint},
};
use mizzle_eval::{CallError, Direction};
use std::collections::{BTreeMap, BTreeSet};

/// The state of an undoing.
pub(super) struct Back {
    /// What belongs to the migration, and where the undoing is.
    pub(super) way: WayBack,
    /// What was shown of it.
    pub(super) approved: Approved,
}

/// A migration that is to be undone.
pub(super) struct Planned {
    pub(super) report: MigrationReport,
    /// What the ledger had of it.
    pub(super) record: Option<Record>,
    pub(super) back: Back,
}

impl Migrate<'_> {
    /// What undoing migrations would do and leave out, the last one first.
    pub(super) async fn plan_back(
        &self,
        migrations: Vec<Known<'_>>,
    ) -> Result<Vec<Planned>, CommandError> {
        let mut recordings = Vec::new();
        for Known { script, record, .. } in migrations {
            recordings.push((script, record, self.record(script, Direction::Down).await?));
        }
        let steps = recordings.iter().flat_map(|(_, _, recording)| &recording.steps);
        let mut forecast = self.forecast(steps, &BTreeMap::new(), &BTreeMap::new()).await?;
        let (mut planned, mut made) = (Vec::new(), BTreeSet::new());
        for (script, record, recording) in recordings {
            let mut way = self.way_back(script, record.as_ref(), &recording).await;
            way = way.after(std::mem::take(&mut made));
            let (report, back, end) = self.foresee_back(script, way, recording, &mut forecast)?;
            made = end;
            planned.push(Planned { report, record, back });
        }
        match forecast.blocked() {
            [] => Ok(planned),
            blocked => Err(refusal(blocked)),
        }
    }

    /// What belongs to a migration that is to be undone.
    async fn way_back(
        &self,
        script: &Script,
        record: Option<&Record>,
        down: &Recording,
    ) -> WayBack {
        let forward = record.map(Forward::of).unwrap_or_default();
        // One that does not come to its end tells less: the ledger still knows the tables.
        let up = match forward.applied {
            true => Recording::default(),
            false => self.record(script, Direction::Up).await.unwrap_or_default(),
        };
        let calls = up.fingerprints.iter().map(String::as_str).zip(up.steps.iter().map(call));
        WayBack::new(forward, calls, down.fingerprints.iter().map(String::as_str))
    }

    /// The undoing as it is shown, and the tables that it makes itself.
    fn foresee_back(
        &self,
        script: &Script,
        way: WayBack,
        recording: Recording,
        forecast: &mut Forecast,
    ) -> Result<(MigrationReport, Back, BTreeSet<String>), CommandError> {
        let left = self.tables_left_by(&script.name, Direction::Down);
        let name = script.name.to_string();
        let hazards = recording.hazards().collect();
        let Recording { steps, fingerprints, .. } = recording;
        let mut ahead = way.clone();
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
            let Foreseen { step, is_there, .. } = match foreseen {
                Ok(foreseen) => foreseen,
                Err(left_out) => {
                    skipped.push(left_out);
                    continue;
                }
            };
            approved.show(&step, fingerprint, is_there, self.settings.accept_data_loss);
            kept.push(step);
        }
        let report = MigrationReport::new(name, MigrationState::Pending, kept);
        let made = ahead.made().clone();
        Ok((MigrationReport { skipped, hazards, ..report }, Back { way, approved }, made))
    }
}

impl Run<'_> {
    /// Notes a step that an earlier run has done or left out.
    pub(super) fn done_before(&mut self, step: &Step, fingerprint: &str) {
        let adopted = is_adopted(self.record, fingerprint);
        let Way::Back(back) = &mut self.way else { return };
        match back.way.leaves_out(fingerprint, &step.call) {
            Some(_) => back.way.left_out(fingerprint),
            None => back.way.done(fingerprint, adopted),
        }
    }

    /// Notes a step that is done. `adopted` says that the table which it creates was there already.
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
            Way::There(there) => there.done(fingerprint, adopted),
            Way::Back(back) => back.way.done(fingerprint, adopted),
        }
    }

    /// Notes a step that failed: a table that was refused was not created by us.
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

    /// Whether a step is left out on the way back, which is said.
    pub(super) fn leaves_out(&mut self, step: &Step, fingerprint: &str) -> bool {
        let Way::Back(back) = &mut self.way else { return false };
        let Some(reason) = back.way.leaves_out(fingerprint, &step.call) else { return false };
        back.way.left_out(fingerprint);
        let skipped = left_out(step, reason.words(&self.record.name));
        self.migrate.ui.info(skipped.words());
        self.skipped.push((step.id.clone(), skipped));
        true
    }

    /// Before a table is created: notes that there is none, so that whatever a run that is killed
    /// leaves behind is known to be its own. Returns whether an earlier run has noted that.
    pub(super) async fn begin_creation(
        &mut self,
        step: &Step,
        fingerprint: &str,
    ) -> Result<bool, CommandError> {
        if !matches!(step.call, Call::CreateTable(_)) {
            return Ok(false);
        }
        if self.record.creating.as_deref() == Some(fingerprint) {
            return Ok(true);
        }
        self.record.creating = None;
        if !self.finds(step.table()).await? {
            self.record.creating = Some(fingerprint.to_owned());
            self.write().await?;
        }
        Ok(false)
    }
}

/// Why a script on its way back cannot have the items of a table.
pub(super) fn not_yours(table: &str) -> CallError {
    let message = format!("{table} was not made by this migration, so its items are not touched");
    CallError {
        hints: vec!["have the `down` bear that the migration never came to that table".to_owned()],
        ..CallError::new("NotOfThisMigration", message)
    }
}

fn call(step: &Step) -> &Call {
    &step.call
}

fn is_adopted(record: &Record, fingerprint: &str) -> bool {
    let created = fingerprint::created_table(fingerprint);
    created.is_some_and(|table| record.adopted.iter().any(|adopted| adopted == table))
}

fn left_out(step: &Step, reason: String) -> Skipped {
    Skipped { table: step.table().to_owned(), title: step.title.clone(), reason }
}
