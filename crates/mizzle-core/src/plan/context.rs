//! What a plan takes into account beside the difference itself.

use crate::{
    model::{Status, TableDescription},
    settings::{Registered, Setting, for_each_own_setting},
    text,
};
use std::collections::{BTreeMap, BTreeSet};

/// What a plan takes into account beside the difference itself. Without any of it (the default) a
/// plan states no numbers and replaces nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// What is known of the tables that are there, by name.
    pub facts: BTreeMap<String, Facts>,
    /// Whether tables may be replaced although their items are lost.
    pub accept_data_loss: bool,
    /// Tables that may be replaced whatever they hold, by name.
    pub replace: BTreeSet<String>,
    /// What is known of the tables that are created.
    pub origins: Origins,
    /// What the desired state is taken from.
    pub aim: Aim,
}

/// What the desired state of the tables is taken from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Aim {
    /// The schema.
    #[default]
    Schema,
    /// The migrations that were applied: tables that drifted are brought back.
    Migrations,
}

/// What was found out about tables that are created while others are deleted, by the name of the
/// created table: the deleted table whose items are copied to it, or `None` for a table that is new.
/// A table that is not listed may be any deleted table under another name.
pub type Origins = BTreeMap<String, Option<String>>;

/// What is known of a table that is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The number of items, about six hours old.
    pub item_count: Option<u64>,
    /// Their size in bytes, as old.
    pub size_bytes: Option<u64>,
    /// Whether the server counts at once, as those on this machine do.
    pub is_counted_now: bool,
    /// Whether changes of the items can be read from a stream.
    pub has_stream: bool,
    /// Whether point-in-time recovery is on, as far as that was asked for.
    pub has_recovery: bool,
    /// What tells the table from another of its name.
    pub table_id: Option<String>,
    /// The other regions of a global table.
    pub replicas: Vec<String>,
    /// Whether those are strongly consistent.
    pub is_strongly_consistent: bool,
    /// The region that is talked to.
    pub region: Option<String>,
    /// The vector indexes.
    pub vector_indexes: Vec<String>,
    /// What else is known to end with the table, as far as that was asked for: `Kinesis destination
    /// orders-changes`.
    pub attached: Vec<String>,
    /// What may end with the table, and the server does not tell.
    pub unseen: Vec<String>,
    /// A status in which nothing can be done to the table: `ARCHIVED`, ….
    pub unusable: Option<String>,
    /// The revision of the resource policy, when there is one.
    pub policy_revision: Option<String>,
    /// The GSIs that are being built. Nothing else can be done to the table before they are ready,
    /// or dropped.
    pub building: BTreeSet<String>,
    /// Whether it is certain that there is no item, or that there is one.
    pub is_empty: Option<bool>,
}

impl Facts {
    /// What a description tells.
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

    /// `about 1,204 items (3.1 MB)`, without "about" where the number is of this moment; `None` when
    /// there are none, or it is not known.
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

/// What hangs on a table, and what may hang on it.
fn attachments(table: &TableDescription) -> (Vec<String>, Vec<String>) {
    let mut attached = Vec::new();
    for_each_own_setting!(S => {
        attached.extend(S::of(&table.definition).iter().flat_map(S::attached));
    });
    let unseen = table.unmanaged.withheld.keys().filter_map(|extra| extra.kind().attached());
    (attached, unseen.map(str::to_owned).collect())
}
