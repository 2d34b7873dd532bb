//! `mizzle migrate`: the scripts that an environment has not had yet, once, in order, by one runner.
//!
//! What was run is in the [ledger](mizzle_core::ledger); its lock keeps others away meanwhile.

mod run;

use super::record::record;
use crate::{
    clock::SystemClock,
    error::{CommandError, ErrorKind, GO_ON},
    project::{Migrations, Script},
    report::{MigrateReport, MigrationReport, MigrationState},
    settings::MigrateSettings,
    signal::Interrupts,
    target::{Target, explain},
    ui::Ui,
};
use futures_util::future::{Either, select};
use mizzle_aws::DynamoDbLedger;
use mizzle_core::{
    apply::Stop,
    ledger::{
        Lease, Ledger, LedgerProblem, LockError, Migration, Owner, Patience, Record, Standing,
        standings,
    },
    text,
};
use mizzle_eval::Evaluator;
use std::{pin::pin, sync::Arc};

/// Runs what is pending.
///
/// # Errors
///
/// When the scripts and the ledger do not fit together, or either cannot be read.
pub(crate) async fn migrate(
    settings: &MigrateSettings,
    evaluator: &Evaluator,
    target: &Target,
    interrupts: &Interrupts,
    ui: &Ui,
) -> Result<MigrateReport, CommandError> {
    let migrations = Migrations::open(&settings.out, ui.directory())?;
    let (stop, clock) = (Arc::new(Stop::default()), SystemClock::start());
    let ledger = target.control.ledger(&settings.ledger);
    let scripts = migrations.scripts()?;
    ui.info(format!("Target: {}", target.name));
    Migrate { settings, evaluator, target, interrupts, ui, stop, clock, ledger, scripts }
        .run()
        .await
}

struct Migrate<'a> {
    settings: &'a MigrateSettings,
    evaluator: &'a Evaluator,
    target: &'a Target,
    interrupts: &'a Interrupts,
    ui: &'a Ui,
    stop: Arc<Stop>,
    clock: SystemClock,
    ledger: DynamoDbLedger,
    scripts: Vec<Script>,
}

