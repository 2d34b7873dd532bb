//! Adapting a script's step to its table: fitted to the table's billing mode, and limited to
//! managed settings if the table to create already exists.

use super::{Fallible, Migrate, Skipped, effects::script_error, run::Run};
use crate::{
    Error,
    converge::{Reason, Unapplied, unapplied},
    ports::{AdoptedAs, CallError, Direction, Event, Screen, World},
};
use mizzle_core::{
    apply::ControlPlane,
    diff::TableUpdate,
    history::Tables,
    model::{AuxiliarySettings, TableDescription},
    plan::{
        Adoption, AdoptionPlan, Call, CreateTable, Fitted, Fitter, LeftOut, Managed, Plan, Step,
        adoption, adoption_extras, fingerprint,
    },
    snapshot::MigrationName,
};

impl<W: World> Migrate<'_, W> {
    /// Returns the tables after a function of a script; `None` if there is no snapshot of them.
    pub(super) fn tables_left_by(
        &self,
        script: &MigrationName,
        direction: Direction,
    ) -> Option<&Tables> {
        match direction {
            Direction::Up => self.timeline.tables_after(script),
            Direction::Down => self.timeline.tables_before(script),
        }
    }

    /// Returns the managed part of a call's table, by the call's fingerprint, among the tables that
    /// its script leaves.
    pub(super) fn managed(
        &self,
        fingerprint: &str,
        left: Option<&Tables>,
    ) -> Fallible<Option<Managed>, W> {
        let table = fingerprint::table(fingerprint);
        let managed = left.zip(table).and_then(|(tables, table)| tables.get(table));
        Ok(managed.map(|table| self.environment.managed(table)).transpose()?)
    }

    /// Returns the adoption of an existing table that a script creates, and the changes that the
    /// server is known not to make.
    pub(super) fn adoption(
        &self,
        request: &CreateTable,
        managed: Option<&Managed>,
        present: &TableDescription,
    ) -> (Adoption, Vec<Unapplied>) {
        let mut left_out = Vec::new();
        let adoption = adoption(request, managed, present, |update: &TableUpdate, change| {
            let name = &update.after.table_name;
            let reason = self.context.unappliable(name, change, Some(present));
            left_out.extend(reason.map(|reason| unapplied(update, change, reason)));
            reason.is_some()
        });
        (adoption, left_out)
    }
}

/// Returns the entry of a step of which nothing is left for its table.
pub(super) fn nothing_left(step: &Step, left_out: Vec<LeftOut>) -> Skipped {
    let mut reasons: Vec<String> =
        left_out.into_iter().map(|LeftOut { reason, .. }| reason).collect();
    reasons.dedup();
    let (table, title) = (step.table().to_owned(), step.title.clone());
    Skipped { table, title, reason: reasons.join("; ") }
}

/// Returns the entry of a step that a rollback skips.
pub(super) fn left_out(step: &Step, reason: String) -> Skipped {
    Skipped { table: step.table().to_owned(), title: step.title.clone(), reason }
}

