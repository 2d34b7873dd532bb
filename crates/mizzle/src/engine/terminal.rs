//! The terminal as the engine's screen: formats events and questions.

use crate::{
    errors::PortError,
    explain::explain,
    render::{migration_lines, show_backups, show_plan, show_untracked, skipped_line},
    server::TargetName,
    signal::Interrupts,
    ui::{self, Ui},
    words::step_lines,
};
use mizzle_core::{
    ledger::{AppliedBy, Owner, Record, RecordState, ResolutionKind},
    plan::Plan,
    text,
};
use mizzle_engine::ports::{
    AdoptedAs, Direction, Event, Progress, Question, Screen, Wait, Waiting,
};
use std::time::Duration;

/// The terminal of a command that works on a server.
#[derive(Clone, Copy)]
pub(crate) struct Terminal<'a> {
    /// The terminal.
    pub(crate) ui: &'a Ui,
    /// The interrupts.
    pub(crate) interrupts: &'a Interrupts,
    /// The server.
    pub(crate) target: &'a TargetName,
}

impl<'a> Screen for Terminal<'a> {
    type Error = PortError;
    type Progress = ui::PushProgress;
    type Wait = TerminalWait<'a>;

    fn event(&self, event: Event<'_>) {
        let ui = self.ui;
        match event {
            Event::TablesNotListed => ui.warning("Tables that the schema does not name cannot be listed: the credentials lack the permission dynamodb:ListTables"),
            Event::SettingsNotTold(table) => ui.info(format!(
                "{} is {}, and tells all of its settings only when it is ACTIVE: what is not told is not compared",
                table.definition.table_name, table.status
            )),
            Event::Untracked(tables) => show_untracked(tables, ui),
            Event::Planned { plan, dry_run, asks } => show_plan(plan, dry_run, asks, ui),
            Event::MigrationPlanned { migration, direction, asks } => {
                let lines = migration_lines(migration);
                match direction {
                    Direction::Up => self.show(&lines, asks),
                    Direction::Down => self.show(&format!("To undo: {lines}"), asks),
                }
            }
            Event::SettingsPlanned { steps, asks } => {
                let lines = step_lines(steps).join("\n");
                self.show(&format!("Settings of the environment\n{lines}"), asks);
            }
            Event::SettingsStarted => ui.step("Settings of the environment"),
            Event::BackupsTaken(backups) => show_backups(backups, ui),
            Event::ScriptStarted { migration, direction, done } => {
                let deed = match direction {
                    Direction::Up => migration.to_owned(),
                    Direction::Down => format!("Undoing {migration}"),
                };
                ui.step(match done {
                    0 => deed,
                    done => format!("{deed}: going on after {}", text::count(done, "step", "steps")),
                });
            }
            Event::Log { line, dry_run: false } => ui.info(line),
            Event::Log { line, dry_run: true } => ui.verbose(line),
            Event::StepDoneBefore(step) => {
                ui.verbose(format!("{}: {} was done before", step.table(), step.title));
            }
            Event::Skipped(skipped) => ui.info(skipped_line(skipped)),
            Event::PartLeftOut { table, left_out } => {
                ui.verbose(format!("{table}: without {left_out}"));
            }
            Event::AdoptedUnlike { table, migration, differences } => ui.warning(format!(
                "{table} differs from what {migration} creates, and no snapshot says what is managed of it: {}",
                differences.join("; ")
            )),
            Event::Adopted { table, migration, direction, how } => {
                ui.info(adopted(table, migration, direction, how));
            }
            Event::RecordDropped(name) => ui.info(format!(
                "{name} is forgotten: it came to none of its steps, and is not in the folder any more; what it may have done to items stays"
            )),
            Event::ItemsNotChecked(name) => ui.warning(format!(
                "{name} also reads or writes items: whether that was done cannot be checked"
            )),
            Event::LockNotReleased(error) => {
                let reason = explain(error, self.target).message;
                ui.warning(format!(
                    "The lock could not be given back, and ends by itself: {reason}"
                ));
            }
        }
    }

    fn progress(&self, plan: &Plan) -> ui::PushProgress {
        self.ui.push_progress(plan)
    }

