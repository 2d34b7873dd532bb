//! Reports and plans as text for people, and as the JSON document.
//!
//! Each report has a file here that implements [`Render`] for it. The functions named `show_…` show
//! the parts that a command prints before it asks or acts.

mod check;
mod completions;
mod document;
mod drop;
mod export;
mod generate;
mod init;
mod list;
mod local;
mod migrate;
mod plan;
mod pull;
mod push;
mod status;
mod unapplied;
mod unlock;

pub(crate) use document::interrupted;
pub(crate) use drop::show_backups;
pub(crate) use generate::show_changes;
pub(crate) use init::{show_answers, show_findings};
pub(crate) use migrate::{migration_lines, skipped_line};
pub(crate) use plan::{show_plan, show_untracked};
pub(crate) use pull::show_pulled;
pub(crate) use unapplied::show_not_remembered;

use crate::{errors::CommandError, report::Report, ui::Ui};
use document::document;
use serde_json::Value;

/// The two forms of a report.
trait Render {
    /// Shows the report to a person.
    fn human(&self, ui: &Ui);

    /// Returns the report's fields in the JSON document.
    fn json(&self) -> Value;
}

fn forms(report: &Report) -> &dyn Render {
    match report {
        Report::Check(report) => report,
        Report::Completions(report) => report,
        Report::Drop(report) => report,
        Report::Export(report) => report,
        Report::Generate(report) => report,
        Report::Init(report) => report,
        Report::List(report) => report,
        Report::Local(report) => report,
        Report::Migrate(report) => report,
        Report::Pull(report) => report,
        Report::Push(report) => report,
        Report::Repair(report) => report,
        Report::Status(report) => report,
        Report::Unlock(report) => report,
    }
}

/// Shows the report of a command.
pub(crate) fn show(report: &Report, command: &str, ui: &Ui) {
    let failure = report.failure();
    if let Some(failure) = failure {
        ui.error(failure);
    }
    let forms = forms(report);
    forms.human(ui);
    ui.document(&document(Some(command), Some(forms.json()), failure, ui));
}

/// Shows the error of a command without a report; `command` is `None` if the command line names
/// none.
pub(crate) fn show_error(error: &CommandError, command: Option<&str>, ui: &Ui) {
    ui.error(error);
    ui.leave(error);
    ui.document(&document(command, None, Some(error), ui));
}
