//! Undoing the last migrations by the `down` of their scripts.

use super::{Known, Migrate, baseline::changed_meanwhile, held::Held, unfit};
use crate::{
    commands::PARALLEL,
    error::CommandError,
    report::{MigrateAction, MigrateReport, MigrationReport, MigrationState},
};
use mizzle_core::{
    apply::describe_all,
    ledger::{LedgerProblem, Standing},
    model::Extras,
    plan::{Call, Facts, Step},
    text,
};
use mizzle_eval::Direction;
use std::collections::BTreeMap;

impl Migrate<'_> {
    /// Shows what the last migrations would undo and lose, asks, and undoes them, the last first.
    pub(super) async fn undo(&self, count: usize) -> Result<MigrateReport, CommandError> {
        let dry_run = self.settings.dry_run;
        let mut report = MigrateReport::new(self.target.name.clone(), MigrateAction::Undo, dry_run);
        let last = self.last(count).await?;
        let mut planned = Vec::new();
        for Known { script, .. } in &last {
            let steps = self.record(script, Direction::Down).await?.steps;
            let steps = self.with_facts(steps).await?;
            let (name, state) = (script.name.to_string(), MigrationState::Pending);
            planned.push(MigrationReport { name, state, steps });
        }
        if dry_run || planned.is_empty() {
            planned.into_iter().for_each(|migration| report.add(migration));
            return Ok(report);
        }
        self.agree_to_undo(&planned)?;
        let names: Vec<String> = planned.into_iter().map(|migration| migration.name).collect();
        self.locked(&mut report, async |held, report| self.undo_locked(&names, held, report).await)
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
            LedgerProblem::Changed(name) => !known.iter().any(|known| known.script.name == *name),
            LedgerProblem::OutOfOrder { .. } | LedgerProblem::Missing(_) => true,
        };
        let mut problems = problems.iter().filter(is_in_the_way).peekable();
        match problems.peek() {
            None => Ok(known),
            Some(_) => Err(unfit(problems)),
        }
    }

    /// The steps with what is known of the tables that they delete.
    async fn with_facts(&self, steps: Vec<Step>) -> Result<Vec<Step>, CommandError> {
        let deleted = steps.iter().filter(|step| matches!(step.call, Call::DeleteTable(_)));
        let deleted: Vec<(String, Extras)> =
            deleted.map(|step| (step.table().to_owned(), Extras::NONE)).collect();
        let tables = describe_all(&self.target.control, &deleted, PARALLEL).await;
        let tables = tables.map_err(|error| self.explain(&error))?;
        let facts: BTreeMap<&str, Facts> = tables
            .iter()
            .map(|table| (table.definition.table_name.as_str(), Facts::of(table)))
            .collect();
        let known = |step: Step| match facts.get(step.table()) {
            Some(facts) => step.with_facts(facts),
            None => step,
        };
        Ok(steps.into_iter().map(known).collect())
    }

    fn agree_to_undo(&self, planned: &[MigrationReport]) -> Result<(), CommandError> {
        for migration in planned {
            self.ui.important(format!("To undo: {}", migration.lines().join("\n")));
        }
        if self.settings.yes {
            return Ok(());
        }
        let migrations = match planned {
            [one] => one.name.clone(),
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
        agreed: &[String],
        held: &Held,
        report: &mut MigrateReport,
    ) -> Result<(), CommandError> {
        let last = self.last(agreed.len()).await?;
        if !last.iter().map(|known| known.script.name.to_string()).eq(agreed.iter().cloned()) {
            return Err(changed_meanwhile());
        }
        for Known { script, record, .. } in last {
            let (state, steps, result) =
                self.run_script(script, Direction::Down, record, held).await;
            report.add(MigrationReport { name: script.name.to_string(), state, steps });
            result?;
        }
        Ok(())
    }
}
