//! `mizzle migrate`

use super::{Admission, ConnectionSettings, limits, migrations_folder, seconds};
use crate::{
    cli::{Global, MigrateArgs},
    clock::seconds_since_1970,
    env::Env,
    error::CommandError,
    project::ConfigFile,
};
use mizzle_core::{config::Config, ledger::Owner};
use mizzle_eval::Limits;
use std::{path::PathBuf, time::Duration};
use uuid::Uuid;

/// The ledger's table.
pub(crate) const LEDGER: &str = "mizzle_migrations";

/// How long a runner may be silent before others take it for dead.
const LEASE: Duration = Duration::from_secs(30);

/// How long to wait for another runner.
const WAIT: Duration = Duration::from_secs(10 * 60);

/// What `migrate` runs with.
#[derive(Debug)]
pub(crate) struct MigrateSettings {
    /// Where the tables are.
    pub(crate) connection: ConnectionSettings,
    /// Which servers may be changed.
    pub(crate) admission: Admission,
    /// The migrations folder.
    pub(crate) out: PathBuf,
    /// The ledger's table.
    pub(crate) ledger: String,
    /// Only show what would be run.
    pub(crate) dry_run: bool,
    /// The last migration to run, by number or name.
    pub(crate) to: Option<String>,
    /// What the scripts may use.
    pub(crate) limits: Limits,
    /// How long this runner may be silent.
    pub(crate) lease: Duration,
    /// How long it waits for another one.
    pub(crate) wait: Duration,
    /// Names this run in the lock.
    pub(crate) token: String,
    /// Who runs it.
    pub(crate) owner: Owner,
}

impl MigrateSettings {
    /// Flags over environment over config.
    ///
    /// # Errors
    ///
    /// When the migrations folder is a file, or a variable is no number of seconds.
    pub(crate) fn resolve(
        args: &MigrateArgs,
        global: &Global,
        file: &ConfigFile,
        config: &Config,
        env: &Env,
    ) -> Result<Self, CommandError> {
        let MigrateArgs { dry_run, to } = args;
        Ok(Self {
            connection: ConnectionSettings::resolve(global, file, config, env),
            admission: Admission::resolve(config),
            out: migrations_folder(file, config, env)?,
            ledger: LEDGER.to_owned(),
            dry_run: *dry_run,
            to: to.clone(),
            limits: limits(config, env)?,
            lease: seconds(env, "MIZZLE_LOCK_LEASE")?.unwrap_or(LEASE),
            wait: seconds(env, "MIZZLE_LOCK_WAIT")?.unwrap_or(WAIT),
            token: Uuid::new_v4().to_string(),
            owner: owner(env),
        })
    }
}

fn owner(env: &Env) -> Owner {
    let user = ["USER", "USERNAME", "LOGNAME"].iter().find_map(|name| env.variable(name));
    Owner {
        user: user.unwrap_or("somebody").to_owned(),
        host: gethostname::gethostname().to_string_lossy().into_owned(),
        pid: std::process::id(),
        command: "mizzle migrate".to_owned(),
        since: seconds_since_1970(),
    }
}
