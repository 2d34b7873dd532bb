//! Measures the time of `mizzle push` for 200 tables with three GSIs each, and of a bare loop of
//! the AWS SDK that sends the same calls with the same concurrency. They take turns, each time on
//! an empty database.

use super::median;
use crate::{
    cache::Cache,
    dynamodb_local,
    guard::Launch,
    server::Server,
    workspace::{Workspace, announce, print_result},
};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use xshell::cmd;

/// The number of turns of each of the two on each server.
const ROUNDS: usize = 7;

const SCHEMA: &str = r#"import { dynamoEntity, dynamoTable, gsi, string } from "mizzle";

export const tables = Array.from({ length: 200 }, (_, n) =>
  dynamoTable(`Crowd${n}`, {
    pk: string("pk"),
    sk: string("sk"),
    indexes: { byEmail: gsi("email"), byStatus: gsi("status", "sk"), byDay: gsi("day", "status") },
  }),
);
export const entities = tables.map((table) =>
  dynamoEntity(table, "Member", { email: string(), status: string(), day: string() }),
);
"#;

/// Runs the two, and prints a table of the medians.
pub(super) fn run(workspace: &Workspace, mizzle: &Path) -> anyhow::Result<()> {
    let shell = &workspace.shell;
    let build = cmd!(shell, "cargo build --release --package mizzle-aws --example bare_create");
    workspace.stage("release build of the bare loop", build)?;
    let bare = super::released(workspace, &Path::new("examples").join("bare_create"));
    let jar_folder = dynamodb_local::fetch(workspace, &Cache::lock(workspace)?)?;

    let folder = tempfile::tempdir()?;
    let contest = Contest { workspace, mizzle, bare, folder: folder.path() };
    contest.prepare()?;

    announce("measuring pushes to DynamoDB Local");
    let server = dynamodb_local::start(&jar_folder, &workspace.kept)?;
    // Every access key has a database of its own.
    let local = contest.rounds(|round| Ok((server.endpoint(), format!("BENCH{round}"), None)))?;
    drop(server);
    announce("measuring pushes to the embedded DynamoDB");
    let embedded = contest.rounds(|round| {
        let server = contest.serve(round)?;
        Ok((server.endpoint(), "local".to_owned(), Some(server)))
    })?;

    let mut table = "| 200 tables with 3 GSIs on | `mizzle push` | bare SDK loop | ratio |\n\
                     |:---|---:|---:|---:|\n"
        .to_owned();
    for (server, times) in [("DynamoDB Local", local), ("`mizzle local`", embedded)] {
        let (push, bare) = (median(times.push), median(times.bare));
        let ratio = push / bare;
        table.push_str(&format!("| {server} | {push:.2} s | {bare:.2} s | {ratio:.2} |\n"));
    }
    print_result(&table)
}

/// The two programs, and the folder in which they run.
struct Contest<'a> {
    workspace: &'a Workspace,
    mizzle: &'a Path,
    bare: PathBuf,
    folder: &'a Path,
}

/// The times of the turns, in seconds.
#[derive(Default)]
struct Times {
    push: Vec<f64>,
    bare: Vec<f64>,
}

impl Contest<'_> {
    /// Writes the project, and the plan for the bare loop.
    fn prepare(&self) -> anyhow::Result<()> {
        fs::write(self.folder.join("schema.ts"), SCHEMA)?;
        self.configure("endpoint: \"local\"")?;
        let (shell, mizzle) = (self.shell(), self.mizzle);
        let plan = cmd!(shell, "{mizzle} push --dry-run --json").quiet().ignore_stderr().read()?;
        Ok(fs::write(self.folder.join("plan.json"), plan)?)
    }

    /// Lets the two take turns, on databases from `open`: endpoint, access key, and the server to
    /// keep running meanwhile.
    fn rounds(
        &self,
        open: impl Fn(usize) -> anyhow::Result<(String, String, Option<Server>)>,
    ) -> anyhow::Result<Times> {
        let mut times = Times::default();
        // Servers are slow at first; the first turns do not count.
        for round in 0..2 * (ROUNDS + 1) {
            let (endpoint, access_key, _server) = open(round)?;
            // Neither program always follows the other.
            let (is_push, counts) = (matches!(round % 4, 0 | 3), round >= 2);
            let time = if is_push {
                self.push(&endpoint, &access_key)?
            } else {
                self.bare(&endpoint, &access_key)?
            };
            let times = if is_push { &mut times.push } else { &mut times.bare };
            times.extend(counts.then_some(time.as_secs_f64()));
        }
        Ok(times)
    }

    fn push(&self, endpoint: &str, access_key: &str) -> anyhow::Result<Duration> {
        self.configure(&format!(
            "endpoint: {endpoint:?}, region: \"us-east-1\", \
             credentials: {{ accessKeyId: {access_key:?}, secretAccessKey: \"secret\" }}"
        ))?;
        let (shell, mizzle) = (self.shell(), self.mizzle);
        let push = cmd!(shell, "{mizzle} push --yes --json").quiet();
        let start = Instant::now();
        push.ignore_stdout().ignore_stderr().run()?;
        Ok(start.elapsed())
    }

    fn bare(&self, endpoint: &str, access_key: &str) -> anyhow::Result<Duration> {
        let (shell, bare) = (self.shell(), &self.bare);
        let bare = cmd!(shell, "{bare} {endpoint} {access_key} plan.json").quiet();
        let start = Instant::now();
        bare.run()?;
        Ok(start.elapsed())
    }

    /// Serves a new embedded database.
    fn serve(&self, round: usize) -> anyhow::Result<Server> {
        let folder = self.folder.join(format!("database-{round}"));
        fs::create_dir(&folder)?;
        Server::start("mizzle local", &self.folder.join("local.log"), |port| {
            Launch::new(self.mizzle, &folder).args(["local", "--port", &port.to_string()])
        })
    }

    fn configure(&self, connection: &str) -> anyhow::Result<()> {
        let config = format!("export default {{ schema: \"./schema.ts\", {connection} }};\n");
        Ok(fs::write(self.folder.join("mizzle.config.ts"), config)?)
    }

    fn shell(&self) -> xshell::Shell {
        let shell = self.workspace.shell.clone();
        shell.change_dir(self.folder);
        shell
    }
}
