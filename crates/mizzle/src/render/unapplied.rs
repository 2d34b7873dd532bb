//! The settings that a server ignores.

use crate::{
    errors::{CommandError, PortError},
    report::UnappliedChange,
    ui::Ui,
};
use std::collections::BTreeMap;

/// The number of tables that are named together; of more, two are named and the others counted.
const NAMED_TABLES: usize = 4;

/// Warns that settings which the server ignores could not be saved: the next run tries them again.
pub(crate) fn show_not_remembered<'a>(errors: impl IntoIterator<Item = &'a PortError>, ui: &Ui) {
    for error in errors {
        ui.warning(CommandError::from(error.clone()).message);
    }
}

/// Returns a line for each setting and reason, for any number of tables, in the order in which they
/// first occur.
pub(super) fn lines(remaining: &[UnappliedChange]) -> Vec<String> {
    let mut positions = BTreeMap::new();
    let mut groups: Vec<(&UnappliedChange, Vec<&str>)> = Vec::new();
    for entry in remaining {
        let position = *positions.entry((&entry.setting, &entry.reason)).or_insert(groups.len());
        match groups.get_mut(position) {
            Some((_, tables)) => tables.push(&entry.table),
            None => groups.push((entry, vec![&entry.table])),
        }
    }
    groups
        .into_iter()
        .map(|(UnappliedChange { setting, reason, .. }, tables)| {
            format!("Not done on {}: {setting}; {reason}", names(&tables))
        })
        .collect()
}

/// Returns `Orders and Users`, or `Orders, Users and 12 more`.
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
    use super::*;

    #[test]
    fn the_same_of_many_tables_is_one_line() {
        let remaining = |table: &str, setting: &str, reason: &str| UnappliedChange {
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
