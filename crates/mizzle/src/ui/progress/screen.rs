//! Draws a board on the terminal, ten times a second, so that times go on while nothing happens.
//!
//! The cursor waits at the beginning of the line below. There the terminal shows the `^C` of an
//! impatient user, and the next drawing wipes it away; libraries for progress bars leave the cursor
//! at the end of the last line, where `^C` breaks it, and every line that is drawn after.

use super::{board::Board, frame, lock};
use console::{Term, measure_text_width};
use std::{
    io,
    sync::{
        Arc, Mutex,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

const TICK: Duration = Duration::from_millis(100);

/// What is being drawn, if anything is: whoever ends the process must end that first.
#[derive(Debug, Clone, Default)]
pub(in crate::ui) struct Live(Arc<Mutex<Option<Arc<Mutex<Drawing>>>>>);

impl Live {
    /// Stops drawing, and leaves on the screen what is there.
    pub(in crate::ui) fn abandon(&self) {
        if let Some(drawing) = lock(&self.0).take() {
            lock(&drawing).is_over = true;
        }
    }
}

/// A board that is being drawn.
pub(super) struct Screen {
    drawing: Arc<Mutex<Drawing>>,
    live: Live,
    /// Dropped to end the ticking.
    ticking: Sender<()>,
    ticker: Option<JoinHandle<()>>,
}

impl Screen {
    /// Begins to draw; `began` is the moment that the board's times count from.
    pub(super) fn start(board: Arc<Mutex<Board>>, began: Instant, live: &Live) -> Self {
        let term = Term::buffered_stderr();
        let drawing = Drawing { board, began, term, drawn: Vec::new(), is_over: false };
        let drawing = Arc::new(Mutex::new(drawing));
        *lock(&live.0) = Some(Arc::clone(&drawing));
        let (ticking, stopped) = mpsc::channel();
        let shared = Arc::clone(&drawing);
        let tick = move || {
            while !lock(&shared).is_over {
                // A terminal that cannot be written to shows nothing.
                let _ = lock(&shared).draw();
                if stopped.recv_timeout(TICK) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
            }
        };
        // Without a thread there is no progress to see; the end is shown all the same.
        let ticker = thread::Builder::new().name("progress".to_owned()).spawn(tick).ok();
        Self { drawing, live: live.clone(), ticking, ticker }
    }

    /// Stops drawing, and takes what was drawn off the screen.
    pub(super) fn clear(self) {
        let Self { drawing, live, ticking, ticker } = self;
        drop(ticking);
        if let Some(ticker) = ticker {
            // It has nothing to say, and what it drew is wiped away.
            let _ = ticker.join();
        }
        lock(&live.0).take();
        let mut drawing = lock(&drawing);
        if !drawing.is_over {
            let _ = drawing.wipe().and_then(|()| drawing.term.flush());
        }
    }
}

#[derive(Debug)]
struct Drawing {
    board: Arc<Mutex<Board>>,
    began: Instant,
    term: Term,
    /// The widths of the lines on the screen, in columns.
    drawn: Vec<usize>,
    /// Whether the screen belongs to somebody else by now.
    is_over: bool,
}

impl Drawing {
    fn draw(&mut self) -> io::Result<()> {
        let (rows, columns) = self.term.size();
        let lines = frame::lines(&lock(&self.board), self.began.elapsed(), columns, rows);
        self.wipe()?;
        for line in &lines {
            self.term.write_line(line)?;
            self.drawn.push(measure_text_width(line));
        }
        self.term.flush()
    }

    /// Goes back to where the drawing began. A terminal that has become narrower meanwhile shows a
    /// line in several.
    fn wipe(&mut self) -> io::Result<()> {
        let columns = usize::from(self.term.size().1).max(1);
        let height = self.drawn.drain(..).map(|width| width.div_ceil(columns).max(1)).sum();
        self.term.move_cursor_up(height)?;
        self.term.write_str("\r")?;
        self.term.clear_to_end_of_screen()
    }
}
