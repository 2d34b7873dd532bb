//! `cargo xtask demo`: the main use case on the local machine, with nothing but Rust.

use crate::workspace::{Workspace, announce};
use std::env::consts;
use xshell::cmd;

/// Pushes `examples/shop` to the embedded DynamoDB and lists its tables.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<()> {
    let shell = workspace.shell.clone();
    workspace.stage("building mizzle", cmd!(shell, "cargo build --quiet --package mizzle"))?;
    let mizzle = workspace.target.join("debug").join(format!("mizzle{}", consts::EXE_SUFFIX));
    shell.change_dir("examples/shop");
    announce("examples/shop $ mizzle push --yes");
    cmd!(shell, "{mizzle} push --yes").quiet().run()?;
    announce("examples/shop $ mizzle list");
    Ok(cmd!(shell, "{mizzle} list").quiet().run()?)
}
