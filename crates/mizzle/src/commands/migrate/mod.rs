//! `mizzle migrate`: the scripts that an environment has not had yet, once, in order, by one runner.
//!
//! What was run is in the [ledger](mizzle_core::ledger); its lock keeps others away meanwhile.

mod approval;
mod back;
mod baseline;
mod held;
mod memory;
mod plan;
mod repair;
mod resolve;
mod run;
mod script;
mod settings;
mod take_over;
mod undo;

use super::{
    environment,
    record::{Recording, record},
    require_migrations,
};
use crate::{
    clock::SystemClock,
    error::{CommandError, ErrorKind, GO_ON},
    process,
    project::{Migrations, Script},
    report::{MigrateReport, Report},
    settings::{MigrateMode, MigrateSettings},
    signal::Interrupts,
    target::{Target, explain},
    ui::Ui,
};
use futures_util::future::{Either, select};
use held::Held;
use mizzle_aws::DynamoDbLedger;
use mizzle_core::{
    apply::{Clock as _, ServiceError, Stop},
    ledger::{
        Lease, Ledger, LedgerProblem, LockError, Migration, Owner, Patience, Record, RecordState,
        Standing, standings,
    },
    text,
};
use mizzle_eval::{Direction, EvalError, Evaluator};
use std::{pin::pin, sync::Arc, time::Duration};

/// The time between two looks for an interrupt.
const STOP_INTERVAL: Duration = Duration::from_millis(100);

/// Runs pending migrations, marks them as applied, undoes the last ones, repairs the tables, or resolves
/// a migration in the ledger.
///
/// # Errors
///
/// When the scripts and the ledger do not fit together, or either cannot be read.
pub(crate) async fn migrate(
    settings: &MigrateSettings,
    evaluator: &Evaluator,
    target: &Target,
    interrupts: &Interrupts,
    ui: &Ui,
) -> Result<Box<dyn Report>, CommandError> {
    let migrate = Migrate::prepare(settings, evaluator, target, interrupts, ui)?;
    ui.info(format!("Target: {}", target.name));
    require_migrations(&migrate.scripts, &settings.out, ui)?;
    Ok(match &settings.mode {
        MigrateMode::Run { to } => Box::new(migrate.run(to.as_deref()).await?),
        MigrateMode::Baseline { to } => Box::new(migrate.baseline(to.as_deref()).await?),
        MigrateMode::Undo { count } => Box::new(migrate.undo(*count).await?),
        MigrateMode::Repair => Box::new(migrate.repair().await?),
        MigrateMode::Resolve { migration, kind } => {
            Box::new(migrate.resolve(migration, *kind).await?)
        }
    })
}

/// Marks what is pending as applied, within a command that has named the target already.
///
/// # Errors
///
/// As [`migrate`].
pub(super) async fn baseline(
    settings: &MigrateSettings,
    evaluator: &Evaluator,
    target: &Target,
    interrupts: &Interrupts,
    ui: &Ui,
) -> Result<MigrateReport, CommandError> {
    Migrate::prepare(settings, evaluator, target, interrupts, ui)?.baseline(None).await
}

struct Migrate<'a> {
    settings: &'a MigrateSettings,
    evaluator: &'a Evaluator,
    target: &'a Target,
    interrupts: &'a Interrupts,
    ui: &'a Ui,
    stop: Arc<Stop>,
    clock: SystemClock,
    ledger: DynamoDbLedger,
    migrations: Migrations,
    scripts: Vec<Script>,
}

/// A script, how it stands, and what the ledger has of it.
struct Known<'a> {
    script: &'a Script,
    standing: Standing,
    record: Option<Record>,
}

impl<'a> Migrate<'a> {
    /// Reads the migrations folder.
    fn prepare(
        settings: &'a MigrateSettings,
        evaluator: &'a Evaluator,
        target: &'a Target,
        interrupts: &'a Interrupts,
        ui: &'a Ui,
    ) -> Result<Self, CommandError> {
        let migrations = Migrations::open(&settings.out, ui.directory())?;
        environment::check(&migrations.head().tables, &settings.environment)?;
        let (stop, clock) = (Arc::new(Stop::default()), SystemClock::start());
        let ledger = target.control.ledger(&settings.environment.ledger);
        let scripts = migrations.scripts()?;
        Ok(Self {
            settings,
            evaluator,
            target,
            interrupts,
            ui,
            stop,
            clock,
            ledger,
            migrations,
            scripts,
        })
    }
}

