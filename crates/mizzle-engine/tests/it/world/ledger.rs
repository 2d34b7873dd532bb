//! A ledger in memory.

use super::{Memory, State, server::error};
use mizzle_core::{
    apply::{ServiceError, ServiceErrorKind},
    ledger::{Change, Displaced, Ledger, Lock, Record, Resolution},
};
use std::fmt;

/// The ledger of a memory.
#[derive(Clone)]
pub(crate) struct MemoryLedger(pub(super) Memory);

impl fmt::Debug for MemoryLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryLedger")
    }
}

impl MemoryLedger {
    async fn write_with(&self, token: &str, change: impl FnOnce(&mut State)) -> bool {
        self.0
            .port(|state| {
                let is_ours = state.lock.as_ref().is_some_and(|lock| lock.token == token);
                if is_ours {
                    change(state);
                }
                is_ours
            })
            .await
    }
}

impl Ledger for MemoryLedger {
    async fn prepare(&self) -> Result<(), ServiceError> {
        self.0
            .port(|state| {
                if state.denied.contains("PrepareLedger") {
                    let kind = ServiceErrorKind::AccessDenied;
                    return Err(error(kind, "CreateTable", "not allowed".to_owned()));
                }
                state.has_ledger = true;
                Ok(())
            })
            .await
    }

    async fn records(&self) -> Result<Option<Vec<Record>>, ServiceError> {
        let records =
            |state: &mut State| state.has_ledger.then(|| state.records.values().cloned().collect());
        Ok(self.0.port(records).await)
    }

    async fn lock(&self) -> Result<Option<Lock>, ServiceError> {
        Ok(self.0.port(|state| state.lock.clone()).await)
    }

    async fn take(&self, lock: &Lock, seen: Option<&Lock>) -> Result<bool, ServiceError> {
        let take = |state: &mut State| {
            let is_as_seen = state.lock.as_ref() == seen;
            if is_as_seen {
                state.lock = Some(lock.clone());
            }
            is_as_seen
        };
        Ok(self.0.port(take).await)
    }

    async fn displace(&self, _: &Lock) -> Result<Displaced, ServiceError> {
        Ok(self.0.port(|_| Displaced::Nothing).await)
    }

    async fn release(&self, token: &str) -> Result<bool, ServiceError> {
        Ok(self.write_with(token, |state| state.lock = None).await)
    }

    async fn write(&self, record: &Record, token: &str) -> Result<bool, ServiceError> {
        let write = |state: &mut State| {
            state.changes.push(format!("record {} {:?}", record.name, record.state));
            state.records.insert(record.name.clone(), record.clone());
        };
        Ok(self.write_with(token, write).await)
    }

    async fn resolve(
        &self,
        change: &Change,
        resolution: &Resolution,
        token: &str,
    ) -> Result<bool, ServiceError> {
        let resolve = |state: &mut State| {
            match change {
                Change::Write(record) => {
                    state.records.insert(record.name.clone(), (**record).clone());
                }
                Change::Rename { record, from } => {
                    state.records.remove(from);
                    state.records.insert(record.name.clone(), (**record).clone());
                }
                Change::Remove => {
                    state.records.remove(&resolution.migration);
                }
            }
            state.resolutions.push(resolution.clone());
        };
        Ok(self.write_with(token, resolve).await)
    }

    async fn resolutions(&self) -> Result<Vec<Resolution>, ServiceError> {
        Ok(self.0.port(|state| state.resolutions.clone()).await)
    }

    async fn remove(&self, migration: &str, token: &str) -> Result<bool, ServiceError> {
        let remove = |state: &mut State| {
            state.changes.push(format!("remove {migration}"));
            state.records.remove(migration);
        };
        Ok(self.write_with(token, remove).await)
    }
}
