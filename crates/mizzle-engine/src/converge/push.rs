//! Pushing a whole schema: compares it with the present tables, and applies the difference.

use super::verify::Verification;
use crate::{
    Context, Environment, Error,
    outcome::{Incomplete, Origin, TableBackup, Unapplied},
    ports::{Event, Question, Screen, World},
};
use mizzle_core::{
    diff::{self, Diff, TableDiff},
    history::TableForms,
    model::{AuxiliarySettings, TableDefinition, TableDescription},
    plan::{self, Agreement, Aim, Call, Facts, Plan, Step, StepId},
};
use std::{collections::BTreeSet, time::Duration};
use tracing::{Instrument, info_span};

/// The conditions under which changes are made.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct Policy {
    /// Only shows the plan.
    pub dry_run: bool,
    /// Skips all questions.
    pub yes: bool,
    /// Replaces and deletes tables although their items are lost.
    pub accept_data_loss: bool,
    /// Backs up the tables that are replaced or deleted.
    pub backup: bool,
}

/// An objection to the deletion of tables, by name.
pub type Objection<'a, E> = &'a (dyn Fn(&BTreeSet<&str>) -> Result<(), E> + 'a);

/// Brings tables to a desired state.
pub struct Push<'a, W: World> {
    /// The context.
    pub context: Context<'a, W>,
    /// The server to change: behind the fence of a lock, if one is held.
    pub server: &'a W::Server,
    /// The desired tables, by their names in the environment.
    pub desired: &'a [TableDefinition],
    /// The origin of the desired state.
    pub aim: Aim,
    /// The environment.
    pub environment: &'a Environment,
    /// The tables that are deleted if they exist, by their names in the migrations.
    pub prunable: Option<TableForms>,
    /// The conditions.
    pub policy: Policy,
    /// An objection to the deletion of tables (by name), checked before approval.
    pub objection: Objection<'a, W::Error>,
}

/// The state in which a push ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushState {
    /// There were no changes.
    InSync,
    /// There are changes, which were only shown.
    Pending,
    /// All changes were applied.
    Applied,
    /// A step failed, or the run was interrupted.
    Failed,
    /// No change was made: approval is missing, or DynamoDB does not support a change in place.
    Refused,
}

/// The outcome of a push.
#[derive(Debug)]
pub struct PushOutcome<E> {
    /// The plan.
    pub plan: Plan,
    /// Tables that are not desired; `None` if they cannot be listed.
    pub untracked: Option<Vec<String>>,
    /// The steps that were applied.
    pub applied: Vec<StepId>,
    /// The steps that failed: at most one per table.
    pub failed: Vec<StepId>,
    /// The steps that were not started.
    pub not_started: Vec<StepId>,
    /// The time that the steps took.
    pub elapsed: Duration,
    /// The state in which it ended.
    pub state: PushState,
    /// The differences that are left.
    pub unapplied: Vec<Unapplied>,
    /// The backups that were started before the first deletion.
    pub backups: Vec<TableBackup>,
    /// The reason why it failed.
    pub failure: Option<Error<E>>,
    /// The error of saving the settings that the server ignores.
    pub not_remembered: Option<E>,
}

impl<E> PushOutcome<E> {
    fn end(&mut self, state: PushState, failure: Error<E>) {
        self.state = state;
        self.failure = Some(failure);
    }
}

