//! The contents of the migrations folder, valid or not, and replacements in it.

use super::{
    Folder,
    file::{self, MigrationFile},
};
use crate::{
    errors::{CommandError, ErrorKind, io_reason},
    project::read_to_string,
};
use mizzle_core::{
    history::{History, Migration, Unreadable},
    model::TableDefinition,
    plan::Call,
    snapshot::{self, MigrationName, Snapshot},
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// The contents of a migrations folder, including invalid ones.
#[derive(Debug)]
pub(crate) struct Inspection {
    folder: Folder,
    files: Files,
    /// The history that the files describe.
    pub(crate) history: History,
}

/// The texts of the migrations' files by name, or the reasons why they cannot be read.
type Files = BTreeMap<String, (MigrationFile, Result<String, String>)>;

/// A migration that replaces another one.
#[derive(Debug)]
pub(crate) struct Replacement {
    /// The name of the old one.
    pub(crate) from: MigrationName,
    /// The name of the new one.
    pub(crate) to: MigrationName,
    /// The new script.
    pub(crate) script: String,
    /// The new snapshot.
    pub(crate) snapshot: Snapshot,
}

/// Returns the migrations that have a script, in order; none if the folder cannot be read.
pub(crate) fn scripts_in(folder: &Path) -> Vec<MigrationName> {
    let files = file::list(folder).unwrap_or_default().into_iter();
    let mut names: Vec<MigrationName> = files
        .filter_map(|(_, file)| match file {
            MigrationFile::Script(name) => Some(name),
            _ => None,
        })
        .collect();
    names.sort();
    names
}

impl Inspection {
    /// Reads the folder, after recovering an interrupted run. `calls` runs a script and returns its
    /// calls; paths in messages are relative to `directory`.
    ///
    /// # Errors
    ///
    /// When the folder itself cannot be read.
    pub(crate) fn of(
        folder: &Path,
        directory: &Path,
        schema: Vec<TableDefinition>,
        calls: impl Fn(&Path) -> Result<Vec<Call>, Unreadable>,
    ) -> Result<Self, CommandError> {
        let folder = Folder::new(folder, directory);
        let mut files = Files::new();
        if folder.path.exists() {
            folder.tidy()?;
            files = folder.files()?;
        }
        let mut migrations: BTreeMap<MigrationName, Migration> = BTreeMap::new();
        let mut baseline = None;
        for (file_name, (file, text)) in &files {
            let text = text.as_ref().map_err(|reason| unreadable(reason));
            match file {
                MigrationFile::FirstFormat => {
                    baseline = Some(text.and_then(|text| {
                        snapshot::read_first_format(text).map_err(|error| edited(&error))
                    }));
                }
                MigrationFile::Snapshot(name) => {
                    entry(&mut migrations, name).snapshot = Some(text.and_then(|text| {
                        Snapshot::from_text(text).map_err(|error| edited(&error))
                    }));
                }
                MigrationFile::Script(name) => {
                    entry(&mut migrations, name).script = Some(calls(&folder.path.join(file_name)));
                }
                MigrationFile::Uncountable | MigrationFile::Unprintable => {}
            }
        }
        let schema = schema.into_iter().map(|table| (table.table_name.clone(), table)).collect();
        let history = History { baseline, migrations: migrations.into_values().collect(), schema };
        Ok(Self { folder, files, history })
    }

    /// Returns the text of a migration's script.
    ///
    /// # Errors
    ///
    /// When the script cannot be read.
    pub(crate) fn script(&self, migration: &MigrationName) -> Result<&str, CommandError> {
        let file = migration.script_file();
        let text = match self.files.get(&file) {
            Some((_, text)) => text.as_deref().map_err(String::as_str),
            None => Err("there is no such file"),
        };
        text.map_err(|reason| {
            let path = self.folder.shown(&self.folder.path.join(file));
            let message = format!("Could not read {path}: {reason}");
            CommandError::new(ErrorKind::Failed, "io", message)
                .hint("restore the file from version control")
        })
    }

    /// Replaces migrations: all of them, or none. Returns the paths of the new files, each script
    /// before its snapshot.
    ///
    /// # Errors
    ///
    /// When the folder has changed since the inspection, another run holds its lock for too long,
    /// or the files cannot be written.
    pub(crate) fn replace(
        &self,
        replacements: &[Replacement],
    ) -> Result<Vec<PathBuf>, CommandError> {
        let folder = &self.folder;
        let lock = folder.lock()?;
        folder.recover(&lock)?;
        if folder.files()? != self.files {
            return Err(CommandError::new(
                ErrorKind::Failed,
                "migrations-changed",
                format!(
                    "The files in {} were changed meanwhile; nothing was written",
                    folder.shown(&folder.path)
                ),
            )
            .hint("run the command again: it then starts from what is there now"));
        }
        let (mut added, mut removed) = (Vec::new(), Vec::new());
        for Replacement { from, to, script, snapshot } in replacements {
            removed.extend([from.script_file(), from.snapshot_file()]);
            added.push((to.script_file(), script.clone()));
            added.push((to.snapshot_file(), snapshot.to_text()));
        }
        let texts: Vec<(&str, &str)> =
            added.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let removed: Vec<&str> = removed.iter().map(String::as_str).collect();
        folder.write(&lock, &texts, &removed)?;
        Ok(added.iter().map(|(name, _)| folder.path.join(name)).collect())
    }
}

impl Folder {
    fn files(&self) -> Result<Files, CommandError> {
        let mut files = Files::new();
        for (path, file) in file::list(&self.path).map_err(|error| self.unreadable(&error))? {
            let text = read_to_string(&path).map_err(|error| io_reason(&error));
            if let Some(name) = path.file_name().and_then(|name| name.to_str()) {
                files.insert(name.to_owned(), (file, text));
            }
        }
        Ok(files)
    }
}

fn entry<'a>(
    migrations: &'a mut BTreeMap<MigrationName, Migration>,
    name: &MigrationName,
) -> &'a mut Migration {
    let empty = || Migration { name: name.clone(), script: None, snapshot: None };
    migrations.entry(name.clone()).or_insert_with(empty)
}

fn unreadable(reason: &str) -> Unreadable {
    Unreadable {
        message: format!("it cannot be read: {reason}"),
        hint: "see who may read the file".to_owned(),
    }
}

fn edited(error: &snapshot::SnapshotError) -> Unreadable {
    Unreadable { message: error.to_string(), hint: error.hint().to_owned() }
}
