//! Creates, changes and deletes a table, on any server.

pub(crate) mod data;
pub(crate) mod ledger;
pub(crate) mod settings;

use aws_sdk_dynamodb::types::AttributeValue;
use mizzle_aws::DynamoDb;
use mizzle_core::{
    apply::{ControlPlane, ServiceErrorKind},
    model::{
        AttributeDefinition, AuxiliarySettings, BillingMode, GlobalSecondaryIndex,
        KeySchemaElement, LocalSecondaryIndex, OnDemandThroughput, Projection,
        ProvisionedThroughput, ScalarType, SseSpecification, StreamSpecification, TableClass,
        TableDefinition, TableDescription,
    },
    plan::{Call, CreateTable, DeleteIndex, DeleteTable, GlobalSecondaryIndexUpdate, UpdateTable},
};
use std::time::{Duration, Instant};

pub(crate) fn attribute(name: &str, attribute_type: ScalarType) -> AttributeDefinition {
    AttributeDefinition { attribute_name: name.to_owned(), attribute_type }
}

pub(crate) fn gsi(
    name: &str,
    key_schema: Vec<KeySchemaElement>,
    projection: Projection,
) -> GlobalSecondaryIndex {
    GlobalSecondaryIndex {
        index_name: name.to_owned(),
        key_schema,
        projection,
        ..GlobalSecondaryIndex::default()
    }
}

/// Returns an on-demand table with every kind of key, index and projection that all servers
/// support.
pub(crate) fn orders() -> TableDefinition {
    TableDefinition {
        table_name: "Orders".to_owned(),
        attribute_definitions: vec![
            attribute("at", ScalarType::N),
            attribute("digest", ScalarType::B),
            attribute("pk", ScalarType::S),
            attribute("sk", ScalarType::S),
            attribute("status", ScalarType::S),
        ],
        key_schema: vec![KeySchemaElement::hash("pk"), KeySchemaElement::range("sk")],
        global_secondary_indexes: vec![
            gsi("byDigest", vec![KeySchemaElement::hash("digest")], Projection::keys_only()),
            gsi(
                "byStatus",
                vec![KeySchemaElement::hash("status"), KeySchemaElement::range("at")],
                Projection::include(["total", "customer"]),
            ),
        ],
        local_secondary_indexes: vec![LocalSecondaryIndex {
            index_name: "byDate".to_owned(),
            key_schema: vec![KeySchemaElement::hash("pk"), KeySchemaElement::range("at")],
            projection: Projection::include(["total"]),
        }],
        billing_mode: Some(BillingMode::PayPerRequest),
        ..TableDefinition::default()
    }
}

/// Returns a provisioned table.
pub(crate) fn counters() -> TableDefinition {
    TableDefinition {
        table_name: "Counters".to_owned(),
        attribute_definitions: vec![attribute("id", ScalarType::S)],
        key_schema: vec![KeySchemaElement::hash("id")],
        billing_mode: Some(BillingMode::Provisioned),
        provisioned_throughput: Some(ProvisionedThroughput {
            read_capacity_units: 3,
            write_capacity_units: 4,
        }),
        ..TableDefinition::default()
    }
}

/// Returns the call that creates the table, with every setting of `CreateTable`.
pub(crate) fn create(definition: &TableDefinition) -> Call {
    let definition = definition.clone();
    Call::CreateTable(CreateTable {
        table_name: definition.table_name,
        attribute_definitions: definition.attribute_definitions,
        key_schema: definition.key_schema,
        global_secondary_indexes: definition
            .global_secondary_indexes
            .into_iter()
            .map(Into::into)
            .collect(),
        local_secondary_indexes: definition.local_secondary_indexes,
        billing_mode: definition.billing_mode,
        provisioned_throughput: definition.provisioned_throughput,
        on_demand_throughput: definition.on_demand_throughput,
        warm_throughput: definition.warm_throughput,
        stream_specification: definition.stream_specification,
        sse_specification: definition.sse_specification,
        table_class: definition.table_class,
        deletion_protection_enabled: definition.deletion_protection_enabled,
        tags: definition.tags.unwrap_or_default(),
    })
}

/// Returns the definition with the defaults of all settings in `DescribeTable`.
pub(crate) fn with_defaults(mut definition: TableDefinition) -> TableDefinition {
    if definition.billing_mode == Some(BillingMode::PayPerRequest) {
        definition.on_demand_throughput.get_or_insert(OnDemandThroughput::UNLIMITED);
        for index in &mut definition.global_secondary_indexes {
            index.on_demand_throughput.get_or_insert(OnDemandThroughput::UNLIMITED);
        }
    }
    definition.stream_specification.get_or_insert(StreamSpecification::DISABLED);
    definition.sse_specification.get_or_insert(SseSpecification::OWNED);
    definition.table_class.get_or_insert(TableClass::Standard);
    definition.deletion_protection_enabled.get_or_insert(false);
    definition
}