impl<W: World> Push<'_, W> {
    /// Plans, shows the plan, asks for approval, applies and verifies.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached, so that there is not even a plan.
    pub async fn run(&self) -> Result<PushOutcome<W::Error>, Error<W::Error>> {
        let (mut outcome, diff) = self.plan().instrument(info_span!("plan")).await?;
        let untracked = outcome.untracked.as_deref().unwrap_or_default();
        self.context.screen.event(Event::Untracked(untracked));
        self.ask(&mut outcome).await;
        if outcome.state == PushState::Pending && !self.policy.dry_run {
            self.carry_out(&mut outcome, &diff).await;
        }
        Ok(outcome)
    }

    /// Plans and shows the plan. The state is then `Pending`.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached.
    pub(crate) async fn plan(&self) -> Result<(PushOutcome<W::Error>, Diff), Error<W::Error>> {
        let planned = self.plan_silently().await?;
        let (plan, dry_run) = (&planned.0.plan, self.policy.dry_run);
        let asks = !dry_run && !self.policy.yes;
        self.context.screen.event(Event::Planned { plan, dry_run, asks });
        Ok(planned)
    }

    /// Plans without showing anything.
    ///
    /// # Errors
    ///
    /// As [`plan`](Self::plan).
    pub(crate) async fn plan_silently(
        &self,
    ) -> Result<(PushOutcome<W::Error>, Diff), Error<W::Error>> {
        let present = self.present().await?;
        let mut diff = self.compare(&present.tables);
        let unapplied = self.context.leave_out_unappliable(&mut diff, &present.tables);
        let (diff, context) = self.facts(diff, &present.tables).await?;
        let outcome = PushOutcome {
            plan: plan::plan(&diff, &context),
            untracked: present.untracked,
            applied: Vec::new(),
            failed: Vec::new(),
            not_started: Vec::new(),
            elapsed: Duration::ZERO,
            state: PushState::Pending,
            unapplied,
            backups: Vec::new(),
            failure: None,
            not_remembered: None,
        };
        Ok((outcome, diff))
    }

    /// Asks for approval of the plan. The state is `Pending` if it may be applied.
    pub(crate) async fn ask(&self, outcome: &mut PushOutcome<W::Error>) {
        let objection = (self.objection)(&deleted(&outcome.plan));
        if !outcome.plan.blocked.is_empty() {
            let (blocked, aim) = (outcome.plan.blocked.clone(), self.aim);
            outcome.end(PushState::Refused, Error::NotPossible { blocked, aim });
        } else if outcome.plan.steps.is_empty() {
            outcome.state = PushState::InSync;
        } else if self.policy.dry_run {
            outcome.state = PushState::Pending;
        } else if let Err(error) = objection {
            outcome.end(PushState::Refused, Error::Port(error));
        } else if let Err(error) = self.approve(&outcome.plan).await {
            outcome.end(PushState::Refused, error);
        }
    }

    async fn approve(&self, plan: &Plan) -> Result<(), Error<W::Error>> {
        self.policy.refuse_data_loss(&plan.steps)?;
        if self.policy.backup {
            self.context.require_backups(&deleted(plan)).await?;
        }
        let question = Question::Apply { steps: plan.steps.len() };
        self.context.approve(self.policy, question)
    }

    /// Creates the requested backups, applies the plan, and verifies.
    pub(crate) async fn carry_out(&self, outcome: &mut PushOutcome<W::Error>, diff: &Diff) {
        if self.policy.backup {
            let tables = deleted(&outcome.plan);
            let backed_up = self.context.back_up(&tables, &mut outcome.backups).await;
            if let Err(error) = backed_up {
                return outcome.end(PushState::Failed, error);
            }
        }
        let (report, elapsed) = self.context.apply_interruptible(&outcome.plan, self.server).await;
        outcome.elapsed = elapsed;
        let is_interrupted = self.context.stop.is_cancelled();
        let incomplete = Incomplete::of(&outcome.plan, &report, is_interrupted, Origin::Push);
        outcome.applied = report.applied;
        outcome.failed = report.failures.into_iter().map(|failure| failure.step).collect();
        outcome.not_started = report.not_started;
        if let Some(incomplete) = incomplete {
            return outcome.end(PushState::Failed, Error::Incomplete(Box::new(incomplete)));
        }
        outcome.state = PushState::Applied;
        if is_interrupted {
            // All steps are done, and the user has interrupted: skip the verification.
            return;
        }
        match self.look_again(diff, &report.adopted).await {
            Ok((unapplied, remembered)) => {
                outcome.unapplied.extend(unapplied);
                outcome.not_remembered = remembered.err();
            }
            Err(error) => outcome.end(PushState::Failed, error),
        }
    }

    async fn look_again(
        &self,
        planned: &Diff,
        adopted: &[String],
    ) -> Result<(Vec<Unapplied>, Result<(), W::Error>), Error<W::Error>> {
        let tables = self.context.describe_managed(self.desired).await.map_err(Error::Service)?;
        let left = self.compare(&tables);
        let (left, tables) = (&left, tables.as_slice());
        Ok(self.context.verify(&Verification { planned, left, tables, adopted, scope: None }))
    }

    /// Returns the desired table with that name.
    pub(super) fn table(&self, name: &str) -> Option<&TableDefinition> {
        self.desired.iter().find(|table| table.table_name == name)
    }

    /// Returns the names of the desired tables, each with its managed extras.
    pub(super) fn managed(&self) -> Vec<(String, AuxiliarySettings)> {
        let tables = self.desired.iter();
        tables
            .map(|table| (table.table_name.clone(), AuxiliarySettings::managed_by(table)))
            .collect()
    }

    fn compare(&self, tables: &[TableDescription]) -> Diff {
        let present: Vec<_> = tables
            .iter()
            .map(|table| {
                let desired = self.table(&table.definition.table_name);
                let present = if self.policy.dry_run { table.lasting() } else { table.clone() };
                desired.map_or(present.definition.clone(), |desired| present.compared_with(desired))
            })
            .collect();
        diff::diff(&present, self.desired)
    }

    /// Returns the facts that a plan depends on, and the difference with all settings of the tables
    /// that may have to be replaced: their unmanaged settings must be restored, too.
    async fn facts(
        &self,
        mut diff: Diff,
        tables: &[TableDescription],
    ) -> Result<(Diff, plan::Context), Error<W::Error>> {
        let is_counted_now = self.context.is_local;
        let facts = tables.iter().map(|table| {
            let name = table.definition.table_name.clone();
            (name, Facts { is_counted_now, ..Facts::of(table) })
        });
        let mut context = plan::Context {
            facts: facts.collect(),
            accept_data_loss: self.policy.accept_data_loss,
            aim: self.aim,
            ..plan::Context::default()
        };
        let going = diff.tables.iter().filter_map(|table| {
            let extras = match table {
                TableDiff::Update(update) if update.needs_replacement() => AuxiliarySettings::ALL,
                TableDiff::Delete(_) => AuxiliarySettings::NONE,
                TableDiff::Update(_) | TableDiff::Create(_) => return None,
            };
            Some((table.table().to_owned(), extras, true))
        });
        let going: Vec<(String, AuxiliarySettings, bool)> = going.collect();
        if going.is_empty() {
            return Ok((diff, context));
        }
        // If the credentials do not permit reading items, their loss has to be accepted explicitly.
        let names = going.iter().map(|(name, ..)| name.as_str()).collect();
        let empty = self.context.emptiness(&names).await.map_err(Error::Service)?;
        for whole in self.context.describe_deleted(&going).await.map_err(Error::Service)? {
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
}

impl Policy {
    /// Refuses steps that delete tables with items, unless the loss was accepted.
    ///
    /// # Errors
    ///
    /// Contains the steps that would lose items.
    pub fn refuse_data_loss<'s, E>(
        &self,
        steps: impl IntoIterator<Item = &'s Step>,
    ) -> Result<(), Error<E>> {
        let agreement = Agreement::of(steps);
        if self.accept_data_loss || agreement.data_loss.is_empty() {
            return Ok(());
        }
        Err(Error::DataLoss(agreement.data_loss.into_iter().cloned().collect()))
    }
}

impl<W: World> Context<'_, W> {
    /// Asks for approval, unless it was given in advance.
    pub(crate) fn approve(
        &self,
        policy: Policy,
        question: Question<'_>,
    ) -> Result<(), Error<W::Error>> {
        if policy.yes {
            return Ok(());
        }
        match self.screen.approve(question) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Error::Declined),
            Err(error) => Err(Error::Port(error)),
        }
    }
}

/// Returns the tables that a plan deletes, including those that it creates again.
fn deleted(plan: &Plan) -> BTreeSet<&str> {
    let deletions = plan.steps.iter().filter(|step| matches!(step.call, Call::DeleteTable(_)));
    deletions.map(Step::table).collect()
}
