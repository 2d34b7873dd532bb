//! `environments` of the config: their servers, table names and settings.

use mizzle_core::{
    config::{Config, read},
    model::{
        AllTableSettings, BillingMode, GlobalSecondaryIndex, KeySchemaElement,
        ProvisionedThroughput, TableDefinition, TableNaming, Tag,
    },
};
use serde_json::{Value, json};

fn config(value: &Value) -> Config {
    read(value).unwrap()
}

fn in_environment(value: &Value, name: &str) -> Config {
    config(value).in_environment(name).unwrap()
}

fn problems(value: &Value) -> Vec<String> {
    let problems = read(value).err().unwrap_or_default().into_iter();
    problems.map(|problem| problem.to_string()).collect()
}

#[test]
fn an_environment_says_what_is_its_own() {
    let config = in_environment(
        &json!({
            "endpoint": "http://127.0.0.1:8000",
            "allowRemote": false,
            "environments": { "staging": {
                "endpoint": "http://127.0.0.1:9000",
                "allowRemote": true,
                "tableName": { "prefix": "staging-", "suffix": ".v2" },
                "variables": { "STAGE": "staging" },
                "tables": { "Shop": { "deletionProtection": true } },
            } },
        }),
        "staging",
    );
    assert_eq!(config.connection.endpoint.as_deref(), Some("http://127.0.0.1:9000"));
    assert_eq!(config.allow_remote, Some(true));
    let environment = config.environment;
    assert_eq!(environment.name.as_deref(), Some("staging"));
    let naming = TableNaming { prefix: "staging-".to_owned(), suffix: ".v2".to_owned() };
    assert_eq!(environment.naming, naming);
    assert_eq!(environment.variables["STAGE"], "staging");
    let mut shop = TableDefinition::default();
    environment.tables.of("Shop").values.apply(&mut shop);
    assert_eq!(shop.deletion_protection_enabled, Some(true));
    assert_eq!(config.tables, AllTableSettings::default(), "those of all stay as they are");
}

#[test]
fn a_connection_is_taken_over_only_where_it_can_be_meant() {
    let credentials = json!({ "accessKeyId": "id", "secretAccessKey": "secret" });
    let top = json!({
        "endpoint": "local", "region": "eu-central-1", "profile": "dev",
        "credentials": credentials,
    });
    // endpoint, region, profile, credentials present
    for (own, expected) in [
        (json!({}), (Some("local"), "eu-central-1", Some("dev"), true)),
        (
            json!({ "tableName": { "prefix": "x-" } }),
            (Some("local"), "eu-central-1", Some("dev"), true),
        ),
        (json!({ "region": "us-west-2" }), (None, "us-west-2", Some("dev"), true)),
        (json!({ "profile": "prod" }), (None, "eu-central-1", Some("prod"), false)),
        (json!({ "credentials": credentials }), (None, "eu-central-1", None, true)),
        (json!({ "accountId": "123456789012" }), (None, "eu-central-1", Some("dev"), true)),
        (
            json!({ "endpoint": "http://127.0.0.1:1", "region": "us-west-2" }),
            (Some("http://127.0.0.1:1"), "us-west-2", Some("dev"), true),
        ),
    ] {
        let mut value = top.clone();
        value["environments"] = json!({ "other": own });
        let connection = in_environment(&value, "other").connection;
        let found = (
            connection.endpoint.as_deref(),
            connection.region.as_deref().unwrap(),
            connection.profile.as_deref(),
            connection.credentials.is_some(),
        );
        assert_eq!(found, expected, "{own}");
    }
}

#[test]
fn an_unknown_environment_is_named_with_what_there_is() {
    let two = json!({ "environments": { "staging": {}, "production": {} } });
    for (value, name, hint) in [
        (&two, "stagin", "did you mean \"staging\"?"),
        (&two, "x", "the environments are production and staging"),
        (&json!({}), "staging", "add it: environments: { staging: { … } }"),
    ] {
        let error = config(value).in_environment(name).unwrap_err();
        assert_eq!(error.to_string(), format!("There is no environment {name:?} in the config"));
        assert_eq!(error.hint, hint);
    }
}

