//! The migrations folder as it is, sound or not.

use super::{
    Migrations,
    file::{self, MigrationFile, RESTORE_SNAPSHOT},
};
use crate::error::CommandError;
use mizzle_core::{
    history::{History, Migration, Unreadable},
    model::TableDefinition,
    plan::Call,
    snapshot::{self, MigrationName, Snapshot},
};
use std::{collections::BTreeMap, fs, path::Path};

impl Migrations {
    /// Everything that the folder holds, whatever is wrong with it. `calls` runs a script and tells
    /// its calls.
    ///
    /// # Errors
    ///
    /// When the folder itself cannot be read.
    pub(crate) fn inspect(
        folder: &Path,
        schema: &[TableDefinition],
        calls: impl Fn(&Path) -> Result<Vec<Call>, Unreadable>,
    ) -> Result<History, CommandError> {
        let mut migrations: BTreeMap<MigrationName, Migration> = BTreeMap::new();
        let mut baseline = None;
        let schema = schema.iter().map(|table| (table.table_name.clone(), table.clone())).collect();
        if !folder.exists() {
            return Ok(History { baseline, migrations: Vec::new(), schema });
        }
        let unreadable = |error| CommandError::io("read", folder, &error);
        for (path, file) in file::list(folder).map_err(unreadable)? {
            let name = match &file {
                MigrationFile::FirstFormat => {
                    baseline = Some(text(&path).and_then(|text| {
                        snapshot::read_first_format(&text).map_err(|error| edited(&error))
                    }));
                    continue;
                }
                MigrationFile::Uncountable => continue,
                MigrationFile::Snapshot(name) | MigrationFile::Script(name) => name.clone(),
            };
            let migration = migrations.entry(name.clone()).or_insert_with(|| Migration {
                name,
                script: None,
                snapshot: None,
            });
            if matches!(file, MigrationFile::Snapshot(_)) {
                migration.snapshot =
                    Some(text(&path).and_then(|text| {
                        Snapshot::from_text(&text).map_err(|error| edited(&error))
                    }));
            } else {
                migration.script = Some(calls(&path));
            }
        }
        Ok(History { baseline, migrations: migrations.into_values().collect(), schema })
    }
}

fn text(path: &Path) -> Result<String, Unreadable> {
    fs::read_to_string(path).map_err(|error| Unreadable {
        message: format!("it cannot be read: {error}"),
        hint: "see who may read the file".to_owned(),
    })
}

fn edited(error: &snapshot::SnapshotError) -> Unreadable {
    Unreadable { message: error.to_string(), hint: RESTORE_SNAPSHOT.to_owned() }
}
