//! Converts the engine's errors: the only place that gives each of them a message, a code and
//! hints.

use super::{explain, is_passing, ledger, steps, steps::explain_wait};
use crate::{
    errors::{CommandError, ErrorKind, GO_ON, PortError},
    server::TargetName,
    words::{item_counts, step_lines},
};
use mizzle_core::{
    apply::{BackupError, ServiceErrorKind, StepError, WaitError},
    ledger::MigrationStatus,
    plan::Step,
    text,
};
use mizzle_engine::{
    drift::Drift,
    error::{BaselineAdvice, ScriptFailure, Unapproved},
    migrate::{Action, ItemCounts, script_error},
};

/// The hint for a script that fails.
const FIX: &str = "fix the script and run the command again: steps that are done are not repeated";

/// The hint for a script that is correct when something else failed.
const REPEAT: &str = "the script need not change: steps that are done are not repeated";

/// The hint for a table that already exists and must not be changed.
const KEEP: &str = "to keep what a table that exists has, state it in the config or leave it out there, and mark the migration as applied: mizzle migrate --baseline";

/// The code of an error about a loss that was not shown before.
const NOT_SHOWN: &str = "not-confirmed";

/// The number of differences that are shown; `mizzle status` and `push --dry-run` show all.
const SHOWN_DIFFERENCES: usize = 10;

/// An error of the engine.
pub(crate) type EngineError = mizzle_engine::Error<PortError>;

/// Explains an error of the engine on `target`.
pub(crate) fn explain_engine(error: EngineError, target: &TargetName) -> CommandError {
    use mizzle_engine::Error;
    let usage = |code, message: String| CommandError::new(ErrorKind::Usage, code, message);
    match error {
        Error::Port(error) => error.into(),
        Error::Service(error) => explain(&error, target),
        Error::LedgerWrite(error) => explain(&error, target).hint(GO_ON),
        Error::Wait(error) => explain_wait(&error, target),
        Error::Backups(failed) => backups(&failed, target),
        Error::NoBackups(tables) => no_backups(&tables, target),
        Error::Lock(error) => ledger::lock(&error, target),
        Error::Interrupted => CommandError::interrupted(),
        Error::Declined => CommandError::declined(),
        Error::AdoptionNotApproved(reason) => {
            let error = reason.map_or_else(CommandError::declined, CommandError::from);
            if error.is_cancelled() { error } else { error.hint(KEEP) }
        }
        Error::DataLoss(steps) => data_loss(&steps),
        Error::Blocked(blocked) => steps::blocked(&blocked),
        Error::NotPossible { blocked, aim } => steps::not_possible(&blocked, aim),
        Error::Incomplete(incomplete) => steps::incomplete(&incomplete, target),
        Error::Environment(error) => error.into(),
        Error::LedgerMismatch { problems, project } => {
            ledger::mismatch(&problems, project.as_deref())
        }
        Error::LedgerChanged => {
            let message = "Another runner has changed the ledger meanwhile; nothing was done";
            CommandError::new(ErrorKind::Failed, "ledger-changed", message)
                .hint("run the command again: it then starts from how things are now")
        }
        Error::RollbackUnfinished(migration) => usage(
            "undo-unfinished",
            format!("{migration} is being undone, and that was not finished"),
        )
        .hint("finish it: mizzle migrate --down 1, which goes on where it stopped"),
        Error::UnknownMigration { wanted, known } => unknown_migration(&wanted, &known),
        Error::NothingApplied => {
            let message = "No migration is applied, so there is nothing to bring back".to_owned();
            usage("nothing-applied", message).hint("run `mizzle migrate`")
        }
        Error::Unsettled { migration, status } => unsettled(&migration, status),
        Error::NoSnapshot { migration, action } => no_snapshot(&migration, action),
        Error::BaselineMismatch { migration, differences, advice } => {
            baseline_mismatch(&migration, &differences, advice)
        }
        Error::Unresolvable { reason, kind } => ledger::unresolvable(&reason, kind),
        Error::Recording(error) => not_recorded(error.into()),
        Error::Script(failure) => script(*failure, target),
        Error::ScriptInterrupted { migration, items } => CommandError {
            hints: vec![
                repeated(&migration, items),
                "run the command again: steps that are done are not repeated".to_owned(),
            ],
            ..CommandError::interrupted()
        },
        Error::StepMismatch { migration, step, done } => {
            let message = format!(
                "{migration}: step {step} is another than the one that was done before ({done})"
            );
            CommandError::new(ErrorKind::Failed, "step-mismatch", message).hint(
                "keep the steps that are done as they were, and change only what comes after them",
            )
        }
        Error::Unapproved { reason, repeated: items } => {
            let error = unapproved(&reason);
            items
                .map(|(migration, items)| repeated(&migration, items))
                .into_iter()
                .fold(error, CommandError::hint)
        }
        Error::ItemsLost { migration, tables } => items_lost(&migration, &tables),
    }
}

