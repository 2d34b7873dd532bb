//! The reports of `migrate`.

use super::{Render, unapplied};
use crate::{
    errors::CommandError,
    report::{MigrateReport, Outcome, PushReport, RepairReport},
    ui::Ui,
    words::step_lines,
};
use mizzle_core::{ledger::ResolutionKind, text};
use mizzle_engine::{
    converge::PushState,
    migrate::{Action, MigrationOutcome, MigrationState, Skipped},
};
use serde_json::{Value, json};

/// Returns the name of a migration and its steps, one per line.
pub(crate) fn migration_lines(migration: &MigrationOutcome) -> String {
    let mut lines = vec![match migration.done {
        0 => migration.name.clone(),
        done => {
            let done = text::count(done, "step", "steps");
            format!("{}: going on after {done}", migration.name)
        }
    }];
    lines.extend(step_lines(&migration.steps));
    let skipped = migration.skipped.iter();
    lines.extend(skipped.map(|skipped| format!("  ○ {}", skipped_line(skipped))));
    lines.extend(migration.hazards.iter().map(|hazard| format!("  ▲ {}", hazard.message)));
    lines.join("\n")
}

/// Returns `Users: Delete table is left out: 0002_users did not make it`.
pub(crate) fn skipped_line(skipped: &Skipped) -> String {
    let Skipped { table, title, reason } = skipped;
    format!("{table}: {title} is left out: {reason}")
}

impl Render for MigrateReport {
    fn human(&self, ui: &Ui) {
        if self.dry_run {
            for migration in &self.migrations {
                ui.result(migration_lines(migration));
            }
            if let Some(plan) = self.settings.as_ref().filter(|plan| !plan.steps.is_empty()) {
                let lines = step_lines(&plan.steps).join("\n");
                ui.result(format!("Settings of the environment\n{lines}"));
            }
        }
        for line in unapplied::lines(&self.remaining) {
            ui.info(line);
        }
        match (self.outcome, self.action) {
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
                let migrations = count(self, MigrationState::Pending);
                let deed = match action {
                    Action::Run => "to run",
                    Action::Baseline => "to mark as applied",
                    Action::RollBack => "to undo",
                    Action::Repair | Action::Resolve(_) => "to change",
                };
                ui.outro(format!("{migrations} {deed}; nothing was changed (--dry-run)"));
            }
            (Outcome::Applied | Outcome::Undone | Outcome::Resolved, _) => {
                ui.outro(format!("{}{}", done(self), left_out(self)));
            }
            (Outcome::Refused, _)
                if self.failure.as_ref().is_some_and(CommandError::is_cancelled) => {}
            (Outcome::Refused, _) => ui.outro_cancel("Nothing was changed"),
            (Outcome::Failed, _) => ui.outro_cancel(format!("{}{}", done(self), left_out(self))),
        }
    }

    fn json(&self) -> Value {
        let mut json = json!({
            "target": self.target,
            "migrations": self.migrations,
            "outcome": self.outcome,
            "remaining": self.remaining,
            "backups": self.backups,
        });
        if let Some(settings) = &self.settings {
            json["settings"] = json!(settings);
        }
        json
    }
}

impl Render for RepairReport {
    fn human(&self, ui: &Ui) {
        let Self(push) = self;
        match push.outcome {
            PushState::InSync => {
                ui.outro("The tables are as the applied migrations say: nothing to repair");
            }
            PushState::Pending | PushState::Applied | PushState::Failed | PushState::Refused => {
                push.human(ui);
            }
        }
    }

    fn json(&self) -> Value {
        let mut json = PushReport::json(&self.0);
        json["migrations"] = json!([]);
        json
    }
}

/// Returns `Applied 2 migrations`: the work that was done, if only in part.
fn done(report: &MigrateReport) -> String {
    match report.action {
        Action::Run if report.migrations.is_empty() && report.failure.is_none() => {
            "Applied the settings of the environment".to_owned()
        }
        Action::Run => format!("Applied {}", count(report, MigrationState::Applied)),
        Action::Baseline => {
            format!("Marked {} as applied", count(report, MigrationState::Applied))
        }
        Action::RollBack => {
            let unfinished = usize::from(report.failure.is_some());
            let undone = report.migrations.len().saturating_sub(unfinished);
            format!("Undid {}", text::count(undone, "migration", "migrations"))
        }
        Action::Repair => "Repaired the tables".to_owned(),
        Action::Resolve(kind) => resolved(report, kind),
    }
}

/// Returns `0002_b is marked as applied`.
fn resolved(report: &MigrateReport, kind: ResolutionKind) -> String {
    let Some(migration) = report.migrations.first() else {
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

/// Returns `; 1 step left out: the server has no such operation`; empty if no step was left out.
fn left_out(report: &MigrateReport) -> String {
    let unsupported = report.migrations.iter().map(|migration| migration.unsupported.len());
    match unsupported.sum() {
        0 => String::new(),
        count => {
            let steps = text::count(count, "step", "steps");
            format!("; {steps} left out: the server has no such operation")
        }
    }
}

/// Returns `2 migrations`: the number of those in a state.
fn count(report: &MigrateReport, state: MigrationState) -> String {
    let migrations = report.migrations.iter().filter(|migration| migration.state == state);
    text::count(migrations.count(), "migration", "migrations")
}
