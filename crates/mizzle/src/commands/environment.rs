//! The tables of schema and migrations as an environment has them: under its names, with its settings.

use crate::{
    error::{CommandError, ErrorKind, settings_contradict},
    settings::EnvironmentSettings,
};
use mizzle_core::model::{Schema, TableDefinition, rules};
use std::collections::BTreeMap;

/// Refuses settings for tables and indexes that the newest migration does not have: a misspelt name
/// would leave a table without its protection.
pub(super) fn check(
    head: &BTreeMap<String, TableDefinition>,
    environment: &EnvironmentSettings,
) -> Result<(), CommandError> {
    let tables = head.values().cloned().collect();
    schema(Schema { tables, ..Schema::default() }, environment).map(drop)
}

/// Tables by their names in the environment.
pub(super) fn tables<'a>(
    tables: impl IntoIterator<Item = &'a TableDefinition>,
    environment: &EnvironmentSettings,
) -> Result<BTreeMap<String, TableDefinition>, CommandError> {
    let tables = tables.into_iter().map(|table| {
        let table = environment.table(table).map_err(|problems| settings_contradict(&problems))?;
        check_name(&table.table_name, environment)?;
        Ok((table.table_name.clone(), table))
    });
    tables.collect()
}

/// A whole schema. Settings for tables and indexes that it does not have are errors.
pub(crate) fn schema(
    schema: Schema,
    environment: &EnvironmentSettings,
) -> Result<Schema, CommandError> {
    let EnvironmentSettings { naming, tables, root, .. } = environment;
    let overlaid = schema.with_overlay(tables, root);
    let mut schema = overlaid.map_err(|problems| settings_contradict(&problems))?;
    for table in &mut schema.tables {
        table.table_name = naming.physical(&table.table_name).into_owned();
        check_name(&table.table_name, environment)?;
    }
    if let Some(table) = schema.tables.iter().find(|table| table.table_name == environment.ledger) {
        let message =
            format!("{} is a table of the schema and the ledger of migrations", table.table_name);
        return Err(CommandError::new(ErrorKind::Usage, "invalid-config", message)
            .hint("give the ledger another name in the config: migrations: { table: … }"));
    }
    // One prefix and one suffix for all leave the order of the names as it is, unless one of them
    // is the beginning of another.
    schema.tables.sort_by(|a, b| a.table_name.cmp(&b.table_name));
    Ok(schema)
}

fn check_name(name: &str, environment: &EnvironmentSettings) -> Result<(), CommandError> {
    if environment.naming.is_plain() || rules::is_valid_name(name) {
        return Ok(());
    }
    let message = format!("{name:?} cannot be the name of a table");
    Err(CommandError::new(ErrorKind::Usage, "invalid-config", message).hint(
        "a table name has 3 to 255 characters: shorten `tableName` of the environment, or the table's name",
    ))
}
