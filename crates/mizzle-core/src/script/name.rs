//! Names for migrations.

use crate::{
    diff::{Change, Diff, Released, TableDiff},
    plan::Origins,
    text,
};
use heck::ToSnakeCase;
use std::collections::BTreeSet;

/// The maximum length of a name: readable, and within the limits of every file system.
const MAX_LENGTH: usize = 60;

/// Returns a name that describes a diff: `create_users`, `add_orders_by_status`,
/// `create_users_and_2_more`, `rename_app_to_shop`. Settings that are no longer managed come last:
/// `release_shop_capacity`. A deletion of a table is always part of the name:
/// `create_shop_and_delete_app`.
pub fn from_diff(diff: &Diff, released: &[Released], origins: &Origins) -> String {
    let renamed: BTreeSet<&str> = origins.values().flatten().map(String::as_str).collect();
    let mut deeds: Vec<(Verb, String)> = Vec::new();
    for table in &diff.tables {
        let name = table.table();
        match table {
            TableDiff::Create(_) => deeds.push(match origins.get(name) {
                Some(Some(origin)) => (Verb::Rename, format!("{origin}_to_{name}")),
                Some(None) | None => (Verb::Create, name.to_owned()),
            }),
            TableDiff::Delete(_) if renamed.contains(name) => {}
            TableDiff::Delete(_) => deeds.push((Verb::Delete, name.to_owned())),
            TableDiff::Update(update) if update.needs_replacement() => {
                deeds.push((Verb::Replace, name.to_owned()));
            }
            TableDiff::Update(update) => {
                deeds.extend(update.changes.iter().map(|change| {
                    let (verb, object) = match change {
                        Change::Key { .. } => (Verb::Change, "key".to_owned()),
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
    // Creations describe the purpose of a migration better than deletions, so they come first.
    deeds.sort_by_key(|(verb, _)| *verb);
    let (deletions, others): (Vec<_>, Vec<_>) =
        deeds.into_iter().partition(|(verb, _)| verb.deletes_table());
    // A rename deletes the table with the old name, so "more" must not hide it.
    let (renames, rest): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|(verb, _)| *verb == Verb::Rename);
    let renames = match renames.len() {
        0 | 1 => renames,
        many => vec![(Verb::Rename, text::count(many, "table", "tables"))],
    };
    let others = [renames, rest].concat();
    let others = match others.as_slice() {
        [] => None,
        [one] => Some(phrase(one)),
        [first, rest @ ..] => Some(format!("{}_and_{}_more", phrase(first), rest.len())),
    };
    let name = match (others, deletions.is_empty()) {
        (None, true) => "empty".to_owned(),
        (Some(others), true) => others,
        (others, false) => deleting(others, &deletions),
    };
    sanitised(&name).unwrap_or_else(|| "migration".to_owned())
}

/// Returns the name of a migration that deletes tables: the longest candidate that is not cut off.
fn deleting(others: Option<String>, deletions: &[(Verb, String)]) -> String {
    let counted = |verb: Verb| {
        let count = deletions.iter().filter(|(other, _)| *other == verb).count();
        (count > 0).then(|| format!("{}_{}", verb.word(), text::count(count, "table", "tables")))
    };
    let counted: Vec<String> =
        [Verb::Replace, Verb::Delete].into_iter().filter_map(counted).collect();
    let counted = counted.join("_and_");
    let named = match deletions {
        [one] => phrase(one),
        [one, two] => format!("{}_and_{}", phrase(one), phrase(two)),
        _ => counted.clone(),
    };
    let candidates = match others {
        None => vec![named, counted.clone()],
        Some(others) => {
            vec![
                format!("{others}_and_{named}"),
                format!("{others}_and_{counted}"),
                format!("{named}_and_more"),
                format!("{counted}_and_more"),
            ]
        }
    };
    let mut candidates = candidates.into_iter();
    candidates.find(|name| snake_case(name).len() <= MAX_LENGTH).unwrap_or(counted)
}

/// Describes one change of a migration: `create_Shop`.
fn phrase((verb, object): &(Verb, String)) -> String {
    format!("{}_{object}", verb.word())
}

/// The change of a table or an index, in the order of a name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verb {
    Rename,
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
    fn deletes_table(self) -> bool {
        match self {
            Self::Replace | Self::Delete => true,
            Self::Rename
            | Self::Create
            | Self::Add
            | Self::Change
            | Self::Set
            | Self::Drop
            | Self::Release => false,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Rename => "rename",
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

/// Returns a name for a file name, in snake case of letters and digits; `None` if the result is
/// empty.
pub fn sanitised(name: &str) -> Option<String> {
    let mut name = snake_case(name);
    name.truncate(MAX_LENGTH);
    let name = name.trim_end_matches('_');
    (!name.is_empty()).then(|| name.to_owned())
}

fn snake_case(name: &str) -> String {
    let ascii: String = name
        .chars()
        .map(|character| if character.is_ascii_alphanumeric() { character } else { '_' })
        .collect();
    ascii.to_snake_case()
}
