//! The steps of a migration as they were approved, and how its run is held to them.
//!
//! The calls of a script are recorded where there are no items, so a run may take another way. It may,
//! as long as nothing is lost that was not shown.

use super::{Fallible, plan::depends_on_items, script::Run};
use crate::{Error, error::Unapproved, ports::World};
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
    /// Its table at that time.
    table: Seen,
    /// True if it was shown as destructive.
    is_destructive: bool,
    /// True if the table had no items, and losing some was not accepted.
    has_to_be_empty: bool,
}

/// A table when a call was shown.
enum Seen {
    /// It did not exist.
    Absent,
    /// It existed with this id.
    Existing(Option<String>),
}

impl Approved {
    /// Notes a step as it is shown. `exists` says that its table exists now, and `accept_data_loss`
    /// that items may be lost.
    pub(super) fn show(
        &mut self,
        step: &Step,
        fingerprint: String,
        exists: bool,
        accept_data_loss: bool,
    ) {
        if !step.call.is_deletion() && !step.is_destructive() {
            return;
        }
        let id = || step.guard.as_ref().and_then(|guard| guard.table_id.clone());
        let shown = Shown {
            table: if exists { Seen::Existing(id()) } else { Seen::Absent },
            is_destructive: step.is_destructive(),
            has_to_be_empty: !accept_data_loss
                && step.guard.as_ref().is_some_and(|guard| guard.is_empty),
        };
        self.shown.insert(fingerprint, shown);
    }

    /// Notes the changes of a table that exists before it is to be created.
    pub(super) fn show_adoption(&mut self, steps: &[Step]) {
        self.adoptions.extend(steps.iter().map(|step| step.call.clone()));
    }

    /// True if a table that exists before is to be changed.
    pub(super) fn changes_adopted(&self) -> bool {
        !self.adoptions.is_empty()
    }

    /// True if this change of an adopted table was shown.
    pub(super) fn has_adoption(&self, step: &Step) -> bool {
        self.adoptions.contains(&step.call)
    }
}

/// The state of a run forward.
#[derive(Default)]
pub(super) struct ForwardRun {
    /// The approval.
    pub(super) approved: Approved,
    /// The tables that this run has created so far, by the names that scripts use: deleting them loses
    /// nothing that anybody else has.
    pub(super) created: BTreeSet<String>,
}

impl ForwardRun {
    /// Notes a step that is done; `adopted` says that the table which it creates existed before.
    pub(super) fn done(&mut self, fingerprint: &str, adopted: bool) {
        if let Some(table) = fingerprint::created_table(fingerprint).filter(|_| !adopted) {
            self.created.insert(table.to_owned());
        }
        if let Some(table) = fingerprint::deleted_table(fingerprint) {
            self.created.remove(table);
        }
    }
}

impl<W: World> Run<'_, W> {
    /// Returns the step as it was approved: a table that it deletes has to be the one that was shown.
    ///
    /// # Errors
    ///
    /// When it would lose something that was not shown; nothing is sent then.
    pub(super) async fn as_approved(&self, step: Step, fingerprint: &str) -> Fallible<Step, W> {
        let table = fingerprint::table(fingerprint);
        if table.is_some_and(|table| self.way.created().contains(table)) {
            return Ok(step);
        }
        let shown = self.way.approved().shown.get(fingerprint);
        let step = match shown {
            None if step.call.is_deletion() => return Err(not_shown(&step)),
            Some(Shown { table: Seen::Absent, .. }) if step.call.is_deletion() => {
                if self.exists(step.table()).await? {
                    let reason = Unapproved::Appeared(step.table().to_owned());
                    return Err(Error::Unapproved { reason, repeated: None });
                }
                step
            }
            Some(Shown { table: Seen::Existing(id), has_to_be_empty, .. })
                if step.call.is_deletion() =>
            {
                let guard = Guard { table_id: id.clone(), is_empty: *has_to_be_empty };
                Step { guard: Some(guard), ..step }
            }
            Some(_) | None => step,
        };
        let is_approved =
            self.migrate.policy.yes || shown.is_some_and(|shown| shown.is_destructive);
        if is_approved || !step.is_destructive() || !self.is_destructive_now(&step).await? {
            return Ok(step);
        }
        Err(not_shown(&step))
    }

    /// True if a step loses something of the table as it is at this moment.
    async fn is_destructive_now(&self, step: &Step) -> Fallible<bool, W> {
        let context = &self.migrate.context;
        let present = context.server.describe_table(step.table(), extras(&step.call)).await;
        let Some(present) = present.map_err(Error::Service)? else { return Ok(false) };
        let mut facts = Facts::of(&present);
        if depends_on_items(&step.call) {
            let table = BTreeSet::from([step.table()]);
            let empty = context.emptiness(&table).await.map_err(Error::Service)?;
            facts.is_empty = empty.get(step.table()).copied().flatten();
        }
        Ok(Forecast::new([(present, facts)]).step(step.clone()).is_destructive())
    }

    /// True if a table of that name exists and is not being deleted.
    pub(super) async fn exists(&self, table: &str) -> Fallible<bool, W> {
        let found = self.migrate.context.server.describe_table(table, Extras::NONE).await;
        let found = found.map_err(Error::Service)?;
        Ok(found.is_some_and(|table| table.status != Status::Deleting))
    }
}

fn not_shown<E>(step: &Step) -> Error<E> {
    let (table, title) = (step.table().to_owned(), step.title.clone());
    Error::Unapproved { reason: Unapproved::NotShown { table, title }, repeated: None }
}
