//! `cargo xtask bench`: how long commands take, beside what others take for the same.

mod generate;
mod push;

use crate::workspace::Workspace;
use anyhow::ensure;
use std::{
    env::consts,
    ffi::OsStr,
    path::{Path, PathBuf},
};
use xshell::cmd;

/// What can be measured by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bench {
    Generate,
    Plan,
    Push,
}

impl Bench {
    pub(crate) const ALL: [Self; 3] = [Self::Generate, Self::Plan, Self::Push];

    /// The one of that name.
    pub(crate) fn named(name: &OsStr) -> Option<Self> {
        match name.to_str()? {
            "generate" => Some(Self::Generate),
            "plan" => Some(Self::Plan),
            "push" => Some(Self::Push),
            _ => None,
        }
    }
}

/// Measures these.
pub(crate) fn run(workspace: &Workspace, benches: &[Bench]) -> anyhow::Result<()> {
    ensure!(
        !benches.contains(&Bench::Generate) || workspace.has("hyperfine", None),
        "hyperfine measures and is not on this machine \
         (Debian: apt-get install hyperfine; anywhere: cargo install hyperfine --locked)"
    );
    for bench in benches {
        match bench {
            Bench::Generate => generate::run(workspace, &mizzle(workspace)?)?,
            Bench::Plan => workspace.stage(
                "comparing and planning 2,500 tables with 20 GSIs",
                cmd!(workspace.shell, "cargo bench --package mizzle-core --bench plan"),
            )?,
            Bench::Push => push::run(workspace, &mizzle(workspace)?)?,
        }
    }
    Ok(())
}

/// Mizzle as it is released.
pub(crate) fn mizzle(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let shell = &workspace.shell;
    workspace.stage("release build", cmd!(shell, "cargo build --release --package mizzle"))?;
    Ok(released(workspace, Path::new("mizzle")))
}

/// A program of the release build.
fn released(workspace: &Workspace, program: &Path) -> PathBuf {
    let program = format!("{}{}", program.display(), consts::EXE_SUFFIX);
    workspace.target.join("release").join(program)
}
