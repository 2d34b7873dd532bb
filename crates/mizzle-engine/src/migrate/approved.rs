//! The steps of a migration as they were approved.

use mizzle_core::{
    ledger::WayBack,
    plan::{Call, Step, fingerprint},
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
pub(super) struct Shown {
    /// Its table at that time.
    pub(super) table: Seen,
    /// True if it was shown as destructive.
    pub(super) is_destructive: bool,
    /// True if the table had no items, and losing some was not accepted.
    pub(super) has_to_be_empty: bool,
}

/// A table when a call was shown.
pub(super) enum Seen {
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

    /// Returns a call as it was shown; `None` if it was not, or loses nothing.
    pub(super) fn shown(&self, fingerprint: &str) -> Option<&Shown> {
        self.shown.get(fingerprint)
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

/// The state of a rollback.
pub(super) struct Rollback {
    /// The resources that belong to the migration, and the progress.
    pub(super) scope: WayBack,
    /// The approval.
    pub(super) approved: Approved,
}
