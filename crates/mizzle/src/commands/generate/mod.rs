//! `mizzle generate`: adds a migration, removes the newest one, or rebases one of two branches.

mod rebase;
mod renames;
mod settings;
mod undo;
mod write;

pub(crate) use settings::GenerateArgs;

use crate::{
    errors::CommandError,
    report::Report,
    session::{Session, runtime},
};
use settings::{GenerateSettings, GenerateTask};

/// Performs the task in the migrations folder.
///
/// # Errors
///
/// When the schema or the migrations folder is invalid, or the files cannot be written.
pub(crate) fn run(args: &GenerateArgs, session: &Session<'_>) -> Result<Report, CommandError> {
    let GenerateSettings { out, task } = GenerateSettings::resolve(args, session)?;
    let ui = session.ui;
    let report = match task {
        GenerateTask::Write(settings) => write::write(&settings, &out, session.evaluator()?, ui),
        GenerateTask::Rebase(settings) => rebase::rebase(&settings, &out, session.evaluator()?, ui),
        // Only this task contacts servers.
        GenerateTask::Undo(settings) => runtime()?.block_on(undo::undo(&settings, &out, ui)),
    };
    Ok(Report::Generate(report?))
}
