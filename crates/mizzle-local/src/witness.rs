//! Proof that the process that serves a database is still running.
//!
//! The note beside a database contains its endpoint. That alone is not enough to connect: the note
//! may come from a process that was killed, or from one in a container, and another program may
//! listen on the port by now. So a server also listens on a second port of its own, and sends the
//! number there that it has written into the note. No other program has this number. The server
//! holds its endpoint for as long as it answers on the second port.

use serde::{Deserialize, Serialize};
use std::{
    io::{self, Read},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    time::{Duration, Instant},
};
use tokio::{io::AsyncWriteExt, task::JoinHandle, time::sleep};
use uuid::Uuid;

/// The time limit of the response. The server is on this machine.
const PATIENCE: Duration = Duration::from_secs(1);

/// The pause after a connection that could not be accepted, as when no more files can be opened.
const PAUSE: Duration = Duration::from_millis(50);

/// The port and the number with which a server proves itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Witness {
    port: u16,
    number: Uuid,
}

impl Witness {
    /// Creates a unique number, and the listener that sends it.
    pub(crate) fn bind() -> io::Result<(Self, TcpListener)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        Ok((Self { port, number: Uuid::new_v4() }, listener))
    }

    /// The port on which the server proves itself.
    pub(crate) fn port(self) -> u16 {
        self.port
    }

    /// True if the server responds with its number.
    pub(crate) fn is_confirmed(self) -> bool {
        self.ask().is_some_and(|answer| answer == *self.number.as_bytes())
    }

    fn ask(self) -> Option<[u8; 16]> {
        let deadline = Instant::now() + PATIENCE;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
        let mut answer = [0; 16];
        let mut known = 0;
        while known < answer.len() {
            // A zero timeout means no limit to the system, and an error to the standard library.
            let left = deadline.saturating_duration_since(Instant::now());
            stream.set_read_timeout(Some(left)).ok()?;
            match stream.read(&mut answer[known..]).ok()? {
                0 => return None,
                count => known += count,
            }
        }
        Some(answer)
    }
}

/// A task that answers for a server until the value is dropped.
#[derive(Debug)]
pub(crate) struct Answering(JoinHandle<()>);

impl Answering {
    pub(crate) fn start(witness: Witness, listener: TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        Ok(Self(tokio::spawn(async move {
            loop {
                match listener.accept().await {
                    // The client may have disconnected. So few bytes never have to wait.
                    Ok((mut stream, _)) => drop(stream.write_all(witness.number.as_bytes()).await),
                    Err(_) => sleep(PAUSE).await,
                }
            }
        })))
    }
}

impl Answering {
    /// Stops the task, and returns once the port is free.
    pub(crate) async fn stop(mut self) {
        self.0.abort();
        // The task was stopped or has panicked: it has ended in any case.
        let _ = (&mut self.0).await;
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{io::Write, thread};

    #[tokio::test(flavor = "multi_thread")]
    async fn only_the_server_of_the_note_is_confirmed() {
        let (witness, listener) = Witness::bind().unwrap();
        let other = Witness { number: Uuid::new_v4(), ..witness };
        let answering = Answering::start(witness, listener).unwrap();
        let asked = move || (witness.is_confirmed(), other.is_confirmed());
        assert_eq!(tokio::task::spawn_blocking(asked).await.unwrap(), (true, false));

        answering.stop().await;
        assert!(!tokio::task::spawn_blocking(move || witness.is_confirmed()).await.unwrap());
    }

    /// Starts another program on the port of a witness, which does this with every connection.
    fn stranger(act: impl Fn(TcpStream) + Send + 'static) -> Witness {
        let (witness, listener) = Witness::bind().unwrap();
        thread::spawn(move || listener.incoming().flatten().for_each(act));
        witness
    }

    #[test]
    fn a_stranger_is_not_believed_however_it_behaves() {
        let http = stranger(|mut stream| {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        });
        assert!(!http.is_confirmed());
        let closing = stranger(drop);
        assert!(!closing.is_confirmed());
        let silent = stranger(std::mem::forget);
        assert!(!silent.is_confirmed());
        let slow = stranger(|mut stream| {
            while stream.write_all(b"?").is_ok() {
                thread::sleep(PATIENCE / 4);
            }
        });
        let start = Instant::now();
        assert!(!slow.is_confirmed());
        assert!(start.elapsed() < 4 * PATIENCE, "{:?}", start.elapsed());
    }
}
