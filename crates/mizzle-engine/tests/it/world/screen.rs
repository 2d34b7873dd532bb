//! A user who answers all questions the same way, and records all events.

use super::Failure;
use mizzle_core::{
    apply::{Event as Applying, Observer},
    diff::Change,
    ledger::Owner,
    plan::Plan,
};
use mizzle_engine::ports::{Event, IgnoredSettings, Progress, Question, Screen, Wait, Waiting};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Mutex, time::Duration};

/// A test user.
#[derive(Default)]
pub(crate) struct TestScreen {
    /// The answer to every question.
    pub(crate) approves: bool,
    /// The events and questions, as text.
    pub(crate) noted: Mutex<Vec<String>>,
}

impl TestScreen {
    /// True if the text of a recorded event or question contains this part.
    pub(crate) fn has(&self, part: &str) -> bool {
        self.noted.lock().unwrap().iter().any(|noted| noted.contains(part))
    }

    fn note(&self, text: String) {
        self.noted.lock().unwrap().push(text);
    }
}

impl Screen for TestScreen {
    type Error = Failure;
    type Progress = Nothing;
    type Wait = Nothing;

    fn event(&self, event: Event<'_>) {
        self.note(format!("{event:?}"));
    }

    fn progress(&self, _: &Plan) -> Nothing {
        Nothing
    }

    fn wait(&self, _: Waiting<'_>) -> Nothing {
        Nothing
    }

    fn approve(&self, question: Question<'_>) -> Result<bool, Failure> {
        self.note(format!("{question:?}"));
        Ok(self.approves)
    }

    fn on_interrupt(&self, _: Box<dyn FnOnce() + Send>) {}
}

/// A display that shows nothing.
pub(crate) struct Nothing;

impl Observer for Nothing {
    fn event(&self, _: &Applying<'_>) {}
}

impl Progress for Nothing {
    fn announce_stop(&self) -> Box<dyn FnOnce() + Send> {
        Box::new(|| ())
    }

    fn finish(self) -> Duration {
        Duration::ZERO
    }
}

impl Wait for Nothing {
    fn advance(&self) {}

    fn lock_held(&self, _: &Owner) {}

    fn table_busy(&self, _: &str, _: &str, _: bool) {}
}

/// The settings that the server is known to ignore: by table, subjects and changes.
#[derive(Debug, Default)]
pub(crate) struct Ignored(pub(crate) Mutex<BTreeMap<String, Vec<(String, Value)>>>);

impl Ignored {
    /// Returns the subjects of a table's entries.
    pub(crate) fn subjects(&self, table: &str) -> Vec<String> {
        let tables = self.0.lock().unwrap();
        let entries = tables.get(table).into_iter().flatten();
        entries.map(|(subject, _)| subject.clone()).collect()
    }
}

impl IgnoredSettings for Ignored {
    type Error = Failure;

    fn contains(&self, table: &str, change: &Change) -> bool {
        let wanted = serde_json::to_value(change).unwrap();
        let tables = self.0.lock().unwrap();
        tables.get(table).is_some_and(|entries| entries.iter().any(|(_, one)| *one == wanted))
    }

    fn replace(
        &self,
        changed: Vec<(String, Vec<Change>)>,
        is_replaced: &dyn Fn(&str, &str) -> bool,
    ) -> Result<(), Failure> {
        let mut tables = self.0.lock().unwrap();
        for (table, changes) in changed {
            let entries = tables.entry(table.clone()).or_default();
            entries.retain(|(subject, _)| !is_replaced(&table, subject));
            for change in changes {
                let entry = (change.subject(), serde_json::to_value(&change).unwrap());
                if !entries.contains(&entry) {
                    entries.push(entry);
                }
            }
        }
        Ok(())
    }
}
