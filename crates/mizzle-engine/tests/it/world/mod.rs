//! A world in memory. Its ports respond at once; a run can crash after any port call, and time
//! passes only if no other progress is possible.

mod clock;
mod host;
mod ledger;
mod project;
mod screen;
mod server;

pub(crate) use clock::ManualClock;
pub(crate) use host::{Body, Host, Next, calls, script};
pub(crate) use project::{Project, create, generated, key, table};
pub(crate) use screen::{Ignored, TestScreen};
pub(crate) use server::{Memory, MemoryServer, State};

use futures_util::task::noop_waker_ref;
use mizzle_core::{
    apply::Options,
    config::Config,
    ledger::{LockTimeouts, Owner},
    model::{AllTableSettings, TableNaming},
};
use mizzle_engine::{
    Context, Environment, Error,
    converge::Policy,
    migrate::{Migrate, Outcome, Runner},
    ports::World,
};
use std::{
    pin::pin,
    sync::atomic::{AtomicUsize, Ordering},
    task::{self, Poll},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// The error of the ports: a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure(pub(crate) String);

/// The ports in memory.
pub(crate) struct MemoryWorld;

impl World for MemoryWorld {
    type Error = Failure;
    type Server = MemoryServer;
    type Clock = ManualClock;
    type Host = Host;
    type Screen = TestScreen;
    type Ignored = Ignored;
}

/// The outcome of a run in memory.
pub(crate) type TestOutcome = Result<Outcome<Failure>, Error<Failure>>;

/// A world, a project, and the conditions of a run.
pub(crate) struct Setup {
    pub(crate) memory: Memory,
    pub(crate) project: Project,
    pub(crate) environment: Environment,
    pub(crate) policy: Policy,
    pub(crate) screen: TestScreen,
    /// The ignored settings; `None` for a server that ignores none.
    pub(crate) ignored: Option<Ignored>,
    pub(crate) stop: CancellationToken,
    runs: AtomicUsize,
}

impl Setup {
    /// Creates an empty server, and a project whose user approves every question.
    pub(crate) fn new(project: Project) -> Self {
        let config = Config::default();
        Self {
            memory: Memory::default(),
            project,
            environment: Environment {
                name: None,
                naming: TableNaming::default(),
                ledger: "mizzle_migrations".to_owned(),
                tables: AllTableSettings::default(),
                root: "tables".to_owned(),
            },
            policy: Policy { yes: true, accept_data_loss: true, ..Policy::default() },
            screen: TestScreen::default(),
            ignored: None,
            stop: CancellationToken::new(),
            runs: AtomicUsize::new(usize::from(config.concurrency.is_some())),
        }
    }

    pub(crate) fn context<'a>(&'a self, server: &'a MemoryServer) -> Context<'a, MemoryWorld> {
        Context {
            server,
            is_local: true,
            options: Options {
                grace: Duration::from_secs(2),
                step_limit: Duration::from_secs(60 * 60),
                ..Options::default()
            },
            ignored: self.ignored.as_ref(),
            screen: &self.screen,
            clock: &self.memory.clock,
            stop: &self.stop,
        }
    }

    /// Runs the engine until it is done; `None` if it crashed.
    pub(crate) fn with<R>(
        &self,
        work: impl AsyncFnOnce(&Migrate<'_, MemoryWorld>) -> R,
    ) -> Option<R> {
        let server = self.memory.server();
        let run = self.runs.fetch_add(1, Ordering::SeqCst);
        let migrate = Migrate {
            context: self.context(&server),
            host: &self.project.host,
            environment: &self.environment,
            timeline: &self.project.timeline,
            scripts: &self.project.scripts,
            ledger: server.ledger(),
            policy: self.policy,
            runner: Runner {
                token: format!("run-{run}"),
                owner: owner("ada", run),
                project: Some("shop".to_owned()),
                tool: "0.0.0".to_owned(),
                timeouts: LockTimeouts {
                    limit: Duration::from_secs(60),
                    lease: Duration::from_secs(30),
                },
                // A crashed run is known to have ended; that of `grace` is not.
                has_ended: |owner| owner.user == "ada",
            },
        };
        drive(&self.memory, work(&migrate))
    }

    /// Runs the pending migrations.
    pub(crate) fn run(&self) -> TestOutcome {
        self.with(async |migrate| migrate.run(None).await).expect("it does not crash")
    }

    /// Rolls back the last migrations.
    pub(crate) fn roll_back(&self, count: usize) -> TestOutcome {
        self.with(async |migrate| migrate.roll_back(count).await).expect("it does not crash")
    }
}

/// Returns a runner on this machine.
pub(crate) fn owner(user: &str, run: usize) -> Owner {
    Owner {
        user: user.to_owned(),
        host: "host".to_owned(),
        pid: u32::try_from(run).unwrap(),
        process: None,
        command: "mizzle migrate".to_owned(),
        since: 0,
    }
}

/// Polls a future to its end, and advances the time if no other progress is possible. `None` if the
/// world crashed meanwhile: the future is dropped then.
pub(crate) fn drive<R>(memory: &Memory, future: impl Future<Output = R>) -> Option<R> {
    const LONGEST: Duration = Duration::from_secs(3 * 60 * 60);
    let mut future = pin!(future);
    let mut context = task::Context::from_waker(noop_waker_ref());
    loop {
        if let Poll::Ready(result) = future.as_mut().poll(&mut context) {
            return Some(result);
        }
        if memory.state().is_crashed {
            return None;
        }
        memory.clock.advance();
        assert!(memory.clock.passed() < LONGEST, "it waits for nothing");
    }
}

/// Returns the failure of an outcome that is expected to have one.
pub(crate) fn failure(outcome: TestOutcome) -> Error<Failure> {
    match outcome {
        Err(error) => error,
        Ok(outcome) => outcome.failure.expect("it fails"),
    }
}

/// Asserts that a run completed, and returns its outcome.
#[track_caller]
pub(crate) fn completed(outcome: TestOutcome) -> Outcome<Failure> {
    let outcome = outcome.expect("it completes");
    assert!(outcome.failure.is_none(), "{:?}", outcome.failure);
    outcome
}
