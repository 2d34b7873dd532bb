use super::{at_most, creation, shop, shop_with_capacity, shop_with_settings, warm};
use crate::control::convert::{description::description, requests};
use aws_sdk_dynamodb::{primitives::DateTime, types as sdk};
use mizzle_core::model::{
    BillingMode, IndexSize, IndexState, SseSpecification, Status, StreamSpecification,
    StreamViewType, TableDefinition,
};
use std::time::{Duration, SystemTime};

/// Returns an accurate description after `CreateTable`, with all lists in reverse order.
fn described(definition: &TableDefinition) -> sdk::TableDescription {
    fn reversed<T>(list: Option<Vec<T>>) -> Vec<T> {
        list.unwrap_or_default().into_iter().rev().collect()
    }
    let units = |units: Option<sdk::ProvisionedThroughput>| {
        let units = units.map_or((0, 0), |u| (u.read_capacity_units, u.write_capacity_units));
        sdk::ProvisionedThroughputDescription::builder()
            .read_capacity_units(units.0)
            .write_capacity_units(units.1)
            .build()
    };
    let create = creation(definition.clone());
    let input = requests::create_table(&create).unwrap().build().unwrap();
    let encryption = input.sse_specification.filter(|sse| sse.enabled == Some(true)).map(|sse| {
        sdk::SseDescription::builder()
            .status(sdk::SseStatus::Enabled)
            .set_sse_type(sse.sse_type)
            .set_kms_master_key_arn(sse.kms_master_key_id)
            .build()
    });
    let class =
        input.table_class.map(|class| sdk::TableClassSummary::builder().table_class(class).build());
    let warm = input.warm_throughput.map(|warm| {
        sdk::TableWarmThroughputDescription::builder()
            .set_read_units_per_second(warm.read_units_per_second)
            .set_write_units_per_second(warm.write_units_per_second)
            .status(sdk::TableStatus::Active)
            .build()
    });
    let mut table = sdk::TableDescription::builder()
        .set_table_name(input.table_name)
        .table_status(sdk::TableStatus::Active)
        .set_attribute_definitions(Some(reversed(input.attribute_definitions)))
        .set_key_schema(input.key_schema)
        .provisioned_throughput(units(input.provisioned_throughput))
        .set_on_demand_throughput(input.on_demand_throughput)
        .set_warm_throughput(warm)
        .set_stream_specification(input.stream_specification)
        .set_sse_description(encryption)
        .set_table_class_summary(class)
        .set_deletion_protection_enabled(input.deletion_protection_enabled)
        .item_count(7)
        .creation_date_time(DateTime::from_secs(1_763_811_600))
        .table_size_bytes(-1);
    if input.billing_mode == Some(sdk::BillingMode::PayPerRequest) {
        let summary = sdk::BillingModeSummary::builder().set_billing_mode(input.billing_mode);
        table = table.billing_mode_summary(summary.build());
    }
    for index in reversed(input.global_secondary_indexes) {
        let warm = index.warm_throughput.map(|warm| {
            sdk::GlobalSecondaryIndexWarmThroughputDescription::builder()
                .set_read_units_per_second(warm.read_units_per_second)
                .set_write_units_per_second(warm.write_units_per_second)
                .build()
        });
        table = table.global_secondary_indexes(
            sdk::GlobalSecondaryIndexDescription::builder()
                .index_name(index.index_name)
                .set_key_schema(Some(index.key_schema))
                .set_projection(index.projection)
                .index_status(sdk::IndexStatus::Creating)
                .backfilling(true)
                .item_count(3)
                .index_size_bytes(120)
                .provisioned_throughput(units(index.provisioned_throughput))
                .set_on_demand_throughput(index.on_demand_throughput)
                .set_warm_throughput(warm)
                .build(),
        );
    }
    for index in reversed(input.local_secondary_indexes) {
        table = table.local_secondary_indexes(
            sdk::LocalSecondaryIndexDescription::builder()
                .index_name(index.index_name)
                .set_key_schema(Some(index.key_schema))
                .set_projection(index.projection)
                .item_count(4)
                .build(),
        );
    }
    table.build()
}

