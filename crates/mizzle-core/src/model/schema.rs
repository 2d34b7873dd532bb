//! A schema that has passed all checks.

use super::{TableDefinition, problem::Problem};

/// The desired state of a project's tables.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Schema {
    /// The tables, sorted by name, each [normalised](TableDefinition::normalised).
    pub tables: Vec<TableDefinition>,
    /// The entities, sorted by table and name.
    pub entities: Vec<Entity>,
    /// Suspicious parts of the schema that are not errors.
    pub warnings: Vec<Problem>,
    /// Tables that are created but not exported, each as a problem about the table of that name.
    /// They are not in [`tables`](Self::tables).
    pub unexported: Vec<Problem>,
}

impl Schema {
    /// Returns the table of that name.
    pub fn table(&self, name: &str) -> Option<&TableDefinition> {
        let found = self.tables.binary_search_by(|table| table.table_name.as_str().cmp(name));
        self.tables.get(found.ok()?)
    }

    /// Returns the problem of a table that is created but not exported, by its name in the schema
    /// files.
    pub fn unexported(&self, name: &str) -> Option<&Problem> {
        self.unexported.iter().find(|problem| problem.subject.table.as_deref() == Some(name))
    }
}

/// An entity: a kind of item in a table. DynamoDB has no such concept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entity {
    /// The table that holds its items.
    pub table: String,
    /// The entity's name.
    pub name: String,
}
