//! Marking scripts as applied whose effects are there already: tables that were made by hand, by
//! `push`, or by another tool.

use super::{Known, Migrate};
use crate::{
    clock::seconds_since_1970,
    commands::drift,
    error::{CommandError, ErrorKind},
    report::{Drift, MigrateAction, MigrateReport, MigrationReport, MigrationState},
};
use mizzle_core::{
    apply::ControlPlane,
    ledger::{Lease, Ledger, Migration, Record, RecordState},
    model::Status,
    plan::{Adoption, Call, adoption_extras, fingerprint},
    snapshot::MigrationName,
    text,
};
use mizzle_eval::Direction;
use std::collections::BTreeSet;

/// Differences that are told of; `mizzle status` and `push --dry-run` tell all.
const SHOWN: usize = 10;

impl Migrate<'_> {
    /// Marks what is pending as applied, once the tables are as the last of them leaves them.
    pub(super) async fn baseline(&self, to: Option<&str>) -> Result<MigrateReport, CommandError> {
        let dry_run = self.settings.dry_run;
        let mut report =
            MigrateReport::new(self.target.name.clone(), MigrateAction::Baseline, dry_run);
        let pending = self.pending(to).await?;
        let Some(last) = pending.last() else { return Ok(report) };
        if let Err(error) = self.check_effects(&last.script.name).await? {
            return Err(error.hint(self.instead(&pending).await?));
        }
        let mut records = Vec::new();
        for Known { script, .. } in &pending {
            // One that cannot be run can be marked all the same: the tables are as they should be.
            let recording = self.record(script, Direction::Up).await.unwrap_or_default();
            if recording.uses_items {
                self.ui.warning(format!(
                    "{} also reads or writes items: whether that was done cannot be checked",
                    script.name
                ));
            }
            records
                .push((self.applied(&script.migration(), recording.fingerprints), recording.steps));
        }
        let names: Vec<String> =
            pending.iter().map(|known| known.script.name.to_string()).collect();
        if dry_run {
            for (record, steps) in records {
                let state = MigrationState::Pending;
                report.add(MigrationReport::new(record.name, state, steps));
            }
            return Ok(report);
        }
        self.locked(&mut report, async |held, report| {
            self.forget_abandoned(held).await?;
            // Another runner may have been at work since the first look.
            let now = self.pending(to).await?;
            let now: Vec<String> = now.iter().map(|known| known.script.name.to_string()).collect();
            if now != names {
                return Err(changed_meanwhile());
            }
            // So may somebody who has no part in the lock.
            self.check_effects(&last.script.name).await??;
            for (record, steps) in records {
                self.write_applied(&record, &held.lease).await?;
                let state = MigrationState::Applied;
                report.add(MigrationReport::new(record.name, state, steps));
            }
            Ok(())
        })
        .await?;
        Ok(report)
    }

    /// Refuses, by the inner error, when the tables are not as a migration leaves them.
    async fn check_effects(
        &self,
        last: &MigrationName,
    ) -> Result<Result<(), CommandError>, CommandError> {
        let Some(tables) = self.migrations.tables_after(last) else {
            let message = format!("What {last} leads to is not known: it has no snapshot");
            return Err(CommandError::new(ErrorKind::Usage, "incomplete-migration", message)
                .hint("name a migration that has one: --to"));
        };
        let environment = &self.settings.environment;
        let not_kept = self.not_kept()?;
        let differences =
            drift::differences(tables, environment, self.target, not_kept.as_ref(), self.ui);
        // An emulator never has the settings that it ignores.
        let (mut differences, _) = differences.await?;
        let leftovers = drift::leftovers(&self.migrations, last, environment, self.target).await;
        differences.extend(leftovers.map_err(|error| self.explain(&error))?);
        if differences.is_empty() {
            return Ok(Ok(()));
        }
        let count = text::count(differences.len(), "difference", "differences");
        let mut error = CommandError::new(
            ErrorKind::Failed,
            "effects-missing",
            format!("The tables are not as {last} leaves them ({count}), so nothing was marked:"),
        );
        for Drift { table, change } in differences.iter().take(SHOWN) {
            error.add_line(&format!("  {table}: {change}"));
        }
        Ok(Err(error.hint("name the last migration whose effects are there: --to")))
    }

    /// What to do instead of marking the scripts: to run them, where they do not stop at the tables
    /// that are there already.
    async fn instead(&self, pending: &[Known<'_>]) -> Result<String, CommandError> {
        let (mut refused, mut asked) = (BTreeSet::new(), BTreeSet::new());
        for Known { script, .. } in pending {
            let recording = self.record(script, Direction::Up).await.unwrap_or_default();
            let left = self.tables_left_by(&script.name, Direction::Up);
            for (step, fingerprint) in recording.steps.iter().zip(&recording.fingerprints) {
                let Call::CreateTable(request) = &step.call else { continue };
                let managed = self.managed(fingerprint, left)?;
                let extras = adoption_extras(request, managed.as_ref());
                let present = self.target.control.describe_table(step.table(), extras).await;
                let present = present.map_err(|error| self.explain(&error))?;
                let Some(present) = present.filter(|table| table.status != Status::Deleting) else {
                    continue;
                };
                match self.adoption(request, managed.as_ref(), &present)?.0 {
                    Adoption::AsItIs { .. } => {}
                    Adoption::Changed(adoption) if adoption.objections().is_empty() => {}
                    Adoption::Changed(_) => {
                        asked.insert(step.table().to_owned());
                    }
                    Adoption::Impossible { .. } => {
                        refused.insert(step.table().to_owned());
                    }
                }
            }
        }
        let names = |tables: BTreeSet<String>| text::list(&tables.into_iter().collect::<Vec<_>>());
        Ok(if !refused.is_empty() {
            format!(
                "or bring the schema and {} together: `mizzle migrate` refuses to adopt what differs so",
                names(refused)
            )
        } else if !asked.is_empty() {
            format!(
                "or run the scripts: `mizzle migrate` shows what it would change of {}, and asks",
                names(asked)
            )
        } else {
            "or run the scripts: `mizzle migrate` adopts tables that exist, and leaves what is not managed"
                .to_owned()
        })
    }

    /// The record of a migration that counts as applied from now on, without having been run.
    pub(super) fn applied(&self, migration: &Migration, steps: Vec<String>) -> Record {
        let now = seconds_since_1970();
        // Its tables are there, and no script of ours has made them.
        let adopted = steps.iter().filter_map(|step| fingerprint::created_table(step));
        let adopted = adopted.map(str::to_owned).collect();
        Record {
            name: migration.name.to_string(),
            checksum: migration.checksum.clone(),
            files: migration.files.clone(),
            state: RecordState::Applied,
            steps,
            deleting: None,
            held: Vec::new(),
            creating: None,
            adopted,
            forward: None,
            project: self.settings.project.clone(),
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            by: self.settings.by(),
            started_at: now,
            finished_at: Some(now),
            error: None,
        }
    }

    async fn write_applied(&self, record: &Record, lease: &Lease) -> Result<(), CommandError> {
        match self.ledger.write(record, &lease.token()).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(self.explain_lock(&lease.lose(&self.ledger).await)),
            Err(error) => Err(self.explain(&error)),
        }
    }
}

/// What was looked at is not what is there under the lock.
pub(super) fn changed_meanwhile() -> CommandError {
    let message = "Another runner has changed the ledger meanwhile; nothing was done";
    CommandError::new(ErrorKind::Failed, "ledger-changed", message)
        .hint("run the command again: it then starts from how things are now")
}
