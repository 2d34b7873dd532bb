//! Resources of Terraform's AWS provider.
//!
//! Source: <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/dynamodb_table>.

use super::{Export, Warning, autoscaled, heading, layout};
use crate::{
    model::{
        AttributeDefinition, KeySchemaElement, KeyType, LocalSecondaryIndex, OnDemandThroughput,
        Projection, ProjectionType, ProvisionedThroughput, ResourcePolicy, SseSpecification,
        StreamViewType, TableDefinition, Tag, WarmThroughput,
    },
    plan::{CreateIndex, CreateTable, create_request},
    text,
};
use hcl::{
    Block, Body, Expression, Traversal,
    expr::{FuncCall, Variable},
    structure::BlockBuilder,
};
use std::fmt::Display;

/// The first version of the provider that keeps keys of several attributes, and indexes when one of
/// them goes.
const PROVIDER: &str = "It needs the provider hashicorp/aws 6.37 or newer.";

/// The provider refuses to ask for less.
const LEAST_WARMTH: WarmThroughput =
    WarmThroughput { read_units_per_second: 12_000, write_units_per_second: 4_000 };

/// Tables by their identifiers.
pub(super) fn render(tables: &[(String, &TableDefinition)]) -> Export {
    let mut warnings = Vec::new();
    let mut body = Body::builder();
    for (id, table) in tables {
        warnings.extend(autoscaled(table, scaling));
        for block in resources(id, table, &mut warnings) {
            body = body.add_block(block);
        }
    }
    let heading = heading("terraform", &[PROVIDER], &warnings);
    // Strings of Terraform's language have JSON's escapes, and nothing else holds such characters.
    let body = text::escaped_json(layout::text(&body.build()));
    Export { text: format!("{heading}\n{body}"), warnings }
}

fn scaling(index: Option<&str>) -> String {
    let scaler =
        "an aws_appautoscaling_target and an aws_appautoscaling_policy for reads and for writes";
    match index {
        None => format!(
            "it is autoscaled, and Terraform leaves the numbers alone once the table is there: add {scaler}"
        ),
        Some(_) => format!(
            "it is autoscaled, and Terraform would set the numbers back whenever it is run: add global_secondary_index to ignore_changes once the index is there, and {scaler}"
        ),
    }
}

