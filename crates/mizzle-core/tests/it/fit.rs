//! Calls of scripts, fitted to their tables.

use crate::{
    fake::{Fake, asked},
    plan_properties::{execute, expectations::cools},
    states::{NAME, any_foundation, contradicts, desired},
    support::{TableExt, table},
};
use mizzle_core::{
    diff::{Change, Diff, TableDiff, diff},
    model::{
        AuxiliarySettings, BillingMode, OnDemandThroughput, Projection, ProvisionedThroughput,
        TableDefinition,
    },
    plan::{
        Call, Context, Facts, Fitted, Fitter, HazardKind, Managed, Plan, Simulator, Step,
        UpdateTable, plan,
    },
};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

fn units(reads: i64, writes: i64) -> ProvisionedThroughput {
    ProvisionedThroughput { read_capacity_units: reads, write_capacity_units: writes }
}

/// The billing of a table.
#[derive(Debug, Clone, Copy)]
enum Paid {
    Unmanaged,
    OnDemand,
    Fixed(i64, i64),
    Autoscaled(i64, i64),
}

/// Returns a table with these indexes, all with the same billing.
fn shop(paid: Paid, indexes: &[&str]) -> TableDefinition {
    let mut table = indexes
        .iter()
        .fold(table("Shop"), |table, name| table.gsi(name, &[*name], &[], Projection::all()));
    let (mode, units) = match paid {
        Paid::Unmanaged => (None, None),
        Paid::OnDemand => (Some(BillingMode::PayPerRequest), None),
        Paid::Fixed(reads, writes) | Paid::Autoscaled(reads, writes) => {
            (Some(BillingMode::Provisioned), Some(units(reads, writes)))
        }
    };
    let is_autoscaled = matches!(paid, Paid::Autoscaled(..));
    table.billing_mode = mode;
    table.provisioned_throughput = units;
    table.autoscaled = is_autoscaled;
    for index in &mut table.global_secondary_indexes {
        index.provisioned_throughput = units;
        index.autoscaled = is_autoscaled;
    }
    table
}

/// Returns the calls of the script that `generate` writes.
fn script(before: Option<&TableDefinition>, after: &TableDefinition) -> Vec<Call> {
    let plan = plan(&diff(before, [after]), &Context::default());
    assert_eq!(plan.blocked, []);
    plan.steps.into_iter().map(|step| step.call).collect()
}

/// Returns the last call of the script between two states, fitted to an existing table.
fn fit(
    before: &TableDefinition,
    after: &TableDefinition,
    here: &TableDefinition,
    present: TableDefinition,
) -> Fitted {
    let managed = Managed { everywhere: after.clone(), here: here.clone() };
    let call = script(Some(before), after).pop().unwrap();
    let present = Simulator::holding([present]).describe("Shop").unwrap().definition;
    Fitter::default().fit(&call, Some(&present), Some(&managed)).unwrap()
}

fn input(fitted: &Fitted) -> Value {
    fitted.call.as_ref().map_or(Value::Null, Call::input)
}

/// Returns the capacity of a new index: reads and writes.
fn created(fitted: &Fitted) -> Value {
    let index = &input(fitted)["GlobalSecondaryIndexUpdates"][0]["Create"];
    match &index["ProvisionedThroughput"] {
        Value::Null => Value::Null,
        units => json!([units["ReadCapacityUnits"], units["WriteCapacityUnits"]]),
    }
}

#[test]
fn a_new_index_gets_what_its_table_takes() {
    use Paid::{Autoscaled, Fixed, OnDemand, Unmanaged};
    // The snapshot, the environment, the present table: the capacity of the index.
    for (everywhere, here, present, expected) in [
        (Unmanaged, Unmanaged, OnDemand, Value::Null),
        (Unmanaged, Unmanaged, Fixed(7, 8), json!([7, 8])),
        (Unmanaged, Autoscaled(50, 40), Fixed(900, 800), json!([900, 800])),
        (Unmanaged, Fixed(50, 40), Fixed(50, 40), json!([50, 40])),
        (Fixed(2, 2), OnDemand, OnDemand, Value::Null),
        (Fixed(2, 2), Fixed(50, 40), Fixed(50, 40), json!([50, 40])),
        (Fixed(2, 2), Fixed(2, 2), Fixed(2, 2), json!([2, 2])),
        (OnDemand, Fixed(50, 40), Fixed(50, 40), json!([50, 40])),
        (Autoscaled(5, 5), Autoscaled(5, 5), Fixed(800, 900), json!([800, 900])),
        // The table does not have its final billing mode yet.
        (Fixed(2, 2), Fixed(2, 2), OnDemand, Value::Null),
        (OnDemand, OnDemand, Fixed(7, 8), json!([7, 8])),
    ] {
        let (before, after) = (shop(everywhere, &[]), shop(everywhere, &["byCrew"]));
        let fitted = fit(&before, &after, &shop(here, &["byCrew"]), shop(present, &[]));
        assert_eq!(created(&fitted), expected, "{everywhere:?} {here:?} {present:?}");
    }
}

