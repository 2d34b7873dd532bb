//! Rebases migrations after a merge: those of one branch are moved behind those of the other.
//!
//! The new snapshots follow from the old ones. An edited script is kept byte for byte if it leads
//! from the previous snapshot to the new one; a script that was never edited is generated again for
//! its new place.

use super::settings::RebaseSettings;
use crate::{
    engine::{Places, inspect},
    errors::{CommandError, Diagnostic, ErrorKind},
    project::{Inspection, Replacement},
    report::{self, GenerateReport},
    ui::Ui,
};
use mizzle_core::{
    diff::diff,
    history::{
        self, History, HistoryProblem, HistoryProblemKind, Migration, RebaseError, Rebased, Tables,
        rebase_branches,
    },
    plan::{Call, Context, plan},
    script,
    snapshot::MigrationName,
    text,
};
use mizzle_eval::Evaluator;
use std::{collections::BTreeSet, path::Path};

/// Rebases one branch in the folder onto the other, if they do not conflict.
pub(super) fn rebase(
    settings: &RebaseSettings,
    out: &Path,
    evaluator: &Evaluator,
    ui: &Ui,
) -> Result<GenerateReport, CommandError> {
    let (inspection, places) = inspect(out, Vec::new(), evaluator, settings.limits, ui)?;
    let named = named(&settings.moved, &inspection.history)?;
    let mut report = GenerateReport { rebased: Some(Vec::new()), ..GenerateReport::default() };
    let rebased = match rebase_branches(&inspection.history, &named) {
        Ok(rebased) => rebased,
        Err(error) => {
            report.failure = Some(refusal(error));
            return Ok(report);
        }
    };
    let moves = rebased.into_iter().map(|rebased| Move::of(rebased, &inspection));
    let moves: Vec<Move> = moves.collect::<Result<_, _>>()?;
    report.failure = unproved(&inspection.history, &moves, &places);
    if moves.is_empty() || report.failure.is_some() {
        return Ok(report);
    }
    let advice = advice(&inspection.history, &moves, named.is_empty());
    for one in &moves {
        ui.step(one.text());
    }
    let replacements: Vec<Replacement> = moves.into_iter().map(|one| one.replacement).collect();
    let files = inspection.replace(&replacements)?;
    report.files = files.iter().map(|file| ui.shown(file)).collect();
    let rebased = replacements.iter().map(|Replacement { from, to, .. }| report::Rebased {
        from: from.to_string(),
        to: to.to_string(),
    });
    report.rebased = Some(rebased.collect());
    ui.info(advice);
    Ok(report)
}

/// A migration that moves.
struct Move {
    replacement: Replacement,
    /// The migration in its new place.
    migration: Migration,
    is_rewritten: bool,
}

impl Move {
    /// Moves a migration of the folder to its new place.
    fn of(rebased: Rebased, inspection: &Inspection) -> Result<Self, CommandError> {
        let Rebased { from, to, was: [before, after], before: new_before, snapshot } = rebased;
        let old = inspection.script(&from)?;
        let recorded = inspection.history.migrations.iter().find(|one| one.name == from);
        let is_generated = |(_, text): &(Vec<Call>, String)| *text == old.replace("\r\n", "\n");
        let rewritten = generated(&before, &after)
            .filter(is_generated)
            .and_then(|_| generated(&new_before, &snapshot.tables))
            .filter(|new| !is_generated(new));
        let is_rewritten = rewritten.is_some();
        let (calls, script) = match rewritten {
            Some((calls, script)) => (Some(Ok(calls)), script),
            None => (recorded.and_then(|one| one.script.clone()), old.to_owned()),
        };
        let migration =
            Migration { name: to.clone(), script: calls, snapshot: Some(Ok(snapshot.clone())) };
        let replacement = Replacement { from, to, script, snapshot };
        Ok(Self { replacement, migration, is_rewritten })
    }

    fn text(&self) -> String {
        let Replacement { from, to, .. } = &self.replacement;
        let rewritten = if self.is_rewritten {
            "\n  its script was generated again, for the tables as they are at that point"
        } else {
            ""
        };
        format!("{from} is {to} now{rewritten}")
    }
}

/// Returns what `generate` writes for a change, with the calls of its `up`; `None` for a change
/// that DynamoDB cannot make in place, which `generate` refuses.
fn generated(before: &Tables, after: &Tables) -> Option<(Vec<Call>, String)> {
    let plan = |before: &Tables, after: &Tables| {
        plan(&diff(before.values(), after.values()), &Context::default())
    };
    let (up, down) = (plan(before, after), plan(after, before));
    let text = script::write(&up, &down);
    up.blocked.is_empty().then(|| (up.steps.into_iter().map(|step| step.call).collect(), text))
}

/// Returns the migrations that the command line names, each by its full name or, where that is
/// unambiguous, by its number.
fn named(given: &[String], history: &History) -> Result<BTreeSet<MigrationName>, CommandError> {
    let names: Vec<&MigrationName> = history.migrations.iter().map(|one| &one.name).collect();
    let find = |given: &String| {
        let number = given.parse::<u64>().ok();
        let is_meant =
            |name: &&&MigrationName| Some(name.number) == number || name.to_string() == *given;
        let found: Vec<&&MigrationName> = names.iter().filter(is_meant).collect();
        match found.as_slice() {
            [one] => Ok((**one).clone()),
            [] => {
                let all: Vec<String> = names.iter().map(ToString::to_string).collect();
                let hint = text::did_you_mean(given, all.iter().map(String::as_str));
                Err(CommandError::new(
                    ErrorKind::Usage,
                    "unknown-migration",
                    format!("There is no migration {given}"),
                )
                .hint(hint.unwrap_or_else(|| {
                    "name one by its whole name: --rebase 0003_add_orders".to_owned()
                })))
            }
            [first, ..] => Err(CommandError::new(
                ErrorKind::Usage,
                "unknown-migration",
                format!("There are {} migrations with the number {given}", found.len()),
            )
            .hint(format!("name one by its whole name: --rebase {first}"))),
        }
    };
    given.iter().map(find).collect()
}