/// The table, and what belongs to it.
fn resources(id: &str, table: &TableDefinition, warnings: &mut Vec<Warning>) -> Vec<Block> {
    let TableDefinition {
        table_name,
        attribute_definitions,
        key_schema,
        global_secondary_indexes: _,
        local_secondary_indexes,
        billing_mode: _,
        provisioned_throughput: _,
        autoscaled,
        on_demand_throughput,
        warm_throughput: _,
        stream_specification,
        sse_specification,
        table_class,
        deletion_protection_enabled,
        time_to_live_specification,
        point_in_time_recovery_specification,
        tags,
        resource_policy,
    } = table;
    // Numbers depend on each other, and are decided where a table is created.
    let CreateTable {
        billing_mode,
        provisioned_throughput,
        on_demand_throughput: limit,
        warm_throughput,
        global_secondary_indexes,
        ..
    } = create_request(table);

    let mut resource = Block::builder("resource")
        .add_labels(["aws_dynamodb_table", id])
        .add_attribute(("name", table_name.as_str()));
    resource = word(resource, "billing_mode", billing_mode);
    resource = capacity(resource, provisioned_throughput);
    resource = key(resource, key_schema);
    if let Some(stream) = stream_specification {
        resource = resource.add_attribute(("stream_enabled", stream.stream_enabled));
        let view = stream.stream_view_type.filter(|_| stream.stream_enabled);
        resource = word(resource, "stream_view_type", view.map(StreamViewType::as_str));
    }
    resource = word(resource, "table_class", *table_class);
    if let Some(is_on) = deletion_protection_enabled {
        resource = resource.add_attribute(("deletion_protection_enabled", *is_on));
    }
    if let Some(tags) = tags {
        let tags = tags.iter().map(|Tag { key, value }| (key.clone(), value.clone()));
        resource = resource.add_attribute(("tags", tags.collect::<Expression>()));
    }
    for AttributeDefinition { attribute_name, attribute_type } in attribute_definitions {
        let attribute = Block::builder("attribute")
            .add_attribute(("name", attribute_name.as_str()))
            .add_attribute(("type", attribute_type.to_string()));
        resource = resource.add_block(attribute.build());
    }
    for index in global_secondary_indexes {
        resource = resource.add_block(global_index(table_name, index, warnings));
    }
    for index in local_secondary_indexes {
        resource = resource.add_block(local_index(index));
    }
    // What was asked for in so many words is said, also that there is no limit.
    let limit = limit.or(on_demand_throughput.filter(|_| provisioned_throughput.is_none()));
    resource = resource.add_blocks(limit.map(limits));
    let warmth = warmth(table_name, "warmThroughput", warm_throughput, warnings);
    let is_warm = warmth.is_some();
    resource = resource.add_blocks(warmth);
    if let Some(expiry) = time_to_live_specification {
        let attribute = expiry.attribute_name.as_deref().filter(|_| expiry.enabled);
        let block = word(Block::builder("ttl"), "attribute_name", attribute);
        resource = resource.add_block(block.add_attribute(("enabled", expiry.enabled)).build());
    }
    if let Some(recovery) = point_in_time_recovery_specification {
        let is_on = recovery.point_in_time_recovery_enabled;
        let mut block = Block::builder("point_in_time_recovery").add_attribute(("enabled", is_on));
        if let Some(days) = recovery.recovery_period_in_days {
            block = block.add_attribute(("recovery_period_in_days", days));
        }
        resource = resource.add_block(block.build());
    }
    let mut blocks = Vec::new();
    if let Some(SseSpecification { enabled, kms_master_key_id }) = sse_specification {
        let mut block =
            Block::builder("server_side_encryption").add_attribute(("enabled", *enabled));
        if let Some(key) = kms_master_key_id.as_deref().filter(|_| *enabled) {
            let arn = match key.starts_with("arn:") {
                true => Expression::from(key),
                false => {
                    blocks.push(kms_key(id, key));
                    reference(&["data", "aws_kms_key", id, "arn"])
                }
            };
            block = block.add_attribute(("kms_key_arn", arn));
        }
        resource = resource.add_block(block.build());
    }
    resource = resource.add_block(lifecycle(*autoscaled, is_warm));
    blocks.push(resource.build());
    blocks.extend(resource_policy.as_ref().and_then(|policy| attached_policy(id, policy)));
    blocks
}

/// Adds an attribute whose value is a word, if there is one.
fn word(block: BlockBuilder, name: &str, value: Option<impl Display>) -> BlockBuilder {
    match value {
        Some(value) => block.add_attribute((name, value.to_string())),
        None => block,
    }
}

fn capacity(block: BlockBuilder, capacity: Option<ProvisionedThroughput>) -> BlockBuilder {
    match capacity {
        Some(ProvisionedThroughput { read_capacity_units, write_capacity_units }) => block
            .add_attribute(("read_capacity", read_capacity_units))
            .add_attribute(("write_capacity", write_capacity_units)),
        None => block,
    }
}

/// A key of at most one attribute of each kind.
fn key(mut block: BlockBuilder, key: &[KeySchemaElement]) -> BlockBuilder {
    for KeySchemaElement { attribute_name, key_type } in key {
        let name = match key_type {
            KeyType::Hash => "hash_key",
            KeyType::Range => "range_key",
        };
        block = block.add_attribute((name, attribute_name.as_str()));
    }
    block
}

fn projection(block: BlockBuilder, projection: &Projection) -> BlockBuilder {
    let Projection { projection_type, non_key_attributes } = projection;
    let kind = match projection_type {
        ProjectionType::All => "ALL",
        ProjectionType::KeysOnly => "KEYS_ONLY",
        ProjectionType::Include => "INCLUDE",
    };
    let block = block.add_attribute(("projection_type", kind));
    match non_key_attributes.as_slice() {
        [] => block,
        attributes => block.add_attribute(("non_key_attributes", attributes.to_vec())),
    }
}