impl<W: World> Run<'_, W> {
    /// Returns the step fitted to its present table; `None` if nothing of it is left, which is
    /// reported. The inner error is the script's.
    pub(super) async fn fitted(
        &mut self,
        step: Step,
        fingerprint: &str,
        position: usize,
    ) -> Fallible<Result<Option<Step>, CallError>, W> {
        let managed = self.migrate.managed(fingerprint, self.tables)?;
        let present = if Fitter::needs_table(&step.call) {
            self.look(step.table(), AuxiliarySettings::NONE).await?
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
            self.skip(&step, skipped);
            return Ok(Ok(None));
        };
        for left_out in &left_out {
            let event = Event::PartLeftOut { table: step.table(), left_out };
            self.migrate.context.screen.event(event);
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
        extras: AuxiliarySettings,
    ) -> Fallible<Option<TableDescription>, W> {
        let present = self.migrate.context.server.describe_table(table, extras).await;
        present.map_err(Error::Service)
    }

    /// Adopts the table if it existed before: it gets the managed settings that it lacks. `is_ours`
    /// is true if an earlier run of the script started to create it. The inner error is the
    /// script's.
    pub(super) async fn adopt(
        &mut self,
        plan: &Plan,
        adopted: &[String],
        fingerprint: &str,
        is_ours: bool,
    ) -> Fallible<Result<(), CallError>, W> {
        let request = plan.steps.iter().find_map(|step| match &step.call {
            Call::CreateTable(request) if adopted.contains(&request.table_name) => Some(request),
            _ => None,
        });
        let Some(request) = request else { return Ok(Ok(())) };
        let managed = self.migrate.managed(fingerprint, self.tables)?;
        let extras = adoption_extras(request, managed.as_ref());
        let table = &request.table_name;
        let Some(present) = self.look(table, extras).await? else { return Ok(Ok(())) };
        let (adoption, left_out) = self.migrate.adoption(request, managed.as_ref(), &present);
        self.note_unapplied(left_out);
        let how = match adoption {
            Adoption::AsItIs { unlike } => {
                if !unlike.is_empty() {
                    let (migration, differences) = (&self.record.name, &unlike);
                    let event = Event::AdoptedUnlike { table, migration, differences };
                    self.migrate.context.screen.event(event);
                }
                AdoptedAs::Unchanged
            }
            Adoption::Impossible { differences, reasons } => {
                return Ok(Err(refusal(table, &differences, &reasons)));
            }
            Adoption::Changed(adoption) => {
                let is_approved =
                    |step: &Step| self.migrate.policy.yes || self.way.approved().has_adoption(step);
                if let Some(error) = objection(table, &adoption, is_approved) {
                    return Ok(Err(error));
                }
                if let Err(error) = self.change(&adoption.plan).await? {
                    return Ok(Err(error));
                }
                self.note_ignored(request, managed.as_ref(), extras).await?;
                AdoptedAs::Changed(adoption.changes)
            }
        };
        if !is_ours {
            let (migration, how) = (&self.record.name, &how);
            let direction = self.way.direction();
            self.migrate.context.screen.event(Event::Adopted { table, migration, direction, how });
        }
        Ok(Ok(()))
    }

    /// Applies the steps of an adoption.
    async fn change(&mut self, plan: &Plan) -> Fallible<Result<(), CallError>, W> {
        let context = &self.migrate.context;
        let (report, _) = context.apply(plan, &self.session.control).await;
        if context.stop.is_cancelled() && !report.not_started.is_empty() {
            return Err(Error::Interrupted);
        }
        match report.failures.into_iter().next() {
            Some(failure) if failure.error.is_fenced() => Err(self.session.fenced()),
            Some(failure) => Ok(Err(script_error(failure.error))),
            None => {
                self.note_unsupported(plan, &report.unsupported);
                Ok(Ok(()))
            }
        }
    }

    /// Records the changes that the server has accepted but not kept.
    async fn note_ignored(
        &mut self,
        request: &CreateTable,
        managed: Option<&Managed>,
        extras: AuxiliarySettings,
    ) -> Fallible<(), W> {
        let Some(present) = self.look(&request.table_name, extras).await? else { return Ok(()) };
        let (Adoption::Changed(left), _) = self.migrate.adoption(request, managed, &present) else {
            return Ok(());
        };
        let entry = |setting| Unapplied {
            table: request.table_name.clone(),
            setting,
            reason: Reason::Ignored,
        };
        self.note_unapplied(left.changes.into_iter().map(entry).collect());
        Ok(())
    }

    fn note_unapplied(&mut self, entries: Vec<Unapplied>) {
        for entry in entries {
            if !self.unapplied.contains(&entry) {
                self.unapplied.push(entry);
            }
        }
    }
}

/// Returns the error if changes of a table need an approval that is missing.
fn objection(
    table: &str,
    adoption: &AdoptionPlan,
    is_approved: impl Fn(&Step) -> bool,
) -> Option<CallError> {
    if adoption.objectionable().all(is_approved) {
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

/// Returns the error of a table that exists and differs from the script's creation.
fn refusal(table: &str, differences: &[String], reasons: &[String]) -> CallError {
    let message = format!("{table} exists already and differs: {}", differences.join("; "));
    let message = match reasons {
        [] => message,
        reasons => format!("{message}. {}", reasons.join(" ")),
    };
    CallError::new("ResourceInUseException", message).hint(format!(
        "change {table} by hand so that it is as the script creates it, or have the script create it as it is"
    ))
}
