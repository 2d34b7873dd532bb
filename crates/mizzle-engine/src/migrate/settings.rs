//! The settings of an environment, which no script sets: `tables` of the environment in the config.
//!
//! They override the migrations, after the scripts. Only their overrides are compared and changed
//! here; every other difference is drift, which `mizzle status` shows.

use super::{Fallible, Migrate, Outcome, effects::may_expire, session::LockedSession};
use crate::{
    Error,
    converge::{
        Incomplete, Origin, Unapplied, Verification, difference_of_present, retain_changes, update,
    },
    error::Unapproved,
    ports::{Event, Screen, World},
};
use mizzle_core::{
    diff::{Change, Diff, diff},
    model::{TableDefinition, TableDescription, TimeToLiveSpecification},
    plan::{Context, Facts, Forecast, Plan, Step, plan},
    snapshot::MigrationName,
};
use std::collections::{BTreeMap, BTreeSet};

/// The predicted changes of an environment's settings, as they were shown.
#[derive(Default)]
pub(super) struct PlannedSettings {
    /// The plan; `None` if the environment has no settings.
    pub(super) plan: Option<Plan>,
    /// The changes that the server is known not to make.
    pub(super) unapplied: Vec<Unapplied>,
    /// The tables that existed then.
    existing: BTreeSet<String>,
}

impl PlannedSettings {
    /// Returns the steps; `None` if there are none.
    pub(super) fn steps(&self) -> Option<&[Step]> {
        let plan = self.plan.as_ref().filter(|plan| !plan.steps.is_empty());
        plan.map(|plan| plan.steps.as_slice())
    }
}

/// The tables in which the settings of an environment differ.
#[derive(Default)]
pub(super) struct OwnSettings {
    /// The desired tables, by name.
    pub(super) wanted: BTreeMap<String, TableDefinition>,
    /// The subjects in which the environment differs, by table.
    subjects: BTreeMap<String, BTreeSet<String>>,
}

