//! A script's step beside the table that it meets: fitted to how the table is paid for, and left at what
//! is managed where the table that it creates is there already.

use super::{
    Migrate,
    script::{Run, Way, call_error},
    settings::remaining,
};
use crate::{
    commands::PARALLEL,
    error::{CommandError, settings_contradict},
    project::NotKept,
    report::{Remaining, Skipped},
};
use mizzle_core::{
    apply::{self, ControlPlane},
    diff::{Change, SettingChange, TableUpdate},
    history::Tables,
    model::{Extras, TableDescription},
    plan::{
        Adoption, AdoptionPlan, Call, CreateTable, Fitted, Fitter, LeftOut, Managed, Plan, Step,
        StepId, adoption, adoption_extras, fingerprint,
    },
    snapshot::MigrationName,
};
use mizzle_eval::{CallError, Direction};

impl Migrate<'_> {
    /// The tables as a function of a script leaves them; `None` when no snapshot says so.
    pub(super) fn tables_left_by(
        &self,
        script: &MigrationName,
        direction: Direction,
    ) -> Option<&Tables> {
        match direction {
            Direction::Up => self.migrations.tables_after(script),
            Direction::Down => self.migrations.tables_before(script),
        }
    }

    /// What is managed of the table that a call is about, by the call's fingerprint, among those that
    /// its script leaves.
    pub(super) fn managed(
        &self,
        fingerprint: &str,
        left: Option<&Tables>,
    ) -> Result<Option<Managed>, CommandError> {
        let table = fingerprint::table(fingerprint);
        let managed = left.zip(table).and_then(|(tables, table)| tables.get(table));
        let managed = managed.map(|table| self.settings.environment.managed(table));
        managed.transpose().map_err(|problems| settings_contradict(&problems))
    }

    /// What becomes of a table that is there already when a script creates it, and what the server is
    /// known not to keep of that.
    pub(super) fn adoption(
        &self,
        request: &CreateTable,
        managed: Option<&Managed>,
        present: &TableDescription,
    ) -> Result<(Adoption, Vec<Remaining>), CommandError> {
        let known = self.not_kept()?;
        let mut futile = Vec::new();
        let adoption = adoption(request, managed, present, |update: &TableUpdate, change| {
            let extra = change.setting().and_then(SettingChange::extra);
            let reason = if extra.is_some_and(|extra| present.unsupported.contains(&extra)) {
                format!("{} has no operation for it", self.target.name)
            } else if is_known(known.as_ref(), update, change) {
                format!("{} accepted it earlier but did not keep it", self.target.name)
            } else {
                return false;
            };
            futile.push(remaining(update, change, &reason));
            true
        });
        Ok((adoption, futile))
    }
}

/// A step of which the table can take nothing.
pub(super) fn nothing_left(step: &Step, left_out: Vec<LeftOut>) -> Skipped {
    let mut reasons: Vec<String> =
        left_out.into_iter().map(|LeftOut { reason, .. }| reason).collect();
    reasons.dedup();
    let (table, title) = (step.table().to_owned(), step.title.clone());
    Skipped { table, title, reason: reasons.join("; ") }
}

