//! Items that exist only in a script's memory, because it read them from a table that it then
//! deletes.
//!
//! If the run is killed after the deletion, the next run cannot read them again, and the script's
//! later writes would lack their data.

use super::{Fallible, run::Run};
use crate::{
    Error,
    ports::{TimeOfDay, World},
};
use mizzle_core::{
    ledger::RecordState,
    plan::{Call, Step, fingerprint},
    text,
};

impl<W: World> Run<'_, W> {
    /// Records, before a table is deleted, whether its items are only in memory.
    pub(super) fn note_held(&mut self, fingerprint: &str) {
        let Some(table) = fingerprint::deleted_table(fingerprint) else { return };
        // The deletion was started by an earlier run, which has recorded it.
        if self.items.has_missed(table) {
            return;
        }
        self.record.held.retain(|held| held != table);
        if self.items.holds(table) {
            self.record.held.push(table.to_owned());
        }
    }

    /// Checks the items before a step is done, or skipped because it was done.
    pub(super) async fn check_items_before(&mut self, step: &Step) -> Fallible<(), W> {
        match step.call {
            Call::CreateTable(_) => self.check_items().await,
            _ => Ok(()),
        }
    }

    /// Fails if the script continues with items that an earlier run had read and that no longer
    /// exist: it would complete without their data.
    pub(super) async fn check_items(&mut self) -> Fallible<(), W> {
        let mut missed = self.items.missed();
        missed.retain(|table| !self.is_deletion_ahead(table));
        if missed.is_empty() {
            return Ok(());
        }
        let naming = &self.migrate.environment.naming;
        let tables: Vec<String> =
            missed.iter().map(|table| naming.physical(table).into_owned()).collect();
        let now = self.migrate.context.clock.seconds_since_1970();
        let record = &mut *self.record;
        if record.state == RecordState::Running {
            record.state = RecordState::Failed;
        }
        let names = text::list(&tables);
        record.error = Some(format!("the items of {names} were in the memory of a run that ended"));
        record.finished_at = Some(now);
        self.write().await?;
        Err(Error::ItemsLost { migration: self.record.name.clone(), tables })
    }
}
