//! `mizzle unlock`: takes the lock away from a runner that will not give it back.

use crate::{
    clock::SystemClock,
    error::{CommandError, ErrorKind},
    report::UnlockReport,
    settings::UnlockSettings,
    target::{Target, explain},
    ui::{Ui, duration},
};
use mizzle_core::ledger::{self, Ledger, Unlocked};

/// Shows who holds the lock, asks, and takes it away. When it returns, a runner that is still alive has
/// found out and does nothing more.
///
/// # Errors
///
/// When the ledger cannot be read or written, nobody agrees, or somebody else holds the lock by then.
pub(crate) async fn unlock(
    settings: &UnlockSettings,
    target: &Target,
    ui: &Ui,
) -> Result<UnlockReport, CommandError> {
    ui.info(format!("Target: {}", target.name));
    let ledger = target.control.ledger(&settings.environment.ledger);
    let lock = ledger.lock().await.map_err(|error| explain(&error, &target.name))?;
    let report = |owner| UnlockReport { target: target.name.clone(), owner };
    let Some(lock) = lock else { return Ok(report(None)) };
    let question = format!("Take the lock away from {}?", lock.owner);
    if !settings.yes && !ui.confirm(&question, "--yes")? {
        return Err(CommandError::declined());
    }
    let identity = (settings.token.clone(), settings.owner.clone());
    let waiting = |lease| {
        ui.info(format!(
            "Taken from {}; waiting {} until it must have noticed",
            lock.owner,
            duration(lease)
        ));
    };
    let clock = SystemClock::start();
    let unlocked = ledger::unlock(&ledger, &clock, identity, &lock, waiting).await;
    match unlocked.map_err(|error| explain(&error, &target.name))? {
        Unlocked::Done => Ok(report(Some(lock.owner))),
        Unlocked::GivenBack => Ok(report(None)),
        Unlocked::Changed(owner) => Err(CommandError::new(
            ErrorKind::Failed,
            "lock-changed",
            format!("The lock went to {owner} meanwhile; it was left there"),
        )
        .hint("run the command again to take it from that one")),
    }
}
