//! The settings that an environment has of its own, which no script brings: `tables` of the
//! environment in the config.
//!
//! They go over what the migrations say, after the scripts. Only what they make different is compared
//! and changed here; whatever else differs is drift, which `mizzle status` shows.

use super::{Known, Migrate, held::Held};
use crate::{
    commands::{PARALLEL, describe, environment, generate::refusal},
    error::{CommandError, ErrorKind, GO_ON},
    project::NotKept,
    report::{MigrateReport, Remaining, step_lines},
};
use mizzle_core::{
    apply::{self, ControlPlane, ServiceErrorKind},
    diff::{Change, Diff, TableDiff, TableUpdate, diff},
    ledger::Standing,
    model::{Extras, TableDefinition, TimeToLiveSpecification},
    plan::{Context, Facts, HazardKind, Plan, Step, plan},
    snapshot::MigrationName,
};
use std::collections::{BTreeMap, BTreeSet};

/// What was agreed to of the settings.
pub(super) struct Agreed {
    /// The tables that were there.
    there: BTreeSet<String>,
    /// The steps that take something away from them.
    steps: Vec<Step>,
}

impl Migrate<'_> {
    /// The newest migration that is applied once the pending ones are; `None` when there is none.
    pub(super) async fn newest_after<'a>(
        &'a self,
        pending: &[Known<'a>],
    ) -> Result<Option<&'a MigrationName>, CommandError> {
        if let Some(last) = pending.last() {
            return Ok(Some(&last.script.name));
        }
        let (known, _) = self.known().await?;
        let newest = known.iter().rev().find(|known| known.standing == Standing::Applied);
        Ok(newest.map(|known| &known.script.name))
    }

    /// What the settings of the environment ask of the tables that are there, noted in the report.
    /// Returns those tables, as far as settings make them different.
    pub(super) async fn plan_settings(
        &self,
        newest: Option<&MigrationName>,
        report: &mut MigrateReport,
    ) -> Result<BTreeSet<String>, CommandError> {
        let environment = &self.settings.environment;
        if !environment.has_settings() {
            return Ok(BTreeSet::new());
        }
        let tables = newest.and_then(|newest| self.migrations.tables_after(newest));
        let Some(tables) = tables else {
            report.settings = Some(Plan::default());
            return Ok(BTreeSet::new());
        };
        let (mut diff, facts) = self.own_difference(tables).await?;
        let there = facts.keys().cloned().collect();
        report.remaining.clear();
        if let Some(known) = self.not_kept()? {
            let reason = format!("{} accepted it earlier but did not keep it", self.target.name);
            let mut leave_out = |update: &TableUpdate, change: &Change| {
                let is_known = known.contains(&update.after.table_name, change);
                if is_known {
                    report.remaining.push(remaining(update, change, &reason));
                }
                is_known
            };
            retain(&mut diff, |update, change| !leave_out(update, change));
        }
        report.settings = Some(plan(&diff, &Context { facts, accept_data_loss: false }));
        Ok(there)
    }

    /// Asks, before anything is run, whether what the settings take away from tables that are there may
    /// go. What takes nothing away needs no answer.
    pub(super) async fn agree_to_settings(
        &self,
        there: BTreeSet<String>,
        report: &MigrateReport,
    ) -> Result<Agreed, CommandError> {
        let mut agreed = Agreed { there, steps: Vec::new() };
        let Some(plan) = report.settings.as_ref().filter(|_| !self.settings.yes) else {
            return Ok(agreed);
        };
        agreed.steps = self.losses(plan).await?;
        if agreed.steps.is_empty() {
            return Ok(agreed);
        }
        self.ui.important(format!(
            "Settings of the environment\n{}",
            step_lines(&agreed.steps).join("\n")
        ));
        let question = format!("Change these settings at {}?", self.target.name);
        if self.ui.confirm(&question, "--yes")? {
            Ok(agreed)
        } else {
            Err(CommandError::declined())
        }
    }

    /// The steps of a plan that take something away.
    async fn losses(&self, plan: &Plan) -> Result<Vec<Step>, CommandError> {
        let mut losses = Vec::new();
        for step in &plan.steps {
            let kinds = step.hazards.iter().map(|hazard| hazard.kind);
            let kinds: Vec<HazardKind> = kinds.filter(|kind| kind.loses_something()).collect();
            let is_of_items = |kind: &HazardKind| *kind == HazardKind::ExpiresItems;
            if kinds.is_empty() {
                continue;
            }
            // Where there is no item, none expires.
            if kinds.iter().all(is_of_items) && self.is_empty(step.table()).await? {
                continue;
            }
            losses.push(step.clone());
        }
        Ok(losses)
    }

    async fn is_empty(&self, table: &str) -> Result<bool, CommandError> {
        match self.target.control.is_empty(table).await {
            Ok(is_empty) => Ok(is_empty),
            Err(error) if error.kind == ServiceErrorKind::AccessDenied => Ok(false),
            Err(error) => Err(self.explain(&error)),
        }
    }

    /// Refuses what takes something away from a table that was there and was not shown then.
    async fn check_agreed(&self, plan: &Plan, agreed: &Agreed) -> Result<(), CommandError> {
        if self.settings.yes {
            return Ok(());
        }
        let is_new = |step: &Step| {
            let mut shown = agreed.steps.iter();
            agreed.there.contains(step.table()) && !shown.any(|shown| shown.call == step.call)
        };
        let mut losses = self.losses(plan).await?;
        losses.retain(is_new);
        if losses.is_empty() {
            return Ok(());
        }
        let mut error = CommandError::new(
            ErrorKind::Refused,
            "not-agreed",
            "The tables have changed meanwhile, and settings of the environment would take away what nobody was asked about:",
        );
        step_lines(&losses).iter().for_each(|line| error.add_line(line));
        Err(error.hint("run the command again to be asked, or agree with --yes"))
    }

    /// How the tables that are there differ from what they are to be, as far as the settings of the
    /// environment are the reason.
    async fn own_difference(
        &self,
        tables: &BTreeMap<String, TableDefinition>,
    ) -> Result<(Diff, BTreeMap<String, Facts>), CommandError> {
        let environment = &self.settings.environment;
        let wanted = environment::tables(tables.values(), environment)?;
        let everywhere = tables.values().map(|table| {
            let name = environment.naming.physical(&table.table_name).into_owned();
            table.clone().renamed(name)
        });
        let own = own_subjects(everywhere, &wanted);
        let names: Vec<(String, Extras)> = own
            .keys()
            .filter_map(|name| Some((name.clone(), Extras::managed_by(wanted.get(name)?))))
            .collect();
        let present = describe(&names, PARALLEL, self.target, self.ui).await?;
        let facts = present
            .iter()
            .map(|table| (table.definition.table_name.clone(), Facts::of(table)))
            .collect();
        let pairs = present.iter().filter_map(|table| {
            let wanted = wanted.get(&table.definition.table_name)?;
            Some((table.compared_with(wanted), wanted))
        });
        let (present, wanted): (Vec<TableDefinition>, Vec<&TableDefinition>) = pairs.unzip();
        let mut diff = diff(&present, wanted);
        retain(&mut diff, |update, change| {
            let own = own.get(&update.after.table_name);
            own.is_some_and(|own| own.contains(&change.subject()))
        });
        Ok((diff, facts))
    }

    /// Gives the tables the settings of the environment.
    pub(super) async fn apply_settings(
        &self,
        newest: Option<&MigrationName>,
        agreed: &Agreed,
        held: &Held,
        report: &mut MigrateReport,
    ) -> Result<(), CommandError> {
        self.plan_settings(newest, report).await?;
        let Some(plan) = report.settings.as_ref().filter(|plan| **plan != Plan::default()) else {
            return Ok(());
        };
        if !plan.blocked.is_empty() {
            return Err(refusal(&plan.blocked));
        }
        self.check_agreed(plan, agreed).await?;
        self.ui.step("Settings of the environment");
        let progress = self.ui.push_progress(plan);
        let (control, options) = (&held.control, self.target.apply_options(PARALLEL));
        let result = apply::apply(plan, control, &self.clock, &progress, &self.stop, options).await;
        progress.finish();
        if result.failures.iter().any(|failure| failure.error.is_fenced()) {
            return Err(self.explain_fenced(held));
        }
        let is_done = result.failures.is_empty() && result.not_started.is_empty();
        if self.stop.is_requested() && !is_done {
            return Err(CommandError::interrupted());
        }
        if let Some(failure) = result.failures.into_iter().next() {
            let message = format!("{}: {}", failure.step, failure.error);
            return Err(CommandError::new(ErrorKind::Failed, "service", message).hint(GO_ON));
        }
        match (self.not_kept()?, newest.and_then(|newest| self.migrations.tables_after(newest))) {
            (Some(known), Some(tables)) => self.learn(tables, known, report).await,
            _ => Ok(()),
        }
    }

    /// Remembers what the server, an emulator, has not kept.
    async fn learn(
        &self,
        tables: &BTreeMap<String, TableDefinition>,
        mut known: NotKept,
        report: &mut MigrateReport,
    ) -> Result<(), CommandError> {
        let reason = format!("{} accepted it but did not keep it", self.target.name);
        let (left, _) = self.own_difference(tables).await?;
        let mut forgotten: BTreeMap<String, Vec<Change>> = BTreeMap::new();
        for update in left.tables.iter().filter_map(update) {
            let table = &update.after.table_name;
            for change in &update.changes {
                if !known.contains(table, change) {
                    report.remaining.push(remaining(update, change, &reason));
                }
                forgotten.entry(table.clone()).or_default().push(change.clone());
            }
        }
        if let Err(error) = known.replace(forgotten) {
            // It is only a memory: the next run tries once more.
            self.ui.warning(error.message);
        }
        Ok(())
    }

    /// What the server is known not to keep; AWS keeps what it accepts.
    pub(super) fn not_kept(&self) -> Result<Option<NotKept>, CommandError> {
        let is_emulator = !self.target.control.target().is_aws();
        let open = || NotKept::open(&self.settings.root, &self.target.name.server());
        is_emulator.then(open).transpose()
    }
}

