//! What a push leaves undone because the server does not keep it.

use crate::server::TargetName;
use mizzle_engine::converge::Unapplied;
use serde::Serialize;
use std::collections::BTreeMap;

/// Of more tables, two are named and the others counted.
const NAMED_TABLES: usize = 4;

/// Something that a backend accepted but did not keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Remaining {
    /// The table.
    pub(crate) table: String,
    /// What is different.
    pub(crate) setting: String,
    /// Why that may be.
    pub(crate) reason: String,
}

impl Remaining {
    /// The entry of a difference that is left on `target`.
    pub(crate) fn of(unapplied: &Unapplied, target: &TargetName) -> Self {
        Self {
            table: unapplied.table.clone(),
            setting: unapplied.setting.clone(),
            reason: unapplied.reason.sentence(&target.to_string()),
        }
    }
}

/// A line for each setting and reason, whatever the number of tables, in the order in which they
/// first occur.
pub(crate) fn lines(remaining: &[Remaining]) -> Vec<String> {
    let mut positions = BTreeMap::new();
    let mut groups: Vec<(&Remaining, Vec<&str>)> = Vec::new();
    for entry in remaining {
        let position = *positions.entry((&entry.setting, &entry.reason)).or_insert(groups.len());
        match groups.get_mut(position) {
            Some((_, tables)) => tables.push(&entry.table),
            None => groups.push((entry, vec![&entry.table])),
        }
    }
    groups
        .into_iter()
        .map(|(Remaining { setting, reason, .. }, tables)| {
            format!("Not done on {}: {setting}; {reason}", names(&tables))
        })
        .collect()
}

/// `Orders and Users`, `Orders, Users and 12 more`.
fn names(tables: &[&str]) -> String {
    match tables {
        [first, second, rest @ ..] if tables.len() > NAMED_TABLES => {
            format!("{first}, {second} and {} more", rest.len())
        }
        few => mizzle_core::text::list(few),
    }
}

#[cfg(test)]
mod tests {
    use super::{Remaining, lines};

    #[test]
    fn the_same_of_many_tables_is_one_line() {
        let remaining = |table: &str, setting: &str, reason: &str| Remaining {
            table: table.to_owned(),
            setting: setting.to_owned(),
            reason: reason.to_owned(),
        };
        let recovery = "set point-in-time recovery: on";
        let mut all = vec![remaining("Audit", "set stream: NEW_IMAGE", "it was changed meanwhile")];
        for table in ["Carts", "Orders", "Shop", "Stock", "Users"] {
            all.push(remaining(table, recovery, "the server has no operation for it"));
        }
        all.push(remaining("Audit", recovery, "it was changed meanwhile"));
        all.push(remaining("Users", recovery, "it was changed meanwhile"));
        assert_eq!(
            lines(&all),
            [
                "Not done on Audit: set stream: NEW_IMAGE; it was changed meanwhile",
                "Not done on Carts, Orders and 3 more: set point-in-time recovery: on; the server has no operation for it",
                "Not done on Audit and Users: set point-in-time recovery: on; it was changed meanwhile",
            ]
        );
    }
}