#[test]
fn an_index_that_takes_fewer_writes_than_its_table_is_a_hazard() {
    let (before, after) = (shop(Paid::Fixed(2, 2), &[]), shop(Paid::Fixed(2, 2), &["byCrew"]));
    let fitted = fit(&before, &after, &after, shop(Paid::Fixed(900, 900), &[]));
    let kinds: Vec<HazardKind> = fitted.hazards.iter().map(|hazard| hazard.kind).collect();
    assert_eq!(kinds, [HazardKind::Throttles]);
    assert_eq!(
        fitted.hazards[0].message,
        "byCrew takes 2 writes a second, and its table 900: an index that cannot keep up throttles the writes of the table."
    );
    let scaled = shop(Paid::Autoscaled(5, 5), &["byCrew"]);
    let fitted =
        fit(&shop(Paid::Autoscaled(5, 5), &[]), &scaled, &scaled, shop(Paid::Fixed(900, 900), &[]));
    let kinds: Vec<HazardKind> = fitted.hazards.iter().map(|hazard| hazard.kind).collect();
    assert_eq!(kinds, [HazardKind::LacksScaling]);
}

#[test]
fn numbers_that_the_table_does_not_take_are_left_out() {
    use Paid::{Autoscaled, Fixed, OnDemand};
    let indexes = ["byCrew"];
    for (before, after, here, present, reasons) in [
        (
            Fixed(2, 2),
            Fixed(3, 3),
            OnDemand,
            OnDemand,
            vec![
                "capacity: Shop is PAY_PER_REQUEST",
                "capacity of byCrew: Shop is PAY_PER_REQUEST",
            ],
        ),
        (
            Fixed(2, 2),
            Fixed(3, 3),
            Fixed(50, 40),
            Fixed(50, 40),
            vec![
                "capacity: it is 50 reads, 40 writes in this environment",
                "capacity of byCrew: it is 50 reads, 40 writes in this environment",
            ],
        ),
        (
            Fixed(2, 2),
            Fixed(3, 3),
            Autoscaled(50, 40),
            Fixed(700, 700),
            vec![
                "capacity: the capacity of Shop is autoscaled",
                "capacity of byCrew: the capacity of Shop is autoscaled",
            ],
        ),
        (
            OnDemand,
            Fixed(3, 3),
            OnDemand,
            OnDemand,
            vec![
                "billing mode: Shop is to be PAY_PER_REQUEST in this environment",
                "capacity: Shop is PAY_PER_REQUEST",
                "capacity of byCrew: Shop is PAY_PER_REQUEST",
            ],
        ),
        (
            Fixed(2, 2),
            OnDemand,
            Fixed(50, 40),
            Fixed(50, 40),
            vec!["billing mode: Shop is to be PROVISIONED in this environment"],
        ),
    ] {
        let of = |paid| shop(paid, &indexes);
        let fitted = fit(&of(before), &of(after), &of(here), of(present));
        assert_eq!(fitted.call, None, "{before:?} → {after:?}");
        let left_out: Vec<String> = fitted.left_out.iter().map(ToString::to_string).collect();
        assert_eq!(left_out, reasons);
    }
}

