//! Python programs, each in a virtual environment of its own, pinned by `xtask/python/*.txt`.
//!
//! One environment is not enough: MiniStack requires another botocore than boto3.

use crate::{
    cache::{Cache, sha256},
    workspace::Workspace,
};
use anyhow::Context;
use std::{fs, path::PathBuf};
use xshell::cmd;

/// Returns the Python interpreter with the packages that `xtask/python/<name>.txt` pins.
pub(crate) fn fetch(
    workspace: &Workspace,
    cache: &Cache<'_>,
    name: &str,
) -> anyhow::Result<PathBuf> {
    let requirements = workspace.root.join("xtask/python").join(format!("{name}.txt"));
    let pinned = fs::read(&requirements)
        .with_context(|| format!("cannot read {}", requirements.display()))?;
    let shell = &workspace.shell;
    let python = cmd!(shell, "python3 --version").quiet().read()?;
    // A virtual environment contains its own path: a moved one must be created again.
    let place = workspace.kept.display().to_string();
    let key = sha256([pinned.as_slice(), python.as_bytes(), place.as_bytes()]);
    let folder = cache.ensure(name, &key, |folder| {
        let venv = folder.join("venv");
        cmd!(shell, "python3 -m venv {venv}").quiet().run().context(
            "python3 cannot make a virtual environment (Debian: apt-get install python3-venv)",
        )?;
        let python = venv.join("bin/python");
        cmd!(shell, "{python} -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes --requirement {requirements}")
            .quiet()
            .run()?;
        Ok(())
    })?;
    Ok(folder.join("venv/bin/python"))
}
