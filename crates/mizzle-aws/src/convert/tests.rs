use super::*;

fn shop() -> TableDefinition {
    let attribute = |name: &str, attribute_type| AttributeDefinition {
        attribute_name: name.to_owned(),
        attribute_type,
    };
    TableDefinition {
        table_name: "Shop".to_owned(),
        attribute_definitions: vec![
            attribute("at", ScalarType::N),
            attribute("blob", ScalarType::B),
            attribute("pk", ScalarType::S),
            attribute("sk", ScalarType::S),
        ],
        key_schema: vec![KeySchemaElement::hash("pk"), KeySchemaElement::range("sk")],
        global_secondary_indexes: vec![
            GlobalSecondaryIndex {
                index_name: "byBlob".to_owned(),
                key_schema: vec![
                    KeySchemaElement::hash("blob"),
                    KeySchemaElement::hash("pk"),
                    KeySchemaElement::range("sk"),
                    KeySchemaElement::range("at"),
                ],
                projection: Projection::include(["a", "b"]),
                provisioned_throughput: None,
            },
            GlobalSecondaryIndex {
                index_name: "bySk".to_owned(),
                key_schema: vec![KeySchemaElement::hash("sk")],
                projection: Projection::keys_only(),
                provisioned_throughput: None,
            },
        ],
        local_secondary_indexes: vec![LocalSecondaryIndex {
            index_name: "byDate".to_owned(),
            key_schema: vec![KeySchemaElement::hash("pk"), KeySchemaElement::range("at")],
            projection: Projection::all(),
        }],
        billing_mode: Some(BillingMode::PayPerRequest),
        provisioned_throughput: None,
    }
}

fn provisioned() -> TableDefinition {
    let units = |read_capacity_units, write_capacity_units| {
        Some(ProvisionedThroughput { read_capacity_units, write_capacity_units })
    };
    let mut table = shop();
    table.billing_mode = Some(BillingMode::Provisioned);
    table.provisioned_throughput = units(5, 6);
    for (index, read) in table.global_secondary_indexes.iter_mut().zip(1..) {
        index.provisioned_throughput = units(read, 2);
    }
    table
}

/// What a faithful server would describe after `CreateTable`, everything in reverse order.
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
    let input = create_table(definition).unwrap().build().unwrap();
    let mut table = sdk::TableDescription::builder()
        .set_table_name(input.table_name)
        .table_status(sdk::TableStatus::Active)
        .set_attribute_definitions(Some(reversed(input.attribute_definitions)))
        .set_key_schema(input.key_schema)
        .provisioned_throughput(units(input.provisioned_throughput))
        .item_count(7)
        .table_size_bytes(-1);
    if input.billing_mode == Some(sdk::BillingMode::PayPerRequest) {
        let summary = sdk::BillingModeSummary::builder().set_billing_mode(input.billing_mode);
        table = table.billing_mode_summary(summary.build());
    }
    for index in reversed(input.global_secondary_indexes) {
        table = table.global_secondary_indexes(
            sdk::GlobalSecondaryIndexDescription::builder()
                .index_name(index.index_name)
                .set_key_schema(Some(index.key_schema))
                .set_projection(index.projection)
                .index_status(sdk::IndexStatus::Creating)
                .backfilling(true)
                .provisioned_throughput(units(index.provisioned_throughput))
                .build(),
        );
    }
    for index in reversed(input.local_secondary_indexes) {
        table = table.local_secondary_indexes(
            sdk::LocalSecondaryIndexDescription::builder()
                .index_name(index.index_name)
                .set_key_schema(Some(index.key_schema))
                .set_projection(index.projection)
                .build(),
        );
    }
    table.build()
}

#[test]
fn a_definition_comes_back_as_it_went() {
    for definition in [shop(), provisioned()] {
        let description = description(described(&definition)).unwrap();
        assert_eq!(description.definition, definition);
        assert_eq!(description.status, Status::Active);
        assert_eq!(description.indexes.keys().collect::<Vec<_>>(), ["byBlob", "bySk"]);
        for state in description.indexes.values() {
            assert_eq!(*state, IndexState { status: Status::Creating, backfilling: true });
        }
        assert!(!description.is_settled());
        assert_eq!(description.item_count, Some(7));
        assert_eq!(description.size_bytes, None, "a negative size is no size");
    }
}

#[test]
fn empty_lists_are_not_sent() {
    let mut definition = shop();
    definition.global_secondary_indexes.clear();
    definition.local_secondary_indexes.clear();
    let input = create_table(&definition).unwrap().build().unwrap();
    assert_eq!(input.global_secondary_indexes, None);
    assert_eq!(input.local_secondary_indexes, None);
    let update = UpdateTable {
        table_name: "Shop".to_owned(),
        attribute_definitions: Vec::new(),
        global_secondary_index_updates: vec![GlobalSecondaryIndexUpdate::Delete(DeleteIndex {
            index_name: "bySk".to_owned(),
        })],
    };
    let input = update_table(&update).unwrap().build().unwrap();
    assert_eq!(input.attribute_definitions, None);
    let updates = input.global_secondary_index_updates.unwrap();
    assert_eq!(updates[0].delete.as_ref().unwrap().index_name, "bySk");
    assert_eq!(updates[0].create, None);
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
        let mut table = described(&shop());
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
    let cases: [(Change, &str); 6] = [
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
    ];
    for (change, message) in cases {
        let mut table = described(&shop());
        change(&mut table);
        assert_eq!(description(table).unwrap_err().to_string(), message);
    }
}
