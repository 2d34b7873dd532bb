//! Progress displays: of a running plan, with a line for each table on a terminal and a line for
//! each event otherwise, and of any other [`Wait`].
//!
//! [`Board`] tracks the progress of each table, [`frame`] and [`summary`] format it in lines that
//! fit the terminal, and [`Screen`] redraws them until the end.

mod board;
mod frame;
mod lines;
mod screen;
mod summary;
#[cfg(test)]
mod tests;
mod wait;

pub(super) use screen::Live;
pub(crate) use wait::Wait;

use super::{OutputMode, Ui, safe_for_stderr};
use board::Board;
use lines::Lines;
use mizzle_core::{
    apply::{Event, Observer},
    plan::Plan,
};
use screen::Screen;
use std::{
    io::{self, Write},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Up to this number of tables, each has a line from beginning to end; of more tables, only the
/// running ones are shown.
const FEW_TABLES: usize = 10;

/// A display of the executor's events.
pub(crate) struct PushProgress {
    view: View,
    began: Instant,
}

enum View {
    /// A terminal.
    Screen {
        board: Arc<Mutex<Board>>,
        screen: Screen,
    },
    /// A pipe or a file.
    Lines(Mutex<Lines>),
    Nothing,
}

impl Ui {
    /// Starts the progress display of a plan.
    pub(crate) fn push_progress(&self, plan: &Plan) -> PushProgress {
        let began = Instant::now();
        let view = match self.manner {
            OutputMode::Silent => View::Nothing,
            _ if self.quiet => View::Nothing,
            OutputMode::Plain => View::Lines(Mutex::new(Lines::new(self.verbose.get()))),
            OutputMode::Clack => {
                let board = Arc::new(Mutex::new(Board::new(plan)));
                let picture: Arc<Mutex<Board>> = Arc::clone(&board);
                let screen = Screen::start(picture, began, &self.live);
                View::Screen { board, screen }
            }
        };
        PushProgress { view, began }
    }
}

impl PushProgress {
    /// Returns a function that reports that the run is stopping.
    pub(crate) fn announce_stop(&self) -> impl FnOnce() + Send + use<> {
        let board = match &self.view {
            View::Screen { board, .. } => Some(Arc::clone(board)),
            View::Lines(_) | View::Nothing => None,
        };
        let is_plain = matches!(self.view, View::Lines(_));
        move || {
            if let Some(board) = board {
                lock(&board).is_stopping = true;
            }
            if is_plain {
                say("Stopping: waiting for running calls");
            }
        }
    }

    /// Ends the display and returns its duration. A summary stays on the screen.
    pub(crate) fn finish(self) -> Duration {
        let elapsed = self.began.elapsed();
        if let View::Screen { board, screen } = self.view {
            screen.clear();
            let board = lock(&board);
            let text = super::wrapped(&summary::text(&board));
            // Ignore write errors: there is nowhere left to report them.
            let _ = if board.is_done() {
                cliclack::log::step(text)
            } else {
                cliclack::log::error(text)
            };
        }
        elapsed
    }
}

impl Observer for PushProgress {
    fn event(&self, event: &Event<'_>) {
        match &self.view {
            View::Screen { board, .. } => lock(board).note(event, self.began.elapsed()),
            View::Lines(lines) => {
                if let Some(line) = lock(lines).line(event) {
                    say(&line);
                }
            }
            View::Nothing => {}
        }
    }
}

fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{}", safe_for_stderr(line));
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns `340ms`, `2.1s` or `3m 20s`.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => format!("{}ms", duration.as_millis()),
        1..60 => format!("{:.1}s", duration.as_secs_f64()),
        60.. => format!("{}m {}s", seconds / 60, seconds % 60),
    }
}
