//! Logging of a plan's steps: a span for each step, and one for its wait.

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
    /// Created once the call is accepted, for the wait for its effect.
    wait: Option<Span>,
}

impl<'a, O> Logged<'a, O> {
    /// Logs the events of `observer`.
    pub(super) fn new(observer: &'a O) -> Self {
        Self { observer, spans: Mutex::default() }
    }

    fn spans(&self) -> MutexGuard<'_, HashMap<String, Spans>> {
        self.spans.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a closure within the span of a step.
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

#[cfg(test)]
mod tests {
    use super::Logged;
    use mizzle_core::{
        apply::{Event, Observer},
        diff::diff,
        model::{KeySchemaElement, TableDefinition},
        plan::{Context, plan},
    };
    use std::{
        io,
        sync::{Arc, Mutex},
        time::Duration,
    };
    use tracing_subscriber::fmt::format::FmtSpan;

    /// The log output.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Deaf;

    impl Observer for Deaf {
        fn event(&self, _: &Event<'_>) {}
    }

    #[test]
    fn a_step_and_its_wait_are_spans() {
        let orders = TableDefinition {
            table_name: "Orders".to_owned(),
            key_schema: vec![KeySchemaElement::hash("pk")],
            ..TableDefinition::default()
        };
        let plan = plan(&diff([] as [&TableDefinition; 0], [&orders]), &Context::default());
        let step = &plan.steps[0];
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .without_time()
            .with_ansi(false)
            .with_target(false)
            .with_span_events(FmtSpan::NEW)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            let logged = Logged::new(&Deaf);
            logged.event(&Event::Started(step));
            logged.event(&Event::Waiting { step, status: "CREATING" });
            logged.event(&Event::Waiting { step, status: "UPDATING" });
            let elapsed = Duration::from_secs(2);
            logged.event(&Event::Done { step, elapsed, adopted: false });
        });
        let lines = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        let step = "INFO step{id=\"Orders:create-table\" title=\"Create table\"}:";
        let lines: Vec<&str> = lines.lines().map(str::trim).collect();
        assert_eq!(
            lines,
            [
                format!("{step} new"),
                format!("{step}wait: new"),
                format!("{step}wait: status=\"CREATING\""),
                format!("{step}wait: status=\"UPDATING\""),
                format!("{step} done elapsed=2s adopted=false"),
            ]
        );
    }
}
