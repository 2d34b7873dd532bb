//! `cargo xtask check`: all checks that need no test server.

use crate::{
    cache::Cache,
    circles, lengths, prose, python, sources,
    workspace::{Workspace, announce},
};
use anyhow::Context;
use xshell::cmd;

pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<()> {
    let shell = &workspace.shell;
    workspace.stage("formatting", cmd!(shell, "cargo fmt --all --check"))?;
    let sources = sources::read(&workspace.root)?;
    lengths::run(&sources)?;
    prose::run(&sources)?;
    circles::run(workspace)?;
    workspace.stage(
        "lints",
        cmd!(shell, "cargo clippy --workspace --all-targets --quiet -- -D warnings"),
    )?;
    workspace.stage(
        "documentation",
        cmd!(shell, "cargo doc --workspace --no-deps --quiet").env("RUSTDOCFLAGS", "-D warnings"),
    )?;

    // Cargo unifies features over all packages of a build: only `-p` checks the smaller program.
    let small = ["-p", "mizzle", "--no-default-features", "--quiet"];
    workspace.stage(
        "lints without the embedded server",
        cmd!(shell, "cargo clippy {small...} --all-targets -- -D warnings"),
    )?;
    workspace.stage("build without the embedded server", cmd!(shell, "cargo build {small...}"))?;
    // The tests under `tests/` start servers; the ones beside the code do not.
    workspace.stage(
        "unit tests without the embedded server",
        cmd!(shell, "cargo test {small...} --lib --bins"),
    )?;

    // All feature sets build the program to the same path: leave the full one behind.
    workspace.stage("build", cmd!(shell, "cargo build --workspace --quiet"))?;

    if workspace.has("python3", None) {
        workflows(workspace)?;
    } else {
        announce("workflows: NOT checked, python3 is missing");
    }
    if workspace.has("cargo", Some("deny")) {
        workspace.stage(
            "bans, licences, sources",
            cmd!(shell, "cargo deny --log-level warn check bans licenses sources"),
        )?;
    } else {
        announce(
            "bans, licences, sources: NOT checked, cargo-deny is missing \
             (`cargo install cargo-deny --locked`); the public CI checks them always",
        );
    }
    announce("check passed");
    Ok(())
}

/// Checks the workflows of the public CI, above all the one that publishes, which only runs for a
/// release.
fn workflows(workspace: &Workspace) -> anyhow::Result<()> {
    let cache = Cache::lock(workspace)?;
    let python = python::fetch(workspace, &cache, "workflows")?;
    drop(cache);
    let programs = python.parent().context("an interpreter lies in a folder")?;
    let (shell, actionlint) = (&workspace.shell, programs.join("actionlint"));
    workspace.stage("workflows", cmd!(shell, "{actionlint}"))?;
    let (zizmor, release) = (programs.join("zizmor"), ".github/workflows/release.yml");
    workspace.stage(
        "safety of the workflow that publishes",
        cmd!(shell, "{zizmor} --offline --quiet --no-progress --min-severity medium {release}"),
    )
}
