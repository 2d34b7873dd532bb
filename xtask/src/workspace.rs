//! Paths of the workspace, and the output of chores.

use anyhow::{Context, bail};
use std::{
    env,
    io::Write,
    path::{Path, PathBuf},
};
use xshell::{Cmd, Shell, cmd};

/// The checked-out repository.
pub(crate) struct Workspace {
    /// The folder of the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Cargo's target folder.
    pub(crate) target: PathBuf,
    /// The downloads that chores keep: never committed, safe to delete.
    pub(crate) kept: PathBuf,
    /// A shell in `root`.
    pub(crate) shell: Shell,
}

impl Workspace {
    /// Finds the repository through the environment that Cargo sets for its child processes.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let manifest = env::var_os("CARGO_MANIFEST_DIR")
            .context("CARGO_MANIFEST_DIR is not set: run this as `cargo xtask …`")?;
        let root = Path::new(&manifest)
            .parent()
            .context("xtask lies outside of the workspace")?
            .to_owned();
        let target = env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root.join("target"), |target| root.join(target));
        let shell = Shell::new()?;
        shell.change_dir(&root);
        Ok(Self { kept: target.join("xtask"), target, root, shell })
    }

    /// Runs a command as a stage: prints its title, and fails when the command fails.
    pub(crate) fn stage(&self, title: &str, command: Cmd<'_>) -> anyhow::Result<()> {
        announce(title);
        command.quiet().run().with_context(|| format!("{title} failed"))
    }

    /// True if `program --version` runs.
    pub(crate) fn has(&self, program: &str, subcommand: Option<&str>) -> bool {
        cmd!(self.shell, "{program} {subcommand...} --version")
            .quiet()
            .ignore_stdout()
            .ignore_stderr()
            .run()
            .is_ok()
    }
}

/// Fails with the problems of a check, if it has found any.
///
/// # Errors
///
/// When there is a problem.
pub(crate) fn refuse(problems: &str) -> anyhow::Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    bail!("{problems}")
}

/// Prints progress for the developer.
#[expect(clippy::print_stderr, reason = "speaking to the developer is this function's job")]
pub(crate) fn announce(what: &str) {
    eprintln!("xtask: {what}");
}

/// Prints the result of a chore on stdout.
pub(crate) fn print_result(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}

/// Returns the only entry in a folder.
pub(crate) fn only_entry(folder: &Path) -> anyhow::Result<PathBuf> {
    let describe = || format!("cannot look into {}", folder.display());
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(describe)? {
        entries.push(entry.with_context(describe)?.path());
    }
    match <[PathBuf; 1]>::try_from(entries) {
        Ok([entry]) => Ok(entry),
        Err(entries) => {
            bail!("expected one entry in {}, found {}", folder.display(), entries.len())
        }
    }
}
