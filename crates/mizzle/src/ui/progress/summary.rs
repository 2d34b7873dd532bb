//! The summary of a board, which stays on the screen.

use super::{
    FEW_TABLES,
    board::{Board, Row, State},
    duration,
    frame::{applying, dim, done, done_symbol, failed_symbol, idle_symbol, progress},
};
use mizzle_core::text;

/// The maximum number of failed tables that are named.
const SHOWN_FAILURES: usize = 10;

/// Returns the summary: a line for each table if there are few, otherwise counts, and each failure.
/// The error that follows contains the reasons of failures.
pub(super) fn text(board: &Board) -> String {
    let mut lines = vec![applying(board)];
    if board.rows.len() <= FEW_TABLES {
        lines.extend(board.rows.iter().map(line));
        return lines.join("\n");
    }
    let rows = |is: fn(&State) -> bool| board.rows.iter().filter(move |row| is(&row.state));
    let tables = |count| text::count(count, "table", "tables");
    let finished = rows(|state| matches!(state, State::Done(..)));
    let (count, steps) = finished.fold((0, 0), |(n, steps), row| (n + 1, steps + row.done));
    if count > 0 {
        let steps = text::count(steps, "step", "steps");
        lines.push(format!("{} {}: {steps}", done_symbol(), tables(count)));
    }
    let cut_short = |state: &State| matches!(state, State::Failed(..) | State::Interrupted(..));
    let failures: Vec<&Row> = rows(cut_short).collect();
    lines.extend(failures.iter().take(SHOWN_FAILURES).map(|row| line(row)));
    if let Some(more) = failures.len().checked_sub(SHOWN_FAILURES).filter(|more| *more > 0) {
        lines.push(format!("{} {more} more", failed_symbol()));
    }
    let begun = |row: &&Row| row.done + row.left_out > 0;
    let idle = |state: &State| matches!(state, State::Idle | State::Working(..));
    let unfinished = rows(idle).filter(begun).count();
    if unfinished > 0 {
        lines.push(format!("{} {}: some steps done", idle_symbol(), tables(unfinished)));
    }
    let untouched = rows(idle).count() - unfinished;
    if untouched > 0 {
        lines.push(format!("{} {}: not started", idle_symbol(), tables(untouched)));
    }
    lines.join("\n")
}

fn line(row: &Row) -> String {
    let Row { table, steps, .. } = row;
    let number = |number: usize| match steps {
        1 => String::new(),
        _ => format!(" {number}/{steps}"),
    };
    match &row.state {
        State::Done(work, elapsed) => {
            let time = dim(&duration(*elapsed));
            format!("{} {table}: {}  {time}", done_symbol(), done(row, work))
        }
        State::Failed(work, elapsed, _) => {
            let (number, time) = (number(work.number), duration(*elapsed));
            format!("{} {table}{number}: {}: failed after {time}", failed_symbol(), work.title)
        }
        State::Interrupted(work, elapsed) => {
            let (number, time) = (number(work.number), duration(*elapsed));
            format!("{} {table}{number}: {}: interrupted after {time}", failed_symbol(), work.title)
        }
        // A running step has always ended before the display does.
        State::Idle | State::Working(..) if row.done + row.left_out == 0 => {
            format!("{} {table}: not started", idle_symbol())
        }
        State::Idle | State::Working(..) => format!("{} {table}: {}", idle_symbol(), progress(row)),
    }
}