fn global_index(table: &str, index: CreateIndex, warnings: &mut Vec<Warning>) -> Block {
    let CreateIndex {
        index_name,
        key_schema,
        projection: held,
        provisioned_throughput,
        on_demand_throughput,
        warm_throughput,
    } = index;
    let mut block =
        Block::builder("global_secondary_index").add_attribute(("name", index_name.as_str()));
    block = capacity(projection(block, &held), provisioned_throughput);
    for KeySchemaElement { attribute_name, key_type } in key_schema {
        let kind = match key_type {
            KeyType::Hash => "HASH",
            KeyType::Range => "RANGE",
        };
        let element = Block::builder("key_schema")
            .add_attribute(("attribute_name", attribute_name))
            .add_attribute(("key_type", kind));
        block = block.add_block(element.build());
    }
    block = block.add_blocks(on_demand_throughput.map(limits));
    let setting = format!("indexes.{index_name}.warmThroughput");
    let warmth = warmth(table, &setting, warm_throughput, warnings);
    if warmth.is_some() {
        let message = "DynamoDB raises it as traffic grows, and Terraform would then plan to lower it, which AWS refuses: add global_secondary_index to ignore_changes once the index is there".to_owned();
        warnings.push(Warning { table: table.to_owned(), setting, message });
    }
    block.add_blocks(warmth).build()
}

/// Its partition key is the table's.
fn local_index(index: &LocalSecondaryIndex) -> Block {
    let LocalSecondaryIndex { index_name, key_schema, projection: held } = index;
    let mut block =
        Block::builder("local_secondary_index").add_attribute(("name", index_name.as_str()));
    let own = key_schema.iter().filter(|element| element.key_type == KeyType::Range);
    for KeySchemaElement { attribute_name, key_type: _ } in own {
        block = block.add_attribute(("range_key", attribute_name.as_str()));
    }
    projection(block, held).build()
}

fn limits(limits: OnDemandThroughput) -> Block {
    let OnDemandThroughput { max_read_request_units, max_write_request_units } = limits;
    Block::builder("on_demand_throughput")
        .add_attribute(("max_read_request_units", max_read_request_units))
        .add_attribute(("max_write_request_units", max_write_request_units))
        .build()
}

fn warmth(
    table: &str,
    setting: &str,
    warm: Option<WarmThroughput>,
    warnings: &mut Vec<Warning>,
) -> Option<Block> {
    let warm = warm?;
    if warm.is_below(&LEAST_WARMTH) {
        let message = format!(
            "it is left out, since Terraform takes no less than {LEAST_WARMTH} a second, and {warm} are wanted"
        );
        warnings.push(Warning { table: table.to_owned(), setting: setting.to_owned(), message });
        return None;
    }
    let WarmThroughput { read_units_per_second, write_units_per_second } = warm;
    let block = Block::builder("warm_throughput")
        .add_attribute(("read_units_per_second", read_units_per_second))
        .add_attribute(("write_units_per_second", write_units_per_second));
    Some(block.build())
}

/// Terraform wants the ARN of a key, and looks it up by the id.
fn kms_key(id: &str, key: &str) -> Block {
    Block::builder("data").add_labels(["aws_kms_key", id]).add_attribute(("key_id", key)).build()
}

/// A table with items is never to be destroyed by the way; capacity that somebody scales is not to be
/// set back, nor warm throughput, which DynamoDB raises by itself and never lets be lowered.
fn lifecycle(autoscaled: bool, is_warm: bool) -> Block {
    let block = Block::builder("lifecycle").add_attribute(("prevent_destroy", true));
    let scaled: &[&str] = if autoscaled { &["read_capacity", "write_capacity"] } else { &[] };
    let names = scaled.iter().copied().chain(is_warm.then_some("warm_throughput"));
    let ignored: Vec<Expression> = names.map(|name| reference(&[name])).collect();
    let ignored = (!ignored.is_empty()).then(|| ("ignore_changes", Expression::from(ignored)));
    block.add_attributes(ignored).build()
}

fn attached_policy(id: &str, policy: &ResourcePolicy) -> Option<Block> {
    let document = hcl::to_expression(policy.document()?)
        .expect("what JSON can say, Terraform's language can");
    let encoded = FuncCall::builder("jsonencode").arg(document).build();
    let resource = Block::builder("resource")
        .add_labels(["aws_dynamodb_resource_policy", id])
        .add_attribute(("resource_arn", reference(&["aws_dynamodb_table", id, "arn"])))
        .add_attribute(("policy", Expression::from(encoded)));
    Some(resource.build())
}

/// `aws_dynamodb_table.shop.arn`: all parts are identifiers.
fn reference(parts: &[&str]) -> Expression {
    let (first, rest) = parts.split_first().expect("a reference has a part");
    let start = Variable::unchecked(*first);
    match rest {
        [] => Expression::from(start),
        rest => rest
            .iter()
            .fold(Traversal::builder(start), |reference, part| {
                reference.attr(hcl::Identifier::unchecked(*part))
            })
            .build()
            .into(),
    }
}
