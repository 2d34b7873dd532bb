//! The ARNs of tables, which some requests need instead of a name.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// ARNs that the server has returned, by table name. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Arns(Arc<Mutex<HashMap<String, String>>>);

impl Arns {
    /// Returns the ARN if the server has returned it before.
    pub(crate) fn get(&self, table: &str) -> Option<String> {
        self.with(|arns| arns.get(table).cloned())
    }

    pub(crate) fn learn(&self, table: &str, arn: &str) {
        self.with(|arns| arns.insert(table.to_owned(), arn.to_owned()));
    }

    pub(crate) fn forget(&self, table: &str) {
        self.with(|arns| arns.remove(table));
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashMap<String, String>) -> T) -> T {
        // A panic never leaves the map in an invalid state.
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
