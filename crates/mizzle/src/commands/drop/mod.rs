//! `mizzle drop`: deletes tables that were named or chosen.
//!
//! Describe, sort ([`verdict`]), show, confirm ([`questions`]), back up, delete. A deletion is a
//! plan like any other, and is applied like one.

mod failure;
mod questions;
mod settings;
mod verdict;

pub(crate) use settings::DropArgs;

use crate::{
    engine::{CommandLine, Ports},
    errors::{CommandError, ErrorKind},
    explain::{explain, explain_backup, explain_engine, explain_step},
    render::{show_backups, show_plan},
    report::{DropReport, FailedTable, Report, Skip, SkippedTable},
    server::Target,
    session::Session,
    ui::Ui,
};
use failure::Trouble;
use mizzle_core::{
    apply::{self, BackupError, ControlPlane, ServiceErrorKind, WaitError},
    model::{AuxiliarySettings, Status, TableDescription},
    plan::{Call, Hazard, HazardKind, Plan, Step},
    text,
};
use mizzle_engine::{
    Context,
    backup::{Attempt, PlannedBackup, TableBackup},
    converge::Policy,
};
use settings::DropSettings;
use std::collections::{BTreeMap, BTreeSet};
use verdict::DropRequest;

/// Describes the tables, asks for confirmation, and deletes them.
///
/// # Errors
///
/// When a request to the server fails, or no table is named or chosen.
pub(crate) fn run(args: &DropArgs, session: &Session<'_>) -> Result<Report, CommandError> {
    let settings = DropSettings::resolve(args, session)?;
    let report = session.connected(settings.connection.clone(), async |target| {
        target.admit(&settings.admission).await?;
        drop_tables(&settings, target, session).await
    });
    Ok(Report::Drop(report?))
}

async fn drop_tables(
    settings: &DropSettings,
    target: &Target,
    session: &Session<'_>,
) -> Result<DropReport, CommandError> {
    let (interrupts, ui) = (session.interrupts, session.ui);
    let ports = Ports::new(target, ui, interrupts, settings.concurrency);
    Dropping { settings, target, ui, context: ports.context() }.run().await
}

struct Dropping<'a> {
    settings: &'a DropSettings,
    target: &'a Target,
    ui: &'a Ui,
    context: Context<'a, CommandLine<'a>>,
}

