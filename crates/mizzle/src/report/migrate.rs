//! What `migrate` ran.

use super::Report;
use crate::{error::CommandError, target::TargetName, ui::Ui};
use mizzle_core::{plan::Step, text};
use serde::Serialize;
use serde_json::{Value, json};

/// What became of a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MigrationState {
    /// It was run.
    Applied,
    /// It is still to be run, or was not finished.
    Pending,
    /// Its script ended with an error.
    Failed,
}

/// One migration.
#[derive(Debug, Serialize)]
pub(crate) struct MigrationReport {
    /// Its name.
    pub(crate) name: String,
    /// What became of it.
    pub(crate) state: MigrationState,
    /// Its steps, as far as it came.
    pub(crate) steps: Vec<Step>,
}

/// What `migrate` ran.
#[derive(Debug)]
pub(crate) struct MigrateReport {
    target: TargetName,
    dry_run: bool,
    migrations: Vec<MigrationReport>,
    /// Why it did not come to its end.
    pub(crate) failure: Option<CommandError>,
}

impl MigrateReport {
    /// Nothing yet.
    pub(crate) fn new(target: TargetName, dry_run: bool) -> Self {
        Self { target, dry_run, migrations: Vec::new(), failure: None }
    }

    /// One migration more.
    pub(crate) fn add(&mut self, migration: MigrationReport) {
        self.migrations.push(migration);
    }

    fn outcome(&self) -> &'static str {
        match (&self.failure, self.migrations.is_empty()) {
            (Some(_), _) => "failed",
            (None, true) => "in_sync",
            (None, false) if self.dry_run => "pending",
            (None, false) => "applied",
        }
    }
}

impl Report for MigrateReport {
    fn human(&self, ui: &Ui) {
        if self.dry_run {
            for migration in &self.migrations {
                let mut lines = vec![migration.name.clone()];
                for step in &migration.steps {
                    lines.push(format!("  {}: {}", step.table(), step.title));
                    lines.extend(
                        step.hazards.iter().map(|hazard| format!("    ▲ {}", hazard.message)),
                    );
                }
                ui.result(lines.join("\n"));
            }
        }
        let count = |state| {
            let migrations = self.migrations.iter().filter(|migration| migration.state == state);
            text::count(migrations.count(), "migration", "migrations")
        };
        match (self.outcome(), &self.failure) {
            ("in_sync", _) => ui.outro("Every migration is applied"),
            ("pending", _) => ui.outro(format!(
                "{} to run; nothing was changed (--dry-run)",
                count(MigrationState::Pending)
            )),
            (_, None) => ui.outro(format!("Applied {}", count(MigrationState::Applied))),
            (_, Some(_)) => ui.outro_cancel(format!("Applied {}", count(MigrationState::Applied))),
        }
    }

    fn json(&self) -> Value {
        json!({
            "target": self.target,
            "migrations": self.migrations,
            "outcome": self.outcome(),
        })
    }

    fn failure(&self) -> Option<&CommandError> {
        self.failure.as_ref()
    }
}
