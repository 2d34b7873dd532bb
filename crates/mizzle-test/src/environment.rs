//! The variables of `cargo xtask test`, and the minimal environment of started programs.

use std::{env, path::PathBuf, process::Command};

/// The endpoint of a running DynamoDB Local.
pub(crate) const DYNAMODB_LOCAL: &str = "MIZZLE_TEST_DYNAMODB_LOCAL";
/// The endpoint of a running MiniStack.
pub(crate) const MINISTACK: &str = "MIZZLE_TEST_MINISTACK";
/// The endpoint of a running moto.
pub(crate) const MOTO: &str = "MIZZLE_TEST_MOTO";
/// A Python interpreter that has moto.
pub(crate) const MOTO_PYTHON: &str = "MIZZLE_TEST_MOTO_PYTHON";
/// The seed of tests with random times, set by hand to repeat a failure.
pub(crate) const SEED: &str = "MIZZLE_TEST_SEED";
/// A Python interpreter that has boto3.
pub(crate) const PYTHON: &str = "MIZZLE_TEST_PYTHON";
/// A Python interpreter with the readers of exports: cfn-lint, the AWS CLI, python-hcl2.
pub(crate) const EXPORTS: &str = "MIZZLE_TEST_EXPORTS";
/// The folder whose `node_modules` contains TypeScript, Node, Bun and package managers.
pub(crate) const NPM: &str = "MIZZLE_TEST_NPM";
/// The folder with the npm packages, as they are published except for the programs.
pub(crate) const PACKAGES: &str = "MIZZLE_TEST_PACKAGES";

/// Returns the value of a variable that `cargo xtask test` sets.
#[track_caller]
pub(crate) fn required(variable: &str) -> String {
    match env::var(variable) {
        Ok(value) if !value.is_empty() => value,
        _ => panic!(
            "{variable} is not set, so this test has nothing to run against: \
             run `cargo xtask test`, or `cargo xtask test -- <args of cargo test>` for some tests"
        ),
    }
}

/// Returns the repository's root.
pub(crate) fn repository() -> PathBuf {
    dunce::canonicalize(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .expect("the crate lies two folders below the repository's root")
}

/// Removes the developer's environment: credentials, proxies, colors, locale.
pub(crate) fn clear(command: &mut Command) -> &mut Command {
    command.env_clear();
    if cfg!(windows) {
        // Sockets do not work without it.
        if let Some(root) = env::var_os("SystemRoot") {
            command.env("SystemRoot", root);
        }
    } else {
        command.env("PATH", "/usr/bin:/bin");
    }
    command.env("LANG", "C.UTF-8")
}