    fn wait(&self, waiting: Waiting<'_>) -> TerminalWait<'a> {
        let ui = self.ui;
        let wait = match waiting {
            Waiting::Describing(tables) => ui.wait("Describing tables", Some(tables)),
            Waiting::Reading => ui.wait("Reading the tables", None),
            Waiting::Lock => ui.wait("Taking the lock", None),
            Waiting::BackingUp([table]) => ui.wait(format!("Backing up {table}"), None).announced(),
            Waiting::BackingUp(tables) => {
                ui.wait("Backing up tables", Some(tables.len())).announced()
            }
        };
        TerminalWait { wait, ui }
    }

    fn approve(&self, question: Question<'_>) -> Result<bool, PortError> {
        let target = self.target;
        let question = match question {
            Question::Apply { steps } => {
                format!("Apply {} to {target}?", text::count(steps, "step", "steps"))
            }
            Question::Run([]) => format!("Apply the settings of the environment to {target}?"),
            Question::Run(names) => format!("Apply {} to {target}?", migrations(names)),
            Question::RollBack(names) => format!("Undo {} at {target}?", migrations(names)),
            Question::Resolve { migration, kind, record } => {
                self.ui.important(present_state(migration, record));
                resolution(migration, kind)
            }
        };
        self.ui.confirm(&question, "--yes").map_err(PortError::Command)
    }

    fn on_interrupt(&self, reaction: Box<dyn FnOnce() + Send>) {
        self.interrupts.answer_next(reaction);
    }
}

impl Terminal<'_> {
    /// Shows a part of a plan; a part that needs approval is shown in any case.
    fn show(&self, lines: &str, asks: bool) {
        if asks { self.ui.important(lines) } else { self.ui.step(lines) }
    }
}

/// A wait that is shown on the terminal.
pub(crate) struct TerminalWait<'a> {
    wait: ui::Wait,
    ui: &'a Ui,
}

impl Wait for TerminalWait<'_> {
    fn advance(&self) {
        self.wait.advance();
    }

    fn lock_held(&self, owner: &Owner) {
        self.wait.note(format!("Waiting for {owner}"), true);
    }

    fn table_busy(&self, table: &str, status: &str, is_first: bool) {
        let is_news = is_first || self.ui.is_verbose();
        self.wait.note(format!("Waiting for {table}: {status}"), is_news);
    }
}

impl Progress for ui::PushProgress {
    fn announce_stop(&self) -> Box<dyn FnOnce() + Send> {
        Box::new(ui::PushProgress::announce_stop(self))
    }

    fn finish(self) -> Duration {
        ui::PushProgress::finish(self)
    }
}

fn adopted(table: &str, migration: &str, direction: Direction, how: &AdoptedAs) -> String {
    let how = match how {
        AdoptedAs::Unchanged => "as it is".to_owned(),
        AdoptedAs::Changed(changes) => format!("with these changes: {}", changes.join("; ")),
    };
    let then = match direction {
        Direction::Up => format!("taken over {how}, and undoing {migration} will leave it"),
        Direction::Down => format!("kept {how}"),
    };
    format!("{table} was there already: it is {then}")
}

/// Returns `0001_init`, or `3 migrations`.
fn migrations(names: &[&str]) -> String {
    match names {
        [one] => (*one).to_owned(),
        many => text::count(many.len(), "migration", "migrations"),
    }
}

/// Describes the present state of a migration in the ledger.
fn present_state(name: &str, record: Option<&Record>) -> String {
    let Some(record) = record else { return format!("{name} is pending") };
    let steps = text::count(record.steps.len(), "step", "steps");
    let by = AppliedBy::of(record);
    match record.state {
        RecordState::Applied => format!("{name} was applied ({by})"),
        RecordState::Failed => format!("{name} failed with {steps} done ({by})"),
        RecordState::Running => format!("{name} was not finished, with {steps} done ({by})"),
        RecordState::Undoing => format!("{name} is being undone ({by})"),
    }
}

fn resolution(name: &str, kind: ResolutionKind) -> String {
    let question = match kind {
        ResolutionKind::AcceptChange => format!("Accept the script of {name} as it is now?"),
        ResolutionKind::Applied => format!("Mark {name} as applied?"),
        ResolutionKind::RolledBack => format!("Mark {name} as pending?"),
        ResolutionKind::Forget => format!("Remove {name} from the ledger?"),
    };
    format!("{question} The tables stay as they are.")
}
