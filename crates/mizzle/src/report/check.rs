//! What `check` found.

use super::Report;
use crate::{
    error::{CommandError, ErrorKind},
    ui::Ui,
};
use mizzle_core::{history::HistoryProblem, text};
use serde_json::{Value, json};

/// What `check` found.
#[derive(Debug)]
pub(crate) struct CheckReport {
    /// How many migrations there are.
    migrations: usize,
    /// What is not as it should be.
    problems: Vec<HistoryProblem>,
    /// The same, as what keeps the command from ending well.
    failure: Option<CommandError>,
}

impl CheckReport {
    /// What was found among so many migrations.
    pub(crate) fn new(migrations: usize, problems: Vec<HistoryProblem>) -> Self {
        let found = text::count(problems.len(), "problem", "problems");
        let message = format!("The migrations have {found}");
        let failure = CommandError::new(ErrorKind::Pending, "unsound-history", message);
        let failure = Some(failure).filter(|_| !problems.is_empty());
        Self { migrations, problems, failure }
    }
}

impl Report for CheckReport {
    fn human(&self, ui: &Ui) {
        for HistoryProblem { kind: _, file, message, hint } in &self.problems {
            let place = if file.is_empty() { String::new() } else { format!("{file}: ") };
            ui.result(format!("{place}{message}\n  help: {hint}"));
        }
        let migrations = text::count(self.migrations, "migration", "migrations");
        if self.problems.is_empty() {
            ui.outro(format!("{migrations}, and everything is in order"));
        } else {
            ui.outro_cancel("Nothing was changed");
        }
    }

    fn json(&self) -> Value {
        json!({ "problems": self.problems })
    }

    fn failure(&self) -> Option<&CommandError> {
        self.failure.as_ref()
    }
}
