//! Opening and serving a store, in one process.

use crate::http::{call, eventually, ok};
use mizzle_local::{Access, LocalError, Purpose, Store, bind};
use serde_json::json;
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::{sync::oneshot, task::spawn_blocking};

fn users() -> serde_json::Value {
    json!({
        "TableName": "Users",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
    })
}

fn open_error(path: &Path) -> LocalError {
    Store::open(path, "mizzle push").expect_err("the path cannot be a database")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_keeps_its_tables_between_openings() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(".mizzle/local.db");

    let embedded = Store::open(&path, "mizzle push").unwrap().spawn().await.unwrap();
    assert!(embedded.endpoint().starts_with("http://127.0.0.1:"), "{}", embedded.endpoint());
    let endpoint = embedded.endpoint().to_owned();
    spawn_blocking(move || ok(&endpoint, "CreateTable", &users())).await.unwrap();

    // The lock is released with the server, not before.
    assert!(matches!(open_error(&path), LocalError::InUse { owner: Some(_), .. }));
    embedded.shutdown().await;

    let embedded = Store::open(&path, "mizzle list").unwrap().spawn().await.unwrap();
    let endpoint = embedded.endpoint().to_owned();
    let tables = spawn_blocking(move || ok(&endpoint, "ListTables", &json!({}))).await.unwrap();
    assert_eq!(tables["TableNames"], json!(["Users"]));
    embedded.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_server_frees_the_store() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("local.db");
    drop(Store::open(&path, "mizzle push").unwrap().spawn().await.unwrap());
    spawn_blocking(move || {
        eventually("the lock is free", || Store::open(&path, "mizzle push").ok());
    })
    .await
    .unwrap();
}

#[test]
fn our_own_directory_is_kept_out_of_git() {
    let dir = tempfile::tempdir().unwrap();
    let own = dir.path().join("project/.mizzle");
    let ignore = own.join(".gitignore");
    let open = || drop(Store::open(&own.join("local.db"), "mizzle push").unwrap());
    open();
    assert_eq!(std::fs::read_to_string(&ignore).unwrap(), "*\n");
    assert!(!dir.path().join("project/.gitignore").exists(), "only where the database is");

    // As after a run that was stopped between the directory and the file.
    std::fs::remove_file(&ignore).unwrap();
    open();
    assert_eq!(std::fs::read_to_string(&ignore).unwrap(), "*\n");

    // The user's changes are kept.
    std::fs::write(&ignore, "*.db*\n").unwrap();
    open();
    assert_eq!(std::fs::read_to_string(&ignore).unwrap(), "*.db*\n");
}

#[test]
fn the_directory_of_another_path_gets_no_gitignore() {
    let dir = tempfile::tempdir().unwrap();
    let (found, made) = (dir.path().join("found"), dir.path().join("data/made"));
    std::fs::create_dir(&found).unwrap();
    for directory in [found, made] {
        drop(Store::open(&directory.join("x.db"), "mizzle push").unwrap());
        assert!(directory.join("x.db").exists());
        assert!(!directory.join(".gitignore").exists(), "{}", directory.display());
    }
    assert!(!dir.path().join("data/.gitignore").exists());
}

#[test]
fn what_is_no_database_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("notes.txt");
    for content in ["short", "Dear diary, today I wrote a migration tool."] {
        std::fs::write(&path, content).unwrap();
        let error = open_error(&path);
        assert!(matches!(error, LocalError::NotADatabase { .. }), "{error:?}");
        assert!(error.hint().is_some());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
    }
    let error = open_error(dir.path());
    assert!(
        matches!(error, LocalError::NotAFile { .. } | LocalError::Io { .. }),
        "a directory: {error:?}"
    );
    // A file with SQLite's first bytes only.
    std::fs::write(&path, "SQLite format 3\0 and so on").unwrap();
    let error = open_error(&path);
    assert!(matches!(error, LocalError::Open { .. }), "{error:?}");
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = open_error(&file.join(".mizzle/local.db"));
    let LocalError::Io { action: "create the directory", path, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(path, &file.join(".mizzle"));
}

#[test]
fn a_taken_port_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = bind(Some(port)).unwrap_err();
    assert_eq!(error.to_string(), format!("port {port} on this machine is already in use"));
    assert!(error.hint().unwrap().contains("--port"));

    drop(taken);
    let free = bind(None).unwrap().local_addr().unwrap();
    assert!(free.ip().is_loopback());
    assert_eq!(bind(Some(free.port())).unwrap().local_addr().unwrap(), free);
}

