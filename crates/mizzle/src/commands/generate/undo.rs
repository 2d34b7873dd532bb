//! `generate --undo`: removes the newest migration, unless a ledger of the config contains it.

use super::settings::{Place, UndoSettings};
use crate::{
    errors::{CommandError, ErrorKind},
    explain::explain,
    project::{Migrations, Script},
    report::GenerateReport,
    server::Target,
    settings::Endpoint,
    ui::Ui,
};
use mizzle_core::ledger::{Ledger, LedgerProblem, Migration, Record, standings};
use std::path::Path;

/// Reads every ledger, asks for confirmation, and removes both files, or neither.
///
/// # Errors
///
/// If there is no migration, a ledger contains it, the user declines, or the files cannot be
/// removed.
pub(super) async fn undo(
    settings: &UndoSettings,
    out: &Path,
    ui: &Ui,
) -> Result<GenerateReport, CommandError> {
    let migrations = Migrations::open(out, ui.directory())?;
    let Some(newest) = migrations.newest().cloned() else {
        let message = format!("There is no migration in {}", ui.shown(out));
        return Err(CommandError::new(ErrorKind::Usage, "no-migrations", message)
            .hint("`mizzle generate` writes the first one"));
    };
    let name = newest.to_string();
    let scripts: Vec<Migration> = migrations.scripts()?.iter().map(Script::migration).collect();
    for place in &settings.places {
        let records = records(place, ui).await;
        // Another project's migrations may have the same names.
        let is_recorded = records.map(|records| {
            let (_, problems) = standings(&scripts, &records, settings.project.as_deref());
            let is_foreign =
                problems.iter().any(|problem| matches!(problem, LedgerProblem::Foreign { .. }));
            !is_foreign && records.iter().any(|record| record.name == name)
        });
        match is_recorded {
            Ok(false) => {}
            Ok(true) => return Err(recorded(place, &name)),
            Err(reason) => ui.warning(format!(
                "It is not known whether {} has {name} in its ledger: {reason}",
                shown(place)
            )),
        }
    }
    let files = migrations.files_of(&newest);
    let listed: Vec<String> = files.iter().map(|file| ui.shown(file)).collect();
    ui.important(listed.join("\n"));
    let question = format!("Remove {name}? Changes that were made to these files are lost.");
    if !settings.yes && !ui.confirm(&question, "--yes")? {
        return Err(CommandError::declined());
    }
    migrations.remove(&newest)?;
    Ok(GenerateReport { files: listed, removed: Some(name), ..GenerateReport::default() })
}

/// Returns the records of a ledger; the error is the reason why they cannot be read.
async fn records(place: &Place, ui: &Ui) -> Result<Vec<Record>, String> {
    let connection = place.connection.clone().map_err(|error| error.message)?;
    // A database that does not exist has no applied migrations, and reading must not create it.
    if let Endpoint::Embedded(file) = &connection.endpoint
        && !file.exists()
    {
        return Ok(Vec::new());
    }
    let target = Target::connect(connection, "mizzle generate", ui.directory()).await;
    let target = target.map_err(|error| error.message)?;
    let records = target.control.ledger(&place.ledger).records().await;
    let records = records.map_err(|error| explain(&error, &target.name).message);
    target.close().await;
    Ok(records?.unwrap_or_default())
}

/// Describes the environment, or the config's server if there is no environment.
fn shown(place: &Place) -> String {
    match &place.environment {
        Some(name) => format!("the environment {name}"),
        None => "the server of the config".to_owned(),
    }
}

fn recorded(place: &Place, name: &str) -> CommandError {
    let message = format!("{} has {name} in its ledger, so nothing was removed", shown(place));
    let environment =
        place.environment.as_ref().map(|name| format!(" --env {name}")).unwrap_or_default();
    CommandError::new(
        ErrorKind::Refused,
        "migration-applied",
        mizzle_core::text::capitalised(&message),
    )
    .hint(format!("undo it there first: mizzle migrate --down 1{environment}"))
    .hint("or write another migration that goes on from it: mizzle generate")
}
