//! Measures the time of a no-op `mizzle generate`, and of a JavaScript runtime without any code.

use crate::{
    cache::Cache,
    npm,
    workspace::{Workspace, announce, print_result},
};
use std::{fs, path::Path};
use walkdir::WalkDir;
use xshell::cmd;

pub(super) fn run(workspace: &Workspace, mizzle: &Path) -> anyhow::Result<()> {
    let tools = npm::fetch(workspace, &Cache::lock(workspace)?)?;
    let (node, bun) = (npm::node(&tools), npm::bun(&tools)?);

    let shell = workspace.shell.clone();
    let folder = tempfile::tempdir()?;
    let project = folder.path().join("blog");
    copy_folder(&workspace.root.join("examples/blog"), &project)?;
    let empty = folder.path().join("empty.ts");
    fs::write(&empty, "")?;
    shell.change_dir(&project);
    workspace.stage(
        "first migration of examples/blog",
        cmd!(shell, "{mizzle} generate --name init").ignore_stdout(),
    )?;

    announce("measuring");
    let table = folder.path().join("table.md");
    let commands = [
        format!("{} generate", quoted(mizzle)),
        format!("{} -e 0", quoted(&node)),
        format!("{} {}", quoted(&bun), quoted(&empty)),
    ];
    cmd!(shell, "hyperfine --shell none --warmup 5 --min-runs 30 --export-markdown {table}")
        .args(["--command-name", "mizzle generate (nothing changed)"])
        .args(["--command-name", "node -e 0"])
        .args(["--command-name", "bun empty.ts"])
        .args(commands)
        .quiet()
        .ignore_stdout()
        .run()?;
    print_result(&fs::read_to_string(table)?)
}

/// Quotes a path: hyperfine splits a command as a shell would.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display())
}

fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    for entry in WalkDir::new(from) {
        let entry = entry?;
        let target = to.join(entry.path().strip_prefix(from)?);
        if entry.file_type().is_dir() {
            fs::create_dir_all(target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
