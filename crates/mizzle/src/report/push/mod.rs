//! What `push` planned and did.

mod remaining;
#[cfg(test)]
mod tests;
mod view;

pub(crate) use remaining::Remaining;
pub(super) use remaining::lines as remaining_lines;
pub(super) use view::hazard_line;

use super::{Report, not_remembered};
use crate::{
    errors::{CommandError, PortError},
    explain::explain_engine,
    server::TargetName,
    ui::{Ui, duration},
};
use mizzle_core::{
    plan::{Plan, Step, StepId},
    text,
};
use mizzle_engine::{
    backup::TableBackup,
    converge::{PushOutcome, PushState},
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};
use view::Stream;

/// How many tables that the schema does not name are told a person; JSON has them all.
const SHOWN_UNTRACKED: usize = 5;

/// What `push` planned and did.
#[derive(Debug)]
pub(crate) struct PushReport {
    /// The server.
    pub(crate) target: TargetName,
    /// The plan.
    pub(crate) plan: Plan,
    /// Tables that the schema does not name; `None` when they cannot be listed.
    pub(crate) untracked: Option<Vec<String>>,
    /// The steps that were done.
    pub(crate) applied: Vec<StepId>,
    /// The steps that failed: at most one a table.
    pub(crate) failed: Vec<StepId>,
    /// The steps that were not started.
    pub(crate) not_started: Vec<StepId>,
    /// How long the steps took.
    pub(crate) elapsed: Duration,
    /// How it ended.
    pub(crate) outcome: PushState,
    /// What did not stick.
    pub(crate) remaining: Vec<Remaining>,
    /// The backups that were begun before anything was deleted.
    pub(crate) backups: Vec<TableBackup>,
    /// Why it did not end well.
    pub(crate) failure: Option<CommandError>,
}

impl PushReport {
    /// The report of an outcome on `target`.
    pub(crate) fn new(outcome: PushOutcome<PortError>, target: &TargetName, ui: &Ui) -> Self {
        not_remembered(outcome.not_remembered, ui);
        let remaining = outcome.unapplied.iter();
        Self {
            target: target.clone(),
            plan: outcome.plan,
            untracked: outcome.untracked,
            applied: outcome.applied,
            failed: outcome.failed,
            not_started: outcome.not_started,
            elapsed: outcome.elapsed,
            outcome: outcome.state,
            remaining: remaining.map(|unapplied| Remaining::of(unapplied, target)).collect(),
            backups: outcome.backups,
            failure: outcome.failure.map(|error| explain_engine(error, target)),
        }
    }

    /// Shows the plan, table by table. For a dry run the plan is the result; what is about to be
    /// agreed to, and what cannot be done, is shown in any case.
    pub(crate) fn show_plan(plan: &Plan, dry_run: bool, asks: bool, ui: &Ui) {
        let stream = if dry_run { Stream::Stdout } else { Stream::Stderr };
        for block in view::blocks(plan, ui.is_verbose(), stream) {
            match (dry_run, asks || block.is_blocked) {
                (true, _) => ui.result(block.text),
                (false, true) => ui.important(block.text),
                (false, false) => ui.step(block.text),
            }
        }
    }

    /// Shows the tables that the schema does not name.
    pub(crate) fn show_untracked(untracked: &[String], ui: &Ui) {
        if !untracked.is_empty() {
            let tables = text::count(untracked.len(), "table is", "tables are");
            let shown = &untracked[..untracked.len().min(SHOWN_UNTRACKED)];
            let more = match untracked.len() - shown.len() {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            let names = shown.join(", ");
            ui.info(format!("{tables} not in the schema, and left alone: {names}{more}"));
        }
    }
}

impl PushReport {
    /// `3 steps`: those of the plan.
    fn steps(&self) -> String {
        text::count(self.plan.steps.len(), "step", "steps")
    }

    /// `2 tables`: those of which some step is so.
    fn tables(&self, is_so: impl Fn(&Step) -> bool) -> String {
        let tables = self.plan.by_table().filter(|steps| steps.iter().any(&is_so));
        text::count(tables.count(), "table", "tables")
    }

    /// `Applied 5 steps on 2 tables in 2.1s; 1 step left out`. All that was not applied, and did not
    /// fail, is what the server has no operation for.
    fn success(&self) -> String {
        let applied = text::count(self.applied.len(), "step", "steps");
        let ids: BTreeSet<&StepId> = self.applied.iter().collect();
        let tables = self.tables(|step| ids.contains(&step.id));
        let mut message = format!("Applied {applied} on {tables} in {}", duration(self.elapsed));
        let left_out = self.plan.steps.len().saturating_sub(self.applied.len());
        if left_out > 0 {
            let steps = text::count(left_out, "step", "steps");
            message += &format!("; {steps} left out: the server has no such operation");
        }
        message
    }
}

impl Report for PushReport {
    fn human(&self, ui: &Ui) {
        for line in remaining_lines(&self.remaining) {
            match self.outcome {
                // Nothing new, and nothing to worry about.
                PushState::InSync | PushState::Pending => ui.info(line),
                PushState::Applied | PushState::Failed | PushState::Refused => ui.warning(line),
            }
        }
        match self.outcome {
            PushState::InSync if self.remaining.is_empty() => ui.outro("Everything is in sync"),
            PushState::InSync => ui.outro("Everything else is in sync"),
            PushState::Pending => {
                let tables = self.tables(|_| true);
                let steps = self.steps();
                ui.outro(format!("{steps} on {tables} to apply; nothing was changed (--dry-run)"));
            }
            PushState::Applied => ui.outro(self.success()),
            PushState::Refused if self.failure.as_ref().is_some_and(CommandError::is_cancelled) => {
            }
            PushState::Refused => ui.outro_cancel("Nothing was changed"),
            PushState::Failed => {
                let (applied, time) = (self.applied.len(), duration(self.elapsed));
                ui.outro_cancel(format!("Applied {applied} of {} in {time}", self.steps()));
            }
        }
    }

    fn json(&self) -> Value {
        json!({
            "target": self.target,
            "plan": {
                "steps": self.plan.steps,
                "blocked": self.plan.blocked,
                "untracked": self.untracked,
            },
            "applied": self.applied,
            "failed": self.failed,
            "notStarted": self.not_started,
            "outcome": state(self.outcome),
            "remaining": self.remaining,
            "backups": self.backups,
        })
    }

    fn failure(&self) -> Option<&CommandError> {
        self.failure.as_ref()
    }
}

/// The state in `--json`.
fn state(state: PushState) -> &'static str {
    match state {
        PushState::InSync => "in_sync",
        PushState::Pending => "pending",
        PushState::Applied => "applied",
        PushState::Failed => "failed",
        PushState::Refused => "refused",
    }
}
