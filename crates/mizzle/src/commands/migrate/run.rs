//! Running what is pending.

use super::{Known, Migrate, held::Held};
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
        self.plan_settings(newest, &mut report).await?;
        if self.settings.dry_run {
            for Known { script, .. } in pending {
                let steps = self.record(script, Direction::Up).await?.steps;
                let (name, state) = (script.name.to_string(), MigrationState::Pending);
                report.add(MigrationReport { name, state, steps });
            }
            return Ok(report);
        }
        if pending.is_empty() && report.has_no_settings_to_apply() {
            return Ok(report);
        }
        self.locked(&mut report, async |held, report| self.run_pending(to, held, report).await)
            .await?;
        Ok(report)
    }

    async fn run_pending(
        &self,
        to: Option<&str>,
        held: &Held,
        report: &mut MigrateReport,
    ) -> Result<(), CommandError> {
        // Another runner may have been at work since the first look.
        let pending = self.pending(to).await?;
        let newest = self.newest_after(&pending).await?;
        for Known { script, record, .. } in pending {
            let (state, steps, result) = self.run_script(script, Direction::Up, record, held).await;
            report.add(MigrationReport { name: script.name.to_string(), state, steps });
            result?;
        }
        self.apply_settings(newest, held, report).await
    }
}