#[test]
fn a_maximum_is_for_what_is_on_demand() {
    let limited = |reads| {
        let limit =
            OnDemandThroughput { max_read_request_units: reads, max_write_request_units: -1 };
        TableDefinition { on_demand_throughput: Some(limit), ..shop(Paid::Unmanaged, &[]) }
    };
    let (before, after) = (limited(10), limited(20));
    let fitted = fit(&before, &after, &shop(Paid::Fixed(5, 5), &[]), shop(Paid::Fixed(5, 5), &[]));
    assert_eq!(fitted.call, None);
    let fitted = fit(&before, &after, &after, shop(Paid::OnDemand, &[]));
    assert_eq!(input(&fitted)["OnDemandThroughput"]["MaxReadRequestUnits"], 20);
}

#[test]
fn a_table_that_becomes_provisioned_gets_the_numbers_of_the_environment() {
    let of = |paid| shop(paid, &["byCrew"]);
    let present = shop(Paid::OnDemand, &["byCrew", "byHand"]);
    let fitted =
        fit(&of(Paid::OnDemand), &of(Paid::Fixed(3, 4)), &of(Paid::Fixed(50, 40)), present);
    let input = input(&fitted);
    assert_eq!(input["ProvisionedThroughput"]["WriteCapacityUnits"], 40);
    let indexes: Vec<Value> = input["GlobalSecondaryIndexUpdates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|update| {
            let update = &update["Update"];
            json!([update["IndexName"], update["ProvisionedThroughput"]["WriteCapacityUnits"]])
        })
        .collect();
    assert_eq!(json!(indexes), json!([["byCrew", 40], ["byHand", 40]]));
}

#[test]
fn a_table_cannot_become_provisioned_without_numbers() {
    let call = Call::UpdateTable(UpdateTable {
        table_name: "Shop".to_owned(),
        billing_mode: Some(BillingMode::Provisioned),
        ..UpdateTable::default()
    });
    let present = shop(Paid::OnDemand, &[]);
    let misfit = Fitter::default().fit(&call, Some(&present), None).unwrap_err();
    assert_eq!(
        misfit.to_string(),
        "Shop cannot become PROVISIONED without ReadCapacityUnits and WriteCapacityUnits"
    );
}

#[test]
fn a_table_is_created_as_the_environment_has_it() {
    use Paid::{Autoscaled, Fixed, OnDemand, Unmanaged};
    for (everywhere, here, expected) in [
        (Unmanaged, Unmanaged, json!(["PAY_PER_REQUEST", null, null])),
        (Unmanaged, Autoscaled(50, 40), json!(["PROVISIONED", 40, 40])),
        (Fixed(2, 2), OnDemand, json!(["PAY_PER_REQUEST", null, null])),
        (Fixed(2, 2), Fixed(50, 40), json!(["PROVISIONED", 40, 40])),
        (OnDemand, Fixed(50, 40), json!(["PROVISIONED", 40, 40])),
        (Autoscaled(5, 6), Autoscaled(5, 6), json!(["PROVISIONED", 6, 6])),
    ] {
        let managed =
            Managed { everywhere: shop(everywhere, &["byCrew"]), here: shop(here, &["byCrew"]) };
        let call = script(None, &managed.everywhere).remove(0);
        let fitted = Fitter::default().fit(&call, None, Some(&managed)).unwrap();
        let input = input(&fitted);
        let writes = |owner: &Value| owner["ProvisionedThroughput"]["WriteCapacityUnits"].clone();
        let found = json!([
            input["BillingMode"],
            writes(&input),
            writes(&input["GlobalSecondaryIndexes"][0])
        ]);
        assert_eq!(found, expected, "{everywhere:?} {here:?}");
    }
}

/// A script may deviate from its snapshot on purpose: it may need more capacity for a while.
#[test]
fn numbers_of_the_scripts_own_stay() {
    let everywhere = shop(Paid::Fixed(2, 2), &["byCrew"]);
    let managed = Managed { everywhere, here: shop(Paid::Fixed(50, 40), &["byCrew"]) };
    let raise = Call::UpdateTable(UpdateTable {
        table_name: "Shop".to_owned(),
        provisioned_throughput: Some(units(1000, 1000)),
        ..UpdateTable::default()
    });
    let present = managed.here.clone();
    let fitted = Fitter::default().fit(&raise, Some(&present), Some(&managed)).unwrap();
    assert_eq!(fitted.call, Some(raise));
    let mut creation = script(None, &managed.everywhere).remove(0);
    if let Call::CreateTable(request) = &mut creation {
        request.provisioned_throughput = Some(units(70, 70));
    }
    let fitted = Fitter::default().fit(&creation, None, Some(&managed)).unwrap();
    assert_eq!(input(&fitted)["ProvisionedThroughput"]["WriteCapacityUnits"], 70);
}

