//! Tables that already exist when a script creates them.

use crate::support::{TableExt, table};
use mizzle_core::{
    diff::diff,
    model::{
        BillingMode, PointInTimeRecoverySpecification, Projection, ProvisionedThroughput,
        StreamSpecification, StreamViewType, TableDefinition, TableDescription, Tag,
    },
    plan::{
        Adoption, AdoptionPlan, Call, Context, CreateTable, Managed, Simulator, adoption, plan,
    },
};

fn units(reads: i64, writes: i64) -> Option<ProvisionedThroughput> {
    Some(ProvisionedThroughput { read_capacity_units: reads, write_capacity_units: writes })
}

/// Returns a table with an index, both with this capacity.
fn provisioned(reads: i64, writes: i64) -> TableDefinition {
    let mut table = unmanaged();
    table.billing_mode = Some(BillingMode::Provisioned);
    table.provisioned_throughput = units(reads, writes);
    table.global_secondary_indexes[0].provisioned_throughput = units(reads, writes);
    table
}

fn autoscaled(reads: i64, writes: i64) -> TableDefinition {
    let mut table = provisioned(reads, writes);
    table.autoscaled = true;
    table.global_secondary_indexes[0].autoscaled = true;
    table
}

fn on_demand() -> TableDefinition {
    TableDefinition { billing_mode: Some(BillingMode::PayPerRequest), ..unmanaged() }
}

fn unmanaged() -> TableDefinition {
    table("Shop").gsi("byPart", &["part"], &[], Projection::all())
}

fn described(table: TableDefinition) -> TableDescription {
    let name = table.table_name.clone();
    Simulator::holding([table]).describe(&name).unwrap()
}

/// Returns the request of a generated script.
fn creation(of: &TableDefinition) -> CreateTable {
    let plan = plan(&diff([], [of]), &Context::default());
    match plan.steps.into_iter().next().unwrap().call {
        Call::CreateTable(request) => request,
        other => panic!("{other:?}"),
    }
}

/// Returns the adoption of a table by the first migration of a project.
fn adopted(present: TableDefinition, wanted: &TableDefinition, here: &TableDefinition) -> Adoption {
    let managed = Managed { everywhere: wanted.clone(), here: here.clone() };
    adoption(&creation(wanted), Some(&managed), &described(present), |_, _| false)
}

fn changed(adoption: Adoption) -> AdoptionPlan {
    match adoption {
        Adoption::Changed(plan) => plan,
        other => panic!("{other:?}"),
    }
}

const AS_IT_IS: Adoption = Adoption::AsItIs { unlike: Vec::new() };

#[test]
fn what_is_not_managed_is_not_touched() {
    let protected =
        TableDefinition { deletion_protection_enabled: Some(true), ..provisioned(300, 400) };
    for (present, wanted) in [
        (provisioned(300, 400), unmanaged()),
        (on_demand(), unmanaged()),
        (provisioned(300, 400), autoscaled(5, 5)),
        (protected, unmanaged()),
    ] {
        assert_eq!(adopted(present.clone(), &wanted, &wanted), AS_IT_IS, "{present:?}");
    }
}

/// Throttling a table, or changing its billing mode, needs confirmation.
#[test]
fn capacity_and_billing_mode_of_a_table_that_is_there_need_agreement() {
    for (present, wanted, change, objection) in [
        (
            provisioned(300, 400),
            provisioned(3, 4),
            "change capacity: 300 reads, 400 writes → 3 reads, 4 writes",
            "Requests beyond 3 reads, 4 writes a second are throttled from now on.",
        ),
        (
            provisioned(300, 400),
            on_demand(),
            "change billing mode: PROVISIONED → PAY_PER_REQUEST",
            "The table is paid for as PAY_PER_REQUEST from now on.",
        ),
        (
            on_demand(),
            autoscaled(5, 5),
            "change billing mode: PAY_PER_REQUEST → PROVISIONED",
            "The table is paid for as PROVISIONED from now on.",
        ),
    ] {
        let plan = changed(adopted(present, &wanted, &wanted));
        assert!(plan.changes.contains(&change.to_owned()), "{:?}", plan.changes);
        assert!(plan.objections().contains(&objection.to_owned()), "{:?}", plan.objections());
        assert_eq!(plan.objectionable().count(), 1);
    }
}

