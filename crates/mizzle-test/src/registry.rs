//! A local npm registry with the npm packages.

use crate::{environment, process, redact::Redactions};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, body::Incoming, header, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value, json};
use std::{
    collections::HashMap,
    convert::Infallible,
    env::consts,
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    thread,
    time::Duration,
};

const MAIN: &str = "mizzle-cli";
/// The time limit for packing and compressing a program on a busy machine.
const DEADLINE: Duration = Duration::from_secs(120);

/// A registry on this machine that has `mizzle-cli` and the packages of its programs, and nothing
/// else. It serves until the process ends.
///
/// It lists all packages, like the real one, but has only the archives of the main package and of
/// the one for this machine: requests for others fail.
#[derive(Debug)]
pub struct Registry {
    endpoint: String,
    version: String,
    program: String,
}

/// The answers, by path.
type Answers = HashMap<String, (&'static str, Bytes)>;

impl Registry {
    /// Packs the packages, with `binary` as the program for this machine, and serves them.
    #[track_caller]
    pub fn serve(binary: &Path) -> Self {
        let packages = PathBuf::from(environment::required(environment::PACKAGES));
        let scratch = tempfile::tempdir().expect("the system has a folder for temporary files");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("the listener has an address");
        let endpoint = format!("http://{address}");

        let mut answers = Answers::new();
        let (mut version, mut program) = (String::new(), String::new());
        for entry in fs::read_dir(&packages).expect("cargo xtask test made the packages") {
            let folder = entry.expect("the packages can be listed").path();
            let Ok(text) = fs::read_to_string(folder.join("package.json")) else { continue };
            let manifest: Value = serde_json::from_str(&text).expect("xtask writes JSON");
            let name = manifest["name"].as_str().expect("a package has a name").to_owned();
            let is_program = fits_this_machine(&manifest);
            let dist = if name == MAIN || is_program {
                let copy = scratch.path().join("package");
                copy_folder(&folder, &copy);
                if is_program {
                    place(binary, &copy.join("bin").join(format!("mizzle{}", consts::EXE_SUFFIX)));
                    program.clone_from(&name);
                }
                let packed = pack(&copy, scratch.path());
                fs::remove_dir_all(&copy).expect("the copy can be removed");
                let archive = fs::read(scratch.path().join(&packed.file)).expect("npm packed it");
                let path = format!("/{name}/-/{}", packed.file);
                answers.insert(path.clone(), ("application/octet-stream", archive.into()));
                json!({
                    "tarball": format!("{endpoint}{path}"),
                    "integrity": packed.integrity,
                    "shasum": packed.shasum,
                })
            } else {
                json!({ "tarball": format!("{endpoint}/{name}/-/not-on-this-machine.tgz") })
            };
            manifest["version"].as_str().unwrap_or_default().clone_into(&mut version);
            let document = document(&name, &manifest, &dist).to_string();
            answers.insert(format!("/{name}"), ("application/json", document.into()));
        }
        assert!(!program.is_empty(), "there is no package for this machine in {packages:?}");
        thread::spawn(move || run(listener, answers));
        Self { endpoint, version, program }
    }

    /// Returns the registry's URL.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Returns the version of all packages.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the name of the package with the program for this machine.
    pub fn program(&self) -> &str {
        &self.program
    }
}

/// Creates a registry's document of a package.
fn document(name: &str, manifest: &Value, dist: &Value) -> Value {
    let version = manifest["version"].as_str().expect("a package has a version");
    let mut entry = manifest.as_object().cloned().unwrap_or_default();
    entry.insert("dist".to_owned(), dist.clone());
    let versions = Map::from_iter([(version.to_owned(), Value::Object(entry))]);
    json!({ "name": name, "dist-tags": { "latest": version }, "versions": versions })
}

/// True if a package manager would install the package here.
fn fits_this_machine(manifest: &Value) -> bool {
    let os = match consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    let cpu = match consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    let libc = if cfg!(target_env = "musl") { "musl" } else { "glibc" };
    let allows = |field: &str, value: &str| {
        manifest[field].as_array().is_none_or(|list| list.iter().any(|one| one == value))
    };
    manifest["os"].is_array() && allows("os", os) && allows("cpu", cpu) && allows("libc", libc)
}

/// The output of `npm pack` for an archive.
struct Packed {
    file: String,
    integrity: String,
    shasum: String,
}

/// Creates the archive of a package, in the same way as for the real registry.
#[track_caller]
fn pack(folder: &Path, into: &Path) -> Packed {
    let tools = Tools::from_env();
    let mut command = tools.command("npm");
    command
        .args(["pack", "--json", "--ignore-scripts", "--pack-destination"])
        .arg(into)
        .current_dir(folder)
        .env("HOME", into);
    let packed = process::run(command, "npm pack".to_owned(), DEADLINE, Redactions::standard());
    let told = packed.assert_code(0).json();
    let field = |name: &str| told[0][name].as_str().expect("npm says it").to_owned();
    Packed { file: field("filename"), integrity: field("integrity"), shasum: field("shasum") }
}

/// Copies a program into its package, without debug symbols: the package is packed and unpacked
/// again and again.
fn place(binary: &Path, target: &Path) {
    let folder = target.parent().expect("a program lies in a folder");
    fs::create_dir_all(folder).expect("the package can be written to");
    let stripped = Command::new("strip").arg("-o").arg(target).arg(binary).status();
    if !stripped.is_ok_and(|status| status.success()) {
        fs::copy(binary, target).expect("the program can be copied");
    }
}

/// Copies a folder with its content.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.expect("a package can be listed");
        let path = entry.path().strip_prefix(from).expect("it was found below");
        let target = to.join(path);
        if entry.file_type().is_dir() {
            fs::create_dir_all(&target).expect("a new folder can be written to");
        } else {
            fs::copy(entry.path(), &target).expect("a package can be copied");
        }
    }
}

