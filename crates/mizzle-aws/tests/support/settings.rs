//! Changes the settings of a table one by one, on any server.

use super::{create, wait_for, with_defaults};
use mizzle_aws::DynamoDb;
use mizzle_core::{
    apply::ControlPlane,
    model::{
        AuxiliarySettings, BillingMode, ContributorInsights, ContributorInsightsSpecification,
        KinesisDestinations, OnDemandThroughput, PointInTimeRecoverySpecification,
        ProvisionedThroughput, ResourcePolicy, StreamSpecification, StreamViewType, TableClass,
        TableDefinition, Tag, TimeToLiveSpecification,
    },
    plan::{
        Call, GlobalSecondaryIndexUpdate, TagResource, UntagResource, UpdateIndex, UpdateTable,
        UpdateTimeToLive,
    },
};

/// A call, and its change to the definition.
pub(crate) struct Step {
    pub(crate) call: Call,
    pub(crate) change: Box<dyn Fn(&mut TableDefinition)>,
}

impl Step {
    pub(crate) fn new(call: Call, change: impl Fn(&mut TableDefinition) + 'static) -> Self {
        Self { call, change: Box::new(change) }
    }

    /// Creates a step of `UpdateTable`.
    pub(crate) fn update(
        table: &str,
        update: UpdateTable,
        change: impl Fn(&mut TableDefinition) + 'static,
    ) -> Self {
        let table_name = table.to_owned();
        Self::new(Call::UpdateTable(UpdateTable { table_name, ..update }), change)
    }
}

/// Creates the table and sends the calls: after each, the description must differ only by the
/// change of the call.
///
/// The definition is completed with the defaults of `extras`, which the server must support.
pub(crate) async fn walk(
    server: &DynamoDb,
    definition: TableDefinition,
    extras: AuxiliarySettings,
    steps: Vec<Step>,
) {
    server.call(&create(&definition)).await.expect("CreateTable works");
    let mut expected = with_defaults(definition);
    if extras.time_to_live {
        expected.time_to_live_specification = Some(TimeToLiveSpecification::DISABLED);
    }
    if extras.point_in_time_recovery {
        expected.point_in_time_recovery_specification =
            Some(PointInTimeRecoverySpecification::DISABLED);
    }
    if extras.tags && expected.tags.is_none() {
        expected.tags = Some(Vec::new());
    }
    if extras.resource_policy {
        expected.resource_policy = Some(ResourcePolicy::NONE);
    }
    if extras.contributor_insights {
        let off = ContributorInsightsSpecification::DISABLED;
        let names = expected.global_secondary_indexes.iter().map(|index| &index.index_name);
        expected.contributor_insights = Some(ContributorInsights {
            table: Some(off),
            indexes: names.map(|name| (name.clone(), off)).collect(),
        });
    }
    if extras.kinesis_destination {
        expected.kinesis_destinations = Some(KinesisDestinations::NONE);
    }
    expect_all(server, &expected, extras).await;
    for Step { call, change } in steps {
        server.call(&call).await.unwrap_or_else(|error| panic!("{error}: {call:?}"));
        change(&mut expected);
        expect_all(server, &expected, extras).await;
    }
}

async fn expect_all(server: &DynamoDb, expected: &TableDefinition, extras: AuxiliarySettings) {
    let table = wait_for(server, &expected.table_name, extras, |table| {
        table.is_some_and(|table| table.is_settled() && table.transitions.is_empty())
    });
    let table = table.await.expect("a settled table is there");
    assert_eq!(table.definition, *expected);
    assert!(table.unsupported.is_empty(), "{:?}", table.unsupported);
    let has_policy = expected.resource_policy.as_ref().is_some_and(|policy| !policy.is_none());
    assert_eq!(table.policy_revision.is_some(), has_policy);
}

/// Returns steps that enable the TTL, then disable it.
pub(crate) fn time_to_live(table: &str, attribute: &'static str) -> [Step; 2] {
    let call = |enabled| {
        Call::UpdateTimeToLive(UpdateTimeToLive {
            table_name: table.to_owned(),
            time_to_live_specification: TimeToLiveSpecification {
                attribute_name: Some(attribute.to_owned()),
                enabled,
            },
        })
    };
    [
        Step::new(call(true), move |table| {
            table.time_to_live_specification = Some(TimeToLiveSpecification::by(attribute));
        }),
        Step::new(call(false), |table| {
            table.time_to_live_specification = Some(TimeToLiveSpecification::DISABLED);
        }),
    ]
}

/// Returns steps that enable a stream with new images, then disable it.
pub(crate) fn stream(table: &str) -> [Step; 2] {
    [StreamSpecification::of(StreamViewType::NewImage), StreamSpecification::DISABLED].map(
        |specification| {
            let stream_specification = Some(specification);
            Step::update(
                table,
                UpdateTable { stream_specification, ..UpdateTable::default() },
                move |table| table.stream_specification = stream_specification,
            )
        },
    )
}

