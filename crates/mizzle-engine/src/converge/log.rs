//! The steps of a plan in the log: a span for each step, and one for its wait.

use mizzle_core::{
    apply::{Event, Observer},
    plan::Step,
};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tracing::{Span, error, info, info_span, warn};

/// An observer that also logs.
pub(super) struct Logged<'a, O> {
    observer: &'a O,
    spans: Mutex<HashMap<String, Spans>>,
}

/// The spans of a step that was sent.
struct Spans {
    step: Span,
    /// Entered once the call is accepted and its effect is waited for.
    wait: Option<Span>,
}

impl<'a, O> Logged<'a, O> {
    /// Logs what `observer` hears.
    pub(super) fn new(observer: &'a O) -> Self {
        Self { observer, spans: Mutex::default() }
    }

    fn spans(&self) -> MutexGuard<'_, HashMap<String, Spans>> {
        self.spans.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something within the span of a step.
    fn within(&self, step: &Step, log: impl FnOnce(&mut Spans)) {
        if let Some(spans) = self.spans().get_mut(&step.id.to_string()) {
            let step = spans.step.clone();
            step.in_scope(|| log(spans));
        }
    }
}

impl<O: Observer> Observer for Logged<'_, O> {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Started(step) => {
                let (id, title) = (step.id.to_string(), step.title.as_str());
                let span = info_span!("step", id, title);
                self.spans().insert(id, Spans { step: span, wait: None });
            }
            Event::Retrying { step, error, pause } => {
                self.within(step, |_| warn!(%error, ?pause, "sent again after a pause"));
            }
            Event::Waiting { step, status } => self.within(step, |spans| {
                let wait = spans.wait.get_or_insert_with(|| info_span!("wait"));
                wait.in_scope(|| info!(status));
            }),
            Event::Done { step, elapsed, adopted } => {
                self.within(step, |_| info!(?elapsed, adopted, "done"));
                self.spans().remove(&step.id.to_string());
            }
            Event::Unsupported { step, error } => {
                self.within(step, |_| warn!(%error, "the server has no such operation"));
            }
            Event::Failed { step, error } => self.within(step, |_| error!(%error, "failed")),
        }
        self.observer.event(event);
    }
}
