//! Serves the database over HTTP, for this machine only.

use crate::{
    LocalError,
    connection::Limits,
    engine::{self, Engine, Worker},
    http::Service,
    lock::Lock,
    witness::{Answering, Witness},
};
use dynoxide::Database;
use std::{
    future::Future,
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError},
    },
    time::Duration,
};
use tokio::{
    sync::{Semaphore, oneshot, watch},
    task::{JoinHandle, JoinSet},
    time::{sleep, timeout},
};

/// The maximum number of connected clients.
const CONNECTIONS: usize = 512;

/// The pause after a connection that could not be accepted.
const PAUSE: Duration = Duration::from_millis(50);

/// The time that running requests get to finish once the server is stopped.
const GRACE: Duration = Duration::from_secs(5);

/// The time limit for a connection to an existing listener.
const PROBE: Duration = Duration::from_millis(100);

/// Binds a listener on 127.0.0.1: on `port`, or on a free one.
///
/// # Errors
/// [`LocalError::PortTaken`] when the port is already in use, [`LocalError::Listen`] otherwise.
pub fn bind(port: Option<u16>) -> Result<TcpListener, LocalError> {
    let port = port.unwrap_or(0);
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    // On some systems a listener on 127.0.0.1 can silently shadow one on 0.0.0.0 (a container's
    // published port, say). Two DynamoDBs on one port are never wanted.
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
    // On a free port of the ephemeral range a connection may happen to connect to itself.
    stream.local_addr().is_ok_and(|local| local != address)
}

fn expect_loopback(address: SocketAddr) -> Result<(), LocalError> {
    if address.ip().is_loopback() { Ok(()) } else { Err(LocalError::NotLoopback { address }) }
}

/// A database that is about to be served, with its lock.
pub(crate) struct Serving {
    pub(crate) engine: Engine,
    pub(crate) lock: Option<Lock>,
    pub(crate) limits: Limits,
}

impl Serving {
    /// Starts the thread of the database. Requests wait until [`Listening::run`].
    pub(crate) fn start(self, listener: TcpListener) -> Result<Listening, LocalError> {
        let Self { engine, lock, limits } = self;
        let stopped = |error: io::Error| LocalError::Stopped { message: error.to_string() };
        let address = listener.local_addr().map_err(stopped)?;
        expect_loopback(address)?;
        listener.set_nonblocking(true).map_err(stopped)?;
        let listener = tokio::net::TcpListener::from_std(listener).map_err(stopped)?;
        let (worker, closed) = Worker::start(engine, lock)?;
        Ok(Listening { listener, port: address.port(), worker, closed, limits })
    }
}

/// A database with a bound listener.
pub(crate) struct Listening {
    listener: tokio::net::TcpListener,
    port: u16,
    worker: Worker,
    /// Completes once the database is closed.
    closed: oneshot::Receiver<()>,
    limits: Limits,
}

impl Listening {
    /// Answers requests until `shutdown` completes, and closes the database.
    pub(crate) async fn run(self, shutdown: impl Future<Output = ()>) {
        let Self { listener, port, worker, closed, limits } = self;
        let (stopping, _) = watch::channel(());
        let slots = Arc::new(Semaphore::new(CONNECTIONS));
        let mut connections = JoinSet::new();
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let accepted = async {
                // Clients beyond the limit wait until another one has disconnected.
                let slot = slots.clone().acquire_owned().await;
                listener.accept().await.map(|(stream, _)| (stream, slot))
            };
            tokio::select! {
                () = &mut shutdown => break,
                Some(_) = connections.join_next() => {}
                accepted = accepted => match accepted {
                    Ok((stream, slot)) => {
                        let service = Service::new(worker.clone(), port, limits);
                        let mut stop = stopping.subscribe();
                        connections.spawn(async move {
                            service.serve(stream, async move { drop(stop.changed().await) }).await;
                            drop(slot);
                        });
                    }
                    // The client has disconnected, or no more files can be opened: both are
                    // temporary.
                    Err(_) => sleep(PAUSE).await,
                },
            }
        }

        drop(listener);
        drop(worker);
        drop(stopping);
        let finished = async { while connections.join_next().await.is_some() {} };
        if timeout(GRACE, finished).await.is_err() {
            // A client never finishes its request.
            connections.shutdown().await;
        }
        // An operation that takes longer keeps the lock until it is done.
        let _ = timeout(GRACE, closed).await;
    }
}

/// A thread that deletes expired items from time to time, until the value is dropped.
pub(crate) struct Sweeper {
    _stop: mpsc::Sender<()>,
}

impl Sweeper {
    pub(crate) fn start(database: Database, every: Duration) -> Result<Self, LocalError> {
        let (stop, stopped) = mpsc::channel();
        engine::spawn("expiry", move || {
            while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                // The next sweep deletes the items that a failed one leaves behind. If the file
                // itself is damaged, every request fails.
                let _ = database.sweep_ttl();
            }
        })?;
        Ok(Self { _stop: stop })
    }
}

/// A database that is served to other programs.
pub struct Server {
    listening: Listening,
    sweeper: Sweeper,
    answering: Option<Answering>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("port", &self.listening.port).finish_non_exhaustive()
    }
}

impl Server {
    pub(crate) fn start(
        serving: Serving,
        listener: TcpListener,
        witness: Option<(Witness, TcpListener)>,
        sweep_interval: Duration,
    ) -> Result<Self, LocalError> {
        let sweeper = Sweeper::start(serving.engine.database().clone(), sweep_interval)?;
        let answering = witness.map(|(witness, listener)| {
            let failed = |source| LocalError::Listen { port: witness.port(), source };
            Answering::start(witness, listener).map_err(failed)
        });
        let answering = answering.transpose()?;
        Ok(Self { listening: serving.start(listener)?, sweeper, answering })
    }

    /// Answers requests, and deletes expired items meanwhile, until `shutdown` completes. A running
    /// request is answered first, for a few seconds at most.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let Self { listening, sweeper, answering } = self;
        let shutdown = async move {
            shutdown.await;
            drop(sweeper);
            // The witness must stop before the endpoint becomes free for other servers.
            if let Some(answering) = answering {
                answering.stop().await;
            }
        };
        listening.run(shutdown).await;
    }
}

/// A database that is served inside this process. Dropping the value stops the server, too, but
/// only [`shutdown`](Self::shutdown) waits for it.
#[derive(Debug)]
pub struct Embedded {
    endpoint: String,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

impl Embedded {
    pub(crate) fn start(serving: Serving) -> Result<Self, LocalError> {
        let listener = bind(None)?;
        let address =
            listener.local_addr().map_err(|source| LocalError::Listen { port: 0, source })?;
        let (stop, stopped) = oneshot::channel();
        let listening = serving.start(listener)?;
        let server = tokio::spawn(listening.run(async move {
            let _ = stopped.await;
        }));
        Ok(Self { endpoint: format!("http://{address}"), stop, server })
    }

    /// Returns the endpoint for a DynamoDB client: `http://127.0.0.1:<port>`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Answers the running requests, stops, and closes the database.
    pub async fn shutdown(self) {
        let Self { stop, server, .. } = self;
        let _ = stop.send(());
        // A failure of the server no longer matters.
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
