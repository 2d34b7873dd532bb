//! Draws a picture on the terminal ten times a second, so that times advance between events.

use super::lock;
use crate::system::NETWORK_STACK;
use crate::ui::canvas::Canvas;
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

/// A display that changes over time.
pub(super) trait Picture: Send {
    /// Returns the lines at a time (since the start of the display), for a terminal of this size.
    fn lines(&self, now: Duration, columns: u16, rows: u16) -> Vec<String>;
}

/// A picture that other threads update while it is drawn.
type Shared = Arc<Mutex<dyn Picture>>;

/// The live display, if there is one. It must be ended before the process is.
#[derive(Clone, Default)]
pub(in crate::ui) struct Live(Arc<Mutex<Option<Arc<Mutex<Drawing>>>>>);

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Live")
    }
}

impl Live {
    /// Stops drawing, and leaves the present lines on the screen.
    pub(in crate::ui) fn abandon(&self) {
        if let Some(drawing) = lock(&self.0).take() {
            lock(&drawing).is_over = true;
        }
    }

    /// Prints permanent output above the live display.
    pub(in crate::ui) fn aside<R>(&self, print: impl FnOnce() -> R) -> R {
        let live = lock(&self.0);
        let Some(drawing) = &*live else { return print() };
        let mut drawing = lock(drawing);
        // The next tick draws the display again.
        let _ = drawing.canvas.wipe();
        print()
    }
}

/// A picture with its drawing thread.
pub(super) struct Screen {
    drawing: Arc<Mutex<Drawing>>,
    live: Live,
    /// Dropping this stops the thread.
    ticking: Sender<()>,
    ticker: Option<JoinHandle<()>>,
}

impl Screen {
    /// Starts drawing; the picture's times are relative to `began`.
    pub(super) fn start(picture: Shared, began: Instant, live: &Live) -> Self {
        let drawing = Drawing { picture, began, canvas: Canvas::new(), is_over: false };
        let drawing = Arc::new(Mutex::new(drawing));
        *lock(&live.0) = Some(Arc::clone(&drawing));
        let (ticking, stopped) = mpsc::channel();
        let shared = Arc::clone(&drawing);
        let tick = move || {
            while !lock(&shared).is_over {
                // Ignore write errors: such a terminal shows nothing.
                let _ = lock(&shared).draw();
                if stopped.recv_timeout(TICK) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
            }
        };
        // Without a thread there is no live display; the summary is still shown.
        let ticker = thread::Builder::new()
            .name("progress".to_owned())
            .stack_size(NETWORK_STACK)
            .spawn(tick)
            .ok();
        Self { drawing, live: live.clone(), ticking, ticker }
    }

    /// Stops drawing, and erases the drawn lines.
    pub(super) fn clear(self) {
        let Self { drawing, live, ticking, ticker } = self;
        drop(ticking);
        if let Some(ticker) = ticker {
            // A panic of the thread does not matter, and its drawing is erased.
            let _ = ticker.join();
        }
        lock(&live.0).take();
        let mut drawing = lock(&drawing);
        if !drawing.is_over {
            let _ = drawing.canvas.wipe();
        }
    }
}

struct Drawing {
    picture: Shared,
    began: Instant,
    canvas: Canvas,
    /// True once drawing was abandoned.
    is_over: bool,
}

impl Drawing {
    fn draw(&mut self) -> io::Result<()> {
        let (rows, columns) = self.canvas.size();
        let lines = lock(&self.picture).lines(self.began.elapsed(), columns, rows);
        self.canvas.draw(&lines)
    }
}
