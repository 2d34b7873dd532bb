//! The executor when items are at stake: another process interferes at the worst moment.

use crate::{
    fake::{Fake, Fault, ManualClock},
    support::{TableExt, table},
};
use mizzle_core::{
    apply::{Event, Observer, Options, Report, ServiceErrorKind, StepError, apply},
    diff::diff,
    model::{Projection, TableDefinition, TimeToLiveSpecification},
    plan::{Call, Context, CreateTable, DeleteTable, Facts, Plan, plan},
};
use tokio_util::sync::CancellationToken;

/// An action of another process during an event.
struct Meanwhile<F>(F);

impl<F: Fn(&Event<'_>) + Send + Sync> Observer for Meanwhile<F> {
    fn event(&self, event: &Event<'_>) {
        (self.0)(event);
    }
}

fn run(
    fake: &Fake,
    plan: &Plan,
    stop: &CancellationToken,
    meanwhile: impl Fn(&Event<'_>) + Send + Sync,
) -> Report {
    let clock = ManualClock::default();
    pollster::block_on(apply(plan, fake, &clock, &Meanwhile(meanwhile), stop, Options::default()))
}

fn before() -> TableDefinition {
    table("Shop")
}

/// Returns the table with an additional LSI, which requires a replacement.
fn after() -> TableDefinition {
    table("Shop").lsi("byDate", "date")
}

/// Returns a plan that replaces an empty table.
fn replacement(fake: &Fake) -> Plan {
    let present = fake.simulator.lock().unwrap().describe("Shop").unwrap();
    let facts = Facts { is_empty: Some(true), ..Facts::of(&present) };
    let context = Context {
        facts: [("Shop".to_owned(), facts)].into(),
        accept_data_loss: true,
        ..Context::default()
    };
    plan(&diff([&before()], [&after()]), &context)
}

fn applied(report: &Report) -> Vec<String> {
    report.applied.iter().map(ToString::to_string).collect()
}

/// Deletes the table and creates another one, as another process.
fn exchange(fake: &Fake, by: &TableDefinition) {
    let mut simulator = fake.simulator.lock().unwrap();
    simulator.call(&Call::DeleteTable(DeleteTable { table_name: "Shop".to_owned() })).unwrap();
    simulator.settle("Shop");
    let request = plan(&diff([], [by]), &Context::default());
    simulator.call(&request.steps[0].call).unwrap();
    simulator.settle("Shop");
}

#[test]
fn items_that_come_while_a_deletion_is_turned_away_keep_the_table() {
    let fake = Fake::holding(&[before()]).failing(&[Fault::Refused(ServiceErrorKind::InUse)]);
    let plan = replacement(&fake);
    let report = run(&fake, &plan, &CancellationToken::new(), |event| {
        if matches!(event, Event::Retrying { .. }) {
            fake.simulator.lock().unwrap().put_items("Shop", 1);
        }
    });
    let table = "Shop".to_owned();
    assert_eq!(report.failures[0].error, StepError::NotEmpty { table });
    assert_eq!(fake.calls.lock().unwrap().len(), 1, "one attempt, before the items came");
}

#[test]
fn another_table_of_the_name_is_not_deleted() {
    let fake = Fake::holding(&[before()]);
    let plan = replacement(&fake);
    exchange(&fake, &after());
    let report = run(&fake, &plan, &CancellationToken::new(), |_| {});
    let table = "Shop".to_owned();
    assert_eq!(report.failures[0].error, StepError::Exchanged { table });
    assert!(fake.calls.lock().unwrap().is_empty());
}

#[test]
fn a_table_that_comes_back_at_once_does_not_keep_a_deletion_waiting() {
    let mut fake = Fake::holding(&[before()]);
    fake.busy_looks = 1;
    let facts = Facts::of(&fake.simulator.lock().unwrap().describe("Shop").unwrap());
    let context = Context { facts: [("Shop".to_owned(), facts)].into(), ..Context::default() };
    let plan = plan(&diff([&before()], []), &context);
    let report = run(&fake, &plan, &CancellationToken::new(), |event| {
        if matches!(event, Event::Waiting { .. }) {
            let mut simulator = fake.simulator.lock().unwrap();
            simulator.settle("Shop");
            let request = CreateTable { table_name: "Shop".to_owned(), ..bare() };
            simulator.call(&Call::CreateTable(request)).unwrap();
        }
    });
    assert_eq!((applied(&report), report.failures), (vec!["Shop:delete-table".to_owned()], vec![]));
}

fn bare() -> CreateTable {
    let plan = plan(&diff([], [&before()]), &Context::default());
    let Call::CreateTable(request) = &plan.steps[0].call else { panic!("{plan:?}") };
    request.clone()
}

#[test]
fn a_table_that_is_replaced_is_not_left_deleted() {
    let mut fake = Fake::holding(&[before()]);
    fake.busy_looks = 3;
    let mut plan = replacement(&fake);
    // A step after the replacement.
    let expiring = TableDefinition {
        time_to_live_specification: Some(TimeToLiveSpecification::by("until")),
        ..table("Shop")
    };
    let mut more = mizzle_core::plan::plan(&diff([], [&expiring]), &Context::default());
    plan.steps.push(more.steps.remove(1));
    let stop = CancellationToken::new();
    let report = run(&fake, &plan, &stop, |event| {
        if matches!(event, Event::Started(step) if step.id.to_string() == "Shop:delete-table") {
            stop.cancel();
        }
    });
    assert_eq!(applied(&report), ["Shop:delete-table", "Shop:create-table"]);
    assert_eq!(report.not_started.len(), 1, "what does not belong together is stopped");
}

#[test]
fn a_table_that_somebody_else_has_created_meanwhile_keeps_its_settings() {
    let fake = Fake::holding(&[]);
    let wanted = TableDefinition {
        time_to_live_specification: Some(TimeToLiveSpecification::by("until")),
        ..table("Shop").gsi("byA", &["a"], &[], Projection::all())
    };
    let plan = plan(&diff([], [&wanted]), &Context::default());
    let plain = TableDefinition { time_to_live_specification: None, ..wanted };
    let request = mizzle_core::plan::plan(&diff([], [&plain]), &Context::default());
    {
        let mut simulator = fake.simulator.lock().unwrap();
        simulator.call(&request.steps[0].call).unwrap();
        simulator.settle("Shop");
    }
    let report = run(&fake, &plan, &CancellationToken::new(), |_| {});
    assert_eq!(applied(&report), ["Shop:create-table"]);
    assert_eq!((report.adopted, report.failures), (vec!["Shop".to_owned()], vec![]));
    assert_eq!(report.not_started.len(), 1, "its time to live is for the next comparison");
}
