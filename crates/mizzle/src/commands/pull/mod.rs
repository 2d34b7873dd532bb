//! `mizzle pull`: tables that are there already become a schema, settings, a first migration that made
//! them, and a ledger that says so.
//!
//! Look ([`found`]), write ([`files`], [`config`]), read what was written as every other command will,
//! and go on from that ([`history`]): what is compared and recorded is what the project really says.

mod config;
mod files;
mod found;
mod history;
mod sample;
mod settings;

pub(crate) use settings::PullArgs;

use crate::{
    errors::{CommandError, ErrorKind},
    project::Migrations,
    render::show_pulled,
    report::{BaselineState, PullReport, PulledTableReport, Report, SchemaText},
    schema::load_schema,
    server::Target,
    session::Session,
    ui::Ui,
};
use config::ConfigChange;
use files::NewFile;
use found::Found;
use mizzle_core::{
    diff::diff,
    model::{Schema, TableDescription},
    pull::{self, Form, PulledTable},
};
use mizzle_engine::drift::{self, Drift};
use settings::PullSettings;
use std::collections::BTreeSet;

/// Pulls tables into the project.
///
/// # Errors
///
/// When the server cannot be asked, there is nothing to pull, or files are in the way. Once a file is
/// written, what goes wrong is in the report.
pub(crate) fn run(args: &PullArgs, session: &Session<'_>) -> Result<Report, CommandError> {
    let settings = PullSettings::resolve(args, session)?;
    let report = session.connected(settings.connection.clone(), async |target| {
        pull(&settings, target, session).await
    });
    Ok(Report::Pull(report?))
}

async fn pull(
    settings: &PullSettings,
    target: &mut Target,
    session: &Session<'_>,
) -> Result<PullReport, CommandError> {
    let (evaluator, ui) = (session.evaluator()?, session.ui);
    let migrations = Migrations::open(&settings.out, ui.directory())?;
    ui.info(format!("Target: {}", target.name));
    let mut report = PullReport::new(target.name.clone(), settings.dry_run);
    let mut found = found::look(settings, target, &mut report, ui).await?;
    files::leave_described(settings, evaluator, &mut found, &mut report)?;
    if found.is_empty() {
        return Ok(report);
    }
    if settings.infer_entities {
        sample::propose(&mut found, target, ui).await?;
    }
    let tables = pulled(settings, &found);
    let new_files = files::plan(settings, &tables)?;
    let change = config::plan(settings, &found)?;
    report.tables = reported(settings, &found, &tables, &new_files, ui);
    report.paste = change.paste(ui);
    if settings.dry_run {
        let text =
            |file: &NewFile| SchemaText { file: ui.shown(&file.path), text: file.text.clone() };
        report.texts = new_files.iter().map(text).collect();
        report.texts.extend(change.addition(ui));
        return Ok(report);
    }
    files::agree(&new_files, settings, evaluator, ui)?;
    let pull = Pull { settings, session, migrations: &migrations, ui };
    let result = async {
        pull.write(&new_files, &change, &mut report)?;
        let (written, schema) = pull.evaluated(&change, &mut report)?;
        pull.record(&found, &schema, &mut report)?;
        if report.baseline == Some(BaselineState::Left) && report.differences.is_empty() {
            // What is asked now is about all of this.
            show_pulled(&report, ui);
            report.is_shown = true;
            history::mark(settings, &written, target, &mut report).await?;
        }
        Ok(())
    };
    report.failure = result.await.err();
    Ok(report)
}

/// The tables as they go into modules.
fn pulled(settings: &PullSettings, found: &[Found]) -> Vec<PulledTable> {
    let (_, form) = functions(settings);
    let names: Vec<&str> = found.iter().map(|one| one.definition.table_name.as_str()).collect();
    let identifiers = pull::identifiers(&names, "table", &BTreeSet::new());
    let mut used: BTreeSet<String> = identifiers.iter().cloned().collect();
    let tables = found.iter().zip(identifiers).map(|(found, identifier)| {
        let names: Vec<&str> = found.entities.iter().map(|entity| entity.name.as_str()).collect();
        let constants = pull::identifiers(&names, "entity", &used);
        used.extend(constants.iter().cloned());
        let keys = pull::keys(&found.definition).filter(|_| form == Form::Orm);
        let keys = keys.and_then(|keys| {
            let constant = pull::identifiers(&[&keys.name], "entity", &used).pop()?;
            used.insert(constant.clone());
            Some((constant, keys))
        });
        PulledTable {
            keys,
            definition: found.definition.clone(),
            identifier,
            entities: constants.into_iter().zip(found.entities.iter().cloned()).collect(),
            sampled: found.sampled,
        }
    });
    tables.collect()
}