/// Explains why a table has no usable backup.
pub(crate) fn explain_backup(
    table: &str,
    error: &BackupError,
    target: &TargetName,
) -> CommandError {
    match error {
        BackupError::Service(error) if error.kind == ServiceErrorKind::Unsupported => {
            no_backups(&[table.to_owned()], target)
        }
        BackupError::Service(error) => explain(error, target),
        BackupError::Wait(WaitError::Stopped { .. }) => CommandError::interrupted(),
        BackupError::Wait(error) => explain_wait(error, target),
        BackupError::Vanished { .. } => {
            CommandError::new(ErrorKind::Failed, "conflict", error.to_string())
        }
    }
}

/// Combines the errors of failed backups.
fn backups(failed: &[(String, BackupError)], target: &TargetName) -> CommandError {
    let mut errors = failed.iter().map(|(table, error)| explain_backup(table, error, target));
    let mut combined = errors.next().unwrap_or_else(CommandError::interrupted);
    for error in errors {
        combined.add_line(&error.message);
        error.hints.iter().for_each(|hint| combined.hint_once(hint));
    }
    combined
}

fn no_backups(tables: &[String], target: &TargetName) -> CommandError {
    let message = format!("{} cannot be backed up: {target} knows no backups", text::list(tables));
    CommandError::new(ErrorKind::Refused, "no-backups", message)
        .hint("leave out --backup to delete without one")
}

/// Refuses steps that delete tables with items. Names the tables with their items, and the flag.
fn data_loss(steps: &[Step]) -> CommandError {
    let message = "Items would be lost, so nothing was changed:";
    let mut error = CommandError::new(ErrorKind::Refused, "data-loss", message);
    for step in steps {
        let mut hazards = step.hazards.iter().filter(|hazard| hazard.kind.deletes_table());
        let what = hazards.next().map_or(step.title.as_str(), |hazard| &hazard.message);
        error.add_line(&format!("  {what}"));
    }
    error
        .hint("pass --accept-data-loss to lose them, without a terminal with --yes; and --backup, where the server has backups, to back the tables up first")
        .hint("or copy the items to another table before")
}

fn unknown_migration(wanted: &str, known: &[String]) -> CommandError {
    let message = format!("There is no migration {wanted}");
    let error = CommandError::new(ErrorKind::Usage, "unknown-migration", message);
    match text::did_you_mean(wanted, known.iter().map(String::as_str)) {
        Some(hint) => error.hint(hint),
        None => error.hint(match known.last() {
            Some(newest) => {
                format!("name one by its number or its whole name; the newest is {newest}")
            }
            None => "there are no migrations yet: `mizzle generate` writes one".to_owned(),
        }),
    }
}

fn unsettled(migration: &str, status: MigrationStatus) -> CommandError {
    let message = format!("{migration} is half done, so what the tables should be is not known");
    CommandError::new(ErrorKind::Usage, "migration-unfinished", message).hint(match status {
        MigrationStatus::Undoing => "finish undoing it first: mizzle migrate --down 1",
        MigrationStatus::Applied
        | MigrationStatus::Pending
        | MigrationStatus::Unfinished
        | MigrationStatus::Failed => {
            "finish it (mizzle migrate) or back it out (mizzle migrate --down 1) first"
        }
    })
}

fn no_snapshot(migration: &str, action: Action) -> CommandError {
    let (message, hint) = match action {
        Action::Baseline => (
            format!("What {migration} leads to is not known: it has no snapshot"),
            "name a migration that has one: --to",
        ),
        Action::Run | Action::RollBack | Action::Repair | Action::Resolve(_) => (
            format!("{migration} has no snapshot, so what it leads to is not known"),
            "run `mizzle generate` and `mizzle migrate` first",
        ),
    };
    CommandError::new(ErrorKind::Usage, "incomplete-migration", message).hint(hint)
}

fn baseline_mismatch(
    migration: &str,
    differences: &[Drift],
    advice: Option<BaselineAdvice>,
) -> CommandError {
    let count = text::count(differences.len(), "difference", "differences");
    let message =
        format!("The tables are not as {migration} leaves them ({count}), so nothing was marked:");
    let mut error = CommandError::new(ErrorKind::Failed, "baseline-mismatch", message);
    for Drift { table, change } in differences.iter().take(SHOWN_DIFFERENCES) {
        error.add_line(&format!("  {table}: {change}"));
    }
    let error = error.hint("name the last migration whose effects are there: --to");
    let Some(advice) = advice else { return error };
    error.hint(match advice {
        BaselineAdvice::Run => {
            "or run the scripts: `mizzle migrate` adopts tables that exist, and leaves what is not managed"
                .to_owned()
        }
        BaselineAdvice::RunAndApprove(tables) => format!(
            "or run the scripts: `mizzle migrate` shows what it would change of {}, and asks",
            text::list(&tables)
        ),
        BaselineAdvice::Reconcile(tables) => format!(
            "or bring the schema and {} together: `mizzle migrate` refuses to adopt what differs so",
            text::list(&tables)
        ),
    })
}

