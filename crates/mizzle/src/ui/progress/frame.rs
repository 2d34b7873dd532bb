//! Draws a board while the plan is applied, in lines that fit the terminal.

use super::{
    FEW_TABLES,
    board::{Board, Row, Stage, State, Work},
    duration,
    screen::Picture,
};
use cliclack::{Theme, ThemeState};
use console::{Emoji, measure_text_width, style, truncate_str};
use mizzle_core::text;
use std::{borrow::Cow, time::Duration};

/// The number of lines beside those of tables: the heading, the count, the end, and the line below.
const OTHER_LINES: usize = 4;

/// The minimum width of a step's title, which may be cut to make room for the status.
const LEAST_TITLE: usize = 16;

/// The minimum width of a status: a shorter excerpt is useless.
const LEAST_STATUS: usize = 10;

const BAR: Emoji<'_, '_> = Emoji("│", "|");
const BAR_END: Emoji<'_, '_> = Emoji("└", "—");

/// The usual width of a time and the gap before it, so that the cut of a text stays the same when
/// `9s` becomes `10s`.
const LEAST_TIME: usize = 2 + 5;

/// Clack's symbols and colours.
pub(super) struct Look;

impl Theme for Look {}

impl Picture for Board {
    fn lines(&self, now: Duration, columns: u16, rows: u16) -> Vec<String> {
        lines(self, now, columns, rows)
    }
}

/// Returns the board at a time (since the start of the display), for a terminal of this size.
pub(super) fn lines(board: &Board, now: Duration, columns: u16, rows: u16) -> Vec<String> {
    let (columns, rows) = (usize::from(columns), usize::from(rows));
    let room = rows.saturating_sub(OTHER_LINES).max(1);
    let is_short = board.rows.len() <= room.min(FEW_TABLES);
    let shown = if is_short { board.rows.iter().collect() } else { pick(board, room) };

    let bar = Look.bar_color(&ThemeState::Active).apply_to(BAR);
    let mut lines = vec![heading(board, now, columns)];
    lines.extend(
        shown
            .into_iter()
            .map(|row| format!("{bar}  {}", line(row, now, columns.saturating_sub(3)))),
    );
    if !is_short {
        lines.push(format!("{bar}  {}", counts(board, columns.saturating_sub(3))));
    }
    lines.push(Look.bar_color(&ThemeState::Active).apply_to(BAR_END).to_string());
    lines
}

/// Returns the most important rows: failed tables, as far as they leave room for running ones, and
/// the tables that have run longest.
fn pick(board: &Board, room: usize) -> Vec<&Row> {
    let failed = board.rows.iter().filter(|row| matches!(row.state, State::Failed(..)));
    let mut working: Vec<(&Row, Duration)> = board
        .rows
        .iter()
        .filter_map(|row| match &row.state {
            State::Working(work, _) => Some((row, work.began)),
            State::Idle | State::Done(..) | State::Failed(..) | State::Interrupted(..) => None,
        })
        .collect();
    working.sort_by_key(|(_, began)| *began);
    let failed: Vec<&Row> = failed.take(room.saturating_sub(working.len()).max(room / 2)).collect();
    let room = room - failed.len();
    failed.into_iter().chain(working.into_iter().map(|(row, _)| row).take(room)).collect()
}

fn heading(board: &Board, now: Duration, columns: usize) -> String {
    let text = if board.is_stopping {
        "Stopping: waiting for running calls".to_owned()
    } else {
        applying(board)
    };
    let time = ticking(now);
    let room = columns.saturating_sub(3 + time_width(&time));
    format!("{}  {}  {}", spinner(now), cut(&text, room), dim(&time))
}

/// Returns `Applying 5 steps on 3 tables`.
pub(super) fn applying(board: &Board) -> String {
    let steps = text::count(board.steps(), "step", "steps");
    let tables = text::count(board.rows.len(), "table", "tables");
    format!("Applying {steps} on {tables}")
}

/// Returns `12 of 200 tables done, 16 at work, 1 failed`.
fn counts(board: &Board, width: usize) -> String {
    let count = |is: fn(&State) -> bool| board.rows.iter().filter(|row| is(&row.state)).count();
    let done = count(|state| matches!(state, State::Done(..)));
    let mut text = format!("{done} of {} tables done", board.rows.len());
    let others = [
        (count(|state| matches!(state, State::Working(..))), "at work"),
        (count(|state| matches!(state, State::Failed(..))), "failed"),
        (count(|state| matches!(state, State::Interrupted(..))), "interrupted"),
    ];
    for (count, what) in others.into_iter().filter(|(count, _)| *count > 0) {
        text += &format!(", {count} {what}");
    }
    if measure_text_width(&text) > width {
        text = text.replace(" tables", "");
    }
    cut(&text, width).into_owned()
}

