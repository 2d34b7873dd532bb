//! What the ledger holds.

use crate::text;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, time::Duration};

/// What became of a migration in one environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// The migration: `0001_init`.
    pub name: String,
    /// The script's fingerprint when it was run.
    pub checksum: String,
    /// The fingerprints of the files that the script was made of, by their paths relative to the
    /// migrations folder. Empty when it imported nothing of the project.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, String>,
    /// How far it is.
    pub state: RecordState,
    /// The control-plane steps that are done, in their order: what each call was, as a fingerprint.
    /// The next run of an unfinished migration does not repeat them.
    #[serde(default)]
    pub steps: Vec<String>,
    /// The deletion of a table or an index that was begun and is not among the steps yet, as a
    /// fingerprint: it may be gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleting: Option<String>,
    /// The deleted tables whose items the script had read, and written nowhere else before it deleted
    /// them: they were in the memory of that run alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<String>,
    /// The creation of a table that was begun when there was none of its name, and is not among the
    /// steps yet, as a fingerprint: what is there by now is ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creating: Option<String>,
    /// The tables that were there already when they were to be created, by the names that scripts
    /// give them: they are not ours to delete.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adopted: Vec<String>,
    /// While it is undone: how far it had come. The steps and all else are those of the way back
    /// then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward: Option<Forward>,
    /// The project that ran it: the name in its `package.json`, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The version of mizzle that ran it.
    pub tool: String,
    /// Who ran it, for people: `ada@build-7`.
    pub by: String,
    /// When it was begun: seconds since 1970.
    pub started_at: u64,
    /// When it was finished, or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<u64>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// How far a migration had come before it was undone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Forward {
    /// Whether it had come to its end.
    pub applied: bool,
    /// The steps that were done, as fingerprints, and the creation of a table that was begun.
    #[serde(default)]
    pub steps: Vec<String>,
    /// The tables that were there already when they were to be created.
    #[serde(default)]
    pub adopted: Vec<String>,
}

impl Forward {
    /// What a record tells of the way there.
    pub fn of(record: &Record) -> Self {
        let applied = match record.state {
            // Without a word of it the way there is taken for whole.
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

/// How far a migration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordState {
    /// It was begun, and is running or was killed.
    Running,
    /// Its script ended with an error.
    Failed,
    /// It is done.
    Applied,
    /// It is being undone, or a run that undid it was killed.
    Undoing,
}

/// The lock of a ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lock {
    /// Names one holding of the lock; nobody ever has the same again.
    pub token: String,
    /// Grows with every sign of life of the holder.
    pub beat: u64,
    /// How long a holder may be silent, in milliseconds.
    pub lease_ms: u64,
    /// Who holds it.
    pub owner: Owner,
}

impl Lock {
    /// How long a holder may be silent.
    pub fn lease(&self) -> Duration {
        Duration::from_millis(self.lease_ms)
    }

    /// The lock with one more sign of life.
    #[must_use]
    pub fn beaten(&self) -> Self {
        Self { beat: self.beat + 1, ..self.clone() }
    }
}

/// Who holds a lock, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Owner {
    /// The user.
    pub user: String,
    /// The machine.
    pub host: String,
    /// The process.
    pub pid: u32,
    /// A name of the process that no other ever has, where the system gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<String>,
    /// What it does: `mizzle migrate`.
    pub command: String,
    /// Since when: seconds since 1970, by its own clock.
    pub since: u64,
}

impl fmt::Display for Owner {
    /// `mizzle migrate of ada on build-7 (process 4711)`, [printable](text::printable).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user, host, pid, command, process: _, since: _ } = self;
        let [command, user, host] = [command, user, host].map(|text| text::printable(text));
        write!(f, "{command} of {user} on {host} (process {pid})")
    }
}
