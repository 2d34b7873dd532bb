//! `cargo xtask record`: the README's picture of the terminal, from a real run of the release
//! build.

use crate::{
    cache::Cache,
    python,
    workspace::{Workspace, announce},
};
use std::path::Path;
use xshell::cmd;

/// The path of the picture in the repository.
const PICTURE: &str = "docs/terminal.svg";

/// The maximum duration of a frame, in milliseconds.
const LONGEST_FRAME: &str = "3000";

/// Records a session in a new project and draws it.
pub(crate) fn run(workspace: &Workspace, mizzle: &Path) -> anyhow::Result<()> {
    let shell = &workspace.shell;
    let cache = Cache::lock(workspace)?;
    let python = python::fetch(workspace, &cache, "termtosvg")?;
    drop(cache);
    let project = shell.create_temp_dir()?;
    let project = project.path();
    let cast = workspace.kept.join("terminal.cast");
    let program = mizzle.parent().unwrap_or(mizzle);
    workspace.stage(
        "recording",
        cmd!(
            shell,
            "cargo run --quiet --package mizzle-test --example record -- {program} {project} {cast}"
        ),
    )?;
    workspace.stage(
        "drawing",
        cmd!(shell, "{python} -m termtosvg render {cast} {PICTURE} --template window_frame --max-frame-duration {LONGEST_FRAME} --loop-delay {LONGEST_FRAME}"),
    )?;
    announce(&format!("wrote {PICTURE}"));
    Ok(())
}
