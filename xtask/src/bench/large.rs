//! Measures the memory of the largest projects: 60,000 tables in one migration, and 5,000
//! migrations.

use super::{Run, measured};
use crate::workspace::{Workspace, announce, print_result};
use anyhow::ensure;
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};
use xshell::cmd;

/// The memory limit of a command, in bytes.
const LIMIT: u64 = 900_000_000;

const SCHEMA: &str = r#"import { dynamoTable, string } from "mizzle";
export const tables = Array.from({ length: 60_000 }, (_, number) =>
  dynamoTable(`T${String(number).padStart(5, "0")}`, { pk: string("pk") }));
"#;

const CONFIG: &str = r#"export default {
  schema: "./schema.ts",
  endpoint: "local",
  evaluation: { timeLimit: 120, memoryLimit: 1024 },
};
"#;

/// Measures each command once, prints time and peak memory, and fails above the limit.
pub(super) fn run(workspace: &Workspace, mizzle: &Path) -> anyhow::Result<()> {
    let (tables, migrations) = (tempfile::tempdir()?, tempfile::tempdir()?);
    fs::write(tables.path().join("schema.ts"), SCHEMA)?;
    fs::write(tables.path().join("mizzle.config.ts"), CONFIG)?;
    let script = workspace.root.join("xtask/src/bench/large.py");
    let folder = migrations.path();
    cmd!(workspace.shell, "python3 {script} {folder} 5000").quiet().run()?;

    announce("measuring 60,000 tables and 5,000 migrations");
    let mut table =
        "| command | project | time | peak memory |\n|:---|:---|---:|---:|\n".to_owned();
    let mut measure = |project: &str, folder: &Path, args: &[&str]| -> anyhow::Result<()> {
        let mut command = Command::new(mizzle);
        command.args(args).current_dir(folder);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let Run { status, seconds, memory } = measured(&mut command)?;
        let args = args.join(" ");
        ensure!(status.success(), "mizzle {args} with {project} ended with {status}");
        table.push_str(&format!(
            "| `mizzle {args}` | {project} | {seconds:.1} s | {} MB |\n",
            memory / 1_000_000
        ));
        ensure!(memory <= LIMIT, "mizzle {args} with {project} takes {memory} bytes");
        Ok(())
    };
    let all: [&[&str]; 5] = [
        &["generate", "--name", "all"],
        &["check"],
        &["status"],
        &["migrate", "--dry-run"],
        &["export", "terraform"],
    ];
    for args in all {
        measure("60,000 tables", tables.path(), args)?;
        measure("5,000 migrations", migrations.path(), args)?;
    }
    print_result(&table)
}
