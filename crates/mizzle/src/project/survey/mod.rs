//! What is in a folder that is to become a project: schema files, packages, version control.
//!
//! Nothing is evaluated and nothing is changed. What cannot be read is as good as not there: a survey
//! only makes suggestions.

mod packages;
mod schema;

pub(crate) use packages::{Packages, package_name};
pub(crate) use schema::FoundSchema;

use super::PathKind;
use ignore::{Match, gitignore::Gitignore};
use std::path::{Path, PathBuf};

/// What is in a folder that is to become a project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Survey {
    /// The files that make tables.
    pub(crate) schema: FoundSchema,
    /// The packages and who manages them.
    pub(crate) packages: Packages,
    /// Whether there is a `tsconfig.json`.
    pub(crate) has_tsconfig: bool,
    /// Whether sources lie in a folder of their own, `src`.
    pub(crate) has_source_folder: bool,
    /// Whether git leaves the embedded database out already.
    pub(crate) ignores_database: bool,
}

/// The packages of a project alone.
pub(crate) fn packages(root: &Path) -> Packages {
    Packages::find(&Folders::of(root))
}

impl Survey {
    /// Looks through the folder, within bounds.
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

/// The folder and those around it that belong to the same project.
#[derive(Debug)]
struct Folders {
    /// From the inside to the outside.
    project: Vec<PathBuf>,
    /// Whether the outermost is a git repository. Without one nobody knows where the project ends, and
    /// the folder stands alone: there is many a lost lock file in a home folder.
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

/// Whether the `.gitignore` files of the project leave a folder out; the innermost that says anything
/// decides.
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

/// Whether what a folder ignores can be read without waiting: a pipe may have no writer.
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
            // Without a repository, what is around the folder is somebody else's.
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
            assert_eq!(Survey::of(&root).ignores_database, expected, "{files:?}");
        }
    }

    #[test]
    fn a_folder_that_is_not_there_has_nothing_in_it() {
        let folder = project(&[]);
        assert_eq!(Survey::of(&folder.path().join("gone")), Survey::default());
    }
}