impl Migrate<'_> {
    /// Every script with what the ledger has of it, and what does not fit.
    async fn known(&self) -> Result<(Vec<Known<'_>>, Vec<LedgerProblem>), CommandError> {
        let records = self.records().await?;
        let (standings, problems) =
            standings(&self.migrations_of_folder(), &records, self.settings.project.as_deref());
        let known = self.scripts.iter().zip(standings).map(|(script, standing)| {
            let name = script.name.to_string();
            let record = records.iter().find(|record| record.name == name).cloned();
            Known { script, standing, record }
        });
        Ok((known.collect(), problems))
    }

    /// The records of the ledger.
    async fn records(&self) -> Result<Vec<Record>, CommandError> {
        let records = self.ledger.records().await.map_err(|error| self.explain(&error))?;
        Ok(records.unwrap_or_default())
    }

    fn migrations_of_folder(&self) -> Vec<Migration> {
        self.scripts.iter().map(Script::migration).collect()
    }

    /// The error of a ledger that does not match the scripts.
    fn mismatch<'p>(&self, problems: impl IntoIterator<Item = &'p LedgerProblem>) -> CommandError {
        ledger_mismatch(problems, self.settings.project.as_deref())
    }

    /// The scripts that are to be run, in their order, the last one being the one that `to` names.
    async fn pending(&self, to: Option<&str>) -> Result<Vec<Known<'_>>, CommandError> {
        let upto = to.map(|to| self.position_of(to)).transpose()?;
        let (mut known, problems) = self.known().await?;
        let mut in_the_way = problems.iter().filter(|problem| problem.is_in_the_way()).peekable();
        if in_the_way.peek().is_some() {
            return Err(self.mismatch(in_the_way));
        }
        known.truncate(upto.map_or(known.len(), |last| last + 1));
        known.retain(|known| known.standing != Standing::Applied);
        match known.iter().find(|known| known.standing == Standing::Undoing) {
            None => Ok(known),
            Some(Known { script, .. }) => {
                let message = format!("{} is being undone, and that was not finished", script.name);
                Err(CommandError::new(ErrorKind::Usage, "undo-unfinished", message)
                    .hint("finish it: mizzle migrate --down 1, which goes on where it stopped"))
            }
        }
    }

    /// The migrations that the ledger knows, that have done nothing, and that have no script any more.
    async fn abandoned(&self) -> Result<Vec<String>, CommandError> {
        let (_, problems) = self.known().await?;
        let abandoned = problems.into_iter().filter_map(|problem| match problem {
            LedgerProblem::Abandoned(name) => Some(name),
            LedgerProblem::Changed { .. }
            | LedgerProblem::Renamed { .. }
            | LedgerProblem::Foreign { .. }
            | LedgerProblem::OutOfOrder { .. }
            | LedgerProblem::Missing { .. } => None,
        });
        Ok(abandoned.collect())
    }

    /// Removes those from the ledger. With the lock it is certain that nobody is running them.
    async fn forget_abandoned(&self, held: &Held) -> Result<(), CommandError> {
        for name in self.abandoned().await? {
            match self.ledger.remove(&name, &held.lease.token()).await {
                Ok(true) => self.ui.info(format!(
                    "{name} is forgotten: it came to none of its steps, and is not in the folder any more; what it may have done to items stays"
                )),
                Ok(false) => {
                    let lost = held.lease.lose(&self.ledger).await;
                    return Err(self.explain_lock(&lost));
                }
                Err(error) => return Err(self.explain(&error)),
            }
        }
        Ok(())
    }

    /// The script of that number, or that whole name.
    fn position_of(&self, wanted: &str) -> Result<usize, CommandError> {
        let number = wanted.parse::<u64>().ok();
        let is_meant = |script: &Script| {
            Some(script.name.number) == number || script.name.to_string() == wanted
        };
        self.scripts.iter().position(is_meant).ok_or_else(|| {
            let names: Vec<String> =
                self.scripts.iter().map(|script| script.name.to_string()).collect();
            let error = CommandError::new(
                ErrorKind::Usage,
                "unknown-migration",
                format!("There is no migration {wanted}"),
            );
            match text::did_you_mean(wanted, names.iter().map(String::as_str)) {
                Some(hint) => error.hint(hint),
                None => error.hint(match names.last() {
                    Some(newest) => {
                        format!("name one by its number or its whole name; the newest is {newest}")
                    }
                    None => "there are no migrations yet: `mizzle generate` writes one".to_owned(),
                }),
            }
        })
    }

    /// What a script would do here.
    async fn record(&self, script: &Script, direction: Direction) -> Result<Recording, EvalError> {
        let MigrateSettings { environment, limits, .. } = self.settings;
        let script = (script.path.as_path(), direction);
        record(self.evaluator, script, environment, *limits, self.ui).await
    }

    /// Does something with the lock of the ledger, which is made where there is none. What kept the
    /// work from its end is left in the report.
    async fn locked(
        &self,
        report: &mut MigrateReport,
        work: impl AsyncFnOnce(&Held, &mut MigrateReport) -> Result<(), CommandError>,
    ) -> Result<(), CommandError> {
        self.ledger.prepare().await.map_err(|error| self.explain(&error))?;
        let held = self.held(self.lock().await?);
        let result = {
            // Before this an interrupt ends the process: nothing has begun.
            let stop = Arc::clone(&self.stop);
            self.interrupts.answer_next(move || stop.request());
            let keeping = pin!(held.lease.keep(&self.ledger, &self.clock));
            let working = pin!(work(&held, report));
            match select(keeping, working).await {
                Either::Left((error, _)) => Err(self.explain_lock(&error)),
                Either::Right((result, _)) => result,
            }
        };
        // Whoever has lost the lock has none to give back; the lease ends by itself.
        let released = held.lease.release(&self.ledger).await;
        if let (Ok(()), Err(error)) = (&result, &released) {
            let reason = self.explain(error).message;
            self.ui
                .warning(format!("The lock could not be given back, and ends by itself: {reason}"));
        }
        report.failure = result.err();
        Ok(())
    }

    /// Completes when the user has interrupted.
    async fn stopped(&self) {
        while !self.stop.is_requested() {
            self.clock.sleep(STOP_INTERVAL).await;
        }
    }

    async fn lock(&self) -> Result<Lease, CommandError> {
        let patience = Patience { limit: self.settings.wait, lease: self.settings.lease };
        let wait = self.ui.wait("Taking the lock", None);
        let waiting = |owner: &Owner| wait.note(format!("Waiting for {owner}"), true);
        let identity = (self.settings.token.clone(), self.settings.owner.clone());
        let has_ended = |owner: &Owner| {
            owner.process.as_ref().is_some_and(|name| process::has_ended(owner.pid, name))
        };
        let (ledger, clock) = (&self.ledger, &self.clock);
        Lease::acquire(ledger, clock, identity, patience, &self.stop, has_ended, waiting)
            .await
            .map_err(|error| self.explain_lock(&error))
    }

    fn explain(&self, error: &ServiceError) -> CommandError {
        explain(error, &self.target.name)
    }

    fn explain_lock(&self, error: &LockError) -> CommandError {
        match error {
            LockError::Service(error) => self.explain(error),
            LockError::Held(_) => CommandError::new(
                ErrorKind::Failed,
                "locked",
                text::capitalised(&error.to_string()),
            )
            .hint("wait until it is done and run the command again"),
            LockError::Stopped(_) => CommandError::interrupted(),
            LockError::Lost(_) => CommandError::new(
                ErrorKind::Failed,
                "lock-lost",
                text::capitalised(&error.to_string()),
            )
            .hint(GO_ON),
        }
    }
}

