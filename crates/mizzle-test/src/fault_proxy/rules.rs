//! The rules that assign faults to requests.

use super::{Fault, Request};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// The requests that a fault applies to: by default only the first matching one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct On {
    operation: Option<String>,
    table: Option<String>,
    /// The number of matching requests that pass before the fault.
    spared: usize,
    /// The number of matching requests that then have the fault.
    times: usize,
}

impl On {
    /// Matches every operation.
    pub fn any() -> Self {
        Self { operation: None, table: None, spared: 0, times: 1 }
    }

    /// Matches one operation: `UpdateTable`.
    pub fn operation(operation: &str) -> Self {
        Self { operation: Some(operation.to_owned()), ..Self::any() }
    }

    /// Matches only requests about this table.
    pub fn table(self, table: &str) -> Self {
        Self { table: Some(table.to_owned()), ..self }
    }

    /// Starts with the n-th matching request from now on, counted from 1.
    #[track_caller]
    pub fn nth(self, n: usize) -> Self {
        assert!(n > 0, "requests are counted from 1");
        Self { spared: n - 1, ..self }
    }

    /// Applies the fault to this many matching requests in a row.
    pub fn times(self, times: usize) -> Self {
        Self { times, ..self }
    }

    /// Applies the fault to all matching requests (from the n-th on, with [`On::nth`]).
    pub fn every(self) -> Self {
        self.times(usize::MAX)
    }

    fn matches(&self, request: &Request) -> bool {
        self.operation.as_ref().is_none_or(|operation| *operation == request.operation)
            && self.table.as_ref().is_none_or(|table| Some(table) == request.table.as_ref())
    }
}

/// A fault that was injected.
#[derive(Debug, Clone)]
pub struct Injected {
    met: Arc<AtomicUsize>,
}

impl Injected {
    /// Returns the number of requests that have had the fault so far. A test that does not check it
    /// may never have triggered the fault.
    pub fn met(&self) -> usize {
        self.met.load(Ordering::SeqCst)
    }
}

/// The injected faults, in order.
#[derive(Debug, Default)]
pub(super) struct Rules {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    on: On,
    fault: Fault,
    met: Arc<AtomicUsize>,
}

impl Rules {
    pub(super) fn add(&mut self, on: On, fault: Fault) -> Injected {
        let met = Arc::new(AtomicUsize::new(0));
        self.rules.push(Rule { on, fault, met: Arc::clone(&met) });
        Injected { met }
    }

    pub(super) fn clear(&mut self) {
        self.rules.clear();
    }

    /// Picks the fault for a request. If several match, it is the one that was injected first; the
    /// later ones do not count the request.
    pub(super) fn pick(&mut self, request: &Request) -> Option<Fault> {
        for rule in &mut self.rules {
            if !rule.on.matches(request) {
                continue;
            }
            if rule.on.spared > 0 {
                rule.on.spared -= 1;
            } else if rule.on.times > 0 {
                rule.on.times -= 1;
                rule.met.fetch_add(1, Ordering::SeqCst);
                return Some(rule.fault.clone());
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{On, Rules};
    use crate::fault_proxy::{Fault, Request};

    fn requests(shown: &[&str]) -> Vec<Request> {
        let request = |shown: &&str| {
            let (operation, table) = shown.split_once(' ').expect("operation and table");
            Request { operation: operation.to_owned(), table: Some(table.to_owned()) }
        };
        shown.iter().map(request).collect()
    }

    #[test]
    fn picks_by_operation_table_and_count() {
        let seen = requests(&["Update Shop", "Read Shop", "Update Users", "Update Shop", "Read X"]);
        for (on, met) in [
            (On::any(), [true, false, false, false, false]),
            (On::any().nth(3), [false, false, true, false, false]),
            (On::any().every(), [true; 5]),
            (On::operation("Read").every(), [false, true, false, false, true]),
            (On::operation("Update").times(2), [true, false, true, false, false]),
            (On::operation("Update").nth(2).times(2), [false, false, true, true, false]),
            (On::operation("Update").table("Shop").nth(2), [false, false, false, true, false]),
            (On::any().table("Shop").nth(2).every(), [false, true, false, true, false]),
            (On::operation("Delete").every(), [false; 5]),
        ] {
            let mut rules = Rules::default();
            let injected = rules.add(on.clone(), Fault::CutBefore);
            let picked: Vec<bool> = seen.iter().map(|one| rules.pick(one).is_some()).collect();
            assert_eq!(picked, met, "{on:?}");
            assert_eq!(injected.met(), met.iter().filter(|met| **met).count(), "{on:?}");
        }
    }

    #[test]
    fn faults_on_the_same_operation_come_one_after_the_other() {
        let mut rules = Rules::default();
        rules.add(On::operation("Update"), Fault::throttle());
        rules.add(On::operation("Update"), Fault::CutAfter);
        let picked: Vec<_> = requests(&["Update Shop"; 3]).iter().map(|r| rules.pick(r)).collect();
        assert_eq!(picked, [Some(Fault::throttle()), Some(Fault::CutAfter), None]);
    }
}
