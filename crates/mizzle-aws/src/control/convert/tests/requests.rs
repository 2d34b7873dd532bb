use super::{at_most, creation, provisioned, shop, shop_with_settings, tag, warm};
use crate::control::convert::requests;
use mizzle_core::{
    model::{
        BillingMode, ContributorInsightsMode, PointInTimeRecoverySpecification, ResourcePolicy,
        SseSpecification, StreamSpecification, TableClass, TableDefinition,
        TimeToLiveSpecification, TimestampPrecision,
    },
    plan::{
        ContributorInsightsAction, DeleteIndex, DeleteResourcePolicy, DeleteTable,
        DisableKinesisStreamingDestination, EnableKinesisStreamingDestination,
        GlobalSecondaryIndexUpdate, KinesisStreamingConfiguration, PutResourcePolicy, TagResource,
        UntagResource, UpdateContinuousBackups, UpdateContributorInsights, UpdateIndex,
        UpdateKinesisStreamingDestination, UpdateTable, UpdateTimeToLive,
    },
};

#[test]
fn empty_lists_are_not_sent() {
    let mut definition = shop();
    definition.global_secondary_indexes.clear();
    definition.local_secondary_indexes.clear();
    let input = requests::create_table(&creation(definition)).unwrap().build().unwrap();
    assert_eq!(input.global_secondary_indexes, None);
    assert_eq!(input.local_secondary_indexes, None);
    assert_eq!(input.tags, None);
    let update = UpdateTable { table_name: "Shop".to_owned(), ..UpdateTable::default() };
    let input = requests::update_table(&update).unwrap();
    assert_eq!(input.get_attribute_definitions(), &None);
    assert_eq!(input.get_global_secondary_index_updates(), &None);
}

#[test]
fn tags_of_a_new_table_are_sent_with_it() {
    let definition = TableDefinition { tags: Some(vec![tag("team", "")]), ..shop() };
    let input = requests::create_table(&creation(definition)).unwrap().build().unwrap();
    let tags = input.tags.unwrap();
    assert_eq!((tags[0].key.as_str(), tags[0].value.as_str(), tags.len()), ("team", "", 1));
}

