//! `mizzle generate`: the migrations folder is added to, or two branches in it become one line.

mod rebase;
mod renames;
mod undo;
mod write;

use crate::{
    errors::CommandError,
    report::GenerateReport,
    settings::{GenerateSettings, GenerateTask},
    ui::Ui,
};
use mizzle_eval::Evaluator;
use std::path::Path;

/// Does what it was asked for in the folder.
///
/// # Errors
///
/// When the schema or the migrations folder is not in order, or the files cannot be written.
pub(crate) fn generate(
    settings: &GenerateSettings,
    evaluator: &Evaluator,
    directory: &Path,
    ui: &Ui,
) -> Result<GenerateReport, CommandError> {
    let GenerateSettings { out, task } = settings;
    match task {
        GenerateTask::Write(settings) => write::write(settings, out, evaluator, directory, ui),
        GenerateTask::Rebase(settings) => rebase::rebase(settings, out, evaluator, ui),
        // The one task that needs servers.
        GenerateTask::Undo(settings) => crate::runtime()?.block_on(undo::undo(settings, out, ui)),
    }
}
