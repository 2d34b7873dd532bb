//! The migrations of a project, prepared for the engine.

use super::{CommandLine, Ports, Scripts};
use crate::{
    errors::{CommandError, ErrorKind, PortError},
    project::{self, Migrations, nearest_folder},
    server::Target,
    settings::{DEFAULT_CONCURRENCY, MigrationsSettings},
    signal::Interrupts,
    ui::Ui,
};
use mizzle_core::ledger::LockTimeouts;
use mizzle_engine::migrate::{Migrate, Runner, Script};
use mizzle_eval::Evaluator;
use std::path::Path;

/// The migrations of a project on a server.
pub(crate) struct ProjectMigrations<'a> {
    settings: &'a MigrationsSettings,
    target: &'a Target,
    ports: Ports<'a>,
    host: Scripts<'a>,
    migrations: Migrations,
    scripts: Vec<Script<PortError>>,
}

impl<'a> ProjectMigrations<'a> {
    /// Reads the migrations folder.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or the environment has settings for tables that the newest migration
    /// does not have.
    pub(crate) fn open(
        settings: &'a MigrationsSettings,
        evaluator: &'a Evaluator,
        target: &'a Target,
        interrupts: &'a Interrupts,
        ui: &'a Ui,
    ) -> Result<Self, CommandError> {
        let migrations = Migrations::open(&settings.out, ui.directory())?;
        settings.environment.check(&migrations.head().tables)?;
        let scripts = migrations.scripts()?.into_iter().map(script).collect();
        let ports = Ports::new(target, ui, interrupts, DEFAULT_CONCURRENCY);
        let ports = ports.with_ignored_settings(&settings.root)?;
        let host = Scripts { evaluator, limits: settings.limits };
        Ok(Self { settings, target, ports, host, migrations, scripts })
    }

    /// True if there is no migration.
    pub(crate) fn is_empty(&self) -> bool {
        self.scripts.is_empty()
    }

    /// Returns the engine for these migrations.
    pub(crate) fn engine(&self) -> Migrate<'_, CommandLine<'a>> {
        let settings = self.settings;
        Migrate {
            context: self.ports.context(),
            host: &self.host,
            environment: &settings.environment,
            timeline: self.migrations.timeline(),
            scripts: &self.scripts,
            ledger: self.target.control.ledger(&settings.environment.ledger),
            policy: settings.policy,
            runner: Runner {
                token: settings.token.clone(),
                owner: settings.owner.clone(),
                project: settings.project.clone(),
                tool: env!("CARGO_PKG_VERSION").to_owned(),
                timeouts: LockTimeouts { limit: settings.wait, lease: settings.lease },
                has_ended: crate::process::owner_has_ended,
            },
        }
    }
}

fn script(script: project::Script) -> Script<PortError> {
    Script {
        migration: script.migration(),
        path: script.path,
        refusal: script.refusal.map(PortError::Script),
    }
}

/// Refuses a migrations folder that does not exist, and warns of one without migrations: a wrong
/// path must not look like success.
pub(crate) fn require_migrations(is_empty: bool, out: &Path, ui: &Ui) -> Result<(), CommandError> {
    let folder = ui.shown(out);
    if !out.is_dir() {
        let message = format!("The migrations folder {folder} does not exist");
        let error = CommandError::new(ErrorKind::Usage, "no-migrations-folder", message);
        return Err(match nearest_folder(out, ui.directory()) {
            Some(meant) => error.hint(format!("{meant} (`out` in the config names the folder)")),
            None => {
                error.hint("run `mizzle generate`, which creates it; or set `out` in the config")
            }
        });
    }
    if is_empty {
        ui.warning(format!(
            "There are no migrations in {folder}: `mizzle generate` writes the first one"
        ));
    }
    Ok(())
}
