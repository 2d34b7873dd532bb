//! The database over HTTP, for this machine only.

use crate::{LocalError, lock::Lock};
use dynoxide::Database;
use std::{
    future::Future,
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    time::Duration,
};
use tokio::{
    sync::oneshot,
    task::JoinHandle,
    time::{MissedTickBehavior, interval, sleep},
};

/// How long requests that are running may take to finish once the server is told to stop.
const GRACE: Duration = Duration::from_secs(5);

/// How long a listener that is already there may take to show itself.
const PROBE: Duration = Duration::from_millis(100);

/// Binds a listener on 127.0.0.1: on `port`, or on a free one.
///
/// # Errors
/// [`LocalError::PortTaken`] when something listens on the port, [`LocalError::Listen`] otherwise.
pub fn bind(port: Option<u16>) -> Result<TcpListener, LocalError> {
    let port = port.unwrap_or(0);
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    // Some systems let a listener on 127.0.0.1 shadow one on 0.0.0.0 (a container's published
    // port, say) without a word. Two DynamoDBs on one port is nothing that anybody wants.
    if port != 0 && answers(address) {
        return Err(LocalError::PortTaken { port });
    }
    TcpListener::bind(address).map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => LocalError::PortTaken { port },
        _ => LocalError::Listen { port, source },
    })
}

fn answers(address: SocketAddr) -> bool {
    let Ok(stream) = TcpStream::connect_timeout(&address, PROBE) else { return false };
    // On a free port of the ephemeral range a connection may happen to meet itself.
    stream.local_addr().is_ok_and(|local| local != address)
}

fn expect_loopback(address: SocketAddr) -> Result<(), LocalError> {
    if address.ip().is_loopback() { Ok(()) } else { Err(LocalError::NotLoopback { address }) }
}

/// A database that is about to be served, with its lock.
pub(crate) struct Serving {
    pub(crate) database: Database,
    pub(crate) lock: Option<Lock>,
}

impl Serving {
    pub(crate) async fn run(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), LocalError> {
        let Self { database, lock } = self;
        let stopped = |error: io::Error| LocalError::Stopped { message: error.to_string() };
        let address = listener.local_addr().map_err(stopped)?;
        expect_loopback(address)?;
        listener.set_nonblocking(true).map_err(stopped)?;
        let listener = tokio::net::TcpListener::from_std(listener).map_err(stopped)?;

        let (stopping, told_to_stop) = oneshot::channel();
        let shutdown = async move {
            shutdown.await;
            let _ = stopping.send(());
        };
        let server = dynoxide::server::serve_with_shutdown(listener, database, shutdown);
        let out_of_patience = async {
            let _ = told_to_stop.await;
            sleep(GRACE).await;
        };
        tokio::select! {
            ended = server => {
                drop(lock);
                ended.map_err(|message| LocalError::Stopped { message })
            }
            () = out_of_patience => {
                // A client that never finishes its request keeps a connection, and with it the
                // database, open behind our back: then the lock stays until the process ends.
                std::mem::forget(lock);
                Ok(())
            }
        }
    }
}

/// Deletes expired items from time to time, until it is dropped.
pub(crate) struct Sweeper(JoinHandle<()>);

impl Sweeper {
    pub(crate) fn start(database: Database, every: Duration) -> Self {
        Self(tokio::spawn(async move {
            // `interval` panics at zero.
            let mut ticks = interval(every.max(Duration::from_millis(1)));
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                let database = database.clone();
                // What a sweep that fails leaves behind, the next one finds. When the file itself
                // is broken, every request says so.
                let _ = tokio::task::spawn_blocking(move || database.sweep_ttl()).await;
            }
        }))
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A database that is served inside this process. Dropping the value stops the server, too, but
/// only [`shutdown`](Self::shutdown) waits for it.
#[derive(Debug)]
pub struct Embedded {
    endpoint: String,
    stop: oneshot::Sender<()>,
    server: JoinHandle<Result<(), LocalError>>,
}

impl Embedded {
    pub(crate) fn start(serving: Serving) -> Result<Self, LocalError> {
        let listener = bind(None)?;
        let address =
            listener.local_addr().map_err(|source| LocalError::Listen { port: 0, source })?;
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(serving.run(listener, async move {
            let _ = stopped.await;
        }));
        Ok(Self { endpoint: format!("http://{address}"), stop, server })
    }

    /// The endpoint to give to a DynamoDB client: `http://127.0.0.1:<port>`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Answers what is being asked, stops, and closes the database.
    pub async fn shutdown(self) {
        let Self { stop, server, .. } = self;
        let _ = stop.send(());
        // Nobody is left whom a failure of the server would interest.
        let _ = server.await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_served_to_other_machines() {
        for (address, allowed) in [
            ("127.0.0.1:8000", true),
            ("127.1.2.3:8000", true),
            ("[::1]:8000", true),
            ("0.0.0.0:8000", false),
            ("[::]:8000", false),
            ("192.168.1.2:8000", false),
        ] {
            let result = expect_loopback(address.parse().unwrap());
            assert_eq!(result.is_ok(), allowed, "{address}: {result:?}");
        }
    }
}
