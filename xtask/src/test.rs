//! `cargo xtask test`: all tests, against real servers.

use crate::{
    cache::Cache,
    dynamodb_local::{self, DynamoDbLocal},
    npm, python, requirements,
    workspace::{Workspace, announce},
};
use std::ffi::OsString;
use xshell::cmd;

/// Runs `cargo test`, with `extra` arguments, and tells the tests where the servers and tools are.
pub(crate) fn run(workspace: &Workspace, extra: &[OsString]) -> anyhow::Result<()> {
    requirements::verify(workspace)?;
    let cache = Cache::lock(workspace)?;
    let jar_folder = dynamodb_local::fetch(workspace, &cache)?;
    let python = python::fetch(workspace, &cache)?;
    let tools = npm::fetch(workspace, &cache)?;
    drop(cache);

    let server = DynamoDbLocal::start(workspace, &jar_folder)?;
    announce(&format!("DynamoDB Local answers on {}", server.endpoint()));
    let shell = &workspace.shell;
    let scope = (!names_packages(extra)).then_some("--workspace");
    workspace.stage(
        "tests",
        cmd!(shell, "cargo test {scope...} --no-fail-fast {extra...}")
            .env("MIZZLE_TEST_DYNAMODB_LOCAL", server.endpoint())
            .env("MIZZLE_TEST_PYTHON", python)
            .env("MIZZLE_TEST_NPM", tools),
    )?;
    announce("all tests passed");
    Ok(())
}

/// Whether the arguments choose packages; Cargo ignores the choice when it is told `--workspace`.
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
