//! `mizzle migrate`

use super::{Admission, ConnectionSettings, environment_of, limits, migrations_folder, seconds};
use crate::{
    cli::{Global, MigrateArgs, ResolveArgs},
    clock::seconds_since_1970,
    env::Env,
    errors::CommandError,
    process,
    project::{ConfigFile, package_name},
};
use mizzle_core::{
    config::Config,
    ledger::{Owner, ResolutionKind},
};
use mizzle_engine::Environment;
use mizzle_eval::Limits;
use std::{path::PathBuf, time::Duration};
use uuid::Uuid;

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
    /// The project's folder.
    pub(crate) root: PathBuf,
    /// The project's name, for its records: the one in `package.json`.
    pub(crate) project: Option<String>,
    /// The environment.
    pub(crate) environment: Environment,
    /// What is to be done.
    pub(crate) mode: MigrateMode,
    /// Only show it.
    pub(crate) dry_run: bool,
    /// Ask nothing.
    pub(crate) yes: bool,
    /// Delete tables although they hold items.
    pub(crate) accept_data_loss: bool,
    /// Back up the tables that are deleted.
    pub(crate) backup: bool,
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

/// What `migrate` is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MigrateMode {
    /// Run what is pending, up to the migration of this number or name.
    Run {
        /// The last one.
        to: Option<String>,
    },
    /// Mark what is pending as applied, up to the migration of this number or name.
    Baseline {
        /// The last one.
        to: Option<String>,
    },
    /// Undo the last migrations.
    Undo {
        /// So many.
        count: usize,
    },
    /// Bring the tables back to what the applied migrations say.
    Repair,
    /// Change what the ledger holds of a migration.
    Resolve {
        /// Its number or name.
        migration: String,
        /// The way.
        kind: ResolutionKind,
    },
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
        let MigrateArgs { dry_run, to, baseline, repair, down, accept_data_loss, backup } = args;
        let mode = match (down, baseline, repair) {
            (Some(count), ..) => MigrateMode::Undo { count: usize::from(*count) },
            (None, true, _) => MigrateMode::Baseline { to: to.clone() },
            (None, false, true) => MigrateMode::Repair,
            (None, false, false) => MigrateMode::Run { to: to.clone() },
        };
        let settings = Self::with_mode(mode, "mizzle migrate", global, file, config, env)?;
        Ok(Self {
            dry_run: *dry_run,
            accept_data_loss: *accept_data_loss,
            backup: *backup,
            ..settings
        })
    }

    /// The settings of `mizzle resolve`.
    ///
    /// # Errors
    ///
    /// As [`resolve`](Self::resolve).
    pub(crate) fn of_resolution(
        args: &ResolveArgs,
        global: &Global,
        file: &ConfigFile,
        config: &Config,
        env: &Env,
    ) -> Result<Self, CommandError> {
        let ResolveArgs { migration, accept_change, applied, rolled_back, forget } = args;
        // The command line has exactly one of them.
        let kind = match (accept_change, applied, rolled_back, forget) {
            (true, ..) => ResolutionKind::AcceptChange,
            (_, true, ..) => ResolutionKind::Applied,
            (_, _, true, _) => ResolutionKind::RolledBack,
            _ => ResolutionKind::Forget,
        };
        let mode = MigrateMode::Resolve { migration: migration.clone(), kind };
        Self::with_mode(mode, "mizzle resolve", global, file, config, env)
    }

    fn with_mode(
        mode: MigrateMode,
        command: &str,
        global: &Global,
        file: &ConfigFile,
        config: &Config,
        env: &Env,
    ) -> Result<Self, CommandError> {
        let migrations = &config.migrations;
        let wait = seconds(env, "MIZZLE_LOCK_WAIT")?.or(migrations.lock_wait);
        Ok(Self {
            connection: ConnectionSettings::resolve(global, file, config, env)?,
            admission: Admission::resolve(config),
            out: migrations_folder(file, config, env)?,
            root: file.root.clone(),
            project: package_name(&file.root),
            environment: environment_of(config),
            mode,
            dry_run: false,
            yes: global.yes,
            accept_data_loss: false,
            backup: false,
            limits: limits(config, env)?,
            lease: lease(config, env)?,
            wait: wait.unwrap_or(WAIT),
            token: Uuid::new_v4().to_string(),
            owner: owner(command, env),
        })
    }
}

/// The lease of the lock: the time after which a silent holder loses it.
pub(super) fn lease(config: &Config, env: &Env) -> Result<Duration, CommandError> {
    let lease = seconds(env, "MIZZLE_LOCK_LEASE")?.or(config.migrations.lock_lease);
    Ok(lease.unwrap_or(LEASE))
}

/// Who holds a lock for this command.
pub(super) fn owner(command: &str, env: &Env) -> Owner {
    let user = ["USER", "USERNAME", "LOGNAME"].iter().find_map(|name| env.variable(name));
    Owner {
        user: user.unwrap_or("somebody").to_owned(),
        host: gethostname::gethostname().to_string_lossy().into_owned(),
        pid: std::process::id(),
        process: process::own_name(),
        command: command.to_owned(),
        since: seconds_since_1970(),
    }
}
