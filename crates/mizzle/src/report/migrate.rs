//! What `migrate` did.

use super::{
    PushReport, Remaining, Report, TableBackup,
    push::{Outcome as PushOutcome, remaining_lines},
};
use crate::{error::CommandError, target::TargetName, ui::Ui};
use mizzle_core::{
    ledger::ResolutionKind,
    plan::{Call, Plan, Step, StepId},
    text,
};
use serde::Serialize;
use serde_json::{Value, json};

/// What became of a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MigrationState {
    /// It was run.
    Applied,
    /// It is still to be run, was not finished, or was undone.
    Pending,
    /// Its script ended with an error.
    Failed,
    /// It is no longer in the ledger.
    Forgotten,
}

/// One migration.
#[derive(Debug, Serialize)]
pub(crate) struct MigrationReport {
    /// Its name.
    pub(crate) name: String,
    /// What became of it.
    pub(crate) state: MigrationState,
    /// The steps that an earlier run has done.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) done: usize,
    /// Its steps, as far as it came.
    pub(crate) steps: Vec<Step>,
    /// The calls of its script that are left out.
    pub(crate) skipped: Vec<Skipped>,
    /// The tables that existed when its script was to create them, by the names that scripts use.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) adopted: Vec<String>,
    /// What it may cost beyond what its steps say.
    pub(crate) hazards: Vec<ScriptHazard>,
    /// The steps that the server has no operation for.
    pub(crate) unsupported: Vec<StepId>,
    /// The items that its script has read and written in this run.
    #[serde(skip_serializing_if = "ItemCounts::is_empty")]
    pub(crate) items: ItemCounts,
    /// What the server does not keep of them.
    #[serde(skip)]
    pub(crate) remaining: Vec<Remaining>,
}

/// Items that a script has read and written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct ItemCounts {
    /// Those that answers brought, as often as they did.
    pub(crate) read: u64,
    /// Those that were put, updated or deleted.
    pub(crate) written: u64,
}

impl ItemCounts {
    /// Whether there were none.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// `2,200 items read and 2,200 written`.
    pub(crate) fn words(&self) -> String {
        let (read, written) = (text::grouped(self.read), text::grouped(self.written));
        let noun = if self.read == 1 { "item" } else { "items" };
        format!("{read} {noun} read and {written} written")
    }
}

/// A call of a script that is left out, because it is about what is not the migration's.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Skipped {
    /// The table.
    pub(crate) table: String,
    /// What the call would do.
    pub(crate) title: String,
    /// Why it is left out.
    pub(crate) reason: String,
}

impl Skipped {
    /// `Users: Delete table is left out: 0002_users did not make it`.
    pub(crate) fn words(&self) -> String {
        let Self { table, title, reason } = self;
        format!("{table}: {title} is left out: {reason}")
    }
}

/// What a script may cost, as far as it can be told before it is run.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ScriptHazard {
    /// The kind.
    pub(crate) kind: ScriptHazardKind,
    /// What may happen.
    pub(crate) message: String,
}

/// The kind of a hazard. The kebab-case name is stable: `--json` carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ScriptHazardKind {
    /// It asks for items, and what it does to them cannot be told: a dry run finds none.
    ChangesItems,
    /// It deletes a table while its items are in memory alone.
    HoldsItems,
}

impl MigrationReport {
    /// A migration of which there is no more to say.
    pub(crate) fn new(name: String, state: MigrationState, steps: Vec<Step>) -> Self {
        Self {
            name,
            state,
            done: 0,
            steps,
            skipped: Vec::new(),
            adopted: Vec::new(),
            hazards: Vec::new(),
            unsupported: Vec::new(),
            items: ItemCounts::default(),
            remaining: Vec::new(),
        }
    }

    /// Its name, and what its steps do, a line each.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = vec![match self.done {
            0 => self.name.clone(),
            done => format!("{}: going on after {}", self.name, text::count(done, "step", "steps")),
        }];
        lines.extend(step_lines(&self.steps));
        lines.extend(self.skipped.iter().map(|skipped| format!("  ○ {}", skipped.words())));
        lines.extend(self.hazards.iter().map(|hazard| format!("  ▲ {}", hazard.message)));
        lines
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// What steps do, a line each, and what they cost.
pub(crate) fn step_lines(steps: &[Step]) -> Vec<String> {
    let lines = steps.iter().flat_map(|step| {
        // Keys and indexes of a new table are in its script; what else a step has is a note.
        let notes = match &step.call {
            Call::CreateTable(_) => [].iter(),
            _ => step.details.iter(),
        };
        let notes = notes.map(|note| format!("    {note}"));
        let hazards = step.hazards.iter().map(|hazard| format!("    ▲ {}", hazard.message));
        std::iter::once(format!("  {}: {}", step.table(), step.title)).chain(notes).chain(hazards)
    });
    lines.collect()
}

/// What `migrate` was to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MigrateAction {
    /// Run what is pending.
    Run,
    /// Mark it as applied.
    Baseline,
    /// Undo what was applied last.
    Undo,
    /// Bring the tables back to what the applied migrations say.
    Repair,
    /// Change what the ledger holds of a migration.
    Resolve(ResolutionKind),
}

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

