//! The values of a table and its indexes, before they are laid out.

use crate::report::ListedTable;
use mizzle_core::{
    diff::Key,
    model::{
        AuxiliarySetting, GlobalSecondaryIndex, IndexSize, IndexState, KeySchemaElement, KeyType,
        LocalSecondaryIndex, OnDemandThroughput, Projection, Status, TableDefinition,
        TableDescription, VectorIndex,
    },
    settings::{LIST_ORDER, Listed, SettingKind},
    text,
};
use std::fmt::Display;

/// The reason for missing settings of a table that is being created or deleted.
const NOT_YET: &str = "not yet told";
/// The reason for resources beside a table that are not reported.
const UNSEEN: &str = "not told";

/// The value of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// An explicit value, or a fact.
    Told(String),
    /// The default: off, none.
    Default(String),
    /// No value: an LSI has no billing mode.
    Nothing,
    /// The server does not support the setting.
    Unsupported,
    /// The value could not be read, for this reason.
    Untold(&'static str),
}

/// The kind of an entry of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Table,
    /// The table that contains mizzle's records.
    Ledger,
    GlobalIndex,
    LocalIndex,
}

/// A setting that only `--long` shows, in display order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setting {
    Capacity,
    Maximum,
    Warm,
    Of(SettingKind),
    Replicas,
    Created,
    VectorIndexes,
}

/// A table with its indexes.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    /// The table.
    pub(super) table: Entry<'a>,
    /// True if it is named as the environment names its tables.
    pub(super) is_own: bool,
    /// The indexes: global ones first, each kind by name.
    pub(super) indexes: Vec<Entry<'a>>,
}

/// A table or an index.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub(super) kind: Kind,
    pub(super) name: &'a str,
    pub(super) partition_key: Value,
    pub(super) sort_key: Value,
    /// The whole key in one: `pk S, sk N`.
    pub(super) key: String,
    pub(super) projection: Value,
    pub(super) status: Value,
    pub(super) billing: Value,
    pub(super) items: Option<u64>,
    pub(super) bytes: Option<u64>,
    /// The settings of `--long`: empty, or every [`Setting`].
    pub(super) settings: Vec<(Setting, Value)>,
}

impl Value {
    fn told(value: impl Display) -> Self {
        Self::Told(text::printable(&value.to_string()).into_owned())
    }

    /// Creates a value that is the default or an explicit one.
    fn chosen(value: impl Display, is_default: bool) -> Self {
        match Self::told(value) {
            Self::Told(text) if is_default => Self::Default(text),
            told => told,
        }
    }

    /// True for the status of a table or index that can be used and is not being changed.
    pub(super) fn is_active(&self) -> bool {
        matches!(self, Self::Told(status) if status == Status::Active.as_str())
    }
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Ledger => "ledger",
            Self::GlobalIndex => "GSI",
            Self::LocalIndex => "LSI",
        }
    }
}

impl Setting {
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let throughput = [Self::Capacity, Self::Maximum, Self::Warm];
        let rest = [Self::Replicas, Self::Created, Self::VectorIndexes];
        let (attached, own): (Vec<SettingKind>, Vec<SettingKind>) =
            LIST_ORDER.into_iter().partition(|kind| kind.attached().is_some());
        let own = own.into_iter().map(Self::Of);
        throughput.into_iter().chain(own).chain(rest).chain(attached.into_iter().map(Self::Of))
    }

    /// Returns the name that is shown beside its value.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Capacity => "Capacity",
            Self::Maximum => "Maximum",
            Self::Warm => "Warm",
            Self::Of(kind) => kind.label(),
            Self::Replicas => "Replicas",
            Self::Created => "Created",
            Self::VectorIndexes => "Vectors",
        }
    }
}

