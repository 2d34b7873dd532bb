//! Completes the work that a killed process left unfinished.
//!
//! The engine creates and deletes a table in several transactions: its description first (and
//! last), between them the storage of its items and of each index. A process that is killed in
//! between leaves a table that is described as ready and cannot be read. Such a table contains
//! nothing of value: a half-created one is empty, a half-deleted one was to be deleted. It is
//! deleted, as if the first call had not begun, and the second one had been completed.

use dynoxide::Database;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::path::Path;

/// True if the database at `path` was not closed properly: SQLite deletes its log only then.
/// Source: <https://www.sqlite.org/wal.html#the_wal_file>.
pub(crate) fn was_interrupted(path: &str) -> bool {
    Path::new(&format!("{path}-wal")).metadata().is_ok_and(|log| log.len() > 0)
}

/// Deletes the tables that were left unfinished.
///
/// # Errors
///
/// The engine's message when it fails.
pub(crate) fn finish(database: &Database) -> Result<(), String> {
    let mut start = Value::Null;
    loop {
        let page = database
            .list_tables(request(json!({ "ExclusiveStartTableName": start }))?)
            .map_err(|error| error.to_string())?;
        let page: Tables = answer(&page)?;
        for table in &page.table_names {
            if !is_whole(database, table)? {
                remove(database, table)?;
            }
        }
        match page.last_evaluated_table_name {
            Some(last) => start = last.into(),
            None => return Ok(()),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tables {
    table_names: Vec<String>,
    last_evaluated_table_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    table: Description,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Description {
    #[serde(default)]
    global_secondary_indexes: Vec<Index>,
    #[serde(default)]
    local_secondary_indexes: Vec<Index>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Index {
    index_name: String,
}

/// True if the table and each of its indexes can be read.
fn is_whole(database: &Database, table: &str) -> Result<bool, String> {
    let described = database
        .describe_table(request(json!({ "TableName": table }))?)
        .map_err(|error| error.to_string())?;
    let Described { table: description } = answer(&described)?;
    let indexes =
        description.global_secondary_indexes.iter().chain(&description.local_secondary_indexes);
    let indexes = indexes.map(|index| json!({ "TableName": table, "IndexName": index.index_name }));
    for mut scan in std::iter::once(json!({ "TableName": table })).chain(indexes) {
        scan["Limit"] = 1.into();
        match database.scan(request(scan)?) {
            Ok(_) => {}
            // No other error is a reason to delete a table.
            Err(error) if error.to_string().contains("no such table") => return Ok(false),
            Err(error) => return Err(error.to_string()),
        }
    }
    Ok(true)
}

/// Deletes a table, even a partial one.
///
/// # Errors
///
/// The engine's message when it fails.
pub(crate) fn remove(database: &Database, table: &str) -> Result<(), String> {
    let unprotect = json!({ "TableName": table, "DeletionProtectionEnabled": false });
    database.update_table(request(unprotect)?).map_err(|error| error.to_string())?;
    let delete = json!({ "TableName": table });
    database.delete_table(request(delete)?).map_err(|error| error.to_string())?;
    Ok(())
}

fn request<R: DeserializeOwned>(json: Value) -> Result<R, String> {
    serde_json::from_value(json).map_err(|error| error.to_string())
}

fn answer<A: DeserializeOwned>(answer: &impl serde::Serialize) -> Result<A, String> {
    let json = serde_json::to_value(answer).map_err(|error| error.to_string())?;
    serde_json::from_value(json).map_err(|error| error.to_string())
}
