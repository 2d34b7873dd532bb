//! Questions that are asked before anything is deleted.

use crate::{
    clock,
    errors::CommandError,
    server::TargetName,
    ui::{Choice, Ui},
};
use mizzle_core::{
    model::{Status, TableDescription},
    text,
};
use std::time::SystemTime;

/// The flag that answers both questions about the deletion itself.
const FLAG: &str = "--yes";

/// Asks which tables to drop; at least one. `is_counted_now` is true if the server counts items at
/// once.
pub(super) fn pick(
    ui: &Ui,
    tables: &[TableDescription],
    is_counted_now: bool,
) -> Result<Vec<String>, CommandError> {
    let now = clock::now();
    let name = |table: &TableDescription| table.definition.table_name.clone();
    let choices: Vec<Choice> = tables
        .iter()
        .map(|table| Choice::new(name(table), hint(table, is_counted_now, now)))
        .collect();
    let picked = ui.pick_many("Which tables are to be dropped?", &choices, "<TABLE>…")?;
    Ok(picked.into_iter().filter_map(|at| tables.get(at)).map(name).collect())
}

/// Returns details of a table for the choice, the most important first: a narrow terminal cuts them
/// off.
fn hint(table: &TableDescription, is_counted_now: bool, now: SystemTime) -> String {
    let mut parts = Vec::new();
    if table.definition.deletion_protection_enabled == Some(true) {
        parts.push("protected".to_owned());
    }
    if table.status != Status::Active {
        parts.push(table.status.to_string());
    }
    parts.extend(table.item_count.map(|items| {
        // DynamoDB itself counts every six hours.
        let about = if is_counted_now { "" } else { "about " };
        let noun = if items == 1 { "item" } else { "items" };
        format!("{about}{} {noun}", text::grouped(items))
    }));
    parts.extend(table.size_bytes.filter(|size| *size > 0).map(text::bytes));
    // Another machine's clock may be ahead of this one's.
    let age = |created| now.duration_since(created).unwrap_or_default();
    parts.extend(table.created.map(|created| text::age(age(created))));
    parts.join(", ")
}

/// Asks for confirmation to delete these tables: yes or no for a server on this machine, otherwise
/// the table's name, or the number of tables, has to be typed, so that nothing is confirmed by
/// mistake.
pub(super) fn agree(
    ui: &Ui,
    tables: &[&str],
    target: &TargetName,
    is_local: bool,
) -> Result<(), CommandError> {
    let count = tables.len().to_string();
    match (is_local, tables) {
        (true, tables) => {
            let what = match tables {
                [one] => (*one).to_owned(),
                many => text::count(many.len(), "table", "tables"),
            };
            match ui.confirm(&format!("Drop {what} from {target}?"), FLAG)? {
                true => Ok(()),
                false => Err(CommandError::declined()),
            }
        }
        (false, [one]) => {
            let question = format!("Type {one} to drop it from {target}");
            ui.confirm_by_typing(&question, one, FLAG)
        }
        (false, _) => {
            let question = format!("Type {count} to drop these {count} tables from {target}");
            ui.confirm_by_typing(&question, &count, FLAG)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::verdict::tests::table, *};
    use crate::ui::{Answer, Scripted};
    use std::{path::Path, time::Duration};

    fn ask<R>(
        answers: impl IntoIterator<Item = Answer>,
        question: impl FnOnce(&Ui) -> R,
    ) -> (R, String) {
        let scripted = Scripted::new(answers);
        let answer = question(&Ui::scripted(&scripted, Path::new("/")));
        (answer, scripted.asked().join("\n"))
    }

    fn target() -> TargetName {
        TargetName {
            environment: None,
            endpoint: "https://dynamodb.eu-west-1.amazonaws.com".to_owned(),
            region: "eu-west-1".to_owned(),
            account: Some("123456789012".to_owned()),
            file: None,
            served_at: None,
            is_local: false,
        }
    }

    #[test]
    fn tables_are_picked_by_their_names() {
        let tables = [table("Carts"), table("Orders"), table("Users")];
        let pick = |ui: &Ui| pick(ui, &tables, true);
        let (picked, asked) = ask([Answer::PickedMany(&["Users", "Carts"])], pick);
        assert_eq!(picked.unwrap(), ["Users", "Carts"]);
        assert_eq!(asked, "Which tables are to be dropped?");
        let (left, _) = ask([Answer::Leave], pick);
        assert!(left.unwrap_err().is_cancelled());
    }

    #[test]
    fn on_this_machine_no_is_the_default() {
        let agree = |ui: &Ui| agree(ui, &["Carts", "Users"], &target(), true);
        let (agreed, asked) = ask([Answer::Is(true)], agree);
        agreed.unwrap();
        assert_eq!(
            asked,
            "Drop 2 tables from https://dynamodb.eu-west-1.amazonaws.com (eu-west-1, account 123456789012)?"
        );
        for (answer, is_declined) in
            [(Answer::Is(false), true), (Answer::Default, true), (Answer::Leave, false)]
        {
            let error = ask([answer], agree).0.unwrap_err();
            assert_eq!((error.is_declined(), error.is_cancelled()), (is_declined, !is_declined));
        }
    }

    #[test]
    fn elsewhere_the_name_or_the_number_is_typed() {
        let one = |ui: &Ui| agree(ui, &["Carts"], &target(), false);
        let (agreed, asked) = ask([Answer::Typed("Carts")], one);
        agreed.unwrap();
        assert!(asked.starts_with("Type Carts to drop it from https://"), "{asked}");
        let two = |ui: &Ui| agree(ui, &["Carts", "Users"], &target(), false);
        let (agreed, asked) = ask([Answer::Typed("2")], two);
        agreed.unwrap();
        assert!(asked.starts_with("Type 2 to drop these 2 tables from https://"), "{asked}");
        assert!(ask([Answer::Leave], two).0.unwrap_err().is_cancelled());
    }

    #[test]
    #[should_panic = "is not accepted"]
    fn another_table_s_name_is_no_agreement() {
        let _ = ask([Answer::Typed("Users")], |ui| agree(ui, &["Carts"], &target(), false));
    }

    #[test]
    fn what_matters_most_comes_first() {
        let now = SystemTime::now();
        let mut plain = table("Orders");
        plain.created = Some(now - Duration::from_secs(3 * 24 * 3600));
        plain.item_count = Some(1_204_000);
        plain.size_bytes = Some(842_800_000);
        assert_eq!(hint(&plain, false, now), "about 1,204,000 items, 842.8 MB, 3 days old");
        plain.definition.deletion_protection_enabled = Some(true);
        plain.status = Status::Updating;
        (plain.item_count, plain.size_bytes) = (Some(1), Some(0));
        // The server's clock is ahead.
        plain.created = Some(now + Duration::from_secs(60));
        assert_eq!(hint(&plain, true, now), "protected, UPDATING, 1 item, new");
        (plain.item_count, plain.created) = (None, None);
        assert_eq!(hint(&plain, true, now), "protected, UPDATING");
    }
}