impl Migrate<'_> {
    async fn run(&self) -> Result<MigrateReport, CommandError> {
        let pending = self.pending(&self.records().await?)?;
        let mut report = MigrateReport::new(self.target.name.clone(), self.settings.dry_run);
        if self.settings.dry_run {
            for (script, _) in pending {
                let limits = self.settings.limits;
                let steps = record(self.evaluator, &script.path, limits, self.ui).await?;
                let state = MigrationState::Pending;
                report.add(MigrationReport { name: script.name.to_string(), state, steps });
            }
            return Ok(report);
        }
        if pending.is_empty() {
            return Ok(report);
        }
        self.ledger.prepare().await.map_err(|error| explain(&error, &self.target.name))?;
        let lease = self.lock().await?;
        let result = self.run_locked(&lease, &mut report).await;
        // Whoever has lost the lock has none to give back; the lease ends by itself.
        let released = lease.release(&self.ledger).await;
        if let (Ok(()), Err(error)) = (&result, &released) {
            let reason = explain(error, &self.target.name).message;
            self.ui
                .warning(format!("The lock could not be given back, and ends by itself: {reason}"));
        }
        if let Err(error) = result {
            report.failure = Some(error);
        }
        Ok(report)
    }

    async fn records(&self) -> Result<Vec<Record>, CommandError> {
        let records = self.ledger.records().await;
        Ok(records.map_err(|error| explain(&error, &self.target.name))?.unwrap_or_default())
    }

    /// The scripts that are to be run, each with the record of a run that was not finished.
    fn pending<'a>(
        &'a self,
        records: &[Record],
    ) -> Result<Vec<(&'a Script, Option<Record>)>, CommandError> {
        let migrations: Vec<Migration> = self.scripts.iter().map(Script::migration).collect();
        let (standings, problems) = standings(&migrations, records);
        if !problems.is_empty() {
            return Err(unfit(&problems));
        }
        let upto = match &self.settings.to {
            None => self.scripts.len(),
            Some(to) => self.position_of(to)? + 1,
        };
        let pending = self.scripts.iter().zip(standings).take(upto);
        let pending = pending.filter(|(_, standing)| *standing != Standing::Applied);
        Ok(pending
            .map(|(script, _)| {
                let name = script.name.to_string();
                (script, records.iter().find(|record| record.name == name).cloned())
            })
            .collect())
    }

    /// The script that `--to` names: by its number, or its whole name.
    fn position_of(&self, to: &str) -> Result<usize, CommandError> {
        let number = to.parse::<u64>().ok();
        let is_meant =
            |script: &Script| Some(script.name.number) == number || script.name.to_string() == to;
        self.scripts.iter().position(is_meant).ok_or_else(|| {
            let names: Vec<String> =
                self.scripts.iter().map(|script| script.name.to_string()).collect();
            let error = CommandError::new(
                ErrorKind::Usage,
                "unknown-migration",
                format!("There is no migration {to}"),
            );
            match text::did_you_mean(to, names.iter().map(String::as_str)) {
                Some(hint) => error.hint(hint),
                None => error.hint("name one by its number or its whole name: --to 0003"),
            }
        })
    }

    async fn lock(&self) -> Result<Lease, CommandError> {
        let patience = Patience { limit: self.settings.wait, lease: self.settings.lease };
        let waiting = |owner: &Owner| self.ui.info(format!("Waiting for {owner}"));
        let identity = (self.settings.token.clone(), self.settings.owner.clone());
        Lease::acquire(&self.ledger, &self.clock, identity, patience, &self.stop, waiting)
            .await
            .map_err(|error| self.explain_lock(&error))
    }

    async fn run_locked(
        &self,
        lease: &Lease,
        report: &mut MigrateReport,
    ) -> Result<(), CommandError> {
        // Before this an interrupt ends the process: nothing has begun.
        let stop = Arc::clone(&self.stop);
        self.interrupts.answer_next(move || stop.request());
        let keeping = pin!(lease.keep(&self.ledger, &self.clock));
        let working = pin!(self.run_pending(lease, report));
        match select(keeping, working).await {
            Either::Left((error, _)) => Err(self.explain_lock(&error)),
            Either::Right((result, _)) => result,
        }
    }

    async fn run_pending(
        &self,
        lease: &Lease,
        report: &mut MigrateReport,
    ) -> Result<(), CommandError> {
        // Another runner may have been at work since the first look.
        for (script, record) in self.pending(&self.records().await?)? {
            let (state, steps, result) = self.run_script(script, record, lease).await;
            report.add(MigrationReport { name: script.name.to_string(), state, steps });
            result?;
        }
        Ok(())
    }

    fn explain_lock(&self, error: &LockError) -> CommandError {
        match error {
            LockError::Service(error) => explain(error, &self.target.name),
            LockError::Held(_) => CommandError::new(
                ErrorKind::Failed,
                "locked",
                text::capitalised(&error.to_string()),
            )
            .hint("wait until it is done and run the command again"),
            LockError::Stopped(_) => CommandError::interrupted(),
            LockError::Lost => CommandError::new(
                ErrorKind::Failed,
                "lock-lost",
                text::capitalised(&error.to_string()),
            )
            .hint(GO_ON),
        }
    }
}

/// Why nothing is run: the scripts and the ledger do not fit together.
fn unfit(problems: &[LedgerProblem]) -> CommandError {
    let messages: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let mut error = CommandError::new(ErrorKind::Usage, "history", messages.join("\n"));
    for problem in problems {
        error.hint_once(match problem {
            LedgerProblem::Changed(_) => {
                "restore the script from version control, and put the change into a migration of its own"
            }
            LedgerProblem::OutOfOrder { .. } => {
                "two branches were merged: give the script that was not applied a number behind the others, with its snapshot generated anew"
            }
            LedgerProblem::Missing(_) => "restore the script and its snapshot from version control",
        });
    }
    error
}
