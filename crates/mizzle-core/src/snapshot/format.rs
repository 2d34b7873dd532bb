//! The snapshot files, byte for byte.
//!
//! Version 2 is ours: `NNNN_name.snapshot.json` beside the script that leads to it. Version 1 is the
//! one `snapshot.json` that the ORM's first CLI kept; it is read as the state before our first own
//! snapshot, and never written.

use crate::{model::TableDefinition, text};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The name of the first format's one file.
pub const FIRST_FORMAT: &str = "snapshot.json";

/// Namespace of snapshot ids; any fixed value would do.
const ID_NAMESPACE: Uuid = Uuid::from_u128(0x6d69_7a7a_6c65_5f73_6e61_7073_686f_7421);

/// The state of all tables after a migration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Snapshot {
    version: Version2,
    /// Follows from the parent and the tables: the same history has the same ids everywhere.
    pub id: Uuid,
    /// The snapshot before this one; `None` for the first.
    pub parent_id: Option<Uuid>,
    /// The tables by name.
    pub tables: BTreeMap<String, TableDefinition>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Version2 {
    #[serde(rename = "2")]
    Two,
}

/// The first format. Its definitions may carry more than a definition of ours knows.
#[derive(Deserialize)]
struct FirstFormat {
    tables: BTreeMap<String, TableDefinition>,
}

/// Why a snapshot cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The text is no JSON, or not of the shape that its version has.
    #[error("{0}")]
    Malformed(#[from] serde_json::Error),
    /// There is no `version`, or one that this mizzle does not know.
    #[error("{}", match .0 {
        Some(version) => format!("it has version {version:?}, which this version of mizzle does not know"),
        None => "it has no version, so it is not a snapshot".to_owned(),
    })]
    UnknownVersion(Option<String>),
    /// The content does not belong to the id.
    #[error("its id does not fit its content: it was edited after mizzle wrote it")]
    WrongId,
    /// The content belongs to the id, and this version cannot make sense of all of it.
    #[error("it holds something that this version of mizzle does not know: a newer one wrote it")]
    UnknownContent,
    /// A merge left its markers in the file.
    #[error("it holds conflict markers of a merge")]
    ConflictMarkers,
    /// A table is filed under a name that is not its own.
    #[error("it has the table {table} under the name {name}")]
    OtherName {
        /// The name that it is filed under.
        name: String,
        /// The name of the table.
        table: String,
    },
}

impl SnapshotError {
    /// The way out.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::UnknownVersion(Some(version)) if is_newer(version) => UPDATE,
            Self::UnknownContent => UPDATE,
            Self::ConflictMarkers => {
                "take the file of one side whole, and then run `mizzle generate --rebase`"
            }
            Self::Malformed(_)
            | Self::UnknownVersion(_)
            | Self::WrongId
            | Self::OtherName { .. } => {
                "snapshots are written by mizzle alone: restore the file from version control"
            }
        }
    }
}

const UPDATE: &str = "a newer mizzle wrote it: update mizzle";

fn is_newer(version: &str) -> bool {
    version.parse::<u32>().is_ok_and(|version| version > 2)
}

/// Reads JSON, and tells a file that a merge has left half done.
fn read_json(text: &str) -> Result<Value, SnapshotError> {
    serde_json::from_str(text).map_err(|error| {
        let mut lines = text.lines();
        match lines.any(|line| line.starts_with("<<<<<<<") || line.starts_with(">>>>>>>")) {
            true => SnapshotError::ConflictMarkers,
            false => error.into(),
        }
    })
}

/// Refuses tables that are filed under another name than their own: what is compared by name would be
/// another table.
fn expect_own_names(tables: &BTreeMap<String, TableDefinition>) -> Result<(), SnapshotError> {
    match tables.iter().find(|(name, table)| **name != table.table_name) {
        None => Ok(()),
        Some((name, table)) => {
            Err(SnapshotError::OtherName { name: name.clone(), table: table.table_name.clone() })
        }
    }
}

impl Snapshot {
    /// A snapshot of `tables` that follows `parent`.
    pub fn new<'a>(
        parent: Option<Uuid>,
        tables: impl IntoIterator<Item = &'a TableDefinition>,
    ) -> Self {
        let tables: BTreeMap<String, TableDefinition> = tables
            .into_iter()
            .map(|table| (table.table_name.clone(), table.clone().normalised()))
            .collect();
        let id = id(parent, &to_value(&tables));
        Self { version: Version2::Two, id, parent_id: parent, tables }
    }

    /// The file's text: sorted, indented by two, with a final newline; the same snapshot always
    /// gives the same bytes.
    pub fn to_text(&self) -> String {
        let text = serde_json::to_string_pretty(self)
            .expect("a snapshot holds strings, numbers and lists only, which JSON can express");
        let mut text = text::escaped_json(text);
        text.push('\n');
        text
    }

    /// Reads a version 2 snapshot.
    ///
    /// # Errors
    ///
    /// When the text is not a snapshot, was edited by hand, or holds what only a newer mizzle knows.
    pub fn from_text(text: &str) -> Result<Self, SnapshotError> {
        let json = read_json(text)?;
        expect_version(&json, "2")?;
        let snapshot: Self = serde_json::from_value(json.clone())?;
        expect_own_names(&snapshot.tables)?;
        // Over the file's own values: what this version does not know belongs to the id, too.
        let tables = json.get("tables").unwrap_or(&Value::Null);
        if snapshot.id != id(snapshot.parent_id, tables) {
            return Err(SnapshotError::WrongId);
        }
        if *tables != to_value(&snapshot.tables) {
            return Err(SnapshotError::UnknownContent);
        }
        Ok(snapshot)
    }
}

/// Reads a `snapshot.json` of the first format: the tables that it holds.
///
/// # Errors
///
/// When the text is not a version 1 snapshot.
pub fn read_first_format(text: &str) -> Result<BTreeMap<String, TableDefinition>, SnapshotError> {
    let json = read_json(text)?;
    expect_version(&json, "1")?;
    let FirstFormat { tables } = serde_json::from_value(json)?;
    expect_own_names(&tables)?;
    Ok(tables.into_values().map(|table| (table.table_name.clone(), table.normalised())).collect())
}

/// An unknown version is said to be that, and not some odd field.
fn expect_version(json: &Value, wanted: &str) -> Result<(), SnapshotError> {
    let version = json.get("version").map(|version| match version {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    let version = version.map(|version| text::excerpt(&version));
    match version.as_deref() {
        Some(version) if version == wanted => Ok(()),
        _ => Err(SnapshotError::UnknownVersion(version)),
    }
}

fn id(parent: Option<Uuid>, tables: &Value) -> Uuid {
    let content = serde_json::to_vec(&(parent, tables)).expect("a JSON value can be written");
    Uuid::new_v5(&ID_NAMESPACE, &content)
}

fn to_value(tables: &BTreeMap<String, TableDefinition>) -> Value {
    serde_json::to_value(tables)
        .expect("definitions hold strings, numbers and lists only, which JSON can express")
}
