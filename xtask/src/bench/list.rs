//! Measures the time and memory of `mizzle list` for 1,000 tables, and of a loop of boto3 that
//! sends the same requests to the same server, one table after another. All take turns.

use super::{Run, measured, median};
use crate::{
    cache::Cache,
    guard::Launch,
    python,
    server::Server,
    workspace::{Workspace, announce, print_result},
};
use anyhow::ensure;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use xshell::cmd;

/// The number of turns of each. One more first turn does not count: servers are slow at first.
const ROUNDS: usize = 5;

/// A hundred of the tables have three GSIs.
const SCHEMA: &str = r#"import { dynamoEntity, dynamoTable, gsi, string } from "mizzle";

const name = (n: number) => `Table${String(n).padStart(4, "0")}`;
const plain = Array.from({ length: 900 }, (_, n) => dynamoTable(name(n), { pk: string("pk") }));
const indexed = Array.from({ length: 100 }, (_, n) =>
  dynamoTable(name(900 + n), {
    pk: string("pk"),
    sk: string("sk"),
    indexes: { byEmail: gsi("email"), byStatus: gsi("status", "sk"), byDay: gsi("day", "status") },
  }),
);
export const tables = [...plain, ...indexed];
export const entities = indexed.map((table) =>
  dynamoEntity(table, "Member", { email: string(), status: string(), day: string() }),
);
"#;

const TABLES: usize = 1_000;

/// Runs all of them, and prints a table of the medians.
pub(super) fn run(workspace: &Workspace, mizzle: &Path) -> anyhow::Result<()> {
    let python = python::fetch(workspace, &Cache::lock(workspace)?, "boto3")?;
    let folder = tempfile::tempdir()?;
    let contest = Contest { workspace, mizzle, python, folder: folder.path() };
    fs::write(contest.folder.join("schema.ts"), SCHEMA)?;
    contest.configure("local")?;
    let shell = contest.shell();
    workspace.stage(
        "creating 1,000 tables in the embedded DynamoDB",
        cmd!(shell, "{mizzle} push --yes --quiet").ignore_stderr(),
    )?;

    announce("measuring lists of what `mizzle local` serves");
    let server = contest.serve()?;
    let endpoint = server.endpoint();
    contest.configure(&endpoint)?;
    let mut served = [
        Contender::new("`mizzle list`", contest.list(&[])),
        Contender::new("`mizzle list --json`", contest.list(&["--json"])),
        Contender::new("boto3, `describe_table`", contest.boto3(&endpoint, &[])),
        Contender::new("`mizzle list --long`", contest.list(&["--long"])),
        Contender::new("boto3, five requests a table", contest.boto3(&endpoint, &["long"])),
    ];
    take_turns(&mut served)?;
    drop(server);

    announce("measuring lists of the embedded DynamoDB");
    contest.configure("local")?;
    let mut embedded = [
        Contender::new("`mizzle list`", contest.list(&[])),
        Contender::new("`mizzle list --json`", contest.list(&["--json"])),
        Contender::new("`mizzle list --long`", contest.list(&["--long"])),
    ];
    take_turns(&mut embedded)?;

    let mut table = "| 1,000 tables, 300 GSIs | at | time | peak memory |\n\
                     |:---|:---|---:|---:|\n"
        .to_owned();
    let places = [("`mizzle local`", &served[..]), ("a database file, in process", &embedded[..])];
    for (place, contenders) in places {
        for Contender { name, seconds, megabytes, .. } in contenders {
            let (seconds, megabytes) = (median(seconds.clone()), median(megabytes.clone()));
            table.push_str(&format!("| {name} | {place} | {seconds:.2} s | {megabytes:.0} MB |\n"));
        }
    }
    print_result(&table)
}

/// The programs, and the folder in which they run.
struct Contest<'a> {
    workspace: &'a Workspace,
    mizzle: &'a Path,
    python: PathBuf,
    folder: &'a Path,
}

impl Contest<'_> {
    fn configure(&self, endpoint: &str) -> anyhow::Result<()> {
        let config = format!(
            "export default {{ schema: \"./schema.ts\", endpoint: {endpoint:?}, region: \"us-east-1\", \
             credentials: {{ accessKeyId: \"bench\", secretAccessKey: \"secret\" }} }};\n"
        );
        Ok(fs::write(self.folder.join("mizzle.config.ts"), config)?)
    }

    /// Serves the embedded database of the project.
    fn serve(&self) -> anyhow::Result<Server> {
        Server::start("mizzle local", &self.folder.join("local.log"), |port| {
            Launch::new(self.mizzle, self.folder).args(["local", "--port", &port.to_string()])
        })
    }

    fn list(&self, args: &[&str]) -> Command {
        let mut command = Command::new(self.mizzle);
        command.arg("list").args(args).current_dir(self.folder);
        command
    }

    fn boto3(&self, endpoint: &str, args: &[&str]) -> Command {
        let mut command = Command::new(&self.python);
        command
            .arg(self.workspace.root.join("xtask/src/bench/list.py"))
            .arg(endpoint)
            .args(args)
            .current_dir(self.folder)
            .env("AWS_ACCESS_KEY_ID", "bench")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_DEFAULT_REGION", "us-east-1");
        command
    }

    fn shell(&self) -> xshell::Shell {
        let shell = self.workspace.shell.clone();
        shell.change_dir(self.folder);
        shell
    }
}

/// A command that takes turns, with the results of its turns.
struct Contender {
    name: &'static str,
    command: Command,
    seconds: Vec<f64>,
    megabytes: Vec<f64>,
}

impl Contender {
    fn new(name: &'static str, command: Command) -> Self {
        Self { name, command, seconds: Vec::new(), megabytes: Vec::new() }
    }

    /// Runs the command once, with its output in a file, and checks that every table is listed.
    fn turn(&mut self) -> anyhow::Result<(f64, f64)> {
        let output = tempfile::NamedTempFile::new()?;
        self.command.stdout(output.reopen()?).stderr(Stdio::null()).stdin(Stdio::null());
        let Run { status, seconds, memory } = measured(&mut self.command)?;
        let listed = fs::read_to_string(output.path())?;
        let names = (0..TABLES).map(|n| format!("Table{n:04}"));
        ensure!(
            status.success() && names.into_iter().all(|name| listed.contains(&name)),
            "{} ended with {status} and does not list every table",
            self.name
        );
        #[expect(clippy::cast_precision_loss, reason = "no memory is that large")]
        let megabytes = memory as f64 / 1e6;
        Ok((seconds, megabytes))
    }
}

fn take_turns(contenders: &mut [Contender]) -> anyhow::Result<()> {
    for round in 0..=ROUNDS {
        for contender in &mut *contenders {
            let (seconds, megabytes) = contender.turn()?;
            if round > 0 {
                contender.seconds.push(seconds);
                contender.megabytes.push(megabytes);
            }
        }
    }
    Ok(())
}
