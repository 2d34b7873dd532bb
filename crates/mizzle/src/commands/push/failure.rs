//! What kept a push from being carried out, in words.

use super::Push;
use crate::{
    error::{CommandError, ErrorKind, GO_ON},
    target::explain,
};
use mizzle_core::{
    apply::{Failure, ServiceError, ServiceErrorKind, StepError, WaitError},
    plan::{Blocked, StepId},
    text,
};

/// What keeps the whole plan from being carried out. The reasons are in the plan, which has been
/// shown.
pub(super) fn blocked(blocked: &[Blocked]) -> CommandError {
    let names: Vec<&str> = blocked.iter().map(|blocked| blocked.table.as_str()).collect();
    let message = format!(
        "DynamoDB cannot bring {} to what the schema describes, so nothing is done",
        text::list(&names)
    );
    let mut error = CommandError::new(ErrorKind::Refused, "needs-replacement", message);
    for blocked in blocked {
        error.hint_once(&blocked.hint);
    }
    error
}

/// How many of the steps that were not started are named.
const SHOWN_NOT_STARTED: usize = 5;

impl Push<'_> {
    /// What kept the plan from being carried out, if anything did: an interrupt, or the failures,
    /// or both.
    pub(super) fn failure(
        &self,
        failures: &[Failure],
        not_started: &[StepId],
    ) -> Option<CommandError> {
        let errors: Vec<CommandError> =
            failures.iter().map(|failure| self.explain_step(&failure.error)).collect();
        let interrupted = self.stop.is_requested();
        let mut combined = match errors.first() {
            _ if interrupted && !(errors.is_empty() && not_started.is_empty()) => {
                let message = "Interrupted: what DynamoDB has accepted goes on by itself";
                CommandError::new(ErrorKind::Interrupted, "interrupted", message).hint(GO_ON)
            }
            Some(first) => CommandError::new(ErrorKind::Failed, first.code, ""),
            None => return None,
        };
        // What was cut short by the interrupt is no news; what failed by itself is.
        let news = errors.iter().filter(|error| error.kind != ErrorKind::Interrupted);
        for error in news {
            if !combined.message.is_empty() {
                combined.message.push('\n');
            }
            combined.message.push_str(&error.message);
            combined.details.extend(error.details.iter().cloned());
            for hint in &error.hints {
                combined.hint_once(hint);
            }
        }
        if !not_started.is_empty() {
            let shown = not_started.iter().take(SHOWN_NOT_STARTED).map(ToString::to_string);
            let mut names: Vec<String> = shown.collect();
            match not_started.len() - names.len() {
                0 => {}
                more => names.push(format!("{more} more")),
            }
            combined.hints.push(format!("not started: {}", text::list(&names)));
        }
        Some(combined)
    }

    fn explain_step(&self, error: &StepError) -> CommandError {
        match error {
            StepError::Service(error) => {
                let explained = explain(error, &self.target.name);
                if is_too_soon(error) {
                    return explained.hint("DynamoDB takes another change of time to live after about an hour: run the command again then, it goes on where it stopped");
                }
                explained
            }
            StepError::Wait(error) => self.explain_wait(error),
            StepError::NotEmpty { .. } => {
                CommandError::new(ErrorKind::Failed, "not-empty", error.to_string())
                    .hint("nothing was deleted; run the command again to see what else can be done")
            }
            StepError::Vanished { .. } | StepError::Conflict { .. } => {
                CommandError::new(ErrorKind::Failed, "conflict", error.to_string())
                    .hint("somebody else changed it just now: run the command again")
            }
        }
    }

    pub(super) fn explain_wait(&self, error: &WaitError) -> CommandError {
        match error {
            WaitError::Service(error) => explain(error, &self.target.name),
            WaitError::Stopped { .. } => {
                CommandError::new(ErrorKind::Interrupted, "interrupted", error.to_string())
                    .hint(GO_ON)
            }
            WaitError::Deadline { .. } => {
                CommandError::new(ErrorKind::Failed, "deadline", error.to_string())
                    .hint("run the command again: it waits on")
            }
        }
    }
}

/// "Time to live has been modified multiple times within a fixed interval".
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html>.
fn is_too_soon(error: &ServiceError) -> bool {
    error.kind == ServiceErrorKind::Validation
        && error.operation == "UpdateTimeToLive"
        && error.message.contains("within a fixed interval")
}
