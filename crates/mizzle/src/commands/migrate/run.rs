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
    error::CommandError,
    report::{MigrateAction, MigrateReport},
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
        let mut made = BTreeSet::new();
        for (script, record, approved) in run {
            let mut there = There { approved, made };
            let way = Way::There(&mut there);
            let (migration, result) = self.run_script(script, way, record, held).await;
            report.add(migration);
            result?;
            made = there.made;
        }
        self.apply_settings(newest, &plan.settings, held, report).await
    }
}
