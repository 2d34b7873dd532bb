//! Runs migration scripts: once, in order, by one runner at a time.
//!
//! The ledger holds the records of applied migrations, and the lock. Every step of a script is
//! recorded when it is done, so that after a run was killed the next one continues there.

mod adopt;
mod approval;
mod approved;
mod baseline;
mod dry_run;
mod effects;
mod held;
mod items;
mod operations;
mod outcome;
mod plan;
mod progress;
mod repair;
mod resolve;
mod rollback;
mod run;
mod runner;
mod script;
mod session;
mod settings;
mod status;

pub use crate::outcome::{
    Action, ItemCounts, MigrationOutcome, MigrationState, ScriptHazard, ScriptHazardKind, Skipped,
};
pub use dry_run::{Recording, record, record_refusing};
pub use effects::script_error;
pub use outcome::Outcome;

use crate::{
    Context, Environment, Error,
    converge::Policy,
    ports::{Server, World},
};
use mizzle_core::{
    history::Timeline,
    ledger::{LockTimeouts, Migration, Owner},
    snapshot::MigrationName,
};
use std::path::PathBuf;

/// The migrations of a project in one environment.
pub struct Migrate<'a, W: World> {
    /// The context.
    pub context: Context<'a, W>,
    /// The runtime of the scripts.
    pub host: &'a W::Host,
    /// The environment.
    pub environment: &'a Environment,
    /// The tables after each migration.
    pub timeline: &'a Timeline,
    /// The scripts, in order.
    pub scripts: &'a [Script<W::Error>],
    /// The ledger.
    pub ledger: <W::Server as Server>::Ledger,
    /// The conditions under which changes are made.
    pub policy: Policy,
    /// The runner.
    pub runner: Runner,
}

/// A migration script.
#[derive(Debug, Clone)]
pub struct Script<E> {
    /// Its name and fingerprint.
    pub migration: Migration,
    /// Its file.
    pub path: PathBuf,
    /// The reason why it cannot be run, if it cannot be parsed. The first CLI wrote such scripts:
    /// they can be listed and marked as applied.
    pub refusal: Option<E>,
}

impl<E> Script<E> {
    /// Returns its name.
    pub fn name(&self) -> &MigrationName {
        &self.migration.name
    }
}

/// The process that runs migrations, as it appears in the ledger.
#[derive(Debug, Clone)]
pub struct Runner {
    /// The unique name of this run.
    pub token: String,
    /// The holder of the lock.
    pub owner: Owner,
    /// The project: the name in its `package.json`.
    pub project: Option<String>,
    /// The version of mizzle.
    pub tool: String,
    /// The timeouts of the lock.
    pub timeouts: LockTimeouts,
    /// A function that returns true if a holder's process has certainly ended.
    pub has_ended: fn(&Owner) -> bool,
}

impl Runner {
    /// Returns the runner's name in records: `ada@build-7`.
    pub(crate) fn by(&self) -> String {
        format!("{}@{}", self.owner.user, self.owner.host)
    }
}

/// The result of an engine function.
type Fallible<T, W> = Result<T, Error<<W as World>::Error>>;
