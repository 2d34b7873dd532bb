//! `mizzle list`: all tables of a server.

use super::PARALLEL;
use crate::{
    error::CommandError,
    report::ListReport,
    target::{Target, explain},
};
use mizzle_core::{
    apply::{ControlPlane, describe_all},
    model::Extras,
};
use wax::{Glob, Program};

/// Describes the tables whose names match, all of them without a pattern.
///
/// # Errors
///
/// When the server cannot be asked.
pub(crate) async fn list(
    target: &Target,
    pattern: Option<&Glob<'static>>,
) -> Result<ListReport, CommandError> {
    let explain = |error| explain(&error, &target.name);
    let mut names = target.control.list_tables().await.map_err(explain)?;
    names.retain(|name| pattern.is_none_or(|pattern| pattern.is_match(name.as_str())));
    names.sort_unstable();
    let names: Vec<(String, Extras)> = names.into_iter().map(|name| (name, Extras::NONE)).collect();
    let tables = describe_all(&target.control, &names, PARALLEL).await.map_err(explain)?;
    Ok(ListReport { target: target.name.clone(), tables })
}
