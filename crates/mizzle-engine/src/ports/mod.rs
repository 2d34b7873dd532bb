//! The ports of the engine, in addition to those of [`mizzle_core::apply`] and
//! [`mizzle_core::ledger`].

mod screen;
mod script;

pub use screen::{AdoptedAs, Event, Progress, Question, Screen, Wait, Waiting};
pub use script::{Call, CallError, Direction, RunningScript, ScriptEvent, ScriptFacts, ScriptHost};

use mizzle_core::{
    apply::{BackupPlane, Clock, ControlPlane, DataPlane, Fence},
    diff::Change,
    ledger::Ledger,
};
use std::{
    fmt,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// The implementations of all ports for a run of the engine.
pub trait World {
    /// The error of the ports that read files, run scripts and ask the user.
    type Error: fmt::Debug + Clone;
    /// DynamoDB.
    type Server: Server;
    /// The clock.
    type Clock: Clock + TimeOfDay + Clone + fmt::Debug + 'static;
    /// The runtime of the migration scripts.
    type Host: ScriptHost<Error = Self::Error>;
    /// The user.
    type Screen: Screen<Error = Self::Error>;
    /// The settings that the server is known to ignore.
    type Ignored: IgnoredSettings<Error = Self::Error>;
}

/// A DynamoDB server: control plane, data plane, backups, and a ledger in one of its tables.
pub trait Server: ControlPlane + DataPlane + BackupPlane + Sized {
    /// The ledger of migrations.
    type Ledger: Ledger + Clone + fmt::Debug + 'static;

    /// Returns the same server, which sends write requests only while `fence` is open.
    #[must_use]
    fn fenced(&self, fence: Arc<dyn Fence>) -> Self;
}

/// The time of day, by this machine's clock.
pub trait TimeOfDay {
    /// Returns the current time.
    fn time_of_day(&self) -> SystemTime;

    /// Returns the whole seconds since 1970.
    fn seconds_since_1970(&self) -> u64 {
        self.time_of_day().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }
}

/// The settings that a server accepted earlier and did not keep, as some emulators do, by table.
///
/// The entries are a cache: without it the next run tries again and restores the entries.
pub trait IgnoredSettings {
    /// The error of a change that cannot be saved.
    type Error;

    /// True if exactly this change of a table was tried and was not kept.
    fn contains(&self, table: &str, change: &Change) -> bool;

    /// Replaces the entries of these tables. `is_replaced` is called with a table and the
    /// [subject](Change::subject) of an entry: if it returns false, the entry stays.
    ///
    /// # Errors
    ///
    /// When the entries cannot be saved.
    fn replace(
        &self,
        tables: Vec<(String, Vec<Change>)>,
        is_replaced: &dyn Fn(&str, &str) -> bool,
    ) -> Result<(), Self::Error>;
}
