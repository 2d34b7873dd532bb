//! Limits a rollback to the resources that its migration created.
//!
//! A `down` is written for a migration that was applied completely. An unfinished migration may
//! never have created the table that its `down` deletes; a table of that name then belongs to
//! another application. So does a table that existed before the migration was to create it.

use super::ForwardProgress;
use crate::{
    plan::{Call, GlobalSecondaryIndexUpdate, UpdateTable, fingerprint},
    settings::View,
};
use std::collections::BTreeSet;

/// A reason why a rollback must not change a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotOurs {
    /// The migration stopped before it created the resource.
    NeverMade,
    /// The resource existed before the migration.
    Adopted,
}

impl NotOurs {
    /// Describes the reason: `0002_users did not make it`.
    pub fn words(self, migration: &str) -> String {
        match self {
            Self::NeverMade => format!("{migration} did not make it"),
            Self::Adopted => format!("it was there before {migration}"),
        }
    }
}

/// A rollback in progress, call by call. Tables have their names in scripts.
#[derive(Debug, Clone, Default)]
pub struct RollbackScope {
    forward: ForwardProgress,
    /// The indexes that the migration creates: the step, the table, the index.
    indexes: Vec<(String, String, String)>,
    /// The tables that the rollback deletes without having created them itself.
    deleted: BTreeSet<String>,
    /// The tables that the rollback has created itself.
    made: BTreeSet<String>,
    /// The tables whose deletion was skipped.
    passed: BTreeSet<String>,
}

impl RollbackScope {
    /// Creates the rollback of a migration with this progress. `up` are the calls of the migration
    /// with their fingerprints, `down` the fingerprints of the calls of the rollback, as far as
    /// they are known in advance.
    pub fn new<'a>(
        forward: ForwardProgress,
        up: impl IntoIterator<Item = (&'a str, &'a Call)>,
        down: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let mut indexes = Vec::new();
        for (step, call) in up {
            let Some(table) = fingerprint::table(step) else { continue };
            let made = created_indexes(call);
            indexes.extend(made.map(|index| (step.to_owned(), table.to_owned(), index.to_owned())));
        }
        let (mut created, mut deleted) = (BTreeSet::new(), BTreeSet::new());
        for step in down {
            if let Some(table) = fingerprint::created_table(step) {
                created.insert(table);
            }
            let table = fingerprint::deleted_table(step);
            deleted.extend(table.filter(|table| !created.contains(table)).map(str::to_owned));
        }
        Self { forward, indexes, deleted, ..Self::default() }
    }

    /// Adds tables that the rollback of another migration has created before.
    #[must_use]
    pub fn after(mut self, made: BTreeSet<String>) -> Self {
        self.made = made;
        self
    }

    /// Returns the tables that the rollback has created so far.
    pub fn made(&self) -> &BTreeSet<String> {
        &self.made
    }

    /// Returns the reason to skip a call, if it must be skipped. `step` is its fingerprint.
    pub fn leaves_out(&self, step: &str, call: &Call) -> Option<NotOurs> {
        let table = fingerprint::table(step)?;
        match call.view() {
            View::DeleteTable(_) => self.not_ours(table),
            View::CreateTable(_) => None,
            View::UpdateTable(_) | View::Setting(_) if self.is_foreign(table) => {
                Some(NotOurs::NeverMade)
            }
            View::UpdateTable(update) if lifts_protection(update) => {
                let is_to_stay = self.deleted.contains(table) && !self.passed.contains(table);
                self.not_ours(table).filter(|_| is_to_stay)
            }
            View::UpdateTable(update) => {
                let mut dropped = update.global_secondary_index_updates.iter().filter_map(dropped);
                dropped.any(|index| self.never_made(table, index)).then_some(NotOurs::NeverMade)
            }
            View::Setting(_) => None,
        }
    }

    /// Records a call that was skipped.
    pub fn left_out(&mut self, step: &str) {
        let table = fingerprint::deleted_table(step);
        self.passed.extend(table.map(str::to_owned));
    }

    /// Records a call that is done. `adopted` is true if it creates a table that already existed.
    pub fn done(&mut self, step: &str, adopted: bool) {
        if let Some(table) = fingerprint::created_table(step).filter(|_| !adopted) {
            self.made.insert(table.to_owned());
        }
        if let Some(table) = fingerprint::deleted_table(step) {
            self.made.remove(table);
        }
    }

    /// True if a table does not belong to the migration, at this point of the rollback: the `down`
    /// deletes it, but the migration has not created it.
    pub fn is_foreign(&self, table: &str) -> bool {
        self.deleted.contains(table)
            && !self.passed.contains(table)
            && self.not_ours(table) == Some(NotOurs::NeverMade)
    }

    /// Returns the tables that do not belong to the migration at this point.
    pub fn foreign(&self) -> Vec<String> {
        self.deleted.iter().filter(|table| self.is_foreign(table)).cloned().collect()
    }

    /// Returns the reason why a table must not be deleted.
    fn not_ours(&self, table: &str) -> Option<NotOurs> {
        if self.made.contains(table) {
            return None;
        }
        if self.forward.adopted.iter().any(|adopted| adopted == table) {
            return Some(NotOurs::Adopted);
        }
        let mut steps = self.forward.steps.iter();
        let is_made = self.forward.applied
            || steps.any(|step| fingerprint::created_table(step) == Some(table));
        (!is_made).then_some(NotOurs::NeverMade)
    }

    /// True if the migration creates the index, but stopped before it did.
    fn never_made(&self, table: &str, index: &str) -> bool {
        let is_it = |made: &&(String, String, String)| made.1 == table && made.2 == index;
        let mut steps = self.indexes.iter().filter(is_it).map(|(step, _, _)| step).peekable();
        !self.forward.applied
            && steps.peek().is_some()
            && steps.all(|step| !self.forward.steps.contains(step))
    }
}

fn created_indexes(call: &Call) -> Box<dyn Iterator<Item = &str> + '_> {
    match call.view() {
        View::CreateTable(request) => {
            Box::new(request.global_secondary_indexes.iter().map(|index| &*index.index_name))
        }
        View::UpdateTable(request) => Box::new(
            request.global_secondary_index_updates.iter().filter_map(|update| match update {
                GlobalSecondaryIndexUpdate::Create(index) => Some(&*index.index_name),
                GlobalSecondaryIndexUpdate::Update(_) | GlobalSecondaryIndexUpdate::Delete(_) => {
                    None
                }
            }),
        ),
        View::DeleteTable(_) | View::Setting(_) => Box::new(std::iter::empty()),
    }
}

fn dropped(update: &GlobalSecondaryIndexUpdate) -> Option<&str> {
    match update {
        GlobalSecondaryIndexUpdate::Delete(index) => Some(&index.index_name),
        GlobalSecondaryIndexUpdate::Create(_) | GlobalSecondaryIndexUpdate::Update(_) => None,
    }
}

fn lifts_protection(update: &UpdateTable) -> bool {
    update.deletion_protection_enabled == Some(false)
}