impl<'a> Facts<'a> {
    /// Collects the values of a table.
    pub(super) fn of(
        listed: &'a ListedTable,
        is_ledger: bool,
        is_own: bool,
        is_long: bool,
    ) -> Self {
        let kind = if is_ledger { Kind::Ledger } else { Kind::Table };
        let Some(description) = &listed.description else {
            let reason = listed.untold.first().map_or("service", |untold| untold.code);
            return Self {
                table: Entry::unknown(kind, &listed.name, reason, is_long),
                is_own,
                indexes: Vec::new(),
            };
        };
        let definition = &description.definition;
        let global = definition.global_secondary_indexes.iter();
        let global = global.map(|index| Entry::global(index, description, is_long));
        let local = definition.local_secondary_indexes.iter();
        let local = local.map(|index| Entry::local(index, description, is_long));
        Self {
            table: Entry::table(kind, listed, description, is_long),
            is_own,
            indexes: global.chain(local).collect(),
        }
    }
}

impl<'a> Entry<'a> {
    fn table(
        kind: Kind,
        listed: &'a ListedTable,
        description: &'a TableDescription,
        is_long: bool,
    ) -> Self {
        let definition = &description.definition;
        let setting = |setting| (setting, table_setting(setting, listed, description));
        Self {
            status: Value::told(&description.status),
            billing: definition.billing_mode.map_or(Value::Nothing, Value::told),
            items: description.item_count,
            bytes: description.size_bytes,
            settings: settings(is_long, setting),
            ..Self::new(kind, &listed.name, definition, &definition.key_schema)
        }
    }

    fn global(
        index: &'a GlobalSecondaryIndex,
        description: &TableDescription,
        is_long: bool,
    ) -> Self {
        let status = description.indexes.get(&index.index_name);
        let setting = |setting: Setting| {
            let value = match setting {
                Setting::Capacity => told_if(index.provisioned_throughput.as_ref()),
                Setting::Maximum => maximum(index.on_demand_throughput.as_ref()),
                Setting::Warm => told_if(index.warm_throughput.as_ref()),
                Setting::Of(kind) => {
                    chosen(kind.listed_of_index(&description.definition, &index.index_name))
                }
                Setting::Replicas | Setting::Created | Setting::VectorIndexes => Value::Nothing,
            };
            (setting, value)
        };
        Self {
            status: status.map_or(Value::Nothing, |state| Value::told(words(state))),
            settings: settings(is_long, setting),
            ..Self::index(
                Kind::GlobalIndex,
                &index.index_name,
                &index.key_schema,
                &index.projection,
                description,
            )
        }
    }

    fn local(
        index: &'a LocalSecondaryIndex,
        description: &TableDescription,
        is_long: bool,
    ) -> Self {
        Self {
            settings: settings(is_long, |setting| (setting, Value::Nothing)),
            ..Self::index(
                Kind::LocalIndex,
                &index.index_name,
                &index.key_schema,
                &index.projection,
                description,
            )
        }
    }

    /// Returns the values that both kinds of indexes have.
    fn index(
        kind: Kind,
        name: &'a str,
        key: &[KeySchemaElement],
        projection: &Projection,
        description: &TableDescription,
    ) -> Self {
        let IndexSize { item_count, size_bytes } =
            description.index_sizes.get(name).copied().unwrap_or_default();
        Self {
            projection: Value::told(projection),
            items: item_count,
            bytes: size_bytes,
            ..Self::new(kind, name, &description.definition, key)
        }
    }

    fn new(
        kind: Kind,
        name: &'a str,
        table: &TableDefinition,
        schema: &[KeySchemaElement],
    ) -> Self {
        let part = |role: KeyType| {
            let part: Vec<KeySchemaElement> =
                schema.iter().filter(|element| element.key_type == role).cloned().collect();
            if part.is_empty() { Value::Nothing } else { Value::told(Key::of(table, &part)) }
        };
        Self {
            kind,
            name,
            partition_key: part(KeyType::Hash),
            sort_key: part(KeyType::Range),
            key: text::printable(&Key::of(table, schema).to_string()).into_owned(),
            projection: Value::Nothing,
            status: Value::Nothing,
            billing: Value::Nothing,
            items: None,
            bytes: None,
            settings: Vec::new(),
        }
    }

