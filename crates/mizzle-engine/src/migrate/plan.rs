//! The plan of a run: all pending scripts are recorded, their tables are described, and the effects
//! are shown and approved before the first script is run.

use super::{
    Fallible, Migrate, MigrationOutcome, MigrationState, Outcome, Recording, Script, Skipped,
    adopt::nothing_left,
    approved::Approved,
    dry_run,
    effects::may_expire,
    settings::PlannedSettings,
    status::{Pending, ScriptState},
};
use crate::{
    Error,
    ports::{Direction, Event, Question, Screen, World},
};
use mizzle_core::{
    apply::extras,
    history::Tables,
    model::{AuxiliarySettings, Status, TableDefinition, TableDescription},
    plan::{
        Adoption, Agreement, Blocked, BlockedKind, Call, Facts, Fitted, Fitter, Forecast, Managed,
        Step, adoption_extras,
    },
};
use std::collections::{BTreeMap, BTreeSet};

/// The plan of a run.
pub(super) struct RunPlan {
    /// The migrations in order, as they are shown, each with its approval.
    pub(super) migrations: Vec<(MigrationOutcome, Approved)>,
    /// The settings of the environment, which are applied afterwards.
    pub(super) settings: PlannedSettings,
    /// The reasons why the present tables block the plan.
    pub(super) blocked: Vec<Blocked>,
}

impl RunPlan {
    /// Returns all steps, in order.
    fn steps(&self) -> impl Iterator<Item = &Step> {
        let of_settings = self.settings.plan.iter().flat_map(|plan| &plan.steps);
        self.migrations.iter().flat_map(|(migration, _)| &migration.steps).chain(of_settings)
    }

    /// Returns the migrations as they are shown.
    pub(super) fn outcomes(self) -> Vec<MigrationOutcome> {
        self.migrations.into_iter().map(|(migration, _)| migration).collect()
    }

    /// Returns the approval of a migration; `None` if it was not pending.
    pub(super) fn take(&mut self, name: &str) -> Option<Approved> {
        let planned = self.migrations.iter_mut().find(|(migration, _)| migration.name == name);
        planned.map(|(_, approved)| std::mem::take(approved))
    }
}