/// A store that is served on a thread of its own, as `mizzle local` does.
struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<Result<(), LocalError>>>,
}

impl Server {
    fn start(store: Store) -> Self {
        let listener = bind(None).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let server = store.serve(listener)?;
                server.run(async move { drop(stopped.await) }).await;
                Ok(())
            })
        });
        Self { address, stop: Some(stop), thread: Some(thread) }
    }

    fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    fn stop(mut self) -> Duration {
        let start = Instant::now();
        self.stop.take().unwrap().send(()).unwrap();
        self.thread.take().unwrap().join().unwrap().unwrap();
        start.elapsed()
    }
}

#[test]
fn expired_items_go_while_the_store_is_served() {
    let server = Server::start(Store::in_memory().unwrap().sweep_every(Duration::from_millis(20)));
    let endpoint = server.endpoint();
    ok(&endpoint, "CreateTable", &users());
    let ttl = json!({ "AttributeName": "expires", "Enabled": true });
    ok(
        &endpoint,
        "UpdateTimeToLive",
        &json!({ "TableName": "Users", "TimeToLiveSpecification": ttl }),
    );
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    for (id, expires) in [("old", now - 3600), ("young", now + 3600)] {
        let item = json!({ "id": { "S": id }, "expires": { "N": expires.to_string() } });
        ok(&endpoint, "PutItem", &json!({ "TableName": "Users", "Item": item }));
    }
    let left = eventually("the expired item is gone", || {
        let items = ok(&endpoint, "Scan", &json!({ "TableName": "Users" }))["Items"].clone();
        (items.as_array()?.len() < 2).then_some(items)
    });
    assert_eq!(left[0]["id"]["S"], "young");
    server.stop();
}

#[test]
fn idle_connections_do_not_delay_the_end() {
    let server = Server::start(Store::in_memory().unwrap());
    let mut idle = TcpStream::connect(server.address).unwrap();
    // The health page, and then the connection is kept alive.
    write!(idle, "GET / HTTP/1.1\r\nHost: {}\r\n\r\n", server.address).unwrap();
    let mut first = [0; 12];
    idle.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    let took = server.stop();
    assert!(took < Duration::from_secs(4), "{took:?}");
}

#[test]
fn a_request_that_never_ends_cannot_hold_the_server() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("local.db");
    let purpose = Purpose::serving("mizzle local", "http://127.0.0.1:8000");
    let server = Server::start(Store::open(&path, purpose).unwrap());
    let mut stuck = TcpStream::connect(server.address).unwrap();
    write!(stuck, "POST / HTTP/1.1\r\nHost: {}\r\nContent-Length: 100\r\n\r\n{{", server.address)
        .unwrap();
    // The server has accepted the connection once it has served a later one.
    ok(&server.endpoint(), "ListTables", &json!({}));
    let took = server.stop();
    assert!(took < Duration::from_secs(15), "{took:?}");
    drop(Store::open(&path, "mizzle push").unwrap());
}

#[test]
fn a_stopped_server_is_gone() {
    let server = Server::start(Store::in_memory().unwrap());
    let endpoint = server.endpoint();
    ok(&endpoint, "ListTables", &json!({}));
    server.stop();
    assert!(call(&endpoint, "ListTables", &json!({})).is_err());
}

/// Serves the database at a path, as `mizzle local` does.
fn serve(path: &Path) -> Server {
    let purpose = Purpose::serving("mizzle local", "http://127.0.0.1:8000");
    Server::start(Store::open(path, purpose).unwrap())
}

fn access(path: &Path, patience: Duration) -> Result<Access, LocalError> {
    Access::to(path, &"mizzle push".into(), patience)
}

#[test]
fn a_served_database_is_reached_through_its_server_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("local.db");
    let server = serve(&path);
    let Ok(Access::Served { endpoint, owner }) = access(&path, Duration::ZERO) else {
        panic!("the server is there");
    };
    assert_eq!((endpoint.as_str(), owner.pid), ("http://127.0.0.1:8000", std::process::id()));

    // Notes that are not the server's own.
    let note = path.with_file_name("local.db.owner");
    let own = std::fs::read_to_string(&note).unwrap();
    let mut other: serde_json::Value = serde_json::from_str(&own).unwrap();
    other["witness"]["number"] = "00000000-0000-4000-8000-000000000000".into();
    let mut remote: serde_json::Value = serde_json::from_str(&own).unwrap();
    remote["endpoint"] = "http://192.0.2.1:8000".into();
    let mut old: serde_json::Value = serde_json::from_str(&own).unwrap();
    old.as_object_mut().unwrap().remove("witness");
    for note_of_another in [other, remote, old] {
        std::fs::write(&note, note_of_another.to_string()).unwrap();
        let error = access(&path, Duration::ZERO).unwrap_err();
        assert!(matches!(error, LocalError::InUse { .. }), "{error:?}");
    }
    std::fs::write(&note, own).unwrap();
    server.stop();
    assert!(matches!(access(&path, Duration::ZERO), Ok(Access::Opened(_))));
}

