//! Observing the tables before planning.

use super::Push;
use crate::{
    Error,
    ports::{Event, Screen, Wait, Waiting, World},
};
use futures_util::future::{Either, select};
use mizzle_core::{
    apply::{ControlPlane, ServiceErrorKind, settle_all},
    model::{AuxiliarySettings, Status, TableDescription},
};
use std::{
    collections::BTreeSet,
    pin::pin,
    sync::{Mutex, PoisonError},
};

/// The present tables.
pub(super) struct Present {
    /// The desired tables and those to prune, as far as they exist.
    pub(super) tables: Vec<TableDescription>,
    /// The names of all other tables; `None` if the credentials do not permit listing tables.
    pub(super) untracked: Option<Vec<String>>,
}

impl<W: World> Push<'_, W> {
    /// Reads the tables once no change of them is in progress; in a dry run, at once.
    pub(super) async fn present(&self) -> Result<Present, Error<W::Error>> {
        let managed = self.managed();
        // In parallel. A failed listing is reported at once, and before any other failure, so that
        // the message does not depend on timing.
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
            let candidates: Vec<(String, AuxiliarySettings)> = names
                .iter()
                .filter(is_candidate)
                .map(|name| (name.clone(), AuxiliarySettings::NONE))
                .collect();
            // A table with the same name and another key does not belong to the project.
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

    /// Returns the tables of the environment that are not desired; `None` if the credentials do not
    /// permit listing tables.
    async fn untracked(&self) -> Result<Option<Vec<String>>, Error<W::Error>> {
        let is_desired = |name: &String| self.table(name).is_some();
        match self.context.server.list_tables().await {
            Ok(mut names) => {
                let naming = &self.environment.naming;
                let is_of_environment = |name: &String| {
                    naming.logical(name).is_some() && *name != self.environment.ledger
                };
                names.retain(|name| is_of_environment(name) && !is_desired(name));
                names.sort_unstable();
                Ok(Some(names))
            }
            // Without the list, tables to prune are unknown, which must not look like "nothing to
            // prune".
            Err(error)
                if error.kind == ServiceErrorKind::AccessDenied && self.prunable.is_none() =>
            {
                self.context.screen.event(Event::TablesNotListed);
                Ok(None)
            }
            Err(error) => Err(Error::Service(error)),
        }
    }

    async fn look(
        &self,
        names: &[(String, AuxiliarySettings)],
    ) -> Result<Vec<TableDescription>, Error<W::Error>> {
        let context = &self.context;
        if self.policy.dry_run {
            let mut tables = context.describe(names).await.map_err(Error::Service)?;
            tables.retain(|table| table.status != Status::Deleting);
            let is_untold = |table: &&TableDescription| {
                let name = &table.definition.table_name;
                let asked = names.iter().find(|(asked, _)| asked == name);
                !table.tells_extras()
                    && asked.is_some_and(|(_, extras)| *extras != AuxiliarySettings::NONE)
            };
            for table in tables.iter().filter(is_untold) {
                context.screen.event(Event::SettingsNotTold(table));
            }
            return Ok(tables);
        }
        let wait = context.screen.wait(Waiting::Reading);
        let announced = Mutex::new(BTreeSet::new());
        let waiting = |table: &str, status: &str| {
            let mut announced = announced.lock().unwrap_or_else(PoisonError::into_inner);
            let is_first = announced.insert(table.to_owned());
            wait.table_busy(table, status, is_first);
        };
        let (options, is_ready) =
            (context.options, |table: &TableDescription| self.is_ready(table));
        settle_all(
            context.server,
            context.clock,
            names,
            options.parallel,
            options.step_limit,
            context.stop,
            is_ready,
            waiting,
        )
        .await
        .map_err(Error::Wait)
    }

    /// True if a plan for the table can be made and started at once. Do not wait for an index that
    /// is being built but is not desired, because it can be deleted.
    fn is_ready(&self, table: &TableDescription) -> bool {
        let desired = self.table(&table.definition.table_name);
        table.is_settled_without(|index| {
            desired.is_some_and(|desired| desired.global_index(index).is_none())
        })
    }
}
