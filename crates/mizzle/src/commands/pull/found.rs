//! The tables that are there, and which of them are pulled.

use crate::{
    commands::list,
    error::{CommandError, ErrorKind},
    report::{ListedTable, PullReport, SkippedPull},
    settings::PullSettings,
    target::Target,
    ui::Ui,
};
use mizzle_core::{
    model::{
        Extra, Extras, Status, TableDefinition, TableDescription, declaration::Subject, rules,
    },
    pull::{self, ProposedEntity},
};
use serde_json::{Map, Value};

/// A table that is pulled.
#[derive(Debug)]
pub(super) struct Found {
    /// As the server has it, without indexes that are being deleted.
    pub(super) description: TableDescription,
    /// Under its name in the schema.
    pub(super) definition: TableDefinition,
    /// Its entry in the config's `tables`.
    pub(super) entry: Map<String, Value>,
    /// What neither the schema nor the entry says.
    pub(super) notes: Vec<String>,
    /// How many items were looked at; `None` when that was not asked for or not possible.
    pub(super) sampled: Option<usize>,
    /// What it seems to hold.
    pub(super) entities: Vec<ProposedEntity>,
}

/// Describes the tables that are asked for, sorted by their names in the schema.
///
/// # Errors
///
/// When the server does not tell of one of them, or no table fits the patterns.
pub(super) async fn look(
    settings: &PullSettings,
    target: &Target,
    report: &mut PullReport,
    ui: &Ui,
) -> Result<Vec<Found>, CommandError> {
    let names = list::names(target, ui).await?;
    let wanted = wanted(settings, &names)?;
    let (tables, errors) = list::described(wanted, Extras::ALL, target, ui).await?;
    if tables.iter().any(|table| table.description.is_none())
        && let Some(failure) = list::failure(&errors, &target.name)
    {
        return Err(failure);
    }
    let mut found = Vec::new();
    for table in tables {
        let name = table.name.clone();
        match one(settings, table) {
            Ok(table) => found.push(table),
            Err(reason) => report.skipped.push(SkippedPull { name, reason }),
        }
    }
    found.sort_by(|a, b| a.definition.table_name.cmp(&b.definition.table_name));
    Ok(found)
}

/// The names of the tables that are asked for. A ledger is never one of them.
fn wanted(settings: &PullSettings, names: &[String]) -> Result<Vec<String>, CommandError> {
    let PullSettings { environment, ledgers, patterns, .. } = settings;
    let naming = &environment.naming;
    let own = names.iter().filter(|name| naming.logical(name).is_some());
    let mut own: Vec<String> = own.filter(|name| !ledgers.contains(name)).cloned().collect();
    own.sort_unstable();
    for pattern in patterns {
        if own.iter().any(|name| list::matches(pattern, name, naming)) {
            continue;
        }
        let message = format!("No table matches {:?}", pattern.text);
        let mut error = CommandError::new(ErrorKind::Usage, "no-tables", message);
        let nearest = list::nearest(pattern, &own, naming);
        if !nearest.is_empty() {
            error = error.hint(format!("there are {}", nearest.join(", ")));
        }
        return Err(error.hint("see what there is: mizzle list"));
    }
    let is_asked_for = |name: &String| {
        patterns.is_empty() || patterns.iter().any(|one| list::matches(one, name, naming))
    };
    own.retain(is_asked_for);
    Ok(own)
}

/// A table as it is pulled; otherwise why it is not.
fn one(settings: &PullSettings, table: ListedTable) -> Result<Found, String> {
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
    let pull::PulledSettings { entry, mut notes } = pull::settings(&description);
    for one in untold {
        let what = match one.setting {
            Some(Extra::TimeToLive) => "its time to live",
            Some(Extra::PointInTimeRecovery) => "its point-in-time recovery",
            Some(Extra::Tags) => "its tags",
            Some(Extra::ResourcePolicy) => "its resource policy",
            None => "it",
        };
        notes.push(format!("{what} could not be read and stays unmanaged: {}", one.reason));
    }
    let (sampled, entities) = (None, Vec::new());
    Ok(Found { description, definition, entry, notes, sampled, entities })
}
