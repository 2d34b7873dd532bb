//! Pushes through a proxy that makes calls fail, each of them in every way.
//!
//! The tables of a [transition] do not depend on each other, so one push has a fault on each of
//! them: on the first write of every table, on the second, and so on. A push without faults lists
//! the writes, so that none can be forgotten.

#[cfg(unix)]
mod interrupted;
mod lasting;
mod passing;

use crate::transition::{self, Connection, SDK_ATTEMPTS};
use mizzle_test::{Database, FaultProxy, MizzleCommand, On, Request, TempProject, TestServer};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The number of parallel pushes: they mostly wait.
const WORKERS: usize = 4;

/// A project between two states, and a proxy in front of its database.
struct Stage {
    database: Database,
    proxy: FaultProxy,
    project: TempProject,
}

impl Stage {
    /// Creates a new database in the state before; the next push sends a request at most `attempts`
    /// times.
    fn set(server: &TestServer, attempts: usize) -> Self {
        let database = server.isolated();
        let project = transition::before(&Connection::to(&database));
        let proxy = FaultProxy::start(&database.endpoint);
        let through = database.through(&proxy);
        transition::edit(&project, &Connection::with_attempts(&through, attempts));
        Self { database, proxy, project }
    }

    fn push(&self) -> MizzleCommand {
        transition::push(&self.project, &[])
    }

    fn differences(&self, reference: &Reference) -> Vec<String> {
        transition::differences(&transition::describe(&self.database), &reference.tables)
    }

    /// Asserts that the database has the desired state, and that another push sends no writes.
    #[track_caller]
    fn assert_reached(&self, reference: &Reference) {
        let differences = self.differences(reference);
        assert!(differences.is_empty(), "{}", differences.join("\n"));
        self.proxy.forget_requests();
        let report = self.push().run().assert_code(0).json();
        assert_eq!(report["outcome"], "in_sync", "{report:#}");
        assert_eq!(self.proxy.writes(), []);
    }

    /// Asserts that a push without faults continues where another one stopped.
    #[track_caller]
    fn assert_goes_on(&self, reference: &Reference) {
        self.proxy.heal();
        let report = self.push().run().assert_code(0).json();
        assert_eq!(report["outcome"], "applied", "{report:#}");
        self.assert_reached(reference);
    }
}

/// The results of a push without faults.
struct Reference {
    tables: Value,
    report: Value,
    requests: Vec<Request>,
}

impl Reference {
    fn of(server: &TestServer) -> Self {
        let stage = Stage::set(server, SDK_ATTEMPTS);
        let report = stage.push().run().assert_code(0).json();
        assert_eq!(report["outcome"], "applied", "{report:#}");
        let requests = stage.proxy.requests();
        let tables = transition::describe(&stage.database);
        let reference = Self { tables, report, requests };
        stage.assert_reached(&reference);
        reference
    }

    /// Returns the operations that write to each table, in order: a step is one call.
    fn writes(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut writes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for step in self.report["plan"]["steps"].as_array().unwrap() {
            let table = step["table"].as_str().unwrap();
            writes.entry(table).or_default().push(step["call"].as_str().unwrap());
        }
        writes
    }

    /// Returns the requests about a table, in order.
    fn requests_about(&self, table: &str) -> impl Iterator<Item = &Request> {
        self.requests.iter().filter(move |request| request.table.as_deref() == Some(table))
    }

    /// Returns the ids of all steps.
    fn steps(&self) -> Vec<String> {
        self.report["plan"]["steps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|step| text(&step["id"]))
            .collect()
    }

    /// Returns the ids of a table's steps, in order.
    fn steps_of(&self, table: &str) -> Vec<String> {
        let mut steps = self.steps();
        steps.retain(|step| step.starts_with(&format!("{table}:")));
        steps
    }
}

/// Matches the n-th of a table's requests, counted from 1.
fn nth(operations: &[&str], n: usize, table: &str) -> On {
    let operation = operations[n - 1];
    let before = operations[..n].iter().filter(|other| **other == operation).count();
    On::operation(operation).table(table).nth(before)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Returns the ids in a list, in any order: tables are changed in parallel.
fn ids(value: &Value) -> BTreeSet<String> {
    value.as_array().unwrap().iter().map(text).collect()
}

/// Asserts that the report lists exactly these steps as not started: their number, and some names.
#[track_caller]
fn assert_not_started(report: &Value, skipped: &BTreeSet<String>) {
    let hints = report["error"]["hints"].as_array().unwrap().iter().map(text);
    let mut lists = hints.filter_map(|hint| Some(hint.strip_prefix("not started: ")?.to_owned()));
    let list = lists.next().unwrap_or_default().replace(" and ", ", ");
    let mut count = 0;
    for word in list.split(", ").filter(|word| !word.is_empty()) {
        if let Some(more) = word.strip_suffix(" more") {
            count += more.parse::<usize>().unwrap();
        } else {
            assert!(skipped.contains(word), "{word} is said to be not started: {report:#}");
            count += 1;
        }
    }
    assert_eq!(count, skipped.len(), "{report:#}");
}
