//! Running what is pending.

use super::{
    Known, Migrate,
    approval::There,
    baseline::changed_meanwhile,
    held::Held,
    plan::{RunPlan, deleted},
    script::Way,
};
use crate::{
    commands::{PARALLEL, describe, environment, generate::refusal, push::ignored},
    error::CommandError,
    report::{MigrateAction, MigrateReport},
};
use mizzle_core::{
    diff::diff,
    history::Tables,
    model::{Extras, TableDefinition},
    snapshot::MigrationName,
};
use std::collections::BTreeSet;

impl Migrate<'_> {
    /// Plans the pending scripts and the settings that the environment has of its own, has the plan
    /// agreed to where it destroys something, and carries it out.
    pub(super) async fn run(&self, to: Option<&str>) -> Result<MigrateReport, CommandError> {
        let pending = self.pending(to).await?;
        // Seen before the first of them is run.
        if let Some(error) = pending.iter().find_map(|known| known.script.refusal.clone()) {
            return Err(error.into());
        }
        let mut report =
            MigrateReport::new(self.target.name.clone(), MigrateAction::Run, self.settings.dry_run);
        let plan = self.plan_run(&pending).await?;
        report.settings.clone_from(&plan.settings.plan);
        report.remaining.clone_from(&plan.settings.remaining);
        if self.settings.dry_run && !plan.blocked.is_empty() {
            let error = refusal(&plan.blocked);
            report.refuse(plan.migrations.into_iter().map(|(migration, _)| migration), error);
            return Ok(report);
        }
        if self.settings.dry_run {
            plan.migrations.into_iter().for_each(|(migration, _)| report.add(migration));
            return Ok(report);
        }
        let is_idle = pending.is_empty() && report.has_no_settings_to_apply();
        if is_idle && self.abandoned().await?.is_empty() {
            return Ok(report);
        }
        if let Err(error) = self.agree_to_run(&plan).await {
            report.refuse(plan.migrations.into_iter().map(|(migration, _)| migration), error);
            return Ok(report);
        }
        self.locked(&mut report, async |held, report| {
            self.run_pending(to, plan, held, report).await
        })
        .await?;
        Ok(report)
    }

    async fn run_pending(
        &self,
        to: Option<&str>,
        mut plan: RunPlan,
        held: &Held,
        report: &mut MigrateReport,
    ) -> Result<(), CommandError> {
        self.forget_abandoned(held).await?;
        // Another runner may have been at work since the first look.
        let pending = self.pending(to).await?;
        let newest = self.newest_after(&pending).await?;
        let mut run = Vec::new();
        for Known { script, record, .. } in pending {
            let Some(approved) = plan.take(&script.name.to_string()) else {
                return Err(changed_meanwhile());
            };
            run.push((script, record, approved));
        }
        let is_left = |name: &str| run.iter().any(|(script, ..)| script.name.to_string() == name);
        let steps = plan.migrations.iter().filter(|(migration, _)| is_left(&migration.name));
        let steps = steps.flat_map(|(migration, _)| &migration.steps);
        self.back_up(&deleted(steps), report).await?;
        let ran: Vec<&MigrationName> = run.iter().map(|(script, ..)| &script.name).collect();
        let mut made = BTreeSet::new();
        for (script, record, approved) in run {
            let mut there = There { approved, made };
            let way = Way::There(&mut there);
            let (migration, result) = self.run_script(script, way, record, held).await;
            report.add(migration);
            result?;
            made = there.made;
        }
        self.apply_settings(newest, &plan.settings, held, report).await?;
        match (ran.first(), ran.last()) {
            (Some(first), Some(last)) => self.learn_ignored(first, last, report).await,
            _ => Ok(()),
        }
    }

    /// Remembers the settings that migrations have set and the server, an emulator, has ignored.
    async fn learn_ignored(
        &self,
        first: &MigrationName,
        last: &MigrationName,
        report: &mut MigrateReport,
    ) -> Result<(), CommandError> {
        let Some(mut known) = self.not_kept()? else { return Ok(()) };
        let (before, after) =
            (self.migrations.tables_before(first), self.migrations.tables_after(last));
        let (Some(before), Some(after)) = (before, after) else { return Ok(()) };
        let here =
            |tables: &Tables| environment::tables(tables.values(), &self.settings.environment);
        let (before, after) = (here(before)?, here(after)?);
        let mut planned = diff(before.values(), after.values());
        // A table that was adopted keeps what is not the migration's.
        let naming = &self.settings.environment.naming;
        let adopted: BTreeSet<String> =
            report.adopted().map(|table| naming.physical(table).into_owned()).collect();
        planned.tables.retain(|table| !adopted.contains(table.table()));
        let names: Vec<(String, Extras)> = planned
            .tables
            .iter()
            .filter_map(|table| after.get(table.table()))
            .map(|table| (table.table_name.clone(), Extras::managed_by(table)))
            .collect();
        let present = describe(&names, PARALLEL, self.target, self.ui).await?;
        let pairs = present.iter().filter_map(|table| {
            let wanted = after.get(&table.definition.table_name)?;
            Some((table.compared_with(wanted), wanted))
        });
        let (compared, wanted): (Vec<TableDefinition>, Vec<&TableDefinition>) = pairs.unzip();
        let left = diff(&compared, wanted);
        match ignored(&planned, (&left, &present), &mut known, self.target) {
            Ok(news) => report.remaining.extend(news),
            // It is only a memory: without it the difference is shown as drift.
            Err(error) => self.ui.warning(error.message),
        }
        Ok(())
    }
}
