//! `mizzle generate`

use super::SchemaSettings;
use crate::{
    cli::{GenerateArgs, Global},
    env::Env,
    error::{CommandError, ErrorKind},
    project::{self, ConfigFile},
};
use mizzle_core::{config::Config, script};
use std::path::PathBuf;

/// The migrations folder of a config that names none.
const DEFAULT_OUT: &str = "./migrations";

/// What `generate` runs with.
#[derive(Debug)]
pub(crate) struct GenerateSettings {
    /// The schema.
    pub(crate) schema: SchemaSettings,
    /// The migrations folder, absolute.
    pub(crate) out: PathBuf,
    /// The migration's name, when one was given: fit for a file name.
    pub(crate) name: Option<String>,
    /// Ask nothing.
    pub(crate) yes: bool,
}

impl GenerateSettings {
    /// Flags over environment over config.
    ///
    /// # Errors
    ///
    /// When the schema is not named or not there, or the given name has no letter or digit.
    pub(crate) fn resolve(
        args: &GenerateArgs,
        global: &Global,
        file: &ConfigFile,
        config: &Config,
        env: &Env,
    ) -> Result<Self, CommandError> {
        let GenerateArgs { name } = args;
        let name = name.as_deref().map(|given| {
            script::sanitised(given).ok_or_else(|| {
                CommandError::new(
                    ErrorKind::Usage,
                    "invalid-name",
                    format!("{given:?} cannot be the name of a migration"),
                )
                .hint("use letters and digits: --name add_orders")
            })
        });
        let name = name.transpose()?;
        let out = env.variable("MIZZLE_OUT").or(config.out.as_deref()).unwrap_or(DEFAULT_OUT);
        let out: PathBuf = file.root.join(out).components().collect();
        if out.is_file() {
            let shown = project::shown(&out, &env.directory);
            let message = format!("`out` names {shown}, which is a file");
            return Err(CommandError::new(ErrorKind::Usage, "invalid-config", message)
                .hint("name the folder for the migrations: out: \"./migrations\""));
        }
        Ok(Self { schema: SchemaSettings::resolve(file, config, env)?, out, name, yes: global.yes })
    }
}