/// Serves forever.
fn run(listener: TcpListener, answers: Answers) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("the system gives a runtime").block_on(async {
        listener.set_nonblocking(true).expect("the listener can be made asynchronous");
        let listener = tokio::net::TcpListener::from_std(listener);
        let listener = listener.expect("the runtime takes the listener");
        let answers = Arc::new(answers);
        loop {
            // Ignore a connection that is closed before it is accepted.
            let Ok((stream, _)) = listener.accept().await else { continue };
            let answers = Arc::clone(&answers);
            tokio::spawn(async move {
                let service = service_fn(|request| {
                    let response = answer(&answers, &request);
                    async move { Ok::<_, Infallible>(response) }
                });
                // Serving fails if the client disconnects.
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
}

fn answer(answers: &Answers, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let path = request.uri().path().replace("%2f", "/").replace("%2F", "/");
    let (status, kind, body) = match answers.get(&path) {
        Some((kind, body)) => (200, *kind, body.clone()),
        None => (404, "application/json", Bytes::from_static(b"{\"error\":\"not found\"}")),
    };
    let response = Response::builder().status(status).header(header::CONTENT_TYPE, kind);
    response.body(Full::new(body)).expect("status and header are valid")
}

/// Node, and the package managers.
#[derive(Debug, Clone)]
pub(crate) struct Tools {
    modules: PathBuf,
}

impl Tools {
    #[track_caller]
    pub(crate) fn from_env() -> Self {
        let tools = PathBuf::from(environment::required(environment::NPM));
        Self { modules: tools.join("node_modules") }
    }

    /// Creates a command line of one of the installed programs, with a `PATH` for all of them and
    /// Node.
    pub(crate) fn command(&self, program: &str) -> Command {
        let programs = self.modules.join(".bin");
        let mut command = Command::new(programs.join(program));
        environment::clear(&mut command);
        command.env("PATH", format!("{}:/usr/bin:/bin", programs.display()));
        command
    }

    /// Returns the file of an installed package.
    pub(crate) fn file(&self, path: &str) -> PathBuf {
        self.modules.join(path)
    }

    /// Returns the executable of Bun: npm unpacked only the package for this machine.
    pub(crate) fn bun(&self) -> PathBuf {
        let packages = self.modules.join("@oven");
        let mut found = fs::read_dir(&packages).into_iter().flatten().flatten();
        found.next().map_or(packages, |package| package.path().join("bin/bun"))
    }
}
