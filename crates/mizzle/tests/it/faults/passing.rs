//! Transient faults: the push succeeds, with the same tables as without them.

use super::{Reference, Stage, WORKERS, ids, nth};
use crate::{cases::run_all, transition::SDK_ATTEMPTS};
use mizzle_test::{DynamoDbLocal, Fault, Injected, Ministack, On, Request, TestServer};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// The requests with a fault, for every table at once.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// The n-th write to each table.
    Write(usize),
    /// The n-th write to each table, and the following read.
    WriteAndLook(usize),
    /// The n-th read of each kind for each table.
    Look(usize),
}

/// One push with one fault on each table.
#[derive(Debug)]
struct Case {
    fault: Fault,
    place: Place,
    /// The maximum number of attempts of the SDK.
    attempts: usize,
    /// The number of consecutive faults.
    times: usize,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl Case {
    fn run(&self, server: &TestServer, reference: &Reference) {
        let stage = Stage::set(server, self.attempts);
        let faults = self.faults(reference).into_iter();
        let injected: Vec<Injected> =
            faults.map(|(on, fault)| stage.proxy.inject(on.times(self.times), fault)).collect();
        let report = stage.push().run().assert_code(0).json();
        let met = injected.iter().filter(|fault| fault.met() > 0).count();
        match self.place {
            Place::Write(_) | Place::WriteAndLook(_) => assert_eq!(met, injected.len(), "{self}"),
            // Not every table is read that many times.
            Place::Look(_) => assert_ne!(met, 0, "{self}"),
        }
        assert_eq!(report["outcome"], "applied", "{self}: {report:#}");
        assert_eq!(ids(&report["applied"]), ids(&reference.report["applied"]), "{self}");
        assert_eq!(remaining(&report), remaining(&reference.report), "{self}");
        stage.assert_reached(reference);
    }

    fn faults(&self, reference: &Reference) -> Vec<(On, Fault)> {
        let mut faults = Vec::new();
        if let Place::Look(n) = self.place {
            faults.push((On::operation("ListTables").nth(n), self.fault.clone()));
        }
        for (table, writes) in reference.writes() {
            match self.place {
                Place::Write(n) | Place::WriteAndLook(n) if n > writes.len() => {}
                Place::Write(n) => faults.push((nth(&writes, n, table), self.fault.clone())),
                Place::WriteAndLook(n) => {
                    faults.push((nth(&writes, n, table), self.fault.clone()));
                    let looks = looks_before_write(n, reference.requests_about(table));
                    let next = On::operation("DescribeTable").table(table).nth(looks + 1);
                    faults.push((next, Fault::CutBefore));
                }
                Place::Look(n) => {
                    let looks = reference.requests_about(table).filter(|one| !one.is_write());
                    let kinds: BTreeSet<&str> =
                        looks.map(|request| request.operation.as_str()).collect();
                    let nth = |kind| On::operation(kind).table(table).nth(n);
                    faults.extend(kinds.into_iter().map(|kind| (nth(kind), self.fault.clone())));
                }
            }
        }
        faults
    }
}

/// Counts the descriptions of a table before its n-th write.
fn looks_before_write<'a>(n: usize, requests: impl Iterator<Item = &'a Request>) -> usize {
    let mut writes = 0;
    let before = requests.take_while(|request| {
        writes += usize::from(request.is_write());
        writes < n
    });
    before.filter(|request| request.operation == "DescribeTable").count()
}

/// Returns the settings that were not kept, without the server's address, which differs between
/// runs.
fn remaining(report: &Value) -> BTreeSet<String> {
    let remaining = report["remaining"].as_array().unwrap().iter();
    remaining.map(|one| format!("{}: {}", one["table"], one["setting"])).collect()
}

/// True if the server executes the call, and the answer is lost.
fn loses_answer(fault: &Fault) -> bool {
    matches!(fault, Fault::FailAfter | Fault::CutAfter | Fault::Truncate(_))
}

