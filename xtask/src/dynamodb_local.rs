//! Amazon's DynamoDB Local: fetched for tests, because it may be used but not redistributed.

use crate::{
    cache::{Cache, sha256},
    guard::Launch,
    server::Server,
    workspace::{Workspace, only_entry},
};
use anyhow::ensure;
use std::{
    fs,
    path::{Path, PathBuf},
};
use xshell::cmd;

/// The npm package that contains DynamoDB Local 1.25.1.
const PACKAGE: &str = "amplify-dynamodb-simulator@2.9.30";
const PACKAGE_SHA256: &str = "3503ffac19f183407909fecdacf4db51ab1fdad1da7b2f177016670b2d80e4b9";

/// Fetches DynamoDB Local and returns the folder of its jar.
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

/// Starts DynamoDB Local from the folder of its jar, with an empty database for every access key.
///
/// It has no option for the address to listen on. Without `-sharedDb`, every access key and region
/// has a database of its own.
pub(crate) fn start(jar_folder: &Path, kept: &Path) -> anyhow::Result<Server> {
    Server::start("DynamoDB Local", &kept.join("dynamodb-local.log"), |port| {
        Launch::new("java", jar_folder)
            .args([
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Xmx1g",
                "-Djava.library.path=./DynamoDBLocal_lib",
                "-jar",
                "DynamoDBLocal.jar",
                "-inMemory",
                "-disableTelemetry",
                "-port",
                &port.to_string(),
            ])
            .env("DDB_LOCAL_TELEMETRY", "0")
    })
}
