//! The data operations of a running script.

use super::{
    Fallible, Migrate, dry_run,
    items::ItemTracker,
    run::{Run, Way},
    session::LockedSession,
};
use crate::ports::{Call, CallError, World};
use mizzle_core::{
    apply::{DataError, DataOperation, DataPlane, ServiceErrorKind},
    plan::fingerprint,
    text,
};
use std::sync::Arc;

/// DynamoDB's error code for a table that does not exist.
const NO_TABLE: &str = "ResourceNotFoundException";

/// Part of DynamoDB's message, in a `ValidationException`, when an index does not exist.
const NO_INDEX: &str = "does not have the specified index";

/// The steps that an interrupted run recorded or started, and that the script has not reached yet.
/// The interrupted run had done all earlier steps and changes of items, so the script may use
/// tables and indexes that no longer exist.
pub(super) struct ReplayWindow {
    /// Tables that do not belong to the migration. They do not exist for a migration that is rolled
    /// back before it has created them.
    foreign: Vec<String>,
    /// Tables whose deletion is recorded. New tables with the same names may exist.
    deleted: Vec<String>,
    /// Tables that were deleted or changed. They or one of their indexes may not exist.
    touched: Vec<String>,
    /// Deleted tables whose items only an earlier run had in its memory.
    held: Vec<String>,
    items: Arc<ItemTracker>,
}

impl<W: World> Run<'_, W> {
    /// Returns the window at the present position of the script.
    pub(super) fn replay_window(&self) -> ReplayWindow {
        let later = || self.record.steps.iter().skip(self.steps.len());
        // The started deletion follows the recorded steps.
        let begun = self.record.deleting.as_ref();
        let begun = begun.filter(|_| self.steps.len() <= self.record.steps.len());
        let owned = |table: &str| table.to_owned();
        ReplayWindow {
            foreign: match &self.way {
                Way::Up(_) => Vec::new(),
                Way::Down(rollback) => rollback.scope.foreign(),
            },
            deleted: later()
                .filter_map(|step| fingerprint::deleted_table(step))
                .map(owned)
                .collect(),
            touched: later()
                .chain(begun)
                .filter_map(|step| fingerprint::table(step))
                .map(owned)
                .collect(),
            held: self.record.held.clone(),
            items: Arc::clone(&self.items),
        }
    }

    /// True if the script has not yet reached the deletion of a table that an earlier run has
    /// started or done.
    pub(super) fn is_deletion_ahead(&self, table: &str) -> bool {
        let is_it = |step: &String| fingerprint::deleted_table(step) == Some(table);
        let begun = self.record.deleting.iter();
        let mut begun = begun.filter(|_| self.steps.len() <= self.record.steps.len());
        self.record.steps.iter().skip(self.steps.len()).any(is_it) || begun.any(is_it)
    }
}

impl<W: World> Migrate<'_, W> {
    /// Executes a data operation. An error is returned to the script, unless the operation may not
    /// be sent any more.
    pub(super) async fn operation(
        &self,
        operation: DataOperation,
        call: Call,
        window: ReplayWindow,
        session: &LockedSession<W>,
    ) -> Fallible<(), W> {
        let tables = operation.tables(call.input());
        let is_among = |tables: &[String], table: &str| tables.iter().any(|one| one == table);
        if let Some(table) = tables.iter().find(|table| is_among(&window.foreign, table)) {
            let is_all = tables.iter().all(|table| is_among(&window.foreign, table));
            let answer = match operation.is_write() || !is_all {
                true => Err(not_created_by_migration(table)),
                false => Ok(dry_run::nothing(operation)),
            };
            call.reply(answer);
            return Ok(());
        }
        if !tables.is_empty() && tables.iter().all(|table| is_among(&window.deleted, table)) {
            window.items.miss(operation, &tables, &window.held);
            call.reply(Ok(dry_run::nothing(operation)));
            return Ok(());
        }
        let may_be_gone = tables.iter().any(|table| is_among(&window.touched, table));
        let naming = &self.environment.naming;
        let answer = if naming.is_plain() {
            session.items.data(operation, call.input()).await
        } else {
            let there = |name: &str| naming.physical(name).into_owned();
            let back = |name: &str| naming.logical(name).unwrap_or(name).to_owned();
            let input = operation.with_tables(call.input().clone(), &there);
            let answer = session.items.data(operation, &input).await;
            answer.map(|answer| operation.answer_with_tables(answer, &back))
        };
        if answer.as_ref().is_err_and(|error| error.kind == ServiceErrorKind::Fenced) {
            return Err(session.fenced());
        }
        match &answer {
            Ok(answer) => window.items.note(operation, call.input(), answer),
            Err(error) if may_be_gone && is_gone(error) => {
                window.items.miss(operation, &tables, &window.held);
            }
            Err(_) => {}
        }
        let reply = match answer {
            Err(error) if may_be_gone && is_gone(&error) => Ok(dry_run::nothing(operation)),
            answer => answer.map_err(|error| refused(error, &tables)),
        };
        call.reply(reply);
        Ok(())
    }
}

/// Returns the error of a data operation for the script.
fn refused(error: DataError, tables: &[&str]) -> CallError {
    let mut refused = CallError::new(error.name, error.message);
    if error.kind == ServiceErrorKind::Throttled {
        refused.hints.push(format!(
            "raise the capacity of {} while the migration runs, or let the script send fewer \
             requests at once",
            text::list(tables)
        ));
    }
    CallError { fields: error.fields, ..refused }
}

/// True if an operation failed because a table or an index does not exist.
fn is_gone(error: &DataError) -> bool {
    error.name == NO_TABLE || error.message.contains(NO_INDEX)
}

/// Returns the error of a rollback that accesses the items of a table which the migration did not
/// create.
fn not_created_by_migration(table: &str) -> CallError {
    let message = format!("{table} was not made by this migration, so its items are not touched");
    CallError::new("NotOfThisMigration", message)
        .hint("have the `down` bear that the migration never came to that table")
}
