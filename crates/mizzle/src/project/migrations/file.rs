//! Recognises the files of migrations by their names.

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
    /// A file of a migration whose number exceeds the range of [`MigrationName`].
    Uncountable,
    /// A file of a migration whose name contains characters that control a terminal.
    Unprintable,
}

impl MigrationFile {
    /// Classifies a file by its name; `None` for one that belongs to no migration.
    fn named(file: &str) -> Option<Self> {
        if file == FIRST_FORMAT {
            return Some(Self::FirstFormat);
        }
        let snapshot_of = file.strip_suffix(".snapshot.json");
        // A test or a declaration beside a script (0001_x.test.ts) is not a migration.
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

/// Lists the migrations' files in a folder, unordered.
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

/// True if a file name starts like a migration's, with a number that exceeds the range of
/// [`MigrationName`].
fn is_too_large(stem: &str) -> bool {
    stem.split_once('_').is_some_and(|(number, name)| {
        let is_number = number.len() >= 4 && number.bytes().all(|byte| byte.is_ascii_digit());
        is_number && !name.is_empty() && number.parse::<u64>().is_err()
    })
}
