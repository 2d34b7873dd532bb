//! `mizzle unlock`: releases a stale migration lock.

mod settings;

use crate::{
    clock::SystemClock,
    errors::{CommandError, ErrorKind},
    explain::explain,
    report::{Report, UnlockReport},
    server::Target,
    session::Session,
    ui::{Ui, duration},
};
use mizzle_core::{
    apply::ServiceErrorKind,
    ledger::{self, Ledger, Lock, Unlocked},
};
use settings::UnlockSettings;

/// Shows the holder of the lock, asks for confirmation, and removes the lock. By the time this
/// returns, a holder that still runs has noticed the loss and stopped.
///
/// # Errors
///
/// When the ledger cannot be read or written, the user declines, or the lock has a new holder by
/// then.
pub(crate) fn run(session: &Session<'_>) -> Result<Report, CommandError> {
    let settings = UnlockSettings::resolve(session)?;
    let report = session.connected(settings.connection.clone(), async |target| {
        target.admit(&settings.admission).await?;
        unlock(&settings, target, session.ui).await
    });
    Ok(Report::Unlock(report?))
}

async fn unlock(
    settings: &UnlockSettings,
    target: &Target,
    ui: &Ui,
) -> Result<UnlockReport, CommandError> {
    ui.info(format!("Target: {}", target.name));
    let ledger = target.control.ledger(&settings.environment.ledger);
    let report = |owner, damage| UnlockReport { target: target.name.clone(), owner, damage };
    let lock = match ledger.lock().await {
        Ok(None) => return Ok(report(None, None)),
        Ok(Some(lock)) => Ok(lock),
        Err(error) if error.kind == ServiceErrorKind::Damaged => Err(error.message),
        Err(error) => return Err(explain(&error, &target.name)),
    };
    let question = match &lock {
        Ok(lock) => format!("Take the lock away from {}?", lock.owner),
        Err(damage) => format!("Remove the lock, which cannot be read? ({damage})"),
    };
    if !settings.yes && !ui.confirm(&question, "--yes")? {
        return Err(CommandError::declined());
    }
    let (token, owner) = (settings.token.clone(), settings.owner.clone());
    let waiting = |lease| {
        let holder = match &lock {
            Ok(lock) => lock.owner.to_string(),
            Err(_) => "a holder that is not known".to_owned(),
        };
        ui.info(format!("Taken from {holder}; waiting {} until it has noticed", duration(lease)));
    };
    let clock = SystemClock::start();
    let unlocked = match &lock {
        Ok(lock) => ledger::unlock(&ledger, &clock, (token, owner), lock, waiting).await,
        Err(_) => {
            let lease_ms = u64::try_from(settings.lease.as_millis()).unwrap_or(u64::MAX);
            let ours = Lock { token, heartbeat: 0, lease_ms, owner };
            ledger::unlock_damaged(&ledger, &clock, &ours, waiting).await
        }
    };
    match unlocked.map_err(|error| explain(&error, &target.name))? {
        Unlocked::Done => Ok(match lock {
            Ok(lock) => report(Some(lock.owner), None),
            Err(damage) => report(None, Some(damage)),
        }),
        Unlocked::GivenBack => Ok(report(None, None)),
        Unlocked::Changed(owner) => Err(CommandError::new(
            ErrorKind::Failed,
            "lock-changed",
            format!("The lock went to {owner} meanwhile; it was left there"),
        )
        .hint("run the command again to take it from that one")),
    }
}
