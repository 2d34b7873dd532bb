//! Brings the tables back to the state that the applied migrations leave.

use super::{Action, Fallible, Migrate, Outcome, session::LockedSession, status::newest_applied};
use crate::{
    Error,
    converge::{Policy, Push, PushOutcome, PushState},
    ports::World,
};
use mizzle_core::{
    ledger::{LedgerProblem, MigrationStatus},
    model::TableDefinition,
    plan::{Aim, Call, Plan},
    snapshot::MigrationName,
};

impl<W: World> Migrate<'_, W> {
    /// Plans the repair, asks for approval, and applies it under the lock.
    ///
    /// # Errors
    ///
    /// When no migration is applied, one is unfinished, or the server cannot be reached.
    pub async fn repair(&self) -> Fallible<PushOutcome<W::Error>, W> {
        let Some(newest) = self.newest_settled().await? else { return Err(Error::NothingApplied) };
        let desired = self.tables_of(newest)?;
        let preview = self.push(&desired, newest, self.context.server, self.policy.yes);
        let (mut outcome, _) = preview.plan().await?;
        preview.ask(&mut outcome).await;
        // Tables outside the migrations are not part of the repair.
        outcome.untracked = None;
        if outcome.state == PushState::Pending && !self.policy.dry_run {
            let shown = outcome.plan.clone();
            let mut session = Outcome::new(Action::Repair);
            self.locked(&mut session, async |locked, _| {
                self.repair_locked(newest, &desired, &shown, locked, &mut outcome).await
            })
            .await?;
            if let Some(failure) = session.failure {
                outcome.state = PushState::Failed;
                outcome.failure = Some(failure);
            }
        }
        Ok(outcome)
    }

    async fn repair_locked(
        &self,
        newest: &MigrationName,
        desired: &[TableDefinition],
        shown: &Plan,
        session: &LockedSession<W>,
        outcome: &mut PushOutcome<W::Error>,
    ) -> Fallible<(), W> {
        // Another runner, or a process without the lock, may have made changes meanwhile.
        if self.newest_settled().await? != Some(newest) {
            return Err(Error::LedgerChanged);
        }
        let push = self.push(desired, newest, &session.control, true);
        let (again, diff) = push.plan_silently().await?;
        let calls = |plan: &Plan| -> Vec<Call> {
            plan.steps.iter().map(|step| step.call.clone()).collect()
        };
        if calls(&again.plan) != calls(shown) {
            return Err(Error::LedgerChanged);
        }
        push.carry_out(outcome, &diff).await;
        match session.lost().filter(|_| outcome.failure.is_some()) {
            Some(lost) => Err(Error::Lock(lost)),
            None => Ok(()),
        }
    }

    /// Returns the newest applied migration. Refused while a migration is unfinished.
    async fn newest_settled(&self) -> Fallible<Option<&MigrationName>, W> {
        let (states, problems) = self.states().await?;
        self.refuse(problems, LedgerProblem::is_in_the_way)?;
        let is_settled = |status: MigrationStatus| {
            matches!(status, MigrationStatus::Applied | MigrationStatus::Pending)
        };
        if let Some(unsettled) = states.iter().find(|state| !is_settled(state.status)) {
            let (migration, status) = (unsettled.name(), unsettled.status);
            return Err(Error::Unsettled { migration, status });
        }
        Ok(newest_applied(&states))
    }

    /// Returns the tables after a migration, in the environment.
    fn tables_of(&self, newest: &MigrationName) -> Fallible<Vec<TableDefinition>, W> {
        let Some(tables) = self.timeline.tables_after(newest) else {
            let (migration, action) = (newest.to_string(), Action::Repair);
            return Err(Error::NoSnapshot { migration, action });
        };
        Ok(self.environment.tables(tables.values())?.into_values().collect())
    }

    /// Returns a push of those tables, which also deletes the tables that the applied migrations
    /// have deleted.
    fn push<'p>(
        &'p self,
        desired: &'p [TableDefinition],
        newest: &MigrationName,
        server: &'p W::Server,
        yes: bool,
    ) -> Push<'p, W> {
        Push {
            context: self.context,
            server,
            desired,
            aim: Aim::Migrations,
            environment: self.environment,
            prunable: Some(self.timeline.removed(newest).into_iter().collect()),
            policy: Policy { yes, ..self.policy },
            objection: &|_| Ok(()),
        }
    }
}
