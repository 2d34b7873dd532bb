//! Resources of Terraform's AWS provider.
//!
//! Source: <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/dynamodb_table>.

use super::{Export, Warning, autoscaled, heading, layout};
use crate::{
    model::{
        AttributeDefinition, KeySchemaElement, KeyType, LocalSecondaryIndex, OnDemandThroughput,
        Projection, ProjectionType, ProvisionedThroughput, TableDefinition, WarmThroughput,
    },
    plan::{CreateIndex, CreateTable, create_request},
    settings::{CONFIG_ORDER, Registered, Setting, with_setting},
    text,
};
use hcl::{Attribute, Block, Body, Expression, Traversal, expr::Variable, structure::BlockBuilder};
use std::fmt::Display;

/// The first version of the provider that supports keys of several attributes, and keeps indexes
/// when one of them is deleted.
const PROVIDER: &str = "It needs the provider hashicorp/aws 6.37 or newer.";

/// The minimum that the provider accepts.
const LEAST_WARMTH: WarmThroughput =
    WarmThroughput { read_units_per_second: 12_000, write_units_per_second: 4_000 };

/// Writes tables with their identifiers.
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
    // Terraform's strings have JSON's escapes, and only strings contain such characters.
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

/// The settings of a table while its resource is built.
pub(crate) struct TerraformTable {
    /// The resource's identifier.
    id: String,
    /// Data sources that the resource reads.
    data: Vec<Block>,
    attributes: Vec<Attribute>,
    nested: Vec<Block>,
    /// Separate resources that belong to the table.
    attached: Vec<Block>,
}

impl TerraformTable {
    fn of(id: &str, table: &TableDefinition) -> Self {
        let mut resource = Self {
            id: id.to_owned(),
            data: Vec::new(),
            attributes: Vec::new(),
            nested: Vec::new(),
            attached: Vec::new(),
        };
        for kind in CONFIG_ORDER {
            with_setting!(kind, S => {
                if let Some(value) = S::of(table) {
                    S::terraform(value, &mut resource);
                }
            });
        }
        resource
    }

    /// Adds an attribute.
    pub(crate) fn attribute(&mut self, name: &str, value: impl Into<Expression>) {
        self.attributes.push(Attribute::new(name, value));
    }

    /// Starts a block to be [nested](Self::nested).
    pub(crate) fn block(name: &str) -> BlockBuilder {
        Block::builder(name)
    }

    /// Adds a block inside the resource.
    pub(crate) fn nested(&mut self, block: Block) {
        self.nested.push(block);
    }

    /// Adds a data source that is identified by one attribute, and returns a reference to another
    /// attribute.
    pub(crate) fn data(&mut self, kind: &str, key: &str, value: &str, wanted: &str) -> Expression {
        let block = Block::builder("data").add_labels([kind, &self.id]);
        self.data.push(block.add_attribute((key, value)).build());
        reference(&["data", kind, &self.id, wanted])
    }

    /// Returns a reference to an attribute of the table's own resource.
    pub(crate) fn reference(&self, attribute: &str) -> Expression {
        reference(&["aws_dynamodb_table", &self.id, attribute])
    }

    /// Adds a separate resource.
    pub(crate) fn attached(
        &mut self,
        kind: &str,
        attributes: impl IntoIterator<Item = (&'static str, Expression)>,
    ) {
        let block = Block::builder("resource").add_labels([kind, &self.id]);
        self.attached.push(block.add_attributes(attributes).build());
    }

    /// Adds a separate resource for one of the table's indexes. Its label contains a dash, which
    /// labels of tables never do; a dash of the index's name is doubled and a dot is escaped, so
    /// that labels are unique.
    pub(crate) fn attached_to_index(
        &mut self,
        kind: &str,
        index: &str,
        attributes: impl IntoIterator<Item = (&'static str, Expression)>,
    ) {
        let label = format!("{}-{}", self.id, index.replace('-', "--").replace('.', "-_"));
        let block = Block::builder("resource").add_labels([kind, &label]);
        self.attached.push(block.add_attributes(attributes).build());
    }
}

/// Returns the blocks of the table, its data sources and its separate resources.
fn resources(id: &str, table: &TableDefinition, warnings: &mut Vec<Warning>) -> Vec<Block> {
    let TableDefinition {
        table_name,
        attribute_definitions,
        key_schema,
        local_secondary_indexes,
        autoscaled,
        on_demand_throughput,
        ..
    } = table;
    // Throughput settings depend on each other; the creation of a table decides them.
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
    let TerraformTable { id: _, data, attributes, nested, attached } =
        TerraformTable::of(id, table);
    resource = resource.add_attributes(attributes);
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
    // An explicit setting is written, even if it removes the limit.
    let limit = limit.or(on_demand_throughput.filter(|_| provisioned_throughput.is_none()));
    resource = resource.add_blocks(limit.map(limits));
    let warmth = warmth(table_name, "warmThroughput", warm_throughput, warnings);
    let is_warm = warmth.is_some();
    resource = resource.add_blocks(warmth);
    resource = resource.add_blocks(nested).add_block(lifecycle(*autoscaled, is_warm));
    data.into_iter().chain([resource.build()]).chain(attached).collect()
}

/// Adds a string attribute if there is a value.
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

/// Adds a key with at most one attribute of each kind.
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

/// Returns the block of an LSI, whose partition key is the table's.
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

/// Returns the lifecycle block. It prevents the accidental deletion of a table with items, and
/// keeps Terraform from resetting autoscaled capacity and warm throughput, which DynamoDB raises by
/// itself and never lowers.
fn lifecycle(autoscaled: bool, is_warm: bool) -> Block {
    let block = Block::builder("lifecycle").add_attribute(("prevent_destroy", true));
    let scaled: &[&str] = if autoscaled { &["read_capacity", "write_capacity"] } else { &[] };
    let names = scaled.iter().copied().chain(is_warm.then_some("warm_throughput"));
    let ignored: Vec<Expression> = names.map(|name| reference(&[name])).collect();
    let ignored = (!ignored.is_empty()).then(|| ("ignore_changes", Expression::from(ignored)));
    block.add_attributes(ignored).build()
}

/// Returns a reference, `aws_dynamodb_table.shop.arn`; all parts are identifiers.
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
