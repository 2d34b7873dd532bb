//! Settings that only some servers support.

use crate::support::{
    create,
    settings::{Step, resized, units},
};
use mizzle_aws::DynamoDb;
use mizzle_core::{
    apply::ControlPlane,
    model::{
        AuxiliarySettings, ContributorInsightsSpecification, KinesisDestination,
        KinesisDestinations, PointInTimeRecoverySpecification, ResourcePolicy, TableDefinition,
        TimestampPrecision,
    },
    plan::{
        Call, ContributorInsightsAction, DeleteResourcePolicy, DisableKinesisStreamingDestination,
        EnableKinesisStreamingDestination, KinesisStreamingConfiguration, NO_POLICY,
        PutResourcePolicy, UpdateContinuousBackups, UpdateContributorInsights,
        UpdateKinesisStreamingDestination, UpdateTable,
    },
};

/// The ARN of a KMS key.
pub(crate) const KEY: &str =
    "arn:aws:kms:us-east-1:000000000000:key/11111111-1111-1111-1111-111111111111";

/// Returns steps that enable recovery for seven days, then disable it. The server returns `days`.
pub(crate) fn point_in_time_recovery(table: &str, days: Option<i32>) -> [Step; 2] {
    let call = |point_in_time_recovery_specification| {
        Call::UpdateContinuousBackups(UpdateContinuousBackups {
            table_name: table.to_owned(),
            point_in_time_recovery_specification,
        })
    };
    let on = |recovery_period_in_days| PointInTimeRecoverySpecification {
        point_in_time_recovery_enabled: true,
        recovery_period_in_days,
    };
    [
        Step::new(call(on(Some(7))), move |table| {
            table.point_in_time_recovery_specification = Some(on(days));
        }),
        Step::new(call(PointInTimeRecoverySpecification::DISABLED), |table| {
            table.point_in_time_recovery_specification =
                Some(PointInTimeRecoverySpecification::DISABLED);
        }),
    ]
}

/// Returns a step that changes the capacity of a provisioned table and one of its GSIs in one call.
pub(crate) fn capacity(table: &str, index: &'static str) -> Step {
    let update = UpdateTable {
        provisioned_throughput: units(8, 4),
        global_secondary_index_updates: vec![resized(index, 5, 6)],
        ..UpdateTable::default()
    };
    Step::update(table, update, move |table| {
        table.provisioned_throughput = units(8, 4);
        let mut indexes = table.global_secondary_indexes.iter_mut();
        let index = indexes.find(|present| present.index_name == index).expect("it has the index");
        index.provisioned_throughput = units(5, 6);
    })
}

/// Returns steps that enable the insights of the table or one of its indexes, then disable them.
pub(crate) fn contributor_insights(table: &str, index: Option<&'static str>) -> [Step; 2] {
    [ContributorInsightsAction::Enable, ContributorInsightsAction::Disable].map(|action| {
        let call = Call::UpdateContributorInsights(UpdateContributorInsights {
            table_name: table.to_owned(),
            index_name: index.map(str::to_owned),
            contributor_insights_action: action,
            contributor_insights_mode: None,
        });
        let enabled = action == ContributorInsightsAction::Enable;
        let wanted = ContributorInsightsSpecification { enabled, mode: None };
        Step::new(call, move |table| {
            let insights = table.contributor_insights.as_mut().expect("they are known");
            match index {
                None => insights.table = Some(wanted),
                Some(index) => drop(insights.indexes.insert(index.to_owned(), wanted)),
            }
        })
    })
}

/// Returns steps that enable a destination, change its precision, and disable it.
pub(crate) fn kinesis_destination(table: &str) -> [Step; 3] {
    let stream = "arn:aws:kinesis:us-east-1:000000000000:stream/orders";
    let (table_name, stream_arn) = (table.to_owned(), stream.to_owned());
    let to = |precision| {
        let one = KinesisDestination {
            stream_arn: stream.to_owned(),
            approximate_creation_date_time_precision: Some(precision),
        };
        move |table: &mut TableDefinition| {
            table.kinesis_destinations = Some(KinesisDestinations::new([one.clone()]));
        }
    };
    let configuration = KinesisStreamingConfiguration {
        approximate_creation_date_time_precision: TimestampPrecision::Microsecond,
    };
    let enable = Call::EnableKinesisStreamingDestination(EnableKinesisStreamingDestination {
        table_name: table_name.clone(),
        stream_arn: stream_arn.clone(),
        enable_kinesis_streaming_configuration: None,
    });
    let update = Call::UpdateKinesisStreamingDestination(UpdateKinesisStreamingDestination {
        table_name: table_name.clone(),
        stream_arn: stream_arn.clone(),
        update_kinesis_streaming_configuration: configuration,
    });
    let disable = DisableKinesisStreamingDestination { table_name, stream_arn };
    [
        Step::new(enable, to(TimestampPrecision::Millisecond)),
        Step::new(update, to(TimestampPrecision::Microsecond)),
        Step::new(Call::DisableKinesisStreamingDestination(disable), |table| {
            table.kinesis_destinations = Some(KinesisDestinations::NONE);
        }),
    ]
}

/// Puts a policy, changes and deletes it, each time with the current revision. With another
/// revision nothing is changed.
pub(crate) async fn policies(server: &DynamoDb, definition: TableDefinition) {
    let table_name = definition.table_name.clone();
    server.call(&create(&definition)).await.expect("CreateTable works");
    let policy = |action: &str| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":
               {{"AWS":"123456789012"}},"Action":["dynamodb:{action}"],"Resource":"*"}}]}}"#
        );
        ResourcePolicy::try_from(text).expect("it is JSON")
    };
    let put = |policy: &ResourcePolicy, revision: &str| {
        Call::PutResourcePolicy(PutResourcePolicy {
            table_name: table_name.clone(),
            policy: policy.clone(),
            expected_revision_id: Some(revision.to_owned()),
        })
    };
    let delete = |revision: &str| {
        Call::DeleteResourcePolicy(DeleteResourcePolicy {
            table_name: table_name.clone(),
            expected_revision_id: Some(revision.to_owned()),
        })
    };
    let look = async || {
        let extras = AuxiliarySettings { resource_policy: true, ..AuxiliarySettings::NONE };
        let table = server.describe_table(&table_name, extras).await.expect("a description");
        let table = table.expect("the table is there");
        (table.definition.resource_policy.expect("it was asked for"), table.policy_revision)
    };
    assert_eq!(look().await, (ResourcePolicy::NONE, None));

    let (first, second) = (policy("GetItem"), policy("Query"));
    server.call(&put(&first, NO_POLICY)).await.expect("PutResourcePolicy works");
    let (seen, revision) = look().await;
    assert_eq!(seen, first);
    let revision = revision.expect("a policy has a revision");

    for call in [put(&second, NO_POLICY), put(&second, "another"), delete("another")] {
        let error = server.call(&call).await.expect_err("that is not the revision");
        assert_eq!(error.code.as_deref(), Some("PolicyNotFoundException"));
        assert!(error.message.starts_with("the policy changed after it was read"), "{error}");
    }
    assert_eq!(look().await, (first, Some(revision.clone())));

    server.call(&put(&second, &revision)).await.expect("PutResourcePolicy changes");
    let (seen, revision) = look().await;
    assert_eq!(seen, second);
    let revision = revision.expect("a policy has a revision");
    server.call(&delete(&revision)).await.expect("DeleteResourcePolicy works");
    assert_eq!(look().await, (ResourcePolicy::NONE, None));
}