#[test]
fn what_takes_nothing_away_is_brought() {
    let stream = Some(StreamSpecification::of(StreamViewType::NewImage));
    let wanted = TableDefinition {
        stream_specification: stream,
        tags: Some(vec![Tag { key: "team".into(), value: "shop".into() }]),
        ..provisioned(30, 40)
    };
    let present = TableDefinition {
        tags: Some(vec![Tag { key: "cost".into(), value: "7".into() }]),
        ..provisioned(3, 4)
    };
    let plan = changed(adopted(present, &wanted, &wanted));
    assert_eq!(plan.objections(), [""; 0]);
    let calls: Vec<String> = plan.plan.steps.iter().map(|step| step.call.title()).collect();
    assert_eq!(
        calls,
        [
            "Set capacity: 30 reads, 40 writes; byPart 30 reads, 40 writes",
            "Turn on the stream (NEW_IMAGE)",
            "Set tags: team=shop",
        ],
        "tags that nobody names stay"
    );
}

#[test]
fn a_setting_that_is_to_end_is_a_loss() {
    let wanted = TableDefinition {
        stream_specification: Some(StreamSpecification::DISABLED),
        point_in_time_recovery_specification: Some(PointInTimeRecoverySpecification::DISABLED),
        deletion_protection_enabled: Some(false),
        ..unmanaged()
    };
    let present = TableDefinition {
        stream_specification: Some(StreamSpecification::of(StreamViewType::KeysOnly)),
        point_in_time_recovery_specification: Some(PointInTimeRecoverySpecification {
            point_in_time_recovery_enabled: true,
            recovery_period_in_days: None,
        }),
        deletion_protection_enabled: Some(true),
        ..on_demand()
    };
    let plan = changed(adopted(present, &wanted, &wanted));
    assert_eq!(plan.objectionable().count(), 3, "{:?}", plan.changes);
}

/// Settings that the environment overrides are applied after the scripts.
#[test]
fn what_the_environment_has_otherwise_is_left_to_it() {
    for (present, wanted, here) in [
        (on_demand(), provisioned(2, 2), on_demand()),
        (provisioned(300, 400), on_demand(), autoscaled(50, 40)),
        (provisioned(50, 40), provisioned(2, 2), provisioned(50, 40)),
        (on_demand(), unmanaged(), autoscaled(50, 40)),
    ] {
        assert_eq!(adopted(present, &wanted, &here), AS_IT_IS, "{wanted:?}");
    }
}

/// The environment's settings set its numbers, but the billing mode, which all environments share,
/// needs them at once.
#[test]
fn a_mode_that_is_wanted_everywhere_comes_with_the_numbers_of_the_environment() {
    let plan = changed(adopted(on_demand(), &provisioned(2, 2), &provisioned(50, 40)));
    assert_eq!(plan.changes, ["change billing mode: PAY_PER_REQUEST → PROVISIONED"]);
    let input = plan.plan.steps[0].call.input();
    assert_eq!(input["ProvisionedThroughput"]["WriteCapacityUnits"], 40);
    assert_eq!(plan.objectionable().count(), 1);
}

#[test]
fn a_script_without_a_snapshot_changes_nothing() {
    let present = described(provisioned(300, 400));
    let adoption = adoption(&creation(&on_demand()), None, &present, |_, _| false);
    let Adoption::AsItIs { unlike } = adoption else { panic!("{adoption:?}") };
    assert_eq!(unlike, ["change billing mode: PROVISIONED → PAY_PER_REQUEST"]);
}

#[test]
fn another_key_or_index_cannot_be_adopted() {
    let other = table("Shop").gsi("byPart", &["other"], &[], Projection::all());
    let adoption = adopted(other, &unmanaged(), &unmanaged());
    let Adoption::Impossible { differences, reasons } = adoption else { panic!("{adoption:?}") };
    assert_eq!(differences, ["change GSI byPart: key (other S) → (part S)"]);
    assert_eq!(reasons, [""; 0]);
}

/// Settings that the script itself changes later are not compared with its snapshot.
#[test]
fn a_creation_that_says_something_else_than_its_snapshot_is_brought_there_by_the_script() {
    let stream = Some(StreamSpecification::of(StreamViewType::NewImage));
    let after = TableDefinition { stream_specification: stream, ..provisioned(3, 4) };
    let managed = Managed { everywhere: after.clone(), here: after };
    let present = described(provisioned(300, 400));
    let adoption = adoption(&creation(&on_demand()), Some(&managed), &present, |_, _| false);
    assert_eq!(adoption, AS_IT_IS);
}

#[test]
fn what_a_server_does_not_keep_is_not_changed() {
    let wanted = TableDefinition { deletion_protection_enabled: Some(true), ..unmanaged() };
    let managed = Managed { everywhere: wanted.clone(), here: wanted.clone() };
    let present = described(on_demand());
    let adoption = adoption(&creation(&wanted), Some(&managed), &present, |_, change| {
        change.subject() == "deletion protection"
    });
    assert_eq!(adoption, AS_IT_IS);
}
