//! The settings that a server on this machine accepted and ignored, so that the next run does not
//! try them again.
//!
//! Emulators support less than DynamoDB: some accept a table class, for example, and ignore it. The
//! settings that an emulator ignores are detected by reading them back, and stored beside the
//! config in `.mizzle/ignored-settings.json`. The file is a cache: without it the next run tries
//! and detects them again.

use super::regular_file;
use crate::errors::{CommandError, PortError};
use mizzle_core::diff::Change;
use mizzle_engine::ports;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

const FOLDER: &str = ".mizzle";
const FILE: &str = "ignored-settings.json";

/// The settings that one server ignores.
#[derive(Debug)]
pub(crate) struct IgnoredSettings {
    folder: PathBuf,
    server: String,
    file: Mutex<File>,
}

/// The file's content: by server, then by table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct File {
    servers: BTreeMap<String, BTreeMap<String, Vec<Entry>>>,
}

/// A change that a server ignored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    /// The subject of the change.
    subject: String,
    /// The change.
    change: Value,
}

impl Entry {
    fn of(change: &Change) -> Self {
        Self { subject: change.subject(), change: to_value(change) }
    }
}

impl IgnoredSettings {
    /// Reads the settings that a server ignores. An invalid file counts as empty.
    ///
    /// # Errors
    ///
    /// When the path is not a regular file.
    pub(crate) fn open(root: &Path, server: &str) -> Result<Self, CommandError> {
        let folder = root.join(FOLDER);
        let path = folder.join(FILE);
        regular_file::expect(&path).map_err(|error| CommandError::io("read", &path, &error))?;
        let text = fs::read_to_string(path).unwrap_or_default();
        let file = Mutex::new(serde_json::from_str(&text).unwrap_or_default());
        Ok(Self { folder, server: server.to_owned(), file })
    }

    fn file(&self) -> MutexGuard<'_, File> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, file: &File) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let ignore = self.folder.join(".gitignore");
        if !ignore.exists() {
            write_whole(&ignore, "*\n")?;
        }
        let text = serde_json::to_string_pretty(file)?;
        write_whole(&self.folder.join(FILE), &format!("{text}\n"))
    }
}

impl ports::IgnoredSettings for IgnoredSettings {
    type Error = PortError;

    fn contains(&self, table: &str, change: &Change) -> bool {
        let file = self.file();
        let entries = file.servers.get(&self.server).and_then(|tables| tables.get(table));
        let wanted = to_value(change);
        entries.is_some_and(|entries| entries.iter().any(|entry| entry.change == wanted))
    }

    fn replace(
        &self,
        tables: Vec<(String, Vec<Change>)>,
        is_replaced: &dyn Fn(&str, &str) -> bool,
    ) -> Result<(), PortError> {
        let mut file = self.file();
        let before = file.clone();
        let known = file.servers.entry(self.server.clone()).or_default();
        for (table, changes) in tables {
            let mut entries = known.remove(&table).unwrap_or_default();
            entries.retain(|entry| !is_replaced(&table, &entry.subject));
            for entry in changes.iter().map(Entry::of) {
                if !entries.contains(&entry) {
                    entries.push(entry);
                }
            }
            if !entries.is_empty() {
                known.insert(table, entries);
            }
        }
        if known.is_empty() {
            file.servers.remove(&self.server);
        }
        if *file == before {
            return Ok(());
        }
        self.write(&file).map_err(|error| {
            PortError::Command(CommandError::io("write", &self.folder.join(FILE), &error))
        })
    }
}

fn to_value(change: &Change) -> Value {
    serde_json::to_value(change).expect("a change holds strings, numbers and lists only")
}

/// Writes a file so that readers see either the old or the new content.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
