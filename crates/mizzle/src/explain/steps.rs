//! Explains plans and steps that failed.

use super::explain;
use crate::{
    errors::{CommandError, ErrorKind, GO_ON},
    server::TargetName,
};
use mizzle_core::{
    apply::{StepError, WaitError},
    plan::{Aim, Blocked, BlockedKind, Call, GlobalSecondaryIndexUpdate, Plan, Step, StepId},
    text,
};
use mizzle_engine::converge::{Incomplete, Origin};

/// Returns the error of a plan that is not possible. The plan, which was shown, contains the
/// reasons.
pub(super) fn not_possible(blocked: &[Blocked], aim: Aim) -> CommandError {
    let wanted = match aim {
        Aim::Schema => "the schema describes",
        Aim::Migrations => "the applied migrations describe",
    };
    let names: Vec<&str> = blocked.iter().map(|blocked| blocked.table.as_str()).collect();
    let message = format!(
        "DynamoDB cannot bring {} to what {wanted}, so nothing is done",
        text::list(&names)
    );
    let mut error = CommandError::new(ErrorKind::Refused, blocked_code(blocked), message);
    for blocked in blocked {
        error.hint_once(&blocked.hint);
    }
    error
}

/// Returns one refusal of all changes that DynamoDB cannot make in place.
pub(crate) fn blocked(blocked: &[Blocked]) -> CommandError {
    let reasons: Vec<&str> = blocked.iter().map(|blocked| blocked.reason.as_str()).collect();
    let mut error =
        CommandError::new(ErrorKind::Refused, blocked_code(blocked), reasons.join("\n"));
    for blocked in blocked {
        error.hint_once(&blocked.hint);
    }
    error
}

/// Returns the refusal's code in `--json`.
fn blocked_code(blocked: &[Blocked]) -> &'static str {
    let is_replacement = |blocked: &Blocked| match blocked.kind {
        BlockedKind::NeedsReplacement => true,
        BlockedKind::NotPossible => false,
    };
    if blocked.iter().any(is_replacement) { "needs-replacement" } else { "not-possible" }
}

/// The maximum number of unstarted steps that are named.
const SHOWN_NOT_STARTED: usize = 5;

/// Returns the error of a partly applied plan: an interrupt, failures, or both.
pub(super) fn incomplete(incomplete: &Incomplete, target: &TargetName) -> CommandError {
    let Incomplete { plan, report, is_interrupted, origin } = incomplete;
    let errors: Vec<CommandError> =
        report.failures.iter().map(|failure| explain_step(&failure.error, target)).collect();
    let mut combined = match errors.first() {
        Some(first) if !is_interrupted => CommandError::new(ErrorKind::Failed, first.code, ""),
        Some(_) | None => CommandError::cut_short(),
    };
    let next = match origin {
        Origin::Push => "the next push",
        Origin::EnvironmentSettings => "the next run",
    };
    let is_stuck = |table: &str| incomplete.is_stuck(table);
    for line in half_done(plan, &report.applied, is_stuck, next) {
        combined.add_line(&line);
    }
    combined.add_news(&errors);
    let not_started = &report.not_started;
    if !not_started.is_empty() {
        let shown = not_started.iter().take(SHOWN_NOT_STARTED).map(ToString::to_string);
        let mut names: Vec<String> = shown.collect();
        match not_started.len() - names.len() {
            0 => {}
            more => names.push(format!("{more} more")),
        }
        combined.hints.push(format!("not started: {}", text::list(&names)));
    }
    combined
}

/// Explains why a step failed.
pub(crate) fn explain_step(error: &StepError, target: &TargetName) -> CommandError {
    match error {
        StepError::Service(error) => explain(error, target),
        StepError::Wait(error) => explain_wait(error, target),
        StepError::Stuck { error: refusal, waited: _ } => {
            let hint = match target.is_local {
                true => format!(
                    "{target} does not do this to a table that is there, and running the command again does not help: drop the table and push again, or use another server"
                ),
                false => GO_ON.to_owned(),
            };
            let message = error.to_string();
            CommandError { message, hints: vec![hint], ..explain(refusal, target) }
        }
        StepError::NotEmpty { .. } => {
            CommandError::new(ErrorKind::Failed, "not-empty", error.to_string())
                .hint("nothing was deleted; run the command again to see what else can be done")
        }
        StepError::Vanished { .. } | StepError::Exchanged { .. } | StepError::Conflict { .. } => {
            CommandError::new(ErrorKind::Failed, "conflict", error.to_string())
                .hint("it was just changed by another client: run the command again")
        }
    }
}

