//! Waits outside a plan: for the descriptions of many tables, or for a backup.

use super::{
    frame::{cut, dim, spinner, ticking, time_width},
    lock, say,
    screen::{Picture, Screen},
};
use crate::ui::{OutputMode, Ui};
use mizzle_core::text;
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// The minimum duration of a wait that is shown.
const PATIENCE: Duration = Duration::from_millis(300);

/// The interval of lines about a long wait without a terminal.
const INTERVAL: Duration = Duration::from_secs(10);

/// A display of a wait and its duration, until it is dropped.
pub(crate) struct Wait {
    standing: Arc<Mutex<Standing>>,
    view: View,
}

enum View {
    /// A terminal; `None` after the end of the wait.
    Screen(Option<Screen>),
    /// A pipe or a file, with the time of the last line.
    Lines(Mutex<Instant>),
    Nothing,
}

/// The content of the display.
struct Standing {
    what: String,
    done: usize,
    /// The total number, if the wait is for several things.
    total: Option<usize>,
}

impl Standing {
    fn text(&self) -> String {
        match self.total {
            Some(total) => {
                let grouped = |number: usize| text::grouped(number as u64);
                format!("{}: {} of {}", self.what, grouped(self.done), grouped(total))
            }
            None => self.what.clone(),
        }
    }
}

impl Picture for Standing {
    fn lines(&self, now: Duration, columns: u16, _: u16) -> Vec<String> {
        if now < PATIENCE {
            return Vec::new();
        }
        let time = ticking(now);
        let room = usize::from(columns).saturating_sub(3 + time_width(&time));
        vec![format!("{}  {}  {}", spinner(now), cut(&self.text(), room), dim(&time))]
    }
}

impl Ui {
    /// Starts the display of a wait; `total` is the number of things to wait for, if several.
    pub(crate) fn wait(&self, what: impl Into<String>, total: Option<usize>) -> Wait {
        let (what, began) = (what.into(), Instant::now());
        let standing = Arc::new(Mutex::new(Standing { what, done: 0, total }));
        let view = match self.manner {
            OutputMode::Silent => View::Nothing,
            _ if self.quiet => View::Nothing,
            OutputMode::Plain => View::Lines(Mutex::new(began)),
            OutputMode::Clack => {
                let picture: Arc<Mutex<Standing>> = Arc::clone(&standing);
                View::Screen(Some(Screen::start(picture, began, &self.live)))
            }
        };
        Wait { standing, view }
    }
}

impl Wait {
    /// Without a terminal, prints the message immediately: the wait may be long.
    #[must_use]
    pub(crate) fn announced(self) -> Self {
        if let View::Lines(last) = &self.view {
            *lock(last) = Instant::now();
            say(&lock(&self.standing).what);
        }
        self
    }

    /// Counts one more thing as done.
    pub(crate) fn advance(&self) {
        lock(&self.standing).done += 1;
        if let View::Lines(last) = &self.view {
            let mut last = lock(last);
            if last.elapsed() >= INTERVAL {
                *last = Instant::now();
                say(&lock(&self.standing).text());
            }
        }
    }

    /// Updates the message. Without a terminal, prints it as a line if it `is_news`.
    pub(crate) fn note(&self, what: String, is_news: bool) {
        match &self.view {
            View::Lines(last) if is_news => {
                *lock(last) = Instant::now();
                say(&what);
            }
            View::Screen(_) | View::Lines(_) | View::Nothing => {}
        }
        let mut standing = lock(&self.standing);
        standing.what = what;
        standing.total = None;
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        match &mut self.view {
            View::Screen(screen) => {
                if let Some(screen) = screen.take() {
                    screen.clear();
                }
            }
            View::Lines(_) | View::Nothing => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PATIENCE, Picture, Standing};
    use console::{measure_text_width, strip_ansi_codes};
    use std::time::Duration;

    fn describing() -> Standing {
        Standing { what: "Describing tables".to_owned(), done: 340, total: Some(12_000) }
    }

    #[test]
    fn a_short_wait_is_not_shown_and_a_long_one_ticks() {
        let shown = |now| {
            let lines = describing().lines(now, 80, 24);
            lines.iter().map(|line| strip_ansi_codes(line).into_owned()).collect::<Vec<_>>()
        };
        assert!(shown(PATIENCE / 2).is_empty());
        let text = |now| shown(Duration::from_secs(now)).concat();
        assert!(text(2).ends_with("  Describing tables: 340 of 12,000  2s"));
        assert!(text(75).ends_with("  Describing tables: 340 of 12,000  1m 15s"));
    }

    #[test]
    fn it_fits() {
        for columns in 0..60 {
            for line in describing().lines(Duration::from_secs(3), columns, 24) {
                assert!(measure_text_width(&line) <= usize::from(columns.max(12)), "{line}");
            }
        }
    }
}
