//! The layout of the list, for a combination of tables that no test server supports.

use super::{Render, facts, plain, screen, summary};
use crate::{
    report::{ListReport, ListedTable, Untold},
    server::TargetName,
};
use console::{measure_text_width, strip_ansi_codes};
use mizzle_core::model::{
    AuxiliarySetting, ContributorInsights, ContributorInsightsMode,
    ContributorInsightsSpecification, IndexSize, IndexState, Status, TableDefinition,
    TableDescription, TableNaming, Unmanaged, VectorIndex,
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, SystemTime},
};

fn description(definition: Value) -> TableDescription {
    let definition: TableDefinition = serde_json::from_value(definition).unwrap();
    let name = |index: &Value| index["IndexName"].as_str().unwrap().to_owned();
    let json = serde_json::to_value(&definition).unwrap();
    let indexes = |kind: &str| json[kind].as_array().cloned().unwrap_or_default();
    let global = indexes("GlobalSecondaryIndexes");
    let all = global.iter().chain(&indexes("LocalSecondaryIndexes")).map(name).collect::<Vec<_>>();
    let state = IndexState { status: Status::Active, backfilling: false, is_warming: false };
    let size = IndexSize { item_count: Some(1204), size_bytes: Some(48_160) };
    TableDescription {
        definition,
        status: Status::Active,
        indexes: global.iter().map(|index| (name(index), state.clone())).collect(),
        item_count: Some(1_204_881),
        size_bytes: Some(310_000_000),
        index_sizes: all.into_iter().map(|index| (index, size)).collect(),
        created: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_763_811_600)),
        table_id: None,
        replicas: Vec::new(),
        region: None,
        is_warming: false,
        unmanaged: Unmanaged::default(),
        policy_revision: None,
        unsupported: BTreeSet::new(),
        transitions: Vec::new(),
    }
}

