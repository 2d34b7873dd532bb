//! The declarations in schema files, in the ORM's terms and before any rule is checked.
//!
//! Evaluation passes them to the core: names, types of columns, and indexes whose key types are
//! still unknown. [`resolve`](super::resolve()) turns them into definitions.

use serde::{Deserialize, Serialize};

/// All declarations that one evaluation found among the exports of the schema files.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SchemaDeclaration {
    /// One entry for each table object: an object that is exported twice has one entry, two objects
    /// with the same name have two.
    pub tables: Vec<TableDeclaration>,
    /// One entry for each entity object.
    pub entities: Vec<EntityDeclaration>,
    /// Tables that are created but not exported, each name once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unexported: Vec<UnexportedTable>,
}

/// A table that code of the project creates and no schema file exports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UnexportedTable {
    /// The table's name.
    pub name: String,
    /// The call that creates it.
    pub made: MakingSite,
}

/// A call that creates a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MakingSite {
    /// The absolute path of the file.
    pub file: String,
    /// The start of the call, in bytes of UTF-8.
    pub start: usize,
    /// The end of the call, or of its first line.
    pub end: usize,
}

/// The location where a table or an entity is exported.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportSite {
    /// The absolute path of the schema file.
    pub file: String,
    /// The path of the export in the file: `users`, `default`, `tables.users`, `all[2]`.
    pub path: String,
}

/// A column of a table or an entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ColumnDeclaration {
    /// The attribute's name in the items.
    pub name: String,
    /// The result of `getDynamoType()`: `S`, `N`, `B`, `BOOL`, `L`, `M`, `SS`, `NS` or `BS`.
    pub column_type: String,
}

/// A `dynamoTable(…)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TableDeclaration {
    /// The table's name.
    pub name: String,
    /// The partition key; absent if the declaration lacks it.
    pub partition_key: Option<ColumnDeclaration>,
    /// The sort key, if any.
    pub sort_key: Option<ColumnDeclaration>,
    /// The indexes in the order of their declaration.
    pub indexes: Vec<IndexDeclaration>,
    /// The locations of its exports, in order; empty if only an entity refers to the table.
    pub sites: Vec<ExportSite>,
    /// The call that creates the table, if a problem may refer to it: if the [name contains the
    /// text of a missing value](super::missing_part).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<MakingSite>,
}

/// The kind of an index: global or local.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum IndexKind {
    /// `gsi(…)`.
    Global,
    /// `lsi(…)`.
    Local,
}

/// A key attribute of an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IndexKeyDeclaration {
    /// The attribute's name.
    pub name: String,
    /// The type, if the declaration contains it (`.gsi("byEmail", { pk: string("email") })`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column_type: Option<String>,
}

/// The `projection` option of an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ProjectionDeclaration {
    /// `"ALL"` or `"KEYS_ONLY"`; validation reports any other word.
    Named(String),
    /// The attributes to include.
    Attributes(Vec<String>),
}

/// A `gsi(…)` or `lsi(…)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IndexDeclaration {
    /// The name: the key in `indexes`.
    pub name: String,
    /// The kind: global or local.
    pub kind: IndexKind,
    /// The partition key attributes of a GSI, in order; empty for an LSI.
    pub partition_key: Vec<IndexKeyDeclaration>,
    /// The sort key attributes, in order.
    pub sort_key: Vec<IndexKeyDeclaration>,
    /// The projection, if there is one.
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
    /// The strategies that build the keys of its items.
    pub strategies: Vec<StrategyDeclaration>,
    /// The locations of its exports, in order.
    pub sites: Vec<ExportSite>,
}

/// The part of a key that a strategy fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum KeyRole {
    /// Partition key.
    Partition,
    /// Sort key.
    Sort,
}

/// A strategy that fills one key attribute of an entity's items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StrategyDeclaration {
    /// The index that the key belongs to; `None` for the table's own key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<String>,
    /// The part of the key: partition or sort.
    pub role: KeyRole,
    /// The position among the attributes of that part: 0 unless the key has several.
    #[serde(default)]
    pub position: usize,
    /// The value.
    pub value: StrategyValue,
}

/// The value that a strategy puts in a key attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum StrategyValue {
    /// Text that is built from parts: `prefixKey`, `staticKey`, `compositeKey`, a string, a
    /// template.
    Built,
    /// The unchanged value of a column.
    #[serde(rename_all = "camelCase")]
    Column {
        /// The result of the column's `getDynamoType()`.
        column_type: String,
    },
}

impl StrategyValue {
    /// Returns the type of the value: text is `S`.
    pub fn column_type(&self) -> &str {
        match self {
            Self::Built => "S",
            Self::Column { column_type } => column_type,
        }
    }
}

/// The subject of a problem, precise enough to locate it in the source.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// The files to search first: those that export the table or entity.
    pub sites: Vec<ExportSite>,
    /// The call that creates the table, if it is known.
    pub made: Option<MakingSite>,
    /// The table.
    pub table: Option<String>,
    /// The entity, if the problem is in one.
    pub entity: Option<String>,
    /// The index, if the problem is in one.
    pub index: Option<String>,
    /// The attribute or column, if the problem is in one.
    pub attribute: Option<String>,
}
