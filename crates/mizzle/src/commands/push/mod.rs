//! `mizzle push`: the schema against the tables as they are.
//!
//! Read ([`present`]), compare, plan, ask, apply, and read again ([`remaining`]).

mod failure;
mod present;
mod remaining;

pub(super) use failure::{blocked_code, explain_step, explain_wait};
pub(super) use remaining::{ignored, without_futile};

use super::{
    Unexported, agreement::refuse_data_loss, backup::Backups, describe_going, emptiness, unexported,
};
use crate::{
    clock::SystemClock,
    error::{CommandError, ErrorKind},
    project::{Migrations, NotKept, TableForms},
    report::{Outcome, PushReport},
    settings::{EnvironmentSettings, PushMode},
    signal::Interrupts,
    target::Target,
    ui::Ui,
};
use mizzle_aws::DynamoDb;
use mizzle_core::{
    apply::{self, Stop},
    diff::{self, Diff, TableDiff},
    model::{Extras, Schema, TableDescription},
    plan::{Agreement, Aim, Call, Context, Facts, Plan, Step, plan},
    text,
};
use std::{collections::BTreeSet, path::Path, sync::Arc, time::Duration};

/// What a push is about.
pub(crate) struct Project<'a> {
    /// The desired state, as the environment has it.
    pub(crate) schema: &'a Schema,
    /// Tables that are made and not exported.
    pub(crate) unexported: &'a [Unexported],
    /// The project's folder.
    pub(crate) root: &'a Path,
    /// The migrations folder.
    pub(crate) out: &'a Path,
    /// The environment.
    pub(crate) environment: &'a EnvironmentSettings,
}

/// Plans, asks, applies and looks again.
///
/// # Errors
///
/// When the server cannot be asked, or the migrations folder cannot be read for `--prune`, so that
/// there is not even a plan.
pub(crate) async fn push(
    project: Project<'_>,
    target: &Target,
    mode: PushMode,
    interrupts: &Interrupts,
    ui: &Ui,
) -> Result<PushReport, CommandError> {
    if mode.prune && project.schema.tables.is_empty() {
        // More likely a wrong path or a forgotten export than the end of the project.
        let message =
            "The schema has no table, so --prune would delete all that were the project's";
        return Err(CommandError::new(ErrorKind::Refused, "empty-schema", message)
            .hint("is `schema` in the config right, and are the tables exported?"));
    }
    let prunable = mode
        .prune
        .then(|| Migrations::open(project.out, ui.directory()))
        .transpose()?
        .map(|migrations| migrations.tables_ever());
    let mut not_kept = not_kept(project.root, target)?;
    let (stop, clock) = (Arc::new(Stop::default()), SystemClock::start());
    let Project { schema, unexported, environment, .. } = project;
    let control = &target.control;
    let push = Push {
        schema,
        aim: Aim::Schema,
        unexported,
        environment,
        prunable,
        target,
        control,
        mode,
        interrupts,
        ui,
        stop,
        clock,
    };
    ui.info(format!("Target: {}", target.name));
    let (mut report, diff) = push.plan(not_kept.as_ref()).await?;
    PushReport::show_untracked(report.untracked.as_deref().unwrap_or_default(), ui);
    push.ask(&mut report).await;
    if report.outcome == Outcome::Pending && !mode.dry_run {
        push.carry_out(&mut report, &diff, not_kept.as_mut()).await;
    }
    Ok(report)
}

/// The settings that a server is known to ignore: an emulator forgets what it does not know, AWS keeps
/// what it accepts.
pub(super) fn not_kept(root: &Path, target: &Target) -> Result<Option<NotKept>, CommandError> {
    let open = || NotKept::open(root, &target.name.server());
    (!target.control.target().is_aws()).then(open).transpose()
}

/// Bringing tables to a state: planned, agreed to, carried out.
pub(super) struct Push<'a> {
    /// The tables as they are to be, as the environment has them.
    pub(super) schema: &'a Schema,
    /// What those are taken from.
    pub(super) aim: Aim,
    /// The tables that the schema files make and do not export.
    pub(super) unexported: &'a [Unexported],
    /// The environment.
    pub(super) environment: &'a EnvironmentSettings,
    /// The tables that are deleted if they are there, by the names that the migrations give them.
    pub(super) prunable: Option<TableForms>,
    /// The server.
    pub(super) target: &'a Target,
    /// The server as far as it is changed: where a lock is held, behind its fence.
    pub(super) control: &'a DynamoDb,
    /// How to behave.
    pub(super) mode: PushMode,
    /// The interrupts.
    pub(super) interrupts: &'a Interrupts,
    /// The screen.
    pub(super) ui: &'a Ui,
    /// Ends the work early.
    pub(super) stop: Arc<Stop>,
    /// The clock.
    pub(super) clock: SystemClock,
}