fn reported(
    settings: &PullSettings,
    found: &[Found],
    tables: &[PulledTable],
    new_files: &[NewFile],
    ui: &Ui,
) -> Vec<PulledTableReport> {
    let report = |(found, table): (&Found, &PulledTable)| {
        let name = &found.definition.table_name;
        let file = new_files.iter().find(|file| file.tables.contains(name));
        PulledTableReport {
            name: name.clone(),
            table: settings.environment.naming.physical(name).into_owned(),
            export: table.identifier.clone(),
            file: file.map(|file| ui.shown(&file.path)).unwrap_or_default(),
            entities: table.entities.iter().map(|(_, entity)| entity.name.clone()).collect(),
            sampled: table.sampled,
            notes: found.notes.clone(),
        }
    };
    found.iter().zip(tables).map(report).collect()
}

/// What changes the project.
struct Pull<'a> {
    settings: &'a PullSettings,
    session: &'a Session<'a>,
    migrations: &'a Migrations,
    ui: &'a Ui,
}

impl<'a> Pull<'a> {
    /// Writes the schema files, and the config last.
    fn write(
        &self,
        new_files: &[NewFile],
        change: &ConfigChange,
        report: &mut PullReport,
    ) -> Result<(), CommandError> {
        let Self { settings, ui, .. } = self;
        for file in new_files.iter().filter(|file| !file.is_there_already()) {
            file.write(settings, ui)?;
            report.files.push(ui.shown(&file.path));
        }
        if change.write(ui)? {
            report.files.push(ui.shown(&change.file));
        }
        Ok(())
    }

    /// The schema as config and files have it now, with the session that has read them. A config that is
    /// no longer one with what was added to it is put back as it was.
    fn evaluated(
        &self,
        change: &ConfigChange,
        report: &mut PullReport,
    ) -> Result<(Session<'a>, Schema), CommandError> {
        let ui = self.ui;
        let load = || {
            let written = self.session.fresh();
            let schema = load_schema(&written.schema()?, written.evaluator()?, ui)?;
            Ok((written, schema))
        };
        let first = load();
        if change.edited.is_none() || first.is_ok() || !change.take_back(ui)? {
            return first;
        }
        let file = ui.shown(&change.file);
        report.files.retain(|written| *written != file);
        report.paste = change.as_paste("with the settings in it, it is not valid", ui);
        load()
    }

    /// Compares what the project says now with the tables, and writes the first migration.
    fn record(
        &self,
        found: &[Found],
        schema: &Schema,
        report: &mut PullReport,
    ) -> Result<(), CommandError> {
        let Self { settings, migrations, ui, .. } = self;
        report.differences = differences(settings, found, schema)?;
        report.push = history::command_line(settings, "push");
        let names: BTreeSet<&str> =
            found.iter().map(|found| found.definition.table_name.as_str()).collect();
        history::write(migrations, schema, &names, report, ui)?;
        if report.migration.is_some() {
            report.next = Some(history::command_line(settings, "migrate --baseline"));
            report.baseline = Some(BaselineState::Left);
        }
        Ok(())
    }
}

/// How the tables differ from what the project says of them now.
fn differences(
    settings: &PullSettings,
    found: &[Found],
    schema: &Schema,
) -> Result<Vec<Drift>, CommandError> {
    let schema = settings.environment.schema(schema.clone())?;
    let mut differences = Vec::new();
    for Found { description, .. } in found {
        let name = &description.definition.table_name;
        let Some(desired) = schema.table(name) else {
            let change = "is not among what `schema` in the config stands for".to_owned();
            differences.push(Drift { table: name.clone(), change });
            continue;
        };
        let present = TableDescription::compared_with(description, desired);
        differences.extend(diff([&present], [desired]).tables.iter().flat_map(drift::changes));
    }
    Ok(differences)
}

/// What comes of files that cannot be written.
fn unwritten(error: &std::io::Error, shown: &str) -> CommandError {
    CommandError::new(ErrorKind::Failed, "io", format!("Could not write {shown}: {error}"))
        .hint("let this user write there, or name another place in the config: `schema`")
}

/// Where the functions of a schema come from in the project, and what they can say.
fn functions(settings: &PullSettings) -> (&'static str, Form) {
    match settings.packages.orm {
        Some(orm) => (orm, Form::Orm),
        None => ("mizzle-cli/schema", Form::Stated),
    }
}
