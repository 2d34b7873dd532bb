//! `mizzle unlock`: takes the lock away from a runner that will not give it back.

use crate::{
    error::CommandError,
    report::UnlockReport,
    settings::UnlockSettings,
    target::{Target, explain},
    ui::Ui,
};
use mizzle_core::ledger::Ledger;

/// Shows who holds the lock, asks, and removes it. A runner that is still alive finds out before it
/// changes anything more.
///
/// # Errors
///
/// When the ledger cannot be read or written, or nobody agrees.
pub(crate) async fn unlock(
    settings: &UnlockSettings,
    target: &Target,
    ui: &Ui,
) -> Result<UnlockReport, CommandError> {
    ui.info(format!("Target: {}", target.name));
    let ledger = target.control.ledger(&settings.environment.ledger);
    let lock = ledger.lock().await.map_err(|error| explain(&error, &target.name))?;
    let Some(lock) = lock else {
        return Ok(UnlockReport { target: target.name.clone(), owner: None });
    };
    let question = format!("Take the lock away from {}?", lock.owner);
    if !settings.yes && !ui.confirm(&question, "--yes")? {
        return Err(CommandError::declined());
    }
    ledger.release(&lock.token).await.map_err(|error| explain(&error, &target.name))?;
    Ok(UnlockReport { target: target.name.clone(), owner: Some(lock.owner) })
}