/// Explains why a wait failed.
pub(crate) fn explain_wait(error: &WaitError, target: &TargetName) -> CommandError {
    match error {
        WaitError::Service(error) => explain(error, target),
        WaitError::Stopped { .. } => {
            CommandError::new(ErrorKind::Interrupted, "interrupted", error.to_string()).hint(GO_ON)
        }
        WaitError::Deadline { .. } => {
            CommandError::new(ErrorKind::Failed, "deadline", error.to_string())
                .hint("run the command again: it waits on")
        }
    }
}

/// Describes what an incomplete plan has made worse: something was removed, and its replacement was
/// not created.
///
/// `is_stuck` is true for a table whose server refuses the remaining steps permanently; `next`
/// names the run that continues.
fn half_done(
    plan: &Plan,
    applied: &[StepId],
    is_stuck: impl Fn(&str) -> bool,
    next: &str,
) -> Vec<String> {
    let mut lines = Vec::new();
    for steps in plan.by_table() {
        let Some(table) = steps.first().map(Step::table) else { continue };
        let (done, to_come): (Vec<&Step>, Vec<&Step>) =
            steps.iter().partition(|step| applied.contains(&step.id));
        let is_to_come =
            |wanted: &dyn Fn(&Call) -> bool| to_come.iter().any(|step| wanted(&step.call));
        for step in done {
            lines.extend(match &step.call {
                Call::DeleteTable(_) => is_to_come(&|call| matches!(call, Call::CreateTable(_)))
                    .then(|| format!("{table} was deleted and not created again yet: {next} creates it")),
                Call::UpdateTable(update) => {
                    let dropped = update.global_secondary_index_updates.iter().find_map(deleted);
                    let dropped = dropped.filter(|index| is_to_come(&|call| creates(call, index)));
                    let deletes = |call: &Call| matches!(call, Call::DeleteTable(_));
                    let ends_stream =
                        update.stream_specification.is_some_and(|stream| !stream.stream_enabled);
                    match dropped {
                        Some(index) => Some(format!("{index} of {table} was dropped and not built again yet: {next} builds it")),
                        None if update.deletion_protection_enabled == Some(false) => {
                            is_to_come(&deletes).then(|| format!("{table} is not protected against being deleted any more, and was not deleted: protect it again, unless {next} deletes it"))
                        }
                        None if ends_stream => is_to_come(&begins_stream).then(|| {
                            let until = match is_stuck(table) {
                                true => "any more".to_owned(),
                                false => format!("until {next}"),
                            };
                            format!("{table} has no stream {until}")
                        }),
                        None => None,
                    }
                }
                other => other.gap().and_then(|gap| {
                    is_to_come(&|call| call.setting() == other.setting())
                        .then(|| format!("{gap} until {next}"))
                }),
            });
        }
    }
    lines
}

fn begins_stream(call: &Call) -> bool {
    let Call::UpdateTable(update) = call else { return false };
    update.stream_specification.is_some_and(|stream| stream.stream_enabled)
}

/// Returns the index that an update deletes.
fn deleted(update: &GlobalSecondaryIndexUpdate) -> Option<&str> {
    match update {
        GlobalSecondaryIndexUpdate::Delete(index) => Some(&index.index_name),
        GlobalSecondaryIndexUpdate::Create(_) | GlobalSecondaryIndexUpdate::Update(_) => None,
    }
}

/// True if a call creates an index.
fn creates(call: &Call, index: &str) -> bool {
    let Call::UpdateTable(update) = call else { return false };
    update.global_secondary_index_updates.iter().any(|update| match update {
        GlobalSecondaryIndexUpdate::Create(new) => new.index_name == index,
        GlobalSecondaryIndexUpdate::Update(_) | GlobalSecondaryIndexUpdate::Delete(_) => false,
    })
}
