//! What was shown of a migration before it is run, and how its run is held to it.
//!
//! A script's calls are recorded while nothing is there to be read, so that a run may take another way.
//! It may, as long as nothing is lost that was not shown.

use super::{plan::depends_on_items, script::Run};
use crate::{
    commands::{PARALLEL, agreement::NOT_SHOWN, emptiness},
    error::{CommandError, ErrorKind},
};
use mizzle_core::{
    apply::{ControlPlane, extras},
    model::{Extras, Status},
    plan::{Call, Facts, Forecast, Guard, Step, fingerprint},
};
use std::collections::{BTreeMap, BTreeSet};

/// The calls of a migration that were shown and that can lose something, by fingerprint.
#[derive(Default)]
pub(super) struct Approved {
    shown: BTreeMap<String, Shown>,
    /// The calls that change tables which the migration adopts.
    adoptions: Vec<Call>,
}

/// A call as it was shown.
struct Shown {
    /// Its table, as it was then.
    table: Seen,
    /// Whether it was shown with what it loses.
    is_destructive: bool,
    /// Whether the table had no items, and losing some was not accepted.
    has_to_be_empty: bool,
}

/// A table when a call was shown.
enum Seen {
    /// It did not exist.
    Absent,
    /// It existed, and had this id.
    There(Option<String>),
}

impl Approved {
    /// Notes a step as it is shown. `is_there` says whether its table exists now, and
    /// `accept_data_loss` whether items may be lost.
    pub(super) fn show(
        &mut self,
        step: &Step,
        fingerprint: String,
        is_there: bool,
        accept_data_loss: bool,
    ) {
        if !step.call.is_deletion() && !step.is_destructive() {
            return;
        }
        let id = || step.guard.as_ref().and_then(|guard| guard.table_id.clone());
        let shown = Shown {
            table: if is_there { Seen::There(id()) } else { Seen::Absent },
            is_destructive: step.is_destructive(),
            has_to_be_empty: !accept_data_loss
                && step.guard.as_ref().is_some_and(|guard| guard.is_empty),
        };
        self.shown.insert(fingerprint, shown);
    }

    /// Notes what is changed of a table that exists already when it is to be created.
    pub(super) fn show_adoption(&mut self, steps: &[Step]) {
        self.adoptions.extend(steps.iter().map(|step| step.call.clone()));
    }

    /// Whether a table that exists already is to be changed.
    pub(super) fn changes_adopted(&self) -> bool {
        !self.adoptions.is_empty()
    }

    /// Whether a change of an adopted table was shown.
    pub(super) fn has_adoption(&self, step: &Step) -> bool {
        self.adoptions.contains(&step.call)
    }
}

/// The state of a run that goes forward.
#[derive(Default)]
pub(super) struct There {
    /// What was shown of the migration.
    pub(super) approved: Approved,
    /// The tables that this run has created so far, as scripts name them: their deletion takes nothing
    /// from anyone.
    pub(super) made: BTreeSet<String>,
}

impl There {
    /// Notes a step that is done; `adopted` says that the table which it creates existed already.
    pub(super) fn done(&mut self, fingerprint: &str, adopted: bool) {
        if let Some(table) = fingerprint::created_table(fingerprint).filter(|_| !adopted) {
            self.made.insert(table.to_owned());
        }
        if let Some(table) = fingerprint::deleted_table(fingerprint) {
            self.made.remove(table);
        }
    }
}

impl Run<'_> {
    /// The step as it was agreed to: a table that it deletes has to be the one that was shown.
    ///
    /// # Errors
    ///
    /// When it would lose something that was not shown; nothing is sent then.
    pub(super) async fn as_agreed(
        &self,
        step: Step,
        fingerprint: &str,
    ) -> Result<Step, CommandError> {
        let table = fingerprint::table(fingerprint);
        if table.is_some_and(|table| self.way.made().contains(table)) {
            return Ok(step);
        }
        let shown = self.way.approved().shown.get(fingerprint);
        let step = match shown {
            None if step.call.is_deletion() => return Err(not_shown(&step)),
            Some(Shown { table: Seen::Absent, .. }) if step.call.is_deletion() => {
                if self.finds(step.table()).await? {
                    return Err(appeared(&step));
                }
                step
            }
            Some(Shown { table: Seen::There(id), has_to_be_empty, .. })
                if step.call.is_deletion() =>
            {
                let guard = Guard { table_id: id.clone(), is_empty: *has_to_be_empty };
                Step { guard: Some(guard), ..step }
            }
            Some(_) | None => step,
        };
        let is_agreed =
            self.migrate.settings.yes || shown.is_some_and(|shown| shown.is_destructive);
        if is_agreed || !step.is_destructive() || !self.is_destructive_now(&step).await? {
            return Ok(step);
        }
        Err(not_shown(&step))
    }

    /// Whether a step loses something of the table as it is at this moment.
    async fn is_destructive_now(&self, step: &Step) -> Result<bool, CommandError> {
        let control = &self.migrate.target.control;
        let present = control.describe_table(step.table(), extras(&step.call)).await;
        let Some(present) = present.map_err(|error| self.migrate.explain(&error))? else {
            return Ok(false);
        };
        let mut facts = Facts::of(&present);
        if depends_on_items(&step.call) {
            let table = BTreeSet::from([step.table()]);
            let empty = emptiness(&table, PARALLEL, self.migrate.target).await?;
            facts.is_empty = empty.get(step.table()).copied().flatten();
        }
        Ok(Forecast::new([(present, facts)]).step(step.clone()).is_destructive())
    }

    /// Whether there is a table of that name, and not on its way out.
    pub(super) async fn finds(&self, table: &str) -> Result<bool, CommandError> {
        let found = self.migrate.target.control.describe_table(table, Extras::NONE).await;
        let found = found.map_err(|error| self.migrate.explain(&error))?;
        Ok(found.is_some_and(|table| table.status != Status::Deleting))
    }
}

fn not_shown(step: &Step) -> CommandError {
    let message = format!(
        "{}: {} was not shown, and so was not agreed to; it was not done",
        step.table(),
        step.title
    );
    CommandError::new(ErrorKind::Refused, NOT_SHOWN, message)
        .hint("the script takes another way than in its dry run: have it change the same tables, whatever items it finds and whatever db.dryRun says")
        .hint("then run the command again: it goes on where it stopped")
}

fn appeared(step: &Step) -> CommandError {
    let table = step.table();
    let message = format!(
        "{table} was not there when its deletion was agreed to, and is there now; it was not deleted"
    );
    CommandError::new(ErrorKind::Refused, NOT_SHOWN, message)
        .hint("run the command again to see what would be lost")
}
