//! The source files of the workspace: Rust and JavaScript.

use anyhow::Context;
use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};
use walkdir::WalkDir;

/// The folders of source files.
const FOLDERS: [&str; 2] = ["crates", "xtask"];

/// Folders of generated and fetched files.
const SKIPPED: [&str; 2] = ["node_modules", "target"];

/// The extensions of Rust and JavaScript.
const EXTENSIONS: [&str; 4] = ["cjs", "js", "mjs", "rs"];

/// A source file.
pub(crate) struct Source {
    /// The path from the root of the workspace.
    pub(crate) path: PathBuf,
    /// The content. Some fixtures are not UTF-8.
    pub(crate) content: Vec<u8>,
}

/// Reads every source file below `root`, in the order of the paths.
///
/// # Errors
///
/// When a file cannot be read.
pub(crate) fn read(root: &Path) -> anyhow::Result<Vec<Source>> {
    let mut sources = Vec::new();
    for folder in FOLDERS {
        let entries = WalkDir::new(root.join(folder)).sort_by_file_name().into_iter();
        for entry in entries.filter_entry(|entry| !is_one_of(Some(entry.file_name()), &SKIPPED)) {
            let entry = entry?;
            let file = entry.path();
            if entry.file_type().is_file() && is_one_of(file.extension(), &EXTENSIONS) {
                let content =
                    fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
                sources.push(Source { path: file.strip_prefix(root)?.to_owned(), content });
            }
        }
    }
    Ok(sources)
}

fn is_one_of(name: Option<&OsStr>, names: &[&str]) -> bool {
    name.is_some_and(|name| names.iter().any(|one| name == *one))
}