/// Returns steps that change the class to infrequent access, then back.
pub(crate) fn table_class(table: &str) -> [Step; 2] {
    [TableClass::StandardInfrequentAccess, TableClass::Standard].map(|class| {
        let table_class = Some(class);
        Step::update(table, UpdateTable { table_class, ..UpdateTable::default() }, move |table| {
            table.table_class = table_class;
        })
    })
}

/// Returns steps that enable the protection, then disable it.
pub(crate) fn deletion_protection(table: &str) -> [Step; 2] {
    [true, false].map(|is_on| {
        let deletion_protection_enabled = Some(is_on);
        Step::update(
            table,
            UpdateTable { deletion_protection_enabled, ..UpdateTable::default() },
            move |table| table.deletion_protection_enabled = deletion_protection_enabled,
        )
    })
}

/// Returns steps that set a maximum for the table, then remove it.
pub(crate) fn on_demand_maximum(table: &str) -> [Step; 2] {
    let some = OnDemandThroughput { max_read_request_units: 100, max_write_request_units: 50 };
    [some, OnDemandThroughput::UNLIMITED].map(|maximum| {
        let on_demand_throughput = Some(maximum);
        Step::update(
            table,
            UpdateTable { on_demand_throughput, ..UpdateTable::default() },
            move |table| table.on_demand_throughput = on_demand_throughput,
        )
    })
}

/// Returns steps that add two tags, change one of them, and remove one after the other.
pub(crate) fn tags(table: &str) -> Vec<Step> {
    fn tag(key: &str, value: &str) -> Tag {
        Tag { key: key.to_owned(), value: value.to_owned() }
    }
    let table_name = || table.to_owned();
    let set = |tags| Call::TagResource(TagResource { table_name: table_name(), tags });
    let unset = |key: &str| {
        let tag_keys = vec![key.to_owned()];
        Call::UntagResource(UntagResource { table_name: table_name(), tag_keys })
    };
    vec![
        Step::new(set(vec![tag("team", "shop"), tag("cost:centre", "")]), |table| {
            table.tags = Some(vec![tag("cost:centre", ""), tag("team", "shop")]);
        }),
        Step::new(set(vec![tag("team", "billing")]), |table| {
            table.tags = Some(vec![tag("cost:centre", ""), tag("team", "billing")]);
        }),
        Step::new(unset("cost:centre"), |table| {
            table.tags = Some(vec![tag("team", "billing")]);
        }),
        Step::new(unset("team"), |table| table.tags = Some(Vec::new())),
    ]
}

/// Returns a step that changes the table and each of its GSIs to provisioned capacity.
pub(crate) fn provisioned(table: &str, indexes: &[&str]) -> Step {
    let update = UpdateTable {
        billing_mode: Some(BillingMode::Provisioned),
        provisioned_throughput: units(7, 3),
        global_secondary_index_updates: indexes.iter().map(|name| resized(name, 4, 2)).collect(),
        ..UpdateTable::default()
    };
    Step::update(table, update, |table| {
        table.billing_mode = Some(BillingMode::Provisioned);
        table.provisioned_throughput = units(7, 3);
        table.on_demand_throughput = None;
        for index in &mut table.global_secondary_indexes {
            index.provisioned_throughput = units(4, 2);
            index.on_demand_throughput = None;
        }
    })
}

/// Returns a step that changes the table back to on demand.
pub(crate) fn on_demand(table: &str) -> Step {
    let update =
        UpdateTable { billing_mode: Some(BillingMode::PayPerRequest), ..UpdateTable::default() };
    Step::update(table, update, |table| {
        table.billing_mode = Some(BillingMode::PayPerRequest);
        table.provisioned_throughput = None;
        table.on_demand_throughput = Some(OnDemandThroughput::UNLIMITED);
        for index in &mut table.global_secondary_indexes {
            index.provisioned_throughput = None;
            index.on_demand_throughput = Some(OnDemandThroughput::UNLIMITED);
        }
    })
}

pub(crate) fn units(
    read_capacity_units: i64,
    write_capacity_units: i64,
) -> Option<ProvisionedThroughput> {
    Some(ProvisionedThroughput { read_capacity_units, write_capacity_units })
}

pub(crate) fn resized(index: &str, reads: i64, writes: i64) -> GlobalSecondaryIndexUpdate {
    GlobalSecondaryIndexUpdate::Update(UpdateIndex {
        index_name: index.to_owned(),
        provisioned_throughput: units(reads, writes),
        ..UpdateIndex::default()
    })
}
