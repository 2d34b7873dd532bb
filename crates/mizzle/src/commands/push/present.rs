//! The tables as they are, before a push plans anything.

use super::{super::describe, Push, explain_wait};
use crate::{error::CommandError, settings::EnvironmentSettings, target::explain};
use futures_util::future::{Either, select};
use mizzle_core::{
    apply::{ControlPlane, Options, ServiceErrorKind, settle_all},
    model::{Extras, Status, TableDescription},
};
use std::{
    collections::BTreeSet,
    pin::pin,
    sync::{Mutex, PoisonError},
};

/// The tables as they are.
pub(super) struct Present {
    /// The schema's tables and those to prune, as far as they are there.
    pub(super) tables: Vec<TableDescription>,
    /// The names of all others; `None` for whoever may not list tables.
    pub(super) untracked: Option<Vec<String>>,
}

impl Push<'_> {
    /// Reads the tables, once nothing changes them any more; for a dry run, at once.
    pub(super) async fn present(&self) -> Result<Present, CommandError> {
        let managed = self.managed();
        // Side by side. A listing that fails is told at once, and before anything else that fails, so
        // that the same trouble always gives the same message.
        let (mut untracked, mut tables) =
            match select(pin!(self.untracked()), pin!(self.look(&managed))).await {
                Either::Left((untracked, look)) => (untracked?, look.await?),
                Either::Right((tables, untracked)) => (untracked.await?, tables?),
            };
        if let (Some(prunable), Some(names)) = (&self.prunable, &mut untracked) {
            let naming = &self.environment.naming;
            let is_candidate = |name: &&String| {
                naming.logical(name).is_some_and(|logical| prunable.knows(logical))
            };
            let candidates: Vec<(String, Extras)> = names
                .iter()
                .filter(is_candidate)
                .map(|name| (name.clone(), Extras::NONE))
                .collect();
            // A table of the same name with another key is somebody else's.
            let mut ours = self.look(&candidates).await?;
            ours.retain(|table| {
                let logical = naming.logical(&table.definition.table_name);
                logical.is_some_and(|logical| prunable.is(logical, &table.definition))
            });
            names.retain(|name| ours.iter().all(|table| table.definition.table_name != *name));
            tables.extend(ours);
        }
        Ok(Present { tables, untracked })
    }

    /// The tables of the environment that the schema does not name; `None` for whoever may not list
    /// tables.
    async fn untracked(&self) -> Result<Option<Vec<String>>, CommandError> {
        let is_ours = |name: &String| self.schema.table(name).is_some();
        match self.target.control.list_tables().await {
            Ok(mut names) => {
                let EnvironmentSettings { naming, ledger, .. } = self.environment;
                let is_of_environment =
                    |name: &String| naming.logical(name).is_some() && name != ledger;
                names.retain(|name| is_of_environment(name) && !is_ours(name));
                names.sort_unstable();
                Ok(Some(names))
            }
            // Without the list there is nothing to prune, which must not pass for "all is tidy".
            Err(error)
                if error.kind == ServiceErrorKind::AccessDenied && self.prunable.is_none() =>
            {
                self.ui.warning("Tables that the schema does not name cannot be listed: the credentials lack the permission dynamodb:ListTables");
                Ok(None)
            }
            Err(error) => Err(explain(&error, &self.target.name)),
        }
    }

    async fn look(
        &self,
        names: &[(String, Extras)],
    ) -> Result<Vec<TableDescription>, CommandError> {
        let control = &self.target.control;
        let parallel = self.mode.concurrency;
        if self.mode.dry_run {
            let mut tables = describe(names, parallel, self.target, self.ui).await?;
            tables.retain(|table| table.status != Status::Deleting);
            let is_untold = |table: &&TableDescription| {
                let name = &table.definition.table_name;
                let asked = names.iter().find(|(asked, _)| asked == name);
                !table.tells_extras() && asked.is_some_and(|(_, extras)| *extras != Extras::NONE)
            };
            for TableDescription { definition, status, .. } in tables.iter().filter(is_untold) {
                self.ui.info(format!(
                    "{} is {status}, and tells all of its settings only when it is ACTIVE: what is not told is not compared",
                    definition.table_name
                ));
            }
            return Ok(tables);
        }
        let limit = Options::default().step_limit;
        let wait = self.ui.wait("Reading the tables", None);
        let announced = Mutex::new(BTreeSet::new());
        let waiting = |table: &str, status: &str| {
            let mut announced = announced.lock().unwrap_or_else(PoisonError::into_inner);
            let is_news = announced.insert(table.to_owned());
            wait.note(format!("Waiting for {table}: {status}"), is_news || self.ui.is_verbose());
        };
        let (clock, stop) = (&self.clock, &self.stop);
        let is_ready = |table: &TableDescription| self.is_ready(table);
        settle_all(control, clock, names, parallel, limit, stop, is_ready, waiting)
            .await
            .map_err(|error| explain_wait(&error, &self.target.name))
    }

    /// Whether a plan can be made for a table and begun at once. An index that is being built and
    /// that the schema does not want (any more) is no reason to wait: it can be dropped.
    fn is_ready(&self, table: &TableDescription) -> bool {
        let desired = self.schema.table(&table.definition.table_name);
        table.is_settled_without(|index| {
            desired.is_some_and(|desired| desired.global_index(index).is_none())
        })
    }
}
