//! `mizzle list`: all tables of a server.

use super::{PARALLEL, describe};
use crate::{
    error::CommandError,
    report::ListReport,
    target::{Target, explain},
    ui::Ui,
};
use mizzle_core::{apply::ControlPlane, model::Extras};
use wax::{Glob, Program};

/// Describes the tables whose names match, all of them without a pattern.
///
/// # Errors
///
/// When the server cannot be asked.
pub(crate) async fn list(
    target: &Target,
    pattern: Option<&Glob<'static>>,
    ui: &Ui,
) -> Result<ListReport, CommandError> {
    let names = target.control.list_tables().await;
    let mut names = names.map_err(|error| explain(&error, &target.name))?;
    names.retain(|name| pattern.is_none_or(|pattern| pattern.is_match(name.as_str())));
    names.sort_unstable();
    let names: Vec<(String, Extras)> = names.into_iter().map(|name| (name, Extras::NONE)).collect();
    let tables = describe(&names, PARALLEL, target, ui).await?;
    Ok(ListReport { target: target.name.clone(), tables })
}