#[test]
fn a_definition_comes_back_as_it_went() {
    for definition in [shop(), shop_with_capacity(), shop_with_settings()] {
        let description = description(described(&definition)).unwrap();
        assert_eq!(description.definition, definition);
        assert_eq!(description.status, Status::Active);
        assert_eq!(description.indexes.keys().collect::<Vec<_>>(), ["byBlob", "bySk"]);
        for state in description.indexes.values() {
            assert_eq!(
                *state,
                IndexState { status: Status::Creating, backfilling: true, is_warming: false }
            );
        }
        assert!(!description.is_settled());
        assert_eq!(description.item_count, Some(7));
        assert_eq!(description.size_bytes, None, "a negative size is no size");
        for index in &definition.global_secondary_indexes {
            let size = IndexSize { item_count: Some(3), size_bytes: Some(120) };
            assert_eq!(description.index_sizes[&index.index_name], size);
        }
        for index in &definition.local_secondary_indexes {
            let size = IndexSize { item_count: Some(4), size_bytes: None };
            assert_eq!(description.index_sizes[&index.index_name], size);
        }
        let created = SystemTime::UNIX_EPOCH + Duration::from_secs(1_763_811_600);
        assert_eq!(description.created, Some(created));
        assert_eq!(description.policy_revision, None);
        assert!(description.unsupported.is_empty());
    }
}

#[test]
fn what_is_not_said_is_at_its_default() {
    for definition in [shop(), shop_with_capacity()] {
        let mut table = described(&definition);
        table.on_demand_throughput = None;
        for index in table.global_secondary_indexes.as_mut().unwrap() {
            index.on_demand_throughput = None;
        }
        table.stream_specification = None;
        table.sse_description = None;
        table.table_class_summary = None;
        table.deletion_protection_enabled = None;
        assert_eq!(description(table).unwrap().definition, definition);
    }
}

#[test]
fn the_billing_mode_is_read_from_what_there_is() {
    let summary = |mode: &str| Some(sdk::BillingMode::from(mode));
    let on_demand = Some(BillingMode::PayPerRequest);
    let provisioned = Some(BillingMode::Provisioned);
    for (mode, units, expected, kept) in [
        (summary("PAY_PER_REQUEST"), Some((0, 0)), on_demand, false),
        (summary("PAY_PER_REQUEST"), Some((5, 5)), on_demand, false),
        (summary("PAY_PER_REQUEST"), None, on_demand, false),
        (summary("PROVISIONED"), Some((5, 5)), provisioned, true),
        (summary("PROVISIONED"), None, provisioned, false),
        (summary("BY_THE_WEIGHT"), Some((0, 0)), None, false),
        (None, Some((5, 5)), provisioned, true),
        (None, Some((0, 0)), None, false),
        (None, None, None, false),
    ] {
        let mut table = described(&shop_with_settings());
        table.billing_mode_summary =
            mode.map(|mode| sdk::BillingModeSummary::builder().billing_mode(mode).build());
        table.provisioned_throughput = units.map(|(read, write)| {
            sdk::ProvisionedThroughputDescription::builder()
                .read_capacity_units(read)
                .write_capacity_units(write)
                .build()
        });
        let definition = description(table).unwrap().definition;
        assert_eq!(definition.billing_mode, expected, "{units:?}");
        assert_eq!(definition.provisioned_throughput.is_some(), kept, "{units:?}");
        // The maximum throughput on demand has no meaning in another mode.
        let index = &definition.global_secondary_indexes[0];
        assert_eq!(definition.on_demand_throughput.is_some(), expected == on_demand, "{units:?}");
        assert_eq!(index.on_demand_throughput.is_some(), expected == on_demand, "{units:?}");
    }
}

