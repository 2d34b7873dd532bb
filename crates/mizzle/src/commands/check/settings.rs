//! The settings of `mizzle check`.

use crate::{
    errors::CommandError,
    session::Session,
    settings::{SchemaSettings, environment_of, limits},
};
use mizzle_engine::Environment;
use mizzle_eval::Limits;
use std::path::PathBuf;

/// What `check` runs with.
#[derive(Debug)]
pub(super) struct CheckSettings {
    /// The schema.
    pub(super) schema: SchemaSettings,
    /// The migrations folder, absolute.
    pub(super) out: PathBuf,
    /// The environment, where one was asked for: whether the scripts could be run there.
    pub(super) environment: Environment,
    /// What the scripts may use.
    pub(super) limits: Limits,
}

impl CheckSettings {
    /// Environment over config.
    ///
    /// # Errors
    ///
    /// When the schema is not named or not there, or the migrations folder is a file.
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
