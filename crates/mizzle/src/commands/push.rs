//! `mizzle push`: the schema against the tables as they are.

use super::{PARALLEL, generate::refusal};
use crate::{
    clock::SystemClock,
    error::{CommandError, ErrorKind, GO_ON},
    report::{Outcome, PushReport, Remaining},
    signal::Interrupts,
    target::{Target, explain},
    ui::Ui,
};
use futures_util::future::join;
use mizzle_core::{
    apply::{
        self, ControlPlane, Failure, Options, ServiceErrorKind, StepError, Stop, WaitError,
        describe_all, settle_all,
    },
    diff::{self, TableDiff},
    model::{Schema, Status, TableDefinition, TableDescription},
    plan::{Plan, StepId, plan},
    text,
};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// How long a server on this machine may hide a change that it has accepted.
const LOCAL_GRACE: Duration = Duration::from_secs(2);

/// The table in which migrations are recorded: part of mizzle, and nobody's to tidy up.
const LEDGER: &str = "mizzle_migrations";

/// How a push is to behave.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mode {
    /// Only show the plan.
    pub(crate) dry_run: bool,
    /// Ask nothing.
    pub(crate) yes: bool,
}

/// Plans, asks, applies and looks again.
///
/// # Errors
///
/// When the server cannot be asked, so that there is not even a plan.
pub(crate) async fn push(
    schema: &Schema,
    target: &Target,
    mode: Mode,
    interrupts: &Interrupts,
    ui: &Ui,
) -> Result<PushReport, CommandError> {
    let (stop, clock) = (Arc::new(Stop::default()), SystemClock::start());
    Push { schema, target, mode, interrupts, ui, stop, clock }.run().await
}

struct Push<'a> {
    schema: &'a Schema,
    target: &'a Target,
    mode: Mode,
    interrupts: &'a Interrupts,
    ui: &'a Ui,
    stop: Arc<Stop>,
    clock: SystemClock,
}

