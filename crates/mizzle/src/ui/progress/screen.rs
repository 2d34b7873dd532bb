//! Draws a picture on the terminal, ten times a second, so that times go on while nothing happens.

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

/// Something that changes while it is looked at.
pub(super) trait Picture: Send {
    /// How it looks at a moment (since it was begun), on a terminal of this size.
    fn lines(&self, now: Duration, columns: u16, rows: u16) -> Vec<String>;
}

/// A picture that others change while it is drawn.
type Shared = Arc<Mutex<dyn Picture>>;

/// What is being drawn, if anything is: whoever ends the process must end that first.
#[derive(Clone, Default)]
pub(in crate::ui) struct Live(Arc<Mutex<Option<Arc<Mutex<Drawing>>>>>);

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Live")
    }
}

impl Live {
    /// Stops drawing, and leaves on the screen what is there.
    pub(in crate::ui) fn abandon(&self) {
        if let Some(drawing) = lock(&self.0).take() {
            lock(&drawing).is_over = true;
        }
    }

    /// Prints something that stays, above what is being drawn.
    pub(in crate::ui) fn aside<R>(&self, print: impl FnOnce() -> R) -> R {
        let live = lock(&self.0);
        let Some(drawing) = &*live else { return print() };
        let mut drawing = lock(drawing);
        // The next tick draws it again.
        let _ = drawing.canvas.wipe();
        print()
    }
}

/// A picture that is being drawn.
pub(super) struct Screen {
    drawing: Arc<Mutex<Drawing>>,
    live: Live,
    /// Dropped to end the ticking.
    ticking: Sender<()>,
    ticker: Option<JoinHandle<()>>,
}

impl Screen {
    /// Begins to draw; `began` is the moment that the picture's times count from.
    pub(super) fn start(picture: Shared, began: Instant, live: &Live) -> Self {
        let drawing = Drawing { picture, began, canvas: Canvas::new(), is_over: false };
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
        let ticker = thread::Builder::new()
            .name("progress".to_owned())
            .stack_size(NETWORK_STACK)
            .spawn(tick)
            .ok();
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
            let _ = drawing.canvas.wipe();
        }
    }
}

struct Drawing {
    picture: Shared,
    began: Instant,
    canvas: Canvas,
    /// Whether the screen belongs to somebody else by now.
    is_over: bool,
}

impl Drawing {
    fn draw(&mut self) -> io::Result<()> {
        let (rows, columns) = self.canvas.size();
        let lines = lock(&self.picture).lines(self.began.elapsed(), columns, rows);
        self.canvas.draw(&lines)
    }
}
