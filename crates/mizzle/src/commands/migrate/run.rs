//! Running what is pending.

use super::{Known, Migrate, held::Held, script::Way, settings::Agreed};
use crate::{
    error::CommandError,
    report::{MigrateAction, MigrateReport, MigrationReport, MigrationState},
};
use mizzle_eval::Direction;

impl Migrate<'_> {
    /// Runs the pending scripts, then gives the tables the settings that the environment has of its
    /// own.
    pub(super) async fn run(&self, to: Option<&str>) -> Result<MigrateReport, CommandError> {
        let pending = self.pending(to).await?;
        // Seen before the first of them is run.
        if let Some(error) = pending.iter().find_map(|known| known.script.refusal.clone()) {
            return Err(error.into());
        }
        let mut report =
            MigrateReport::new(self.target.name.clone(), MigrateAction::Run, self.settings.dry_run);
        let newest = self.newest_after(&pending).await?;
        let there = self.plan_settings(newest, &mut report).await?;
        if self.settings.dry_run {
            for Known { script, .. } in pending {
                let recording = self.record(script, Direction::Up).await?;
                let hazards = recording.hazards().collect();
                let (name, state) = (script.name.to_string(), MigrationState::Pending);
                let migration = MigrationReport::new(name, state, recording.steps);
                report.add(MigrationReport { hazards, ..migration });
            }
            return Ok(report);
        }
        let is_idle = pending.is_empty() && report.has_no_settings_to_apply();
        if is_idle && self.abandoned().await?.is_empty() {
            return Ok(report);
        }
        let agreed = self.agree_to_settings(there, &report).await?;
        self.warn_of_what_may_be_lost(&pending).await;
        self.locked(&mut report, async |held, report| {
            self.run_pending(to, &agreed, held, report).await
        })
        .await?;
        Ok(report)
    }

    async fn run_pending(
        &self,
        to: Option<&str>,
        agreed: &Agreed,
        held: &Held,
        report: &mut MigrateReport,
    ) -> Result<(), CommandError> {
        self.forget_abandoned(held).await?;
        // Another runner may have been at work since the first look.
        let pending = self.pending(to).await?;
        let newest = self.newest_after(&pending).await?;
        for Known { script, record, .. } in pending {
            let (migration, result) = self.run_script(script, Way::There, record, held).await;
            report.add(migration);
            result?;
        }
        self.apply_settings(newest, agreed, held, report).await
    }

    /// Says which scripts would lose items if they were killed, as far as a dry run tells.
    async fn warn_of_what_may_be_lost(&self, pending: &[Known<'_>]) {
        for Known { script, .. } in pending.iter().filter(|known| known.script.may_replace) {
            // One that cannot be run for show may be run all the same.
            let recording = self.record(script, Direction::Up).await.unwrap_or_default();
            for hazard in recording.hazards() {
                self.ui.warning(format!("{}: {}", script.name, hazard.message));
            }
        }
    }
}
