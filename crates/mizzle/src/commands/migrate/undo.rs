//! Undoing the last migrations by the `down` of their scripts.

use super::{
    Known, Migrate, back::Planned, baseline::changed_meanwhile, held::Held, plan::deleted,
    script::Way,
};
use crate::{
    commands::agreement::refuse_data_loss,
    error::CommandError,
    report::{MigrateAction, MigrateReport},
};
use mizzle_core::{
    ledger::{LedgerProblem, Standing},
    plan::Agreement,
    text,
};
use std::collections::BTreeSet;

impl Migrate<'_> {
    /// Shows what the last migrations would undo and lose, asks, and undoes them, the last first.
    pub(super) async fn undo(&self, count: usize) -> Result<MigrateReport, CommandError> {
        let dry_run = self.settings.dry_run;
        let mut report = MigrateReport::new(self.target.name.clone(), MigrateAction::Undo, dry_run);
        let planned = self.plan_back(self.last(count).await?).await?;
        if dry_run || planned.is_empty() {
            planned.into_iter().for_each(|Planned { report: migration, .. }| report.add(migration));
            return Ok(report);
        }
        if let Err(error) = self.agree_to_undo(&planned).await {
            report.refuse(planned.into_iter().map(|planned| planned.report), error);
            return Ok(report);
        }
        self.locked(&mut report, async |held, report| {
            self.undo_locked(planned, held, report).await
        })
        .await?;
        Ok(report)
    }

    /// The last migrations that were run or begun, the last one first.
    async fn last(&self, count: usize) -> Result<Vec<Known<'_>>, CommandError> {
        let (mut known, problems) = self.known().await?;
        known.retain(|known| known.standing != Standing::Pending);
        known.reverse();
        known.truncate(count);
        // A `down` may have been mended since: what it does is shown and agreed to.
        let is_in_the_way = |problem: &&LedgerProblem| match problem {
            LedgerProblem::Changed { name, .. } => {
                !known.iter().any(|known| known.script.name == *name)
            }
            LedgerProblem::Renamed { .. }
            | LedgerProblem::Foreign { .. }
            | LedgerProblem::OutOfOrder { .. }
            | LedgerProblem::Missing { .. }
            | LedgerProblem::Abandoned(_) => problem.is_in_the_way(),
        };
        let mut problems = problems.iter().filter(is_in_the_way).peekable();
        match problems.peek() {
            None => Ok(known),
            Some(_) => Err(self.mismatch(problems)),
        }
    }

    async fn agree_to_undo(&self, planned: &[Planned]) -> Result<(), CommandError> {
        for Planned { report: migration, .. } in planned {
            self.ui.important(format!("To undo: {}", migration.lines().join("\n")));
        }
        let steps = || planned.iter().flat_map(|planned| &planned.report.steps);
        refuse_data_loss(&Agreement::of(steps()), self.settings.accept_data_loss)?;
        self.require_backups(steps()).await?;
        if self.settings.yes {
            return Ok(());
        }
        let migrations = match planned {
            [one] => one.report.name.clone(),
            many => text::count(many.len(), "migration", "migrations"),
        };
        let question = format!("Undo {migrations} at {}?", self.target.name);
        if self.ui.confirm(&question, "--yes")? {
            return Ok(());
        }
        Err(CommandError::declined())
    }

    async fn undo_locked(
        &self,
        agreed: Vec<Planned>,
        held: &Held,
        report: &mut MigrateReport,
    ) -> Result<(), CommandError> {
        let last = self.last(agreed.len()).await?;
        let agreed_to = agreed.iter().map(|planned| (&planned.report.name, &planned.record));
        let names: Vec<String> = last.iter().map(|known| known.script.name.to_string()).collect();
        if !names.iter().zip(last.iter().map(|known| &known.record)).eq(agreed_to) {
            return Err(changed_meanwhile());
        }
        let steps = agreed.iter().flat_map(|planned| &planned.report.steps);
        self.back_up(&deleted(steps), report).await?;
        let mut made = BTreeSet::new();
        for (Known { script, record, .. }, Planned { mut back, .. }) in last.into_iter().zip(agreed)
        {
            back.way = back.way.after(made);
            let (migration, result) =
                self.run_script(script, Way::Back(&mut back), record, held).await;
            report.add(migration);
            result?;
            made = back.way.made().clone();
        }
        Ok(())
    }
}