/// What `migrate` did.
#[derive(Debug)]
pub(crate) struct MigrateReport {
    target: TargetName,
    action: MigrateAction,
    dry_run: bool,
    migrations: Vec<MigrationReport>,
    /// What the settings of the environment ask for after the scripts; `None` when it has none.
    pub(crate) settings: Option<Plan>,
    /// What the server accepted of those settings and did not keep.
    pub(crate) remaining: Vec<Remaining>,
    /// The backups that were begun before anything was deleted.
    pub(crate) backups: Vec<TableBackup>,
    /// Whether what was shown was not agreed to.
    is_refused: bool,
    /// Why it did not come to its end.
    pub(crate) failure: Option<CommandError>,
}

impl MigrateReport {
    /// Nothing yet.
    pub(crate) fn new(target: TargetName, action: MigrateAction, dry_run: bool) -> Self {
        Self {
            target,
            action,
            dry_run,
            migrations: Vec::new(),
            settings: None,
            remaining: Vec::new(),
            backups: Vec::new(),
            is_refused: false,
            failure: None,
        }
    }

    /// Nothing is done of what was shown.
    pub(crate) fn refuse(
        &mut self,
        planned: impl IntoIterator<Item = MigrationReport>,
        reason: CommandError,
    ) {
        self.migrations.extend(planned);
        self.is_refused = true;
        self.failure = Some(reason);
    }

    /// One migration more.
    pub(crate) fn add(&mut self, migration: MigrationReport) {
        self.migrations.push(migration);
    }

    /// The tables that existed when migrations were to create them.
    pub(crate) fn adopted(&self) -> impl Iterator<Item = &str> {
        self.migrations.iter().flat_map(|migration| &migration.adopted).map(String::as_str)
    }

    /// Whether the environment has no settings, or the tables have them.
    pub(crate) fn has_no_settings_to_apply(&self) -> bool {
        self.settings.as_ref().is_none_or(|plan| *plan == Plan::default())
    }

    fn outcome(&self) -> Outcome {
        let is_idle = self.migrations.is_empty() && self.has_no_settings_to_apply();
        match (&self.failure, self.action) {
            (Some(_), _) if self.is_refused => Outcome::Refused,
            (Some(_), _) => Outcome::Failed,
            (None, _) if is_idle => Outcome::InSync,
            (None, _) if self.dry_run => Outcome::Pending,
            (None, MigrateAction::Run | MigrateAction::Baseline | MigrateAction::Repair) => {
                Outcome::Applied
            }
            (None, MigrateAction::Undo) => Outcome::Undone,
            (None, MigrateAction::Resolve(_)) => Outcome::Resolved,
        }
    }

    /// What the server does not keep, of the scripts and of the settings.
    fn all_remaining(&self) -> Vec<Remaining> {
        let of_scripts = self.migrations.iter().flat_map(|migration| &migration.remaining);
        of_scripts.chain(&self.remaining).cloned().collect()
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
            MigrateAction::Run if self.migrations.is_empty() && self.failure.is_none() => {
                "Applied the settings of the environment".to_owned()
            }
            MigrateAction::Run => format!("Applied {}", self.count(MigrationState::Applied)),
            MigrateAction::Baseline => {
                format!("Marked {} as applied", self.count(MigrationState::Applied))
            }
            MigrateAction::Undo => {
                let unfinished = usize::from(self.failure.is_some());
                let undone = self.migrations.len().saturating_sub(unfinished);
                format!("Undid {}", text::count(undone, "migration", "migrations"))
            }
            MigrateAction::Repair => "Repaired the tables".to_owned(),
            MigrateAction::Resolve(kind) => self.resolved(kind),
        }
    }
}

impl Report for MigrateReport {
    fn human(&self, ui: &Ui) {
        if self.dry_run {
            for migration in &self.migrations {
                ui.result(migration.lines().join("\n"));
            }
            if let Some(plan) = self.settings.as_ref().filter(|plan| !plan.steps.is_empty()) {
                let lines = step_lines(&plan.steps).join("\n");
                ui.result(format!("Settings of the environment\n{lines}"));
            }
        }
        for line in remaining_lines(&self.all_remaining()) {
            ui.info(line);
        }
        match (self.outcome(), self.action) {
            (
                Outcome::InSync,
                MigrateAction::Run
                | MigrateAction::Baseline
                | MigrateAction::Repair
                | MigrateAction::Resolve(_),
            ) => {
                ui.outro("Every migration is applied");
            }
            (Outcome::InSync, MigrateAction::Undo) => {
                ui.outro("No migration is applied: nothing to undo");
            }
            (Outcome::Pending, action) => {
                let migrations = self.count(MigrationState::Pending);
                let deed = match action {
                    MigrateAction::Run => "to run",
                    MigrateAction::Baseline => "to mark as applied",
                    MigrateAction::Undo => "to undo",
                    MigrateAction::Repair | MigrateAction::Resolve(_) => "to change",
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
            "remaining": self.all_remaining(),
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

/// The result of `migrate --repair`: that of a push of what the applied migrations say.
#[derive(Debug)]
pub(crate) struct RepairReport(pub(crate) PushReport);

impl Report for RepairReport {
    fn human(&self, ui: &Ui) {
        match self.0.outcome {
            PushOutcome::InSync => {
                ui.outro("The tables are as the applied migrations say: nothing to repair");
            }
            PushOutcome::Pending
            | PushOutcome::Applied
            | PushOutcome::Failed
            | PushOutcome::Refused => self.0.human(ui),
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
