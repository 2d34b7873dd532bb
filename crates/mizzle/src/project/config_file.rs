//! Finding the config file.

use super::shown;
use crate::{
    env::Env,
    error::{CommandError, ErrorKind},
};
use std::path::{Path, PathBuf};

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
    .hint("a first one: export default { schema: \"./src/schema.ts\", out: \"./migrations\", endpoint: \"local\" }")
}
