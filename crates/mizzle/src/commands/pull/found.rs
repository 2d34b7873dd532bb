//! The existing tables, and the selection of those that are pulled.

use super::{functions, settings::PullSettings};
use crate::{
    errors::CommandError,
    listing::{described, failure, names},
    report::{ListedTable, PullReport, SkippedPull},
    selection,
    server::Target,
    ui::Ui,
};
use mizzle_core::{
    config,
    model::{
        AuxiliarySettings, Projection, Status, TableDefinition, TableDescription,
        declaration::Subject, missing_part, rules,
    },
    pull::{self, Form, ProposedEntity},
};
use serde_json::{Map, Value, json};

/// A table that is pulled.
#[derive(Debug)]
pub(super) struct Found {
    /// The description by the server, without indexes that are being deleted.
    pub(super) description: TableDescription,
    /// The definition under the table's name in the schema.
    pub(super) definition: TableDefinition,
    /// The part of the definition that the schema describes: in the ORM's form everything but the
    /// projections of indexes.
    pub(super) described: TableDefinition,
    /// Its entry in the config's `tables`.
    pub(super) entry: Map<String, Value>,
    /// Settings that neither the schema nor the entry can express.
    pub(super) notes: Vec<String>,
    /// The number of sampled items; `None` if sampling was not requested or not possible.
    pub(super) sampled: Option<usize>,
    /// The proposed entities.
    pub(super) entities: Vec<ProposedEntity>,
}

/// Describes the selected tables, sorted by their names in the schema.
///
/// # Errors
///
/// When the server does not describe one of them, or no table matches the patterns.
pub(super) async fn look(
    settings: &PullSettings,
    target: &Target,
    report: &mut PullReport,
    ui: &Ui,
) -> Result<Vec<Found>, CommandError> {
    let names = names(target, ui).await?;
    let wanted = wanted(settings, &names)?;
    let (tables, errors) = described(wanted, AuxiliarySettings::ALL, target, ui).await?;
    if tables.iter().any(|table| table.description.is_none())
        && let Some(failure) = failure(&errors, &target.name)
    {
        return Err(failure);
    }
    let mut found = Vec::new();
    let (_, form) = functions(settings);
    for table in tables {
        let name = table.name.clone();
        match one(settings, table, form) {
            Ok(table) => found.push(table),
            Err(reason) => report.skipped.push(SkippedPull { name, reason }),
        }
    }
    found.sort_by(|a, b| a.definition.table_name.cmp(&b.definition.table_name));
    Ok(found)
}

/// Returns the names of the selected tables. Ledgers are never selected.
fn wanted(settings: &PullSettings, names: &[String]) -> Result<Vec<String>, CommandError> {
    let PullSettings { environment, ledgers, patterns, .. } = settings;
    let naming = &environment.naming;
    let own = names.iter().filter(|name| naming.logical(name).is_some());
    let mut own: Vec<String> = own.filter(|name| !ledgers.contains(name)).cloned().collect();
    own.sort_unstable();
    selection::check(patterns, &own, naming, "no-tables")
        .map_err(|error| error.hint("see what there is: mizzle list"))?;
    own.retain(|name| selection::is_asked_for(patterns, name, naming));
    Ok(own)
}

/// Removes the fields that the config would reject: servers may return unexpected values.
fn keep_readable(entry: &mut Map<String, Value>, notes: &mut Vec<String>) {
    let problems = |entry: &Map<String, Value>| {
        let read = config::read(&json!({ "tables": { "Table": entry } }));
        read.err().map_or(0, |problems| problems.len())
    };
    for field in entry.keys().cloned().collect::<Vec<String>>() {
        let before = problems(entry);
        let mut without = entry.clone();
        without.shift_remove(&field);
        if before > 0 && problems(&without) < before {
            *entry = without;
            notes
                .push(format!("`{field}` is nothing that the config takes, so it stays unmanaged"));
        }
    }
}

/// Returns the first name, of the table or of an index, that a schema refuses, with the offending
/// part.
fn name_with_missing_part(table: &TableDefinition) -> Option<(&str, &str)> {
    let globals = table.global_secondary_indexes.iter().map(|index| index.index_name.as_str());
    let locals = table.local_secondary_indexes.iter().map(|index| index.index_name.as_str());
    let mut names = [table.table_name.as_str()].into_iter().chain(globals).chain(locals);
    names.find_map(|name| Some((name, missing_part(name)?)))
}

/// Converts a table to its pulled form; the error is the reason for skipping it.
fn one(settings: &PullSettings, table: ListedTable, form: Form) -> Result<Found, String> {
    let ListedTable { name, description, untold } = table;
    let description = description.ok_or("the server does not tell of it")?;
    if description.status == Status::Deleting {
        return Err("it is being deleted".to_owned());
    }
    let logical = settings.environment.naming.logical(&name).unwrap_or(&name).to_owned();
    let description = description.lasting();
    let definition = description.definition.structure().renamed(logical);
    let problems = rules::check(&definition, &Subject::default());
    if let Some(problem) = problems.first() {
        return Err(format!("no schema can describe it: {}", problem.message));
    }
    if let Some((name, part)) = name_with_missing_part(&definition) {
        return Err(format!(
            "the name {name:?} contains {part:?}, which a schema takes for a missing value"
        ));
    }
    let pull::PulledSettings { mut entry, mut notes } = pull::settings(&description);
    let mut described = definition.clone();
    if form == Form::Orm {
        pull::projections(&definition, &mut entry);
        let globals = described.global_secondary_indexes.iter_mut();
        let locals = described.local_secondary_indexes.iter_mut();
        let globals = globals.map(|index| &mut index.projection);
        let locals = locals.map(|index| &mut index.projection);
        globals.chain(locals).for_each(|projection| *projection = Projection::all());
    }
    keep_readable(&mut entry, &mut notes);
    for one in untold {
        let what = match one.setting {
            Some(extra) => format!("its {}", extra.kind().name()),
            None => "it".to_owned(),
        };
        notes.push(format!("nothing is said of {what}, which could not be read: {}", one.reason));
    }
    let (sampled, entities) = (None, Vec::new());
    Ok(Found { description, definition, described, entry, notes, sampled, entities })
}
