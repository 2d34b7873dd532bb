//! The approved steps of a migration.

use mizzle_core::{
    ledger::RollbackScope,
    plan::{Call, Step, fingerprint},
};
use std::collections::{BTreeMap, BTreeSet};

/// The destructive calls of a migration that were shown, by fingerprint.
#[derive(Default)]
pub(super) struct Approved {
    shown: BTreeMap<String, Shown>,
    /// The calls that change tables which the migration adopts.
    adoptions: Vec<Call>,
}

/// A call that was shown.
pub(super) struct Shown {
    /// The table at that time.
    pub(super) table: Seen,
    /// True if it was shown as destructive.
    pub(super) is_destructive: bool,
    /// True if the table had no items, and their loss was not accepted.
    pub(super) has_to_be_empty: bool,
}

/// The state of a table when a call was shown.
pub(super) enum Seen {
    /// The table did not exist.
    Absent,
    /// The table existed with this ID.
    Existing(Option<String>),
}

impl Approved {
    /// Records a step that is shown. `exists` is true if its table exists now, and
    /// `accept_data_loss` if items may be lost.
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

    /// Records the changes of a table that already exists when it is to be created.
    pub(super) fn show_adoption(&mut self, steps: &[Step]) {
        self.adoptions.extend(steps.iter().map(|step| step.call.clone()));
    }

    /// True if an existing table is to be changed.
    pub(super) fn changes_adopted(&self) -> bool {
        !self.adoptions.is_empty()
    }

    /// Returns the record of a call that was shown; `None` if it was not, or is not destructive.
    pub(super) fn shown(&self, fingerprint: &str) -> Option<&Shown> {
        self.shown.get(fingerprint)
    }

    /// True if this change of an adopted table was shown.
    pub(super) fn has_adoption(&self, step: &Step) -> bool {
        self.adoptions.contains(&step.call)
    }
}

/// The state of a run of `up`.
#[derive(Default)]
pub(super) struct ForwardRun {
    /// The approval.
    pub(super) approved: Approved,
    /// The tables that this run has created so far, by their names in scripts. Deleting them loses
    /// no other data.
    pub(super) created: BTreeSet<String>,
}

impl ForwardRun {
    /// Records a step that is done; `adopted` is true if it creates a table that already existed.
    pub(super) fn done(&mut self, fingerprint: &str, adopted: bool) {
        if let Some(table) = fingerprint::created_table(fingerprint).filter(|_| !adopted) {
            self.created.insert(table.to_owned());
        }
        if let Some(table) = fingerprint::deleted_table(fingerprint) {
            self.created.remove(table);
        }
    }
}

/// The state of a rollback.
pub(super) struct Rollback {
    /// The resources that belong to the migration, and the progress.
    pub(super) scope: RollbackScope,
    /// The approval.
    pub(super) approved: Approved,
}
