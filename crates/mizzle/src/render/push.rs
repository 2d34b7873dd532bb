//! The report of `push`.

use super::{Render, unapplied};
use crate::{
    errors::CommandError,
    report::PushReport,
    ui::{Ui, duration},
};
use mizzle_core::{
    plan::{Step, StepId},
    text,
};
use mizzle_engine::converge::PushState;
use serde_json::{Value, json};
use std::collections::BTreeSet;

impl Render for PushReport {
    fn human(&self, ui: &Ui) {
        for line in unapplied::lines(&self.remaining) {
            match self.outcome {
                // Known differences, which need no warning.
                PushState::InSync | PushState::Pending => ui.info(line),
                PushState::Applied | PushState::Failed | PushState::Refused => ui.warning(line),
            }
        }
        let steps = || text::count(self.plan.steps.len(), "step", "steps");
        match self.outcome {
            PushState::InSync if self.remaining.is_empty() => ui.outro("Everything is in sync"),
            PushState::InSync => ui.outro("Everything else is in sync"),
            PushState::Pending => {
                let (steps, tables) = (steps(), tables(self, |_| true));
                ui.outro(format!("{steps} on {tables} to apply; nothing was changed (--dry-run)"));
            }
            PushState::Applied => ui.outro(success(self)),
            PushState::Refused if self.failure.as_ref().is_some_and(CommandError::is_cancelled) => {
            }
            PushState::Refused => ui.outro_cancel("Nothing was changed"),
            PushState::Failed => {
                let (applied, time) = (self.applied.len(), duration(self.elapsed));
                ui.outro_cancel(format!("Applied {applied} of {} in {time}", steps()));
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
            "outcome": match self.outcome {
                PushState::InSync => "in_sync",
                PushState::Pending => "pending",
                PushState::Applied => "applied",
                PushState::Failed => "failed",
                PushState::Refused => "refused",
            },
            "remaining": self.remaining,
            "backups": self.backups,
        })
    }
}

/// Returns `Applied 5 steps on 2 tables in 2.1s; 1 step left out`. A step that was neither applied
/// nor failed is one that the server has no operation for.
fn success(report: &PushReport) -> String {
    let applied = text::count(report.applied.len(), "step", "steps");
    let ids: BTreeSet<&StepId> = report.applied.iter().collect();
    let tables = tables(report, |step| ids.contains(&step.id));
    let mut message = format!("Applied {applied} on {tables} in {}", duration(report.elapsed));
    let left_out = report.plan.steps.len().saturating_sub(report.applied.len());
    if left_out > 0 {
        let steps = text::count(left_out, "step", "steps");
        message += &format!("; {steps} left out: the server has no such operation");
    }
    message
}

/// Returns `2 tables`: the number of those with such a step.
fn tables(report: &PushReport, is_such: impl Fn(&Step) -> bool) -> String {
    let tables = report.plan.by_table().filter(|steps| steps.iter().any(&is_such));
    text::count(tables.count(), "table", "tables")
}
