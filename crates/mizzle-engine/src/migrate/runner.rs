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
    converge::{Reason, Verification},
    ports::World,
};
use mizzle_core::{
    diff::{Change, TableDiff, diff},
    history::Tables,
    model::{Extras, TableDefinition},
    snapshot::MigrationName,
};
use std::collections::BTreeSet;
use tracing::{Instrument, info_span};

impl<W: World> Migrate<'_, W> {
    /// Plans the pending scripts and the settings that the environment has of its own, has the plan
    /// approved where it destroys something, and carries it out.
    ///
    /// # Errors
    ///
    /// When the ledger does not match the scripts, a script cannot be recorded, or the server cannot
    /// be asked.
    pub async fn run(&self, to: Option<&str>) -> Fallible<Outcome<W::Error>, W> {
        let pending = self.pending(to).await?;
        // Before the first of them is run.
        if let Some(error) = pending.iter().find_map(|state| state.script.refusal.clone()) {
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
        let is_idle = pending.is_empty() && outcome.has_no_settings_to_apply();
        if is_idle && self.abandoned().await?.is_empty() {
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
        // Another runner may have been at work since the first look.
        let pending = self.pending(to).await?;
        let newest = self.newest_after(&pending).await?;
        let mut run = Vec::new();
        for ScriptState { script, record, .. } in pending {
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
        self.apply_settings(newest, &plan.settings, session, outcome).await?;
        match (ran.first(), ran.last()) {
            (Some(first), Some(last)) => self.learn_ignored(first, last, outcome).await,
            _ => Ok(()),
        }
    }

    /// Remembers the settings that migrations have set and the server, an emulator, has ignored.
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
        // A table that was adopted keeps what is not the migration's.
        let naming = &self.environment.naming;
        let adopted: BTreeSet<String> = outcome
            .migrations
            .iter()
            .flat_map(|migration| &migration.adopted)
            .map(|table| naming.physical(table).into_owned())
            .collect();
        planned.tables.retain(|table| !adopted.contains(table.table()));
        let names: Vec<(String, Extras)> = planned
            .tables
            .iter()
            .filter_map(|table| after.get(table.table()))
            .map(|table| (table.table_name.clone(), Extras::managed_by(table)))
            .collect();
        let present = self.context.describe(&names).await.map_err(Error::Service)?;
        let pairs = present.iter().filter_map(|table| {
            let wanted = after.get(&table.definition.table_name)?;
            Some((table.compared_with(wanted), wanted))
        });
        let (compared, wanted): (Vec<TableDefinition>, Vec<&TableDefinition>) = pairs.unzip();
        let mut left = diff(&compared, wanted);
        left.tables.retain_mut(|table| match table {
            TableDiff::Update(update) => {
                update.changes.retain(|change: &Change| change.setting().is_some());
                !update.changes.is_empty()
            }
            TableDiff::Create(_) | TableDiff::Delete(_) => false,
        });
        let (planned, left, tables) = (&planned, &left, present.as_slice());
        let verification = Verification { planned, left, tables, adopted: &[], scope: None };
        let (mut unapplied, remembered) = self.context.verify(&verification);
        // What has no operation was told with its step; what was not tried is drift.
        unapplied.retain(|unapplied| unapplied.reason == Reason::Ignored);
        outcome.unapplied.extend(unapplied);
        outcome.not_remembered.extend(remembered.err());
        Ok(())
    }
}
