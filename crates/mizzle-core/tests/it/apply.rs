//! The executor with a table that fails as real ones do, and a clock that does not wait.

use crate::{
    fake::{Fake, Fault, ManualClock},
    support::{TableExt, table},
};
use mizzle_core::{
    apply::{
        Clock, ControlPlane, Event, Observer, Options, Report, ServiceError, ServiceErrorKind,
        StepError, apply, settle_all,
    },
    diff::{Diff, diff},
    model::{AuxiliarySettings, Projection, TableDefinition, TableDescription, WarmThroughput},
    plan::{Call, Context, DeleteTable, Plan, Step, plan},
};
use std::{sync::Mutex, time::Duration};
use tokio_util::sync::CancellationToken;

#[derive(Default)]
struct Log(Mutex<Vec<String>>);

impl Observer for Log {
    fn event(&self, event: &Event<'_>) {
        let line = match event {
            Event::Started(step) => format!("started {}", step.id),
            Event::Retrying { step, error, .. } => {
                format!("retrying {}: {}", step.id, error.message)
            }
            Event::Waiting { step, status } => format!("waiting {}: {status}", step.id),
            Event::Done { step, adopted, .. } => format!("done {} adopted={adopted}", step.id),
            Event::Unsupported { step, error } => format!("unsupported {}: {error}", step.id),
            Event::Failed { step, error } => format!("failed {}: {error}", step.id),
        };
        self.0.lock().unwrap().push(line);
    }
}

fn shop() -> TableDefinition {
    table("Shop")
}

fn indexed() -> TableDefinition {
    shop().gsi("byA", &["a"], &[], Projection::all()).gsi("byB", &["b"], &[], Projection::all())
}

fn run(fake: &Fake, plan: &Plan) -> (Report, String) {
    let (log, options) = (Log::default(), Options::default());
    let report = pollster::block_on(apply(
        plan,
        fake,
        &ManualClock::default(),
        &log,
        &CancellationToken::new(),
        options,
    ));
    (report, log.0.into_inner().unwrap().join("\n"))
}

fn plan_of(before: &[TableDefinition], after: &[TableDefinition]) -> Plan {
    plan(&diff(before, after), &Context::default())
}

