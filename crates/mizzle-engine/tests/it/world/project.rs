//! A project: migrations with their snapshots.

use super::{Body, Failure, Host, calls};
use mizzle_core::{
    diff::diff,
    history::{Tables, Timeline},
    ledger::Migration,
    model::{
        AttributeDefinition, GlobalSecondaryIndex, KeySchemaElement, Projection, ScalarType,
        TableDefinition,
    },
    plan::{Call, Context, plan},
    snapshot::MigrationName,
};
use mizzle_engine::migrate::Script;
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::PathBuf};

/// Migrations with their snapshots.
#[derive(Default)]
pub(crate) struct Project {
    pub(crate) scripts: Vec<Script<Failure>>,
    pub(crate) timeline: Timeline,
    pub(crate) host: Host,
}

impl Project {
    /// Adds a migration that leaves these tables.
    pub(crate) fn migration(
        mut self,
        name: &str,
        (up, down): (Body, Body),
        after: &[TableDefinition],
    ) -> Self {
        let migration_name = MigrationName::parse(name).unwrap();
        let path = PathBuf::from(format!("{name}.ts"));
        self.host.bodies.insert(path.clone(), (up, down));
        self.timeline.scripts.insert(migration_name.clone());
        let tables: Tables =
            after.iter().map(|table| (table.table_name.clone(), table.clone())).collect();
        self.timeline.tables_after.insert(migration_name.clone(), tables);
        self.scripts.push(Script {
            migration: Migration {
                name: migration_name,
                checksum: format!("checksum of {name}"),
                files: BTreeMap::new(),
            },
            path,
            refusal: None,
        });
        self
    }

    /// Adds the migration that `generate` would write, from the tables of the newest one to these.
    pub(crate) fn generated(self, name: &str, after: &[TableDefinition]) -> Self {
        let before: Vec<TableDefinition> = match self.timeline.tables_after.values().next_back() {
            Some(tables) => tables.values().cloned().collect(),
            None => Vec::new(),
        };
        self.migration(name, generated(&before, after), after)
    }
}

/// Returns the scripts that `generate` writes from some tables to others, including destructive
/// ones.
pub(crate) fn generated(before: &[TableDefinition], after: &[TableDefinition]) -> (Body, Body) {
    let context = Context { accept_data_loss: true, ..Context::default() };
    let body = |from: &[TableDefinition], to: &[TableDefinition]| {
        let steps = plan(&diff(from, to), &context).steps.into_iter();
        calls(steps.map(|step| method(&step.call)).collect())
    };
    (body(before, after), body(after, before))
}

fn method(call: &Call) -> (String, Value) {
    (call.method().to_owned(), call.input())
}

/// Returns the call of a script that creates a table.
pub(crate) fn create(table: &TableDefinition) -> (String, Value) {
    let none: [&TableDefinition; 0] = [];
    method(&plan(&diff(none, [table]), &Context::default()).steps[0].call)
}

/// Returns the key of an item, or an item without other attributes.
pub(crate) fn key(pk: &str) -> Value {
    json!({ "pk": { "S": pk } })
}

/// Returns a table with the key `pk` and a GSI on each of these attributes.
pub(crate) fn table(name: &str, indexes: &[&str]) -> TableDefinition {
    let index = |attribute: &&str| GlobalSecondaryIndex {
        index_name: format!("by_{attribute}"),
        key_schema: vec![KeySchemaElement::hash(*attribute)],
        projection: Projection::all(),
        ..GlobalSecondaryIndex::default()
    };
    let attribute = |name: &str| AttributeDefinition {
        attribute_name: name.to_owned(),
        attribute_type: ScalarType::S,
    };
    TableDefinition {
        table_name: name.to_owned(),
        key_schema: vec![KeySchemaElement::hash("pk")],
        attribute_definitions: ["pk"].iter().chain(indexes).map(|name| attribute(name)).collect(),
        global_secondary_indexes: indexes.iter().map(index).collect(),
        ..TableDefinition::default()
    }
}
