//! The plan of a run: every pending script recorded, the tables that they concern looked at, and what
//! follows from both shown and agreed to before the first script is run.

use super::{
    Known, Migrate, approval::Approved, settings::PlannedSettings, take_over::nothing_left,
};
use crate::{
    commands::{
        PARALLEL, agreement::refuse_data_loss, backup::Backups, describe_going, emptiness,
        generate::refusal, record::Recording,
    },
    error::CommandError,
    report::{MigrateReport, MigrationReport, MigrationState, Skipped},
};
use mizzle_core::{
    apply::extras,
    history::Tables,
    model::{Extras, Status, TableDefinition, TableDescription},
    plan::{
        Adoption, Agreement, Blocked, BlockedKind, Call, Facts, Fitted, Fitter, Forecast, Managed,
        Step, adoption_extras,
    },
    text,
};
use mizzle_eval::{Direction, EvalError};
use std::collections::{BTreeMap, BTreeSet};

/// What a run will do.
pub(super) struct RunPlan {
    /// The migrations in their order: as they are shown, and what was shown of them.
    pub(super) migrations: Vec<(MigrationReport, Approved)>,
    /// The settings of the environment that follow.
    pub(super) settings: PlannedSettings,
    /// The reasons why it cannot be done as the tables are.
    pub(super) blocked: Vec<Blocked>,
}

/// What to do about a table that exists already and that is not to be changed.
const KEEP: &str = "to keep what a table that exists has, state it in the config or leave it out there, and mark the migration as applied: mizzle migrate --baseline";

impl RunPlan {
    /// All steps, in their order.
    fn steps(&self) -> impl Iterator<Item = &Step> {
        let of_settings = self.settings.plan.iter().flat_map(|plan| &plan.steps);
        self.migrations.iter().flat_map(|(migration, _)| &migration.steps).chain(of_settings)
    }

    /// What was shown of a migration; `None` when it was not among the pending ones.
    pub(super) fn take(&mut self, name: &str) -> Option<Approved> {
        let planned = self.migrations.iter_mut().find(|(migration, _)| migration.name == name);
        planned.map(|(_, approved)| std::mem::take(approved))
    }
}

