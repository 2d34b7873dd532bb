//! Exports of the schema to other tools.

use crate::{
    states::{any_foundation, desired},
    support::{TableExt, table},
};
use hcl::{
    Body,
    eval::{Context, Evaluate},
};
use mizzle_core::{
    export::{Export, ExportedTable, Format, Warning, export},
    model::{
        OnDemandThroughput, Projection, ProvisionedThroughput, ResourcePolicy, SseSpecification,
        StreamSpecification, TableDefinition, Tag, TimeToLiveSpecification, WarmThroughput,
    },
    text::is_unsafe,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const FORMATS: [Format; 5] = [
    Format::CloudFormationYaml,
    Format::CloudFormationJson,
    Format::Terraform,
    Format::AwsCliJson,
    Format::AwsCliScript,
];

fn exported(format: Format, table: TableDefinition) -> Export {
    let tables = [ExportedTable { name: table.table_name.clone(), definition: table }];
    export(format, &tables, |_| true)
}

fn text(format: Format, table: TableDefinition) -> String {
    exported(format, table).text
}

/// Returns the properties of the only resource of a template.
fn properties(table: TableDefinition) -> Value {
    let template: Value = serde_json::from_str(&text(Format::CloudFormationJson, table)).unwrap();
    let resources = template["Resources"].as_object().unwrap();
    assert_eq!(resources.len(), 1);
    resources.values().next().unwrap()["Properties"].clone()
}

fn commands(table: TableDefinition) -> Vec<(String, Value)> {
    let commands: Vec<Value> = serde_json::from_str(&text(Format::AwsCliJson, table)).unwrap();
    let command = |command: Value| {
        (command["command"].as_str().unwrap().to_owned(), command["input"].clone())
    };
    commands.into_iter().map(command).collect()
}

#[test]
fn a_table_is_called_the_same_whichever_others_are_chosen() {
    let tables = ["my-table", "MyTable"].map(|name| ExportedTable {
        name: name.to_owned(),
        definition: table(name).renamed(format!("staging-{name}")),
    });
    let resources = |chosen: &[&str]| {
        let is_chosen = |table: &ExportedTable| chosen.contains(&table.name.as_str());
        let text = export(Format::CloudFormationJson, &tables, is_chosen).text;
        let template: Value = serde_json::from_str(&text).unwrap();
        let resources = template["Resources"].as_object().unwrap();
        let named = |(id, resource): (&String, &Value)| {
            (resource["Properties"]["TableName"].clone(), id.clone())
        };
        resources.iter().map(named).collect::<Vec<_>>()
    };
    let both = resources(&["my-table", "MyTable"]);
    assert_eq!(both.len(), 2);
    // Resources are named after the schema, and not after the environment.
    assert!(both.contains(&(json!("staging-MyTable"), "MyTable".to_owned())), "{both:?}");
    for one in both {
        let name = one.0.as_str().unwrap().trim_start_matches("staging-").to_owned();
        assert_eq!(resources(&[&name]), [one]);
    }
}

#[test]
fn what_is_off_is_said_where_there_are_words_for_it() {
    let off = TableDefinition {
        stream_specification: Some(StreamSpecification::DISABLED),
        sse_specification: Some(SseSpecification::OWNED),
        deletion_protection_enabled: Some(false),
        time_to_live_specification: Some(TimeToLiveSpecification::DISABLED),
        on_demand_throughput: Some(OnDemandThroughput::UNLIMITED),
        resource_policy: Some(ResourcePolicy::NONE),
        tags: Some(Vec::new()),
        ..table("Shop")
    };
    let properties = properties(off.clone());
    assert_eq!(properties["SSESpecification"], json!({ "SSEEnabled": false }));
    assert_eq!(properties["DeletionProtectionEnabled"], false);
    assert_eq!(properties["TimeToLiveSpecification"], json!({ "Enabled": false }));
    assert_eq!(properties["Tags"], json!([]));
    for absent in ["StreamSpecification", "OnDemandThroughput", "ResourcePolicy"] {
        assert_eq!(properties.get(absent), None);
    }
    let terraform = text(Format::Terraform, off.clone());
    for said in [
        "stream_enabled              = false",
        "ttl {\n    enabled = false\n  }",
        "server_side_encryption {\n    enabled = false\n  }",
        "max_read_request_units  = -1",
        "tags                        = {}",
    ] {
        assert!(terraform.contains(said), "{said}\n{terraform}");
    }
    // A creation has no setting to disable.
    let commands = commands(off);
    assert_eq!(commands.len(), 1);
    assert_eq!(commands[0].1.get("DeletionProtectionEnabled"), None);
}

#[test]
fn one_limit_does_not_bring_another() {
    let limited = TableDefinition {
        on_demand_throughput: Some(OnDemandThroughput {
            max_read_request_units: 10,
            max_write_request_units: -1,
        }),
        ..table("Shop")
    };
    let properties = properties(limited.clone());
    assert_eq!(properties["OnDemandThroughput"], json!({ "MaxReadRequestUnits": 10 }));
    assert!(text(Format::Terraform, limited).contains("max_write_request_units = -1"));
}

#[test]
fn a_key_of_kms_is_named_as_each_tool_wants_it() {
    const ARN: &str = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd";
    let with = |key: &str| TableDefinition {
        sse_specification: Some(SseSpecification::key(key)),
        ..table("Shop")
    };
    assert_eq!(
        properties(with("1234abcd"))["SSESpecification"],
        json!({ "SSEEnabled": true, "SSEType": "KMS", "KMSMasterKeyId": "1234abcd" })
    );
    let terraform = text(Format::Terraform, with(ARN));
    assert!(terraform.contains(&format!("kms_key_arn = \"{ARN}\"")), "{terraform}");
    // Terraform accepts only ARNs.
    let terraform = text(Format::Terraform, with("1234abcd"));
    assert!(terraform.contains("kms_key_arn = data.aws_kms_key.shop.arn"), "{terraform}");
    assert!(terraform.contains("data \"aws_kms_key\" \"shop\" {\n  key_id = \"1234abcd\"\n}"));
}

#[test]
fn what_a_tool_cannot_say_is_a_warning() {
    let capacity = |units| {
        Some(ProvisionedThroughput { read_capacity_units: units, write_capacity_units: units })
    };
    let mut scaled = TableDefinition {
        autoscaled: true,
        billing_mode: Some(mizzle_core::model::BillingMode::Provisioned),
        provisioned_throughput: capacity(7),
        warm_throughput: Some(WarmThroughput {
            read_units_per_second: 100,
            write_units_per_second: 100,
        }),
        ..table("Shop").gsi("byDate", &["date"], &[], Projection::all())
    };
    scaled.global_secondary_indexes[0].autoscaled = true;
    for format in FORMATS {
        let Export { text, warnings } = exported(format, scaled.clone());
        let settings: Vec<&str> = warnings.iter().map(|warning| warning.setting.as_str()).collect();
        let mut expected = vec!["capacity", "indexes.byDate.capacity"];
        if format == Format::Terraform {
            expected.push("warmThroughput");
        }
        assert_eq!(settings, expected, "{format:?}");
        // Formats with comments contain the warnings, too.
        let has_comments = text.contains('#');
        for warning in &warnings {
            let Warning { table, message, .. } = warning;
            assert_eq!((table.as_str(), text.contains(message)), ("Shop", has_comments));
        }
    }
    let terraform = text(Format::Terraform, scaled);
    assert!(terraform.contains("ignore_changes  = [read_capacity, write_capacity]"), "{terraform}");
    assert!(!terraform.contains("warm_throughput {"), "{terraform}");
}

/// DynamoDB raises warm throughput by itself and never lowers it, but Terraform would plan to lower
/// it.
#[test]
fn terraform_leaves_warm_throughput_alone_once_it_is_there() {
    let warm =
        Some(WarmThroughput { read_units_per_second: 13_000, write_units_per_second: 5_000 });
    let mut definition = TableDefinition {
        warm_throughput: warm,
        ..table("Shop").gsi("byDate", &["date"], &[], Projection::all())
    };
    definition.global_secondary_indexes[0].warm_throughput = warm;
    let Export { text, warnings } = exported(Format::Terraform, definition.clone());
    assert!(text.contains("ignore_changes  = [warm_throughput]"), "{text}");
    let [warning] = warnings.as_slice() else { panic!("{warnings:?}") };
    assert_eq!(warning.setting, "indexes.byDate.warmThroughput");
    assert!(warning.message.contains("add global_secondary_index to ignore_changes"));
    assert!(text.contains(&warning.message), "{text}");
    for format in [Format::CloudFormationYaml, Format::AwsCliScript] {
        assert_eq!(exported(format, definition.clone()).warnings, [], "{format:?}");
    }

    let autoscaled = TableDefinition {
        autoscaled: true,
        billing_mode: Some(mizzle_core::model::BillingMode::Provisioned),
        ..definition
    };
    let Export { text, .. } = exported(Format::Terraform, autoscaled);
    let ignored = "ignore_changes  = [read_capacity, write_capacity, warm_throughput]";
    assert!(text.contains(ignored), "{text}");
}

#[test]
fn tables_are_created_side_by_side_and_then_waited_for() {
    let expiring = |name: &str| TableDefinition {
        time_to_live_specification: Some(TimeToLiveSpecification::by("expires")),
        resource_policy: Some(ResourcePolicy::new(json!({ "Statement": [{ "Sid": "it's" }] }))),
        ..table(name)
    };
    let tables = [expiring("A"), table("B"), expiring("C")]
        .map(|table| ExportedTable { name: table.table_name.clone(), definition: table });
    let Export { text, warnings: _ } = export(Format::AwsCliJson, &tables, |_| true);
    let commands: Vec<Value> = serde_json::from_str(&text).unwrap();
    let shown: Vec<(&str, &str)> = commands
        .iter()
        .map(|one| (one["command"].as_str().unwrap(), one["input"]["TableName"].as_str().unwrap()))
        .collect();
    assert_eq!(
        shown,
        [
            ("aws dynamodb create-table", "A"),
            ("aws dynamodb create-table", "B"),
            ("aws dynamodb create-table", "C"),
            ("aws dynamodb wait table-exists", "A"),
            ("aws dynamodb update-time-to-live", "A"),
            ("aws dynamodb wait table-exists", "C"),
            ("aws dynamodb update-time-to-live", "C"),
        ]
    );
    // An ARN would need an account.
    assert_eq!(commands[0]["input"]["ResourcePolicy"], r#"{"Statement":{"Sid":"it's"}}"#);
    let script = export(Format::AwsCliScript, &tables, |_| true).text;
    assert!(script.contains(r#"{\"Sid\":\"it'\''s\"}"#), "{script}");
}

/// Returns an evaluated attribute of a Terraform resource.
fn attribute(body: &Body, block: &str, attribute: &str) -> Value {
    let block = body.blocks().find(|one| one.labels()[0].as_str() == block).unwrap();
    let attribute = block.body().attributes().find(|one| one.key() == attribute).unwrap();
    serde_json::to_value(attribute.expr().evaluate(&Context::new()).unwrap()).unwrap()
}

fn any_tags() -> impl Strategy<Value = Vec<Tag>> {
    let text = prop_oneof![
        "(yes|no|on|1e3|0x1f|2012-10-17|12:30|~|null|=|<<|[$%]\\{a\\}|'|\"|# b|- c|a: b|\\\\n)",
        "\\PC{0,12}",
        "[ \n\t\\$\\{%'\":#-]{0,6}",
        "[\u{1}\u{1b}\u{7f}\u{85}\u{9b}\u{200f}\u{2028}\u{202e}\r a]{1,6}",
    ];
    let tags = prop::collection::btree_map("[a-z$%{}:'\" ]{1,6}|yes|on", text, 0..4);
    tags.prop_map(|tags| tags.into_iter().map(|(key, value)| Tag { key, value }).collect())
}

/// Some Unicode white space is text in YAML, also at the end of a file.
#[test]
fn the_last_value_of_a_template_may_be_a_no_break_space() {
    for value in ["\u{a0}", "\u{2003}", "a\u{a0}", " "] {
        let tags = vec![Tag { key: "z".to_owned(), value: value.to_owned() }];
        let tagged = TableDefinition { tags: Some(tags.clone()), ..table("Shop") };
        let template = text(Format::CloudFormationYaml, tagged);
        let yaml: Value = serde_saphyr::from_str(&template).unwrap();
        let found = &yaml["Resources"].as_object().unwrap().values().next().unwrap()["Properties"];
        assert_eq!(found["Tags"], serde_json::to_value(&tags).unwrap(), "{template}");
    }
}

/// CloudFormation would replace it with a secret or another value.
#[test]
fn a_dynamic_reference_is_warned_of() {
    let tags =
        vec![Tag { key: "a\nb".to_owned(), value: "x {{resolve:secretsmanager:shop}}".to_owned() }];
    let tagged = TableDefinition { tags: Some(tags), ..table("Shop") };
    for (format, expected) in FORMATS.into_iter().zip([1, 1, 0, 0, 0]) {
        let Export { text, warnings } = exported(format, tagged.clone());
        assert_eq!(warnings.len(), expected, "{format:?}: {warnings:?}");
        let settings: Vec<&str> = warnings.iter().map(|one| one.setting.as_str()).collect();
        assert!(settings.iter().all(|setting| *setting == "tags.a\\nb"), "{settings:?}");
        assert!(text.contains("{{resolve:secretsmanager:shop}}"), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_table_is_written_so_that_it_can_be_read(
        (table, foundation, tags) in (desired(), any_foundation(), any_tags())
    ) {
        let table = TableDefinition { tags: Some(tags), ..foundation.under(table) };
        let tags = table.tags.clone().unwrap();

        // The same template in two formats.
        let template = text(Format::CloudFormationYaml, table.clone());
        let yaml: Value = serde_saphyr::from_str(&template).unwrap();
        let json = text(Format::CloudFormationJson, table.clone());
        prop_assert_eq!(&yaml, &serde_json::from_str::<Value>(&json).unwrap());
        let properties = properties(table.clone());
        prop_assert_eq!(&properties["Tags"], &serde_json::to_value(&tags).unwrap());

        let terraform = text(Format::Terraform, table.clone());
        let body: Body = hcl::parse(&terraform).unwrap();
        let expected = tags.iter().map(|Tag { key, value }| (key.clone(), json!(value)));
        prop_assert_eq!(
            attribute(&body, "aws_dynamodb_table", "tags"),
            Value::Object(expected.collect())
        );

        let commands = commands(table.clone());
        prop_assert_eq!(commands[0].0.as_str(), "aws dynamodb create-table");
        prop_assert_eq!(commands[0].1["TableName"].as_str(), Some(table.table_name.as_str()));
        for format in FORMATS {
            let text = text(format, table.clone());
            prop_assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{format:?}");
            let acts = text.chars().any(|character| character != '\n' && is_unsafe(character));
            prop_assert!(!acts, "{format:?}: {text:?}");
        }
    }
}
