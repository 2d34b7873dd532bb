//! The items of the ledger.

use crate::text;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, time::Duration};

/// The state of a migration in one environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// The migration: `0001_init`.
    pub name: String,
    /// The script's fingerprint when it was run.
    pub checksum: String,
    /// The fingerprints of the project's files that the script imports, by their paths relative to
    /// the migrations folder.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, String>,
    /// The progress.
    pub state: RecordState,
    /// The control-plane steps that are done, in order, as fingerprints of their calls. The next
    /// run of an unfinished migration does not repeat them.
    #[serde(default)]
    pub steps: Vec<String>,
    /// The fingerprint of a deletion of a table or an index that was started and is not yet in
    /// `steps`: the table or the index may be gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleting: Option<String>,
    /// The deleted tables whose items the script had read, but not written elsewhere, before it
    /// deleted them: the items existed only in the memory of that run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<String>,
    /// The fingerprint of a creation of a table that was started when no such table existed, and is
    /// not yet in `steps`: a table that exists now was created by this migration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creating: Option<String>,
    /// The tables that already existed when they were to be created, by their names in scripts. A
    /// rollback must not delete them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adopted: Vec<String>,
    /// The progress before the rollback, while the migration is rolled back. The other fields
    /// describe the rollback then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward: Option<ForwardProgress>,
    /// The project that ran it: the name in its `package.json`, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The version of mizzle that ran it.
    pub tool: String,
    /// The user who ran it, for display: `ada@build-7`.
    pub by: String,
    /// The start time, in seconds since 1970.
    pub started_at: u64,
    /// The time when it finished or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<u64>,
    /// The reason why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The progress of a migration before its rollback.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ForwardProgress {
    /// True if it was applied completely.
    pub applied: bool,
    /// The fingerprints of the steps that were done, and of a table creation that was started.
    #[serde(default)]
    pub steps: Vec<String>,
    /// The tables that already existed when they were to be created.
    #[serde(default)]
    pub adopted: Vec<String>,
}

impl ForwardProgress {
    /// Returns the forward progress that a record contains.
    pub fn of(record: &Record) -> Self {
        let applied = match record.state {
            // Without the field, assume that the migration was applied completely.
            RecordState::Undoing => {
                let whole = Self { applied: true, ..Self::default() };
                return record.forward.clone().unwrap_or(whole);
            }
            RecordState::Applied => true,
            RecordState::Running | RecordState::Failed => false,
        };
        let steps = record.steps.iter().chain(&record.creating).cloned().collect();
        Self { applied, steps, adopted: record.adopted.clone() }
    }
}

/// The progress of a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordState {
    /// Started, and running or killed.
    Running,
    /// Its script failed.
    Failed,
    /// Done.
    Applied,
    /// Being rolled back, or its rollback was killed.
    Undoing,
}

/// The lock of a ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lock {
    /// The unique name of one acquisition of the lock; it is never used again.
    pub token: String,
    /// A counter that grows with every heartbeat.
    #[serde(rename = "beat")]
    pub heartbeat: u64,
    /// The longest time without a heartbeat, in milliseconds.
    pub lease_ms: u64,
    /// The holder.
    pub owner: Owner,
}

impl Lock {
    /// Returns the longest time without a heartbeat.
    pub fn lease(&self) -> Duration {
        Duration::from_millis(self.lease_ms)
    }

    /// Returns the lock with the next heartbeat.
    #[must_use]
    pub fn beaten(&self) -> Self {
        Self { heartbeat: self.heartbeat + 1, ..self.clone() }
    }
}

/// The holder of a lock, for display.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Owner {
    /// The user.
    pub user: String,
    /// The machine.
    pub host: String,
    /// The process.
    pub pid: u32,
    /// A unique name of the process, where the operating system provides one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<String>,
    /// The command: `mizzle migrate`.
    pub command: String,
    /// The start of the holding, in seconds since 1970, by the holder's clock.
    pub since: u64,
}

impl fmt::Display for Owner {
    /// Formats it as `mizzle migrate of ada on build-7 (process 4711)`,
    /// [printable](text::printable).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user, host, pid, command, process: _, since: _ } = self;
        let [command, user, host] = [command, user, host].map(|text| text::printable(text));
        write!(f, "{command} of {user} on {host} (process {pid})")
    }
}
