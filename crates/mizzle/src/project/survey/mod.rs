//! The contents of a folder before `init`: schema files, packages, version control.
//!
//! Nothing is evaluated and nothing is changed. Unreadable paths count as missing: a survey only
//! makes suggestions.

mod packages;
mod schema;

pub(crate) use packages::{Packages, package_name};
pub(crate) use schema::FoundSchema;

use super::PathKind;
use ignore::{Match, gitignore::Gitignore};
use std::path::{Path, PathBuf};

/// The contents of a folder before `init`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ProjectScan {
    /// The files that declare tables.
    pub(crate) schema: FoundSchema,
    /// The packages and their manager.
    pub(crate) packages: Packages,
    /// True if there is a `tsconfig.json`.
    pub(crate) has_tsconfig: bool,
    /// True if there is a separate folder for sources, `src`.
    pub(crate) has_source_folder: bool,
    /// True if git already ignores the embedded database.
    pub(crate) ignores_database: bool,
}

/// Returns the packages of a project.
pub(crate) fn packages(root: &Path) -> Packages {
    Packages::find(&Folders::of(root))
}

impl ProjectScan {
    /// Inspects the folder, within limits.
    pub(crate) fn of(root: &Path) -> Self {
        let folders = Folders::of(root);
        Self {
            schema: schema::find(root, folders.are_in_repository),
            packages: Packages::find(&folders),
            has_tsconfig: root.join("tsconfig.json").is_file(),
            has_source_folder: root.join("src").is_dir(),
            ignores_database: ignores(&folders, &root.join(".mizzle")),
        }
    }
}

/// The folder and the folders around it that belong to the same project.
#[derive(Debug)]
struct Folders {
    /// The folders, from the innermost to the outermost.
    project: Vec<PathBuf>,
    /// True if the outermost folder is a git repository. Without a repository the extent of the
    /// project is unknown, and only the folder itself counts: home folders often contain stray lock
    /// files.
    are_in_repository: bool,
}

impl Folders {
    fn of(root: &Path) -> Self {
        let all: Vec<PathBuf> = root.ancestors().map(Path::to_owned).collect();
        match all.iter().position(|folder| folder.join(".git").exists()) {
            Some(repository) => {
                Self { project: all[..=repository].to_vec(), are_in_repository: true }
            }
            None => Self { project: vec![root.to_owned()], are_in_repository: false },
        }
    }

    fn innermost(&self) -> &Path {
        &self.project[0]
    }
}

/// True if the `.gitignore` files of the project ignore a folder; the innermost file with a
/// matching rule decides.
fn ignores(folders: &Folders, path: &Path) -> bool {
    let mut readable = folders.project.iter().filter(|folder| has_readable_rules(folder));
    let decided = readable.find_map(|folder| {
        let rules = Gitignore::new(folder.join(".gitignore")).0;
        match rules.matched_path_or_any_parents(path, true) {
            Match::Ignore(_) => Some(true),
            Match::Whitelist(_) => Some(false),
            Match::None => None,
        }
    });
    decided.unwrap_or(false)
}

/// True if the ignore files of a folder can be read without blocking: a pipe may have no writer.
fn has_readable_rules(folder: &Path) -> bool {
    [".gitignore", ".ignore"]
        .iter()
        .all(|file| !matches!(PathKind::of(&folder.join(file)), PathKind::Other(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    pub(super) fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn git_leaves_the_database_out_or_does_not() {
        for (files, expected) in [
            (&[][..], false),
            (&[("app/.gitignore", "node_modules\n")][..], false),
            (&[("app/.gitignore", "node_modules\n.mizzle/\n")], true),
            (&[("app/.gitignore", "/.mizzle")], true),
            (&[("app/.gitignore", ".*\n")], true),
            (&[("app/.gitignore", ".mizzle/local.db\n")], false),
            // Without a repository, the folders around this one do not belong to the project.
            (&[(".gitignore", ".mizzle/\n")], false),
            (&[(".git/HEAD", ""), (".gitignore", ".mizzle/\n")], true),
            (&[(".git/HEAD", ""), (".gitignore", "/.mizzle/\n")], false),
            (
                &[(".git/HEAD", ""), (".gitignore", ".*\n"), ("app/.gitignore", "!.mizzle/\n")],
                false,
            ),
        ] {
            let folder = project(files);
            let root = folder.path().join("app");
            fs::create_dir_all(&root).unwrap();
            assert_eq!(ProjectScan::of(&root).ignores_database, expected, "{files:?}");
        }
    }

    #[test]
    fn a_folder_that_is_not_there_has_nothing_in_it() {
        let folder = project(&[]);
        assert_eq!(ProjectScan::of(&folder.path().join("gone")), ProjectScan::default());
    }
}