#[test]
fn every_wrong_field_is_named_by_its_path() {
    let found = problems(&json!({ "environments": { "staging": {
        "region": 1,
        "schema": "./other.ts",
        "tableName": { "prefix": "a b", "postfix": "x" },
        "variables": { "A=B": "x", "PORT": 1 },
        "tables": { "Shop": { "indexes": { "*": { "projection": "ALL" }, "byDay": { "projection": ["a"] } } } },
    } }, "migrations": { "table": "x", "lockLease": 0, "wait": 1 } }));
    insta::assert_snapshot!(found.join("\n"), @r#"
    `migrations.table` must be the name of a table, but is another string
    `migrations.lockLease` must be a number of seconds above 0 and up to 3600, but is 0
    `migrations.wait` is not a known field
    `environments.staging.region` must be a string that is not empty, but is a number
    `environments.staging.tableName.prefix` must be letters, digits, "_", "-" and ".", but is another string
    `environments.staging.tableName.postfix` is not a known field
    `environments.staging.tables.Shop.indexes["*"].projection` cannot differ from one environment to another
    `environments.staging.tables.Shop.indexes.byDay.projection` cannot differ from one environment to another
    `environments.staging.variables["A=B"]` cannot be the name of a variable
    `environments.staging.variables.PORT` must be a string, but is a number
    `environments.staging.schema` is not a known field
    "#);
}

/// Returns a table with a setting of each kind in all environments.
fn table() -> TableDefinition {
    let index = |name: &str, units: Option<i64>| GlobalSecondaryIndex {
        index_name: name.to_owned(),
        key_schema: vec![KeySchemaElement::hash("pk")],
        provisioned_throughput: units.map(capacity),
        ..GlobalSecondaryIndex::default()
    };
    TableDefinition {
        table_name: "Shop".to_owned(),
        key_schema: vec![KeySchemaElement::hash("pk")],
        billing_mode: Some(BillingMode::Provisioned),
        provisioned_throughput: Some(capacity(5)),
        global_secondary_indexes: vec![index("byDay", Some(5)), index("byName", Some(2))],
        deletion_protection_enabled: Some(false),
        tags: Some(vec![tag("team", "shop"), tag("tier", "1")]),
        ..TableDefinition::default()
    }
}

fn capacity(units: i64) -> ProvisionedThroughput {
    ProvisionedThroughput { read_capacity_units: units, write_capacity_units: units }
}

fn tag(key: &str, value: &str) -> Tag {
    Tag { key: key.to_owned(), value: value.to_owned() }
}

/// Returns the table in an environment with these `tables`.
fn overlaid(tables: &Value) -> TableDefinition {
    let value = json!({ "environments": { "e": { "tables": tables } } });
    let settings = in_environment(&value, "e").environment.tables;
    table().with_overlay(&settings, "environments.e.tables").unwrap()
}

#[test]
fn what_an_environment_sets_wins_and_the_rest_stays() {
    assert_eq!(overlaid(&json!({})), table());
    assert_eq!(overlaid(&json!({ "Other": { "deletionProtection": true } })), table());

    let protected = TableDefinition { deletion_protection_enabled: Some(true), ..table() };
    assert_eq!(overlaid(&json!({ "Shop": { "deletionProtection": true } })), protected);
    assert_eq!(overlaid(&json!({ "*": { "deletionProtection": true } })), protected);

    let tagged = overlaid(&json!({ "*": { "tags": { "tier": "0", "stage": "e" } } }));
    let tags = vec![tag("stage", "e"), tag("team", "shop"), tag("tier", "0")];
    assert_eq!(tagged, TableDefinition { tags: Some(tags), ..table() });

    let units = |table: &TableDefinition| {
        let units = |numbers: Option<ProvisionedThroughput>| numbers.map(|n| n.read_capacity_units);
        let of_index = |name| units(table.global_index(name).unwrap().provisioned_throughput);
        (units(table.provisioned_throughput), of_index("byDay"), of_index("byName"))
    };
    // An index without numbers of its own follows its table; others keep theirs.
    let larger = overlaid(&json!({ "Shop": { "readCapacity": 50, "writeCapacity": 50 } }));
    assert_eq!(units(&larger), (Some(50), Some(50), Some(2)));
    let index = json!({ "readCapacity": 9, "writeCapacity": 9 });
    let larger = overlaid(&json!({ "Shop": { "indexes": { "byName": index } } }));
    assert_eq!(units(&larger), (Some(5), Some(5), Some(9)));
    let larger = overlaid(&json!({ "Shop": { "indexes": { "*": index } } }));
    assert_eq!(units(&larger), (Some(5), Some(9), Some(9)));

    let on_demand = overlaid(&json!({ "Shop": { "billingMode": "PAY_PER_REQUEST" } }));
    assert_eq!(on_demand.billing_mode, Some(BillingMode::PayPerRequest));
    assert_eq!(units(&on_demand), (None, None, None));
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    let value = json!({ "environments": { "e": { "tables": {
        "Shop": { "onDemandMaximum": { "reads": 5 } },
    } } } });
    let settings = in_environment(&value, "e").environment.tables;
    let problems = table().with_overlay(&settings, "environments.e.tables").unwrap_err();
    assert_eq!(
        problems[0].message,
        "`environments.e.tables.Shop.onDemandMaximum` is for on-demand tables, but `tables` is PROVISIONED"
    );
}