/// The error of a ledger that does not match the scripts. `project` is the name of the project.
pub(super) fn ledger_mismatch<'a>(
    problems: impl IntoIterator<Item = &'a LedgerProblem>,
    project: Option<&str>,
) -> CommandError {
    let mut error = CommandError::new(ErrorKind::Usage, "history", "");
    for problem in problems {
        error.add_line(&text::capitalised(&problem.to_string()));
        for hint in mismatch_hints(problem, project) {
            error.hint_once(&hint);
        }
    }
    error
}

/// The ways out of a mismatch.
pub(super) fn mismatch_hints(problem: &LedgerProblem, project: Option<&str>) -> Vec<String> {
    const RESTORE: &str = "restore the script and its snapshot from version control";
    match problem {
        LedgerProblem::Changed { name, .. } => vec![
            "restore the files from version control, and put the change into a migration of its own"
                .to_owned(),
            format!(
                "or, if the change makes no difference to what was applied: mizzle resolve {name} --accept-change"
            ),
        ],
        LedgerProblem::Renamed { from, to, .. } => vec![format!(
            "rename it back to {from}, or let the ledger follow: mizzle resolve {to} --accept-change"
        )],
        LedgerProblem::Foreign { project: owner, .. } => {
            let own = format!(
                "give this project a ledger of its own in the config: migrations: {{ table: {:?} }}",
                ledger_name(project.unwrap_or("<project>"))
            );
            let replaced = "if these migrations replace the ones in the ledger: `mizzle resolve <migration> --forget` for each of those, then `mizzle migrate --baseline`".to_owned();
            std::iter::once(own).chain(owner.is_none().then_some(replaced)).collect()
        }
        LedgerProblem::OutOfOrder { .. } => vec![
            "two branches were merged: bring the migration that was not applied behind the others with `mizzle generate --rebase`".to_owned(),
        ],
        LedgerProblem::Missing { state, name, .. } => {
            let then = match state {
                RecordState::Applied => String::new(),
                RecordState::Undoing => {
                    ", and finish the undoing: mizzle migrate --down 1".to_owned()
                }
                RecordState::Running | RecordState::Failed => {
                    "; then finish it (mizzle migrate) or back it out (mizzle migrate --down 1)"
                        .to_owned()
                }
            };
            vec![
                format!("{RESTORE}{then}"),
                format!("or, if it is gone on purpose: mizzle resolve {name} --forget"),
            ]
        }
        // The message itself says how it ends.
        LedgerProblem::Abandoned(_) => Vec::new(),
    }
}

/// A name for the ledger of a project: `shop_migrations`. Table names have letters, digits, `_`, `-` and
/// `.` only.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html>.
pub(crate) fn ledger_name(project: &str) -> String {
    let is_allowed = |character: char| {
        character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.' | '<' | '>')
    };
    let project = project.trim_start_matches('@');
    let project: String = project
        .chars()
        .map(|character| if is_allowed(character) { character } else { '-' })
        .collect();
    format!("{project}_migrations")
}
