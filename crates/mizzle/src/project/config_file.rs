//! Finds the config file.

use super::{PathKind, nearest};
use crate::{
    env::Env,
    errors::{CommandError, ErrorKind},
    paths::shown,
};
use mizzle_core::text;
use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

/// The names of a config file, in search order.
const NAMES: [&str; 5] = [
    "mizzle.config.ts",
    "mizzle.config.mts",
    "mizzle.config.js",
    "mizzle.config.mjs",
    "mizzle.config.json",
];

/// The config file and its folder.
#[derive(Debug, Clone)]
pub(crate) struct ConfigFile {
    /// The file; `None` if the project has none.
    pub(crate) file: Option<PathBuf>,
    /// The folder that paths in the config are relative to.
    pub(crate) root: PathBuf,
}

/// Finds the config: `--config`, then `MIZZLE_CONFIG`, then the known names in the working
/// directory.
///
/// # Errors
///
/// When a named file does not exist, or a path with one of the known names cannot be a config. An
/// unreadable config never counts as missing: its settings, such as the location of the tables,
/// would be lost.
pub(crate) fn find(flag: Option<&Path>, env: &Env) -> Result<ConfigFile, CommandError> {
    let named = match (flag, env.variable("MIZZLE_CONFIG")) {
        (Some(path), _) => Some((path.to_owned(), "--config")),
        (None, Some(path)) => Some((PathBuf::from(path), "MIZZLE_CONFIG")),
        (None, None) => None,
    };
    if let Some((path, source)) = named {
        let file = env.directory.join(&path);
        return match PathKind::of(&file) {
            PathKind::File => Ok(at(&file)),
            kind @ (PathKind::Missing | PathKind::Folder) => {
                Err(named_in_vain(&file, &kind, source, env))
            }
            kind @ (PathKind::Other(_) | PathKind::Unreadable(_)) => Err(unreadable(
                &file, &kind, env,
            )
            .hint(format!("{source} names it: name a file of TypeScript, JavaScript or JSON"))),
        };
    }
    for file in NAMES.iter().map(|name| env.directory.join(name)) {
        match PathKind::of(&file) {
            PathKind::Missing => {}
            PathKind::File => return Ok(at(&file)),
            kind @ (PathKind::Folder | PathKind::Other(_) | PathKind::Unreadable(_)) => {
                return Err(unreadable(&file, &kind, env).hint(
                    "a config is a file: correct or remove it, or name another one with --config",
                ));
            }
        }
    }
    Ok(ConfigFile { file: None, root: env.directory.clone() })
}

/// Returns the error for a path that cannot be a config.
fn unreadable(file: &Path, kind: &PathKind, env: &Env) -> CommandError {
    let message = format!("The config file {} {}", shown(file, &env.directory), kind.predicate());
    CommandError::new(ErrorKind::Usage, "config-unreadable", message)
}

/// The extensions of a config that `init` writes: TypeScript that is also valid JavaScript.
const WRITABLE: [&str; 4] = ["ts", "mts", "js", "mjs"];

/// The location of a new config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewConfig {
    /// The file, which may already exist.
    pub(crate) file: PathBuf,
    /// The folder that paths in it are relative to.
    pub(crate) root: PathBuf,
    /// Existing configs with other names in the same folder, one of which is in use now.
    pub(crate) others: Vec<PathBuf>,
    /// The option that other commands need to find the file; `None` if they find it without one.
    pub(crate) option: Option<String>,
}

impl NewConfig {
    /// Determines the location: `--config`, then `MIZZLE_CONFIG`, then the first of the known names
    /// in the working directory.
    ///
    /// # Errors
    ///
    /// When the named file is neither TypeScript nor JavaScript.
    pub(crate) fn find(flag: Option<&Path>, env: &Env) -> Result<Self, CommandError> {
        let variable = env.variable("MIZZLE_CONFIG").map(Path::new);
        let directory = dunce::canonicalize(&env.directory).unwrap_or(env.directory.clone());
        let first = directory.join(NAMES[0]);
        let file = match flag.or(variable) {
            None => first.clone(),
            Some(named) => {
                let source = if flag.is_some() { "--config" } else { "MIZZLE_CONFIG" };
                check_name(named, source)?;
                let file: PathBuf = directory.join(named).components().collect();
                let folder = file.parent().map(Path::to_owned).unwrap_or_default();
                let folder = dunce::canonicalize(&folder).unwrap_or(folder);
                folder.join(file.file_name().unwrap_or_default())
            }
        };
        let root = file.parent().map(Path::to_owned).unwrap_or_default();
        if file != first {
            let option = flag.map(|flag| format!("--config {}", flag.display()));
            return Ok(Self { file, root, others: Vec::new(), option });
        }
        let others = NAMES[1..].iter().map(|name| root.join(name)).filter(|file| is_there(file));
        Ok(Self { file, others: others.collect(), root, option: None })
    }

