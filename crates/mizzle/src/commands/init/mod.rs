//! `mizzle init`: inspects the project, asks questions, and writes the config.

mod decide;
mod found;
mod settings;
mod texts;

pub(crate) use settings::InitArgs;

use crate::{
    errors::{CommandError, ErrorKind},
    explain::ledger_name,
    project::{self, NewConfig, NewFileError, package_name},
    render::{show_answers, show_findings},
    report::{InitReport, Report},
    session::{Session, runtime},
    ui::Ui,
};
use decide::Decision;
use found::Found;
use settings::InitSettings;
use std::path::{Path, PathBuf};

/// The line that excludes the embedded database from git.
const IGNORED: &str = ".mizzle/";

/// Writes a config that fits the project and the user's answers, and the other files that a first
/// push needs. An existing config is not read: it may be broken, which may be the reason to replace
/// it.
///
/// # Errors
///
/// When a config exists and must not be replaced, the user aborts, or a file cannot be written.
pub(crate) fn run(args: &InitArgs, session: &Session<'_>) -> Result<Report, CommandError> {
    let settings = InitSettings::resolve(args, session)?;
    Ok(Report::Init(runtime()?.block_on(init(&settings, session.ui))?))
}

async fn init(settings: &InitSettings, ui: &Ui) -> Result<InitReport, CommandError> {
    let InitSettings { config, force, .. } = settings;
    // Done even if this run writes nothing.
    project::tidy(&config.root);
    if !force && let Some(path) = config.in_the_way() {
        return Err(in_the_way(path, config, ui));
    }
    let found = Found::look(config, &settings.ports, ui).await;
    let findings = found.findings();
    show_findings(&findings, ui);
    let decision = Decision::make(settings, &found, ui)?;
    let answers = decision.answers();
    if !decide::can_ask(settings, ui) {
        show_answers(&answers, ui);
    }
    let mut written = Vec::new();
    let failure = write(&decision, settings, &found, &mut written, ui).err();
    for other in config.others.iter().filter(|_| failure.is_none()) {
        let (other, file) = (ui.shown(other), ui.shown(&config.file));
        ui.warning(format!("{other} is still there, and not read any more: {file} comes first"));
    }
    Ok(InitReport {
        config: ui.shown(&config.file),
        files: written.iter().map(|file| ui.shown(file)).collect(),
        awaited: decision.awaited_schema(),
        next: next(config, &found),
        answers,
        found: findings,
        failure,
    })
}

/// Returns the next command, as it is typed in this project.
fn next(config: &NewConfig, found: &Found) -> String {
    let push = found.survey.packages.command_line("push");
    config.option.iter().fold(push, |line, option| format!("{line} {option}"))
}

/// Writes the files, the config last: until it exists, `init` can be run again.
fn write(
    decision: &Decision,
    settings: &InitSettings,
    found: &Found,
    written: &mut Vec<PathBuf>,
    ui: &Ui,
) -> Result<(), CommandError> {
    let NewConfig { file, root, .. } = &settings.config;
    let packages = &found.survey.packages;
    if let Some(starter) = &decision.starter {
        let path: PathBuf = root.join(starter).components().collect();
        let text = texts::starter(packages.schema_functions());
        project::create(&path, &text)
            .map_err(|error| unwritten(error, &path, "name another place with --schema", ui))?;
        written.push(path);
    }
    if decision.gitignore {
        let path = root.join(".gitignore");
        let added = project::append_line(&path, IGNORED);
        added
            .map_err(|error| unwritten(error.into(), &path, "leave it with --no-gitignore", ui))?;
        written.push(path);
    }
    let ledger = package_name(root).map(|project| ledger_name(&project));
    let text = texts::config(decision, packages.has_declarations, ledger.as_deref());
    let done = match settings.force {
        true => project::replace(file, &text).map_err(NewFileError::from),
        false => project::create(file, &text),
    };
    done.map_err(|error| match error {
        NewFileError::Taken => in_the_way(file, &settings.config, ui),
        error @ NewFileError::Io(_) => {
            unwritten(error, file, "name another place with --config", ui)
        }
    })?;
    written.push(file.clone());
    Ok(())
}

/// The error for a config that already exists.
fn in_the_way(path: &Path, config: &NewConfig, ui: &Ui) -> CommandError {
    let (shown, new) = (ui.shown(path), ui.shown(&config.file));
    let message = format!("{shown} already exists");
    let hint = match path == config.file {
        true => format!("edit {shown}, or overwrite it with --force"),
        false => format!("edit {shown}, or write {new}, which comes before it, with --force"),
    };
    CommandError::new(ErrorKind::Refused, "config-exists", message).hint(hint)
}

/// The error for a file that could not be written; `way_out` is an alternative for the hint.
fn unwritten(error: NewFileError, path: &Path, way_out: &str, ui: &Ui) -> CommandError {
    let shown = ui.shown(path);
    match error {
        NewFileError::Taken => {
            let message = format!("{shown} has come to be meanwhile");
            CommandError::new(ErrorKind::Refused, "file-exists", message)
                .hint("run the command again: it takes the file into account")
        }
        NewFileError::Io(error) => {
            let message = match path.ancestors().skip(1).find(|folder| folder.is_file()) {
                Some(file) => format!("Could not write {shown}: {} is a file", ui.shown(file)),
                None => format!("Could not write {shown}: {error}"),
            };
            CommandError::new(ErrorKind::Failed, "io", message)
                .hint(format!("let this user write there, or {way_out}"))
        }
    }
}
