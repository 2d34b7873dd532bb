//! What an undoing was agreed to, and how it is held to it.

use super::{Known, Migrate, script::Run};
use crate::{
    commands::{PARALLEL, describe, record::Recording},
    error::{CommandError, ErrorKind},
    report::{MigrationReport, MigrationState, ScriptHazard, ScriptHazardKind, Skipped},
};
use mizzle_core::{
    apply::{ControlPlane, StepError},
    ledger::{Forward, Record, WayBack},
    model::{Extras, Status, TableDescription},
    plan::{Call, Facts, Guard, Step, fingerprint},
};
use mizzle_eval::{CallError, Direction};
use std::collections::{BTreeMap, BTreeSet};

/// What was shown of the way back, and where it is now.
pub(super) struct Back {
    pub(super) way: WayBack,
    /// The deletions of tables and indexes that were shown, each with its table as it was then.
    deletions: BTreeMap<String, Seen>,
}

/// A table when its deletion was shown.
enum Seen {
    /// It was not there.
    Absent,
    /// It was there, and had this id.
    There(Option<String>),
}

/// A migration that is to be undone.
pub(super) struct Planned {
    pub(super) report: MigrationReport,
    /// What the ledger had of it.
    pub(super) record: Option<Record>,
    pub(super) back: Back,
}

impl Migrate<'_> {
    /// What undoing a migration would do and leave out. `made` are the tables that those before it
    /// make on their way back.
    pub(super) async fn plan_back(
        &self,
        Known { script, record, .. }: Known<'_>,
        made: &mut BTreeSet<String>,
    ) -> Result<Planned, CommandError> {
        let name = script.name.to_string();
        let recording = self.record(script, Direction::Down).await?;
        let mut hazards: Vec<ScriptHazard> = recording.hazards().collect();
        let Recording { steps, fingerprints, uses_items, held: _ } = recording;
        let forward = record.as_ref().map(Forward::of).unwrap_or_default();
        // One that does not come to its end tells less: the ledger still knows the tables.
        let up = match forward.applied {
            true => Recording::default(),
            false => self.record(script, Direction::Up).await.unwrap_or_default(),
        };
        let calls = up.fingerprints.iter().map(String::as_str).zip(up.steps.iter().map(call));
        let way = WayBack::new(forward, calls, fingerprints.iter().map(String::as_str));
        let way = way.after(std::mem::take(made));
        let tables = self.look_at_deleted(&steps).await?;
        let mut ahead = way.clone();
        let (mut kept, mut skipped, mut deletions) = (Vec::new(), Vec::new(), BTreeMap::new());
        for (step, fingerprint) in steps.into_iter().zip(fingerprints) {
            if let Some(reason) = ahead.leaves_out(&fingerprint, &step.call) {
                ahead.left_out(&fingerprint);
                skipped.push(left_out(&step, reason.words(&name)));
                continue;
            }
            ahead.done(&fingerprint, false);
            let table = tables.get(step.table());
            if step.call.is_deletion() {
                let id = table.map(|table| table.table_id.clone());
                deletions.insert(fingerprint, id.map_or(Seen::Absent, Seen::There));
            }
            kept.push(match table {
                Some(table) => step.with_facts(&Facts::of(table)),
                None => step,
            });
        }
        *made = ahead.made().clone();
        let mut report = MigrationReport::new(name, MigrationState::Pending, kept);
        report.skipped = skipped;
        if uses_items {
            let message =
                "It also reads or changes items, and what it does to them cannot be foreseen."
                    .to_owned();
            hazards.push(ScriptHazard { kind: ScriptHazardKind::ChangesItems, message });
        }
        report.hazards = hazards;
        Ok(Planned { report, record, back: Back { way, deletions } })
    }

    /// The tables that are there of those that something is deleted of.
    async fn look_at_deleted(
        &self,
        steps: &[Step],
    ) -> Result<BTreeMap<String, TableDescription>, CommandError> {
        let deleted = steps.iter().filter(|step| step.call.is_deletion());
        let deleted: BTreeSet<&str> = deleted.map(Step::table).collect();
        let deleted: Vec<(String, Extras)> =
            deleted.into_iter().map(|table| (table.to_owned(), Extras::NONE)).collect();
        let mut tables = describe(&deleted, PARALLEL, self.target, self.ui).await?;
        tables.retain(|table| table.status != Status::Deleting);
        let named = |table: TableDescription| (table.definition.table_name.clone(), table);
        Ok(tables.into_iter().map(named).collect())
    }
}

impl Run<'_> {
    /// Notes a step that an earlier run has done or left out.
    pub(super) fn done_before(&mut self, step: &Step, fingerprint: &str) {
        let adopted = is_adopted(self.record, fingerprint);
        let Some(back) = &mut self.back else { return };
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
                self.migrate.ui.info(format!(
                    "{} was there already: it is taken over as it is, and undoing {} will leave it",
                    self.migrate.settings.environment.naming.physical(table),
                    self.record.name
                ));
                self.record.adopted.push(table.to_owned());
            }
        }
        if let Some(table) = fingerprint::deleted_table(fingerprint) {
            self.record.adopted.retain(|adopted| adopted != table);
        }
        if let Some(back) = &mut self.back {
            back.way.done(fingerprint, adopted);
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
        let Some(back) = &mut self.back else { return false };
        let Some(reason) = back.way.leaves_out(fingerprint, &step.call) else { return false };
        back.way.left_out(fingerprint);
        let skipped = left_out(step, reason.words(&self.record.name));
        self.migrate.ui.info(skipped.words());
        self.skipped.push((step.id.clone(), skipped));
        true
    }

    /// The step as it was agreed to: what it deletes has to be what was shown.
    pub(super) async fn as_agreed(
        &self,
        step: Step,
        fingerprint: &str,
    ) -> Result<Step, CommandError> {
        let Some(back) = self.back.as_ref().filter(|_| step.call.is_deletion()) else {
            return Ok(step);
        };
        let Some(seen) = back.deletions.get(fingerprint) else {
            let message = format!(
                "{}: {} was not shown, and so was not agreed to; it was not done",
                step.table(),
                step.title
            );
            return Err(CommandError::new(ErrorKind::Refused, "not-agreed", message)
                .hint("the `down` takes another way than in its dry run: have it delete the same, whatever items it finds and whatever db.dryRun says")
                .hint("then run the command again: it goes on where it stopped"));
        };
        let is_made =
            fingerprint::table(fingerprint).is_some_and(|table| back.way.made().contains(table));
        match seen {
            _ if is_made => Ok(step),
            Seen::There(id) => {
                let guard = Guard { table_id: id.clone(), is_empty: false };
                Ok(Step { guard: Some(guard), ..step })
            }
            Seen::Absent => {
                if self.finds(step.table()).await? {
                    let message = format!(
                        "{} was not there when its deletion was agreed to, and is there now; it was not deleted",
                        step.table()
                    );
                    return Err(CommandError::new(ErrorKind::Refused, "not-agreed", message)
                        .hint("run the command again to see what would be lost"));
                }
                Ok(step)
            }
        }
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

    /// Whether there is a table of that name, and not on its way out.
    async fn finds(&self, table: &str) -> Result<bool, CommandError> {
        let found = self.migrate.target.control.describe_table(table, Extras::NONE).await;
        let found = found.map_err(|error| self.migrate.explain(&error))?;
        Ok(found.is_some_and(|table| table.status != Status::Deleting))
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
