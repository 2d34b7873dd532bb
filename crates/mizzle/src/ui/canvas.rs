//! The last lines of the terminal, drawn over and over.

use super::safe_for_stderr;
use console::{Term, measure_text_width};
use std::io;

/// Lines that are drawn over what was drawn before.
///
/// The cursor waits at the beginning of the line below. There the terminal shows the `^C` of an
/// impatient user, and the next drawing wipes it away; libraries for progress bars leave the cursor
/// at the end of the last line, where `^C` breaks it, and every line that is drawn after.
#[derive(Debug)]
pub(super) struct Canvas {
    term: Term,
    /// The widths of the lines on the screen, in columns.
    drawn: Vec<usize>,
}

impl Canvas {
    /// Nothing is drawn yet.
    pub(super) fn new() -> Self {
        Self { term: Term::buffered_stderr(), drawn: Vec::new() }
    }

    /// Rows and columns of the terminal.
    pub(super) fn size(&self) -> (u16, u16) {
        self.term.size()
    }

    /// Draws these lines instead of those before.
    pub(super) fn draw(&mut self, lines: &[String]) -> io::Result<()> {
        self.go_back()?;
        for line in lines {
            let line = safe_for_stderr(line);
            self.term.write_line(&line)?;
            self.drawn.push(measure_text_width(&line));
        }
        self.term.flush()
    }

    /// Takes what was drawn off the screen.
    pub(super) fn wipe(&mut self) -> io::Result<()> {
        self.go_back()?;
        self.term.flush()
    }

    /// Goes back to where the drawing began. A terminal that has become narrower meanwhile shows a
    /// line in several.
    fn go_back(&mut self) -> io::Result<()> {
        let columns = usize::from(self.term.size().1).max(1);
        let height = self.drawn.drain(..).map(|width| width.div_ceil(columns).max(1)).sum();
        self.term.move_cursor_up(height)?;
        self.term.write_str("\r")?;
        self.term.clear_to_end_of_screen()
    }
}
