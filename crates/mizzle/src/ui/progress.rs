//! What a running plan looks like: a line a table on a terminal, a line an event without one.

use super::{Manner, Ui};
use cliclack::{MultiProgress, ProgressBar};
use mizzle_core::{
    apply::{Event, Observer},
    plan::{Plan, Step, StepId},
    text,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// Shows the executor's events.
pub(crate) struct PushProgress {
    view: View,
    verbose: bool,
    /// The steps that have said that they wait.
    waiting: Mutex<BTreeSet<StepId>>,
}

enum View {
    Bars {
        multi: MultiProgress,
        bars: BTreeMap<String, ProgressBar>,
        left: Mutex<BTreeMap<String, usize>>,
    },
    Lines,
    Nothing,
}

impl Ui {
    /// The progress of a plan that is about to be carried out.
    pub(crate) fn push_progress(&self, plan: &Plan) -> PushProgress {
        let view = match self.manner {
            Manner::Silent => View::Nothing,
            Manner::Plain if self.quiet => View::Nothing,
            Manner::Plain => View::Lines,
            Manner::Clack => {
                let steps = text::count(plan.steps.len(), "step", "steps");
                let multi = cliclack::multi_progress(format!("Applying {steps}"));
                let mut bars = BTreeMap::new();
                let mut left = BTreeMap::new();
                for table in plan.by_table() {
                    if let Some(first) = table.first() {
                        let bar = multi.add(cliclack::spinner());
                        bar.start(format!("{}: waiting for its turn", first.table()));
                        bars.insert(first.table().to_owned(), bar);
                        left.insert(first.table().to_owned(), table.len());
                    }
                }
                View::Bars { multi, bars, left: Mutex::new(left) }
            }
        };
        PushProgress { view, verbose: self.verbose, waiting: Mutex::default() }
    }
}

impl PushProgress {
    /// Ends the display.
    pub(crate) fn finish(self, success: bool) {
        if let View::Bars { multi, bars, .. } = self.view {
            for bar in bars.values().filter(|bar| !bar.is_finished()) {
                bar.cancel("not started");
            }
            if success {
                multi.stop();
            } else {
                multi.cancel();
            }
        }
    }

    /// Whether to say that a step waits: without a terminal only once, unless asked for more.
    fn is_news(&self, step: &Step) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.insert(step.id.clone()) || self.verbose || matches!(self.view, View::Bars { .. })
    }

    fn message(&self, event: &Event<'_>) -> Option<(String, Tone)> {
        let title = |step: &Step| format!("{}: {}", step.table(), step.title);
        match event {
            Event::Started(step) => Some((title(step), Tone::Busy)),
            Event::Retrying { step, error, pause } => Some((
                format!("{}: {}; trying again in {}", title(step), error.message, duration(*pause)),
                Tone::Busy,
            )),
            Event::Waiting { step, status } if self.is_news(step) => {
                Some((format!("{}: {status}", title(step)), Tone::Busy))
            }
            Event::Waiting { .. } => None,
            Event::Done { step, adopted: true, .. } => {
                Some((format!("{}: was done already", title(step)), Tone::Done))
            }
            Event::Done { step, elapsed, adopted: false } => {
                Some((format!("{}: done in {}", title(step), duration(*elapsed)), Tone::Done))
            }
            Event::Failed { step, error } => {
                Some((format!("{}: {error}", title(step)), Tone::Failed))
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tone {
    Busy,
    Done,
    Failed,
}

impl Observer for PushProgress {
    fn event(&self, event: &Event<'_>) {
        let Some((message, tone)) = self.message(event) else { return };
        match &self.view {
            View::Nothing => {}
            View::Lines => {
                let _ = writeln!(io::stderr(), "{message}");
            }
            View::Bars { bars, left, .. } => {
                let step = event.step();
                let Some(bar) = bars.get(step.table()) else { return };
                match tone {
                    Tone::Busy => bar.set_message(message),
                    Tone::Failed => bar.error(message),
                    Tone::Done => {
                        let mut left = left.lock().unwrap_or_else(PoisonError::into_inner);
                        let left = left.entry(step.table().to_owned()).or_default();
                        *left = left.saturating_sub(1);
                        if *left == 0 { bar.stop(message) } else { bar.set_message(message) }
                    }
                }
            }
        }
    }
}

/// `340ms`, `2.1s`, `3m 20s`.
pub(super) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => format!("{}ms", duration.as_millis()),
        1..60 => format!("{:.1}s", duration.as_secs_f64()),
        60.. => format!("{}m {}s", seconds / 60, seconds % 60),
    }
}
