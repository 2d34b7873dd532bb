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
    /// Tables that are made and not exported, each as a problem about the table of that name. They
    /// are none of [`tables`](Self::tables).
    pub unexported: Vec<Problem>,
}

impl Schema {
    /// The table of that name.
    pub fn table(&self, name: &str) -> Option<&TableDefinition> {
        let found = self.tables.binary_search_by(|table| table.table_name.as_str().cmp(name));
        self.tables.get(found.ok()?)
    }

    /// The problem of a table that is made and not exported, by its name in the schema files.
    pub fn unexported(&self, name: &str) -> Option<&Problem> {
        self.unexported.iter().find(|problem| problem.subject.table.as_deref() == Some(name))
    }
}

/// An entity: a kind of item in a table. DynamoDB knows nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entity {
    /// The table that holds its items.
    pub table: String,
    /// The entity's name.
    pub name: String,
}
