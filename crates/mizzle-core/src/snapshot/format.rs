//! The snapshot files, byte for byte.
//!
//! Version 2 is ours: `NNNN_name.snapshot.json` beside the script that leads to it. Version 1 is the
//! one `snapshot.json` that the ORM's first CLI kept; it is read as the state before our first own
//! snapshot, and never written.

use crate::{model::TableDefinition, text};
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use std::{borrow::Cow, collections::BTreeMap};
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
    /// There is no `version`, or one that this mizzle does not know, as it stands there.
    #[error("{}", match .0 {
        Some(version) => format!("it has version {version}, which this version of mizzle does not know"),
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
    version.trim_matches('"').parse::<u32>().is_ok_and(|version| version > 2)
}

/// The fields of a file, unread: what a snapshot holds is read once, into what it is.
type Raw<'t> = BTreeMap<Cow<'t, str>, &'t RawValue>;

/// Reads the fields of a file of this version, which is given as JSON. An unknown version is said to be
/// that, and not some odd field.
fn read_fields<'t>(text: &'t str, wanted: &str) -> Result<Raw<'t>, SnapshotError> {
    let fields: Raw<'t> = match serde_json::from_str(text) {
        Ok(fields) => fields,
        Err(error) if error.is_data() => return Err(SnapshotError::UnknownVersion(None)),
        Err(error) => {
            // A merge may have left the file half done.
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
        let id = id(parent, &compact(&tables));
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
        let fields = read_fields(text, r#""2""#)?;
        let snapshot: Self = serde_json::from_str(text)?;
        expect_own_names(&snapshot.tables)?;
        // Over the file's own values: what this version does not know belongs to the id, too.
        let tables = fields.get("tables").map_or("null", |tables| tables.get());
        let written = compacted(tables)?;
        if snapshot.id != id(snapshot.parent_id, &written) {
            return Err(SnapshotError::WrongId);
        }
        // The same in another order is the same.
        let known = compact(&snapshot.tables);
        if written != known
            && serde_json::from_str::<Value>(tables)? != serde_json::from_slice::<Value>(&known)?
        {
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
    read_fields(text, r#""1""#)?;
    let FirstFormat { tables } = serde_json::from_str(text)?;
    expect_own_names(&tables)?;
    Ok(tables.into_values().map(|table| (table.table_name.clone(), table.normalised())).collect())
}

/// The id of tables in compact JSON after a parent.
fn id(parent: Option<Uuid>, tables: &[u8]) -> Uuid {
    let content = [b"[", compact(&parent).as_slice(), b",", tables, b"]"].concat();
    Uuid::new_v5(&ID_NAMESPACE, &content)
}

fn compact(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value)
        .expect("definitions hold strings, numbers and lists only, which JSON can express")
}

/// JSON without white space, as it stands otherwise.
fn compacted(json: &str) -> Result<Vec<u8>, serde_json::Error> {
    let mut compact = Vec::with_capacity(json.len());
    let mut writer = serde_json::Serializer::new(&mut compact);
    serde_transcode::transcode(&mut serde_json::Deserializer::from_str(json), &mut writer)?;
    Ok(compact)
}