#[test]
fn capacity_left_over_from_another_mode_is_noise() {
    let mut table = described(&shop());
    for index in table.global_secondary_indexes.as_mut().unwrap() {
        let units = sdk::ProvisionedThroughputDescription::builder();
        index.provisioned_throughput =
            Some(units.read_capacity_units(4).write_capacity_units(2).build());
    }
    assert_eq!(description(table).unwrap().definition, shop());
}

#[test]
fn throughput_is_read_from_what_there_is() {
    for (reads, writes, expected) in [
        (Some(100), Some(50), at_most(100, 50)),
        (Some(100), None, at_most(100, -1)),
        (None, Some(50), at_most(-1, 50)),
        (None, None, at_most(-1, -1)),
    ] {
        let mut table = described(&shop());
        let units = sdk::OnDemandThroughput::builder()
            .set_max_read_request_units(reads)
            .set_max_write_request_units(writes);
        table.on_demand_throughput = Some(units.build());
        let definition = description(table).unwrap().definition;
        assert_eq!(definition.on_demand_throughput, Some(expected));
    }
    for (reads, writes, expected) in [
        (Some(13_000), Some(5_000), Some(warm(13_000, 5_000))),
        (Some(13_000), None, None),
        (Some(0), Some(0), None),
        (None, None, None),
    ] {
        let mut table = described(&shop());
        let units = sdk::TableWarmThroughputDescription::builder()
            .set_read_units_per_second(reads)
            .set_write_units_per_second(writes);
        table.warm_throughput = Some(units.build());
        assert_eq!(description(table).unwrap().definition.warm_throughput, expected);
    }
}

#[test]
fn encryption_is_read_from_status_type_and_key() {
    let arn = "arn:aws:kms:eu-central-1:1:key/k";
    let (owned, key) = (SseSpecification::OWNED, SseSpecification::key(arn));
    for (status, sse_type, kms_key, expected) in [
        ("ENABLED", Some("KMS"), Some(arn), &key),
        ("ENABLING", Some("KMS"), Some(arn), &key),
        ("UPDATING", Some("KMS"), Some(arn), &key),
        ("ENABLED", None, Some(arn), &key),
        ("ENABLED", Some("KMS"), None, &SseSpecification::MANAGED),
        ("DISABLED", Some("KMS"), Some(arn), &owned),
        ("DISABLING", Some("KMS"), Some(arn), &owned),
        ("DISABLED", None, None, &owned),
        ("ENABLED", Some("AES256"), None, &owned),
    ] {
        let mut table = described(&shop());
        let description_of_key = sdk::SseDescription::builder()
            .status(sdk::SseStatus::from(status))
            .set_sse_type(sse_type.map(sdk::SseType::from))
            .set_kms_master_key_arn(kms_key.map(str::to_owned));
        table.sse_description = Some(description_of_key.build());
        let definition = description(table).unwrap().definition;
        assert_eq!(definition.sse_specification.as_ref(), Some(expected), "{status} {sse_type:?}");
    }
}

#[test]
fn a_stream_that_is_off_is_no_stream() {
    for view in [None, Some(sdk::StreamViewType::NewImage)] {
        let mut table = described(&shop());
        let stream = sdk::StreamSpecification::builder().stream_enabled(false);
        table.stream_specification = Some(stream.set_stream_view_type(view).build().unwrap());
        assert_eq!(description(table).unwrap().definition, shop());
    }
    for (word, view) in StreamViewType::ALL {
        let wanted = StreamSpecification::of(view);
        let definition = TableDefinition { stream_specification: Some(wanted), ..shop() };
        let table = described(&definition);
        let sent = table.stream_specification().unwrap().stream_view_type().unwrap();
        assert_eq!(sent.as_str(), word);
        assert_eq!(description(table).unwrap().definition, definition);
    }
}

