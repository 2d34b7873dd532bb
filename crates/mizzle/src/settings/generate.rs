//! `mizzle generate`

use super::{SchemaSettings, migrations_folder};
use crate::{
    cli::{GenerateArgs, Global},
    env::Env,
    error::{CommandError, ErrorKind},
    project::ConfigFile,
};
use mizzle_core::{config::Config, script};
use std::path::PathBuf;

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
        Ok(Self {
            schema: SchemaSettings::resolve(file, config, env)?,
            out: migrations_folder(file, config, env)?,
            name,
            yes: global.yes,
        })
    }
}
