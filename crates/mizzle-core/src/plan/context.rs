//! The context of a plan: its inputs besides the diff.

use crate::{
    model::{Status, TableDescription},
    settings::{Registered, Setting, for_each_own_setting},
    text,
};
use std::collections::{BTreeMap, BTreeSet};

/// The inputs of a plan besides the diff. With the default, a plan contains no numbers and replaces
/// nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// The facts about the existing tables, by name.
    pub facts: BTreeMap<String, Facts>,
    /// True if tables may be replaced although their items are lost.
    pub accept_data_loss: bool,
    /// Tables that may be replaced regardless of their items, by name.
    pub replace: BTreeSet<String>,
    /// The origins of tables that are created.
    pub origins: Origins,
    /// The source of the desired state.
    pub aim: Aim,
}

/// The source of the desired state of the tables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Aim {
    /// The schema.
    #[default]
    Schema,
    /// The applied migrations: drift is reverted.
    Migrations,
}

/// The origins of tables that are created while others are deleted, by the name of the created
/// table: the deleted table whose items are copied to it, or `None` for a new table. A table that
/// is not listed may be any of the deleted tables with a new name.
pub type Origins = BTreeMap<String, Option<String>>;

/// Facts about an existing table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The number of items, about six hours old.
    pub item_count: Option<u64>,
    /// The size of the items in bytes, about six hours old.
    pub size_bytes: Option<u64>,
    /// True if the server's counts are up to date, as those of local servers are.
    pub is_counted_now: bool,
    /// True if changes of the items can be read from a stream.
    pub has_stream: bool,
    /// True if point-in-time recovery is known to be enabled.
    pub has_recovery: bool,
    /// The unique ID, which differs from that of another table with the same name.
    pub table_id: Option<String>,
    /// Other regions of a global table.
    pub replicas: Vec<String>,
    /// True if the replicas are strongly consistent.
    pub is_strongly_consistent: bool,
    /// The region of the connection.
    pub region: Option<String>,
    /// The vector indexes.
    pub vector_indexes: Vec<String>,
    /// Other resources that are known to be deleted with the table:
    /// `Kinesis destination orders-changes`.
    pub attached: Vec<String>,
    /// Resources that may be deleted with the table, but could not be read.
    pub unseen: Vec<String>,
    /// A status that blocks all changes: `ARCHIVED`, ….
    pub unusable: Option<String>,
    /// The revision of the resource policy, if there is one.
    pub policy_revision: Option<String>,
    /// The GSIs that are being built. No other change of the table is possible until they are
    /// ready, or deleted.
    pub building: BTreeSet<String>,
    /// True if the table certainly holds no item, false if it certainly holds one.
    pub is_empty: Option<bool>,
}

impl Facts {
    /// Returns the facts in a description.
    pub fn of(table: &TableDescription) -> Self {
        let stream = table.definition.stream_specification;
        let recovery = table.definition.point_in_time_recovery_specification;
        let (attached, unseen) = attachments(table);
        Self {
            item_count: table.item_count,
            size_bytes: table.size_bytes,
            is_counted_now: false,
            has_stream: stream.is_some_and(|stream| stream.stream_enabled),
            has_recovery: recovery.is_some_and(|recovery| recovery.point_in_time_recovery_enabled),
            table_id: table.table_id.clone(),
            replicas: table.replicas.clone(),
            is_strongly_consistent: table.unmanaged.is_strongly_consistent,
            region: table.region.clone(),
            vector_indexes: table.unmanaged.vector_index_names(),
            attached,
            unseen,
            unusable: match &table.status {
                Status::Other(status) => Some(status.clone()),
                Status::Creating | Status::Updating | Status::Deleting | Status::Active => None,
            },
            policy_revision: table.policy_revision.clone(),
            building: table.building().map(str::to_owned).collect(),
            is_empty: None,
        }
    }

    /// Describes the contents: `about 1,204 items (3.1 MB)`, without "about" if the number is up to
    /// date; `None` if there are none, or the number is not known.
    pub(super) fn contents(&self) -> Option<String> {
        let items = self.item_count.filter(|items| *items > 0)?;
        let noun = if items == 1 { "item" } else { "items" };
        let size = match self.size_bytes.filter(|bytes| *bytes > 0) {
            Some(bytes) => format!(" ({})", text::bytes(bytes)),
            None => String::new(),
        };
        let about = if self.is_counted_now { "" } else { "about " };
        Some(format!("{about}{} {noun}{size}", text::grouped(items)))
    }
}

/// Returns the resources that are attached to a table, and those that may be.
fn attachments(table: &TableDescription) -> (Vec<String>, Vec<String>) {
    let mut attached = Vec::new();
    for_each_own_setting!(S => {
        attached.extend(S::of(&table.definition).iter().flat_map(S::attached));
    });
    let unseen = table.unmanaged.withheld.keys().filter_map(|extra| extra.kind().attached());
    (attached, unseen.map(str::to_owned).collect())
}