impl<W: World> Migrate<'_, W> {
    /// Records the pending scripts, describes the tables, and predicts the effects.
    pub(super) async fn plan_run(&self, pending: &Pending<'_, W::Error>) -> Fallible<RunPlan, W> {
        let mut recordings = Vec::new();
        let mut extra: BTreeMap<String, AuxiliarySettings> = BTreeMap::new();
        for ScriptState { script, record, .. } in &pending.scripts {
            let recording = self.record(script, Direction::Up).await;
            let mut recording = recording.map_err(Error::Recording)?;
            // Recorded steps are not repeated, and their effects are visible in the tables.
            let done = record.as_ref().map_or(0, |record| record.steps.len());
            recording.steps.drain(..done.min(recording.steps.len()));
            recording.fingerprints.drain(..done.min(recording.fingerprints.len()));
            let left = self.tables_left_by(script.name(), Direction::Up);
            for (step, fingerprint) in recording.steps.iter().zip(&recording.fingerprints) {
                let Call::CreateTable(request) = &step.call else { continue };
                let managed = self.managed(fingerprint, left)?;
                let known = extra.entry(request.table_name.clone()).or_default();
                *known = known.union(adoption_extras(request, managed.as_ref()));
            }
            recordings.push((script.name().to_string(), done, recording, left));
        }
        let own = self.own_settings(pending.newest)?;
        let steps = recordings.iter().flat_map(|(_, _, recording, _)| &recording.steps);
        let mut forecast = self.forecast(steps, &own.wanted, &extra).await?;
        let (mut migrations, mut blocked) = (Vec::new(), Vec::new());
        for (name, done, recording, left) in recordings {
            let foreseen = self.foresee((name, done), recording, left, &mut forecast);
            let (migration, impossible) = foreseen?;
            migrations.push(migration);
            blocked.extend(impossible);
        }
        let settings = self.foresee_settings(&own, &forecast);
        blocked.extend_from_slice(forecast.blocked());
        Ok(RunPlan { migrations, settings, blocked })
    }

    /// Returns a migration as it is shown, its approval, and the changes that cannot be made.
    fn foresee(
        &self,
        (name, done): (String, usize),
        recording: Recording,
        left: Option<&Tables>,
        forecast: &mut Forecast,
    ) -> Fallible<((MigrationOutcome, Approved), Vec<Blocked>), W> {
        let hazards = recording.hazards().collect();
        let (mut steps, mut skipped, mut blocked) = (Vec::new(), Vec::new(), Vec::new());
        let (mut approved, mut fitter) = (Approved::default(), Fitter::default());
        for (step, fingerprint) in recording.steps.into_iter().zip(recording.fingerprints) {
            let managed = self.managed(&fingerprint, left)?;
            let foreseen = foresee_step(step, managed.as_ref(), forecast, &mut fitter);
            let Foreseen { step, present, exists } = match foreseen {
                Ok(foreseen) => foreseen,
                Err(left_out) => {
                    skipped.push(left_out);
                    continue;
                }
            };
            if let (Call::CreateTable(request), Some(present)) = (&step.call, &present) {
                let (adoption, _) = self.adoption(request, managed.as_ref(), present);
                blocked.extend(not_adoptable(step.table(), &name, &adoption));
                let (title, changes) = existing(&step.title, adoption);
                approved.show_adoption(&changes);
                steps.push(Step { title, details: Vec::new(), ..step });
                steps.extend(changes);
                continue;
            }
            approved.show(&step, fingerprint, exists, self.policy.accept_data_loss);
            steps.push(step);
        }
        let outcome = MigrationOutcome::new(name, MigrationState::Pending, steps);
        Ok(((MigrationOutcome { hazards, skipped, done, ..outcome }, approved), blocked))
    }

    /// Returns the forecast with the present tables of steps and of the environment's settings.
    /// `extra` are the additional settings to read of tables that steps create.
    pub(super) async fn forecast<'s>(
        &self,
        steps: impl Iterator<Item = &'s Step> + Clone,
        own: &BTreeMap<String, TableDefinition>,
        extra: &BTreeMap<String, AuxiliarySettings>,
    ) -> Fallible<Forecast, W> {
        let mut wanted: BTreeMap<&str, (AuxiliarySettings, bool)> = BTreeMap::new();
        let mut at_stake: BTreeSet<&str> = BTreeSet::new();
        for step in steps {
            let (needed, goes) = wanted.entry(step.table()).or_default();
            *needed = needed.union(extras(&step.call));
            *goes |= matches!(step.call, Call::DeleteTable(_));
            if step.call.depends_on_items() {
                at_stake.insert(step.table());
            }
        }
        for (name, extras) in extra {
            let (needed, _) = wanted.entry(name).or_default();
            *needed = needed.union(*extras);
        }
        for (name, table) in own {
            let (needed, _) = wanted.entry(name).or_default();
            *needed = needed.union(AuxiliarySettings::managed_by(table));
            if may_expire(table) {
                at_stake.insert(name);
            }
        }
        let wanted: Vec<(String, AuxiliarySettings, bool)> = wanted
            .into_iter()
            .map(|(name, (needed, goes))| (name.to_owned(), needed, goes))
            .collect();
        let present = self.context.describe_deleted(&wanted).await;
        let mut present = present.map_err(Error::Service)?;
        // A table that is being deleted counts as deleted.
        present.retain(|table| table.status != Status::Deleting);
        at_stake.retain(|name| present.iter().any(|table| table.definition.table_name == *name));
        let empty = self.context.emptiness(&at_stake).await.map_err(Error::Service)?;
        let is_counted_now = self.context.is_local;
        Ok(Forecast::new(present.into_iter().map(|table| {
            let is_empty = empty.get(&table.definition.table_name).copied().flatten();
            let facts = Facts { is_counted_now, is_empty, ..Facts::of(&table) };
            (table, facts)
        })))
    }

    /// Shows the plan, and asks for approval if it is destructive.
    pub(super) async fn approve_run(&self, plan: &RunPlan) -> Fallible<(), W> {
        let asks = !Agreement::of(plan.steps()).is_needless() && !self.policy.yes;
        for (migration, _) in &plan.migrations {
            let direction = Direction::Up;
            self.context.screen.event(Event::MigrationPlanned { migration, direction, asks });
        }
        if let Some(steps) = plan.settings.steps() {
            self.context.screen.event(Event::SettingsPlanned { steps, asks });
        }
        if !plan.blocked.is_empty() {
            return Err(Error::Blocked(plan.blocked.clone()));
        }
        if let Some(plan) = plan.settings.plan.as_ref().filter(|plan| !plan.blocked.is_empty()) {
            return Err(Error::Blocked(plan.blocked.clone()));
        }
        self.policy.refuse_data_loss(plan.steps())?;
        self.require_backups(plan.steps()).await?;
        if !asks {
            return Ok(());
        }
        let names: Vec<&str> =
            plan.migrations.iter().map(|(migration, _)| migration.name.as_str()).collect();
        let adopts = plan.migrations.iter().any(|(_, approved)| approved.changes_adopted());
        match self.context.approve(self.policy, Question::Run(&names)) {
            Err(Error::Declined) if adopts => Err(Error::AdoptionNotApproved(None)),
            Err(Error::Port(error)) if adopts => Err(Error::AdoptionNotApproved(Some(error))),
            answer => answer,
        }
    }

    /// Refuses to continue if backups of tables that steps delete are requested, and the server
    /// does not support them.
    pub(super) async fn require_backups(
        &self,
        steps: impl Iterator<Item = &Step>,
    ) -> Fallible<(), W> {
        match self.policy.backup {
            true => self.context.require_backups(&deleted(steps)).await,
            false => Ok(()),
        }
    }

    /// Backs up the tables that steps delete, if requested.
    pub(super) async fn back_up(
        &self,
        tables: &BTreeSet<&str>,
        outcome: &mut Outcome<W::Error>,
    ) -> Fallible<(), W> {
        match self.policy.backup {
            true => self.context.back_up(tables, &mut outcome.backups).await,
            false => Ok(()),
        }
    }

    /// Records a function of a script.
    pub(super) async fn record(
        &self,
        script: &Script<W::Error>,
        direction: Direction,
    ) -> Result<Recording, W::Error> {
        let log = |line: &str| {
            self.context.screen.event(Event::Log { line, dry_run: true });
        };
        dry_run::record(self.host, &log, (&script.path, direction), self.environment).await
    }
}

