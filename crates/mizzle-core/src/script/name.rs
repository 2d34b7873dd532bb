//! Names for migrations.

use crate::diff::{Change, Diff, TableDiff};
use heck::ToSnakeCase;

/// File names stay readable, and within what every file system takes.
const MAX_LENGTH: usize = 60;

/// A name that says what a diff does: `create_users`, `add_orders_by_status`,
/// `create_users_and_2_more`.
pub fn from_diff(diff: &Diff) -> String {
    let mut deeds: Vec<String> = Vec::new();
    for table in &diff.tables {
        let name = table.table();
        match table {
            TableDiff::Create(_) => deeds.push(format!("create_{name}")),
            TableDiff::Delete(_) => deeds.push(format!("delete_{name}")),
            TableDiff::Update(update) => {
                deeds.extend(update.changes.iter().map(|change| match change {
                    Change::Key { .. } => format!("replace_{name}"),
                    Change::AddLocalIndex(index) => format!("add_{name}_{}", index.index_name),
                    Change::DropLocalIndex(index) => format!("drop_{name}_{}", index.index_name),
                    Change::ChangeLocalIndex { after, .. } => {
                        format!("change_{name}_{}", after.index_name)
                    }
                    Change::AddGlobalIndex(index) => format!("add_{name}_{}", index.index_name),
                    Change::DropGlobalIndex(index) => format!("drop_{name}_{}", index.index_name),
                    Change::ChangeGlobalIndex { after, .. } => {
                        format!("change_{name}_{}", after.index_name)
                    }
                }));
            }
        }
    }
    let name = match deeds.as_slice() {
        [] => "empty".to_owned(),
        [one] => one.clone(),
        [first, rest @ ..] => format!("{first}_and_{}_more", rest.len()),
    };
    sanitised(&name).unwrap_or_else(|| "migration".to_owned())
}

/// A name as it may stand in a file name: snake case of letters and digits; `None` when nothing is
/// left of it.
pub fn sanitised(name: &str) -> Option<String> {
    let ascii: String = name
        .chars()
        .map(|character| if character.is_ascii_alphanumeric() { character } else { '_' })
        .collect();
    let mut name = ascii.to_snake_case();
    name.truncate(MAX_LENGTH);
    let name = name.trim_end_matches('_');
    (!name.is_empty()).then(|| name.to_owned())
}
