//! The log of requests, their times and durations, for bug reports. Off by default.
//!
//! The log contains only mizzle's own events, which never contain a secret: the SDK's events may
//! contain headers with signatures and tokens. As all output, the log is redacted in addition.

use crate::{
    env::Env,
    errors::{CommandError, ErrorKind},
    global::Global,
    ui,
};
use mizzle_core::redaction;
use std::{
    fs::File,
    io::{self, Write},
    sync::Arc,
};
use tracing::{Level, level_filters::LevelFilter};
use tracing_subscriber::{
    filter::Targets,
    fmt::{self, format::FmtSpan, time::SystemTime},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// The variable that sets the log level.
const VARIABLE: &str = "MIZZLE_LOG";

/// The prefix of our crates' event targets.
const OURS: &str = "mizzle";

/// Starts the log that `MIZZLE_LOG` or `--log-file` requests.
///
/// # Errors
///
/// When the variable is not a level, or the file cannot be written.
pub(crate) fn start(global: &Global, env: &Env) -> Result<(), CommandError> {
    let level = match env.variable(VARIABLE) {
        Some(level) => level.parse::<LevelFilter>().map_err(|_| {
            let message = format!("{VARIABLE} must be a level, but is {level:?}");
            CommandError::new(ErrorKind::Usage, "invalid-environment", message).hint(format!(
                "set it to error, warn, info, debug or trace, as in {VARIABLE}=debug"
            ))
        })?,
        None if global.log_file.is_some() => LevelFilter::from_level(Level::DEBUG),
        None => return Ok(()),
    };
    let output = match &global.log_file {
        None => Output::Stderr,
        Some(path) => {
            let path = env.directory.join(path);
            let file =
                File::create(&path).map_err(|error| CommandError::io("write", &path, &error))?;
            Output::File(Arc::new(file))
        }
    };
    let layer = fmt::layer()
        .with_ansi(false)
        .with_timer(SystemTime)
        .with_span_events(FmtSpan::NEW | FmtSpan::CLOSE)
        .with_writer(move || output.clone());
    // A second logger in this process, as in tests, is ignored.
    let _ = tracing_subscriber::registry()
        .with(Targets::new().with_target(OURS, level))
        .with(layer)
        .try_init();
    Ok(())
}

/// The destination of the log.
#[derive(Clone)]
enum Output {
    Stderr,
    File(Arc<File>),
}

impl Write for Output {
    /// Writes a whole event, without secrets and without characters that control a terminal.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let text = redaction::redact(&text);
        let text = ui::without_control(&text);
        match self {
            Self::Stderr => io::stderr().write_all(text.as_bytes())?,
            Self::File(file) => file.as_ref().write_all(text.as_bytes())?,
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