    /// Returns an entry with a known name only.
    fn unknown(kind: Kind, name: &'a str, reason: &'static str, is_long: bool) -> Self {
        let untold = || Value::Untold(reason);
        Self {
            kind,
            name,
            partition_key: untold(),
            sort_key: untold(),
            key: String::new(),
            projection: Value::Nothing,
            status: untold(),
            billing: untold(),
            items: None,
            bytes: None,
            settings: settings(is_long, |setting| (setting, untold())),
        }
    }
}

fn settings(is_long: bool, setting: impl Fn(Setting) -> (Setting, Value)) -> Vec<(Setting, Value)> {
    Setting::all().filter(|_| is_long).map(setting).collect()
}

fn table_setting(setting: Setting, listed: &ListedTable, table: &TableDescription) -> Value {
    let definition = &table.definition;
    // Settings read by a separate request may be missing, unsupported by the server, or withheld.
    let missing = |extra: AuxiliarySetting| {
        let untold = listed.untold.iter().find(|untold| untold.setting == Some(extra));
        match untold {
            Some(untold) => Value::Untold(untold.code),
            None if table.unmanaged.withheld.contains_key(&extra) => Value::Untold(UNSEEN),
            None if table.unsupported.contains(&extra) => Value::Unsupported,
            None if !table.tells_extras() => Value::Untold(NOT_YET),
            None => Value::Nothing,
        }
    };
    match setting {
        Setting::Capacity => told_if(definition.provisioned_throughput.as_ref()),
        Setting::Maximum => maximum(definition.on_demand_throughput.as_ref()),
        Setting::Warm => told_if(definition.warm_throughput.as_ref()),
        Setting::Of(kind) => match kind.listed(definition) {
            None => kind.extra().map_or(Value::Nothing, missing),
            known => chosen(known),
        },
        Setting::Replicas if table.replicas.is_empty() => Value::Nothing,
        Setting::Replicas => Value::told(table.replicas.join(", ")),
        Setting::VectorIndexes => {
            let vectors = table.unmanaged.vector_indexes.iter().map(vector_words);
            let vectors: Vec<String> = vectors.collect();
            if vectors.is_empty() { Value::Nothing } else { Value::told(vectors.join(", ")) }
        }
        Setting::Created => {
            table.created.and_then(text::moment).map_or(Value::Nothing, Value::told)
        }
    }
}

fn chosen(value: Option<Listed>) -> Value {
    value.map_or(Value::Nothing, |Listed { text, is_default }| Value::chosen(text, is_default))
}

/// Returns `byMeaning (embedding, 768, COSINE)`, and its status when it is not `ACTIVE`.
fn vector_words(index: &VectorIndex) -> String {
    let VectorIndex { index_name, attribute, dimensions, distance_function, state, size: _ } =
        index;
    let facts =
        [attribute.clone(), dimensions.map(|number| number.to_string()), distance_function.clone()];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    let status =
        if state.status == Status::Active { String::new() } else { format!(" {}", words(state)) };
    format!("{index_name} ({}){status}", facts.join(", "))
}

fn told_if(value: Option<&impl Display>) -> Value {
    value.map_or(Value::Nothing, Value::told)
}

fn maximum(units: Option<&OnDemandThroughput>) -> Value {
    match units {
        Some(units) if *units == OnDemandThroughput::UNLIMITED => Value::chosen("none", true),
        units => told_if(units),
    }
}

/// Returns `CREATING, backfilling`.
fn words(state: &IndexState) -> String {
    let backfilling = if state.backfilling { ", backfilling" } else { "" };
    format!("{}{backfilling}", state.status)
}
