//! `cargo xtask test`: all tests, against real servers.

use crate::{
    cache::Cache,
    dynamodb_local, ministack, moto, npm, package, python, requirements,
    server::Server,
    workspace::{Workspace, announce},
};
use std::{
    env,
    ffi::OsString,
    panic,
    thread::{self, ScopedJoinHandle},
};
use xshell::cmd;

/// The variable with the number of tests that run at the same time.
const THREADS: &str = "RUST_TEST_THREADS";

/// Runs `cargo test`, with `extra` arguments, and passes the locations of the servers and tools to
/// the tests.
pub(crate) fn run(workspace: &Workspace, extra: &[OsString]) -> anyhow::Result<()> {
    requirements::verify(workspace)?;
    let cache = Cache::lock(workspace)?;
    let jar_folder = dynamodb_local::fetch(workspace, &cache)?;
    let ministack_python = python::fetch(workspace, &cache, "ministack")?;
    let moto_python = python::fetch(workspace, &cache, "moto")?;
    let boto3_python = python::fetch(workspace, &cache, "boto3")?;
    let exports_python = python::fetch(workspace, &cache, "exports")?;
    let tools = npm::fetch(workspace, &cache)?;
    let packages = package::assemble(workspace, &tools)?;
    drop(cache);

    // In parallel: every test run waits for the slowest of them, not for one after the other.
    let kept = workspace.kept.as_path();
    let (dynamodb_local, ministack, moto) = thread::scope(|scope| {
        let dynamodb_local = scope.spawn(|| dynamodb_local::start(&jar_folder, kept));
        let ministack = scope.spawn(|| ministack::start(&ministack_python, kept));
        let moto = scope.spawn(|| moto::start(&moto_python, kept));
        (joined(dynamodb_local), joined(ministack), joined(moto))
    });
    // All have been joined: one that fails does not leave the others behind.
    let (dynamodb_local, ministack, moto) = (dynamodb_local?, ministack?, moto?);

    let shell = &workspace.shell;
    let scope = (!names_packages(extra)).then_some("--workspace");
    workspace.stage(
        "tests",
        cmd!(shell, "cargo test {scope...} --no-fail-fast {extra...}")
            .env(THREADS, threads())
            .env("MIZZLE_TEST_DYNAMODB_LOCAL", dynamodb_local.endpoint())
            .env("MIZZLE_TEST_MINISTACK", ministack.endpoint())
            .env("MIZZLE_TEST_MOTO", moto.endpoint())
            .env("MIZZLE_TEST_MOTO_PYTHON", moto_python)
            .env("MIZZLE_TEST_PYTHON", boto3_python)
            .env("MIZZLE_TEST_EXPORTS", exports_python)
            .env("MIZZLE_TEST_NPM", tools)
            .env("MIZZLE_TEST_PACKAGES", packages),
    )?;
    announce("all tests passed");
    Ok(())
}

/// Returns the number of tests at the same time: half as many again as there are cores, since most
/// of them also wait for a server.
fn threads() -> OsString {
    env::var_os(THREADS).unwrap_or_else(|| {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        (cores + cores.div_ceil(2)).to_string().into()
    })
}

/// Returns the result of the thread of a starting server.
fn joined(starting: ScopedJoinHandle<'_, anyhow::Result<Server>>) -> anyhow::Result<Server> {
    starting.join().unwrap_or_else(|panic| panic::resume_unwind(panic))
}

/// True if the arguments select packages; Cargo ignores the selection with `--workspace`.
fn names_packages(cargo_args: &[OsString]) -> bool {
    cargo_args
        .iter()
        .map(|arg| arg.to_string_lossy())
        .take_while(|arg| arg != "--")
        .any(|arg| arg.starts_with("-p") || arg.starts_with("--package"))
}

#[cfg(test)]
mod tests {
    use super::names_packages;
    use std::ffi::OsString;

    #[test]
    fn sees_whether_packages_are_named() {
        for (args, named) in [
            (vec![], false),
            (vec!["push"], false),
            (vec!["-p", "mizzle", "push"], true),
            (vec!["-pmizzle"], true),
            (vec!["--package=mizzle"], true),
            (vec!["--test", "it", "--", "-p"], false),
        ] {
            let args: Vec<OsString> = args.into_iter().map(OsString::from).collect();
            assert_eq!(names_packages(&args), named, "{args:?}");
        }
    }
}