/// Returns an on-demand table with two GSIs and an LSI.
fn shop() -> TableDescription {
    let mut table = description(json!({
        "TableName": "Shop",
        "AttributeDefinitions": [
            { "AttributeName": "createdAt", "AttributeType": "N" },
            { "AttributeName": "email", "AttributeType": "S" },
            { "AttributeName": "pk", "AttributeType": "S" },
            { "AttributeName": "sk", "AttributeType": "S" },
            { "AttributeName": "status", "AttributeType": "S" },
        ],
        "KeySchema": key(&["pk"], &["sk"]),
        "GlobalSecondaryIndexes": [
            { "IndexName": "byEmail", "KeySchema": key(&["email"], &[]), "Projection": { "ProjectionType": "KEYS_ONLY" } },
            {
                "IndexName": "byStatus",
                "KeySchema": key(&["status", "email"], &["createdAt"]),
                "Projection": { "ProjectionType": "INCLUDE", "NonKeyAttributes": ["imageUrl", "name", "total"] },
                "OnDemandThroughput": { "MaxReadRequestUnits": 20, "MaxWriteRequestUnits": -1 },
            },
        ],
        "LocalSecondaryIndexes": [
            { "IndexName": "byDate", "KeySchema": key(&["pk"], &["createdAt"]), "Projection": { "ProjectionType": "ALL" } },
        ],
        "BillingMode": "PAY_PER_REQUEST",
        "OnDemandThroughput": { "MaxReadRequestUnits": 100, "MaxWriteRequestUnits": 50 },
        "WarmThroughput": { "ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000 },
        "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES" },
        "SSESpecification": { "Enabled": true, "KMSMasterKeyId": "arn:aws:kms:eu-central-1:123456789012:key/3b1d" },
        "TableClass": "STANDARD_INFREQUENT_ACCESS",
        "DeletionProtectionEnabled": true,
        "TimeToLiveSpecification": { "AttributeName": "expires", "Enabled": true },
        "PointInTimeRecoverySpecification": { "PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 7 },
        "KinesisDataStreamDestinations": [{
            "StreamArn": "arn:aws:kinesis:eu-central-1:123456789012:stream/shop-changes",
            "ApproximateCreationDateTimePrecision": "MICROSECOND",
        }],
        "Tags": [{ "Key": "cost", "Value": "42" }, { "Key": "team", "Value": "shop" }],
    }));
    table.status = Status::Updating;
    let backfilling = IndexState { status: Status::Creating, backfilling: true, is_warming: false };
    table.indexes.insert("byStatus".to_owned(), backfilling);
    table.replicas = vec!["eu-west-1".to_owned(), "us-east-1".to_owned()];
    table.unmanaged = Unmanaged {
        is_strongly_consistent: true,
        vector_indexes: vec![VectorIndex {
            index_name: "byMeaning".to_owned(),
            attribute: Some("embedding".to_owned()),
            dimensions: Some(768),
            distance_function: Some("COSINE".to_owned()),
            state: IndexState { status: Status::Creating, backfilling: true, is_warming: false },
            size: IndexSize { item_count: Some(12), size_bytes: Some(36_864) },
        }],
        withheld: BTreeMap::new(),
    };
    let on = ContributorInsightsSpecification::enabled;
    let throttled = ContributorInsightsMode::ThrottledKeys;
    table.definition.contributor_insights = Some(ContributorInsights {
        table: Some(on(Some(ContributorInsightsMode::AccessedAndThrottledKeys))),
        indexes: BTreeMap::from([
            ("byEmail".to_owned(), on(Some(throttled))),
            ("byStatus".to_owned(), ContributorInsightsSpecification::DISABLED),
        ]),
    });
    table
}

/// Returns a table without indexes, with provisioned capacity.
fn plain_table(name: &str, partition_key: &str) -> TableDescription {
    let mut table = description(json!({
        "TableName": name,
        "AttributeDefinitions": [{ "AttributeName": partition_key, "AttributeType": "S" }],
        "KeySchema": key(&[partition_key], &[]),
        "BillingMode": "PROVISIONED",
        "ProvisionedThroughput": { "ReadCapacityUnits": 5, "WriteCapacityUnits": 1 },
        "StreamSpecification": { "StreamEnabled": false },
        "SSESpecification": { "Enabled": false },
        "TableClass": "STANDARD",
        "DeletionProtectionEnabled": false,
        "TimeToLiveSpecification": { "Enabled": false },
        "Tags": [],
    }));
    table.unsupported.insert(AuxiliarySetting::PointInTimeRecovery);
    table
        .unsupported
        .extend([AuxiliarySetting::ContributorInsights, AuxiliarySetting::KinesisDestination]);
    (table.item_count, table.size_bytes) = (Some(0), Some(0));
    table
}

fn key(partition: &[&str], sort: &[&str]) -> Value {
    let element =
        |role: &'static str| move |name: &&str| json!({ "AttributeName": name, "KeyType": role });
    partition.iter().map(element("HASH")).chain(sort.iter().map(element("RANGE"))).collect()
}

fn listed(table: TableDescription) -> ListedTable {
    let name = table.definition.table_name.clone();
    ListedTable { name, description: Some(table), untold: Vec::new() }
}

fn denied(setting: Option<AuxiliarySetting>) -> Untold {
    Untold { setting, code: "access-denied", reason: "not authorized".to_owned() }
}

fn report(tables: Vec<ListedTable>, is_long: bool) -> ListReport {
    ListReport {
        target: TargetName {
            environment: Some("staging".to_owned()),
            endpoint: "https://dynamodb.eu-central-1.amazonaws.com".to_owned(),
            region: "eu-central-1".to_owned(),
            account: None,
            file: None,
            served_at: None,
            is_local: false,
        },
        pattern: None,
        is_long,
        total: tables.len(),
        nearest: Vec::new(),
        naming: TableNaming::default(),
        ledger: "mizzle_migrations".to_owned(),
        failure: None,
        tables,
    }
}

/// Returns a report with a table of every kind.
fn many(is_long: bool) -> ListReport {
    let mut partly = listed(plain_table("Orders", "id"));
    if is_long {
        partly.untold = vec![
            denied(Some(AuxiliarySetting::Tags)),
            denied(Some(AuxiliarySetting::ResourcePolicy)),
        ];
        let description = partly.description.as_mut().unwrap();
        description.definition.tags = None;
        let withheld = [(AuxiliarySetting::ContributorInsights, "not authorized".to_owned())];
        description.unmanaged.withheld.extend(withheld);
    }
    let secret =
        ListedTable { name: "Secret".to_owned(), description: None, untold: vec![denied(None)] };
    let ledger = listed(plain_table("mizzle_migrations", "pk"));
    report(vec![partly, secret, listed(shop()), ledger], is_long)
}

fn shown(report: &ListReport, width: usize) -> String {
    let screen = screen::render(&facts(report), width, report.is_long);
    strip_ansi_codes(&screen).into_owned()
}

#[test]
fn a_table_while_it_fits_and_cards_when_it_does_not() {
    for width in [40, 100, 120, 200] {
        insta::assert_snapshot!(format!("screen_{width}"), shown(&many(false), width));
    }
    insta::assert_snapshot!("long_40", shown(&many(true), 40));
    insta::assert_snapshot!("long_100", shown(&many(true), 100));
}

#[test]
fn lines_with_tabs_for_programs() {
    for is_long in [false, true] {
        let report = many(is_long);
        let text = plain::render(&facts(&report), is_long);
        insta::assert_snapshot!(format!("plain_long_{is_long}"), text.replace('\t', " | "));
        let columns: BTreeSet<usize> = text
            .lines()
            .map(|line| line.split('\t').filter(|cell| !cell.is_empty()).count())
            .collect();
        assert_eq!(columns.len(), 1, "{text}");
    }
}

#[test]
fn a_document_in_the_shapes_of_aws() {
    insta::assert_json_snapshot!("document_long", many(true).json());
    let json = many(false).json();
    assert_eq!(json["tables"].as_array().unwrap().len(), 3);
    assert_eq!(json["undescribed"], json!([{ "table": "Secret", "reason": "not authorized" }]));
    let complete = report(vec![listed(shop())], false).json();
    assert_eq!(complete.get("undescribed"), None);
    assert_eq!(complete["tables"][0].get("CreationDateTime"), None);
    assert_eq!(complete["tables"][0]["GlobalSecondaryIndexes"][0].get("IndexStatus"), None);
}

#[test]
fn whatever_the_names_it_fits() {
    let mut tables = vec![listed(shop())];
    tables.push(listed(plain_table(&"VeryLong".repeat(31), "größe")));
    tables.push(listed(plain_table("Wide", "注文番号の属性名")));
    let mut indexed = shop();
    let index = &mut indexed.definition.global_secondary_indexes[0];
    index.index_name = "i".repeat(255);
    index.projection.non_key_attributes = vec!["配送先".repeat(12); 3];
    tables.push(listed(indexed));
    for is_long in [false, true] {
        let report = report(
            tables.iter().map(|table| listed(table.description.clone().unwrap())).collect(),
            is_long,
        );
        for width in 24..260 {
            for line in shown(&report, width).lines() {
                let found = measure_text_width(line);
                assert!(found <= width, "{found} columns of {width}: {line}");
            }
        }
    }
}

#[test]
fn wide_characters_are_aligned() {
    let tables = vec![listed(plain_table("A12", "注文番号")), listed(plain_table("B12", "id"))];
    let screen = shown(&report(tables, false), 120);
    let mut columns = screen.lines().map(|line| {
        let at = line.find("ACTIVE").or_else(|| line.find("STATUS")).unwrap();
        measure_text_width(&line[..at])
    });
    let first = columns.next().unwrap();
    assert!(columns.all(|column| column == first), "{screen}");
}

#[test]
fn a_name_never_leaves_its_line() {
    let report = report(vec![listed(plain_table("Odd", "a\tb\n\u{1b}[2J"))], false);
    let text = plain::render(&facts(&report), false);
    assert_eq!(text.lines().count(), 2);
    assert!(text.contains("a\\tb\\n\\u{1b}[2J S"), "{text}");
    assert!(!screen::render(&facts(&report), 100, false).contains("\u{1b}[2J"));
}

#[test]
fn the_last_line_says_whose_tables_they_are() {
    let tables =
        || vec![listed(plain_table("staging-Shop", "pk")), listed(plain_table("Shop", "pk"))];
    let mut report = report(tables(), false);
    let target = "staging, https://dynamodb.eu-central-1.amazonaws.com (eu-central-1)";
    assert_eq!(summary(&report), format!("2 tables at {target}"));
    report.naming.prefix = "staging-".to_owned();
    assert_eq!(summary(&report), format!("2 tables at {target}, 1 of them named staging-*"));
    report.pattern = Some("*Shop".to_owned());
    report.total = 1_204;
    report.tables[0].untold.push(denied(None));
    assert_eq!(
        summary(&report),
        format!(
            "2 of 1,204 tables at {target}, 1 of them named staging-*; not everything is known of 1 table"
        )
    );
}
