//! The progress of a plan without a terminal: a line for each event.

use super::duration;
use mizzle_core::{
    apply::{Event, ServiceError},
    plan::{Step, StepId},
};
use std::collections::BTreeSet;

/// Converts events to lines.
#[derive(Debug)]
pub(super) struct Lines {
    verbose: bool,
    /// The steps whose wait was reported.
    waiting: BTreeSet<StepId>,
}

impl Lines {
    /// `verbose` reports the status of a step at every poll, not only at the first.
    pub(super) fn new(verbose: bool) -> Self {
        Self { verbose, waiting: BTreeSet::new() }
    }

    /// Returns the line of an event; `None` if it contains nothing new.
    pub(super) fn line(&mut self, event: &Event<'_>) -> Option<String> {
        let news = match event {
            Event::Started(_) => String::new(),
            Event::Retrying { error, pause, .. } => {
                format!(": {}; trying again in {}", reason(error), duration(*pause))
            }
            Event::Waiting { step, status } if self.is_first_wait(step) || self.verbose => {
                format!(": {status}")
            }
            Event::Waiting { .. } => return None,
            Event::Done { adopted: true, .. } => ": was done already".to_owned(),
            Event::Done { elapsed, adopted: false, .. } => {
                format!(": done in {}", duration(*elapsed))
            }
            Event::Unsupported { .. } => ": this server has no such operation, left out".to_owned(),
            Event::Failed { error, .. } => format!(": {error}"),
        };
        let step = event.step();
        Some(format!("{}: {}{news}", step.table(), step.title))
    }

    fn is_first_wait(&mut self, step: &Step) -> bool {
        self.waiting.insert(step.id.clone())
    }
}

/// Returns the reason of a failed request: `Rate exceeded (ThrottlingException)`.
fn reason(error: &ServiceError) -> String {
    let ServiceError { code, message, .. } = error;
    match code {
        Some(code) if message.is_empty() => code.clone(),
        Some(code) => format!("{} ({code})", message.trim_end_matches('.')),
        None => message.clone(),
    }
}
