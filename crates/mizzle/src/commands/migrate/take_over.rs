//! A table that was there already when a script was to create it: its settings become those that the
//! script asks for, as a push would make them.

use super::{
    script::{Run, call_error},
    settings::{own_subjects, remaining, retain, update},
};
use crate::{
    commands::PARALLEL,
    error::{CommandError, settings_contradict},
    report::Remaining,
};
use mizzle_core::{
    apply::{self, ControlPlane},
    diff::{Change, Diff, SettingChange, TableDiff, TableUpdate, diff},
    model::{Extras, TableDefinition, TableDescription},
    plan::{Call, Context, CreateTable, Facts, Hazard, Plan, StepId, fingerprint, plan},
};
use mizzle_eval::CallError;
use std::collections::BTreeMap;

impl Run<'_> {
    /// Notes what the server has no operation for, as some emulators have not.
    pub(super) fn left_out(&mut self, plan: &Plan, unsupported: &[StepId]) {
        for step in plan.steps.iter().filter(|step| unsupported.contains(&step.id)) {
            self.unsupported.push(step.id.clone());
            self.remaining.push(Remaining {
                table: step.table().to_owned(),
                setting: step.title.clone(),
                reason: format!("{} has no operation for it", self.migrate.target.name),
            });
        }
    }

    /// Takes a table over that was there already; `None` when none was.
    pub(super) async fn adopted(
        &mut self,
        plan: &Plan,
        adopted: &[String],
        fingerprint: &str,
    ) -> Result<Option<Result<(), CallError>>, CommandError> {
        let request = plan.steps.iter().find_map(|step| match &step.call {
            Call::CreateTable(request) if adopted.contains(&request.table_name) => Some(request),
            _ => None,
        });
        match (request, fingerprint::table(fingerprint)) {
            (Some(request), Some(table)) => self.take_over(table, request).await.map(Some),
            (None, _) | (_, None) => Ok(None),
        }
    }

    /// Gives a table what its creation asks for and what it does not have. `table` is its name for
    /// scripts. The inner error is the script's.
    async fn take_over(
        &mut self,
        table: &str,
        request: &CreateTable,
    ) -> Result<Result<(), CallError>, CommandError> {
        let Some((difference, facts)) = self.missing_of(table, request).await? else {
            return Ok(Ok(()));
        };
        let name = request.table_name.clone();
        let facts = BTreeMap::from([(name.clone(), facts)]);
        let plan = plan(&difference, &Context { facts, accept_data_loss: false });
        if let Some(error) = refusal(&name, &difference, &plan) {
            return Ok(Err(error));
        }
        let migrate = self.migrate;
        let progress = migrate.ui.push_progress(&plan);
        let (control, options) = (&self.held.control, migrate.target.apply_options(PARALLEL));
        let report =
            apply::apply(&plan, control, &migrate.clock, &progress, &migrate.stop, options).await;
        progress.finish();
        if migrate.stop.is_requested() && !report.not_started.is_empty() {
            return Err(CommandError::interrupted());
        }
        if let Some(failure) = report.failures.into_iter().next() {
            if failure.error.is_fenced() {
                return Err(migrate.explain_fenced(self.held));
            }
            return Ok(Err(call_error(failure.error)));
        }
        if let Some((left, _)) = self.missing_of(table, request).await? {
            let reason = format!("{} accepted it but did not keep it", migrate.target.name);
            for update in left.tables.iter().filter_map(update) {
                let entries =
                    update.changes.iter().map(|change| remaining(update, change, &reason));
                self.remaining.extend(entries);
            }
        }
        Ok(Ok(()))
    }

    /// How a table that is there differs from what its creation asks for; `None` when it does not.
    /// What the environment has otherwise is left to its own settings.
    async fn missing_of(
        &mut self,
        table: &str,
        request: &CreateTable,
    ) -> Result<Option<(Diff, Facts)>, CommandError> {
        let migrate = self.migrate;
        let mut wanted = TableDefinition::from(request.clone());
        // None at all is no wish to have none.
        wanted.tags = wanted.tags.filter(|tags| !tags.is_empty());
        let logical = wanted.clone().renamed(table);
        let here = migrate.settings.environment.table(&logical);
        let here = here.map_err(|problems| settings_contradict(&problems))?;
        let here = BTreeMap::from([(here.table_name.clone(), here)]);
        let own = own_subjects(std::iter::once(wanted.clone()), &here).remove(&wanted.table_name);
        let extras = Extras::managed_by(&wanted);
        let present = migrate.target.control.describe_table(&wanted.table_name, extras).await;
        let present = present.map_err(|error| migrate.explain(&error))?;
        let Some(present) = present else { return Ok(None) };
        keep_other_tags(&mut wanted, &present);
        let mut difference = diff([&present.compared_with(&wanted)], [&wanted]);
        retain(&mut difference, |_, change| {
            own.as_ref().is_none_or(|own| !own.contains(&change.subject()))
        });
        let known = migrate.not_kept()?;
        let is_unsupported = |change: &Change| {
            let extra = change.setting().and_then(SettingChange::extra);
            extra.is_some_and(|extra| present.unsupported.contains(&extra))
        };
        let futile = |update: &TableUpdate, change: &Change| {
            let table = &update.after.table_name;
            if is_unsupported(change) {
                Some(format!("{} has no operation for it", migrate.target.name))
            } else if known.as_ref().is_some_and(|known| known.contains(table, change)) {
                Some(format!("{} accepted it earlier but did not keep it", migrate.target.name))
            } else {
                None
            }
        };
        for update in difference.tables.iter().filter_map(update) {
            for change in &update.changes {
                if let Some(reason) = futile(update, change) {
                    let entry = remaining(update, change, &reason);
                    if !self.remaining.contains(&entry) {
                        self.remaining.push(entry);
                    }
                }
            }
        }
        retain(&mut difference, |update, change| futile(update, change).is_none());
        let facts = Facts::of(&present);
        Ok((!difference.is_empty()).then_some((difference, facts)))
    }
}

/// Tags that the creation does not name are nobody's business.
fn keep_other_tags(wanted: &mut TableDefinition, present: &TableDescription) {
    if let (Some(tags), Some(present)) = (&mut wanted.tags, &present.definition.tags) {
        let others = present.iter().filter(|tag| tags.iter().all(|wanted| wanted.key != tag.key));
        let others: Vec<_> = others.cloned().collect();
        tags.extend(others);
    }
}

/// Why a table is not changed to what its creation asks for: it cannot be, or something would be lost
/// that nobody has agreed to lose.
fn refusal(table: &str, difference: &Diff, plan: &Plan) -> Option<CallError> {
    let blocked = plan.blocked.iter().map(|blocked| blocked.reason.clone());
    let hazards = plan.steps.iter().flat_map(|step| &step.hazards);
    let hazards = hazards.filter(|hazard| hazard.kind.loses_something());
    let hazards = hazards.map(|Hazard { message, .. }| message.clone());
    let reasons: Vec<String> = blocked.chain(hazards).collect();
    if reasons.is_empty() {
        return None;
    }
    let details: Vec<String> = difference.tables.iter().flat_map(TableDiff::details).collect();
    let message = format!(
        "{table} exists already and differs: {}. {}",
        details.join("; "),
        reasons.join(" ")
    );
    Some(CallError {
        hints: vec![format!(
            "change {table} by hand so that it is as the script creates it, or have the script create it as it is"
        )],
        ..CallError::new("ResourceInUseException", message)
    })
}
