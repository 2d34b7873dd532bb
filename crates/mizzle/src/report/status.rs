//! Where an environment stands.

use super::Report;
use crate::{
    error::{CommandError, ErrorKind},
    target::TargetName,
    ui::Ui,
};
use mizzle_core::{
    ledger::{LedgerProblem, Standing},
    snapshot::MigrationName,
    text,
};
use serde::Serialize;
use serde_json::{Value, json};

/// Something that a table has, and its migrations do not say.
#[derive(Debug, Serialize)]
pub(crate) struct Drift {
    /// The table.
    pub(crate) table: String,
    /// What would have to change for it to be as the migrations say.
    pub(crate) change: String,
}

/// Where an environment stands.
#[derive(Debug)]
pub(crate) struct StatusReport {
    target: TargetName,
    applied: Vec<String>,
    pending: Vec<String>,
    /// Begun and not finished, or ended with an error.
    unfinished: Vec<String>,
    problems: Vec<String>,
    /// What differs from the newest applied snapshot.
    pub(crate) drift: Vec<Drift>,
    exit_code: bool,
    failure: CommandError,
}

impl StatusReport {
    /// Nothing known yet but what does not fit.
    pub(crate) fn new(target: TargetName, exit_code: bool, problems: &[LedgerProblem]) -> Self {
        let message = "There is something to do (--exit-code)";
        Self {
            target,
            applied: Vec::new(),
            pending: Vec::new(),
            unfinished: Vec::new(),
            problems: problems.iter().map(ToString::to_string).collect(),
            drift: Vec::new(),
            exit_code,
            failure: CommandError::new(ErrorKind::Pending, "pending", message),
        }
    }

    /// One migration more.
    pub(crate) fn add(&mut self, name: &MigrationName, standing: Standing) {
        let list = match standing {
            Standing::Applied => &mut self.applied,
            Standing::Pending => &mut self.pending,
            Standing::Unfinished | Standing::Failed => &mut self.unfinished,
        };
        list.push(name.to_string());
    }

    fn is_in_order(&self) -> bool {
        self.pending.is_empty()
            && self.unfinished.is_empty()
            && self.problems.is_empty()
            && self.drift.is_empty()
    }
}

impl Report for StatusReport {
    fn human(&self, ui: &Ui) {
        let lines = |state: &str, names: &[String]| -> Vec<String> {
            names.iter().map(|name| format!("{state:<10} {name}")).collect()
        };
        let migrations = [
            lines("applied", &self.applied),
            lines("unfinished", &self.unfinished),
            lines("pending", &self.pending),
        ]
        .concat();
        if !migrations.is_empty() {
            ui.result(migrations.join("\n"));
        }
        for problem in &self.problems {
            ui.warning(problem);
        }
        if !self.drift.is_empty() {
            let drift =
                self.drift.iter().map(|Drift { table, change }| format!("  {table}: {change}"));
            let drift: Vec<String> = drift.collect();
            ui.result(format!("To be as the migrations say:\n{}", drift.join("\n")));
        }
        if self.is_in_order() {
            ui.outro("Every migration is applied, and the tables are as they say");
        } else {
            let pending = self.pending.len() + self.unfinished.len();
            let pending = text::count(pending, "migration", "migrations");
            let drift = text::count(self.drift.len(), "difference", "differences");
            ui.outro(format!("{pending} to run, {drift} from the newest applied one"));
        }
    }

    fn json(&self) -> Value {
        json!({
            "target": self.target,
            "applied": self.applied,
            "pending": self.pending,
            "unfinished": self.unfinished,
            "problems": self.problems,
            "drift": self.drift,
        })
    }

    fn failure(&self) -> Option<&CommandError> {
        (self.exit_code && !self.is_in_order()).then_some(&self.failure)
    }
}
