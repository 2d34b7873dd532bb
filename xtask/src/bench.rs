//! `cargo xtask bench`: measures commands, and compares them with other tools.

mod generate;
mod large;
mod list;
mod local;
mod push;

use crate::workspace::Workspace;
use anyhow::ensure;
use std::{
    env::consts,
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    time::Instant,
};
use wait4::Wait4;
use xshell::cmd;

/// A single measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bench {
    Generate,
    Large,
    List,
    Local,
    Plan,
    Push,
}

impl Bench {
    pub(crate) const ALL: [Self; 6] =
        [Self::Generate, Self::Large, Self::List, Self::Local, Self::Plan, Self::Push];

    /// Returns the measurement of that name.
    pub(crate) fn named(name: &OsStr) -> Option<Self> {
        match name.to_str()? {
            "generate" => Some(Self::Generate),
            "large" => Some(Self::Large),
            "list" => Some(Self::List),
            "local" => Some(Self::Local),
            "plan" => Some(Self::Plan),
            "push" => Some(Self::Push),
            _ => None,
        }
    }
}

/// Runs the measurements.
pub(crate) fn run(workspace: &Workspace, benches: &[Bench]) -> anyhow::Result<()> {
    ensure!(
        !benches.contains(&Bench::Generate) || workspace.has("hyperfine", None),
        "hyperfine measures and is not on this machine \
         (Debian: apt-get install hyperfine; anywhere: cargo install hyperfine --locked)"
    );
    for bench in benches {
        match bench {
            Bench::Generate => generate::run(workspace, &mizzle(workspace)?)?,
            Bench::Large => large::run(workspace, &mizzle(workspace)?)?,
            Bench::List => list::run(workspace, &mizzle(workspace)?)?,
            Bench::Local => local::run(workspace, &mizzle(workspace)?)?,
            Bench::Plan => workspace.stage(
                "comparing and planning 2,500 tables with 20 GSIs",
                cmd!(workspace.shell, "cargo bench --package mizzle-core --bench plan"),
            )?,
            Bench::Push => push::run(workspace, &mizzle(workspace)?)?,
        }
    }
    Ok(())
}

/// Builds mizzle in release mode and returns the program.
pub(crate) fn mizzle(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let shell = &workspace.shell;
    workspace.stage("release build", cmd!(shell, "cargo build --release --package mizzle"))?;
    Ok(released(workspace, Path::new("mizzle")))
}

/// Returns a program of the release build.
fn released(workspace: &Workspace, program: &Path) -> PathBuf {
    let program = format!("{}{}", program.display(), consts::EXE_SUFFIX);
    workspace.target.join("release").join(program)
}

/// The resources that one run of a command used.
struct Run {
    status: ExitStatus,
    seconds: f64,
    /// Peak memory, in bytes.
    memory: u64,
}

fn measured(command: &mut Command) -> anyhow::Result<Run> {
    let start = Instant::now();
    let ended = command.spawn()?.wait4()?;
    let seconds = start.elapsed().as_secs_f64();
    Ok(Run { status: ended.status, seconds, memory: ended.rusage.maxrss })
}

/// Returns the median.
fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(super::median(vec![3.0, 1.0, 9.0]), 3.0);
    }
}
