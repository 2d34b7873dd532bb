//! `mizzle pull`: turns existing tables into a schema, settings, a first migration that creates
//! them, and a ledger that marks it as applied.
//!
//! Describe ([`found`]), write ([`files`], [`config`]), load the written files as every other
//! command does, and continue from them ([`history`]): the comparison and the migration use the
//! project as it really is.

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
/// When a request to the server fails, there is nothing to pull, or files already exist. After the
/// first file is written, errors are in the report.
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
            // The following question is about all of this.
            show_pulled(&report, ui);
            report.is_shown = true;
            history::mark(settings, &written, target, &mut report).await?;
        }
        Ok(())
    };
    report.failure = result.await.err();
    Ok(report)
}

/// Returns the tables as they are written into modules.
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

/// The second part of a pull, which changes the project.
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

    /// Returns the schema that the config and the files describe now, with the session that has
    /// loaded them. If the added entries make the config invalid, it is restored.
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

    /// Compares the project's schema with the tables, and writes the first migration.
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

/// Returns the differences between the tables and the project's schema.
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

/// The error for a file that cannot be written.
fn unwritten(error: &std::io::Error, shown: &str) -> CommandError {
    CommandError::new(ErrorKind::Failed, "io", format!("Could not write {shown}: {error}"))
        .hint("let this user write there, or name another place in the config: `schema`")
}

/// Returns the module that the schema functions are imported from, and the form of the schema.
fn functions(settings: &PullSettings) -> (&'static str, Form) {
    match settings.packages.orm {
        Some(orm) => (orm, Form::Orm),
        None => ("mizzle-cli/schema", Form::Stated),
    }
}