impl Push<'_> {
    async fn run(&self) -> Result<PushReport, CommandError> {
        let Self { ui, target, .. } = self;
        ui.info(format!("Target: {}", target.name));
        let (untracked, present) = join(self.untracked(), self.present()).await;
        let (untracked, present) = (untracked?, present?);
        let plan = plan(&diff::diff(&present, &self.schema.tables));
        let mut report = PushReport {
            target: target.name.clone(),
            plan,
            untracked,
            applied: Vec::new(),
            outcome: Outcome::InSync,
            remaining: Vec::new(),
            failure: None,
        };
        let asks = !self.mode.dry_run && !self.mode.yes;
        PushReport::show_plan(&report.plan, self.mode.dry_run, asks, ui);
        PushReport::show_untracked(report.untracked.as_deref().unwrap_or_default(), ui);
        if !report.plan.blocked.is_empty() {
            report.outcome = Outcome::Refused;
            report.failure = Some(refusal(&report.plan.blocked));
        } else if report.plan.steps.is_empty() {
            report.outcome = Outcome::InSync;
        } else if self.mode.dry_run {
            report.outcome = Outcome::Pending;
        } else if let Err(error) = self.agree(&report.plan) {
            report.outcome = Outcome::Refused;
            report.failure = Some(error);
        } else {
            self.apply(&mut report).await;
        }
        Ok(report)
    }

    fn table_names(&self) -> Vec<String> {
        self.schema.tables.iter().map(|table| table.table_name.clone()).collect()
    }

    /// The tables that the schema does not name; `None` for whoever may not list tables.
    async fn untracked(&self) -> Result<Option<Vec<String>>, CommandError> {
        let ours = self.table_names();
        match self.target.control.list_tables().await {
            Ok(mut names) => {
                names.retain(|name| name != LEDGER && !ours.contains(name));
                names.sort_unstable();
                Ok(Some(names))
            }
            Err(error) if error.kind == ServiceErrorKind::AccessDenied => {
                self.ui.warning("Tables that the schema does not name cannot be listed: the credentials lack the permission dynamodb:ListTables");
                Ok(None)
            }
            Err(error) => Err(explain(&error, &self.target.name)),
        }
    }

    /// The schema's tables as they are, once nothing changes them any more; for a dry run, at once.
    async fn present(&self) -> Result<Vec<TableDefinition>, CommandError> {
        let names = self.table_names();
        let control = &self.target.control;
        if self.mode.dry_run {
            let tables = describe_all(control, &names, PARALLEL).await;
            let tables = tables.map_err(|error| explain(&error, &self.target.name))?;
            let lasting = tables.iter().filter(|table| table.status != Status::Deleting);
            return Ok(lasting.map(TableDescription::lasting_definition).collect());
        }
        let limit = Options::default().step_limit;
        let announced = Mutex::new(BTreeSet::new());
        let waiting = |table: &str, status: &str| {
            let message = format!("Waiting for {table}: {status}");
            let mut announced = announced.lock().unwrap_or_else(PoisonError::into_inner);
            if announced.insert(table.to_owned()) {
                self.ui.info(message);
            } else {
                self.ui.verbose(message);
            }
        };
        let tables =
            settle_all(control, &self.clock, &names, PARALLEL, limit, &self.stop, waiting).await;
        match tables {
            Ok(tables) => Ok(tables.into_iter().map(|table| table.definition).collect()),
            Err(error) => Err(self.explain_wait(&error)),
        }
    }

    fn agree(&self, plan: &Plan) -> Result<(), CommandError> {
        if self.mode.yes {
            return Ok(());
        }
        let steps = text::count(plan.steps.len(), "step", "steps");
        let question = format!("Apply {steps} to {}?", self.target.name);
        if self.ui.confirm(&question, "--yes")? {
            return Ok(());
        }
        Err(CommandError::declined())
    }

    async fn apply(&self, report: &mut PushReport) {
        // On this machine a server says at once what it has done.
        let grace = if self.target.is_local() { LOCAL_GRACE } else { Options::default().grace };
        let options = Options { parallel: PARALLEL, grace, ..Options::default() };
        // Before this an interrupt ends the process: there is nothing to finish.
        let stop = Arc::clone(&self.stop);
        self.interrupts.answer_next(move || stop.request());
        let progress = self.ui.push_progress(&report.plan);
        let control = &self.target.control;
        let result =
            apply::apply(&report.plan, control, &self.clock, &progress, &self.stop, options).await;
        progress.finish(result.failures.is_empty() && result.not_started.is_empty());
        report.applied = result.applied;
        if let Some(failure) = self.failure(&result.failures, &result.not_started) {
            report.outcome = Outcome::Failed;
            report.failure = Some(failure);
            return;
        }
        report.outcome = Outcome::Applied;
        if self.stop.is_requested() {
            // All is done, and somebody is in a hurry.
            return;
        }
        match self.remaining().await {
            Ok(remaining) => report.remaining = remaining,
            Err(error) => {
                report.outcome = Outcome::Failed;
                report.failure = Some(error);
            }
        }
    }

    /// What kept the plan from being carried out, if anything did: an interrupt, or the failures,
    /// or both.
    fn failure(&self, failures: &[Failure], not_started: &[StepId]) -> Option<CommandError> {
        let errors: Vec<CommandError> = failures
            .iter()
            .map(|Failure { error, .. }| match error {
                StepError::Service(error) => explain(error, &self.target.name),
                StepError::Wait(error) => self.explain_wait(error),
                StepError::Vanished { .. } | StepError::Conflict { .. } => {
                    CommandError::new(ErrorKind::Failed, "conflict", error.to_string())
                        .hint("somebody else changed it just now: run the command again")
                }
            })
            .collect();
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
            let ids: Vec<String> = not_started.iter().map(ToString::to_string).collect();
            combined.hints.push(format!("not started: {}", ids.join(", ")));
        }
        Some(combined)
    }

    fn explain_wait(&self, error: &WaitError) -> CommandError {
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

    /// What is still different after everything was done.
    async fn remaining(&self) -> Result<Vec<Remaining>, CommandError> {
        let tables = describe_all(&self.target.control, &self.table_names(), PARALLEL).await;
        let tables = tables.map_err(|error| explain(&error, &self.target.name))?;
        let present: Vec<&TableDefinition> = tables.iter().map(|table| &table.definition).collect();
        let difference = diff::diff(present, &self.schema.tables);
        let remaining = difference.tables.iter().flat_map(|table: &TableDiff| {
            table.details().into_iter().map(|setting| Remaining {
                table: table.table().to_owned(),
                setting,
                reason: format!("{} accepted the change but did not keep it.", self.target.name),
            })
        });
        Ok(remaining.collect())
    }
}
