//! The format of snapshot files, byte for byte.
//!
//! Version 2 is mizzle's: `NNNN_name.snapshot.json` beside the script that leads to it. Version 1
//! is the single `snapshot.json` of the ORM's first CLI; it is read as the state before the first
//! snapshot of version 2, and never written.

use crate::{model::TableDefinition, text};
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use std::{borrow::Cow, collections::BTreeMap};
use uuid::Uuid;

/// The name of the single file of the first format.
pub const FIRST_FORMAT: &str = "snapshot.json";

/// The namespace of snapshot ids; any fixed value would do.
const ID_NAMESPACE: Uuid = Uuid::from_u128(0x6d69_7a7a_6c65_5f73_6e61_7073_686f_7421);

/// The state of all tables after a migration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Snapshot {
    version: Version2,
    /// The id, derived from the parent and the tables: the same history has the same ids
    /// everywhere.
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

/// A file of the first format. Its definitions may have fields that the current format lacks.
#[derive(Deserialize)]
struct FirstFormat {
    tables: BTreeMap<String, TableDefinition>,
}

/// The error of a snapshot that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The text is not JSON, or does not have the shape of its version.
    #[error("{0}")]
    Malformed(#[from] serde_json::Error),
    /// The `version` is missing or unknown; it is included unchanged.
    #[error("{}", match .0 {
        Some(version) => format!("it has version {version}, which this version of mizzle does not know"),
        None => "it has no version, so it is not a snapshot".to_owned(),
    })]
    UnknownVersion(Option<String>),
    /// The content does not match the id.
    #[error("its id does not fit its content: it was edited after mizzle wrote it")]
    WrongId,
    /// The content matches the id, but this version cannot read all of it.
    #[error("it holds something that this version of mizzle does not know: a newer one wrote it")]
    UnknownContent,
    /// The file contains the conflict markers of a merge.
    #[error("it holds conflict markers of a merge")]
    ConflictMarkers,
    /// The key of a table differs from the table's name.
    #[error("it has the table {table} under the name {name}")]
    OtherName {
        /// The key of the table.
        name: String,
        /// The name of the table.
        table: String,
    },
}

impl SnapshotError {
    /// Returns the suggested fix.
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
    version.trim_matches('"').parse::<u32>().is_ok_and(|version| version > 2)
}

/// The unparsed fields of a file, so that each value is parsed only once.
type Raw<'t> = BTreeMap<Cow<'t, str>, &'t RawValue>;

/// Reads the fields of a JSON file of this version. An unknown version is reported as such, not as
/// an unknown field.
fn read_fields<'t>(text: &'t str, wanted: &str) -> Result<Raw<'t>, SnapshotError> {
    let fields: Raw<'t> = match serde_json::from_str(text) {
        Ok(fields) => fields,
        Err(error) if error.is_data() => return Err(SnapshotError::UnknownVersion(None)),
        Err(error) => {
            // The file may contain the markers of an unfinished merge.
            let mut lines = text.lines();
            return Err(
                match lines.any(|line| line.starts_with("<<<<<<<") || line.starts_with(">>>>>>>")) {
                    true => SnapshotError::ConflictMarkers,
                    false => error.into(),
                },
            );
        }
    };
    match fields.get("version").map(|version| version.get()) {
        Some(version) if version == wanted => Ok(fields),
        version => Err(SnapshotError::UnknownVersion(version.map(text::excerpt))),
    }
}

/// Refuses tables whose key is not their name: comparisons by name would compare the wrong tables.
fn expect_own_names(tables: &BTreeMap<String, TableDefinition>) -> Result<(), SnapshotError> {
    match tables.iter().find(|(name, table)| **name != table.table_name) {
        None => Ok(()),
        Some((name, table)) => {
            Err(SnapshotError::OtherName { name: name.clone(), table: table.table_name.clone() })
        }
    }
}

impl Snapshot {
    /// Returns a snapshot of `tables` that follows `parent`.
    pub fn new<'a>(
        parent: Option<Uuid>,
        tables: impl IntoIterator<Item = &'a TableDefinition>,
    ) -> Self {
        let tables: BTreeMap<String, TableDefinition> = tables
            .into_iter()
            .map(|table| (table.table_name.clone(), table.clone().normalised()))
            .collect();
        let id = id(parent, &compact(&tables));
        Self { version: Version2::Two, id, parent_id: parent, tables }
    }

    /// Returns the file's text: sorted, indented by two, with a final newline. Equal snapshots
    /// always have equal bytes.
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
    /// The text is not a snapshot, was edited by hand, or has content that only a newer mizzle
    /// supports.
    pub fn from_text(text: &str) -> Result<Self, SnapshotError> {
        let fields = read_fields(text, r#""2""#)?;
        let snapshot: Self = serde_json::from_str(text)?;
        expect_own_names(&snapshot.tables)?;
        // The id is that of the file's own text, because it also covers content that this version
        // cannot read.
        let tables = fields.get("tables").map_or("null", |tables| tables.get());
        let written = compacted(tables)?;
        if snapshot.id != id(snapshot.parent_id, &written) {
            return Err(SnapshotError::WrongId);
        }
        // The order of fields does not matter.
        let known = compact(&snapshot.tables);
        if written != known
            && serde_json::from_str::<Value>(tables)? != serde_json::from_slice::<Value>(&known)?
        {
            return Err(SnapshotError::UnknownContent);
        }
        Ok(snapshot)
    }
}

/// Reads the tables of a `snapshot.json` of the first format.
///
/// # Errors
///
/// The text is not a version 1 snapshot.
pub fn read_first_format(text: &str) -> Result<BTreeMap<String, TableDefinition>, SnapshotError> {
    read_fields(text, r#""1""#)?;
    let FirstFormat { tables } = serde_json::from_str(text)?;
    expect_own_names(&tables)?;
    Ok(tables.into_values().map(|table| (table.table_name.clone(), table.normalised())).collect())
}

/// Returns the id for a parent and tables in compact JSON.
fn id(parent: Option<Uuid>, tables: &[u8]) -> Uuid {
    let content = [b"[", compact(&parent).as_slice(), b",", tables, b"]"].concat();
    Uuid::new_v5(&ID_NAMESPACE, &content)
}

fn compact(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value)
        .expect("definitions hold strings, numbers and lists only, which JSON can express")
}

/// Removes white space from a JSON text, without other changes.
fn compacted(json: &str) -> Result<Vec<u8>, serde_json::Error> {
    let mut compact = Vec::with_capacity(json.len());
    let mut writer = serde_json::Serializer::new(&mut compact);
    serde_transcode::transcode(&mut serde_json::Deserializer::from_str(json), &mut writer)?;
    Ok(compact)
}