/// Asserts that an input sets these fields only. Inputs are compared by the debug output of the
/// SDK's types, which shows every field, set or not.
#[track_caller]
fn only_sets(input: &impl std::fmt::Debug, expected: &[&str]) {
    let text = format!("{input:?}");
    for part in expected {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let set = text.matches(": Some(").count();
    let wanted: usize = expected.iter().map(|part| part.matches(": Some(").count()).sum();
    assert_eq!(set, wanted, "{text}");
}

#[test]
fn an_update_says_what_it_changes_and_no_more() {
    let update = |change: UpdateTable| {
        let change = UpdateTable { table_name: "Shop".to_owned(), ..change };
        requests::update_table(&change).unwrap()
    };
    let name = "table_name: Some(\"Shop\")";
    let none = UpdateTable::default;
    let index = |change| UpdateTable {
        global_secondary_index_updates: vec![change],
        ..UpdateTable::default()
    };
    only_sets(
        &update(UpdateTable {
            billing_mode: Some(BillingMode::Provisioned),
            provisioned_throughput: Some(provisioned(5, 6)),
            ..none()
        }),
        &[
            name,
            "billing_mode: Some(Provisioned)",
            "provisioned_throughput: Some(ProvisionedThroughput { read_capacity_units: 5, \
             write_capacity_units: 6 })",
        ],
    );
    only_sets(
        &update(UpdateTable { on_demand_throughput: Some(at_most(-1, 7)), ..none() }),
        &[
            name,
            "on_demand_throughput: Some(OnDemandThroughput { max_read_request_units: Some(-1), \
             max_write_request_units: Some(7) })",
        ],
    );
    only_sets(
        &update(UpdateTable { warm_throughput: Some(warm(8, 9)), ..none() }),
        &[
            name,
            "warm_throughput: Some(WarmThroughput { read_units_per_second: Some(8), \
             write_units_per_second: Some(9) })",
        ],
    );
    only_sets(
        &update(UpdateTable {
            stream_specification: Some(StreamSpecification::DISABLED),
            ..none()
        }),
        &[
            name,
            "stream_specification: Some(StreamSpecification { stream_enabled: false, \
             stream_view_type: None })",
        ],
    );
    for (wanted, sent) in [
        (
            SseSpecification::OWNED,
            "{ enabled: Some(false), sse_type: None, kms_master_key_id: None }",
        ),
        (
            SseSpecification::MANAGED,
            "{ enabled: Some(true), sse_type: Some(Kms), kms_master_key_id: None }",
        ),
        (
            SseSpecification::key("k"),
            "{ enabled: Some(true), sse_type: Some(Kms), kms_master_key_id: Some(\"k\") }",
        ),
    ] {
        let sent = format!("sse_specification: Some(SseSpecification {sent})");
        let wanted = UpdateTable { sse_specification: Some(wanted), ..none() };
        only_sets(&update(wanted), &[name, &sent]);
    }
    only_sets(
        &update(UpdateTable { table_class: Some(TableClass::StandardInfrequentAccess), ..none() }),
        &[name, "table_class: Some(StandardInfrequentAccess)"],
    );
    only_sets(
        &update(UpdateTable { deletion_protection_enabled: Some(false), ..none() }),
        &[name, "deletion_protection_enabled: Some(false)"],
    );
    only_sets(
        &update(index(GlobalSecondaryIndexUpdate::Delete(DeleteIndex {
            index_name: "bySk".to_owned(),
        }))),
        &[
            name,
            "global_secondary_index_updates: Some([GlobalSecondaryIndexUpdate { update: None, \
             create: None, delete: Some(DeleteGlobalSecondaryIndexAction { index_name: \"bySk\" })",
        ],
    );
    only_sets(
        &update(index(GlobalSecondaryIndexUpdate::Update(UpdateIndex {
            index_name: "bySk".to_owned(),
            provisioned_throughput: Some(provisioned(1, 2)),
            on_demand_throughput: Some(at_most(3, 4)),
            warm_throughput: Some(warm(5, 6)),
        }))),
        &[
            name,
            "global_secondary_index_updates: Some([GlobalSecondaryIndexUpdate { update: \
             Some(UpdateGlobalSecondaryIndexAction { index_name: \"bySk\", \
             provisioned_throughput: Some(ProvisionedThroughput { read_capacity_units: 1, \
             write_capacity_units: 2 }), on_demand_throughput: Some(OnDemandThroughput { \
             max_read_request_units: Some(3), max_write_request_units: Some(4) }), \
             warm_throughput: Some(WarmThroughput { read_units_per_second: Some(5), \
             write_units_per_second: Some(6) }) }), create: None, delete: None }])",
        ],
    );
    let created = shop_with_settings().global_secondary_indexes.swap_remove(0);
    let sent = update(index(GlobalSecondaryIndexUpdate::Create(created.clone().into())));
    let create = requests::create_table(&creation(shop_with_settings())).unwrap();
    let action = sent.get_global_secondary_index_updates().as_ref().unwrap()[0].create().unwrap();
    let at_creation = &create.get_global_secondary_indexes().as_ref().unwrap()[0];
    assert_eq!(action.index_name, created.index_name);
    assert_eq!(action.key_schema, at_creation.key_schema);
    assert_eq!(action.projection, at_creation.projection);
    assert_eq!(action.provisioned_throughput, at_creation.provisioned_throughput);
    assert_eq!(action.on_demand_throughput, at_creation.on_demand_throughput);
    assert!(action.on_demand_throughput.is_some() && action.warm_throughput.is_some());
    assert_eq!(action.warm_throughput, at_creation.warm_throughput);
}

#[test]
fn the_other_requests_say_what_they_change() {
    let table_name = || "Shop".to_owned();
    let name = "table_name: Some(\"Shop\")";
    let arn = || "ARN".to_owned();
    let resource = "resource_arn: Some(\"ARN\")";
    only_sets(&requests::delete_table(&DeleteTable { table_name: table_name() }), &[name]);

    for enabled in [true, false] {
        let specification =
            TimeToLiveSpecification { attribute_name: Some("at".to_owned()), enabled };
        let sent = format!(
            "time_to_live_specification: Some(TimeToLiveSpecification {{ enabled: {enabled}, \
             attribute_name: \"at\" }})"
        );
        let request = UpdateTimeToLive {
            table_name: table_name(),
            time_to_live_specification: specification,
        };
        only_sets(&requests::update_time_to_live(&request).unwrap(), &[name, &sent]);
    }
    let request = UpdateTimeToLive {
        table_name: table_name(),
        time_to_live_specification: TimeToLiveSpecification::DISABLED,
    };
    let error = requests::update_time_to_live(&request).unwrap_err();
    assert!(error.to_string().contains("attribute_name"), "{error}");

    for (point_in_time_recovery_enabled, recovery_period_in_days, sent) in [
        (true, Some(7), "{ point_in_time_recovery_enabled: true, recovery_period_in_days: Some(7)"),
        (true, None, "{ point_in_time_recovery_enabled: true, recovery_period_in_days: None"),
        (false, None, "{ point_in_time_recovery_enabled: false, recovery_period_in_days: None"),
    ] {
        let request = UpdateContinuousBackups {
            table_name: table_name(),
            point_in_time_recovery_specification: PointInTimeRecoverySpecification {
                point_in_time_recovery_enabled,
                recovery_period_in_days,
            },
        };
        let sent = format!(
            "point_in_time_recovery_specification: Some(PointInTimeRecoverySpecification {sent}"
        );
        only_sets(&requests::update_continuous_backups(&request).unwrap(), &[name, &sent]);
    }

    let request = UpdateContributorInsights {
        table_name: table_name(),
        index_name: Some("byA".to_owned()),
        contributor_insights_action: ContributorInsightsAction::Enable,
        contributor_insights_mode: Some(ContributorInsightsMode::ThrottledKeys),
    };
    only_sets(
        &requests::update_contributor_insights(&request),
        &[
            name,
            "index_name: Some(\"byA\")",
            "contributor_insights_action: Some(Enable)",
            "contributor_insights_mode: Some(ThrottledKeys)",
        ],
    );

    let stream_arn = || "arn:aws:kinesis:us-east-1:123456789012:stream/orders".to_owned();
    let stream = "stream_arn: Some(\"arn:aws:kinesis:us-east-1:123456789012:stream/orders\")";
    let configuration = KinesisStreamingConfiguration {
        approximate_creation_date_time_precision: TimestampPrecision::Microsecond,
    };
    let precision = |kind| {
        format!(
            "{kind}_kinesis_streaming_configuration: Some({}KinesisStreamingConfiguration {{ approximate_creation_date_time_precision: Some(Microsecond) }})",
            if kind == "enable" { "Enable" } else { "Update" }
        )
    };
    let request = EnableKinesisStreamingDestination {
        table_name: table_name(),
        stream_arn: stream_arn(),
        enable_kinesis_streaming_configuration: Some(configuration),
    };
    let sent = requests::enable_kinesis_destination(&request);
    only_sets(&sent, &[name, stream, &precision("enable")]);
    let request = UpdateKinesisStreamingDestination {
        table_name: table_name(),
        stream_arn: stream_arn(),
        update_kinesis_streaming_configuration: configuration,
    };
    let sent = requests::update_kinesis_destination(&request);
    only_sets(&sent, &[name, stream, &precision("update")]);
    let request =
        DisableKinesisStreamingDestination { table_name: table_name(), stream_arn: stream_arn() };
    only_sets(&requests::disable_kinesis_destination(&request), &[name, stream]);

    let request = TagResource { table_name: table_name(), tags: vec![tag("a", "1")] };
    only_sets(
        &requests::tag_resource(&request, arn()).unwrap(),
        &[resource, "tags: Some([Tag { key: \"a\", value: \"1\" }])"],
    );
    let request = UntagResource { table_name: table_name(), tag_keys: vec!["a".to_owned()] };
    only_sets(&requests::untag_resource(&request, arn()), &[resource, "tag_keys: Some([\"a\"])"]);
    let policy = ResourcePolicy::try_from(r#"{"Version":"2012-10-17"}"#.to_owned()).unwrap();
    let request = PutResourcePolicy {
        table_name: table_name(),
        policy,
        expected_revision_id: Some("7".to_owned()),
    };
    only_sets(
        &requests::put_resource_policy(&request, arn()),
        &[
            resource,
            r#"policy: Some("{\"Version\":\"2012-10-17\"}")"#,
            "expected_revision_id: Some(\"7\")",
        ],
    );
    let request = DeleteResourcePolicy { table_name: table_name(), expected_revision_id: None };
    only_sets(&requests::delete_resource_policy(&request, arn()), &[resource]);
}