impl<W: World> Migrate<'_, W> {
    /// Returns the settings in which the environment differs from the migrations, once the newest one is
    /// applied.
    pub(super) fn own_settings(&self, newest: Option<&MigrationName>) -> Fallible<OwnSettings, W> {
        let environment = self.environment;
        let tables = newest.and_then(|newest| self.timeline.tables_after(newest));
        let Some(tables) = tables.filter(|_| environment.has_settings()) else {
            return Ok(OwnSettings::default());
        };
        let mut wanted = environment.tables(tables.values())?;
        let everywhere = tables.values().map(|table| {
            let name = environment.naming.physical(&table.table_name).into_owned();
            table.clone().renamed(name)
        });
        let subjects = own_subjects(everywhere, &wanted);
        wanted.retain(|name, _| subjects.contains_key(name));
        Ok(OwnSettings { wanted, subjects })
    }

    /// Predicts the changes that the settings of the environment need after the scripts.
    pub(super) fn foresee_settings(
        &self,
        own: &OwnSettings,
        forecast: &Forecast,
    ) -> PlannedSettings {
        if !self.environment.has_settings() {
            return PlannedSettings::default();
        }
        let names = || own.wanted.keys();
        let tables = names().filter_map(|name| forecast.table(name)).collect::<Vec<_>>();
        let facts: BTreeMap<String, Facts> = names()
            .filter_map(|name| Some((name.clone(), forecast.facts(name)?.clone())))
            .collect();
        let existing = facts.keys().cloned().collect();
        let (_, mut plan, unapplied) = self.settings_plan(own, &tables, facts);
        for step in &mut plan.steps {
            // A table that the run creates has nothing to lose.
            if forecast.facts(step.table()).is_none() {
                step.hazards.clear();
            }
        }
        PlannedSettings { plan: Some(plan), unapplied, existing }
    }

    /// Returns the changes of tables to the settings of the environment, their plan, and the
    /// changes that the server is known not to make.
    fn settings_plan(
        &self,
        own: &OwnSettings,
        tables: &[TableDescription],
        facts: BTreeMap<String, Facts>,
    ) -> (Diff, Plan, Vec<Unapplied>) {
        let mut diff = own_difference(own, tables);
        let unapplied = self.context.leave_out_unappliable(&mut diff, tables);
        let plan = plan(&diff, &Context { facts, ..Context::default() });
        (diff, plan, unapplied)
    }

    /// Refuses destructive steps for a table that existed when the plan was shown, unless the steps
    /// were shown.
    fn check_approved(&self, plan: &Plan, approved: &PlannedSettings) -> Fallible<(), W> {
        if self.policy.yes {
            return Ok(());
        }
        let shown = approved.plan.as_ref();
        let was_shown = |step: &Step| {
            shown
                .iter()
                .flat_map(|plan| &plan.steps)
                .any(|shown| shown.call == step.call && shown.is_destructive())
        };
        let losses: Vec<Step> = plan
            .steps
            .iter()
            .filter(|step| step.is_destructive() && approved.existing.contains(step.table()))
            .filter(|step| !was_shown(step))
            .cloned()
            .collect();
        if losses.is_empty() {
            return Ok(());
        }
        Err(Error::Unapproved { reason: Unapproved::Settings(losses), repeated: None })
    }

    /// Applies the settings of the environment to the tables, and verifies them.
    pub(super) async fn apply_settings(
        &self,
        newest: Option<&MigrationName>,
        approved: &PlannedSettings,
        session: &LockedSession<W>,
        outcome: &mut Outcome<W::Error>,
    ) -> Fallible<(), W> {
        if !self.environment.has_settings() {
            return Ok(());
        }
        let own = self.own_settings(newest)?;
        let tables = self.context.describe_managed(own.wanted.values()).await;
        let tables = tables.map_err(Error::Service)?;
        let expiring = own.wanted.iter().filter(|(_, table)| may_expire(table));
        let expiring = expiring.map(|(name, _)| name.as_str()).collect();
        let empty = self.context.emptiness(&expiring).await.map_err(Error::Service)?;
        let facts = tables.iter().map(|table| {
            let name = table.definition.table_name.clone();
            let is_empty = empty.get(&name).copied().flatten();
            (name, Facts { is_empty, ..Facts::of(table) })
        });
        let (planned, plan, unapplied) = self.settings_plan(&own, &tables, facts.collect());
        outcome.unapplied = unapplied;
        let plan = outcome.settings.insert(plan);
        if *plan == Plan::default() {
            return Ok(());
        }
        if !plan.blocked.is_empty() {
            return Err(Error::Blocked(plan.blocked.clone()));
        }
        self.check_approved(plan, approved)?;
        self.context.screen.event(Event::SettingsStarted);
        let (report, _) = self.context.apply(plan, &session.control).await;
        if report.failures.iter().any(|failure| failure.error.is_fenced()) {
            return Err(session.fenced());
        }
        let is_interrupted = self.context.stop.is_cancelled();
        let origin = Origin::EnvironmentSettings;
        if let Some(incomplete) = Incomplete::of(plan, &report, is_interrupted, origin) {
            return Err(Error::Incomplete(Box::new(incomplete)));
        }
        let tables = self.context.describe_managed(own.wanted.values()).await;
        let tables = tables.map_err(Error::Service)?;
        let left = own_difference(&own, &tables);
        let (unapplied, remembered) = self.context.verify(&Verification {
            planned: &planned,
            left: &left,
            tables: &tables,
            adopted: &report.adopted,
            scope: Some(&own.subjects),
        });
        outcome.unapplied.extend(unapplied);
        outcome.not_remembered.extend(remembered.err());
        Ok(())
    }
}

/// Returns the differences of tables that result from the settings of the environment.
fn own_difference(own: &OwnSettings, tables: &[TableDescription]) -> Diff {
    let mut diff = difference_of_present(tables, &own.wanted);
    retain_changes(&mut diff, |update, change| {
        let subjects = own.subjects.get(&update.after.table_name);
        subjects.is_some_and(|subjects| subjects.contains(&change.subject()))
    });
    diff
}

/// Returns the subjects in which the environment differs from the migrations, by table.
fn own_subjects(
    everywhere: impl Iterator<Item = TableDefinition>,
    here: &BTreeMap<String, TableDefinition>,
) -> BTreeMap<String, BTreeSet<String>> {
    let everywhere = everywhere.map(|mut table| {
        // Unmanaged time to live may be enabled, so disabling it is an override, too.
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

/// Returns the subjects of a difference, by table.
fn subjects(diff: &Diff) -> BTreeMap<String, BTreeSet<String>> {
    let subjects = diff.tables.iter().filter_map(update).map(|update| {
        let subjects = update.changes.iter().map(Change::subject).collect();
        (update.after.table_name.clone(), subjects)
    });
    subjects.collect()
}
