//! Finding the config file.

use super::shown;
use crate::{
    env::Env,
    error::{CommandError, ErrorKind},
};
use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

/// The names of a config file, in the order in which they are looked for.
const NAMES: [&str; 5] = [
    "mizzle.config.ts",
    "mizzle.config.mts",
    "mizzle.config.js",
    "mizzle.config.mjs",
    "mizzle.config.json",
];

/// What was found.
#[derive(Debug, Clone)]
pub(crate) struct ConfigFile {
    /// The file; `None` when the project has none.
    pub(crate) file: Option<PathBuf>,
    /// The folder that paths in the config are relative to.
    pub(crate) root: PathBuf,
}

/// Finds the config: `--config`, then `MIZZLE_CONFIG`, then the known names in the working
/// directory.
///
/// # Errors
///
/// When a file is named that is not there.
pub(crate) fn find(flag: Option<&Path>, env: &Env) -> Result<ConfigFile, CommandError> {
    let named = match (flag, env.variable("MIZZLE_CONFIG")) {
        (Some(path), _) => Some((path.to_owned(), "--config")),
        (None, Some(path)) => Some((PathBuf::from(path), "MIZZLE_CONFIG")),
        (None, None) => None,
    };
    if let Some((path, source)) = named {
        let file = env.directory.join(&path);
        if !file.is_file() {
            let what = if file.is_dir() { "is a folder" } else { "does not exist" };
            return Err(CommandError::new(
                ErrorKind::Usage,
                "config-not-found",
                format!("The config file {} {what}", shown(&file, &env.directory)),
            )
            .hint(format!("{source} names it: correct the path")));
        }
        return Ok(at(&file));
    }
    let found = NAMES.iter().map(|name| env.directory.join(name)).find(|file| file.is_file());
    Ok(match found {
        Some(file) => at(&file),
        None => ConfigFile { file: None, root: env.directory.clone() },
    })
}

/// What a config that `init` writes may be: TypeScript that is JavaScript as well.
const WRITABLE: [&str; 4] = ["ts", "mts", "js", "mjs"];

/// Where a new config goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewConfig {
    /// The file, which may be there already.
    pub(crate) file: PathBuf,
    /// The folder that paths in it are relative to.
    pub(crate) root: PathBuf,
    /// Configs of other names in the same folder, one of which is the project's by now.
    pub(crate) others: Vec<PathBuf>,
    /// The option that every other command needs to find the file; `None` when it is found by itself.
    pub(crate) option: Option<String>,
}

impl NewConfig {
    /// Finds the place: `--config`, then `MIZZLE_CONFIG`, then the first of the known names in the
    /// working directory.
    ///
    /// # Errors
    ///
    /// When a file is named that is no TypeScript or JavaScript.
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

    /// What is there already, and would be overwritten or no longer read.
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

/// Whether there is anything of that name, be it a link that leads nowhere.
fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn at(file: &Path) -> ConfigFile {
    let file = dunce::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let root = file.parent().map(Path::to_owned).unwrap_or_default();
    ConfigFile { file: Some(file), root }
}

/// What to say when a command needs something of a config that is not there.
pub(crate) fn missing(env: &Env) -> CommandError {
    let names = NAMES.join(", ");
    CommandError::new(
        ErrorKind::Usage,
        "config-not-found",
        format!("There is no config file in {}", env.directory.display()),
    )
    .hint(format!("mizzle looked for {names}"))
    .hint("run mizzle in the folder that holds it, or name it with --config")
    .hint("mizzle init writes one")
}
