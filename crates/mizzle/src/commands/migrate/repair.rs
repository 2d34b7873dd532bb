//! `migrate --repair`: brings the tables back to what the applied migrations say.

use super::{Migrate, baseline::changed_meanwhile, held::Held};
use crate::{
    commands::{PARALLEL, environment, push::Push},
    error::{CommandError, ErrorKind},
    project::NotKept,
    report::{MigrateAction, MigrateReport, Outcome, RepairReport},
    settings::PushMode,
};
use mizzle_aws::DynamoDb;
use mizzle_core::{
    ledger::Standing,
    model::Schema,
    plan::{Aim, Call, Plan},
    snapshot::MigrationName,
};
use std::sync::Arc;

impl Migrate<'_> {
    /// Plans the repair, has it agreed to, and carries it out under the lock.
    pub(super) async fn repair(&self) -> Result<RepairReport, CommandError> {
        let Some(newest) = self.newest_settled().await? else {
            let message = "No migration is applied, so there is nothing to bring back";
            return Err(CommandError::new(ErrorKind::Usage, "nothing-applied", message)
                .hint("run `mizzle migrate`"));
        };
        let schema = self.schema_after(newest)?;
        let mut known = self.not_kept()?;
        let preview = self.push(&schema, newest, &self.target.control, self.settings.yes);
        let (mut report, _) = preview.plan(known.as_ref()).await?;
        preview.ask(&mut report).await;
        // Tables that no migration knows are not the subject.
        report.untracked = None;
        let mut session =
            MigrateReport::new(self.target.name.clone(), MigrateAction::Repair, false);
        if report.outcome == Outcome::Pending && !self.settings.dry_run {
            let shown = report.plan.clone();
            self.locked(&mut session, async |held, _| {
                let known = known.as_mut();
                self.repair_locked(newest, &schema, &shown, held, known, &mut report).await
            })
            .await?;
            if let Some(failure) = session.failure {
                report.outcome = Outcome::Failed;
                report.failure = Some(failure);
            }
        }
        Ok(RepairReport(report))
    }

    async fn repair_locked(
        &self,
        newest: &MigrationName,
        schema: &Schema,
        shown: &Plan,
        held: &Held,
        known: Option<&mut NotKept>,
        report: &mut crate::report::PushReport,
    ) -> Result<(), CommandError> {
        // Another runner, or somebody without the lock, may have been at work since the first look.
        if self.newest_settled().await? != Some(newest) {
            return Err(changed_meanwhile());
        }
        let push = self.push(schema, newest, &held.control, true);
        let (again, diff) = push.plan_silently(known.as_deref()).await?;
        let calls = |plan: &Plan| -> Vec<Call> {
            plan.steps.iter().map(|step| step.call.clone()).collect()
        };
        if calls(&again.plan) != calls(shown) {
            return Err(changed_meanwhile());
        }
        push.carry_out(report, &diff, known).await;
        match held.lost().filter(|_| report.failure.is_some()) {
            Some(lost) => Err(self.explain_lock(&lost)),
            None => Ok(()),
        }
    }

    /// The newest applied migration. Refused while a migration is half done.
    async fn newest_settled(&self) -> Result<Option<&MigrationName>, CommandError> {
        let (known, problems) = self.known().await?;
        let mut in_the_way = problems.iter().filter(|problem| problem.is_in_the_way()).peekable();
        if in_the_way.peek().is_some() {
            return Err(self.mismatch(in_the_way));
        }
        let is_settled =
            |standing: Standing| matches!(standing, Standing::Applied | Standing::Pending);
        if let Some(unsettled) = known.iter().find(|known| !is_settled(known.standing)) {
            let name = &unsettled.script.name;
            let message = format!("{name} is half done, so what the tables should be is not known");
            let hint = match unsettled.standing {
                Standing::Undoing => "finish undoing it first: mizzle migrate --down 1",
                Standing::Applied | Standing::Pending | Standing::Unfinished | Standing::Failed => {
                    "finish it (mizzle migrate) or back it out (mizzle migrate --down 1) first"
                }
            };
            return Err(
                CommandError::new(ErrorKind::Usage, "migration-unfinished", message).hint(hint)
            );
        }
        let newest = known.iter().rev().find(|known| known.standing == Standing::Applied);
        let newest = newest.map(|known| known.script.name.clone());
        Ok(newest.and_then(|newest| {
            self.scripts.iter().map(|script| &script.name).find(|name| **name == newest)
        }))
    }

    /// The tables after a migration, as the environment has them.
    fn schema_after(&self, newest: &MigrationName) -> Result<Schema, CommandError> {
        let Some(tables) = self.migrations.tables_after(newest) else {
            let message = format!("{newest} has no snapshot, so what it leads to is not known");
            return Err(CommandError::new(ErrorKind::Usage, "incomplete-migration", message)
                .hint("run `mizzle generate` and `mizzle migrate` first"));
        };
        let tables = environment::tables(tables.values(), &self.settings.environment)?;
        Ok(Schema { tables: tables.into_values().collect(), ..Schema::default() })
    }

    /// A push of those tables, which also deletes the ones that the applied migrations have deleted.
    fn push<'p>(
        &'p self,
        schema: &'p Schema,
        newest: &MigrationName,
        control: &'p DynamoDb,
        yes: bool,
    ) -> Push<'p> {
        let settings = self.settings;
        Push {
            schema,
            aim: Aim::Migrations,
            unexported: &[],
            environment: &settings.environment,
            prunable: Some(self.migrations.departed(newest).into_iter().collect()),
            target: self.target,
            control,
            mode: PushMode {
                dry_run: settings.dry_run,
                yes,
                prune: true,
                accept_data_loss: settings.accept_data_loss,
                backup: settings.backup,
                concurrency: PARALLEL,
            },
            interrupts: self.interrupts,
            ui: self.ui,
            stop: Arc::clone(&self.stop),
            clock: self.clock.clone(),
        }
    }
}
