//! Checks that the run of a script stays within its approval.
//!
//! The calls of a script are recorded without items, so a run may deviate. That is allowed as long
//! as every loss was shown before.

use super::{
    Fallible,
    approved::{Seen, Shown},
    run::Run,
};
use crate::{Error, error::Unapproved, ports::World};
use mizzle_core::{
    apply::{ControlPlane, extras},
    model::{AuxiliarySettings, Status},
    plan::{Facts, Forecast, Guard, Step, fingerprint},
};
use std::collections::BTreeSet;

impl<W: World> Run<'_, W> {
    /// Returns the step as it was approved: a table that it deletes has to be the one that was
    /// shown.
    ///
    /// # Errors
    ///
    /// When it would cause a loss that was not shown; it is not sent then.
    pub(super) async fn as_approved(&self, step: Step, fingerprint: &str) -> Fallible<Step, W> {
        let table = fingerprint::table(fingerprint);
        if table.is_some_and(|table| self.way.created().contains(table)) {
            return Ok(step);
        }
        let shown = self.way.approved().shown(fingerprint);
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

    /// True if a step is destructive for the present table.
    async fn is_destructive_now(&self, step: &Step) -> Fallible<bool, W> {
        let context = &self.migrate.context;
        let present = context.server.describe_table(step.table(), extras(&step.call)).await;
        let Some(present) = present.map_err(Error::Service)? else { return Ok(false) };
        let mut facts = Facts::of(&present);
        if step.call.depends_on_items() {
            let table = BTreeSet::from([step.table()]);
            let empty = context.emptiness(&table).await.map_err(Error::Service)?;
            facts.is_empty = empty.get(step.table()).copied().flatten();
        }
        Ok(Forecast::new([(present, facts)]).step(step.clone()).is_destructive())
    }

    /// True if a table with that name exists and is not being deleted.
    pub(super) async fn exists(&self, table: &str) -> Fallible<bool, W> {
        let found =
            self.migrate.context.server.describe_table(table, AuxiliarySettings::NONE).await;
        let found = found.map_err(Error::Service)?;
        Ok(found.is_some_and(|table| table.status != Status::Deleting))
    }
}

fn not_shown<E>(step: &Step) -> Error<E> {
    let (table, title) = (step.table().to_owned(), step.title.clone());
    Error::Unapproved { reason: Unapproved::NotShown { table, title }, repeated: None }
}