impl Migrate<'_> {
    /// Records the pending scripts, looks at the tables, and works out what will happen.
    pub(super) async fn plan_run(&self, pending: &[Known<'_>]) -> Result<RunPlan, CommandError> {
        let mut recordings = Vec::new();
        let mut extra: BTreeMap<String, Extras> = BTreeMap::new();
        for Known { script, record, .. } in pending {
            let recording = self.record(script, Direction::Up).await;
            let mut recording = recording.map_err(not_recorded)?;
            // Those are not repeated, and what they did shows in the tables.
            let done = record.as_ref().map_or(0, |record| record.steps.len());
            recording.steps.drain(..done.min(recording.steps.len()));
            recording.fingerprints.drain(..done.min(recording.fingerprints.len()));
            let left = self.tables_left_by(&script.name, Direction::Up);
            for (step, fingerprint) in recording.steps.iter().zip(&recording.fingerprints) {
                let Call::CreateTable(request) = &step.call else { continue };
                let managed = self.managed(fingerprint, left)?;
                let known = extra.entry(request.table_name.clone()).or_default();
                *known = known.union(adoption_extras(request, managed.as_ref()));
            }
            recordings.push((script.name.to_string(), done, recording, left));
        }
        let newest = self.newest_after(pending).await?;
        let own = self.own_settings(newest)?;
        let steps = recordings.iter().flat_map(|(_, _, recording, _)| &recording.steps);
        let mut forecast = self.forecast(steps, &own.wanted, &extra).await?;
        let (mut migrations, mut blocked) = (Vec::new(), Vec::new());
        for (name, done, recording, left) in recordings {
            let foreseen = self.foresee((name, done), recording, left, &mut forecast);
            let (migration, impossible) = foreseen?;
            migrations.push(migration);
            blocked.extend(impossible);
        }
        let settings = self.foresee_settings(&own, &forecast)?;
        blocked.extend_from_slice(forecast.blocked());
        Ok(RunPlan { migrations, settings, blocked })
    }

    /// A migration as it is shown, what is shown of it, and what cannot be done.
    fn foresee(
        &self,
        (name, done): (String, usize),
        recording: Recording,
        left: Option<&Tables>,
        forecast: &mut Forecast,
    ) -> Result<((MigrationReport, Approved), Vec<Blocked>), CommandError> {
        let hazards = recording.hazards().collect();
        let (mut steps, mut skipped, mut blocked) = (Vec::new(), Vec::new(), Vec::new());
        let (mut approved, mut fitter) = (Approved::default(), Fitter::default());
        for (step, fingerprint) in recording.steps.into_iter().zip(recording.fingerprints) {
            let managed = self.managed(&fingerprint, left)?;
            let foreseen = foresee_step(step, managed.as_ref(), forecast, &mut fitter);
            let Foreseen { step, present, is_there } = match foreseen {
                Ok(foreseen) => foreseen,
                Err(left_out) => {
                    skipped.push(left_out);
                    continue;
                }
            };
            if let (Call::CreateTable(request), Some(present)) = (&step.call, &present) {
                let (adoption, _) = self.adoption(request, managed.as_ref(), present)?;
                blocked.extend(not_adoptable(step.table(), &name, &adoption));
                let (title, changes) = existing(&step.title, adoption);
                approved.show_adoption(&changes);
                steps.push(Step { title, details: Vec::new(), ..step });
                steps.extend(changes);
                continue;
            }
            approved.show(&step, fingerprint, is_there, self.settings.accept_data_loss);
            steps.push(step);
        }
        let report = MigrationReport::new(name, MigrationState::Pending, steps);
        Ok(((MigrationReport { hazards, skipped, done, ..report }, approved), blocked))
    }

    /// The tables that steps and the environment's own settings concern, as they are now. `extra` is
    /// what else has to be known of tables that steps create.
    pub(super) async fn forecast<'s>(
        &self,
        steps: impl Iterator<Item = &'s Step> + Clone,
        own: &BTreeMap<String, TableDefinition>,
        extra: &BTreeMap<String, Extras>,
    ) -> Result<Forecast, CommandError> {
        let mut wanted: BTreeMap<&str, (Extras, bool)> = BTreeMap::new();
        let mut at_stake: BTreeSet<&str> = BTreeSet::new();
        for step in steps {
            let (needed, goes) = wanted.entry(step.table()).or_default();
            *needed = needed.union(extras(&step.call));
            *goes |= matches!(step.call, Call::DeleteTable(_));
            if depends_on_items(&step.call) {
                at_stake.insert(step.table());
            }
        }
        for (name, extras) in extra {
            let (needed, _) = wanted.entry(name).or_default();
            *needed = needed.union(*extras);
        }
        for (name, table) in own {
            let (needed, _) = wanted.entry(name).or_default();
            *needed = needed.union(Extras::managed_by(table));
            if may_expire(table) {
                at_stake.insert(name);
            }
        }
        let wanted: Vec<(String, Extras, bool)> = wanted
            .into_iter()
            .map(|(name, (needed, goes))| (name.to_owned(), needed, goes))
            .collect();
        let mut present = describe_going(&wanted, PARALLEL, self.target, self.ui).await?;
        // A table that is being deleted counts as deleted.
        present.retain(|table| table.status != Status::Deleting);
        at_stake.retain(|name| present.iter().any(|table| table.definition.table_name == *name));
        let empty = emptiness(&at_stake, PARALLEL, self.target).await?;
        let is_counted_now = self.target.is_local();
        Ok(Forecast::new(present.into_iter().map(|table| {
            let is_empty = empty.get(&table.definition.table_name).copied().flatten();
            let facts = Facts { is_counted_now, is_empty, ..Facts::of(&table) };
            (table, facts)
        })))
    }

    /// Shows the plan, and has what it destroys agreed to. What destroys nothing needs no agreement.
    pub(super) async fn agree_to_run(&self, plan: &RunPlan) -> Result<(), CommandError> {
        let agreement = Agreement::of(plan.steps());
        let is_asked = !agreement.is_needless() && !self.settings.yes;
        for (migration, _) in &plan.migrations {
            self.show(&migration.lines(), is_asked);
        }
        self.show(&plan.settings.lines(), is_asked);
        if !plan.blocked.is_empty() {
            return Err(refusal(&plan.blocked));
        }
        if let Some(plan) = plan.settings.plan.as_ref().filter(|plan| !plan.blocked.is_empty()) {
            return Err(refusal(&plan.blocked));
        }
        refuse_data_loss(&agreement, self.settings.accept_data_loss)?;
        self.require_backups(plan.steps()).await?;
        if !is_asked {
            return Ok(());
        }
        let migrations = match plan.migrations.as_slice() {
            [] => "the settings of the environment".to_owned(),
            [(one, _)] => one.name.clone(),
            many => text::count(many.len(), "migration", "migrations"),
        };
        let question = format!("Apply {migrations} to {}?", self.target.name);
        let refused = match self.ui.confirm(&question, "--yes") {
            Ok(true) => return Ok(()),
            Ok(false) => CommandError::declined(),
            Err(error) => error,
        };
        let adopts = plan.migrations.iter().any(|(_, approved)| approved.changes_adopted());
        Err(if adopts && !refused.is_cancelled() { refused.hint(KEEP) } else { refused })
    }

    /// Shows a part of a plan; what is about to be agreed to is shown in any case.
    fn show(&self, lines: &[String], is_asked: bool) {
        match (lines, is_asked) {
            ([], _) => {}
            (lines, true) => self.ui.important(lines.join("\n")),
            (lines, false) => self.ui.step(lines.join("\n")),
        }
    }

    /// Refuses to go on when backups are wanted of tables that steps delete, and the server has none.
    pub(super) async fn require_backups(
        &self,
        steps: impl Iterator<Item = &Step>,
    ) -> Result<(), CommandError> {
        match self.settings.backup {
            true => self.backups().require(&deleted(steps)).await,
            false => Ok(()),
        }
    }

    /// Backs up the tables that steps delete, if that is wanted.
    pub(super) async fn back_up(
        &self,
        tables: &BTreeSet<&str>,
        report: &mut MigrateReport,
    ) -> Result<(), CommandError> {
        match self.settings.backup {
            true => self.backups().take_all(tables, &mut report.backups).await,
            false => Ok(()),
        }
    }

    fn backups(&self) -> Backups<'_> {
        let Self { target, clock, stop, interrupts, ui, .. } = self;
        Backups { target, clock, stop, interrupts, ui, parallel: PARALLEL }
    }
}

