//! The migrations of a project in an environment.

use super::{ConnectionSettings, TargetPolicy, environment_of, limits, migrations_folder, seconds};
use crate::{
    clock::SystemClock,
    env::Env,
    errors::CommandError,
    global::Global,
    process,
    project::{ConfigFile, package_name},
};
use mizzle_core::{config::Config, ledger::Owner};
use mizzle_engine::{Environment, converge::Policy, ports::TimeOfDay};
use mizzle_eval::Limits;
use std::{path::PathBuf, time::Duration};
use uuid::Uuid;

/// The length of a lease: the time without a heartbeat after which others may acquire the lock.
const LEASE: Duration = Duration::from_secs(30);

/// The time to wait for another runner.
const WAIT: Duration = Duration::from_secs(10 * 60);

/// The migrations of a project, and the conditions of a run.
#[derive(Debug)]
pub(crate) struct MigrationsSettings {
    /// The server.
    pub(crate) connection: ConnectionSettings,
    /// The servers that may be changed.
    pub(crate) admission: TargetPolicy,
    /// The migrations folder.
    pub(crate) out: PathBuf,
    /// The project's folder.
    pub(crate) root: PathBuf,
    /// The project's name in records, from `package.json`.
    pub(crate) project: Option<String>,
    /// The environment.
    pub(crate) environment: Environment,
    /// The policy of changes.
    pub(crate) policy: Policy,
    /// The limits on scripts.
    pub(crate) limits: Limits,
    /// The length of this runner's lease.
    pub(crate) lease: Duration,
    /// The time to wait for another runner.
    pub(crate) wait: Duration,
    /// The token that identifies this run in the lock.
    pub(crate) token: String,
    /// The holder of the lock.
    pub(crate) owner: Owner,
}

impl MigrationsSettings {
    /// Resolves the settings: environment over config. `command` describes the holder of the lock:
    /// `mizzle migrate`.
    ///
    /// # Errors
    ///
    /// When the migrations folder is a file, or a variable is not a number of seconds.
    pub(crate) fn resolve(
        command: &str,
        policy: Policy,
        global: &Global,
        file: &ConfigFile,
        config: &Config,
        env: &Env,
    ) -> Result<Self, CommandError> {
        let wait = seconds(env, "MIZZLE_LOCK_WAIT")?.or(config.migrations.lock_wait);
        Ok(Self {
            connection: ConnectionSettings::resolve(global, file, config, env)?,
            admission: TargetPolicy::resolve(config),
            out: migrations_folder(file, config, env)?,
            root: file.root.clone(),
            project: package_name(&file.root),
            environment: environment_of(config),
            policy: Policy { yes: global.yes, ..policy },
            limits: limits(config, env)?,
            lease: lease(config, env)?,
            wait: wait.unwrap_or(WAIT),
            token: Uuid::new_v4().to_string(),
            owner: owner(command, env),
        })
    }
}

/// Returns the length of a lease.
pub(crate) fn lease(config: &Config, env: &Env) -> Result<Duration, CommandError> {
    let lease = seconds(env, "MIZZLE_LOCK_LEASE")?.or(config.migrations.lock_lease);
    Ok(lease.unwrap_or(LEASE))
}

/// Returns the holder of a lock taken by this command.
pub(crate) fn owner(command: &str, env: &Env) -> Owner {
    let user = ["USER", "USERNAME", "LOGNAME"].iter().find_map(|name| env.variable(name));
    Owner {
        user: user.unwrap_or("somebody").to_owned(),
        host: gethostname::gethostname().to_string_lossy().into_owned(),
        pid: std::process::id(),
        process: process::own_name(),
        command: command.to_owned(),
        since: SystemClock::start().seconds_since_1970(),
    }
}
