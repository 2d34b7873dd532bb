//! A CloudFormation template.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html>.

use super::{Export, Warning, autoscaled, heading};
use crate::{
    model::{
        AttributeDefinition, BillingMode, KeySchemaElement, LocalSecondaryIndex,
        OnDemandThroughput, Projection, ProvisionedThroughput, TableDefinition, Tag,
        WarmThroughput,
    },
    plan::{CreateIndex, CreateTable, create_request},
    settings::{CLOUDFORMATION_ORDER, Registered, Setting, with_setting},
    text,
};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Writes tables with their logical ids as YAML.
pub(super) fn yaml(tables: &[(String, &TableDefinition)]) -> Export {
    let warnings = warnings(tables);
    let heading = heading(
        "cloudformation",
        &["A table outlives its stack: neither the end of the stack nor a replacement deletes it."],
        &warnings,
    );
    // Block scalars would fold long values; AWS's own tools write none.
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    let body = serde_saphyr::to_string_with_options(&Template::of(tables), options)
        .expect("a template holds maps with strings as keys, lists, strings, numbers and booleans");
    // Plain scalars have no escapes; JSON has escapes, and is valid YAML.
    let body = match body.contains(|character| character != '\n' && text::is_unsafe(character)) {
        true => pretty_json(tables),
        false => body,
    };
    Export { text: format!("{heading}{}\n", body.trim_end_matches('\n')), warnings }
}

/// Writes tables with their logical ids as JSON.
pub(super) fn json(tables: &[(String, &TableDefinition)]) -> Export {
    Export { text: format!("{}\n", pretty_json(tables)), warnings: warnings(tables) }
}

fn pretty_json(tables: &[(String, &TableDefinition)]) -> String {
    let body = serde_json::to_string_pretty(&Template::of(tables))
        .expect("a template holds maps with strings as keys, lists, strings, numbers and booleans");
    text::escaped_json(body)
}

fn warnings(tables: &[(String, &TableDefinition)]) -> Vec<Warning> {
    let message = |_: Option<&str>| {
        "it is autoscaled, and the template has the numbers to start with: add an AWS::ApplicationAutoScaling::ScalableTarget and a ScalingPolicy for reads and for writes".to_owned()
    };
    let of_table = |table| autoscaled(table, message).into_iter().chain(resolved(table));
    tables.iter().flat_map(|(_, table)| of_table(table)).collect()
}

/// The start of a dynamic reference. CloudFormation replaces such a reference anywhere, and it
/// cannot be escaped.
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html>.
const DYNAMIC_REFERENCE: &str = "{{resolve:";

/// Returns warnings for the texts of a table that CloudFormation would replace.
fn resolved(table: &TableDefinition) -> Vec<Warning> {
    let attributes = table.attribute_definitions.iter().map(|attribute| {
        (format!("attribute {}", attribute.attribute_name), attribute.attribute_name.clone())
    });
    let tags = table.tags.iter().flatten().flat_map(|Tag { key, value }| {
        let setting = format!("tags.{key}");
        [(setting.clone(), key.clone()), (setting, value.clone())]
    });
    let policy = table.resource_policy.iter().map(|policy| {
        let document = policy.document().map(Value::to_string).unwrap_or_default();
        ("resourcePolicy".to_owned(), document)
    });
    let is_resolved = |(_, text): &(String, String)| text.contains(DYNAMIC_REFERENCE);
    let mut warnings: Vec<Warning> = attributes
        .chain(tags)
        .chain(policy)
        .filter(is_resolved)
        .map(|(setting, _)| Warning {
            table: table.table_name.clone(),
            setting: text::printable(&setting).into_owned(),
            message: "CloudFormation replaces dynamic references ({{resolve:…}}), and has no way to write one literally: remove it, or make sure that it is meant".to_owned(),
        })
        .collect();
    warnings.dedup();
    warnings
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Template<'a> {
    #[serde(rename = "AWSTemplateFormatVersion")]
    version: &'static str,
    description: &'static str,
    resources: BTreeMap<&'a str, Resource<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Resource<'a> {
    #[serde(rename = "Type")]
    kind: &'static str,
    deletion_policy: &'static str,
    update_replace_policy: &'static str,
    properties: Properties<'a>,
}

/// The properties of `AWS::DynamoDB::Table`, mostly those of the CreateTable request.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Properties<'a> {
    table_name: &'a str,
    attribute_definitions: &'a [AttributeDefinition],
    key_schema: &'a [KeySchemaElement],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    global_secondary_indexes: Vec<Index>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    local_secondary_indexes: &'a [LocalSecondaryIndex],
    #[serde(skip_serializing_if = "Option::is_none")]
    billing_mode: Option<BillingMode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provisioned_throughput: Option<ProvisionedThroughput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_demand_throughput: Option<Limits>,
    #[serde(skip_serializing_if = "Option::is_none")]
    warm_throughput: Option<WarmThroughput>,
    /// All other settings.
    #[serde(flatten)]
    settings: Map<String, Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Index {
    index_name: String,
    key_schema: Vec<KeySchemaElement>,
    projection: Projection,
    #[serde(skip_serializing_if = "Option::is_none")]
    provisioned_throughput: Option<ProvisionedThroughput>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_demand_throughput: Option<Limits>,
    #[serde(skip_serializing_if = "Option::is_none")]
    warm_throughput: Option<WarmThroughput>,
    /// All other settings.
    #[serde(flatten)]
    settings: Map<String, Value>,
}

/// On-demand limits. The API writes -1 for no limit; CloudFormation omits the field.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Limits {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_read_request_units: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_write_request_units: Option<i64>,
}

