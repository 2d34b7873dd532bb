//! The outcome of `migrate`.

use super::{PushReport, Remaining, Report, not_remembered, push::remaining_lines};
use crate::{
    errors::{CommandError, PortError},
    explain::explain_engine,
    server::TargetName,
    ui::Ui,
    words::step_lines,
};
use mizzle_core::{ledger::ResolutionKind, plan::Plan, text};
use mizzle_engine::{
    backup::TableBackup,
    converge::{PushOutcome, PushState},
    migrate::{self as engine, Action, MigrationOutcome, MigrationState, Skipped},
};
use serde::Serialize;
use serde_json::{Value, json};

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// There was nothing to do.
    InSync,
    /// It was only shown.
    Pending,
    /// Everything was done.
    Applied,
    /// Everything was undone.
    Undone,
    /// The ledger was changed.
    Resolved,
    /// Something failed, or the user interrupted.
    Failed,
    /// Nothing was done: a confirmation or a flag is missing.
    Refused,
}

/// The outcome of `migrate`.
#[derive(Debug)]
pub(crate) struct MigrateReport {
    target: TargetName,
    dry_run: bool,
    /// True if nothing was pending and the tables have the settings of the environment.
    is_idle: bool,
    action: Action,
    migrations: Vec<MigrationOutcome>,
    /// The plan of the settings that the environment has of its own; `None` if it has none.
    settings: Option<Plan>,
    /// The differences that the server leaves.
    remaining: Vec<Remaining>,
    /// The backups that were begun before anything was deleted.
    backups: Vec<TableBackup>,
    /// True if the plan was refused.
    is_refused: bool,
    /// The reason why it did not complete.
    failure: Option<CommandError>,
}

impl MigrateReport {
    /// The report of an outcome on `target`.
    pub(crate) fn new(
        outcome: engine::Outcome<PortError>,
        target: &TargetName,
        dry_run: bool,
        ui: &Ui,
    ) -> Self {
        let is_idle = outcome.migrations.is_empty() && outcome.has_no_settings_to_apply();
        not_remembered(outcome.not_remembered, ui);
        let of_scripts = outcome.migrations.iter().flat_map(|migration| &migration.unapplied);
        let remaining = of_scripts.chain(&outcome.unapplied);
        let remaining = remaining.map(|unapplied| Remaining::of(unapplied, target)).collect();
        Self {
            target: target.clone(),
            dry_run,
            is_idle,
            action: outcome.action,
            migrations: outcome.migrations,
            settings: outcome.settings,
            remaining,
            backups: outcome.backups,
            is_refused: outcome.is_refused,
            failure: outcome.failure.map(|error| explain_engine(error, target)),
        }
    }

    /// Returns the name of a migration and its steps, a line each.
    pub(crate) fn lines(migration: &MigrationOutcome) -> Vec<String> {
        let mut lines = vec![match migration.done {
            0 => migration.name.clone(),
            done => {
                let done = text::count(done, "step", "steps");
                format!("{}: going on after {done}", migration.name)
            }
        }];
        lines.extend(step_lines(&migration.steps));
        let skipped = migration.skipped.iter();
        lines.extend(skipped.map(|skipped| format!("  ○ {}", Self::skipped_line(skipped))));
        lines.extend(migration.hazards.iter().map(|hazard| format!("  ▲ {}", hazard.message)));
        lines
    }

    /// `Users: Delete table is left out: 0002_users did not make it`.
    pub(crate) fn skipped_line(skipped: &Skipped) -> String {
        let Skipped { table, title, reason } = skipped;
        format!("{table}: {title} is left out: {reason}")
    }

    fn outcome(&self) -> Outcome {
        match (&self.failure, self.action) {
            (Some(_), _) if self.is_refused => Outcome::Refused,
            (Some(_), _) => Outcome::Failed,
            (None, _) if self.is_idle => Outcome::InSync,
            (None, _) if self.dry_run => Outcome::Pending,
            (None, Action::Run | Action::Baseline | Action::Repair) => Outcome::Applied,
            (None, Action::RollBack) => Outcome::Undone,
            (None, Action::Resolve(_)) => Outcome::Resolved,
        }
    }

    /// `; 1 step left out: the server has no such operation`, when there is any.
    fn left_out(&self) -> String {
        let unsupported = self.migrations.iter().map(|migration| migration.unsupported.len());
        match unsupported.sum() {
            0 => String::new(),
            count => {
                let steps = text::count(count, "step", "steps");
                format!("; {steps} left out: the server has no such operation")
            }
        }
    }

    /// `2 migrations`: those that are so now.
    fn count(&self, state: MigrationState) -> String {
        let migrations = self.migrations.iter().filter(|migration| migration.state == state);
        text::count(migrations.count(), "migration", "migrations")
    }