/// A step as it is shown.
pub(super) struct Foreseen {
    /// The step as its table can take it by then, with its hazards.
    pub(super) step: Step,
    /// The table before the step.
    pub(super) present: Option<TableDescription>,
    /// Whether the table exists now, and not only by then.
    pub(super) is_there: bool,
}

/// Foresees a step and what it does; the error is that nothing of it is left. What cannot be fitted fails
/// when its turn comes.
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
    let is_there = forecast.facts(step.table()).is_some();
    let mut step = forecast.step(step);
    if is_there {
        step.hazards.extend(added);
    }
    Ok(Foreseen { step, present, is_there })
}

/// The tables that exist and that steps delete.
pub(super) fn deleted<'a>(steps: impl Iterator<Item = &'a Step>) -> BTreeSet<&'a str> {
    let is_deletion =
        |step: &&Step| matches!(step.call, Call::DeleteTable(_)) && step.is_destructive();
    steps.filter(is_deletion).map(Step::table).collect()
}

/// Why nothing is run: a script does not come to its end where there are no items.
fn not_recorded(error: EvalError) -> CommandError {
    const RECORDED: &str = "nothing was run: every script is recorded first, where there are no items; one that cannot do without them asks db.dryRun";
    let mut error = CommandError::from(error);
    error.hint_once(RECORDED);
    for diagnostic in &mut error.diagnostics {
        diagnostic.help.push(RECORDED.to_owned());
    }
    error
}

/// The refusal of a creation whose table exists already and is another one.
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

/// The title of a creation whose table exists already, and the steps that give the table what is managed
/// and missing.
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

/// Whether it matters to a call if its table holds items.
pub(super) fn depends_on_items(call: &Call) -> bool {
    match call {
        Call::DeleteTable(_) => true,
        Call::UpdateTimeToLive(request) => request.time_to_live_specification.enabled,
        Call::CreateTable(_)
        | Call::UpdateTable(_)
        | Call::UpdateContinuousBackups(_)
        | Call::TagResource(_)
        | Call::UntagResource(_)
        | Call::PutResourcePolicy(_)
        | Call::DeleteResourcePolicy(_) => false,
    }
}

/// Whether a table lets items expire.
pub(super) fn may_expire(table: &TableDefinition) -> bool {
    table.time_to_live_specification.as_ref().is_some_and(|expiry| expiry.enabled)
}
