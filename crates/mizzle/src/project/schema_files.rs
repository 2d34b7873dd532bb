//! From `schema` in the config to the files that are evaluated.

use super::shown;
use crate::error::{CommandError, ErrorKind};
use mizzle_core::text;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};
use wax::{
    Glob,
    walk::{Entry, FileIterator},
};

/// What evaluation can load, as a pattern.
const MODULES: &str = "**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}";
/// What a folder or a glob never means: packages, hidden folders, and files that only describe or
/// test a schema.
const LEFT_OUT: [&str; 3] = ["**/node_modules/**", "**/.*/**", "**/*.d.{ts,mts,cts}"];
/// Left out of a folder, though not of a glob that names them.
const LEFT_OUT_OF_FOLDERS: &str = "**/*.{test,spec}.*";

/// The files that the patterns stand for, sorted, each once.
///
/// A pattern is a file, a folder (all modules below it) or a glob, relative to `root`.
///
/// # Errors
///
/// When a pattern is no glob, or stands for nothing.
pub(crate) fn find(
    patterns: &[String],
    root: &Path,
    directory: &Path,
) -> Result<Vec<PathBuf>, CommandError> {
    let mut files = BTreeSet::new();
    for pattern in patterns {
        let path = root.join(pattern);
        let found = if path.is_file() {
            vec![path.clone()]
        } else if path.is_dir() {
            let all = walk(MODULES, &path, &[&LEFT_OUT[..], &[LEFT_OUT_OF_FOLDERS]].concat());
            all.map_err(|reason| not_a_glob(pattern, &reason))?
        } else {
            let glob = pattern.strip_prefix("./").unwrap_or(pattern);
            let (base, rest) = split(glob);
            match rest {
                Some(rest) => walk(rest, &root.join(base), &LEFT_OUT)
                    .map_err(|reason| not_a_glob(pattern, &reason))?,
                None => Vec::new(),
            }
        };
        if found.is_empty() {
            return Err(nothing(pattern, &path, directory));
        }
        files.extend(found.into_iter().map(|file| dunce::canonicalize(&file).unwrap_or(file)));
    }
    Ok(files.into_iter().collect())
}

/// Splits a pattern into the folder it starts from and the part with special characters. Only the
/// latter is a glob to `wax`, which knows no `..`.
fn split(pattern: &str) -> (&str, Option<&str>) {
    let Some(special) = pattern.find(['*', '?', '[', '{', '<', '(']) else {
        return (pattern, None);
    };
    match pattern[..special].rfind('/') {
        Some(slash) => (&pattern[..=slash], Some(&pattern[slash + 1..])),
        None => ("", Some(pattern)),
    }
}

fn walk(pattern: &str, base: &Path, left_out: &[&str]) -> Result<Vec<PathBuf>, String> {
    let glob = Glob::new(pattern).map_err(|error| error.to_string())?;
    let not = wax::any(left_out.iter().copied()).map_err(|error| error.to_string())?;
    if !base.is_dir() {
        return Ok(Vec::new());
    }
    let entries = glob.walk(base).not(not).map_err(|error| error.to_string())?;
    Ok(entries
        .flatten()
        .filter(|entry| entry.file_type().is_file() || entry.path().is_file())
        .map(Entry::into_path)
        .collect())
}

fn not_a_glob(pattern: &str, reason: &str) -> CommandError {
    CommandError::new(
        ErrorKind::Usage,
        "schema-not-found",
        format!("`schema` holds {pattern:?}, which is not a pattern: {reason}"),
    )
    .hint("give files, folders or globs such as \"./src/**/*.table.ts\"")
}

fn nothing(pattern: &str, path: &Path, directory: &Path) -> CommandError {
    let error = CommandError::new(
        ErrorKind::Usage,
        "schema-not-found",
        format!("No schema file matches {pattern:?}"),
    )
    .hint(format!("mizzle looked for {}", shown(path, directory)));
    // A slip in the last name is the usual reason.
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let siblings: Vec<String> = path
        .parent()
        .and_then(|parent| std::fs::read_dir(parent).ok())
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    match text::did_you_mean(name, siblings.iter().map(String::as_str)) {
        Some(suggestion) => error.hint(suggestion),
        None => {
            error.hint("correct `schema` in the config; its paths are relative to the config file")
        }
    }
}
