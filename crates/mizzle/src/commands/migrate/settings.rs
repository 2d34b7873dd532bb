//! The settings that an environment has of its own, which no script brings: `tables` of the
//! environment in the config.
//!
//! They go over what the migrations say, after the scripts. Only what they make different is compared
//! and changed here; whatever else differs is drift, which `mizzle status` shows.

use super::{Known, Migrate, held::Held, plan::may_expire};
use crate::{
    commands::{
        PARALLEL, agreement::NOT_SHOWN, describe, emptiness, environment, generate::refusal, push,
    },
    error::{CommandError, ErrorKind, GO_ON},
    project::NotKept,
    report::{MigrateReport, Remaining, step_lines},
};
use mizzle_core::{
    apply,
    diff::{Change, Diff, TableDiff, TableUpdate, diff},
    ledger::Standing,
    model::{Extras, TableDefinition, TableDescription, TimeToLiveSpecification},
    plan::{Context, Facts, Forecast, Plan, Step, plan},
    snapshot::MigrationName,
};
use std::collections::{BTreeMap, BTreeSet};

/// The settings that an environment has of its own, as they were foreseen and shown.
#[derive(Default)]
pub(super) struct PlannedSettings {
    /// What they ask for; `None` when the environment has none.
    pub(super) plan: Option<Plan>,
    /// What the server is known not to keep of them.
    pub(super) remaining: Vec<Remaining>,
    /// The tables that existed then.
    there: BTreeSet<String>,
}

impl PlannedSettings {
    /// What they change, a line each; none when they change nothing.
    pub(super) fn lines(&self) -> Vec<String> {
        let Some(plan) = self.plan.as_ref().filter(|plan| !plan.steps.is_empty()) else {
            return Vec::new();
        };
        let mut lines = vec!["Settings of the environment".to_owned()];
        lines.extend(step_lines(&plan.steps));
        lines
    }
}

/// The tables that the settings of an environment make different.
#[derive(Default)]
pub(super) struct OwnSettings {
    /// The tables as they are to be, by name.
    pub(super) wanted: BTreeMap<String, TableDefinition>,
    /// What the environment has otherwise than all of them, table by table.
    subjects: BTreeMap<String, BTreeSet<String>>,
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

    /// What the environment wants otherwise than the migrations say, once the newest one is applied.
    pub(super) fn own_settings(
        &self,
        newest: Option<&MigrationName>,
    ) -> Result<OwnSettings, CommandError> {
        let environment = &self.settings.environment;
        let tables = newest.and_then(|newest| self.migrations.tables_after(newest));
        let Some(tables) = tables.filter(|_| environment.has_settings()) else {
            return Ok(OwnSettings::default());
        };
        let mut wanted = environment::tables(tables.values(), environment)?;
        let everywhere = tables.values().map(|table| {
            let name = environment.naming.physical(&table.table_name).into_owned();
            table.clone().renamed(name)
        });
        let subjects = own_subjects(everywhere, &wanted);
        wanted.retain(|name, _| subjects.contains_key(name));
        Ok(OwnSettings { wanted, subjects })
    }

    /// What the settings of the environment will ask for after the scripts.
    pub(super) fn foresee_settings(
        &self,
        own: &OwnSettings,
        forecast: &Forecast,
    ) -> Result<PlannedSettings, CommandError> {
        if !self.settings.environment.has_settings() {
            return Ok(PlannedSettings::default());
        }
        let names = || own.wanted.keys();
        let tables = names().filter_map(|name| forecast.table(name)).collect::<Vec<_>>();
        let facts: BTreeMap<String, Facts> = names()
            .filter_map(|name| Some((name.clone(), forecast.facts(name)?.clone())))
            .collect();
        let there = facts.keys().cloned().collect();
        let (mut plan, remaining) = self.settings_plan(own, &tables, facts)?;
        for step in &mut plan.steps {
            // A table that the run itself creates has nothing to lose.
            if forecast.facts(step.table()).is_none() {
                step.hazards.clear();
            }
        }
        Ok(PlannedSettings { plan: Some(plan), remaining, there })
    }