/// Returns a table as one line of at most `width` columns.
fn line(row: &Row, now: Duration, width: usize) -> String {
    let (symbol, text, time) = match &row.state {
        State::Idle if row.done + row.left_out == 0 => {
            (idle_symbol(), format!("{}: waiting for its turn", row.table), None)
        }
        State::Idle => (idle_symbol(), format!("{} {}/{}", row.table, row.done, row.steps), None),
        State::Working(work, stage) => {
            let time = ticking(now.saturating_sub(work.began));
            let room = width.saturating_sub(2 + time_width(&time));
            let text = working(row, work, &status(stage, now), room);
            (spinner(now), text, Some(time))
        }
        State::Done(work, elapsed) => {
            (done_symbol(), format!("{}: {}", row.table, done(row, work)), Some(duration(*elapsed)))
        }
        State::Failed(work, elapsed, reason) => {
            let time = duration(*elapsed);
            let room = width.saturating_sub(2 + time_width(&time));
            (failed_symbol(), working(row, work, reason, room), Some(time))
        }
        State::Interrupted(work, elapsed) => {
            let time = duration(*elapsed);
            let room = width.saturating_sub(2 + time_width(&time));
            (failed_symbol(), working(row, work, "interrupted", room), Some(time))
        }
    };
    match time {
        None => format!("{symbol} {}", cut(&text, width.saturating_sub(2))),
        Some(time) => {
            let text = cut(&text, width.saturating_sub(2 + time_width(&time)));
            format!("{symbol} {text}  {}", dim(&time))
        }
    }
}

/// Returns `Shop 2/5: Add GSI byEmail (email S) ALL: UPDATING; byEmail CREATING, backfilling`,
/// shortened where the least information is lost.
fn working(row: &Row, work: &Work, status: &str, width: usize) -> String {
    let number = match row.steps {
        1 => ": ".to_owned(),
        steps => format!(" {}/{steps}: ", work.number),
    };
    let title_width = measure_text_width(&work.title);
    let others = number.len() + title_width.min(LEAST_TITLE);
    let name = cut(&row.table, width.saturating_sub(others).max(width / 4));
    let head = format!("{name}{number}");
    let room = width.saturating_sub(measure_text_width(&head));
    if status.is_empty() {
        return format!("{head}{}", cut(&work.title, room));
    }
    let title_room =
        room.saturating_sub(2 + measure_text_width(status)).max(LEAST_TITLE).min(title_width);
    match room.checked_sub(title_room + 2) {
        Some(status_room) if status_room >= LEAST_STATUS.min(measure_text_width(status)) => {
            format!("{head}{}: {}", cut(&work.title, title_room), cut(status, status_room))
        }
        Some(_) | None => format!("{head}{}", cut(&work.title, room)),
    }
}

/// Returns `2 of 5 steps done`.
pub(super) fn progress(row: &Row) -> String {
    format!("{} of {} steps done", row.done + row.left_out, row.steps)
}

/// Returns the status of a step.
fn status(stage: &Stage, now: Duration) -> String {
    match stage {
        Stage::Calling => String::new(),
        Stage::Settling(status) => status.clone(),
        Stage::Pausing { cause, until } => match until.saturating_sub(now) {
            Duration::ZERO => format!("again after {cause}"),
            left => format!("again in {}s after {cause}", left.as_secs() + 1),
        },
    }
}

/// Returns the completed work on a table: `Create table`, `3 steps`, `2 steps, 1 left out`.
pub(super) fn done(row: &Row, last: &Work) -> String {
    match (row.done, row.left_out) {
        (1, 0) => last.title.clone(),
        (0, left_out) => format!("{} left out", text::count(left_out, "step", "steps")),
        (steps, 0) => text::count(steps, "step", "steps"),
        (steps, left_out) => {
            format!("{}, {left_out} left out", text::count(steps, "step", "steps"))
        }
    }
}

/// Returns `12s` or `3m 20s`: whole seconds, so that the display ticks.
pub(super) fn ticking(elapsed: Duration) -> String {
    match elapsed.as_secs() {
        seconds @ 0..60 => format!("{seconds}s"),
        60.. => duration(elapsed),
    }
}

pub(super) fn time_width(time: &str) -> usize {
    (2 + time.len()).max(LEAST_TIME)
}

pub(super) fn cut(text: &str, width: usize) -> Cow<'_, str> {
    truncate_str(text, width, "…")
}

pub(super) fn spinner(now: Duration) -> String {
    let symbols: Vec<char> = Look.spinner_chars().chars().collect();
    let turn = usize::try_from(now.as_millis() / 100).unwrap_or_default();
    let symbol = symbols.get(turn % symbols.len().max(1)).copied().unwrap_or(' ');
    style(symbol).magenta().for_stderr().to_string()
}

pub(super) fn dim(text: &str) -> String {
    style(text).dim().for_stderr().to_string()
}

pub(super) fn done_symbol() -> String {
    Look.submit_symbol()
}

pub(super) fn failed_symbol() -> String {
    Look.error_symbol()
}

pub(super) fn idle_symbol() -> String {
    Look.radio_symbol(&ThemeState::Active, false)
}
