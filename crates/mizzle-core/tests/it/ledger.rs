//! The lock of a ledger, with runners that are killed, sleep and come too late, and the status of
//! scripts.

mod fence;
mod lock;
mod resolve;
mod standing;
mod undo;
mod unlock;

use crate::fake::ManualClock;
use mizzle_core::{
    apply::{Clock, ServiceError, ServiceErrorKind},
    ledger::{
        Change, Displaced, Guard, Lease, Ledger, Lock, LockError, LockTimeouts, Migration, Owner,
        Record, RecordState, Resolution,
    },
    snapshot::MigrationName,
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio_util::sync::CancellationToken;

const PATIENCE: LockTimeouts =
    LockTimeouts { limit: Duration::from_secs(60), lease: Duration::from_secs(9) };

/// A ledger in memory. Clones are the same ledger.
#[derive(Debug, Clone, Default)]
struct Memory {
    lock: Arc<Mutex<Option<Lock>>>,
    records: Arc<Mutex<BTreeMap<String, Record>>>,
    is_down: Arc<AtomicBool>,
    loses_answers: Arc<AtomicBool>,
    /// The unreadable lock, if there is one.
    rubbish: Arc<Mutex<Option<Displaced>>>,
}

impl Memory {
    fn reached(&self) -> Result<(), ServiceError> {
        if self.is_down.load(Ordering::SeqCst) { Err(broken()) } else { Ok(()) }
    }
}

fn broken() -> ServiceError {
    ServiceError {
        kind: ServiceErrorKind::Interrupted,
        operation: "PutItem",
        table: None,
        code: None,
        message: "broken".to_owned(),
        background: Box::default(),
    }
}

impl Ledger for Memory {
    async fn prepare(&self) -> Result<(), ServiceError> {
        self.reached()
    }

    async fn records(&self) -> Result<Option<Vec<Record>>, ServiceError> {
        self.reached()?;
        Ok(Some(self.records.lock().unwrap().values().cloned().collect()))
    }

    async fn lock(&self) -> Result<Option<Lock>, ServiceError> {
        self.reached()?;
        Ok(self.lock.lock().unwrap().clone())
    }

    async fn take(&self, lock: &Lock, seen: Option<&Lock>) -> Result<bool, ServiceError> {
        self.reached()?;
        let mut present = self.lock.lock().unwrap();
        let is_as_seen = present.as_ref() == seen;
        if is_as_seen {
            *present = Some(lock.clone());
        }
        // The SDK retries a request without a response, and is told that it comes too late.
        Ok(is_as_seen && !self.loses_answers.load(Ordering::SeqCst))
    }

    async fn displace(&self, lock: &Lock) -> Result<Displaced, ServiceError> {
        self.reached()?;
        let displaced = self.rubbish.lock().unwrap().take().unwrap_or(Displaced::Nothing);
        if displaced != Displaced::Nothing {
            *self.lock.lock().unwrap() = Some(lock.clone());
        }
        Ok(displaced)
    }

    async fn release(&self, token: &str) -> Result<bool, ServiceError> {
        self.reached()?;
        let mut present = self.lock.lock().unwrap();
        let is_ours = present.as_ref().is_some_and(|lock| lock.token == token);
        if is_ours {
            *present = None;
        }
        Ok(is_ours)
    }

    async fn write(&self, record: &Record, token: &str) -> Result<bool, ServiceError> {
        let is_ours = self.lock().await?.is_some_and(|lock| lock.token == token);
        if is_ours {
            self.records.lock().unwrap().insert(record.name.clone(), record.clone());
        }
        Ok(is_ours)
    }

    async fn resolve(
        &self,
        change: &Change,
        resolution: &Resolution,
        token: &str,
    ) -> Result<bool, ServiceError> {
        match change {
            Change::Write(record) => self.write(record, token).await,
            Change::Rename { record, from } => {
                Ok(self.write(record, token).await? && self.remove(from, token).await?)
            }
            Change::Remove => self.remove(&resolution.migration, token).await,
        }
    }

    async fn resolutions(&self) -> Result<Vec<Resolution>, ServiceError> {
        Ok(Vec::new())
    }

    async fn remove(&self, migration: &str, token: &str) -> Result<bool, ServiceError> {
        let is_ours = self.lock().await?.is_some_and(|lock| lock.token == token);
        if is_ours {
            self.records.lock().unwrap().remove(migration);
        }
        Ok(is_ours)
    }
}

fn runner(name: &str) -> (String, Owner) {
    let owner = Owner {
        user: name.to_owned(),
        host: "host".to_owned(),
        pid: 1,
        process: None,
        command: "mizzle migrate".to_owned(),
        since: 0,
    };
    (name.to_owned(), owner)
}

fn acquire(ledger: &Memory, clock: &ManualClock, name: &str) -> Result<Lease, LockError> {
    let stop = CancellationToken::new();
    pollster::block_on(Lease::acquire(
        ledger,
        clock,
        runner(name),
        PATIENCE,
        &stop,
        |_| false,
        |_| {},
    ))
}

fn pass(clock: &ManualClock, seconds: u64) {
    pollster::block_on(clock.sleep(Duration::from_secs(seconds)));
}

fn check(lease: &Lease, ledger: &Memory, clock: &ManualClock) -> Result<(), LockError> {
    pollster::block_on(lease.check(ledger, clock))
}

fn guard(lease: &Lease, ledger: &Memory, clock: &ManualClock) -> Guard<Memory, ManualClock> {
    Guard::new(lease.clone(), ledger.clone(), clock.clone())
}

fn record(name: &str, checksum: char) -> Record {
    Record {
        name: name.to_owned(),
        checksum: checksum.to_string(),
        files: BTreeMap::new(),
        state: RecordState::Applied,
        steps: Vec::new(),
        deleting: None,
        held: Vec::new(),
        creating: None,
        adopted: Vec::new(),
        forward: None,
        project: None,
        tool: "0.1.0".to_owned(),
        by: "ada@host".to_owned(),
        started_at: 0,
        finished_at: None,
        error: None,
    }
}

fn migration(name: &str, checksum: char) -> Migration {
    let name = MigrationName::parse(name).unwrap();
    Migration { name, checksum: checksum.to_string(), files: BTreeMap::new() }
}