fn is_known(known: Option<&NotKept>, update: &TableUpdate, change: &Change) -> bool {
    known.is_some_and(|known| known.contains(&update.after.table_name, change))
}

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

    /// The step as its table can take it at this moment; `None` when nothing of it is left, which is
    /// said. The inner error is the script's.
    pub(super) async fn fitted(
        &mut self,
        step: Step,
        fingerprint: &str,
        position: usize,
    ) -> Result<Result<Option<Step>, CallError>, CommandError> {
        let migrate = self.migrate;
        let managed = migrate.managed(fingerprint, self.tables)?;
        let present = if Fitter::needs_table(&step.call) {
            self.look(step.table(), Extras::NONE).await?
        } else {
            None
        };
        let present = present.map(|table| table.definition);
        let fitted = self.fitter.fit(&step.call, present.as_ref(), managed.as_ref());
        let Fitted { call, left_out, hazards } = match fitted {
            Ok(fitted) => fitted,
            Err(misfit) => {
                return Ok(Err(CallError::new("ValidationException", misfit.to_string())));
            }
        };
        let Some(call) = call else {
            let skipped = nothing_left(&step, left_out);
            migrate.ui.info(skipped.words());
            self.skipped.push((step.id, skipped));
            return Ok(Ok(None));
        };
        for left_out in left_out {
            migrate.ui.verbose(format!("{}: without {left_out}", step.table()));
        }
        if call == step.call && hazards.is_empty() {
            return Ok(Ok(Some(step)));
        }
        let mut step = Step::of(call, position);
        step.hazards.extend(hazards);
        Ok(Ok(Some(step)))
    }

    async fn look(
        &self,
        table: &str,
        extras: Extras,
    ) -> Result<Option<TableDescription>, CommandError> {
        let present = self.migrate.target.control.describe_table(table, extras).await;
        present.map_err(|error| self.migrate.explain(&error))
    }

    /// Adopts the table that was there already, if one was: it gets what is managed and missing.
    /// `is_ours` says that an earlier run of the script began to create it. The inner error is the
    /// script's.
    pub(super) async fn adopted(
        &mut self,
        plan: &Plan,
        adopted: &[String],
        fingerprint: &str,
        is_ours: bool,
    ) -> Result<Result<(), CallError>, CommandError> {
        let request = plan.steps.iter().find_map(|step| match &step.call {
            Call::CreateTable(request) if adopted.contains(&request.table_name) => Some(request),
            _ => None,
        });
        let Some(request) = request else { return Ok(Ok(())) };
        let managed = self.migrate.managed(fingerprint, self.tables)?;
        let extras = adoption_extras(request, managed.as_ref());
        let name = &request.table_name;
        let Some(present) = self.look(name, extras).await? else { return Ok(Ok(())) };
        let (adoption, futile) = self.migrate.adoption(request, managed.as_ref(), &present)?;
        self.note_remaining(futile);
        let how = match adoption {
            Adoption::AsItIs { unlike } => {
                if !unlike.is_empty() {
                    self.migrate.ui.warning(format!(
                        "{name} differs from what {} creates, and no snapshot says what is managed of it: {}",
                        self.record.name,
                        unlike.join("; ")
                    ));
                }
                "as it is".to_owned()
            }
            Adoption::Impossible { differences, reasons } => {
                return Ok(Err(refusal(name, &differences, &reasons)));
            }
            Adoption::Changed(adoption) => {
                let is_agreed = |step: &Step| {
                    self.migrate.settings.yes || self.way.approved().has_adoption(step)
                };
                if let Some(error) = objection(name, &adoption, is_agreed) {
                    return Ok(Err(error));
                }
                if let Err(error) = self.change(&adoption.plan).await? {
                    return Ok(Err(error));
                }
                self.note_not_kept(request, managed.as_ref(), extras).await?;
                format!("with these changes: {}", adoption.changes.join("; "))
            }
        };
        if !is_ours {
            let then = match &self.way {
                Way::There(_) => {
                    format!("taken over {how}, and undoing {} will leave it", self.record.name)
                }
                Way::Back(_) => format!("kept {how}"),
            };
            self.migrate.ui.info(format!("{name} was there already: it is {then}"));
        }
        Ok(Ok(()))
    }

    /// Takes the steps of an adoption.
    async fn change(&mut self, plan: &Plan) -> Result<Result<(), CallError>, CommandError> {
        let migrate = self.migrate;
        let progress = migrate.ui.push_progress(plan);
        let (control, options) = (&self.held.control, migrate.target.apply_options(PARALLEL));
        let report =
            apply::apply(plan, control, &migrate.clock, &progress, &migrate.stop, options).await;
        progress.finish();
        if migrate.stop.is_requested() && !report.not_started.is_empty() {
            return Err(CommandError::interrupted());
        }
        match report.failures.into_iter().next() {
            Some(failure) if failure.error.is_fenced() => Err(migrate.explain_fenced(self.held)),
            Some(failure) => Ok(Err(call_error(failure.error))),
            None => Ok(Ok(())),
        }
    }

    /// Notes what the server has accepted and not kept.
    async fn note_not_kept(
        &mut self,
        request: &CreateTable,
        managed: Option<&Managed>,
        extras: Extras,
    ) -> Result<(), CommandError> {
        let Some(present) = self.look(&request.table_name, extras).await? else { return Ok(()) };
        let (Adoption::Changed(left), _) = self.migrate.adoption(request, managed, &present)?
        else {
            return Ok(());
        };
        let reason = format!("{} accepted it but did not keep it", self.migrate.target.name);
        let entry = |setting| Remaining {
            table: request.table_name.clone(),
            setting,
            reason: reason.clone(),
        };
        self.note_remaining(left.changes.into_iter().map(entry).collect());
        Ok(())
    }

    fn note_remaining(&mut self, entries: Vec<Remaining>) {
        for entry in entries {
            if !self.remaining.contains(&entry) {
                self.remaining.push(entry);
            }
        }
    }
}

/// Why a table is not changed, if it takes an agreement that is not there.
fn objection(
    table: &str,
    adoption: &AdoptionPlan,
    is_agreed: impl Fn(&Step) -> bool,
) -> Option<CallError> {
    if adoption.objectionable().all(is_agreed) {
        return None;
    }
    let error = refusal(table, &adoption.changes, &adoption.objections());
    Some(CallError {
        hints: vec![
            format!(
                "keep what {table} has: state it in the config or leave it out there, write the migration again, and mark it as applied with `mizzle migrate --baseline`"
            ),
            format!(
                "or change {table} by hand so that it is as the script creates it, and run the command again"
            ),
        ],
        ..error
    })
}

/// A table that is there and not what the script creates.
fn refusal(table: &str, differences: &[String], reasons: &[String]) -> CallError {
    let message = format!("{table} exists already and differs: {}", differences.join("; "));
    let message = match reasons {
        [] => message,
        reasons => format!("{message}. {}", reasons.join(" ")),
    };
    CallError {
        hints: vec![format!(
            "change {table} by hand so that it is as the script creates it, or have the script create it as it is"
        )],
        ..CallError::new("ResourceInUseException", message)
    }
}
