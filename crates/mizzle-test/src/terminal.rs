//! A program in a terminal: keys in, screen out.

use crate::redact::Redactions;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::{
    io::{Read, Write},
    num::NonZeroU16,
    process::Command,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// The first byte of every control sequence.
const ESCAPE: u8 = 0x1b;

/// A program that runs in its own terminal, killed when the value is dropped.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    #[cfg_attr(not(unix), expect(dead_code, reason = "the terminal lives as long as it does"))]
    master: Box<dyn MasterPty + Send>,
    display: Arc<Display>,
    shown: String,
    until: Instant,
    redactions: Redactions,
}

/// The exit code of a program, and the final content of its terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screen {
    /// The exit code.
    pub code: u32,
    /// The text on the screen, without colors, with everything replaced that differs between runs.
    pub text: String,
}

struct Display {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    parser: vt100::Parser,
    /// The number of writes of the program.
    outputs: usize,
    /// True if the output contains more than text: colors, or cursor movements.
    is_controlled: bool,
    /// True if the program can write no more.
    closed: bool,
}

impl State {
    /// Returns the screen line by line. (The parser's own text joins lines that are filled to the
    /// edge.)
    fn text(&self) -> String {
        let screen = self.parser.screen();
        let (_, columns) = screen.size();
        let lines = screen.rows(0, columns.get()).map(|line| line.trim_end().to_owned());
        lines.collect::<Vec<_>>().join("\n")
    }
}

impl Display {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Terminal {
    #[track_caller]
    pub(crate) fn start(
        command: &Command,
        shown: String,
        (columns, rows): (u16, u16),
        deadline: Duration,
        redactions: Redactions,
    ) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a terminal can be opened");
        let child = pair.slave.spawn_command(builder(command)).expect("the program can be started");
        // While this side holds it open, the end of the output would never be detected.
        drop(pair.slave);
        let mut output = pair.master.try_clone_reader().expect("the terminal can be read");
        let keyboard = pair.master.take_writer().expect("the terminal can be written to");