    /// Returns an existing file that would be overwritten or no longer read.
    pub(crate) fn in_the_way(&self) -> Option<&Path> {
        if is_there(&self.file) {
            return Some(&self.file);
        }
        self.others.first().map(PathBuf::as_path)
    }
}

fn check_name(named: &Path, source: &str) -> Result<(), CommandError> {
    let extension = named.extension().and_then(OsStr::to_str).unwrap_or_default();
    if WRITABLE.contains(&extension) {
        return Ok(());
    }
    let message = format!("{} is no name for a new config", named.display());
    Err(CommandError::new(ErrorKind::Usage, "invalid-config-name", message)
        .hint("let it end in .ts, .mts, .js or .mjs")
        .hint(format!("{source} names it")))
}

/// True if the path exists, even as a broken link.
fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn at(file: &Path) -> ConfigFile {
    let file = dunce::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let root = file.parent().map(Path::to_owned).unwrap_or_default();
    ConfigFile { file: Some(file), root }
}

/// Returns the error for a named config that does not exist.
fn named_in_vain(file: &Path, kind: &PathKind, source: &str, env: &Env) -> CommandError {
    let message = format!("The config file {} {}", shown(file, &env.directory), kind.predicate());
    let mut error = CommandError::new(ErrorKind::Usage, "config-not-found", message)
        .hint(format!("{source} names it: correct the path"));
    if matches!(kind, PathKind::Folder) {
        let within = NAMES.iter().map(|name| file.join(name)).find(|file| file.is_file());
        let meant = within.map(|file| shown(&file, &env.directory));
        error.hints.extend(meant.map(|file| format!("did you mean {file:?}?")));
    } else {
        error.hints.extend(nearest::hints(file, &env.directory, |_| false));
    }
    error
}

/// Returns the error for a command that needs a config when there is none.
pub(crate) fn missing(env: &Env) -> CommandError {
    let names = NAMES.join(", ");
    let mut error = CommandError::new(
        ErrorKind::Usage,
        "config-not-found",
        format!("There is no config file in {}", env.directory.display()),
    );
    error.hints.extend(lookalike(&env.directory));
    error.hints.extend(further_up(&env.directory));
    error
        .hint(format!("mizzle looked for {names}"))
        .hint("run mizzle in the folder that holds it, or name it with --config")
        .hint("mizzle init writes one")
}

/// Suggests a file that was probably meant to be the config.
fn lookalike(directory: &Path) -> Option<String> {
    let names = nearest::names(directory, |entry| !entry.is_file());
    // `drizzle.config.ts` belongs to another tool.
    let is_ours = |name: &str| {
        let first = name.split('.').next().unwrap_or(name);
        text::is_typo(first, "mizzle")
    };
    let names = names.iter().map(String::as_str).filter(|name| is_ours(name));
    // The most similar name first: one that contains more of the correct name.
    let name = names.max_by_key(|name| name.contains("conf"))?;
    let is_module = NAMES.iter().any(|known| {
        Path::new(name)
            .extension()
            .is_some_and(|ending| Path::new(known).extension() == Some(ending))
    });
    Some(if is_module {
        let ending = Path::new(name).extension().unwrap_or_default().to_string_lossy();
        format!("is {name} meant to be it? name it mizzle.config.{ending}")
    } else {
        format!(
            "is {name} meant to be it? a config is TypeScript, JavaScript or JSON: mizzle.config.ts"
        )
    })
}

/// Suggests the nearest config in a parent folder.
fn further_up(directory: &Path) -> Option<String> {
    let folders = directory.ancestors().skip(1);
    let mut files = folders.flat_map(|folder| NAMES.iter().map(|name| folder.join(name)));
    let file = files.find(|file| file.is_file())?;
    Some(format!("there is one in a folder above: --config {}", shown(&file, directory)))
}
