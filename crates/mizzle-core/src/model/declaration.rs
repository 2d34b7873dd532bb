//! What schema files declare, in the ORM's own terms and before any rule is applied.
//!
//! This is what evaluation hands to the core: names, column types as the columns state them,
//! indexes whose key types are not known yet. [`resolve`](super::resolve()) makes definitions of it.

use serde::{Deserialize, Serialize};

/// Everything that one evaluation found among the exports of the schema files.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SchemaDeclaration {
    /// One entry a table object: an object exported twice is here once, two objects of one name
    /// are here twice.
    pub tables: Vec<TableDeclaration>,
    /// One entry an entity object.
    pub entities: Vec<EntityDeclaration>,
    /// Tables that were made and that nothing exports, by name, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unexported: Vec<UnexportedTable>,
}

/// A table that code of the project makes and no schema file exports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UnexportedTable {
    /// The table's name.
    pub name: String,
    /// The call that made it.
    pub made: MakingSite,
}

/// The call that made a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MakingSite {
    /// Absolute path of the file.
    pub file: String,
    /// Where the call begins, in bytes of UTF-8.
    pub start: usize,
    /// Where it ends, or its first line does.
    pub end: usize,
}

/// Where a table or an entity is exported.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportSite {
    /// Absolute path of the schema file.
    pub file: String,
    /// The path of the export in it: `users`, `default`, `tables.users`, `all[2]`.
    pub path: String,
}

/// A column of a table or an entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ColumnDeclaration {
    /// The attribute's name in the items.
    pub name: String,
    /// What `getDynamoType()` answers: `S`, `N`, `B`, `BOOL`, `L`, `M`, `SS`, `NS` or `BS`.
    pub column_type: String,
}

/// A `dynamoTable(…)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TableDeclaration {
    /// The table's name.
    pub name: String,
    /// The partition key; absent when the declaration forgot it.
    pub partition_key: Option<ColumnDeclaration>,
    /// The sort key, if any.
    pub sort_key: Option<ColumnDeclaration>,
    /// The indexes in the order of their declaration.
    pub indexes: Vec<IndexDeclaration>,
    /// Where the table is exported, first site first; empty when only an entity leads to it.
    pub sites: Vec<ExportSite>,
    /// The call that made the table, where a problem may have to point at it: when the
    /// [name contains the text of a missing value](super::missing_part).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<MakingSite>,
}

/// Global or local.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum IndexKind {
    /// `gsi(…)`.
    Global,
    /// `lsi(…)`.
    Local,
}

/// An attribute that an index names as a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IndexKeyDeclaration {
    /// The attribute's name.
    pub name: String,
    /// The type when the declaration states it (`.gsi("byEmail", { pk: string("email") })`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column_type: Option<String>,
}

/// The `projection` option of an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ProjectionDeclaration {
    /// `"ALL"` or `"KEYS_ONLY"`; any other word is a problem for validation.
    Named(String),
    /// The attributes to include.
    Attributes(Vec<String>),
}

/// A `gsi(…)` or `lsi(…)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IndexDeclaration {
    /// The index's name: its key in `indexes`.
    pub name: String,
    /// Global or local.
    pub kind: IndexKind,
    /// Partition key attributes of a GSI, in order; empty for an LSI.
    pub partition_key: Vec<IndexKeyDeclaration>,
    /// Sort key attributes, in order.
    pub sort_key: Vec<IndexKeyDeclaration>,
    /// The projection when one is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub projection: Option<ProjectionDeclaration>,
}

/// A `dynamoEntity(…)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntityDeclaration {
    /// The entity's name.
    pub name: String,
    /// The position of its table in [`SchemaDeclaration::tables`].
    pub table: usize,
    /// The columns in the order of their declaration, with the attribute names.
    pub columns: Vec<ColumnDeclaration>,
    /// How the keys of its items are built.
    pub strategies: Vec<StrategyDeclaration>,
    /// Where the entity is exported, first site first.
    pub sites: Vec<ExportSite>,
}

/// Partition or sort part of a key that a strategy fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum KeyRole {
    /// Partition key.
    Partition,
    /// Sort key.
    Sort,
}

/// How one key attribute of an entity's items is filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StrategyDeclaration {
    /// The index that the key belongs to; `None` for the table's own key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<String>,
    /// Partition or sort key.
    pub role: KeyRole,
    /// The position among the attributes of that role: 0 unless the key has several.
    #[serde(default)]
    pub position: usize,
    /// What fills it.
    pub value: StrategyValue,
}

/// What a strategy fills a key attribute with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum StrategyValue {
    /// Text put together from parts: `prefixKey`, `staticKey`, `compositeKey`, a string, a template.
    Built,
    /// The value of a column as it is.
    #[serde(rename_all = "camelCase")]
    Column {
        /// What `getDynamoType()` of the column answers.
        column_type: String,
    },
}

impl StrategyValue {
    /// The type of what it fills a key with: text is `S`.
    pub fn column_type(&self) -> &str {
        match self {
            Self::Built => "S",
            Self::Column { column_type } => column_type,
        }
    }
}

/// What a problem is about, precise enough to point at it in the source.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// Files to look in first: where the table or entity is exported.
    pub sites: Vec<ExportSite>,
    /// The call that made the table, where that is known.
    pub made: Option<MakingSite>,
    /// The table.
    pub table: Option<String>,
    /// The entity, when the problem is in one.
    pub entity: Option<String>,
    /// The index, when the problem is in one.
    pub index: Option<String>,
    /// The attribute or column, when the problem is in one.
    pub attribute: Option<String>,
}