impl Dropping<'_> {
    async fn run(&self) -> Result<DropReport, CommandError> {
        let Self { settings, target, ui, .. } = self;
        ui.info(format!("Target: {}", target.name));
        let names = match settings.tables.as_slice() {
            [] => self.choose().await?,
            named => named.to_vec(),
        };
        let tables = self.look(&names).await?;
        let empty = self.look_into(&tables).await?;
        let mut report = DropReport::new(target.name.clone(), names.len());
        let mut plan = self.sort(&names, &tables, &empty, &mut report).await;
        self.tell(&report.skipped, !plan.steps.is_empty());
        if plan.steps.is_empty() {
            report.failure = failure::failure(&report, &Trouble::default());
            return Ok(report);
        }
        let backups = self.plan_backups(&plan, &tables);
        self.annotate(&mut plan, &tables, &backups);
        show_plan(&plan, false, !settings.yes, ui);
        let policy = Policy { accept_data_loss: settings.accept_data_loss, ..Policy::default() };
        let refused = policy.refuse_data_loss(&plan.steps);
        let refused = refused.map_err(|error| explain_engine(error, &target.name));
        if let Err(error) = refused.and_then(|()| self.agree(&plan)) {
            report.failure = Some(error);
            return Ok(report);
        }
        let mut trouble = Trouble::default();
        if !backups.is_empty() {
            let without = self.back_up(&backups, &mut report, &mut trouble).await;
            plan.steps.retain(|step| !without.contains(step.table()));
        }
        self.apply(&plan, &mut report, &mut trouble).await;
        report.failure = failure::failure(&report, &trouble);
        Ok(report)
    }

    /// Lets the user choose tables. Returns their names; none if there is no table to offer.
    ///
    /// The choices are the tables that are named like those of the environment, except ledgers: a
    /// ledger can only be dropped by its name.
    async fn choose(&self) -> Result<Vec<String>, CommandError> {
        let mut names = self.of_environment().await?;
        names.retain(|name| !self.settings.ledgers.contains(name));
        let mut tables = self.describe(&names, AuxiliarySettings::NONE).await?;
        tables.retain(|table| table.status != Status::Deleting);
        match tables.as_slice() {
            [] => Ok(Vec::new()),
            tables => questions::pick(self.ui, tables, self.target.is_local()),
        }
    }

    /// Returns the names of the environment's tables, sorted.
    async fn of_environment(&self) -> Result<Vec<String>, CommandError> {
        let listed = self.target.control.list_tables().await;
        let mut names = listed.map_err(|error| explain(&error, &self.target.name))?;
        names.retain(|name| self.settings.environment.naming.logical(name).is_some());
        names.sort_unstable();
        Ok(names)
    }

    /// Describes the tables with what is deleted with them. Without the permission to read the
    /// continuous backups, a table can still be deleted: a failed read of such settings is never an
    /// error.
    async fn look(&self, names: &[String]) -> Result<Vec<TableDescription>, CommandError> {
        let names: Vec<(String, AuxiliarySettings, bool)> =
            names.iter().map(|name| (name.clone(), AuxiliarySettings::NONE, true)).collect();
        let described = self.context.describe_deleted(&names).await;
        described.map_err(|error| explain(&error, &self.target.name))
    }

    /// Returns whether each table is empty, by name.
    async fn look_into(
        &self,
        tables: &[TableDescription],
    ) -> Result<BTreeMap<String, Option<bool>>, CommandError> {
        let there = tables.iter().filter(|table| table.status != Status::Deleting);
        let names: BTreeSet<&str> =
            there.map(|table| table.definition.table_name.as_str()).collect();
        let empty = self.context.emptiness(&names).await;
        empty.map_err(|error| explain(&error, &self.target.name))
    }

    async fn describe(
        &self,
        names: &[String],
        extras: AuxiliarySettings,
    ) -> Result<Vec<TableDescription>, CommandError> {
        let names: Vec<(String, AuxiliarySettings)> =
            names.iter().map(|name| (name.clone(), extras)).collect();
        let described = self.context.describe(&names).await;
        described.map_err(|error| explain(&error, &self.target.name))
    }

    /// Returns the plan that deletes the allowed tables. Adds the others to the report as skipped.
    async fn sort(
        &self,
        names: &[String],
        tables: &[TableDescription],
        empty: &BTreeMap<String, Option<bool>>,
        report: &mut DropReport,
    ) -> Plan {
        let others = self.others(names, tables).await;
        let wish = DropRequest {
            environment: &self.settings.environment,
            unprotect: self.settings.unprotect,
            is_counted_now: self.target.is_local(),
            empty,
            others: &others,
        };
        let (plan, skipped) = verdict::sort(names, tables, wish);
        report.skipped = skipped;
        if plan.steps.is_empty() || !self.settings.backup || self.context.has_backups().await {
            return plan;
        }
        let server = self.target.name.to_string();
        let without = plan.by_table().filter_map(<[Step]>::first);
        report.skipped.extend(without.map(|step| verdict::no_backups(step.table(), &server)));
        Plan::default()
    }

    /// Returns the other tables of the environment, if one of the names may be misspelt.
    async fn others(&self, names: &[String], tables: &[TableDescription]) -> Vec<String> {
        let naming = &self.settings.environment.naming;
        let is_right = |name: &String| {
            naming.logical(name).is_some()
                && tables.iter().any(|table| table.definition.table_name == *name)
        };
        if names.iter().all(is_right) {
            return Vec::new();
        }
        // Without the list there are no suggestions.
        let mut others = self.of_environment().await.unwrap_or_default();
        others.retain(|other| !names.contains(other));
        others
    }

    /// Reports the skipped tables, which are part of what the user confirms. If nothing is deleted,
    /// the failure reports them.
    fn tell(&self, skipped: &[SkippedTable], is_begun: bool) {
        for SkippedTable { reason, hint, skip, .. } in skipped {
            let line = match hint {
                Some(hint) => format!("{reason}: {hint}"),
                None => reason.clone(),
            };
            match skip {
                Skip::Gone => self.ui.info(line),
                Skip::Misspelt
                | Skip::OtherEnvironment
                | Skip::Protected
                | Skip::NotPossible
                | Skip::NoBackups
                | Skip::NotBegun => {
                    if is_begun && !self.settings.yes {
                        self.ui.warning(line);
                    }
                }
            }
        }
    }

    /// Returns the backups to take. A table that is being deleted already cannot be backed up.
    fn plan_backups(&self, plan: &Plan, tables: &[TableDescription]) -> Vec<PlannedBackup> {
        if !self.settings.backup {
            return Vec::new();
        }
        let is_going = |name: &str| {
            let is_it = |table: &&TableDescription| table.definition.table_name == name;
            tables.iter().find(is_it).is_some_and(|table| table.status == Status::Deleting)
        };
        let tables = plan.by_table().filter_map(|steps| steps.first().map(Step::table));
        self.context.plan_backups(tables.filter(|name| !is_going(name)))
    }

    /// Backs the tables up. Returns the names of those without a usable backup.
    async fn back_up(
        &self,
        backups: &[PlannedBackup],
        report: &mut DropReport,
        trouble: &mut Trouble,
    ) -> BTreeSet<String> {
        let mut without = BTreeSet::new();
        for Attempt { table, arn, result } in self.context.take_backups(backups).await {
            report.backups.extend(arn.map(|arn| TableBackup { table: table.clone(), arn }));
            if let Err(error) = result {
                self.note(&table, &error, report, trouble);
                without.insert(table);
            }
        }
        show_backups(&report.backups, self.ui);
        without
    }

    /// Records why a table has no usable backup, and so is not deleted.
    fn note(
        &self,
        table: &str,
        error: &BackupError,
        report: &mut DropReport,
        trouble: &mut Trouble,
    ) {
        let target = &self.target.name;
        match error {
            BackupError::Service(error) if error.kind == ServiceErrorKind::Unsupported => {
                report.skipped.push(verdict::no_backups(table, &target.to_string()));
            }
            BackupError::Wait(WaitError::Stopped { .. }) => {
                report.skipped.push(verdict::not_begun(table));
            }
            BackupError::Service(_) | BackupError::Wait(_) | BackupError::Vanished { .. } => {
                let explained = explain_backup(table, error, target);
                let reason = explained.message.clone();
                report.failed.push(FailedTable { name: table.to_owned(), reason });
                trouble.errors.push(explained);
            }
        }
    }

    /// Adds to the deletions the details that a plan does not contain: the deleted indexes, the
    /// backups taken first, and the consequence of losing a ledger.
    fn annotate(&self, plan: &mut Plan, tables: &[TableDescription], backups: &[PlannedBackup]) {
        for step in &mut plan.steps {
            if !matches!(step.call, Call::DeleteTable(_)) {
                continue;
            }
            let name = step.table().to_owned();
            if let Some(table) = tables.iter().find(|table| table.definition.table_name == name) {
                step.details = index_lines(table);
            }
            let backup = backups.iter().find(|(table, _)| *table == name);
            step.details.extend(backup.map(|(_, backup)| format!("backed up first, as {backup}")));
            if self.settings.ledgers.contains(&name) {
                let message = "It holds the record of the migrations: mizzle forgets which of them were applied, and would run them again.";
                let (kind, message) = (HazardKind::DeletesTable, message.to_owned());
                step.hazards.push(Hazard { kind, message });
            }
        }
    }

    fn agree(&self, plan: &Plan) -> Result<(), CommandError> {
        if self.settings.yes {
            return Ok(());
        }
        let tables: Vec<&str> =
            plan.by_table().filter_map(<[Step]>::first).map(Step::table).collect();
        questions::agree(self.ui, &tables, &self.target.name, self.target.is_local())
    }

    /// Deletes the tables in the plan, unless the run was interrupted in the meantime.
    async fn apply(&self, plan: &Plan, report: &mut DropReport, trouble: &mut Trouble) {
        let result = match plan.steps.is_empty() || self.context.stop.is_cancelled() {
            true => apply::Report::default(),
            false => self.apply_begun(plan, report).await,
        };
        let applied = result.applied.iter().collect();
        trouble.half_done = failure::half_done(plan, &applied);
        for steps in plan.by_table() {
            let Some(delete) = steps.last() else { continue };
            let name = delete.table().to_owned();
            if applied.contains(&delete.id) {
                report.dropped.push(name);
            } else if let Some(error) = self.error_of(delete, &result) {
                report.failed.push(FailedTable { name, reason: error.message.clone() });
                trouble.errors.push(error);
            } else {
                report.skipped.push(verdict::not_begun(&name));
            }
        }
        report.failed.sort_by(|a, b| a.name.cmp(&b.name));
    }

    /// Returns the reason why a table was not deleted; `None` if its step was not started.
    fn error_of(&self, delete: &Step, result: &apply::Report) -> Option<CommandError> {
        let target = &self.target.name;
        if result.unsupported.contains(&delete.id) {
            let message = format!("{target} has no operation to delete {}", delete.table());
            return Some(CommandError::new(ErrorKind::Failed, "service", message));
        }
        let failure = result.failures.iter().find(|failure| failure.table == delete.table())?;
        let mut error = explain_step(&failure.error, target);
        if failure::is_protected_meanwhile(&failure.error) {
            error.hints = vec![failure::UNPROTECT.to_owned()];
        }
        Some(error)
    }

    async fn apply_begun(&self, plan: &Plan, report: &mut DropReport) -> apply::Report {
        let (result, elapsed) = self.context.apply_interruptible(plan, &self.target.control).await;
        report.elapsed = Some(elapsed);
        result
    }
}

/// Returns `GSIs byEmail and byStatus`, `LSI byDate`.
fn index_lines(table: &TableDescription) -> Vec<String> {
    let definition = &table.definition;
    let global = definition.global_secondary_indexes.iter().map(|index| &index.index_name);
    let local = definition.local_secondary_indexes.iter().map(|index| &index.index_name);
    let line = |kind: &str, names: Vec<&String>| match names.as_slice() {
        [] => None,
        [one] => Some(format!("{kind} {one}")),
        many => Some(format!("{kind}s {}", text::list(many))),
    };
    line("GSI", global.collect()).into_iter().chain(line("LSI", local.collect())).collect()
}