impl Push<'_> {
    /// Plans and shows the plan. The report's outcome is `Pending`, or `InSync` if there is nothing to
    /// do.
    pub(super) async fn plan(
        &self,
        not_kept: Option<&NotKept>,
    ) -> Result<(PushReport, Diff), CommandError> {
        let planned = self.plan_silently(not_kept).await?;
        let asks = !self.mode.dry_run && !self.mode.yes;
        PushReport::show_plan(&planned.0.plan, self.mode.dry_run, asks, self.ui);
        Ok(planned)
    }

    /// Plans without showing anything.
    pub(super) async fn plan_silently(
        &self,
        not_kept: Option<&NotKept>,
    ) -> Result<(PushReport, Diff), CommandError> {
        let Self { target, .. } = self;
        let present = self.present().await?;
        let diff = self.compare(&present.tables);
        let (diff, skipped) = without_futile(diff, &present.tables, target, not_kept);
        let (diff, context) = self.context(diff, &present.tables).await?;
        let report = PushReport {
            target: target.name.clone(),
            plan: plan(&diff, &context),
            untracked: present.untracked,
            applied: Vec::new(),
            failed: Vec::new(),
            not_started: Vec::new(),
            elapsed: Duration::ZERO,
            outcome: Outcome::Pending,
            remaining: skipped,
            backups: Vec::new(),
            failure: None,
        };
        Ok((report, diff))
    }

    /// Has the plan agreed to. The report's outcome is `Pending` if it may be carried out.
    pub(super) async fn ask(&self, report: &mut PushReport) {
        let is_exported = self.refuse_unexported(&report.plan);
        if !report.plan.blocked.is_empty() {
            report.outcome = Outcome::Refused;
            report.failure = Some(failure::blocked(&report.plan.blocked, self.aim));
        } else if report.plan.steps.is_empty() {
            report.outcome = Outcome::InSync;
        } else if self.mode.dry_run {
            report.outcome = Outcome::Pending;
        } else if let Err(error) = is_exported {
            report.outcome = Outcome::Refused;
            report.failure = Some(error);
        } else if let Err(error) = self.agree(&report.plan).await {
            report.outcome = Outcome::Refused;
            report.failure = Some(error);
        }
    }

    /// Takes the backups that are wanted, applies the plan, and looks again.
    pub(super) async fn carry_out(
        &self,
        report: &mut PushReport,
        diff: &Diff,
        not_kept: Option<&mut NotKept>,
    ) {
        if let Err(error) = self.back_up(report).await {
            report.outcome = Outcome::Failed;
            report.failure = Some(error);
            return;
        }
        self.apply(report, diff, not_kept).await;
    }

    fn backups(&self) -> Backups<'_> {
        let Self { target, clock, stop, interrupts, ui, mode, .. } = self;
        Backups { target, clock, stop, interrupts, ui, parallel: mode.concurrency }
    }

    /// Backs up the tables that are deleted or replaced, if that is wanted.
    async fn back_up(&self, report: &mut PushReport) -> Result<(), CommandError> {
        if !self.mode.backup {
            return Ok(());
        }
        self.backups().take_all(&deleted(&report.plan), &mut report.backups).await
    }

    /// The names of the schema's tables, each with the extras that the schema manages.
    fn managed(&self) -> Vec<(String, Extras)> {
        let tables = self.schema.tables.iter();
        tables.map(|table| (table.table_name.clone(), Extras::managed_by(table))).collect()
    }

    fn compare(&self, tables: &[TableDescription]) -> Diff {
        let present: Vec<_> = tables
            .iter()
            .map(|table| {
                let name = &table.definition.table_name;
                let desired = self.schema.table(name);
                let present = if self.mode.dry_run { table.lasting() } else { table.clone() };
                desired.map_or(present.definition.clone(), |desired| present.compared_with(desired))
            })
            .collect();
        diff::diff(&present, &self.schema.tables)
    }

    /// What a plan has to know of the tables, and the difference in full where a table may have to
    /// be replaced: then also what the schema does not manage has to come back.
    async fn context(
        &self,
        mut diff: Diff,
        tables: &[TableDescription],
    ) -> Result<(Diff, Context), CommandError> {
        let is_counted_now = self.target.is_local();
        let facts = tables.iter().map(|table| {
            let name = table.definition.table_name.clone();
            (name, Facts { is_counted_now, ..Facts::of(table) })
        });
        let mut context = Context {
            facts: facts.collect(),
            accept_data_loss: self.mode.accept_data_loss,
            aim: self.aim,
            ..Context::default()
        };
        let going = diff.tables.iter().filter_map(|table| {
            let extras = match table {
                TableDiff::Update(update) if update.needs_replacement() => Extras::ALL,
                TableDiff::Delete(_) => Extras::NONE,
                TableDiff::Update(_) | TableDiff::Create(_) => return None,
            };
            Some((table.table().to_owned(), extras, true))
        });
        let going: Vec<(String, Extras, bool)> = going.collect();
        if going.is_empty() {
            return Ok((diff, context));
        }
        let parallel = self.mode.concurrency;
        // Where the credentials may not look, the items have to be given up explicitly.
        let names = going.iter().map(|(name, ..)| name.as_str()).collect();
        let empty = emptiness(&names, parallel, self.target).await?;
        for whole in describe_going(&going, parallel, self.target, self.ui).await? {
            let name = whole.definition.table_name.clone();
            let is_empty = empty.get(&name).copied().flatten();
            for table in &mut diff.tables {
                if let TableDiff::Update(update) = table
                    && update.after.table_name == name
                {
                    update.before = whole.compared_with(&update.after);
                }
            }
            let facts = Facts { is_counted_now, is_empty, ..Facts::of(&whole) };
            context.facts.insert(name, facts);
        }
        Ok((diff, context))
    }

    /// Refuses to delete tables that the schema files still make, and warns of the others.
    fn refuse_unexported(&self, plan: &Plan) -> Result<(), CommandError> {
        let deleted = deleted(plan);
        let naming = &self.environment.naming;
        let is_deleted = |table: &str| deleted.contains(naming.physical(table).as_ref());
        let is_agreed = self.mode.yes || self.mode.dry_run;
        unexported::refuse_deletion(self.unexported, is_deleted, is_agreed, self.ui)
    }

    async fn agree(&self, plan: &Plan) -> Result<(), CommandError> {
        refuse_data_loss(&Agreement::of(&plan.steps), self.mode.accept_data_loss)?;
        if self.mode.backup {
            self.backups().require(&deleted(plan)).await?;
        }
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

    async fn apply(&self, report: &mut PushReport, diff: &Diff, not_kept: Option<&mut NotKept>) {
        let options = self.target.apply_options(self.mode.concurrency);
        let progress = self.ui.push_progress(&report.plan);
        // Before this an interrupt ends the process: there is nothing to finish.
        let (stop, announce) = (Arc::clone(&self.stop), progress.announce_stop());
        self.interrupts.answer_next(move || {
            announce();
            stop.request();
        });
        let control = self.control;
        let result =
            apply::apply(&report.plan, control, &self.clock, &progress, &self.stop, options).await;
        report.elapsed = progress.finish();
        report.failure = self.failure(&report.plan, &result);
        let adopted = result.adopted;
        report.applied = result.applied;
        report.failed = result.failures.into_iter().map(|failure| failure.step).collect();
        report.not_started = result.not_started;
        if report.failure.is_some() {
            report.outcome = Outcome::Failed;
            return;
        }
        report.outcome = Outcome::Applied;
        if self.stop.is_requested() {
            // All is done, and somebody is in a hurry.
            return;
        }
        match self.look_again(diff, &adopted, not_kept).await {
            Ok(remaining) => report.remaining.extend(remaining),
            Err(error) => {
                report.outcome = Outcome::Failed;
                report.failure = Some(error);
            }
        }
    }
}

/// The tables that a plan deletes, be it to create them again.
fn deleted(plan: &Plan) -> BTreeSet<&str> {
    let deletions = plan.steps.iter().filter(|step| matches!(step.call, Call::DeleteTable(_)));
    deletions.map(Step::table).collect()
}