/// As in a plan for the table, the index keeps its autoscaled capacity.
#[test]
fn an_index_that_is_built_anew_keeps_its_capacity() {
    let with_projection = |projection: Projection| {
        let mut table = shop(Paid::Autoscaled(5, 5), &["byCrew"]);
        table.global_secondary_indexes[0].projection = projection;
        table
    };
    let before = with_projection(Projection::all());
    let after = with_projection(Projection::keys_only());
    let mut present = before.clone();
    present.provisioned_throughput = Some(units(900, 900));
    present.global_secondary_indexes[0].provisioned_throughput = Some(units(120, 130));
    let mut simulator = Simulator::holding([present]);
    let managed = Managed { everywhere: after.clone(), here: after.clone() };
    let mut fitter = Fitter::default();
    for call in script(Some(&before), &after) {
        let present = simulator.describe("Shop").map(|table| table.definition);
        let fitted = fitter.fit(&call, present.as_ref(), Some(&managed)).unwrap();
        simulator.call(&fitted.call.unwrap()).unwrap();
        simulator.settle("Shop");
    }
    let index = simulator.describe("Shop").unwrap().definition.global_secondary_indexes[0].clone();
    assert_eq!(index.provisioned_throughput, Some(units(120, 130)));
}

/// Returns a table with an environment's billing.
fn overlaid(everywhere: &TableDefinition, paid: Option<Paid>) -> TableDefinition {
    let Some(paid) = paid else { return everywhere.clone() };
    let own = shop(paid, &[]);
    let mut here = everywhere.clone();
    if here.billing_mode != own.billing_mode {
        here.on_demand_throughput = None;
    }
    here.billing_mode = own.billing_mode;
    here.provisioned_throughput = own.provisioned_throughput;
    here.autoscaled = own.autoscaled;
    for index in &mut here.global_secondary_indexes {
        index.provisioned_throughput = own.provisioned_throughput;
        index.autoscaled = own.autoscaled;
        if own.billing_mode == Some(BillingMode::Provisioned) {
            index.on_demand_throughput = None;
        }
    }
    if own.billing_mode == Some(BillingMode::Provisioned) {
        here.on_demand_throughput = None;
    }
    here
}

fn difference(simulator: &Simulator, wanted: &TableDefinition) -> Diff {
    let present = simulator.describe(NAME);
    let present = present
        .map(|table| asked(table, AuxiliarySettings::managed_by(wanted)).compared_with(wanted));
    diff(present.as_ref(), [wanted])
}

fn context(simulator: &Simulator) -> Context {
    let facts = simulator.describe(NAME).map(|table| (NAME.to_owned(), Facts::of(&table)));
    Context { facts: facts.into_iter().collect::<BTreeMap<_, _>>(), ..Context::default() }
}

fn run(simulator: &mut Simulator, plan: &Plan) -> Result<(), TestCaseError> {
    prop_assert_eq!(&plan.blocked, &[]);
    simulator.run(plan).map_err(|halt| TestCaseError::fail(halt.to_string()))
}

/// Applies the settings of the environment after the scripts.
fn settle(
    simulator: &mut Simulator,
    everywhere: &TableDefinition,
    here: &TableDefinition,
) -> Result<(), TestCaseError> {
    let subjects = |difference: &Diff| -> BTreeSet<String> {
        let changes = difference.tables.iter().flat_map(|table| match table {
            TableDiff::Update(update) => update.changes.clone(),
            TableDiff::Create(_) | TableDiff::Delete(_) => Vec::new(),
        });
        changes.map(|change| change.subject()).collect()
    };
    let own = subjects(&diff([everywhere], [here]));
    let mut left = difference(simulator, here);
    for table in &mut left.tables {
        if let TableDiff::Update(update) = table {
            update.changes.retain(|change: &Change| own.contains(&change.subject()));
        }
    }
    let plan = plan(&left, &context(simulator));
    run(simulator, &plan)
}

