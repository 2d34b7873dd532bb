//! `mizzle list`: lists the tables of a server.

mod settings;

pub(crate) use settings::ListArgs;

use crate::{
    errors::CommandError,
    listing::{described, failure, names},
    report::{ListReport, Report},
    selection::{matches, nearest},
    server::Target,
    session::Session,
    ui::Ui,
};
use mizzle_core::model::AuxiliarySettings;
use settings::ListSettings;

/// Lists the tables.
///
/// # Errors
///
/// When a request to the server fails, or the server does not list its tables.
pub(crate) fn run(args: &ListArgs, session: &Session<'_>) -> Result<Report, CommandError> {
    let settings = ListSettings::resolve(args, session)?;
    let report = session.connected(settings.connection.clone(), async |target| {
        list(&settings, target, session.ui).await
    });
    Ok(Report::List(report?))
}

/// Describes the tables whose names match; all of them without a pattern. A table that cannot be
/// described does not hide the others.
async fn list(
    settings: &ListSettings,
    target: &Target,
    ui: &Ui,
) -> Result<ListReport, CommandError> {
    let ListSettings { connection: _, pattern, long, environment } = settings;
    let mut names = names(target, ui).await?;
    names.sort_unstable();
    let naming = &environment.naming;
    let is_wanted = |name: &&String| match pattern {
        Some(pattern) => matches(pattern, name, naming),
        None => true,
    };
    let wanted: Vec<String> = names.iter().filter(is_wanted).cloned().collect();
    let nearest = match pattern {
        Some(pattern) if wanted.is_empty() => nearest(pattern, &names, naming),
        Some(_) | None => Vec::new(),
    };
    let extras = if *long { AuxiliarySettings::ALL } else { AuxiliarySettings::NONE };
    let (tables, errors) = described(wanted, extras, target, ui).await?;
    Ok(ListReport {
        target: target.name.clone(),
        pattern: pattern.as_ref().map(|pattern| pattern.text.clone()),
        is_long: *long,
        total: names.len(),
        nearest,
        naming: naming.clone(),
        ledger: environment.ledger.clone(),
        failure: failure(&errors, &target.name),
        tables,
    })
}