/// Waits until the table meets a condition.
pub(crate) async fn wait_for(
    server: &DynamoDb,
    table: &str,
    extras: AuxiliarySettings,
    wanted: impl Fn(Option<&TableDescription>) -> bool,
) -> Option<TableDescription> {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let now = server.describe_table(table, extras).await.expect("a description works");
        if wanted(now.as_ref()) {
            return now;
        }
        assert!(Instant::now() < deadline, "waited 30 s in vain; last seen: {now:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until the table is settled, and compares it with the definition and its defaults.
pub(crate) async fn expect(server: &DynamoDb, definition: &TableDefinition) {
    let now = wait_for(server, &definition.table_name, AuxiliarySettings::NONE, |table| {
        table.is_some_and(TableDescription::is_settled)
    });
    let now = now.await.expect("a settled table is there");
    assert_eq!(now.definition, with_defaults(definition.clone()));
    assert_eq!(now.item_count, Some(0));
    assert_eq!(now.indexes.len(), definition.global_secondary_indexes.len());
}

fn update(definition: &TableDefinition, change: GlobalSecondaryIndexUpdate) -> Call {
    Call::UpdateTable(UpdateTable {
        table_name: definition.table_name.clone(),
        attribute_definitions: definition.attribute_definitions.clone(),
        global_secondary_index_updates: vec![change],
        ..UpdateTable::default()
    })
}

pub(crate) fn delete(table: &str) -> Call {
    Call::DeleteTable(DeleteTable { table_name: table.to_owned() })
}

/// Creates `definition`, adds `added`, drops it again, deletes the table: each description must
/// match the request. `attributes` are the ones that only `added` uses.
pub(crate) async fn life_of_a_table(
    server: &DynamoDb,
    definition: TableDefinition,
    added: GlobalSecondaryIndex,
    attributes: Vec<AttributeDefinition>,
) {
    let name = definition.table_name.as_str();
    assert_eq!(server.describe_table(name, AuxiliarySettings::ALL).await.expect("an answer"), None);

    let create = create(&definition);
    server.call(&create).await.expect("CreateTable works");
    expect(server, &definition).await;
    assert!(server.list_tables().await.expect("ListTables works").contains(&name.to_owned()));

    let again = server.call(&create).await.expect_err("the table exists");
    assert_eq!(again.kind, ServiceErrorKind::InUse, "{again}");
    assert_eq!(again.table.as_deref(), Some(name));
    assert_eq!(again.operation, "CreateTable");

    let mut grown = definition.clone();
    grown.attribute_definitions.extend(attributes);
    grown.global_secondary_indexes.push(added.clone());
    let grown = grown.normalised();
    let index_name = added.index_name.clone();
    let add = update(&grown, GlobalSecondaryIndexUpdate::Create(added.into()));
    server.call(&add).await.expect("UpdateTable adds an index");
    expect(server, &grown).await;

    let drop = GlobalSecondaryIndexUpdate::Delete(DeleteIndex { index_name: index_name.clone() });
    let drop = update(&TableDefinition { attribute_definitions: Vec::new(), ..grown }, drop);
    server.call(&drop).await.expect("UpdateTable drops an index");
    wait_for(server, name, AuxiliarySettings::NONE, |table| {
        table.is_some_and(|table| !table.indexes.contains_key(&index_name))
    })
    .await;
    expect(server, &definition).await;

    server.call(&delete(name)).await.expect("DeleteTable works");
    wait_for(server, name, AuxiliarySettings::ALL, |table| table.is_none()).await;
    let gone = server.call(&delete(name)).await.expect_err("the table is gone");
    assert_eq!(gone.kind, ServiceErrorKind::NotFound, "{gone}");
    assert_eq!(gone.code.as_deref(), Some("ResourceNotFoundException"));
}

/// Tests more tables than fit into a page of `ListTables`.
pub(crate) async fn more_tables_than_a_page(server: &DynamoDb) {
    let mut names = Vec::new();
    for number in 0..120 {
        let table_name = format!("table-{number:03}");
        let table = TableDefinition { table_name: table_name.clone(), ..counters() };
        server.call(&create(&table)).await.expect("CreateTable works");
        names.push(table_name);
    }
    let mut listed = server.list_tables().await.expect("ListTables works");
    listed.sort();
    assert_eq!(listed, names);
}

/// Tests a request with content that DynamoDB rejects.
pub(crate) async fn a_refused_request(server: &DynamoDb) {
    let mut table = orders();
    table.attribute_definitions.pop();
    let error = server.call(&create(&table)).await.expect_err("an attribute is missing");
    assert_eq!(error.kind, ServiceErrorKind::Validation, "{error}");
    assert_eq!(error.code.as_deref(), Some("ValidationException"));
    assert!(!error.message.is_empty());
}

/// Tests a table with an item that the item count does not include yet. The item is put by the SDK,
/// with this access key.
pub(crate) async fn emptiness(server: &DynamoDb, access_key: &str) {
    use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};

    server.call(&create(&counters())).await.expect("CreateTable works");
    expect(server, &counters()).await;
    assert_eq!(server.is_empty("Counters").await, Ok(true));
    let target = server.target();
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(&target.endpoint)
        .region(Region::new(target.region.clone()))
        .credentials_provider(Credentials::new(access_key, "local", None, None, "test"))
        .build();
    let put = aws_sdk_dynamodb::Client::from_conf(config).put_item().table_name("Counters");
    put.item("id", AttributeValue::S("1".to_owned())).send().await.expect("PutItem works");
    assert_eq!(server.is_empty("Counters").await, Ok(false));

    let error = server.is_empty("Nowhere").await.expect_err("there is no such table");
    assert_eq!(error.kind, ServiceErrorKind::NotFound, "{error}");
    assert_eq!((error.operation, error.table.as_deref()), ("Scan", Some("Nowhere")));
}
