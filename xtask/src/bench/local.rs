//! Measures the time of 5,000 items by BatchWriteItem: into a database file that `mizzle local`
//! serves, and into one in memory. Both servers run all the time, and take turns.

use super::median;
use crate::{
    cache::Cache,
    guard::Launch,
    python,
    server::Server,
    workspace::{Workspace, announce, print_result},
};
use anyhow::ensure;
use std::path::Path;
use xshell::cmd;

/// The number of turns of each. One more first turn does not count.
const ROUNDS: usize = 5;

/// The maximum ratio of the file's time to the time in memory.
const LIMIT: f64 = 2.0;

/// Measures both, prints the medians, and fails when the file takes too long.
pub(super) fn run(workspace: &Workspace, mizzle: &Path) -> anyhow::Result<()> {
    let python = python::fetch(workspace, &Cache::lock(workspace)?, "boto3")?;
    let folder = tempfile::tempdir()?;
    let serve = |name: &str, place: &str| {
        Server::start(name, &folder.path().join(format!("{name}.log")), |port| {
            let port = port.to_string();
            Launch::new(mizzle, folder.path()).args(["local", "--port", &port, place])
        })
    };
    let servers = [serve("file", "--path=local.db")?, serve("memory", "--in-memory")?];
    announce("measuring 5,000 items by BatchWriteItem");
    let mut seconds = [Vec::new(), Vec::new()];
    for round in 0..=ROUNDS {
        for (server, seconds) in servers.iter().zip(&mut seconds) {
            let took = write(workspace, &python, &server.endpoint())?;
            if round > 0 {
                seconds.push(took);
            }
        }
    }
    let [file, memory] = seconds.map(median);
    let ratio = file / memory;
    print_result(&format!(
        "| 5,000 items by BatchWriteItem | time |\n|:---|---:|\n\
         | `mizzle local --path` | {file:.2} s |\n\
         | `mizzle local --in-memory` | {memory:.2} s |\n\
         | ratio | {ratio:.2} |\n"
    ))?;
    ensure!(ratio <= LIMIT, "a database file takes {ratio:.2} times as long as one in memory");
    Ok(())
}

fn write(workspace: &Workspace, python: &Path, endpoint: &str) -> anyhow::Result<f64> {
    let script = workspace.root.join("xtask/src/bench/local.py");
    let seconds = cmd!(workspace.shell, "{python} {script} {endpoint}")
        .env("AWS_ACCESS_KEY_ID", "bench")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .quiet()
        .read()?;
    Ok(seconds.trim().parse()?)
}
