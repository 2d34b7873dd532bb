//! Which files of the migrations folder are a migration's.

use mizzle_core::{
    snapshot::{FIRST_FORMAT, MigrationName},
    text::is_unsafe,
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// A file of the migrations folder, by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MigrationFile {
    /// The one snapshot of the first format.
    FirstFormat,
    /// The snapshot of a migration.
    Snapshot(MigrationName),
    /// The script of a migration.
    Script(MigrationName),
    /// Of a migration whose number no [`MigrationName`] can hold.
    Uncountable,
    /// Of a migration whose name has characters that act on a terminal.
    Unprintable,
}

impl MigrationFile {
    /// What a file of that name is; `None` for one that is no migration's.
    fn named(file: &str) -> Option<Self> {
        if file == FIRST_FORMAT {
            return Some(Self::FirstFormat);
        }
        let snapshot_of = file.strip_suffix(".snapshot.json");
        // A test or a declaration beside a script (0001_x.test.ts) is no migration.
        let stem =
            snapshot_of.or_else(|| file.strip_suffix(".ts")).filter(|stem| !stem.contains('.'))?;
        match MigrationName::parse(stem) {
            Some(_) if stem.contains(is_unsafe) => Some(Self::Unprintable),
            Some(name) if snapshot_of.is_some() => Some(Self::Snapshot(name)),
            Some(name) => Some(Self::Script(name)),
            None => is_too_large(stem).then_some(Self::Uncountable),
        }
    }
}

/// The files of the migrations in a folder, in no order.
pub(super) fn list(folder: &Path) -> io::Result<Vec<(PathBuf, MigrationFile)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if let Some(file) = name.and_then(MigrationFile::named)
            && !path.is_dir()
        {
            files.push((path, file));
        }
    }
    Ok(files)
}

/// Whether a file name starts like a migration's, with a number that no [`MigrationName`] can hold.
fn is_too_large(stem: &str) -> bool {
    stem.split_once('_').is_some_and(|(number, name)| {
        let is_number = number.len() >= 4 && number.bytes().all(|byte| byte.is_ascii_digit());
        is_number && !name.is_empty() && number.parse::<u64>().is_err()
    })
}
