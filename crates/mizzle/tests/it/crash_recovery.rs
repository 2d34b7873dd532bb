//! SIGKILL at a random time during a command, like a power failure; then the same command again.
//! The tables and the items are as expected.
//!
//! A failing case prints its seed; with that in `MIZZLE_TEST_SEED` all cases kill at its time.

mod drop;
mod migrate;
mod push;

pub(crate) use migrate::project as migrations;

use crate::{cases::run_all, transition};
use mizzle_test::{
    Boto3, Database, DynamoDbLocal, Fault, FaultProxy, MizzleCommand, On, Random, TempProject,
};
use serde_json::Value;
use std::{
    fmt,
    sync::Mutex,
    time::{Duration, Instant},
};

/// The number of kills of a command on each of the two servers. The engine's own tests crash after
/// every port call; these test the losses of a real process and a real server.
const KILLS: usize = 5;

/// The number of parallel cases: they mostly wait.
const WORKERS: usize = 4;

/// The number of attempts of a case if the command ended before the kill.
const ATTEMPTS: usize = 10;

/// A command that is killed, and run again.
trait Ordeal: Sync {
    /// Returns the command.
    fn command(&self, project: &TempProject) -> MizzleCommand;

    /// Returns Python code that sets `result` to the state of the items.
    fn items(&self) -> &'static str;

    /// Asserts the result of the completed command, after any interruption.
    fn assert_done(&self, project: &TempProject);
}

/// A project before a command, and the connection to its database.
struct Stage {
    project: TempProject,
    /// `None`: the embedded DynamoDB.
    remote: Option<(Database, FaultProxy)>,
}

impl Stage {
    /// Copies a project together with its embedded DynamoDB: a case takes less time than creating
    /// the tables.
    fn embedded(template: &TempProject) -> Self {
        Self { project: template.copy(), remote: None }
    }

    /// Creates a project on DynamoDB Local, slowed down, with delayed changes: so that not only the
    /// start of the program is interrupted. `prepare` returns the project, to be run against the
    /// second database; the first is the same one at its full speed.
    fn slow(prepare: impl FnOnce(&Database, &Database) -> TempProject) -> Self {
        let database = DynamoDbLocal::from_env().isolated();
        let proxy = FaultProxy::start(&database.endpoint);
        let project = prepare(&database, &database.through(&proxy));
        for operation in ["CreateTable", "UpdateTable", "DeleteTable", "UpdateTimeToLive"] {
            proxy.inject(On::operation(operation).every(), Fault::Hold { looks: 2 });
        }
        proxy.inject(On::any().every(), Fault::Delay(Duration::from_millis(10)));
        Self { project, remote: Some((database, proxy)) }
    }

    fn content(&self, ordeal: &impl Ordeal) -> Content {
        match &self.remote {
            Some((database, _)) => Content::of(database, ordeal),
            None => {
                let serving = self.project.mizzle(["local", "--port", "0"]).serve();
                Content::of(&serving.database(), ordeal)
            }
        }
    }
}

/// The content of a database.
#[derive(Debug)]
struct Content {
    tables: Value,
    items: Value,
}

impl Content {
    fn of(database: &Database, ordeal: &impl Ordeal) -> Self {
        let tables = transition::describe(database);
        Self { tables, items: Boto3::from_env().run(database, ordeal.items()) }
    }

    #[track_caller]
    fn assert_is(&self, reference: &Self) {
        let differences = transition::differences(&self.tables, &reference.tables);
        assert!(differences.is_empty(), "{}", differences.join("\n"));
        assert_eq!(self.items, reference.items);
    }
}

/// One run.
struct Case(usize);

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "run {}", self.0)
    }
}

/// Kills commands at random times between start and end, and runs them again. Returns the content
/// of the database, which is the same after each of them.
fn kill(ordeal: &impl Ordeal, set: impl Fn() -> Stage + Sync) -> Content {
    // As many in parallel as are killed later: the random times must cover a run under the same
    // load.
    let undisturbed = Mutex::new(Vec::new());
    run_all(WORKERS, &[1, 2].map(Case), |_| {
        let stage = set();
        let start = Instant::now();
        ordeal.command(&stage.project).run().assert_code(0);
        let length = start.elapsed();
        ordeal.assert_done(&stage.project);
        undisturbed.lock().unwrap().push((length, stage.content(ordeal)));
    });
    let undisturbed = undisturbed.into_inner().unwrap();
    let whole = undisturbed.iter().map(|(length, _)| *length).max().unwrap();
    let mut contents = undisturbed.into_iter().map(|(_, content)| content);
    let reference = contents.next().unwrap();
    contents.for_each(|content| content.assert_is(&reference));

    let cases: Vec<Case> = (1..=KILLS).map(Case).collect();
    run_all(WORKERS, &cases, |_| {
        let (mut random, mut end) = (Random::new(), whole);
        let stage = (0..ATTEMPTS).map(|_| set()).find(|stage| {
            let moment = random.duration(Duration::ZERO..end);
            let is_killed = ordeal.command(&stage.project).kill_after(moment).was_alive;
            // The run ended before the kill: it takes no longer than this.
            end = moment;
            is_killed
        });
        let stage = stage.expect("a run is as long as the one that was measured");
        ordeal.command(&stage.project).run().assert_code(0);
        stage.content(ordeal).assert_is(&reference);
        ordeal.assert_done(&stage.project);
    });
    reference
}
