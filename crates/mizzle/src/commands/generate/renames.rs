//! Renamed tables: some tables are deleted while others are created. DynamoDB cannot rename a
//! table, and a diff cannot distinguish a renamed table from a new one.

use crate::{
    errors::CommandError,
    ui::{Choice, Ui},
};
use mizzle_core::{diff::Diff, plan::Origins, text};

/// The number of tables that a warning names on each side.
const NAMED: usize = 5;

/// Asks for each new table whether it is a deleted one under another name.
///
/// # Errors
///
/// When the user cancels.
pub(super) fn ask(diff: &Diff, ui: &Ui) -> Result<Origins, CommandError> {
    let mut gone: Vec<&str> = diff.deleted().map(|table| table.table_name.as_str()).collect();
    let mut origins = Origins::new();
    for table in diff.created() {
        if gone.is_empty() {
            break;
        }
        let name = &table.table_name;
        let mut choices = vec![Choice::new(format!("{name} is new"), "")];
        choices
            .extend(gone.iter().map(|old| {
                Choice::new(format!("{name} was {old}"), "the script copies the items")
            }));
        let question = format!("Is {name} a new table, or was it {}?", text::alternatives(&gone));
        let picked = ui.pick(&question, &choices, 0, "--yes")?;
        let origin = picked.checked_sub(1).map(|position| gone.remove(position).to_owned());
        origins.insert(name.clone(), origin);
    }
    Ok(origins)
}

/// Warns of possible renames when no question can be asked.
pub(super) fn warn(diff: &Diff, ui: &Ui) {
    let names = |tables: Vec<&str>| match tables.len().checked_sub(NAMED) {
        None | Some(0) => text::list(&tables),
        Some(more) => format!("{} and {more} more", tables[..NAMED].join(", ")),
    };
    let deleted: Vec<&str> = diff.deleted().map(|table| table.table_name.as_str()).collect();
    let created: Vec<&str> = diff.created().map(|table| table.table_name.as_str()).collect();
    if deleted.is_empty() || created.is_empty() {
        return;
    }
    ui.warning(format!(
        "The migration deletes {} and creates {}. DynamoDB cannot rename a table: if one is the other under a new name, copy its items in the script before the deletion. On a terminal `mizzle generate` asks, and writes the copy",
        names(deleted),
        names(created)
    ));
}

/// Returns the origins for the rollback: the items of a copied table are copied back, and a table
/// that is no new table's origin stays without one.
pub(super) fn reversed(diff: &Diff, origins: &Origins) -> Origins {
    if origins.is_empty() {
        return Origins::new();
    }
    let back = diff.deleted().map(|table| {
        let name = &table.table_name;
        let copied = origins.iter().find(|(_, origin)| origin.as_ref() == Some(name));
        (name.clone(), copied.map(|(successor, _)| successor.clone()))
    });
    back.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::{Answer, Scripted};
    use mizzle_core::{diff::diff, model::TableDefinition};
    use std::path::Path;

    fn changes(before: &[&str], after: &[&str]) -> Diff {
        let tables = |names: &[&str]| -> Vec<TableDefinition> {
            let named = |name: &&str| TableDefinition {
                table_name: (*name).to_owned(),
                ..TableDefinition::default()
            };
            names.iter().map(named).collect()
        };
        diff(&tables(before), &tables(after))
    }

    #[test]
    fn each_new_table_may_be_any_deleted_one_that_is_left() {
        let answers = [Answer::Picked("New was Old"), Answer::Picked("Shop was App")];
        let prompter = Scripted::new(answers);
        let ui = Ui::scripted(&prompter, Path::new("/"));
        let diff = changes(&["App", "Old"], &["New", "Shop", "Third"]);
        let origins = ask(&diff, &ui).unwrap();
        assert_eq!(
            prompter.asked(),
            ["Is New a new table, or was it App or Old?", "Is Shop a new table, or was it App?"]
        );
        let some = |name: &str| Some(name.to_owned());
        assert_eq!(
            origins,
            [("New".to_owned(), some("Old")), ("Shop".to_owned(), some("App"))].into()
        );
        let back = reversed(&diff, &origins);
        assert_eq!(
            back,
            [("Old".to_owned(), some("New")), ("App".to_owned(), some("Shop"))].into()
        );
    }

    #[test]
    fn a_table_is_new_unless_somebody_says_otherwise() {
        let prompter = Scripted::new([Answer::Default]);
        let ui = Ui::scripted(&prompter, Path::new("/"));
        let diff = changes(&["App"], &["Shop"]);
        let origins = ask(&diff, &ui).unwrap();
        assert_eq!(origins, [("Shop".to_owned(), None)].into());
        assert_eq!(reversed(&diff, &origins), [("App".to_owned(), None)].into());
        assert_eq!(reversed(&diff, &Origins::new()), Origins::new());
    }

    #[test]
    fn nothing_is_asked_without_both() {
        let prompter = Scripted::new([]);
        let ui = Ui::scripted(&prompter, Path::new("/"));
        for diff in [changes(&["App"], &[]), changes(&[], &["Shop"]), changes(&["A"], &["A"])] {
            assert_eq!(ask(&diff, &ui).unwrap(), Origins::new());
        }
    }
}