        let at_least_one = |size| NonZeroU16::new(size).unwrap_or(NonZeroU16::MIN);
        let parser = vt100::Parser::new(at_least_one(rows), at_least_one(columns), 0);
        let state = Mutex::new(State { parser, outputs: 0, is_controlled: false, closed: false });
        let display = Arc::new(Display { state, changed: Condvar::new() });
        let shared = Arc::clone(&display);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            loop {
                let count = output.read(&mut buffer).unwrap_or(0);
                let mut state = shared.lock();
                state.parser.process(&buffer[..count]);
                state.outputs += 1;
                state.is_controlled |= buffer[..count].contains(&ESCAPE);
                state.closed = count == 0;
                shared.changed.notify_all();
                if state.closed {
                    break;
                }
            }
        });
        Self {
            child,
            keyboard,
            master: pair.master,
            display,
            shown,
            until: Instant::now() + deadline,
            redactions,
        }
    }

    /// Waits until the screen shows a text.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) -> &mut Self {
        let shows = |state: &State| state.text().contains(text);
        let state = self.wait_while(|state| !shows(state) && !state.closed);
        let screen = state.text();
        drop(state);
        assert!(screen.contains(text), "`{}` never shows {text:?}:\n{screen}", self.shown);
        self
    }

    /// Presses keys one by one, as fast as the program reads them: text, or control characters such
    /// as `\r` and `\u{1b}`.
    #[track_caller]
    pub fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.chars() {
            self.wait_for_reader();
            let before = self.display.lock().outputs;
            let sent = write!(self.keyboard, "{key}").and_then(|()| self.keyboard.flush());
            sent.expect("the program still reads its keyboard");
            drop(self.wait_while(|state| state.outputs == before && !state.closed));
        }
        self
    }

    /// Waits until the program reads single keys. The terminal itself would echo earlier ones on
    /// the screen.
    fn wait_for_reader(&self) {
        #[cfg(unix)]
        while Instant::now() < self.until {
            let echoes = self.master.get_termios().is_some_and(|termios| {
                termios.local_flags.contains(nix::sys::termios::LocalFlags::ECHO)
            });
            if !echoes {
                break;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits until the condition holds for the screen, and returns its text at that time, with
    /// everything replaced that differs between runs. A program draws in pieces: the condition has
    /// to test for the last piece.
    #[track_caller]
    pub fn wait_until(&mut self, condition: impl Fn(&str) -> bool) -> String {
        let state = self.wait_while(|state| !condition(state.text().trim_end()) && !state.closed);
        let screen = state.text();
        drop(state);
        let screen = screen.trim_end();
        assert!(condition(screen), "`{}` never shows what it should:\n{screen}", self.shown);
        self.redactions.apply(screen)
    }

    /// Presses Ctrl-C while the program does not read its keyboard: the terminal itself converts it
    /// to a signal, and shows `^C` at the cursor.
    #[track_caller]
    pub fn interrupt(&mut self) -> &mut Self {
        let sent = write!(self.keyboard, "\u{3}").and_then(|()| self.keyboard.flush());
        sent.expect("the terminal takes keys");
        self
    }

    /// Waits until the output is complete. True if any text on the screen has a color, or is bold
    /// or dim.
    #[track_caller]
    pub fn is_styled(&mut self) -> bool {
        let state = self.wait_while(|state| !state.closed);
        let screen = state.parser.screen();
        let (rows, columns) = screen.size();
        let mut cells = (0..rows.get())
            .flat_map(|row| (0..columns.get()).filter_map(move |column| screen.cell(row, column)));
        cells.any(|cell| {
            let is_plain = [cell.fgcolor(), cell.bgcolor()] == [vt100::Color::Default; 2];
            !is_plain || cell.bold() || cell.dim()
        })
    }

    /// Waits until the output is complete. True if it contains more than text.
    #[track_caller]
    pub fn is_controlled(&mut self) -> bool {
        self.wait_while(|state| !state.closed).is_controlled
    }

    /// Waits until the output is complete, and returns the lines that were too long for the
    /// terminal, which broke them at its edge.
    #[track_caller]
    pub fn overlong(&mut self) -> Vec<String> {
        let state = self.wait_while(|state| !state.closed);
        let screen = state.parser.screen();
        let (rows, columns) = screen.size();
        let lines = (0..rows.get()).zip(screen.rows(0, columns.get()));
        lines.filter(|(row, _)| screen.row_wrapped(*row)).map(|(_, line)| line).collect()
    }

    /// Waits for the end. A program that leaves the cursor hidden fails the test.
    #[track_caller]
    pub fn finish(mut self) -> Screen {
        let state = self.wait_while(|state| !state.closed);
        let (closed, text) = (state.closed, state.text());
        let hides_cursor = state.parser.screen().hide_cursor();
        drop(state);
        assert!(closed, "`{}` does not end:\n{text}", self.shown);
        assert!(!hides_cursor, "`{}` leaves the cursor hidden:\n{text}", self.shown);
        let status = self.child.wait().expect("the program has an exit code");
        Screen { code: status.exit_code(), text: self.redactions.apply(text.trim_end()) }
    }

    fn wait_while(&self, condition: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let left = self.until.saturating_duration_since(Instant::now());
        let waited = self
            .display
            .changed
            .wait_timeout_while(self.display.lock(), left, |state| condition(state));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Copies the program, arguments, environment and folder.
fn builder(command: &Command) -> CommandBuilder {
    let mut builder = CommandBuilder::new(command.get_program());
    builder.args(command.get_args());
    builder.env_clear();
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            builder.env(name, value);
        }
    }
    if let Some(folder) = command.get_current_dir() {
        builder.cwd(folder);
    }
    builder
}