/// Returns the error for branches that cannot be rebased.
fn refusal(error: RebaseError) -> CommandError {
    let message = error.to_string();
    match error {
        RebaseError::Unsound(problems) => {
            let mut error = CommandError::new(ErrorKind::Usage, "invalid-history", message);
            for HistoryProblem { kind: _, file, message, hint } in &problems {
                error.add_line(&format!("{file}: {message}"));
                error.hint_once(hint);
            }
            error
        }
        RebaseError::Stays { branches, .. } => {
            let error = CommandError::new(ErrorKind::Usage, "invalid-branch", message);
            let names: Vec<String> = branches.iter().map(ToString::to_string).collect();
            error.hint(format!(
                "name a migration of the branch that is to move, and of no other: --rebase {}",
                names.join(", or --rebase ")
            ))
        }
        RebaseError::Ambiguous { migration, twins } => {
            let error = CommandError::new(ErrorKind::Refused, "ambiguous-branch", message);
            let hint = |twin: &MigrationName| {
                format!(
                    "name every migration that is to move: --rebase {twin} {migration}, or only --rebase {twin} if {migration} is of another branch"
                )
            };
            twins.last().map(hint).into_iter().fold(error, CommandError::hint)
        }
        RebaseError::Conflicts { migration, conflicts, .. } => {
            let mut error = CommandError::new(ErrorKind::Refused, "conflict", message);
            for conflict in &conflicts {
                error.add_line(&conflict.message);
            }
            error.hint(format!(
                "decide in the schema which of the two it is to be; then delete {migration} (script and snapshot) and what follows it, or the other branch if it was applied nowhere, and run `mizzle generate`"
            ))
        }
        RebaseError::NoNumber(_) => {
            CommandError::new(ErrorKind::Usage, "bad-migration-number", message)
                .hint("give it (and its snapshot) a smaller number")
        }
    }
}

/// Returns an error unless every script leads to its snapshot in its new place.
fn unproved(history: &History, moves: &[Move], places: &Places) -> Option<CommandError> {
    let is_moved = |one: &&Migration| moves.iter().any(|other| other.replacement.from == one.name);
    let stay = history.migrations.iter().filter(|one| !is_moved(one));
    let planned = History {
        migrations: stay.chain(moves.iter().map(|one| &one.migration)).cloned().collect(),
        ..history.clone()
    };
    let mut error = CommandError::new(
        ErrorKind::Refused,
        "script-not-rebasable",
        "The branches go together, but not with the scripts as they are",
    );
    for HistoryProblem { kind, file, message, hint } in history::check(&planned) {
        let is_of = |one: &&Move| one.replacement.to.script_file() == file;
        let Some(Replacement { from, to, .. }) =
            moves.iter().find(is_of).map(|one| &one.replacement)
        else {
            // A migration that is not moved is as valid as before.
            continue;
        };
        let script = from.script_file();
        let (locations, help) = match kind {
            HistoryProblemKind::UnreadableScript => (places.get(&script).cloned(), hint),
            HistoryProblemKind::RefusedCall | HistoryProblemKind::WrongSnapshot => {
                let before =
                    planned.migrations.iter().map(|one| &one.name).filter(|name| *name < to);
                let state = before.max().map(|name| format!("after {name}")).unwrap_or_default();
                let help = format!(
                    "a script that was edited is left alone: change {script} to fit the tables as they are {state}, and run the command again"
                );
                (None, help)
            }
            // These problems are neither about a script nor caused by a move.
            HistoryProblemKind::UnreadableBaseline
            | HistoryProblemKind::DuplicateNumber
            | HistoryProblemKind::MissingNumber
            | HistoryProblemKind::MissingScript
            | HistoryProblemKind::MissingSnapshot
            | HistoryProblemKind::UnreadableSnapshot
            | HistoryProblemKind::Forked
            | HistoryProblemKind::MissingParent
            | HistoryProblemKind::OutOfOrder
            | HistoryProblemKind::SchemaChanged => continue,
        };
        error.hint_once(&help);
        error.diagnostics.push(Diagnostic {
            rule: None,
            message: format!("{script}: {message}"),
            locations: locations.into_iter().collect(),
            help: vec![help],
        });
    }
    (!error.diagnostics.is_empty()).then_some(error)
}

/// Returns advice for after a move.
fn advice(history: &History, moves: &[Move], is_default: bool) -> String {
    let mut advice = String::from(
        "Where a migration was applied under its old name, `mizzle status` and `mizzle migrate` find it missing: move the branch that was applied nowhere.",
    );
    let parent =
        |migration: &Migration| Some(migration.snapshot.as_ref()?.as_ref().ok()?.parent_id);
    let moved = |name: &MigrationName| moves.iter().any(|one| one.replacement.from == *name);
    let first = moves
        .first()
        .and_then(|first| history.migrations.iter().find(|one| one.name == first.replacement.from));
    let sibling = first.and_then(|first| {
        let is_sibling = |one: &&Migration| !moved(&one.name) && parent(one) == parent(first);
        history.migrations.iter().find(is_sibling)
    });
    if let Some(sibling) = sibling.filter(|_| is_default) {
        advice.push_str(&format!(
            " To move the other one instead, restore the files and run `mizzle generate --rebase {}`",
            sibling.name
        ));
    }
    advice
}