    /// `0002_b is marked as applied`.
    fn resolved(&self, kind: ResolutionKind) -> String {
        let Some(migration) = self.migrations.first() else {
            return "Nothing was resolved".to_owned();
        };
        let name = &migration.name;
        match kind {
            ResolutionKind::AcceptChange => format!("{name} is accepted as it is now"),
            ResolutionKind::Applied => format!("{name} is marked as applied"),
            ResolutionKind::RolledBack => format!("{name} is marked as pending"),
            ResolutionKind::Forget => format!("{name} is no longer in the ledger"),
        }
    }

    /// `Applied 2 migrations`: what was done, if only in part.
    fn done(&self) -> String {
        match self.action {
            Action::Run if self.migrations.is_empty() && self.failure.is_none() => {
                "Applied the settings of the environment".to_owned()
            }
            Action::Run => format!("Applied {}", self.count(MigrationState::Applied)),
            Action::Baseline => {
                format!("Marked {} as applied", self.count(MigrationState::Applied))
            }
            Action::RollBack => {
                let unfinished = usize::from(self.failure.is_some());
                let undone = self.migrations.len().saturating_sub(unfinished);
                format!("Undid {}", text::count(undone, "migration", "migrations"))
            }
            Action::Repair => "Repaired the tables".to_owned(),
            Action::Resolve(kind) => self.resolved(kind),
        }
    }
}

impl Report for MigrateReport {
    fn human(&self, ui: &Ui) {
        if self.dry_run {
            for migration in &self.migrations {
                ui.result(Self::lines(migration).join("\n"));
            }
            if let Some(plan) = self.settings.as_ref().filter(|plan| !plan.steps.is_empty()) {
                let lines = step_lines(&plan.steps).join("\n");
                ui.result(format!("Settings of the environment\n{lines}"));
            }
        }
        for line in remaining_lines(&self.remaining) {
            ui.info(line);
        }
        match (self.outcome(), self.action) {
            (
                Outcome::InSync,
                Action::Run | Action::Baseline | Action::Repair | Action::Resolve(_),
            ) => {
                ui.outro("Every migration is applied");
            }
            (Outcome::InSync, Action::RollBack) => {
                ui.outro("No migration is applied: nothing to undo");
            }
            (Outcome::Pending, action) => {
                let migrations = self.count(MigrationState::Pending);
                let deed = match action {
                    Action::Run => "to run",
                    Action::Baseline => "to mark as applied",
                    Action::RollBack => "to undo",
                    Action::Repair | Action::Resolve(_) => "to change",
                };
                ui.outro(format!("{migrations} {deed}; nothing was changed (--dry-run)"));
            }
            (Outcome::Applied | Outcome::Undone | Outcome::Resolved, _) => {
                ui.outro(format!("{}{}", self.done(), self.left_out()));
            }
            (Outcome::Refused, _)
                if self.failure.as_ref().is_some_and(CommandError::is_cancelled) => {}
            (Outcome::Refused, _) => ui.outro_cancel("Nothing was changed"),
            (Outcome::Failed, _) => {
                ui.outro_cancel(format!("{}{}", self.done(), self.left_out()));
            }
        }
    }

    fn json(&self) -> Value {
        let mut json = json!({
            "target": self.target,
            "migrations": self.migrations,
            "outcome": self.outcome(),
            "remaining": self.remaining,
            "backups": self.backups,
        });
        if let Some(settings) = &self.settings {
            json["settings"] = json!(settings);
        }
        json
    }

    fn failure(&self) -> Option<&CommandError> {
        self.failure.as_ref()
    }
}

/// The outcome of `migrate --repair`: that of a push of the state that the applied migrations leave.
#[derive(Debug)]
pub(crate) struct RepairReport(PushReport);

impl RepairReport {
    /// The report of an outcome on `target`.
    pub(crate) fn new(outcome: PushOutcome<PortError>, target: &TargetName, ui: &Ui) -> Self {
        Self(PushReport::new(outcome, target, ui))
    }
}

impl Report for RepairReport {
    fn human(&self, ui: &Ui) {
        match self.0.outcome {
            PushState::InSync => {
                ui.outro("The tables are as the applied migrations say: nothing to repair");
            }
            PushState::Pending | PushState::Applied | PushState::Failed | PushState::Refused => {
                self.0.human(ui);
            }
        }
    }

    fn json(&self) -> Value {
        let mut json = self.0.json();
        json["migrations"] = json!([]);
        json
    }

    fn failure(&self) -> Option<&CommandError> {
        self.0.failure.as_ref()
    }
}
