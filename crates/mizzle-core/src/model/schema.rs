//! A schema whose every rule has been checked.

use super::{TableDefinition, problem::Problem};

/// The desired state of a project's tables.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Schema {
    /// The tables, sorted by name, each [normalised](TableDefinition::normalised).
    pub tables: Vec<TableDefinition>,
    /// The entities, sorted by table and name.
    pub entities: Vec<Entity>,
    /// What is suspicious, though not wrong.
    pub warnings: Vec<Problem>,
}

/// An entity: a kind of item in a table. DynamoDB knows nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entity {
    /// The table that holds its items.
    pub table: String,
    /// The entity's name.
    pub name: String,
}
