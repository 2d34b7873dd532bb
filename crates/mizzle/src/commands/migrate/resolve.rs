//! `mizzle resolve`: changes what the ledger holds of a migration, without running anything.

use super::{Migrate, baseline::changed_meanwhile, ledger_mismatch};
use crate::{
    clock::seconds_since_1970,
    error::{CommandError, ErrorKind},
    report::{MigrateAction, MigrateReport, MigrationReport, MigrationState},
};
use mizzle_core::{
    ledger::{
        AppliedBy, Change, Effects, Ledger, LedgerProblem, Record, RecordState, Resolution,
        ResolutionKind, Unresolvable, resolve, standings,
    },
    text,
};
use mizzle_eval::{Direction, EvalErrorKind};

impl Migrate<'_> {
    /// Resolves the migration of that number or name, after showing what the ledger holds of it and
    /// asking.
    pub(super) async fn resolve(
        &self,
        wanted: &str,
        kind: ResolutionKind,
    ) -> Result<MigrateReport, CommandError> {
        let mut report =
            MigrateReport::new(self.target.name.clone(), MigrateAction::Resolve(kind), false);
        let records = self.records().await?;
        let name = self.name_of(wanted, &records)?;
        // Only what is named in full is forgotten there.
        if kind != ResolutionKind::Forget || wanted != name {
            self.refuse_foreign(&records)?;
        }
        let effects = match kind {
            ResolutionKind::Applied => self.effects(&name).await,
            ResolutionKind::AcceptChange | ResolutionKind::RolledBack | ResolutionKind::Forget => {
                Effects::default()
            }
        };
        let change = |records: &[Record]| {
            let scripts = self.migrations_of_folder();
            resolve(kind, &name, (&scripts, records), effects.clone(), |migration| {
                self.applied(migration, Vec::new())
            })
            .map_err(|reason| unresolvable(&reason, kind))
        };
        // Refused before anybody is asked.
        change(&records)?;
        if kind == ResolutionKind::AcceptChange {
            self.refuse_broken(&name).await?;
        }
        let record = records.iter().find(|record| record.name == name).cloned();
        if !self.settings.yes {
            let (now, question) = question(&name, kind, record.as_ref());
            self.ui.important(now);
            let question = format!("{question} The tables stay as they are.");
            let refusal = match self.ui.confirm(&question, "--yes") {
                Ok(true) => None,
                Ok(false) => Some(CommandError::declined()),
                Err(error) => Some(error),
            };
            if let Some(refusal) = refusal {
                report.refuse([], refusal);
                return Ok(report);
            }
        }
        self.locked(&mut report, async |held, report| {
            let now = self.records().await?;
            let before = now.iter().find(|record| record.name == name).cloned();
            if before != record {
                return Err(changed_meanwhile());
            }
            let change = change(&now)?;
            let resolution = Resolution {
                migration: name.clone(),
                kind,
                by: self.settings.by(),
                at: seconds_since_1970(),
                tool: env!("CARGO_PKG_VERSION").to_owned(),
                before,
            };
            let token = held.lease.token();
            match self.ledger.resolve(&change, &resolution, &token).await {
                Ok(true) => {}
                Ok(false) => return Err(self.explain_lock(&held.lease.lose(&self.ledger).await)),
                Err(error) => return Err(self.explain(&error)),
            }
            let state = match change {
                Change::Write(_) | Change::Rename { .. } => MigrationState::Applied,
                Change::Remove => match kind {
                    ResolutionKind::Forget => MigrationState::Forgotten,
                    ResolutionKind::AcceptChange
                    | ResolutionKind::Applied
                    | ResolutionKind::RolledBack => MigrationState::Pending,
                },
            };
            report.add(MigrationReport::new(name.clone(), state, Vec::new()));
            Ok(())
        })
        .await?;
        Ok(report)
    }

    /// The migration of that number or whole name, in the folder or in the ledger.
    fn name_of(&self, wanted: &str, records: &[Record]) -> Result<String, CommandError> {
        let error = match self.position_of(wanted) {
            Ok(position) => return Ok(self.scripts[position].name.to_string()),
            Err(error) => error,
        };
        let number = wanted.parse::<u64>().ok();
        let is_meant = |record: &&Record| {
            let prefix = record.name.split('_').next().and_then(|prefix| prefix.parse().ok());
            record.name == wanted || number.is_some() && prefix == number
        };
        let mut meant = records.iter().filter(is_meant);
        match (meant.next(), meant.next()) {
            (Some(record), None) => Ok(record.name.clone()),
            _ => Err(error),
        }
    }

    /// Refuses a script that cannot be loaded: such a script was not applied.
    async fn refuse_broken(&self, name: &str) -> Result<(), CommandError> {
        let Some(script) = self.scripts.iter().find(|script| script.name.to_string() == name)
        else {
            return Ok(());
        };
        if let Some(refusal) = &script.refusal {
            return Err(refusal.clone().into());
        }
        match self.record(script, Direction::Up).await {
            Err(error) if is_broken(error.kind()) => Err(error.into()),
            // A script that fails without items may have been applied with items.
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// A ledger that is, or seems to be, another project's is not changed.
    fn refuse_foreign(&self, records: &[Record]) -> Result<(), CommandError> {
        let project = self.settings.project.as_deref();
        let (_, problems) = standings(&self.migrations_of_folder(), records, project);
        let is_foreign =
            |problem: &&LedgerProblem| matches!(problem, LedgerProblem::Foreign { .. });
        match problems.iter().find(is_foreign) {
            Some(problem) => Err(ledger_mismatch([problem], project)),
            None => Ok(()),
        }
    }

    /// What a migration does to the set of tables, as far as it can be told: by its script, and by its
    /// snapshot if the script cannot be recorded to its end.
    async fn effects(&self, name: &str) -> Effects {
        let Some(script) = self.scripts.iter().find(|script| script.name.to_string() == name)
        else {
            return Effects::default();
        };
        let recording = self.record(script, Direction::Up).await.unwrap_or_default();
        let tables = |tables: Option<&mizzle_core::history::Tables>| {
            tables.into_iter().flat_map(|tables| tables.keys().cloned()).collect::<Vec<String>>()
        };
        let before = tables(self.migrations.tables_before(&script.name));
        let mut created = tables(self.migrations.tables_after(&script.name));
        created.retain(|table| !before.contains(table));
        Effects { steps: recording.fingerprints, created }
    }
}

/// Whether a script fails before its first statement.
fn is_broken(kind: EvalErrorKind) -> bool {
    match kind {
        EvalErrorKind::Syntax
        | EvalErrorKind::InvalidJson
        | EvalErrorKind::NestingDepth
        | EvalErrorKind::Unreadable
        | EvalErrorKind::MissingModule
        | EvalErrorKind::MissingExport
        | EvalErrorKind::InvalidScript => true,
        EvalErrorKind::Thrown
        | EvalErrorKind::UnhandledRejection
        | EvalErrorKind::InvalidSchema
        | EvalErrorKind::ProcessExit
        | EvalErrorKind::NotAvailable
        | EvalErrorKind::NeverSettles
        | EvalErrorKind::CallFailed
        | EvalErrorKind::Abandoned
        | EvalErrorKind::ForgottenAwait
        | EvalErrorKind::TimeLimit
        | EvalErrorKind::MemoryLimit
        | EvalErrorKind::StackOverflow
        | EvalErrorKind::Resources
        | EvalErrorKind::Engine => false,
    }
}

/// The present state of a migration, and the question that a resolution asks.
fn question(name: &str, kind: ResolutionKind, record: Option<&Record>) -> (String, String) {
    let now = match record {
        None => format!("{name} is pending"),
        Some(record) => {
            let steps = text::count(record.steps.len(), "step", "steps");
            let by = AppliedBy::of(record);
            match record.state {
                RecordState::Applied => format!("{name} was applied ({by})"),
                RecordState::Failed => format!("{name} failed with {steps} done ({by})"),
                RecordState::Running => {
                    format!("{name} was not finished, with {steps} done ({by})")
                }
                RecordState::Undoing => format!("{name} is being undone ({by})"),
            }
        }
    };
    let question = match kind {
        ResolutionKind::AcceptChange => format!("Accept the script of {name} as it is now?"),
        ResolutionKind::Applied => format!("Mark {name} as applied?"),
        ResolutionKind::RolledBack => format!("Mark {name} as pending?"),
        ResolutionKind::Forget => format!("Remove {name} from the ledger?"),
    };
    (now, question)
}

fn unresolvable(reason: &Unresolvable, kind: ResolutionKind) -> CommandError {
    let message = text::capitalised(&reason.to_string());
    let error = CommandError::new(ErrorKind::Usage, "not-resolvable", message);
    error.hint(match reason {
        Unresolvable::NotChanged(_) => "nothing has to be resolved".to_owned(),
        Unresolvable::AlreadyApplied(name) => format!(
            "undo it with `mizzle migrate --down 1`; or, if that was done by hand: mizzle resolve {name} --rolled-back"
        ),
        Unresolvable::NotApplied(name) => format!(
            "run `mizzle migrate`, which goes on with it; or: mizzle resolve {name} --applied, or --rolled-back"
        ),
        Unresolvable::EarlierPending { earlier, .. } => {
            format!("resolve that one first: mizzle resolve {earlier} {}", kind.flag())
        }
        Unresolvable::LaterApplied { later, .. } => {
            format!("resolve that one first: mizzle resolve {later} {}", kind.flag())
        }
        Unresolvable::NotRecorded(_) => "`mizzle status` lists what the ledger holds".to_owned(),
        Unresolvable::NoScript(name) => format!(
            "restore the script and its snapshot from version control; or, if it is gone on purpose: mizzle resolve {name} --forget"
        ),
        Unresolvable::HasScript(name) => {
            format!("to run it again: mizzle resolve {name} --rolled-back")
        }
    })
}
