//! Agreement to what a plan destroys: the rule of the core, in words, for every command.

use crate::error::{CommandError, ErrorKind};
use mizzle_core::plan::Agreement;

/// The code of an error about something that would be lost and was not shown before.
pub(super) const NOT_SHOWN: &str = "not-agreed";

/// Refuses a plan that deletes tables which hold items, unless that was accepted.
///
/// # Errors
///
/// Names the tables with their items, and the flag.
pub(super) fn refuse_data_loss(
    agreement: &Agreement<'_>,
    is_accepted: bool,
) -> Result<(), CommandError> {
    if is_accepted || agreement.data_loss.is_empty() {
        return Ok(());
    }
    let message = "Items would be lost, so nothing was changed:";
    let mut error = CommandError::new(ErrorKind::Refused, "data-loss", message);
    for step in &agreement.data_loss {
        let mut hazards = step.hazards.iter().filter(|hazard| hazard.kind.deletes_table());
        let what = hazards.next().map_or(step.title.as_str(), |hazard| &hazard.message);
        error.add_line(&format!("  {what}"));
    }
    Err(error
        .hint("pass --accept-data-loss to lose them, without a terminal with --yes; and --backup, where the server has backups, to back the tables up first")
        .hint("or copy the items to another table before"))
}