#[test]
fn steps_run_in_order_and_each_is_waited_for() {
    let mut fake = Fake::holding(&[shop()]);
    fake.busy_looks = 2;
    let (report, log) = run(&fake, &plan_of(&[shop()], &[indexed()]));
    insta::assert_snapshot!(log, @r"
    started Shop:create-index:byA
    waiting Shop:create-index:byA: UPDATING; byA CREATING
    waiting Shop:create-index:byA: UPDATING; byA CREATING
    done Shop:create-index:byA adopted=false
    started Shop:create-index:byB
    waiting Shop:create-index:byB: UPDATING; byB CREATING
    waiting Shop:create-index:byB: UPDATING; byB CREATING
    done Shop:create-index:byB adopted=false
    ");
    assert_eq!(report.applied.len(), 2);
    assert_eq!(fake.drift(&[indexed()]), Diff::default());
}

#[test]
fn passing_refusals_are_tried_again() {
    for kind in [
        ServiceErrorKind::Throttled,
        ServiceErrorKind::LimitExceeded,
        ServiceErrorKind::InUse,
        ServiceErrorKind::Interrupted,
        ServiceErrorKind::Server,
    ] {
        let fake = Fake::holding(&[shop()]).failing(&[Fault::Refused(kind); 3]);
        let (report, _) = run(&fake, &plan_of(&[shop()], &[indexed()]));
        assert_eq!(report.failures, [], "{kind:?}");
        assert_eq!(fake.drift(&[indexed()]), Diff::default());
    }
}

/// DynamoDB's messages about limits, measured on AWS: temporary limits are retried.
#[test]
fn limits_that_do_not_pass_fail_at_once() {
    const PASSING: [&str; 3] = [
        "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
        "Subscriber limit exceeded: Table tags are being updated: Shop",
        "Too many operations for a given subscriber",
    ];
    const LASTING: [&str; 9] = [
        "Subscriber limit exceeded: There is a limit of 2500 tables per subscriber",
        "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day. After the first 4 decreases, each subsequent decrease in the same UTC day can be performed at most once every 3600 seconds. Number of decreases today: 4.",
        "Subscriber limit exceeded: Encryption mode changes are limited in the 24h window ending at 2026-10-09T18:00:00Z. After the first 4 change, each subsequent change in the same window can be performed at most once every 21600 seconds.",
        "Subscriber limit exceeded: Updates to TableClass are limited to 2 times in 30 day(s).",
        "Subscriber limit exceeded: Number of global secondary indexes exceeds per-table limit of 20",
        "The requested ReadCapacityUnits, 70000, is above the per table maximum for the account in us-east-1. Per table maximum: 40000.",
        "This request would have caused the ReadCapacityUnits limit to be exceeded for the account in us-east-1.",
        "Subscriber limit exceeded: Requested MaxReadRequestUnits for OnDemandThroughput for table exceeds TableMaxReadCapacityUnits of the account in region us-east-1",
        "Subscriber limit exceeded: something that nobody has seen yet",
    ];
    let limit = |message| Fault::RefusedAs(ServiceErrorKind::LimitExceeded, message);
    for message in PASSING {
        let fake = Fake::holding(&[shop()]).failing(&[limit(message); 3]);
        let (report, _) = run(&fake, &plan_of(&[shop()], &[indexed()]));
        assert_eq!((report.failures.len(), report.applied.len()), (0, 2), "{message}");
    }
    for message in LASTING {
        let fake = Fake::holding(&[shop()]).failing(&[limit(message)]);
        let (report, _) = run(&fake, &plan_of(&[shop()], &[indexed()]));
        assert_eq!(report.failures.len(), 1, "{message}");
        assert_eq!(fake.calls.lock().unwrap().len(), 1, "{message}");
    }
}

#[test]
fn the_next_moment_of_a_limit_is_read_from_its_words() {
    for (message, moment) in [
        (
            "Number of decreases today: 6. Last decrease at Friday, July 22, 2022 at 3:36:33 PM Coordinated Universal Time. Next decrease can be made at Friday, July 22, 2022 at 4:36:33 PM Coordinated Universal Time",
            Some("Friday, July 22, 2022 at 4:36:33 PM Coordinated Universal Time"),
        ),
        (
            "Last change at 2026-10-09T12:00:00.123Z. Next changes can be made at 2026-10-09T18:00:00.123Z.",
            Some("2026-10-09T18:00:00.123Z"),
        ),
        ("Next changes can be made at .", None),
        ("Updates to TableClass are limited to 2 times in 30 day(s).", None),
    ] {
        let error = ServiceError {
            kind: ServiceErrorKind::LimitExceeded,
            operation: "UpdateTable",
            table: None,
            code: None,
            message: message.to_owned(),
            background: Box::default(),
        };
        assert_eq!(error.next_moment(), moment, "{message}");
    }
}

/// Some emulators report a table as in use forever for operations that they do not support.
#[test]
fn a_table_that_is_in_use_and_settled_is_not_waited_for_for_long() {
    let faults = [Fault::RefusedAs(ServiceErrorKind::InUse, "Cannot enable stream"); 1000];
    for (in_use, most) in [(15, 30), (600, 630)] {
        let fake = Fake::holding(&[shop()]).failing(&faults);
        let options = Options { in_use: Duration::from_secs(in_use), ..Options::default() };
        let (clock, log) = (ManualClock::default(), Log::default());
        let plan = plan_of(&[shop()], &[indexed()]);
        let report = pollster::block_on(apply(
            &plan,
            &fake,
            &clock,
            &log,
            &CancellationToken::new(),
            options,
        ));
        let StepError::Stuck { error, waited } = &report.failures[0].error else {
            panic!("{report:?}");
        };
        assert_eq!(error.message, "Cannot enable stream");
        assert!(waited.as_secs() >= in_use && clock.now() < Duration::from_secs(most));
    }

    // A table that is being changed is waited for.
    let mut fake = Fake::holding(&[shop()]).failing(&faults[..8]);
    fake.busy_looks = 9;
    let update = plan_of(&[shop()], &[indexed()]).steps.remove(0).call;
    pollster::block_on(async {
        let faults = std::mem::take(&mut *fake.faults.lock().unwrap());
        fake.call(&update).await.unwrap();
        *fake.faults.lock().unwrap() = faults;
    });
    let options = Options { in_use: Duration::from_secs(1), ..Options::default() };
    let after = indexed().gsi("byC", &["c"], &[], Projection::all());
    let before = shop().gsi("byA", &["a"], &[], Projection::all());
    let plan = plan_of(&[before], &[after]);
    let (clock, log) = (ManualClock::default(), Log::default());
    let report =
        pollster::block_on(apply(&plan, &fake, &clock, &log, &CancellationToken::new(), options));
    assert_eq!(report.failures, [], "{:?}", log.0);
}

/// Warm throughput takes minutes on AWS, and the table stays ACTIVE.
#[test]
fn warm_throughput_is_waited_for() {
    let warm =
        |units| WarmThroughput { read_units_per_second: units, write_units_per_second: units };
    let mut after = indexed();
    after.warm_throughput = Some(warm(15_000));
    after.global_secondary_indexes[0].warm_throughput = Some(warm(14_000));
    let mut fake = Fake::holding(&[indexed()]);
    fake.warming_looks = 60;
    let present = Fake::holding(&[indexed()]).definitions();
    let (report, log) = run(&fake, &plan_of(&present, std::slice::from_ref(&after)));
    assert_eq!(report.failures, []);
    let line = "waiting Shop:set-warm-throughput: ACTIVE; warm throughput UPDATING; byA warm throughput UPDATING";
    // Far beyond the grace period of descriptions.
    assert_eq!(log.matches(line).count(), 60, "{log}");
    assert_eq!(fake.drift(&[after]), Diff::default());

    // A call without warm throughput does not wait for it.
    let mut fake = Fake::holding(&[indexed()]);
    fake.warming_looks = usize::MAX;
    let mut protected = indexed();
    protected.deletion_protection_enabled = Some(true);
    let (report, log) = run(&fake, &plan_of(&present, &[protected]));
    assert_eq!((report.failures.len(), log.matches("waiting").count()), (0, 0), "{log}");
}

#[test]
fn an_effect_whose_answer_got_lost_is_not_asked_for_twice() {
    for (before, after) in [
        (vec![], vec![indexed()]),
        (vec![shop()], vec![indexed()]),
        (vec![indexed()], vec![shop()]),
        (vec![indexed()], vec![]),
    ] {
        let fake = Fake::holding(&before).failing(&[Fault::AnswerLost]);
        let plan = plan_of(&before, &after);
        let (report, log) = run(&fake, &plan);
        assert_eq!(report.applied.len(), plan.steps.len(), "{log}");
        assert!(!log.contains("adopted=true"), "it was this run's own call: {log}");
        assert_eq!(fake.calls.lock().unwrap().len(), plan.steps.len(), "no call was repeated");
        assert_eq!(fake.drift(&after), Diff::default());
    }
}

#[test]
fn an_effect_is_waited_for_until_it_shows() {
    let mut fake = Fake::holding(&[shop()]);
    fake.stale_looks = 5;
    let plan = plan_of(&[shop()], &[indexed()]);
    let (report, log) = run(&fake, &plan);
    assert_eq!(report.failures, []);
    assert_eq!(log.matches("waiting").count(), 10, "{log}");
    assert_eq!(fake.calls.lock().unwrap().len(), 2);
}

#[test]
fn a_change_that_never_shows_is_not_waited_for_for_ever() {
    let mut fake = Fake::holding(&[shop()]);
    fake.stale_looks = usize::MAX;
    let (report, _) = run(&fake, &plan_of(&[shop()], &[indexed()]));
    assert_eq!(report.applied.len(), 2, "what the server did not keep is found out afterwards");
}

#[test]
fn a_table_that_somebody_deletes_meanwhile_is_not_waited_for() {
    let fake = Fake { stale_looks: usize::MAX, ..Fake::default() };
    let (report, _) = run(&fake, &plan_of(&[], &[shop()]));
    let error = report.failures[0].error.to_string();
    assert_eq!(
        error,
        "Shop is not there: it was deleted meanwhile, or is in another region or account"
    );
}

#[test]
fn a_server_that_goes_on_failing_is_given_up_in_minutes() {
    for (kind, message) in [
        (ServiceErrorKind::Server, "Server"),
        (ServiceErrorKind::Throttled, "Throttled"),
        (ServiceErrorKind::LimitExceeded, "LimitExceeded"),
    ] {
        let fake = Fake::holding(&[shop()]).failing(&[Fault::Refused(kind); 1000]);
        let (plan, clock) = (plan_of(&[shop()], &[indexed()]), ManualClock::default());
        let report = pollster::block_on(apply(
            &plan,
            &fake,
            &clock,
            &Log::default(),
            &CancellationToken::new(),
            Options::default(),
        ));
        assert!(report.failures[0].error.to_string().contains(message));
        assert!(clock.now() < Duration::from_secs(11 * 60), "{kind:?} {:?}", clock.now());
    }
}

#[test]
fn an_outage_does_not_end_a_wait_but_nobody_there_ends_a_run() {
    let outage = [None, Some(ServiceErrorKind::Unreachable), Some(ServiceErrorKind::Server)];
    let mut fake = Fake::holding(&[shop()]);
    fake.busy_looks = 3;
    *fake.failing_looks.lock().unwrap() = outage.into_iter().collect();
    let (report, _) = run(&fake, &plan_of(&[shop()], &[indexed()]));
    assert_eq!(report.failures, []);

    let fake = Fake::holding(&[shop()]).failing(&[Fault::Refused(ServiceErrorKind::Unreachable)]);
    let (report, _) = run(&fake, &plan_of(&[shop()], &[indexed()]));
    assert_eq!(report.failures.len(), 1);
    assert_eq!(fake.calls.lock().unwrap().len(), 1);
}

#[test]
fn deletions_wait_for_everything_else_and_are_not_started_after_a_failure() {
    let plan = plan_of(&[shop(), table("Aaa")], &[indexed()]);
    let (_, log) = run(&Fake::holding(&[shop(), table("Aaa")]), &plan);
    assert!(log.ends_with("done Aaa:delete-table adopted=false"), "{log}");

    let fake = Fake::holding(&[shop(), table("Aaa")])
        .failing(&[Fault::Refused(ServiceErrorKind::AccessDenied)]);
    let (report, _) = run(&fake, &plan);
    assert!(report.not_started.iter().any(|id| id.to_string() == "Aaa:delete-table"));
    assert_eq!(fake.definitions()[0].table_name, "Aaa");
}

#[test]
fn what_somebody_else_has_made_already_is_adopted() {
    let fake = Fake::holding(&[indexed()]);
    let (report, log) = run(&fake, &plan_of(&[], &[indexed()]));
    assert_eq!(report.failures, []);
    assert_eq!(log, "started Shop:create-table\ndone Shop:create-table adopted=true");
}

#[test]
fn what_somebody_else_has_made_differently_is_a_conflict() {
    let fake = Fake::holding(&[shop()]);
    let (report, log) = run(&fake, &plan_of(&[], &[indexed(), table("Users")]));
    insta::assert_snapshot!(log, @r"
    started Shop:create-table
    failed Shop:create-table: Shop exists already and differs: add GSI byA (a S) ALL; add GSI byB (b S) ALL
    started Users:create-table
    done Users:create-table adopted=false
    ");
    assert_eq!(report.failures.len(), 1);
}

#[test]
fn a_failure_stops_its_own_table_only() {
    let fake = Fake::holding(&[shop()]).failing(&[Fault::Refused(ServiceErrorKind::AccessDenied)]);
    let (report, _) = run(&fake, &plan_of(&[shop()], &[indexed(), table("Users")]));
    let ids =
        |ids: &[mizzle_core::plan::StepId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(ids(&report.applied), ["Users:create-table"]);
    assert_eq!(ids(&report.not_started), ["Shop:create-index:byB"]);
    assert_eq!(report.failures[0].error.to_string(), "UpdateTable failed: AccessDenied");
}

#[test]
fn after_a_stop_no_step_is_started() {
    let (fake, stop) = (Fake::holding(&[shop()]), CancellationToken::new());
    stop.cancel();
    let plan = plan_of(&[shop()], &[indexed()]);
    let clock = ManualClock::default();
    let report =
        pollster::block_on(apply(&plan, &fake, &clock, &Log::default(), &stop, Options::default()));
    assert_eq!((report.applied.len(), report.not_started.len()), (0, 2));
    assert!(fake.calls.lock().unwrap().is_empty());
}

/// Cancels the run at the first wait.
struct Impatient<'a>(&'a CancellationToken);

impl Observer for Impatient<'_> {
    fn event(&self, event: &Event<'_>) {
        if matches!(event, Event::Waiting { .. }) {
            self.0.cancel();
        }
    }
}

#[test]
fn a_stop_ends_a_wait_and_says_what_goes_on_without_it() {
    let mut fake = Fake::holding(&[shop()]);
    fake.busy_looks = usize::MAX;
    let (plan, clock, stop) =
        (plan_of(&[shop()], &[indexed()]), ManualClock::default(), CancellationToken::new());
    let report = pollster::block_on(apply(
        &plan,
        &fake,
        &clock,
        &Impatient(&stop),
        &stop,
        Options::default(),
    ));
    assert_eq!(
        report.failures[0].error.to_string(),
        "stopped while Shop was UPDATING; byA CREATING"
    );
    assert_eq!(report.not_started.len(), 1);
}

#[test]
fn a_wait_ends_at_its_deadline_and_says_what_it_waited_for() {
    let mut fake = Fake::holding(&[shop()]);
    fake.busy_looks = usize::MAX;
    let options = Options { step_limit: Duration::from_secs(60), ..Options::default() };
    let (plan, clock) = (plan_of(&[shop()], &[indexed()]), ManualClock::default());
    let report = pollster::block_on(apply(
        &plan,
        &fake,
        &clock,
        &Log::default(),
        &CancellationToken::new(),
        options,
    ));
    let error = report.failures[0].error.to_string();
    assert!(error.starts_with("Shop is still UPDATING; byA CREATING after 6"), "{error}");
}

#[test]
fn tables_that_are_busy_are_waited_for_before_they_are_compared() {
    let mut fake = Fake::holding(&[shop(), table("Users")]);
    fake.busy_looks = 3;
    let step = plan_of(&[shop()], &[indexed()]).steps.remove(0);
    pollster::block_on(fake.call(&step.call)).unwrap();
    let waits = Mutex::new(Vec::new());
    let names = ["Missing", "Shop", "Users"].map(|name| (name.to_owned(), AuxiliarySettings::NONE));
    let settled = pollster::block_on(settle_all(
        &fake,
        &ManualClock::default(),
        &names,
        8,
        Duration::from_secs(60),
        &CancellationToken::new(),
        TableDescription::is_settled,
        |table, status| waits.lock().unwrap().push(format!("{table} {status}")),
    ))
    .unwrap();
    assert_eq!(waits.into_inner().unwrap(), ["Shop UPDATING; byA CREATING"; 3]);
    let names: Vec<_> = settled.iter().map(|table| table.definition.table_name.as_str()).collect();
    assert_eq!(names, ["Shop", "Users"]);
}

#[test]
fn what_a_fence_keeps_back_is_neither_sent_again_nor_taken_for_done() {
    // Another process has deleted the table meanwhile, and could create it again before the next
    // look.
    let fake = Fake::default().failing(&[Fault::Refused(ServiceErrorKind::Fenced)]);
    let delete = Call::DeleteTable(DeleteTable { table_name: "Shop".to_owned() });
    let plan = Plan { steps: vec![Step::of(delete, 0)], blocked: Vec::new() };
    let (report, _) = run(&fake, &plan);
    assert_eq!(report.applied, []);
    assert!(report.failures[0].error.is_fenced(), "{report:?}");
    assert_eq!(*fake.calls.lock().unwrap(), ["DeleteTable Shop"]);
}
