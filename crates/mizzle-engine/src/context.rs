//! The context of a run: the server, the user, the clock, and the cancellation token.

use crate::{
    Error,
    ports::{Screen, Wait, Waiting, World},
};
use futures_util::{StreamExt, stream};
use mizzle_core::{
    apply::{ControlPlane, Options, ServiceError, ServiceErrorKind, describe_all},
    model::{AuxiliarySettings, TableDefinition, TableDescription},
};
use std::collections::{BTreeMap, BTreeSet};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, info_span};

/// The context of a run.
#[derive(Debug)]
pub struct Context<'a, W: World> {
    /// The server.
    pub server: &'a W::Server,
    /// True if the server is on this machine: its item counts are exact.
    pub is_local: bool,
    /// The limits of applying a plan, and the number of tables to work on at the same time.
    pub options: Options,
    /// The settings that the server is known to ignore; `None` for AWS, which ignores none.
    pub ignored: Option<&'a W::Ignored>,
    /// The user.
    pub screen: &'a W::Screen,
    /// The clock.
    pub clock: &'a W::Clock,
    /// The token that cancels the run.
    pub stop: &'a CancellationToken,
}

impl<W: World> Clone for Context<'_, W> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<W: World> Copy for Context<'_, W> {}

impl<W: World> Context<'_, W> {
    /// Describes tables in parallel, and omits those that do not exist.
    ///
    /// # Errors
    ///
    /// When the server does not respond, or refuses.
    pub async fn describe(
        &self,
        tables: &[(String, AuxiliarySettings)],
    ) -> Result<Vec<TableDescription>, ServiceError> {
        let wait = self.screen.wait(Waiting::Describing(tables.len()));
        describe_all(self.server, tables, self.options.parallel, || wait.advance())
            .instrument(info_span!("describe", tables = tables.len()))
            .await
    }

    /// Describes tables, each with the extras that it manages.
    ///
    /// # Errors
    ///
    /// As [`describe`](Self::describe).
    pub(crate) async fn describe_managed(
        &self,
        tables: impl IntoIterator<Item = &TableDefinition>,
    ) -> Result<Vec<TableDescription>, ServiceError> {
        let named = |table: &TableDefinition| {
            (table.table_name.clone(), AuxiliarySettings::managed_by(table))
        };
        let names: Vec<(String, AuxiliarySettings)> = tables.into_iter().map(named).collect();
        self.describe(&names).await
    }

    /// Describes tables with the extras that each of them needs; those to be deleted (`true`) also
    /// with all attached resources. The state of continuous backups is only displayed, so the
    /// credentials need not permit reading it.
    ///
    /// # Errors
    ///
    /// As [`describe`](Self::describe).
    pub async fn describe_deleted(
        &self,
        tables: &[(String, AuxiliarySettings, bool)],
    ) -> Result<Vec<TableDescription>, ServiceError> {
        let wanted = |point_in_time_recovery: bool| -> Vec<(String, AuxiliarySettings)> {
            let going = AuxiliarySettings {
                attachments: true,
                point_in_time_recovery,
                ..AuxiliarySettings::NONE
            };
            let extras =
                |needed: AuxiliarySettings, goes| if goes { needed.union(going) } else { needed };
            let tables = tables.iter();
            tables.map(|(name, needed, goes)| (name.clone(), extras(*needed, *goes))).collect()
        };
        match self.describe(&wanted(true)).await {
            Err(error) if may_be_of_one_request(&error) => self.describe(&wanted(false)).await,
            answer => answer,
        }
    }

    /// Determines whether each table is empty by reading its items, because counts are hours old.
    /// `None` if the credentials do not permit it; a table that does not exist is omitted.
    ///
    /// # Errors
    ///
    /// When the server does not respond, or refuses for another reason.
    pub async fn emptiness(
        &self,
        tables: &BTreeSet<&str>,
    ) -> Result<BTreeMap<String, Option<bool>>, ServiceError> {
        let looks =
            stream::iter(tables).map(async |table| match self.server.is_empty(table).await {
                Ok(is_empty) => Ok(Some(((*table).to_owned(), Some(is_empty)))),
                Err(error) if error.kind == ServiceErrorKind::AccessDenied => {
                    Ok(Some(((*table).to_owned(), None)))
                }
                Err(error) if error.kind == ServiceErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            });
        let looks: Vec<_> = looks.buffered(self.options.parallel.max(1)).collect().await;
        looks.into_iter().filter_map(Result::transpose).collect()
    }

    /// Returns an error if the run was interrupted.
    pub(crate) fn interrupted(&self) -> Result<(), Error<W::Error>> {
        if self.stop.is_cancelled() { Err(Error::Interrupted) } else { Ok(()) }
    }

    /// Lets the next interrupt stop this run instead of ending the process.
    pub(crate) fn stop_on_interrupt(&self) {
        let stop = self.stop.clone();
        self.screen.on_interrupt(Box::new(move || stop.cancel()));
    }
}

/// True if another request may succeed although this one failed: it was refused, or the server does
/// not support the operation.
fn may_be_of_one_request(error: &ServiceError) -> bool {
    match error.kind {
        ServiceErrorKind::AccessDenied
        | ServiceErrorKind::Unsupported
        | ServiceErrorKind::InUse
        | ServiceErrorKind::Validation
        | ServiceErrorKind::Server
        | ServiceErrorKind::Interrupted
        | ServiceErrorKind::Other => error.background.obstacle.is_none(),
        ServiceErrorKind::Throttled
        | ServiceErrorKind::LimitExceeded
        | ServiceErrorKind::NotFound
        | ServiceErrorKind::Credentials
        | ServiceErrorKind::ExpiredCredentials
        | ServiceErrorKind::ClockSkew
        | ServiceErrorKind::Unreachable
        | ServiceErrorKind::Fenced
        | ServiceErrorKind::Damaged => false,
    }
}
