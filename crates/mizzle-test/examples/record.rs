//! Records a session in a real shell as an asciicast: `cargo xtask record` creates the README's
//! picture from it.
//!
//! Arguments: the folder of the `mizzle` to show, the project's folder, and the file to write.

#![allow(clippy::unwrap_used, reason = "a recording that cannot go on should panic")]

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use serde_json::json;
use std::{
    fmt::Write as _,
    fs,
    io::{Read, Write},
    num::NonZeroU16,
    path::PathBuf,
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant},
};

const COLUMNS: u16 = 84;
const ROWS: u16 = 34;

/// The time limit of every wait.
const DEADLINE: Duration = Duration::from_secs(30);

fn main() {
    let [_, binary, project, cast] =
        <[PathBuf; 4]>::try_from(std::env::args_os().map(PathBuf::from).collect::<Vec<_>>())
            .expect(
                "three arguments: the binary's folder, the project's folder, the file to write",
            );
    let mut session = Session::start(&binary, &project);
    session.wait_for("$").pause(500);
    session.line("mizzle init");
    for question in ["Where is the schema?", "Where do migrations go?", "Where is DynamoDB?"] {
        session.wait_for(question).pause(1200).key("\r");
    }
    session.wait_for("Write a first one").pause(1500).key("\r");
    session.wait_for(".gitignore?").pause(1200).key("\r");
    session.wait_for("Next:").pause(2000);
    session.line("mizzle push");
    session.wait_for("Apply 1 step").pause(2500).key("y");
    session.wait_for("Applied 1 step").pause(1500);
    session.line("mizzle list").wait_for("1 table at").pause(3000);
    fs::write(cast, session.asciicast()).expect("the recording can be written");
}

/// A shell in a terminal.
struct Session {
    keyboard: Box<dyn Write + Send>,
    screen: Arc<(Mutex<Screen>, Condvar)>,
}

struct Screen {
    parser: vt100::Parser,
    began: Instant,
    /// The output, with the times when it was written.
    events: Vec<(Duration, Vec<u8>)>,
}

impl Session {
    fn start(binary: &std::path::Path, project: &std::path::Path) -> Self {
        let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut shell = CommandBuilder::new("sh");
        shell.arg("-i");
        shell.env_clear();
        shell.env("PATH", format!("{}:/usr/bin:/bin", binary.display()));
        shell.env("HOME", project);
        shell.env("PS1", "$ ");
        shell.env("TERM", "xterm-256color");
        shell.env("LANG", "C.UTF-8");
        // Programs that happen to run on this machine must not be in the picture.
        shell.env("MIZZLE_LOCAL_PORTS", "");
        shell.cwd(project);
        pair.slave.spawn_command(shell).unwrap();
        let mut output = pair.master.try_clone_reader().unwrap();
        let keyboard = pair.master.take_writer().unwrap();
        let parser = vt100::Parser::new(
            NonZeroU16::new(ROWS).unwrap(),
            NonZeroU16::new(COLUMNS).unwrap(),
            0,
        );
        let screen = Screen { parser, began: Instant::now(), events: Vec::new() };
        let screen = Arc::new((Mutex::new(screen), Condvar::new()));
        let shared = Arc::clone(&screen);
        thread::spawn(move || {
            // The terminal stays open as long as its output is read.
            let _master = pair.master;
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = output.read(&mut buffer) {
                let mut screen = shared.0.lock().unwrap();
                screen.parser.process(&buffer[..count]);
                let moment = screen.began.elapsed();
                screen.events.push((moment, buffer[..count].to_vec()));
                shared.1.notify_all();
            }
        });
        Self { keyboard, screen }
    }

    /// Types at a human pace.
    fn keys(&mut self, text: &str) -> &mut Self {
        for key in text.chars() {
            self.key(&key.to_string());
            thread::sleep(Duration::from_millis(45));
        }
        self
    }

    /// Types a command and runs it.
    fn line(&mut self, command: &str) -> &mut Self {
        self.keys(command).pause(300).key("\r")
    }

    fn key(&mut self, key: &str) -> &mut Self {
        write!(self.keyboard, "{key}").and_then(|()| self.keyboard.flush()).unwrap();
        self
    }

    /// Gives the viewer time to read.
    fn pause(&mut self, milliseconds: u64) -> &mut Self {
        thread::sleep(Duration::from_millis(milliseconds));
        self
    }

    /// Waits until the screen shows a text.
    fn wait_for(&mut self, text: &str) -> &mut Self {
        let (screen, changed) = &*self.screen;
        let shows = |screen: &mut Screen| screen.parser.screen().contents().contains(text);
        let waited = changed
            .wait_timeout_while(screen.lock().unwrap(), DEADLINE, |screen| !shows(screen))
            .unwrap();
        assert!(
            !waited.1.timed_out(),
            "never shows {text:?}: {}",
            waited.0.parser.screen().contents()
        );
        drop(waited);
        self
    }

    /// Returns the recording, in version 2 of asciinema's format.
    /// Source: <https://docs.asciinema.org/manual/asciicast/v2/>.
    fn asciicast(&self) -> String {
        let screen = self.screen.0.lock().unwrap();
        let mut cast = json!({ "version": 2, "width": COLUMNS, "height": ROWS }).to_string();
        let mut pending = Vec::new();
        for (moment, bytes) in &screen.events {
            pending.extend_from_slice(bytes);
            // A read may end in the middle of a character.
            let valid = match std::str::from_utf8(&pending) {
                Ok(text) => text.len(),
                Err(error) => error.valid_up_to(),
            };
            let text = String::from_utf8(pending.drain(..valid).collect()).unwrap();
            write!(cast, "\n{}", json!([moment.as_secs_f64(), "o", text])).unwrap();
        }
        cast + "\n"
    }
}
