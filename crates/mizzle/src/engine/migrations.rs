//! The migrations of a project, ready for the engine.

use super::{CommandLine, Ports, Scripts};
use crate::{
    errors::{CommandError, PortError},
    project::{self, Migrations},
    server::Target,
    settings::MigrateSettings,
    signal::Interrupts,
    ui::Ui,
};
use mizzle_core::ledger::Patience;
use mizzle_engine::{
    converge::Policy,
    migrate::{Migrate, Runner, Script},
};
use mizzle_eval::Evaluator;

/// The number of tables that migrations work on at the same time.
const PARALLEL: usize = 16;

/// The migrations of a project on a server.
pub(crate) struct ProjectMigrations<'a> {
    settings: &'a MigrateSettings,
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
        settings: &'a MigrateSettings,
        evaluator: &'a Evaluator,
        target: &'a Target,
        interrupts: &'a Interrupts,
        ui: &'a Ui,
    ) -> Result<Self, CommandError> {
        let migrations = Migrations::open(&settings.out, ui.directory())?;
        settings.environment.check(&migrations.head().tables)?;
        let scripts = migrations.scripts()?.into_iter().map(script).collect();
        let ports = Ports::new(target, ui, interrupts, PARALLEL);
        let ports = ports.with_ignored_settings(&settings.root)?;
        let host = Scripts { evaluator, limits: settings.limits };
        Ok(Self { settings, target, ports, host, migrations, scripts })
    }

    /// True if there is no migration.
    pub(crate) fn is_empty(&self) -> bool {
        self.scripts.is_empty()
    }

    /// Returns the engine at work on them.
    pub(crate) fn engine(&self) -> Migrate<'_, CommandLine<'a>> {
        let settings = self.settings;
        Migrate {
            context: self.ports.context(),
            host: &self.host,
            environment: &settings.environment,
            timeline: self.migrations.timeline(),
            scripts: &self.scripts,
            ledger: self.target.control.ledger(&settings.environment.ledger),
            policy: Policy {
                dry_run: settings.dry_run,
                yes: settings.yes,
                accept_data_loss: settings.accept_data_loss,
                backup: settings.backup,
            },
            runner: Runner {
                token: settings.token.clone(),
                owner: settings.owner.clone(),
                project: settings.project.clone(),
                tool: env!("CARGO_PKG_VERSION").to_owned(),
                timeouts: Patience { limit: settings.wait, lease: settings.lease },
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
