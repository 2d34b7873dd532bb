//! An open database.

use crate::{
    Embedded, LocalError, Purpose, Server,
    connection::Limits,
    directory,
    engine::Engine,
    lock::{Lock, beside},
    recovery, regular,
    server::Serving,
    witness::Witness,
};
use dynoxide::Database;
use std::{
    fs::File,
    io::{self, Read},
    net::TcpListener,
    path::{Path, PathBuf},
    time::Duration,
};

/// The interval at which a served database deletes expired items. DynamoDB itself promises days.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);

/// The first bytes of every SQLite file that is not empty.
/// Source: <https://www.sqlite.org/fileformat.html#the_database_header>.
const SQLITE_MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// An open database, with its lock held until the value is dropped.
pub struct Store {
    engine: Engine,
    lock: Option<Lock>,
    /// The witness of the server that the purpose announces.
    witness: Option<(Witness, TcpListener)>,
    sweep_interval: Duration,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("lock", &self.lock).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the database at `path`, or creates it, with its directory, if it is missing.
    ///
    /// `purpose` is shown to another process that finds the database in use.
    ///
    /// # Errors
    /// [`LocalError::InUse`] when the database is open elsewhere, by any name,
    /// [`LocalError::NotADatabase`] for a file of another kind, [`LocalError::NotAFile`] for a
    /// folder or a pipe, [`LocalError::Linked`] for a file with two names, [`LocalError::Io`] when
    /// the directory cannot be written to, [`LocalError::Open`] when the database engine rejects
    /// the file.
    pub fn open(path: &Path, purpose: impl Into<Purpose>) -> Result<Self, LocalError> {
        // Absolute, so that no path reads as one of SQLite's special names.
        let path = std::path::absolute(path).map_err(|source| LocalError::Io {
            action: "resolve the path",
            path: path.into(),
            source,
        })?;
        directory::prepare(&path)?;
        regular::expect(&path)?;
        let path = regular::identity(&path)?;
        let Some(name) = path.to_str() else {
            return Err(LocalError::NotUnicode { path });
        };
        for suffix in ["-wal", "-shm", "-journal"] {
            regular::expect(&beside(&path, suffix))?;
        }
        let purpose = purpose.into();
        // The witness listens before the note announces it.
        let witness = purpose.is_serving().then(Witness::bind).transpose();
        let witness = witness.map_err(|source| LocalError::Listen { port: 0, source })?;
        let lock = Lock::acquire(&path, &purpose, witness.as_ref().map(|(witness, _)| *witness))?;
        expect_database(&path)?;
        let refused = |message: String| LocalError::Open { path: path.clone(), message };
        let was_interrupted = recovery::was_interrupted(name);
        let engine_refused = |error: dynoxide::DynoxideError| refused(error.to_string());
        let database = Database::new(name).map_err(engine_refused)?;
        // The engine's name for `synchronous = NORMAL`: with a write-ahead log no write waits for
        // the disk. A killed process loses nothing, a machine without power its last writes at
        // most.
        // Source: <https://www.sqlite.org/pragma.html#pragma_synchronous>.
        database.disable_bulk_loading().map_err(engine_refused)?;
        if was_interrupted {
            recovery::finish(&database).map_err(refused)?;
        }
        let engine = Engine::new(database).map_err(refused)?;
        Ok(Self { engine, lock: Some(lock), witness, sweep_interval: SWEEP_INTERVAL })
    }

    /// Creates a database in memory, which is deleted with the value and its server.
    ///
    /// # Errors
    /// [`LocalError::Open`] when the database engine fails.
    pub fn in_memory() -> Result<Self, LocalError> {
        let refused = |message| LocalError::Open { path: PathBuf::from(":memory:"), message };
        let database = Database::memory().map_err(|error| refused(error.to_string()))?;
        let engine = Engine::new(database).map_err(refused)?;
        Ok(Self { engine, lock: None, witness: None, sweep_interval: SWEEP_INTERVAL })
    }

    /// Sets the interval at which [`serve`](Self::serve) deletes expired items; the default is a
    /// minute.
    #[must_use]
    pub fn sweep_every(mut self, interval: Duration) -> Self {
        self.sweep_interval = interval;
        self
    }

    /// Serves the database on `listener` (see [`bind`](crate::bind)). Requests are answered by
    /// [`Server::run`]. Must be called inside a Tokio runtime with time and I/O enabled.
    ///
    /// # Errors
    /// [`LocalError::NotLoopback`] for a listener that other machines could reach,
    /// [`LocalError::Thread`] when no thread can be started, [`LocalError::Stopped`] when the
    /// listener fails.
    pub fn serve(self, listener: TcpListener) -> Result<Server, LocalError> {
        let Self { engine, lock, witness, sweep_interval } = self;
        let serving = Serving { engine, lock, limits: Limits::default() };
        Server::start(serving, listener, witness, sweep_interval)
    }

    /// Serves the database inside this process, on a free port, for the duration of a command. No
    /// items expire meanwhile. Must be called inside a Tokio runtime with time and I/O enabled.
    ///
    /// # Errors
    /// [`LocalError::Listen`] when no port can be bound.
    pub async fn spawn(self) -> Result<Embedded, LocalError> {
        let Self { engine, lock, witness: _, sweep_interval: _ } = self;
        Embedded::start(Serving { engine, lock, limits: Limits::default() })
    }
}

/// Rejects a file of another kind before the engine opens it.
fn expect_database(path: &Path) -> Result<(), LocalError> {
    let not_a_database = || LocalError::NotADatabase { path: path.into() };
    let unreadable = |source| LocalError::Io { action: "read", path: path.into(), source };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unreadable(error)),
    };
    let metadata = file.metadata().map_err(unreadable)?;
    // SQLite creates a new database as an empty file before its first write.
    if metadata.len() == 0 {
        return Ok(());
    }
    let mut header = [0; SQLITE_MAGIC.len()];
    match file.read_exact(&mut header) {
        Ok(()) if header == *SQLITE_MAGIC => Ok(()),
        Ok(()) => Err(not_a_database()),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(not_a_database()),
        Err(error) => Err(unreadable(error)),
    }
}
