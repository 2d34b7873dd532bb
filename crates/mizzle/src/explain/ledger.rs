//! Converts mismatches between the ledger and the scripts, and lock errors, to messages.

use super::explain;
use crate::{
    errors::{CommandError, ErrorKind, GO_ON},
    server::TargetName,
};
use mizzle_core::{
    ledger::{LedgerProblem, LockError, RecordState, ResolutionKind, Unresolvable},
    text,
};

/// Returns the error of a ledger that does not match the scripts. `project` is the project's name.
pub(super) fn mismatch<'a>(
    problems: impl IntoIterator<Item = &'a LedgerProblem>,
    project: Option<&str>,
) -> CommandError {
    let mut error = CommandError::new(ErrorKind::Usage, "invalid-history", "");
    for problem in problems {
        error.add_line(&text::capitalised(&problem.to_string()));
        for hint in mismatch_hints(problem, project) {
            error.hint_once(&hint);
        }
    }
    error
}

/// Returns the hints for a mismatch.
pub(crate) fn mismatch_hints(problem: &LedgerProblem, project: Option<&str>) -> Vec<String> {
    const RESTORE: &str = "restore the script and its snapshot from version control";
    match problem {
        LedgerProblem::Changed { name, .. } => vec![
            "restore the files from version control, and put the change into a migration of its own"
                .to_owned(),
            format!(
                "or, if the change makes no difference to what was applied: mizzle resolve {name} --accept-change"
            ),
        ],
        LedgerProblem::Renamed { from, to, .. } => vec![format!(
            "rename it back to {from}, or let the ledger follow: mizzle resolve {to} --accept-change"
        )],
        LedgerProblem::Foreign { project: owner, .. } => {
            let own = format!(
                "give this project a ledger of its own in the config: migrations: {{ table: {:?} }}",
                ledger_name(project.unwrap_or("<project>"))
            );
            let replaced = "if these migrations replace the ones in the ledger: `mizzle resolve <migration> --forget` for each of those, then `mizzle migrate --baseline`".to_owned();
            std::iter::once(own).chain(owner.is_none().then_some(replaced)).collect()
        }
        LedgerProblem::OutOfOrder { .. } => vec![
            "two branches were merged: bring the migration that was not applied behind the others with `mizzle generate --rebase`".to_owned(),
        ],
        LedgerProblem::Missing { state, name, .. } => {
            let then = match state {
                RecordState::Applied => String::new(),
                RecordState::Undoing => {
                    ", and finish the undoing: mizzle migrate --down 1".to_owned()
                }
                RecordState::Running | RecordState::Failed => {
                    "; then finish it (mizzle migrate) or back it out (mizzle migrate --down 1)"
                        .to_owned()
                }
            };
            vec![
                format!("{RESTORE}{then}"),
                format!("or, if it is gone on purpose: mizzle resolve {name} --forget"),
            ]
        }
        // The message itself contains the outcome.
        LedgerProblem::Abandoned(_) => Vec::new(),
    }
}

/// Returns a name for the ledger of a project: `shop_migrations`. Table names contain letters,
/// digits, `_`, `-` and `.` only.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html>.
pub(crate) fn ledger_name(project: &str) -> String {
    let is_allowed = |character: char| {
        character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.' | '<' | '>')
    };
    let project = project.trim_start_matches('@');
    let project: String = project
        .chars()
        .map(|character| if is_allowed(character) { character } else { '-' })
        .collect();
    format!("{project}_migrations")
}

/// Returns the error for a lock that was not acquired, or was lost.
pub(super) fn lock(error: &LockError, target: &TargetName) -> CommandError {
    let failed =
        |code| CommandError::new(ErrorKind::Failed, code, text::capitalised(&error.to_string()));
    match error {
        LockError::Service(error) => explain(error, target),
        LockError::Held(_) => {
            failed("locked").hint("wait until it is done and run the command again")
        }
        LockError::Stopped(_) => CommandError::interrupted(),
        LockError::Lost(_) => failed("lock-lost").hint(GO_ON),
    }
}

/// Returns the error for an entry that cannot be resolved.
pub(super) fn unresolvable(reason: &Unresolvable, kind: ResolutionKind) -> CommandError {
    let message = text::capitalised(&reason.to_string());
    let error = CommandError::new(ErrorKind::Usage, "not-resolvable", message);
    error.hint(match reason {
        Unresolvable::NotChanged(_) => "nothing has to be resolved".to_owned(),
        Unresolvable::AlreadyApplied(name) => format!(
            "undo it with `mizzle migrate --down 1`; or, if that was done by hand: mizzle resolve {name} --rolled-back"
        ),
        Unresolvable::NotApplied(name) => format!(
            "run `mizzle migrate`, which goes on with it; or: mizzle resolve {name} --applied, or --rolled-back"
        ),
        Unresolvable::EarlierPending { earlier, .. } => {
            format!("resolve that one first: mizzle resolve {earlier} {}", kind.flag())
        }
        Unresolvable::LaterApplied { later, .. } => {
            format!("resolve that one first: mizzle resolve {later} {}", kind.flag())
        }
        Unresolvable::NotRecorded(_) => "`mizzle status` lists what the ledger holds".to_owned(),
        Unresolvable::NoScript(name) => format!(
            "restore the script and its snapshot from version control; or, if it is gone on purpose: mizzle resolve {name} --forget"
        ),
        Unresolvable::HasScript(name) => {
            format!("to run it again: mizzle resolve {name} --rolled-back")
        }
    })
}
