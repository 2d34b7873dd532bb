//! Amazon's DynamoDB Local: fetched when tests run, because it may be used but not redistributed.

use crate::{
    cache::{Cache, sha256},
    guard::Guarded,
    workspace::{Workspace, announce, only_entry},
};
use anyhow::{Context, bail, ensure};
use std::{
    ffi::OsString,
    fs,
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};
use xshell::cmd;

/// The npm package that carries DynamoDB Local 1.25.1.
const PACKAGE: &str = "amplify-dynamodb-simulator@2.9.30";
const PACKAGE_SHA256: &str = "3503ffac19f183407909fecdacf4db51ab1fdad1da7b2f177016670b2d80e4b9";

/// Java on a busy two-core machine takes seconds; half a minute means that something is wrong.
const START_DEADLINE: Duration = Duration::from_secs(30);
const START_ATTEMPTS: u32 = 3;

/// Fetches DynamoDB Local and gives the folder of its jar.
pub(crate) fn fetch(workspace: &Workspace, cache: &Cache<'_>) -> anyhow::Result<PathBuf> {
    let folder = cache.ensure("dynamodb-local", PACKAGE_SHA256, |folder| {
        let download = tempfile::tempdir_in(folder)?;
        let shell = workspace.shell.clone();
        shell.change_dir(download.path());
        cmd!(shell, "npm pack --silent {PACKAGE}").quiet().ignore_stdout().run()?;
        let archive = only_entry(download.path())?;
        let found = sha256([fs::read(&archive)?.as_slice()]);
        ensure!(
            found == PACKAGE_SHA256,
            "npm gave another {PACKAGE} than the one that the tests know: its SHA-256 is {found}, \
             not {PACKAGE_SHA256}"
        );
        cmd!(shell, "tar -xzf {archive} -C {folder}").quiet().run()?;
        Ok(())
    })?;
    Ok(folder.join("package/emulator"))
}

/// A running DynamoDB Local with an empty database for every access key.
pub(crate) struct DynamoDbLocal {
    port: u16,
    _server: Guarded,
}

impl DynamoDbLocal {
    /// Starts the server and waits until it answers.
    pub(crate) fn start(workspace: &Workspace, jar_folder: &Path) -> anyhow::Result<Self> {
        let log = workspace.kept.join("dynamodb-local.log");
        for _ in 0..START_ATTEMPTS {
            let port = free_port()?;
            let no_telemetry = [("DDB_LOCAL_TELEMETRY", "0")];
            let mut server =
                Guarded::start("java", &arguments(port), &no_telemetry, jar_folder, &log)?;
            if answers_in_time(&mut server, port)? {
                return Ok(Self { port, _server: server });
            }
            // Another program may have taken the port meanwhile.
            announce("DynamoDB Local did not start, trying another port");
        }
        let said = fs::read_to_string(&log).unwrap_or_default();
        bail!("DynamoDB Local does not start; it said (in {}):\n{said}", log.display())
    }

    /// The URL under which it answers.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// It has no option for the address to listen on. Without `-sharedDb`, every access key and
/// region has a database of its own.
fn arguments(port: u16) -> Vec<OsString> {
    [
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-Xshare:auto",
        "-Xmx256m",
        "-Djava.library.path=./DynamoDBLocal_lib",
        "-jar",
        "DynamoDBLocal.jar",
        "-inMemory",
        "-disableTelemetry",
        "-port",
        &port.to_string(),
    ]
    .map(OsString::from)
    .to_vec()
}

fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr()?.port())
}

/// Waits until the server lists its tables; `false` when it ended or took too long.
fn answers_in_time(server: &mut Guarded, port: u16) -> anyhow::Result<bool> {
    let deadline = Instant::now() + START_DEADLINE;
    while Instant::now() < deadline {
        if server.ended()?.is_some() {
            return Ok(false);
        }
        if lists_tables(port).unwrap_or(false) {
            return Ok(true);
        }
        thread::sleep(Duration::from_millis(50));
    }
    Ok(false)
}

/// Whether DynamoDB itself answers on the port, and not some other program.
fn lists_tables(port: u16) -> io::Result<bool> {
    let patience = Duration::from_secs(2);
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut connection = TcpStream::connect_timeout(&address, patience)?;
    connection.set_read_timeout(Some(patience))?;
    // DynamoDB Local wants a signature but does not check it.
    connection.write_all(
        b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2\r\n\
          Content-Type: application/x-amz-json-1.0\r\n\
          X-Amz-Target: DynamoDB_20120810.ListTables\r\n\
          Authorization: AWS4-HMAC-SHA256 Credential=xtask/20200101/us-east-1/dynamodb/\
          aws4_request, SignedHeaders=host, Signature=0\r\n\r\n{}",
    )?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    Ok(answer.contains("\"TableNames\""))
}
