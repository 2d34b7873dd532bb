//! TypeScript, Node and Bun, pinned by `xtask/npm`.

use crate::{
    cache::{Cache, sha256},
    workspace::{Workspace, only_entry},
};
use anyhow::Context;
use std::{
    env::consts,
    fs,
    path::{Path, PathBuf},
};
use xshell::cmd;

const MANIFEST: &str = "package.json";
const LOCKFILE: &str = "package-lock.json";

/// Returns the folder whose `node_modules` contains the tools.
pub(crate) fn fetch(workspace: &Workspace, cache: &Cache<'_>) -> anyhow::Result<PathBuf> {
    let source = workspace.root.join("xtask/npm");
    let read = |file: &str| {
        let path = source.join(file);
        fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let (manifest, lockfile) = (read(MANIFEST)?, read(LOCKFILE)?);
    let platform = format!("{} {}", consts::OS, consts::ARCH);
    let key = sha256([manifest.as_slice(), &lockfile, platform.as_bytes()]);
    cache.ensure("npm-tools", &key, |folder| {
        fs::write(folder.join(MANIFEST), &manifest)?;
        fs::write(folder.join(LOCKFILE), &lockfile)?;
        let shell = workspace.shell.clone();
        shell.change_dir(folder);
        // No package needs its install scripts, so none are run.
        cmd!(shell, "npm ci --ignore-scripts --no-audit --no-fund --silent").quiet().run()?;
        Ok(())
    })
}

/// Returns the executable of the fetched Node.
pub(crate) fn node(tools: &Path) -> PathBuf {
    tools.join("node_modules/.bin/node")
}

/// Returns the executable of the fetched Bun: npm unpacked the one package that fits this machine.
pub(crate) fn bun(tools: &Path) -> anyhow::Result<PathBuf> {
    let folder = tools.join("node_modules/@oven");
    let package = only_entry(&folder).with_context(|| {
        format!("xtask/npm/package.json names no Bun for {} on {}", consts::OS, consts::ARCH)
    })?;
    Ok(package.join("bin/bun"))
}
