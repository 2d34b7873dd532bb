//! The settings of `mizzle check`.

use crate::{
    errors::CommandError,
    session::Session,
    settings::{SchemaSettings, environment_of, limits},
};
use mizzle_engine::Environment;
use mizzle_eval::Limits;
use std::path::PathBuf;

/// The settings of a `check` run.
#[derive(Debug)]
pub(super) struct CheckSettings {
    /// The schema.
    pub(super) schema: SchemaSettings,
    /// The migrations folder, absolute.
    pub(super) out: PathBuf,
    /// The environment, if one was given, in which the scripts must be able to run.
    pub(super) environment: Environment,
    /// The limits on the scripts.
    pub(super) limits: Limits,
}

impl CheckSettings {
    /// Resolves the settings: environment over config.
    ///
    /// # Errors
    ///
    /// When the schema is not named or not found, or the migrations folder is a file.
    pub(super) fn resolve(session: &Session<'_>) -> Result<Self, CommandError> {
        let (config, env) = (session.config()?, session.env);
        Ok(Self {
            schema: session.schema()?,
            out: session.out()?,
            environment: environment_of(config),
            limits: limits(config, env)?,
        })
    }
}
