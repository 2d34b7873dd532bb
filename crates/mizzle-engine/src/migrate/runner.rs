//! Runs pending migrations.

use super::{
    Action, Fallible, Migrate, Outcome,
    approved::ForwardRun,
    plan::{RunPlan, deleted},
    run::Way,
    session::LockedSession,
    status::ScriptState,
};
use crate::{
    Error,
    converge::{Reason, Verification, difference_of_present, retain_changes},
    ports::World,
};
use mizzle_core::{diff::diff, history::Tables, snapshot::MigrationName};
use std::collections::BTreeSet;
use tracing::{Instrument, info_span};

impl<W: World> Migrate<'_, W> {
    /// Plans the pending scripts and the settings of the environment, asks for approval if the plan
    /// is destructive, and applies it.
    ///
    /// # Errors
    ///
    /// When the ledger does not match the scripts, a script cannot be recorded, or the server
    /// cannot be reached.
    pub async fn run(&self, to: Option<&str>) -> Fallible<Outcome<W::Error>, W> {
        let pending = self.pending(to).await?;
        // Fail before the first script is run.
        if let Some(error) = pending.scripts.iter().find_map(|state| state.script.refusal.clone()) {
            return Err(Error::Port(error));
        }
        let mut outcome = Outcome::new(Action::Run);
        let plan = self.plan_run(&pending).instrument(info_span!("plan")).await?;
        outcome.settings.clone_from(&plan.settings.plan);
        outcome.unapplied.clone_from(&plan.settings.unapplied);
        if self.policy.dry_run && !plan.blocked.is_empty() {
            let error = Error::Blocked(plan.blocked.clone());
            outcome.refuse(plan.outcomes(), error);
            return Ok(outcome);
        }
        if self.policy.dry_run {
            outcome.migrations = plan.outcomes();
            return Ok(outcome);
        }
        let is_idle = pending.scripts.is_empty() && outcome.has_no_settings_to_apply();
        if is_idle && pending.abandoned.is_empty() {
            return Ok(outcome);
        }
        if let Err(error) = self.approve_run(&plan).await {
            outcome.refuse(plan.outcomes(), error);
            return Ok(outcome);
        }
        self.locked(&mut outcome, async |session, outcome| {
            self.run_locked(to, plan, session, outcome).await
        })
        .await?;
        Ok(outcome)
    }

    async fn run_locked(
        &self,
        to: Option<&str>,
        mut plan: RunPlan,
        session: &LockedSession<W>,
        outcome: &mut Outcome<W::Error>,
    ) -> Fallible<(), W> {
        self.drop_abandoned(session).await?;
        // Another runner may have run migrations meanwhile.
        let pending = self.pending(to).await?;
        let mut run = Vec::new();
        for ScriptState { script, record, .. } in pending.scripts {
            let Some(approved) = plan.take(&script.name().to_string()) else {
                return Err(Error::LedgerChanged);
            };
            run.push((script, record, approved));
        }
        let is_left = |name: &str| run.iter().any(|(script, ..)| script.name().to_string() == name);
        let steps = plan.migrations.iter().filter(|(migration, _)| is_left(&migration.name));
        let steps = steps.flat_map(|(migration, _)| &migration.steps);
        self.back_up(&deleted(steps), outcome).await?;
        let ran: Vec<&MigrationName> = run.iter().map(|(script, ..)| script.name()).collect();
        let mut created = BTreeSet::new();
        for (script, record, approved) in run {
            let mut forward = ForwardRun { approved, created };
            let way = Way::Up(&mut forward);
            let (migration, result) = self.run_script(script, way, record, session).await;
            outcome.migrations.push(migration);
            result?;
            created = forward.created;
        }
        self.apply_settings(pending.newest, &plan.settings, session, outcome).await?;
        match (ran.first(), ran.last()) {
            (Some(first), Some(last)) => self.learn_ignored(first, last, outcome).await,
            _ => Ok(()),
        }
    }

    /// Saves the settings that migrations have set and the server, an emulator, has ignored.
    async fn learn_ignored(
        &self,
        first: &MigrationName,
        last: &MigrationName,
        outcome: &mut Outcome<W::Error>,
    ) -> Fallible<(), W> {
        if self.context.ignored.is_none() {
            return Ok(());
        }
        let (before, after) =
            (self.timeline.tables_before(first), self.timeline.tables_after(last));
        let (Some(before), Some(after)) = (before, after) else { return Ok(()) };
        let here = |tables: &Tables| self.environment.tables(tables.values());
        let (before, after) = (here(before)?, here(after)?);
        let mut planned = diff(before.values(), after.values());
        // An adopted table keeps its settings that the migration does not manage.
        let naming = &self.environment.naming;
        let adopted: BTreeSet<String> = outcome
            .migrations
            .iter()
            .flat_map(|migration| &migration.adopted)
            .map(|table| naming.physical(table).into_owned())
            .collect();
        planned.tables.retain(|table| !adopted.contains(table.table()));
        let tables = planned.tables.iter().filter_map(|table| after.get(table.table()));
        let present = self.context.describe_managed(tables).await.map_err(Error::Service)?;
        let mut left = difference_of_present(&present, &after);
        retain_changes(&mut left, |_, change| change.setting().is_some());
        let (planned, left, tables) = (&planned, &left, present.as_slice());
        let verification = Verification { planned, left, tables, adopted: &[], scope: None };
        let (mut unapplied, remembered) = self.context.verify(&verification);
        // Unsupported settings were reported with their steps; settings that were not tried are
        // drift.
        unapplied.retain(|unapplied| unapplied.reason == Reason::Ignored);
        outcome.unapplied.extend(unapplied);
        outcome.not_remembered.extend(remembered.err());
        Ok(())
    }
}
