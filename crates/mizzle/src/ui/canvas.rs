//! The last lines of the terminal, which are redrawn repeatedly.

use super::safe_for_stderr;
use console::{Term, measure_text_width};
use std::io;

/// Lines that replace the previously drawn ones.
///
/// The cursor stays at the beginning of the line below. There the terminal echoes `^C`, which the
/// next drawing erases; libraries for progress bars leave the cursor at the end of the last line,
/// where `^C` breaks that line and all later drawings.
#[derive(Debug)]
pub(super) struct Canvas {
    term: Term,
    /// The widths of the lines on the screen, in columns.
    drawn: Vec<usize>,
}

impl Canvas {
    /// Creates an empty canvas.
    pub(super) fn new() -> Self {
        Self { term: Term::buffered_stderr(), drawn: Vec::new() }
    }

    /// Returns the rows and columns of the terminal.
    pub(super) fn size(&self) -> (u16, u16) {
        self.term.size()
    }

    /// Replaces the drawn lines.
    pub(super) fn draw(&mut self, lines: &[String]) -> io::Result<()> {
        self.go_back()?;
        for line in lines {
            let line = safe_for_stderr(line);
            self.term.write_line(&line)?;
            self.drawn.push(measure_text_width(&line));
        }
        self.term.flush()
    }

    /// Erases the drawn lines.
    pub(super) fn wipe(&mut self) -> io::Result<()> {
        self.go_back()?;
        self.term.flush()
    }

    /// Moves the cursor back to the first drawn line. In a terminal that has become narrower, a
    /// line takes several rows.
    fn go_back(&mut self) -> io::Result<()> {
        let columns = usize::from(self.term.size().1).max(1);
        let height = self.drawn.drain(..).map(|width| width.div_ceil(columns).max(1)).sum();
        self.term.move_cursor_up(height)?;
        self.term.write_str("\r")?;
        self.term.clear_to_end_of_screen()
    }
}