#[test]
fn a_database_that_is_held_shortly_is_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("local.db");
    let held = Store::open(&path, "mizzle list").unwrap();
    let error = access(&path, Duration::from_millis(100)).unwrap_err();
    assert!(matches!(error, LocalError::InUse { .. }), "{error:?}");
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| access(&path, Duration::from_secs(60)));
        drop(held);
        assert!(matches!(waiting.join().unwrap(), Ok(Access::Opened(_))));
    });
}

/// Returns a folder with its canonical path.
#[cfg(unix)]
fn folder() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap();
    (folder, path)
}

#[cfg(unix)]
fn make_pipe(path: &Path) {
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_never_opened() {
    use std::os::unix::{fs::symlink, net::UnixListener};
    for name in ["local.db", "local.db.lock", "local.db-wal", "local.db-shm", "local.db-journal"] {
        let refused = |make: &dyn Fn(&Path), is: &str| {
            let (_folder, dir) = folder();
            let (path, odd) = (dir.join("local.db"), dir.join(name));
            make(&odd);
            let error = open_error(&path);
            let LocalError::NotAFile { path, kind } = &error else { panic!("{error:?}") };
            assert_eq!((path, *kind), (&odd, is));
            assert!(error.hint().is_some());
        };
        refused(&make_pipe, "a pipe");
        refused(&|path| drop(UnixListener::bind(path).unwrap()), "a socket");
        refused(&|path| symlink("/dev/zero", path).unwrap(), "a device");
        refused(&|path| std::fs::create_dir(path).unwrap(), "a directory");
        // The disk with the database may not be mounted.
        refused(&|path| symlink("/nowhere/at/all", path).unwrap(), "a link that leads nowhere");
    }
    // A pipe is not a note.
    let (_folder, dir) = folder();
    let path = dir.join("local.db");
    let held = Store::open(&path, "mizzle list").unwrap();
    let note = path.with_file_name("local.db.owner");
    std::fs::remove_file(&note).unwrap();
    make_pipe(&note);
    assert!(matches!(open_error(&path), LocalError::InUse { owner: None, .. }));
    drop(held);
    make_pipe(&note);
    drop(Store::open(&path, "mizzle list").unwrap());

    // Nor is a pipe a directory.
    let own = dir.join(".mizzle");
    make_pipe(&own);
    let error = open_error(&own.join("local.db"));
    assert!(matches!(&error, LocalError::NotADirectory { kind: "a pipe", .. }), "{error:?}");
}

#[cfg(unix)]
#[test]
fn a_database_has_one_lock_by_whichever_name() {
    use std::os::unix::fs::symlink;
    let (_folder, dir) = folder();
    let path = dir.join("real/local.db");
    symlink(dir.join("real"), dir.join("linked")).unwrap();
    std::fs::create_dir(dir.join("real")).unwrap();
    symlink(&path, dir.join("other.db")).unwrap();
    // Created by one name, and missing under the other.
    let first = Store::open(&dir.join("linked/local.db"), "mizzle push").unwrap();
    for other in ["real/local.db", "linked/local.db", "other.db", "real/../linked/./local.db"] {
        let error = open_error(&dir.join(other));
        assert!(
            matches!(&error, LocalError::InUse { path: held, .. } if *held == path),
            "{error:?}"
        );
    }
    drop(first);
    drop(Store::open(&dir.join("other.db"), "mizzle push").unwrap());
    assert!(!dir.join("other.db.lock").exists());

    std::fs::hard_link(&path, dir.join("hard.db")).unwrap();
    for name in ["hard.db", "real/local.db"] {
        let error = open_error(&dir.join(name));
        assert!(matches!(error, LocalError::Linked { .. }), "{error:?}");
        assert!(error.hint().unwrap().starts_with("use a copy of it"));
    }
}