impl<'a> Template<'a> {
    fn of(tables: &'a [(String, &'a TableDefinition)]) -> Self {
        let resource = |(id, table): &'a (String, &'a TableDefinition)| {
            let resource = Resource {
                kind: "AWS::DynamoDB::Table",
                deletion_policy: "Retain",
                update_replace_policy: "Retain",
                properties: Properties::of(table),
            };
            (id.as_str(), resource)
        };
        Self {
            version: "2010-09-09",
            description: "DynamoDB tables, exported by mizzle",
            resources: tables.iter().map(resource).collect(),
        }
    }
}

impl<'a> Properties<'a> {
    fn of(table: &'a TableDefinition) -> Self {
        let TableDefinition {
            table_name,
            attribute_definitions,
            key_schema,
            local_secondary_indexes,
            ..
        } = table;
        let mut settings = Map::new();
        for kind in CLOUDFORMATION_ORDER {
            let value = with_setting!(kind, S => S::of(table).as_ref().and_then(S::cloudformation));
            settings.extend(value.map(|value| (kind.property().to_owned(), value)));
        }
        // Throughput settings depend on each other; the creation of a table decides them.
        let CreateTable {
            billing_mode,
            provisioned_throughput,
            on_demand_throughput,
            warm_throughput,
            global_secondary_indexes,
            ..
        } = create_request(table);
        Self {
            table_name,
            attribute_definitions,
            key_schema,
            global_secondary_indexes: global_secondary_indexes
                .into_iter()
                .map(|index| Index::of(index, table))
                .collect(),
            local_secondary_indexes,
            billing_mode,
            provisioned_throughput,
            on_demand_throughput: on_demand_throughput.map(Limits::of),
            warm_throughput,
            settings,
        }
    }
}

impl Index {
    fn of(index: CreateIndex, table: &TableDefinition) -> Self {
        let mut settings = Map::new();
        for kind in CLOUDFORMATION_ORDER {
            let name = &index.index_name;
            let value = with_setting!(kind, S => {
                S::of(table).as_ref().and_then(|value| S::cloudformation_of_index(value, name))
            });
            settings.extend(value.map(|value| (kind.property().to_owned(), value)));
        }
        let CreateIndex {
            index_name,
            key_schema,
            projection,
            provisioned_throughput,
            on_demand_throughput,
            warm_throughput,
        } = index;
        Self {
            index_name,
            key_schema,
            projection,
            provisioned_throughput,
            on_demand_throughput: on_demand_throughput.map(Limits::of),
            warm_throughput,
            settings,
        }
    }
}

impl Limits {
    fn of(limits: OnDemandThroughput) -> Self {
        let OnDemandThroughput { max_read_request_units, max_write_request_units } = limits;
        let limit = |units: i64| (units > 0).then_some(units);
        Self {
            max_read_request_units: limit(max_read_request_units),
            max_write_request_units: limit(max_write_request_units),
        }
    }
}