/// Runs a script as `migrate` does: each call is fitted, sent, and skipped if its effect is already
/// there.
fn migrate(
    simulator: &mut Simulator,
    calls: &[Call],
    managed: &Managed,
) -> Result<(), TestCaseError> {
    let mut fitter = Fitter::default();
    for call in calls {
        let present = simulator.describe(NAME).map(|table| table.definition);
        let fitted = fitter
            .fit(call, present.as_ref(), Some(managed))
            .map_err(|misfit| TestCaseError::fail(misfit.to_string()))?;
        let Some(call) = fitted.call else { continue };
        let fake = Fake::of(std::mem::take(simulator));
        let plan = Plan { steps: vec![Step::of(call.clone(), 0)], ..Plan::default() };
        let report = execute(&fake, &plan);
        *simulator = fake.simulator.into_inner().unwrap();
        prop_assert_eq!(&report.failures, &[], "{}", call.input());
        simulator.settle(NAME);
    }
    Ok(())
}

/// Returns a table with only its indexes and all throughput. Other settings are not fitted.
fn paid_for(table: &TableDefinition) -> TableDefinition {
    TableDefinition {
        global_secondary_indexes: table.global_secondary_indexes.clone(),
        billing_mode: table.billing_mode,
        provisioned_throughput: table.provisioned_throughput,
        autoscaled: table.autoscaled,
        on_demand_throughput: table.on_demand_throughput,
        warm_throughput: table.warm_throughput,
        ..table.structure()
    }
}

/// True if a state has a maximum for a table that an earlier state has made provisioned, and none
/// has made on demand since: DynamoDB does not support that.
fn limits_what_is_provisioned(states: &[TableDefinition]) -> bool {
    let mut is_provisioned = false;
    states.iter().any(|table| {
        is_provisioned = match table.billing_mode {
            Some(billing) => billing == BillingMode::Provisioned,
            None => is_provisioned,
        };
        let indexes = &table.global_secondary_indexes;
        let is_limited = table.on_demand_throughput.is_some()
            || indexes.iter().any(|index| index.on_demand_throughput.is_some());
        is_provisioned && is_limited
    })
}

fn any_environment() -> impl Strategy<Value = Option<Paid>> {
    prop_oneof![
        1 => Just(None),
        1 => Just(Some(Paid::OnDemand)),
        1 => Just(Some(Paid::Fixed(50, 40))),
        1 => Just(Some(Paid::Autoscaled(60, 30))),
    ]
}

proptest! {
    /// A history in an environment with another billing mode: no call is refused, and the scripts
    /// with the settings of the environment have the same result as `push`.
    #[test]
    fn migrations_reach_in_every_environment_what_push_reaches(
        foundation in any_foundation(),
        states in prop::collection::vec(desired(), 3),
        paid in any_environment(),
    ) {
        let states: Vec<TableDefinition> =
            states.iter().map(|table| foundation.under(paid_for(table))).collect();
        let here: Vec<TableDefinition> =
            states.iter().map(|table| overlaid(table, paid)).collect();
        for pair in states.windows(2).chain(here.windows(2)) {
            prop_assume!(!contradicts(&pair[0], &pair[1]) && !contradicts(&pair[1], &pair[0]));
            prop_assume!(!cools(&pair[0], &pair[1]));
        }
        let mut migrated = Simulator::default();
        let mut pushed = Simulator::default();
        for states in [&states, &here] {
            prop_assume!(!limits_what_is_provisioned(states));
        }
        let mut before: Option<&TableDefinition> = None;
        for (everywhere, here) in states.iter().zip(&here) {
            let calls = script(before, everywhere);
            let managed = Managed { everywhere: everywhere.clone(), here: here.clone() };
            migrate(&mut migrated, &calls, &managed)?;
            let plan = plan(&difference(&pushed, here), &context(&pushed));
            run(&mut pushed, &plan)?;
            before = Some(everywhere);
        }
        let (everywhere, here) = (&states[2], &here[2]);
        settle(&mut migrated, everywhere, here)?;
        for simulator in [&migrated, &pushed] {
            let left = difference(simulator, here);
            let left: Vec<String> = left.tables.iter().flat_map(TableDiff::details).collect();
            prop_assert_eq!(left, [""; 0]);
        }
    }
}
