//! Finds source files that are too long.

use crate::workspace::{Workspace, announce};
use anyhow::{Context, bail};
use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};
use walkdir::WalkDir;

/// The maximum number of lines of a source file.
const MAX_LINES: usize = 500;

/// The folders of the source files.
const FOLDERS: [&str; 2] = ["crates", "xtask"];

/// The folders of generated files.
const SKIPPED: [&str; 2] = ["node_modules", "target"];

/// The file extensions of Rust and JavaScript.
const EXTENSIONS: [&str; 4] = ["cjs", "js", "mjs", "rs"];

/// A file, relative to the root of the workspace, and its number of lines.
type Long = (PathBuf, usize);

/// Checks every source file of the workspace.
///
/// # Errors
///
/// When a file is too long.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<()> {
    announce("lengths of files");
    judge(&find(&workspace.root)?)
}

/// Fails with a list of the files that are too long.
fn judge(files: &[Long]) -> anyhow::Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    let problems = files.iter().map(|(file, lines)| {
        let file = file.display();
        format!("{file} has {lines} lines, and {MAX_LINES} are the most: find its second story\n")
    });
    bail!("{}", problems.collect::<String>())
}

/// Returns the source files that are too long, sorted by path.
fn find(root: &Path) -> anyhow::Result<Vec<Long>> {
    let mut files = Vec::new();
    for folder in FOLDERS {
        let entries = WalkDir::new(root.join(folder)).sort_by_file_name().into_iter();
        for entry in entries.filter_entry(|entry| !is_one_of(Some(entry.file_name()), &SKIPPED)) {
            let entry = entry?;
            let file = entry.path();
            if !entry.file_type().is_file() || !is_one_of(file.extension(), &EXTENSIONS) {
                continue;
            }
            // Some fixtures are not UTF-8.
            let text = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
            let lines = text.split_inclusive(|byte| *byte == b'\n').count();
            if lines > MAX_LINES {
                files.push((file.strip_prefix(root)?.to_owned(), lines));
            }
        }
    }
    Ok(files)
}

fn is_one_of(name: Option<&OsStr>, names: &[&str]) -> bool {
    name.is_some_and(|name| names.iter().any(|one| name == *one))
}

#[cfg(test)]
mod tests {
    use super::{find, judge};
    use std::{fs, path::PathBuf};

    #[test]
    fn a_file_is_too_long_from_its_501st_line_on() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: String| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("crates/a/src/lib.rs", "\n".repeat(500));
        write("crates/a/src/more.rs", "\n".repeat(501));
        write("crates/a/src/js/run.js", "a;\n".repeat(500) + "the last line, without an end");
        write("crates/a/src/data.json", "\n".repeat(501));
        write("crates/a/node_modules/b/index.js", "\n".repeat(501));
        write("xtask/fuzz/target/c.rs", "\n".repeat(501));
        write("xtask/src/main.rs", "\n".repeat(700));
        write("docs/d.rs", "\n".repeat(501));
        let expected = [
            ("crates/a/src/js/run.js", 501),
            ("crates/a/src/more.rs", 501),
            ("xtask/src/main.rs", 700),
        ];
        let expected = expected.map(|(file, lines)| (PathBuf::from(file), lines));
        assert_eq!(find(root.path()).unwrap(), expected);
    }

    #[test]
    fn what_is_too_long_is_named() {
        let long = [(PathBuf::from("a.rs"), 501)];
        let error = judge(&long).unwrap_err().to_string();
        assert_eq!(error, "a.rs has 501 lines, and 500 are the most: find its second story\n");
        judge(&[]).unwrap();
    }
}