/// Returns the error of a script that fails in its recording, where tables have no items.
fn not_recorded(mut error: CommandError) -> CommandError {
    const RECORDED: &str = "nothing was run: every script is recorded first, where there are no items; one that cannot do without them asks db.dryRun";
    error.hint_once(RECORDED);
    for diagnostic in &mut error.diagnostics {
        diagnostic.help.push(RECORDED.to_owned());
    }
    error
}

/// Returns the error of a script, with its progress and the next command.
fn script(failure: ScriptFailure<PortError>, target: &TargetName) -> CommandError {
    let ScriptFailure { error, migration, stopped, items, refusal } = failure;
    // The script did run: the hints for files that cannot be evaluated do not apply.
    let mut hints = match &error {
        PortError::Script(error) => error.hints().to_vec(),
        PortError::Command(error) => error.hints.clone(),
    };
    let mut error = CommandError::from(error);
    error.kind = ErrorKind::Failed;
    hints.extend(match stopped {
        Some(step) => {
            let word = if step.is_done { "after" } else { "at" };
            let (number, title, table) = (step.number, step.title, step.table);
            Some(format!("{migration} stopped {word} step {number}: {title} ({table})"))
        }
        None => items.is_empty().then(|| format!("{migration} stopped before its first step")),
    });
    if !items.is_empty() {
        hints.push(repeated(&migration, items));
    }
    let refusal = refusal.filter(|refusal| {
        is_passing_step(refusal) && error.message.contains(&script_error(refusal.clone()).message)
    });
    match refusal {
        Some(refusal) => {
            hints.extend(steps::explain_step(&refusal, target).hints);
            hints.push(REPEAT.to_owned());
        }
        None => hints.push(FIX.to_owned()),
    }
    // If there is a location, the hints are shown with it.
    for diagnostic in &mut error.diagnostics {
        diagnostic.help.clone_from(&hints);
    }
    error.hints = hints;
    error
}

/// Returns the hint about unrecorded reads and writes of items, which the next run repeats.
fn repeated(migration: &str, items: ItemCounts) -> String {
    format!("{migration} stopped after {}: the next run does all of that again", item_counts(items))
}

/// True if a failed step may succeed without a change of the script.
fn is_passing_step(error: &StepError) -> bool {
    match error {
        StepError::Service(error) => is_passing(error),
        StepError::Wait(_) | StepError::Stuck { .. } => true,
        StepError::Vanished { .. }
        | StepError::Exchanged { .. }
        | StepError::NotEmpty { .. }
        | StepError::Conflict { .. } => false,
    }
}

fn unapproved(reason: &Unapproved) -> CommandError {
    let refused = |code, message: String| CommandError::new(ErrorKind::Refused, code, message);
    match reason {
        Unapproved::NotShown { table, title } => refused(
            NOT_SHOWN,
            format!("{table}: {title} was not shown and not confirmed; it was not done"),
        )
        .hint("the script takes another way than in its dry run: have it change the same tables, whatever items it finds and whatever db.dryRun says")
        .hint("then run the command again: it goes on where it stopped"),
        Unapproved::Appeared(table) => refused(
            NOT_SHOWN,
            format!("{table} did not exist when its deletion was confirmed, and exists now; it was not deleted"),
        )
        .hint("run the command again to see what would be lost"),
        Unapproved::NotEmpty(table) => refused(
            "data-loss",
            format!("{table} was empty when its deletion was shown, and holds items now; it was not deleted"),
        )
        .hint("run the command again to see what would be lost, or pass --accept-data-loss"),
        Unapproved::Settings(losses) => {
            let message = "The tables changed during the run, and settings of the environment would remove more than was confirmed:";
            let mut error = refused(NOT_SHOWN, message.to_owned());
            step_lines(losses).iter().for_each(|line| error.add_line(line));
            error.hint("run the command again to be asked, or agree with --yes")
        }
    }
}

fn items_lost(migration: &str, tables: &[String]) -> CommandError {
    let tables = text::list(tables);
    let message = format!(
        "{migration} had read items of {tables}, and written none to another table, when an earlier run deleted {tables}. That run did not come to its end, and the items were in its memory: going on would leave nothing in their place"
    );
    CommandError::new(ErrorKind::Failed, "items-lost", message)
        .hint(format!("restore {tables} under another name, from a backup or by point-in-time recovery, and have the script read that table instead"))
        .hint("if the script can do without them, take the reading out of it; items can also come back by a migration of their own (mizzle generate --custom)")
        .hint("then run the command again: it goes on after the steps that are done")
}

#[cfg(test)]
mod tests {
    use super::unapproved;
    use mizzle_engine::error::Unapproved;

    /// A terminal does not show the error of a question that was declined: the answer stands there.
    #[test]
    fn a_loss_that_was_not_shown_is_not_an_answer() {
        let table = "Shop".to_owned();
        for reason in [
            Unapproved::NotShown { table: table.clone(), title: "Delete table".to_owned() },
            Unapproved::Appeared(table.clone()),
            Unapproved::NotEmpty(table),
            Unapproved::Settings(Vec::new()),
        ] {
            let error = unapproved(&reason);
            assert!(!error.is_declined() && !error.is_cancelled(), "{error:?}");
        }
    }
}
