//! What a server on this machine accepted and did not keep, so that the next push does not try it
//! again.
//!
//! Emulators know less than DynamoDB: they accept a table class, say, and forget it. Which of them
//! forgets what is learned by looking, and remembered beside the config in `.mizzle/not-kept.json`.
//! It is a memory, no record: without it the next push tries once more and learns it anew.

use super::regular_file;
use crate::error::CommandError;
use mizzle_core::diff::Change;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

const FOLDER: &str = ".mizzle";
const FILE: &str = "not-kept.json";

/// What one server did not keep.
#[derive(Debug)]
pub(crate) struct NotKept {
    folder: PathBuf,
    server: String,
    memory: Memory,
}

/// The file: by server, then by table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Memory {
    servers: BTreeMap<String, BTreeMap<String, Vec<Value>>>,
}

impl NotKept {
    /// What is remembered of a server. A file that does not hold a memory counts as none.
    ///
    /// # Errors
    ///
    /// When there is something else than a regular file in its place.
    pub(crate) fn open(root: &Path, server: &str) -> Result<Self, CommandError> {
        let folder = root.join(FOLDER);
        let file = folder.join(FILE);
        regular_file::expect(&file).map_err(|error| CommandError::io("read", &file, &error))?;
        let text = fs::read_to_string(file).unwrap_or_default();
        let memory = serde_json::from_str(&text).unwrap_or_default();
        Ok(Self { folder, server: server.to_owned(), memory })
    }

    /// Whether exactly this change of a table was tried, and did not last.
    pub(crate) fn contains(&self, table: &str, change: &Change) -> bool {
        let changes = self.memory.servers.get(&self.server).and_then(|tables| tables.get(table));
        changes.is_some_and(|changes| changes.contains(&to_value(change)))
    }

    /// Remembers the changes of a table that did not last, instead of what was known before.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub(crate) fn replace(
        &mut self,
        tables: impl IntoIterator<Item = (String, Vec<Change>)>,
    ) -> Result<(), CommandError> {
        let before = self.memory.clone();
        let known = self.memory.servers.entry(self.server.clone()).or_default();
        for (table, changes) in tables {
            if changes.is_empty() {
                known.remove(&table);
            } else {
                known.insert(table, changes.iter().map(to_value).collect());
            }
        }
        if known.is_empty() {
            self.memory.servers.remove(&self.server);
        }
        if self.memory == before {
            return Ok(());
        }
        let file = self.folder.join(FILE);
        self.write().map_err(|error| CommandError::io("write", &file, &error))
    }

    fn write(&self) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let ignore = self.folder.join(".gitignore");
        if !ignore.exists() {
            write_whole(&ignore, "*\n")?;
        }
        let text = serde_json::to_string_pretty(&self.memory)?;
        write_whole(&self.folder.join(FILE), &format!("{text}\n"))
    }
}

fn to_value(change: &Change) -> Value {
    serde_json::to_value(change).expect("a change holds strings, numbers and lists only")
}

/// Writes a file so that a reader sees all of it or the file as it was.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