pub(super) fn remaining(update: &TableUpdate, change: &Change, reason: &str) -> Remaining {
    Remaining {
        table: update.after.table_name.clone(),
        setting: change.words(&update.before, &update.after),
        reason: reason.to_owned(),
    }
}

pub(super) fn update(table: &TableDiff) -> Option<&TableUpdate> {
    match table {
        TableDiff::Update(update) => Some(update),
        TableDiff::Create(_) | TableDiff::Delete(_) => None,
    }
}

/// Keeps those changes within tables for which `is_kept` holds, and no others.
pub(super) fn retain(diff: &mut Diff, mut is_kept: impl FnMut(&TableUpdate, &Change) -> bool) {
    diff.tables.retain_mut(|table| match table {
        TableDiff::Update(update) => {
            let changes = std::mem::take(&mut update.changes);
            let kept = changes.into_iter().filter(|change| is_kept(update, change)).collect();
            update.changes = kept;
            !update.changes.is_empty()
        }
        TableDiff::Create(_) | TableDiff::Delete(_) => false,
    });
}

/// What an environment has otherwise than all of them, table by table.
pub(super) fn own_subjects(
    everywhere: impl Iterator<Item = TableDefinition>,
    here: &BTreeMap<String, TableDefinition>,
) -> BTreeMap<String, BTreeSet<String>> {
    let everywhere = everywhere.map(|mut table| {
        // Time to live that nobody speaks of may be on; to end it is a wish as well.
        let here = here.get(&table.table_name);
        if here.is_some_and(|here| here.time_to_live_specification.is_some()) {
            let any = TimeToLiveSpecification { enabled: true, attribute_name: None };
            table.time_to_live_specification.get_or_insert(any);
        }
        table
    });
    let everywhere: Vec<TableDefinition> = everywhere.collect();
    subjects(&diff(&everywhere, here.values()))
}

/// What differs, table by table.
fn subjects(diff: &Diff) -> BTreeMap<String, BTreeSet<String>> {
    let subjects = diff.tables.iter().filter_map(update).map(|update| {
        let subjects = update.changes.iter().map(Change::subject).collect();
        (update.after.table_name.clone(), subjects)
    });
    subjects.collect()
}
