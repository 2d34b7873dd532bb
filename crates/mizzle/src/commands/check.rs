//! `mizzle check`: validates the migrations folder, and checks that its scripts can run in an
//! environment, without contacting a server.

mod settings;

use crate::{
    engine::{Scripts, inspect, place_of, unreadable},
    errors::CommandError,
    project,
    report::{CheckProblem, CheckReport, ImportWarning, Report},
    schema::{Unexported, load_schema, unexported},
    session::Session,
    ui::Ui,
};
use mizzle_core::{
    history::{self, History, HistoryProblem, HistoryProblemKind, Passage, Rehearsal, Unreadable},
    model::{TableDefinition, TableNaming},
    plan::Managed,
    snapshot::MigrationName,
};
use mizzle_engine::{
    Environment,
    environment::EnvironmentError,
    migrate::record_refusing,
    ports::{CallError, Direction},
};
use mizzle_eval::Evaluator;
use settings::CheckSettings;
use std::{collections::BTreeMap, path::Path};

/// Reads the folder, runs each script against a database that does nothing, and compares.
///
/// # Errors
///
/// When the folder cannot be read, or the schema is invalid.
pub(crate) fn run(session: &Session<'_>) -> Result<Report, CommandError> {
    let settings = &CheckSettings::resolve(session)?;
    let (evaluator, ui) = (session.evaluator()?, session.ui);
    let schema = load_schema(&settings.schema, evaluator, ui)?;
    unexported::warn(&Unexported::of(&schema, evaluator), ui);
    // Done before the history is read, so that a large script is not held in memory beside it.
    let scripts = project::scripts_in(&settings.out);
    let warnings: Vec<ImportWarning> =
        scripts.iter().filter_map(|name| import_warning(&settings.out, name)).collect();
    let (inspection, places) =
        inspect(&settings.out, schema.tables, evaluator, settings.limits, ui)?;
    let history = inspection.history;
    let problems = history::check(&history);
    // Problems that exist everywhere are not repeated for an environment.
    let elsewhere = match &settings.environment.name {
        Some(name) if problems.is_empty() => {
            check_environment(name, &history, settings, evaluator, ui)?
        }
        Some(_) | None => Vec::new(),
    };
    let count = history.migrations.len();
    Ok(Report::Check(CheckReport::new(count, problems, &places, elsewhere, warnings)))
}

/// Returns a warning for a script that imports files of the project: they are part of the
/// migration, and must not change once it is applied.
fn import_warning(folder: &Path, name: &MigrationName) -> Option<ImportWarning> {
    let (file, path) = (name.script_file(), folder.join(name.script_file()));
    // A file that cannot be read or parsed is reported elsewhere as a problem.
    let text = project::read_to_string(&path).ok()?;
    let mut imports: Vec<String> =
        mizzle_eval::fingerprint(&path, &text).ok()?.files.into_keys().collect();
    imports.retain(|import| *import != file);
    (!imports.is_empty()).then_some(ImportWarning { file, imports })
}

/// Runs each script on simulated tables as the environment defines them.
fn check_environment(
    name: &str,
    history: &History,
    settings: &CheckSettings,
    evaluator: &Evaluator,
    ui: &Ui,
) -> Result<Vec<CheckProblem>, CommandError> {
    settings.environment.check(&history.schema)?;
    // Scripts and snapshots use the same table names.
    let here = Environment { naming: TableNaming::default(), ..settings.environment.clone() };
    let mut problems = Vec::new();
    for Passage { name: migration, before, after } in history::passages(history) {
        let before: Result<Vec<TableDefinition>, _> =
            before.values().map(|table| here.table(table)).collect();
        let managed: Result<BTreeMap<String, Managed>, EnvironmentError> =
            after.iter().map(|(name, table)| Ok((name.clone(), here.managed(table)?))).collect();
        let before = before.map_err(EnvironmentError::Settings)?;
        let mut rehearsal = Rehearsal::new(before, managed?);
        let mut refused = None;
        let (mut calls, path) = (0_usize, settings.out.join(migration.script_file()));
        let host = Scripts { evaluator, limits: settings.limits };
        let log = |line: &str| ui.verbose(line);
        let script = (path.as_path(), Direction::Up);
        let recording = record_refusing(&host, &log, script, &here, |step| {
            calls += 1;
            rehearsal.call(&step.call).map_err(|refusal| {
                    let message = format!(
                        "Call {calls} of {migration}, db.{} on {} ({}), would be refused in {name}: {refusal}",
                        step.call.method(),
                        step.table(),
                        step.title
                    );
                    refused.get_or_insert(message);
                    CallError::new("ValidationException", refusal)
                })
        });
        let ended = pollster::block_on(recording).map(drop);
        let (kind, message, hint) = match (refused, &ended) {
            (Some(message), _) => (
                HistoryProblemKind::RefusedCall,
                message,
                format!(
                    "fix the call, or check `db.env` in the script and make another call in {name}"
                ),
            ),
            (None, Err(error)) => {
                let Unreadable { message, hint } = unreadable(error);
                let message = format!("In {name} {message}");
                (HistoryProblemKind::UnreadableScript, message, hint)
            }
            (None, Ok(())) => continue,
        };
        let problem = HistoryProblem { kind, file: migration.script_file(), message, hint };
        let place = ended.err().and_then(|error| place_of(&error));
        problems.push(CheckProblem { problem, place, environment: Some(name.to_owned()) });
    }
    Ok(problems)
}
