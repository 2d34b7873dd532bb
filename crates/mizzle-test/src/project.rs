//! A project in a temporary folder.

use crate::{Database, MizzleCommand, environment::repository, redact::Redactions};
use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;
use walkdir::WalkDir;

/// A project in a temporary folder, with its own home folder beside it. Both are deleted when the
/// value is dropped.
#[derive(Debug)]
pub struct TempProject {
    binary: PathBuf,
    root: PathBuf,
    home: PathBuf,
    _folder: TempDir,
}

impl TempProject {
    /// Creates an empty project; `binary` is `env!("CARGO_BIN_EXE_mizzle")`.
    pub fn new(binary: impl Into<PathBuf>) -> Self {
        let folder = tempfile::tempdir().expect("the system has a folder for temporary files");
        // The system's folder may be a symbolic link; messages of programs contain the real path.
        let real = dunce::canonicalize(folder.path()).expect("the new folder exists");
        let (root, home) = (real.join("project"), real.join("home"));
        for folder in [&root, &home] {
            fs::create_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        }
        Self { binary: binary.into(), root, home, _folder: folder }
    }

    /// Copies `examples/<name>`, without files that earlier runs of mizzle may have created there.
    #[track_caller]
    pub fn from_example(binary: impl Into<PathBuf>, name: &str) -> Self {
        let project = Self::new(binary);
        let example = repository().join("examples").join(name);
        let committed = |entry: &walkdir::DirEntry| {
            ![".mizzle", "migrations", "node_modules"].map(OsStr::new).contains(&entry.file_name())
        };
        for entry in WalkDir::new(&example).into_iter().filter_entry(committed) {
            let entry = entry.unwrap_or_else(|error| panic!("no example {name}: {error}"));
            if entry.file_type().is_file() {
                let path = entry.path().strip_prefix(&example).expect("it was found below");
                let target = project.prepare(path);
                fs::copy(entry.path(), &target)
                    .unwrap_or_else(|error| panic!("cannot copy {}: {error}", path.display()));
            }
        }
        project
    }

    /// Copies the project with all files, including the database of the embedded server.
    #[track_caller]
    pub fn copy(&self) -> Self {
        let copy = Self::new(&self.binary);
        for file in self.files() {
            let target = copy.prepare(Path::new(&file));
            fs::copy(self.root.join(&file), &target)
                .unwrap_or_else(|error| panic!("cannot copy {file}: {error}"));
        }
        copy
    }

    /// Returns the project's folder.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Returns the home folder of the started programs.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Writes a file, and creates its parent folders.
    #[track_caller]
    pub fn write(&self, path: &str, text: &str) {
        let path = self.prepare(Path::new(path));
        fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// Returns the text of a file.
    #[track_caller]
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap_or_else(|error| {
            panic!("cannot read {path}: {error}; there are {:?}", self.files())
        })
    }

    /// Replaces a text that must be in the file.
    #[track_caller]
    pub fn replace(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} does not contain {from:?}:\n{text}");
        self.write(path, &text.replace(from, to));
    }

    /// True if a file or folder exists.
    pub fn exists(&self, path: &str) -> bool {
        self.root.join(path).exists()
    }

    /// Removes a file.
    #[track_caller]
    pub fn remove(&self, path: &str) {
        fs::remove_file(self.root.join(path))
            .unwrap_or_else(|error| panic!("cannot remove {path}: {error}"));
    }

    /// Returns all files, relative to the project and sorted, with `/` between folders.
    #[track_caller]
    pub fn files(&self) -> Vec<String> {
        self.files_below("")
    }

    /// Returns the files in one folder and below, relative to the project and sorted; none if the
    /// folder does not exist.
    #[track_caller]
    pub fn files_below(&self, folder: &str) -> Vec<String> {
        let folder = self.root.join(folder);
        if !folder.exists() {
            return Vec::new();
        }
        let mut files = Vec::new();
        for entry in WalkDir::new(folder) {
            let entry = entry.unwrap_or_else(|error| panic!("cannot list the project: {error}"));
            if !entry.file_type().is_dir() {
                let path = entry.path().strip_prefix(&self.root).expect("it was found below");
                files.push(path.display().to_string().replace('\\', "/"));
            }
        }
        files.sort();
        files
    }

    /// Changes `endpoint: "local"` in the project's `mizzle.config.ts` to a database.
    #[track_caller]
    pub fn connect(&self, database: &Database) {
        self.replace("mizzle.config.ts", "endpoint: \"local\",", &database.config_fields());
    }

    /// Creates a command line of mizzle, to be run in the project.
    pub fn mizzle(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> MizzleCommand {
        self.command(&self.binary, args)
    }

    /// Creates a command line of a program, to be run in the project.
    pub(crate) fn command(
        &self,
        program: &Path,
        args: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> MizzleCommand {
        MizzleCommand::new(program, &self.root, &self.home, self.redactions(), args)
    }

    /// Replaces the parts of a text that differ between runs of a test.
    pub fn redact(&self, text: &str) -> String {
        self.redactions().apply(text)
    }

    pub(crate) fn redactions(&self) -> Redactions {
        Redactions::standard().folder(&self.root, "[project]").folder(&self.home, "[home]")
    }

    #[track_caller]
    fn prepare(&self, path: &Path) -> PathBuf {
        let path = self.root.join(path);
        let folder = path.parent().expect("a file lies in a folder");
        fs::create_dir_all(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        path
    }
}
