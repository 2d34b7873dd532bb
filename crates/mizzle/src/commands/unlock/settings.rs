//! The settings of `mizzle unlock`.

use crate::{
    errors::CommandError,
    session::Session,
    settings::{ConnectionSettings, TargetPolicy, environment_of, lease, owner},
};
use mizzle_core::ledger::Owner;
use mizzle_engine::Environment;
use std::time::Duration;
use uuid::Uuid;

/// The settings of an `unlock` run.
#[derive(Debug)]
pub(super) struct UnlockSettings {
    /// The connection.
    pub(super) connection: ConnectionSettings,
    /// The servers that may be changed.
    pub(super) admission: TargetPolicy,
    /// The environment.
    pub(super) environment: Environment,
    /// True to skip questions.
    pub(super) yes: bool,
    /// The token that identifies this run in the lock.
    pub(super) token: String,
    /// The owner of this run.
    pub(super) owner: Owner,
    /// The lease that is assumed for an unreadable lock.
    pub(super) lease: Duration,
}

impl UnlockSettings {
    /// Resolves the settings: flags over environment over config.
    ///
    /// # Errors
    ///
    /// When flags contradict each other or the config.
    pub(super) fn resolve(session: &Session<'_>) -> Result<Self, CommandError> {
        let global = session.global;
        let (config, env) = (session.config()?, session.env);
        Ok(Self {
            connection: session.connection()?,
            admission: TargetPolicy::resolve(config),
            environment: environment_of(config),
            yes: global.yes,
            token: Uuid::new_v4().to_string(),
            owner: owner("mizzle unlock", env),
            lease: lease(config, env)?,
        })
    }
}