    /// The plan that gives tables the settings of the environment, and what the server is known not to
    /// keep of them.
    fn settings_plan(
        &self,
        own: &OwnSettings,
        tables: &[TableDescription],
        facts: BTreeMap<String, Facts>,
    ) -> Result<(Plan, Vec<Remaining>), CommandError> {
        let mut diff = own_difference(own, tables);
        let mut left_out = Vec::new();
        if let Some(known) = self.not_kept()? {
            let reason = format!("{} accepted it earlier but did not keep it", self.target.name);
            retain(&mut diff, |update, change| {
                let is_known = known.contains(&update.after.table_name, change);
                if is_known {
                    left_out.push(remaining(update, change, &reason));
                }
                !is_known
            });
        }
        Ok((plan(&diff, &Context { facts, ..Context::default() }), left_out))
    }

    /// Refuses what takes something away from a table that existed and was not shown then.
    fn check_agreed(&self, plan: &Plan, agreed: &PlannedSettings) -> Result<(), CommandError> {
        if self.settings.yes {
            return Ok(());
        }
        let shown = agreed.plan.as_ref();
        let was_shown = |step: &Step| {
            shown
                .iter()
                .flat_map(|plan| &plan.steps)
                .any(|shown| shown.call == step.call && shown.is_destructive())
        };
        let losses: Vec<Step> = plan
            .steps
            .iter()
            .filter(|step| step.is_destructive() && agreed.there.contains(step.table()))
            .filter(|step| !was_shown(step))
            .cloned()
            .collect();
        if losses.is_empty() {
            return Ok(());
        }
        let mut error = CommandError::new(
            ErrorKind::Refused,
            NOT_SHOWN,
            "The tables have changed meanwhile, and settings of the environment would take away what nobody was asked about:",
        );
        step_lines(&losses).iter().for_each(|line| error.add_line(line));
        Err(error.hint("run the command again to be asked, or agree with --yes"))
    }

    /// The tables as they are, as far as the settings of the environment concern them.
    async fn look_at_own(&self, own: &OwnSettings) -> Result<Vec<TableDescription>, CommandError> {
        let names: Vec<(String, Extras)> = own
            .wanted
            .iter()
            .map(|(name, table)| (name.clone(), Extras::managed_by(table)))
            .collect();
        describe(&names, PARALLEL, self.target, self.ui).await
    }

    /// Gives the tables the settings of the environment.
    pub(super) async fn apply_settings(
        &self,
        newest: Option<&MigrationName>,
        agreed: &PlannedSettings,
        held: &Held,
        report: &mut MigrateReport,
    ) -> Result<(), CommandError> {
        if !self.settings.environment.has_settings() {
            return Ok(());
        }
        let own = self.own_settings(newest)?;
        let tables = self.look_at_own(&own).await?;
        let expiring = own.wanted.iter().filter(|(_, table)| may_expire(table));
        let expiring = expiring.map(|(name, _)| name.as_str()).collect();
        let empty = emptiness(&expiring, PARALLEL, self.target).await?;
        let facts = tables.iter().map(|table| {
            let name = table.definition.table_name.clone();
            let is_empty = empty.get(&name).copied().flatten();
            (name, Facts { is_empty, ..Facts::of(table) })
        });
        let (plan, known) = self.settings_plan(&own, &tables, facts.collect())?;
        report.remaining = known;
        let plan = report.settings.insert(plan);
        if *plan == Plan::default() {
            return Ok(());
        }
        if !plan.blocked.is_empty() {
            return Err(refusal(&plan.blocked));
        }
        self.check_agreed(plan, agreed)?;
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
        match self.not_kept()? {
            Some(known) => self.learn(&own, known, report).await,
            None => Ok(()),
        }
    }

    /// Remembers what the server, an emulator, has not kept.
    async fn learn(
        &self,
        own: &OwnSettings,
        mut known: NotKept,
        report: &mut MigrateReport,
    ) -> Result<(), CommandError> {
        let reason = format!("{} accepted it but did not keep it", self.target.name);
        let left = own_difference(own, &self.look_at_own(own).await?);
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
        push::not_kept(&self.settings.root, self.target)
    }
}

/// How tables differ from what they are to be, as far as the settings of the environment are the
/// reason.
fn own_difference(own: &OwnSettings, tables: &[TableDescription]) -> Diff {
    let pairs = tables.iter().filter_map(|table| {
        let wanted = own.wanted.get(&table.definition.table_name)?;
        Some((table.compared_with(wanted), wanted))
    });
    let (present, wanted): (Vec<TableDefinition>, Vec<&TableDefinition>) = pairs.unzip();
    let mut diff = diff(&present, wanted);
    retain(&mut diff, |update, change| {
        let subjects = own.subjects.get(&update.after.table_name);
        subjects.is_some_and(|subjects| subjects.contains(&change.subject()))
    });
    diff
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