#[test]
fn attributes_that_no_key_uses_are_left_out() {
    let mut definition = shop();
    let mut table = described(&definition);
    table.global_secondary_indexes.as_mut().unwrap().pop();
    definition.global_secondary_indexes.remove(0);
    definition.attribute_definitions.retain(|attribute| attribute.attribute_name != "blob");
    assert_eq!(description(table).unwrap().definition, definition);
}

#[test]
fn an_index_without_a_status_follows_the_table() {
    let mut table = described(&shop());
    table.table_status = Some(sdk::TableStatus::from("HIBERNATING"));
    for index in table.global_secondary_indexes.as_mut().unwrap() {
        index.index_status = None;
    }
    let description = description(table).unwrap();
    assert_eq!(description.status, Status::Other("HIBERNATING".to_owned()));
    assert_eq!(description.indexes["bySk"].status, description.status);
}

#[test]
fn what_is_not_known_is_an_error_that_names_it() {
    type Change = fn(&mut sdk::TableDescription);
    let cases: [(Change, &str); 12] = [
        (
            |table| {
                let list = table.attribute_definitions.as_mut().unwrap();
                list[0].attribute_type = sdk::ScalarAttributeType::from("Z");
            },
            "AttributeType is \"Z\", which this version of mizzle does not know",
        ),
        (
            |table| {
                let list = table.key_schema.as_mut().unwrap();
                list[1].key_type = sdk::KeyType::from("SPIRAL");
            },
            "KeyType is \"SPIRAL\", which this version of mizzle does not know",
        ),
        (
            |table| {
                let list = table.local_secondary_indexes.as_mut().unwrap();
                let projection = list[0].projection.as_mut().unwrap();
                projection.projection_type = Some(sdk::ProjectionType::from("SOME"));
            },
            "ProjectionType is \"SOME\", which this version of mizzle does not know",
        ),
        (|table| table.table_status = None, "the answer lacks TableStatus"),
        (|table| table.key_schema = None, "the answer lacks KeySchema"),
        (
            |table| {
                let list = table.global_secondary_indexes.as_mut().unwrap();
                list[0].index_name = None;
            },
            "the answer lacks IndexName",
        ),
        (
            |table| {
                let stream = sdk::StreamSpecification::builder().stream_enabled(true);
                table.stream_specification = stream.build().ok();
            },
            "the answer lacks StreamViewType",
        ),
        (
            |table| {
                let stream = sdk::StreamSpecification::builder().stream_enabled(true);
                let view = sdk::StreamViewType::from("RUMOURS");
                table.stream_specification = stream.stream_view_type(view).build().ok();
            },
            "StreamViewType is \"RUMOURS\", which this version of mizzle does not know",
        ),
        (
            |table| table.sse_description = Some(sdk::SseDescription::builder().build()),
            "the answer lacks SSEDescription.Status",
        ),
        (
            |table| {
                let status = sdk::SseStatus::from("CRACKED");
                let description = sdk::SseDescription::builder().status(status);
                table.sse_description = Some(description.build());
            },
            "SSEDescription.Status is \"CRACKED\", which this version of mizzle does not know",
        ),
        (
            |table| {
                let description = sdk::SseDescription::builder()
                    .status(sdk::SseStatus::Enabled)
                    .sse_type(sdk::SseType::from("ROT13"));
                table.sse_description = Some(description.build());
            },
            "SSEType is \"ROT13\", which this version of mizzle does not know",
        ),
        (
            |table| {
                let class = sdk::TableClass::from("BUSINESS");
                let summary = sdk::TableClassSummary::builder().table_class(class);
                table.table_class_summary = Some(summary.build());
            },
            "TableClass is \"BUSINESS\", which this version of mizzle does not know",
        ),
    ];
    for (change, message) in cases {
        let mut table = described(&shop());
        change(&mut table);
        assert_eq!(description(table).unwrap_err().to_string(), message);
    }
}
