//! What an undoing may take away: what the migration itself has made, and nothing else.
//!
//! A `down` is written for a migration that has come to its end. One that has not may never have made
//! the table that its `down` deletes, and a table of that name is somebody else's then. So is one that
//! was there before the migration was to create it.

use super::Forward;
use crate::{
    plan::{Call, GlobalSecondaryIndexUpdate, UpdateTable, fingerprint},
    settings::View,
};
use std::collections::BTreeSet;

/// Why something is not a migration's to change on its way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotOurs {
    /// It was not there yet when the migration stopped.
    NeverMade,
    /// It was there before.
    Adopted,
}

impl NotOurs {
    /// `0002_users did not make it`.
    pub fn words(self, migration: &str) -> String {
        match self {
            Self::NeverMade => format!("{migration} did not make it"),
            Self::Adopted => format!("it was there before {migration}"),
        }
    }
}

/// An undoing on its way, call by call. Tables are named as scripts name them.
#[derive(Debug, Clone, Default)]
pub struct WayBack {
    forward: Forward,
    /// The indexes that the way there makes: its step, the table, the index.
    indexes: Vec<(String, String, String)>,
    /// The tables that the way back deletes without having made them itself.
    deleted: BTreeSet<String>,
    /// The tables that it has made itself.
    made: BTreeSet<String>,
    /// The tables that are behind it: their deletion was left out.
    passed: BTreeSet<String>,
}

impl WayBack {
    /// The way back of a migration that had come so far. `up` are the calls of its way there with
    /// their fingerprints, `down` those of the way back, as far as they can be foreseen.
    pub fn new<'a>(
        forward: Forward,
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

    /// Tables that are new since: another migration that was undone just before has made them.
    #[must_use]
    pub fn after(mut self, made: BTreeSet<String>) -> Self {
        self.made = made;
        self
    }

    /// The tables that it has made itself so far.
    pub fn made(&self) -> &BTreeSet<String> {
        &self.made
    }

    /// Whether a call is to be left out, and why. `step` is its fingerprint.
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

    /// Notes a call that was left out.
    pub fn left_out(&mut self, step: &str) {
        let table = fingerprint::deleted_table(step);
        self.passed.extend(table.map(str::to_owned));
    }

    /// Notes a call that is done; `adopted` says whether a table was there already.
    pub fn done(&mut self, step: &str, adopted: bool) {
        if let Some(table) = fingerprint::created_table(step).filter(|_| !adopted) {
            self.made.insert(table.to_owned());
        }
        if let Some(table) = fingerprint::deleted_table(step) {
            self.made.remove(table);
        }
    }

    /// Whether a table has nothing to do with the migration, so far on its way back: it is one that
    /// the `down` means to delete, and that the migration has not made.
    pub fn is_foreign(&self, table: &str) -> bool {
        self.deleted.contains(table)
            && !self.passed.contains(table)
            && self.not_ours(table) == Some(NotOurs::NeverMade)
    }

    /// The tables that have nothing to do with it now.
    pub fn foreign(&self) -> Vec<String> {
        self.deleted.iter().filter(|table| self.is_foreign(table)).cloned().collect()
    }

    /// Why a table is not to be deleted.
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

    /// Whether the way there would have made an index, and did not come that far.
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
