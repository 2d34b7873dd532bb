//! What `push` planned and did.

use super::Report;
use crate::{error::CommandError, target::TargetName, ui::Ui};
use mizzle_core::{
    plan::{Plan, Step, StepId},
    text,
};
use serde::Serialize;
use serde_json::{Value, json};

/// How many tables that the schema does not name are told a person; JSON has them all.
const SHOWN_UNTRACKED: usize = 5;

/// How a push ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// There was nothing to do.
    InSync,
    /// There is something to do, and it was only shown.
    Pending,
    /// Everything was done.
    Applied,
    /// Something failed, or the user interrupted.
    Failed,
    /// Nothing was done: a confirmation is missing, or DynamoDB cannot do it in place.
    Refused,
}

/// Something that a backend accepted but did not keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Remaining {
    /// The table.
    pub(crate) table: String,
    /// What is different.
    pub(crate) setting: String,
    /// Why that may be.
    pub(crate) reason: String,
}

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
    /// How it ended.
    pub(crate) outcome: Outcome,
    /// What did not stick.
    pub(crate) remaining: Vec<Remaining>,
    /// Why it did not end well.
    pub(crate) failure: Option<CommandError>,
}

impl PushReport {
    /// Shows the plan, table by table. For a dry run the plan is the result; what is about to be
    /// agreed to is shown in any case.
    pub(crate) fn show_plan(plan: &Plan, dry_run: bool, asks: bool, ui: &Ui) {
        for steps in plan.by_table() {
            let text = table_text(steps);
            match (dry_run, asks) {
                (true, _) => ui.result(text),
                (false, true) => ui.important(text),
                (false, false) => ui.step(text),
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

/// The steps of one table, each with its hazards.
fn table_text(steps: &[Step]) -> String {
    let mut lines = vec![steps.first().map(|step| step.table().to_owned()).unwrap_or_default()];
    for step in steps {
        lines.push(format!("  {}", step.title));
        lines.extend(step.details.iter().map(|detail| format!("    {detail}")));
        lines.extend(step.hazards.iter().map(|hazard| format!("    ▲ {}", hazard.message)));
    }
    lines.join("\n")
}

impl Report for PushReport {
    fn human(&self, ui: &Ui) {
        for remaining in &self.remaining {
            let Remaining { table, setting, reason } = remaining;
            ui.warning(format!("{table}: {setting} remains to be done. {reason}"));
        }
        let steps = || text::count(self.plan.steps.len(), "step", "steps");
        match self.outcome {
            Outcome::InSync => ui.outro("Everything is in sync"),
            Outcome::Pending => {
                ui.outro(format!("{} to apply; nothing was changed (--dry-run)", steps()));
            }
            Outcome::Applied => ui.outro(format!("Applied {}", steps())),
            Outcome::Refused if self.failure.as_ref().is_some_and(CommandError::is_cancelled) => {}
            Outcome::Refused => ui.outro_cancel("Nothing was changed"),
            Outcome::Failed => {
                ui.outro_cancel(format!("Applied {} of {}", self.applied.len(), steps()));
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
            "outcome": self.outcome,
            "remaining": self.remaining,
        })
    }

    fn failure(&self) -> Option<&CommandError> {
        self.failure.as_ref()
    }
}