/// A step as it is shown.
pub(super) struct Foreseen {
    /// The step fitted to its predicted table, with its hazards.
    pub(super) step: Step,
    /// The table before the step.
    pub(super) present: Option<TableDescription>,
    /// True if the table exists now.
    pub(super) exists: bool,
}

/// Predicts a step; the error means that nothing of it is left. A call that cannot be fitted fails
/// at its turn.
pub(super) fn foresee_step(
    step: Step,
    managed: Option<&Managed>,
    forecast: &mut Forecast,
    fitter: &mut Fitter,
) -> Result<Foreseen, Skipped> {
    let present = forecast.table(step.table());
    let definition = present.as_ref().map(|table| &table.definition);
    let (step, added) = match fitter.fit(&step.call, definition, managed) {
        Ok(Fitted { call: None, left_out, hazards: _ }) => {
            return Err(nothing_left(&step, left_out));
        }
        Ok(Fitted { call: Some(call), hazards, .. }) if call == step.call => (step, hazards),
        Ok(Fitted { call: Some(call), hazards, .. }) => {
            (Step { id: step.id, ..Step::of(call, 0) }, hazards)
        }
        Err(_) => (step, Vec::new()),
    };
    let exists = forecast.facts(step.table()).is_some();
    let mut step = forecast.step(step);
    if exists {
        step.hazards.extend(added);
    }
    Ok(Foreseen { step, present, exists })
}

/// Returns the existing tables that steps delete.
pub(super) fn deleted<'a>(steps: impl Iterator<Item = &'a Step>) -> BTreeSet<&'a str> {
    let is_deletion =
        |step: &&Step| matches!(step.call, Call::DeleteTable(_)) && step.is_destructive();
    steps.filter(is_deletion).map(Step::table).collect()
}

/// Returns the refusal of a creation whose table already exists and differs.
fn not_adoptable(table: &str, migration: &str, adoption: &Adoption) -> Option<Blocked> {
    let Adoption::Impossible { differences, .. } = adoption else { return None };
    Some(Blocked {
        table: table.to_owned(),
        kind: BlockedKind::NotPossible,
        reason: format!(
            "{table} exists already, and is not the table that {migration} creates: {}",
            differences.join("; ")
        ),
        hint: format!(
            "if the tables are already as the migrations leave them, made by `push` or by hand: mizzle migrate --baseline; otherwise give the table another name in the schema, or delete the one that exists, if nobody needs it: mizzle drop {table}"
        ),
    })
}

/// Returns the title of a creation whose table already exists, and the steps that give the table
/// the managed settings that it lacks.
fn existing(title: &str, adoption: Adoption) -> (String, Vec<Step>) {
    match adoption {
        Adoption::AsItIs { .. } => (format!("{title}: exists already, kept as it is"), Vec::new()),
        Adoption::Changed(adoption) => {
            (format!("{title}: exists already, is changed"), adoption.plan.steps)
        }
        Adoption::Impossible { differences, .. } => (
            format!("{title}: exists already and differs ({})", differences.join("; ")),
            Vec::new(),
        ),
    }
}
