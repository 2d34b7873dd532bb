//! Access to a database: by opening it, or through the server that has it open.

use crate::{LocalError, Owner, Purpose, Store, witness::Witness};
use std::{
    net::SocketAddr,
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// The pause between two attempts to open a database that is in use.
const PAUSE: Duration = Duration::from_millis(50);

/// The access to a database.
#[derive(Debug)]
pub enum Access {
    /// The database, opened in this process.
    Opened(Store),
    /// Another process has it open and serves it at this endpoint.
    Served {
        /// `http://127.0.0.1:<port>`
        endpoint: String,
        /// The process.
        owner: Owner,
    },
}

impl Access {
    /// Opens the database as [`Store::open`] does, or finds the server that has it open, once that
    /// server has proved to be the one of this database. If another process uses the database
    /// without serving it, retries for as long as `patience`. Blocks the thread meanwhile.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn to(path: &Path, purpose: &Purpose, patience: Duration) -> Result<Self, LocalError> {
        let deadline = Instant::now() + patience;
        loop {
            let in_use = match Store::open(path, purpose.clone()) {
                Ok(store) => return Ok(Self::Opened(store)),
                Err(LocalError::InUse { path, owner }) => match owner {
                    Some(owner) if is_served_by(&owner) => {
                        let endpoint = owner.endpoint.clone().unwrap_or_default();
                        return Ok(Self::Served { endpoint, owner });
                    }
                    owner => LocalError::InUse { path, owner },
                },
                Err(error) => return Err(error),
            };
            if Instant::now() >= deadline {
                return Err(in_use);
            }
            thread::sleep(PAUSE);
        }
    }
}

/// True if the endpoint in an owner's note is a server on this machine that really is the owner.
fn is_served_by(owner: &Owner) -> bool {
    let address = owner.endpoint.as_deref().and_then(|endpoint| endpoint.strip_prefix("http://"));
    let address = address.and_then(|address| address.parse::<SocketAddr>().ok());
    address.is_some_and(|address| address.ip().is_loopback())
        && owner.witness.is_some_and(Witness::is_confirmed)
}
