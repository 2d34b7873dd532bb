//! `cargo xtask check`: everything that needs no test server.

use crate::workspace::{Workspace, announce};
use xshell::cmd;

pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<()> {
    let shell = &workspace.shell;
    workspace.stage("formatting", cmd!(shell, "cargo fmt --all --check"))?;
    workspace.stage(
        "lints",
        cmd!(shell, "cargo clippy --workspace --all-targets --quiet -- -D warnings"),
    )?;
    workspace.stage(
        "documentation",
        cmd!(shell, "cargo doc --workspace --no-deps --quiet").env("RUSTDOCFLAGS", "-D warnings"),
    )?;

    // Cargo unifies features over what it builds together: only `-p` shows the smaller program.
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

    // The same program lies in the same place, whatever its features: leave the whole one behind.
    workspace.stage("build", cmd!(shell, "cargo build --workspace --quiet"))?;

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
