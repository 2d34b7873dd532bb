//! The common code of the test servers: a free port, the start, the wait until DynamoDB responds.

use crate::{
    guard::{Guarded, Launch},
    workspace::announce,
};
use anyhow::{Context, bail};
use std::{
    collections::BTreeSet,
    fs,
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::Path,
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// Java on a busy two-core machine takes seconds; half a minute indicates a failure.
const START_DEADLINE: Duration = Duration::from_secs(30);
const START_ATTEMPTS: u32 = 3;

/// A server with DynamoDB's API, bound to this machine only if it has such an option.
pub(crate) struct Server {
    port: u16,
    _process: Guarded,
}

impl Server {
    /// Starts a server on a free port and waits until it responds; `launch` returns the command for
    /// a port. The server's output goes to `log`.
    pub(crate) fn start(
        name: &str,
        log: &Path,
        launch: impl Fn(u16) -> Launch,
    ) -> anyhow::Result<Self> {
        let started = Instant::now();
        for _ in 0..START_ATTEMPTS {
            let port = free_port()?;
            let mut process = Guarded::start(&launch(port), log)?;
            if answers_in_time(&mut process, port)? {
                let server = Self { port, _process: process };
                let elapsed = started.elapsed().as_secs_f64();
                announce(&format!("{name} answers on {} after {elapsed:.1} s", server.endpoint()));
                return Ok(server);
            }
            // Another program may have taken the port meanwhile.
            announce(&format!("{name} did not start, trying another port"));
        }
        let said = fs::read_to_string(log).unwrap_or_default();
        bail!("{name} does not start; it said (in {}):\n{said}", log.display())
    }

    /// Returns the URL of the server.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// Returns a port that is free, and that no other server of this run has: several start at once,
/// and must not mistake each other's responses for their own.
fn free_port() -> anyhow::Result<u16> {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    loop {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
        let port = listener.local_addr()?.port();
        if GIVEN.lock().unwrap_or_else(PoisonError::into_inner).insert(port) {
            return Ok(port);
        }
    }
}

/// Waits until the server lists its tables; `false` if it ended or timed out.
fn answers_in_time(process: &mut Guarded, port: u16) -> anyhow::Result<bool> {
    let deadline = Instant::now() + START_DEADLINE;
    while Instant::now() < deadline {
        if process.ended()?.is_some() {
            return Ok(false);
        }
        if lists_tables(port).unwrap_or(false) {
            return Ok(true);
        }
        thread::sleep(Duration::from_millis(50));
    }
    Ok(false)
}

/// True if DynamoDB itself responds on the port, and not another program.
fn lists_tables(port: u16) -> io::Result<bool> {
    let patience = Duration::from_secs(2);
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut connection = TcpStream::connect_timeout(&address, patience)?;
    connection.set_read_timeout(Some(patience))?;
    // The servers require a signature but do not check it.
    connection.write_all(
        b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2\r\n\
          Content-Type: application/x-amz-json-1.0\r\n\
          X-Amz-Date: 20200101T000000Z\r\nX-Amz-Target: DynamoDB_20120810.ListTables\r\n\
          Authorization: AWS4-HMAC-SHA256 Credential=xtask/20200101/us-east-1/dynamodb/\
          aws4_request, SignedHeaders=host, Signature=0\r\n\r\n{}",
    )?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    Ok(answer.contains("\"TableNames\""))
}

#[cfg(test)]
mod tests {
    use super::free_port;
    use std::collections::BTreeSet;

    #[test]
    fn gives_no_port_twice() {
        let ports: BTreeSet<u16> = (0..50).map(|_| free_port().unwrap()).collect();
        assert_eq!(ports.len(), 50);
    }
}
