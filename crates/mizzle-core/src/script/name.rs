//! Names for migrations.

use crate::diff::{Change, Diff, Released, TableDiff};
use heck::ToSnakeCase;

/// File names stay readable, and within what every file system takes.
const MAX_LENGTH: usize = 60;

/// A name that says what a diff does: `create_users`, `add_orders_by_status`,
/// `create_users_and_2_more`.
/// What is no longer managed is mentioned last: `release_shop_capacity`.
pub fn from_diff(diff: &Diff, released: &[Released]) -> String {
    let mut deeds: Vec<(Verb, String)> = Vec::new();
    for table in &diff.tables {
        let name = table.table();
        match table {
            TableDiff::Create(_) => deeds.push((Verb::Create, name.to_owned())),
            TableDiff::Delete(_) => deeds.push((Verb::Delete, name.to_owned())),
            TableDiff::Update(update) => {
                deeds.extend(update.changes.iter().map(|change| {
                    let (verb, object) = match change {
                        Change::Key { .. } => return (Verb::Replace, name.to_owned()),
                        Change::AddLocalIndex(index) => (Verb::Add, index.index_name.clone()),
                        Change::DropLocalIndex(index) => (Verb::Drop, index.index_name.clone()),
                        Change::ChangeLocalIndex { after, .. } => {
                            (Verb::Change, after.index_name.clone())
                        }
                        Change::AddGlobalIndex(index) => (Verb::Add, index.index_name.clone()),
                        Change::DropGlobalIndex(index) => (Verb::Drop, index.index_name.clone()),
                        Change::ChangeGlobalIndex { after, .. } => {
                            (Verb::Change, after.index_name.clone())
                        }
                        Change::Setting(setting) => (Verb::Set, setting.name()),
                    };
                    (verb, format!("{name}_{object}"))
                }));
            }
        }
    }
    for Released { table, settings } in released {
        deeds.extend(settings.iter().map(|setting| (Verb::Release, format!("{table}_{setting}"))));
    }
    // What comes is why a migration is made, more than what goes with it.
    deeds.sort_by_key(|(verb, _)| *verb);
    let name = match deeds.as_slice() {
        [] => "empty".to_owned(),
        [(verb, object)] => format!("{}_{object}", verb.word()),
        [(verb, object), rest @ ..] => {
            format!("{}_{object}_and_{}_more", verb.word(), rest.len())
        }
    };
    sanitised(&name).unwrap_or_else(|| "migration".to_owned())
}

/// What is done to a table or an index, in the order in which a name mentions it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verb {
    Create,
    Add,
    Change,
    Set,
    Replace,
    Drop,
    Delete,
    Release,
}

impl Verb {
    fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Add => "add",
            Self::Change => "change",
            Self::Set => "set",
            Self::Replace => "replace",
            Self::Drop => "drop",
            Self::Delete => "delete",
            Self::Release => "release",
        }
    }
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