/// Creates cases with faults on each write, in turn: as many as the SDK's attempts, so that all of
/// them fail; and for lost answers also a single one, so that the SDK retries a call that was
/// already executed.
fn on_writes(faults: &[Fault], reference: &Reference, attempts: usize) -> Vec<Case> {
    let most = reference.writes().values().map(Vec::len).max().unwrap_or_default();
    let mut cases = Vec::new();
    // The handling of each fault is up to the SDK and the executor, whose own tests have every
    // pair; so each write has two of the faults in turn, and each fault half a dozen writes.
    for n in 1..=most {
        let place = Place::Write(n);
        for fault in faults.iter().cycle().skip(2 * n).take(FAULTS_A_WRITE) {
            let is_delay = matches!(fault, Fault::Hold { .. } | Fault::Stale { .. });
            let times = if is_delay { 1 } else { attempts };
            cases.push(Case { fault: fault.clone(), place, attempts, times });
            if loses_answer(fault) {
                let (attempts, times) = (SDK_ATTEMPTS, 1);
                cases.push(Case { fault: fault.clone(), place, attempts, times });
            }
        }
    }
    cases
}

/// The number of faults for each write.
const FAULTS_A_WRITE: usize = 2;

#[test]
fn every_write_survives_faults_on_ministack() {
    let server = Ministack::from_env();
    let reference = Reference::of(&server);
    let mut sent: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for request in reference.requests.iter().filter(|request| request.is_write()) {
        sent.entry(request.table.as_deref().unwrap()).or_default().push(&request.operation);
    }
    assert_eq!(sent, reference.writes(), "a step is one write");
    let operations: BTreeSet<&str> = sent.into_values().flatten().collect();
    assert_eq!(operations.len(), 9, "all calls that a plan can have, not only {operations:?}");
    insta::assert_json_snapshot!("steps", reference.steps());
    insta::assert_json_snapshot!("tables", reference.tables);

    let faults = [
        Fault::throttle(),
        Fault::limit_exceeded(),
        Fault::in_use(),
        Fault::internal_error(),
        Fault::FailAfter,
        Fault::CutBefore,
        Fault::CutAfter,
        Fault::Truncate(10),
        Fault::Hold { looks: 3 },
        Fault::Stale { looks: 2 },
    ];
    let mut cases = on_writes(&faults, &reference, 1);
    let most = reference.writes().values().map(Vec::len).max().unwrap_or_default();
    cases.extend((1..=most).map(|n| {
        let place = Place::WriteAndLook(n);
        Case { fault: Fault::CutAfter, place, attempts: 1, times: 1 }
    }));
    run_all(WORKERS, &cases, |case| case.run(&server, &reference));
}

/// DynamoDB Local sometimes fails under load, so the SDK may retry.
#[test]
fn every_write_survives_the_worst_faults_on_dynamodb_local() {
    let server = DynamoDbLocal::from_env();
    let reference = Reference::of(&server);
    let faults = [
        Fault::in_use(),
        Fault::FailAfter,
        Fault::CutAfter,
        Fault::Hold { looks: 3 },
        Fault::Stale { looks: 2 },
    ];
    let cases = on_writes(&faults, &reference, SDK_ATTEMPTS);
    run_all(WORKERS, &cases, |case| case.run(&server, &reference));
}

#[test]
fn every_look_survives_what_the_sdk_repeats() {
    let server = Ministack::from_env();
    let reference = Reference::of(&server);
    let looks = reference.requests.iter().filter(|request| !request.is_write());
    let kinds: BTreeSet<&str> = looks.map(|request| request.operation.as_str()).collect();
    insta::assert_json_snapshot!(kinds, @r#"
    [
      "DescribeContinuousBackups",
      "DescribeContributorInsights",
      "DescribeKinesisStreamingDestination",
      "DescribeTable",
      "DescribeTimeToLive",
      "GetResourcePolicy",
      "ListTables",
      "ListTagsOfResource",
      "Scan"
    ]
    "#);

    let faults = [
        Fault::throttle(),
        Fault::internal_error(),
        Fault::CutBefore,
        Fault::CutAfter,
        Fault::Truncate(10),
    ];
    let mut cases = Vec::new();
    // Each fault once, and each read at least once.
    for (fault, look) in faults.iter().zip([1, 2, 4, 7, 1]) {
        let (attempts, times) = (SDK_ATTEMPTS, SDK_ATTEMPTS - 1);
        cases.push(Case { fault: fault.clone(), place: Place::Look(look), attempts, times });
    }
    run_all(WORKERS, &cases, |case| case.run(&server, &reference));
}
