//! Between the core's vocabulary and the SDK's: requests out, descriptions in.

use aws_sdk_dynamodb::{
    error::BuildError,
    operation::{
        create_table::builders::CreateTableInputBuilder,
        delete_table::builders::DeleteTableInputBuilder,
        update_table::builders::UpdateTableInputBuilder,
    },
    types as sdk,
};
use mizzle_core::{
    model::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, IndexState, KeySchemaElement,
        KeyType, LocalSecondaryIndex, Projection, ProjectionType, ProvisionedThroughput,
        ScalarType, Status, TableDefinition, TableDescription,
    },
    plan::{CreateIndex, DeleteIndex, DeleteTable, GlobalSecondaryIndexUpdate, UpdateTable},
};
use std::collections::BTreeMap;

/// An answer that does not say what it has to, or says what this version does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("the answer lacks {0}")]
    Missing(&'static str),
    #[error("{field} is {value:?}, which this version of mizzle does not know")]
    Unknown { field: &'static str, value: String },
}

impl Unreadable {
    pub(crate) fn missing(field: &'static str) -> Self {
        Self::Missing(field)
    }

    fn unknown(field: &'static str, value: &str) -> Self {
        Self::Unknown { field, value: value.to_owned() }
    }
}

// Requests.

pub(crate) fn create_table(
    definition: &TableDefinition,
) -> Result<CreateTableInputBuilder, BuildError> {
    let TableDefinition {
        table_name,
        attribute_definitions,
        key_schema,
        global_secondary_indexes,
        local_secondary_indexes,
        billing_mode,
        provisioned_throughput,
    } = definition;
    Ok(CreateTableInputBuilder::default()
        .table_name(table_name)
        .set_attribute_definitions(Some(each(attribute_definitions, attribute)?))
        .set_key_schema(Some(each(key_schema, key_element)?))
        .set_global_secondary_indexes(unless_empty(each(global_secondary_indexes, global_index)?))
        .set_local_secondary_indexes(unless_empty(each(local_secondary_indexes, local_index)?))
        .set_billing_mode(billing_mode.map(|mode| match mode {
            BillingMode::PayPerRequest => sdk::BillingMode::PayPerRequest,
            BillingMode::Provisioned => sdk::BillingMode::Provisioned,
        }))
        .set_provisioned_throughput(provisioned_throughput.map(throughput).transpose()?))
}

pub(crate) fn update_table(update: &UpdateTable) -> Result<UpdateTableInputBuilder, BuildError> {
    let UpdateTable { table_name, attribute_definitions, global_secondary_index_updates } = update;
    let updates = each(global_secondary_index_updates, index_update)?;
    Ok(UpdateTableInputBuilder::default()
        .table_name(table_name)
        .set_attribute_definitions(unless_empty(each(attribute_definitions, attribute)?))
        .set_global_secondary_index_updates(unless_empty(updates)))
}

pub(crate) fn delete_table(delete: &DeleteTable) -> DeleteTableInputBuilder {
    let DeleteTable { table_name } = delete;
    DeleteTableInputBuilder::default().table_name(table_name)
}

fn index_update(
    update: &GlobalSecondaryIndexUpdate,
) -> Result<sdk::GlobalSecondaryIndexUpdate, BuildError> {
    let builder = sdk::GlobalSecondaryIndexUpdate::builder();
    let builder = match update {
        GlobalSecondaryIndexUpdate::Create(index) => {
            let CreateIndex { index_name, key_schema, projection, provisioned_throughput } = index;
            let action = sdk::CreateGlobalSecondaryIndexAction::builder()
                .index_name(index_name)
                .set_key_schema(Some(each(key_schema, key_element)?))
                .projection(projected(projection))
                .set_provisioned_throughput(provisioned_throughput.map(throughput).transpose()?);
            builder.create(action.build()?)
        }
        GlobalSecondaryIndexUpdate::Delete(DeleteIndex { index_name }) => {
            let action = sdk::DeleteGlobalSecondaryIndexAction::builder().index_name(index_name);
            builder.delete(action.build()?)
        }
    };
    Ok(builder.build())
}

fn attribute(attribute: &AttributeDefinition) -> Result<sdk::AttributeDefinition, BuildError> {
    let AttributeDefinition { attribute_name, attribute_type } = attribute;
    sdk::AttributeDefinition::builder()
        .attribute_name(attribute_name)
        .attribute_type(match attribute_type {
            ScalarType::S => sdk::ScalarAttributeType::S,
            ScalarType::N => sdk::ScalarAttributeType::N,
            ScalarType::B => sdk::ScalarAttributeType::B,
        })
        .build()
}

fn key_element(element: &KeySchemaElement) -> Result<sdk::KeySchemaElement, BuildError> {
    let KeySchemaElement { attribute_name, key_type } = element;
    sdk::KeySchemaElement::builder()
        .attribute_name(attribute_name)
        .key_type(match key_type {
            KeyType::Hash => sdk::KeyType::Hash,
            KeyType::Range => sdk::KeyType::Range,
        })
        .build()
}

fn global_index(index: &GlobalSecondaryIndex) -> Result<sdk::GlobalSecondaryIndex, BuildError> {
    let GlobalSecondaryIndex { index_name, key_schema, projection, provisioned_throughput } = index;
    sdk::GlobalSecondaryIndex::builder()
        .index_name(index_name)
        .set_key_schema(Some(each(key_schema, key_element)?))
        .projection(projected(projection))
        .set_provisioned_throughput(provisioned_throughput.map(throughput).transpose()?)
        .build()
}

fn local_index(index: &LocalSecondaryIndex) -> Result<sdk::LocalSecondaryIndex, BuildError> {
    let LocalSecondaryIndex { index_name, key_schema, projection } = index;
    sdk::LocalSecondaryIndex::builder()
        .index_name(index_name)
        .set_key_schema(Some(each(key_schema, key_element)?))
        .projection(projected(projection))
        .build()
}

fn projected(projection: &Projection) -> sdk::Projection {
    let Projection { projection_type, non_key_attributes } = projection;
    sdk::Projection::builder()
        .projection_type(match projection_type {
            ProjectionType::All => sdk::ProjectionType::All,
            ProjectionType::KeysOnly => sdk::ProjectionType::KeysOnly,
            ProjectionType::Include => sdk::ProjectionType::Include,
        })
        .set_non_key_attributes(unless_empty(non_key_attributes.clone()))
        .build()
}

fn throughput(units: ProvisionedThroughput) -> Result<sdk::ProvisionedThroughput, BuildError> {
    let ProvisionedThroughput { read_capacity_units, write_capacity_units } = units;
    sdk::ProvisionedThroughput::builder()
        .read_capacity_units(read_capacity_units)
        .write_capacity_units(write_capacity_units)
        .build()
}

fn each<T, U, E>(items: &[T], convert: impl Fn(&T) -> Result<U, E>) -> Result<Vec<U>, E> {
    items.iter().map(convert).collect()
}

/// DynamoDB refuses most lists that are there and empty.
fn unless_empty<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

// Descriptions.

/// Reads what `DescribeTable` answered. What is only noise there goes: zero capacities of
/// on-demand tables, attributes that no key uses, any order without meaning.
pub(crate) fn description(table: sdk::TableDescription) -> Result<TableDescription, Unreadable> {
    let status = table.table_status.ok_or(Unreadable::missing("TableStatus"))?;
    let status = Status::from(status.as_str().to_owned());

    let units = capacity(table.provisioned_throughput.as_ref());
    let billing_mode = match table.billing_mode_summary.and_then(|summary| summary.billing_mode) {
        Some(sdk::BillingMode::PayPerRequest) => Some(BillingMode::PayPerRequest),
        Some(sdk::BillingMode::Provisioned) => Some(BillingMode::Provisioned),
        // A mode that AWS may invent is nothing that we manage.
        Some(_) => None,
        // A table that has never been on demand has no summary, but capacity.
        None => units.map(|_| BillingMode::Provisioned),
    };
    let on_demand = billing_mode == Some(BillingMode::PayPerRequest);

    let mut indexes = BTreeMap::new();
    let mut global_secondary_indexes = Vec::new();
    for index in table.global_secondary_indexes.unwrap_or_default() {
        let index_name = index.index_name.ok_or(Unreadable::missing("IndexName"))?;
        let state = IndexState {
            // A server that gives an index no status of its own has it follow the table's.
            status: index
                .index_status
                .map_or_else(|| status.clone(), |own| Status::from(own.as_str().to_owned())),
            backfilling: index.backfilling.unwrap_or_default(),
        };
        indexes.insert(index_name.clone(), state);
        let units = capacity(index.provisioned_throughput.as_ref());
        global_secondary_indexes.push(GlobalSecondaryIndex {
            index_name,
            key_schema: read_key(index.key_schema)?,
            projection: read_projection(index.projection)?,
            provisioned_throughput: units.filter(|_| !on_demand),
        });
    }

    let mut local_secondary_indexes = Vec::new();
    for index in table.local_secondary_indexes.unwrap_or_default() {
        local_secondary_indexes.push(LocalSecondaryIndex {
            index_name: index.index_name.ok_or(Unreadable::missing("IndexName"))?,
            key_schema: read_key(index.key_schema)?,
            projection: read_projection(index.projection)?,
        });
    }

    let mut definition = TableDefinition {
        table_name: table.table_name.ok_or(Unreadable::missing("TableName"))?,
        attribute_definitions: Vec::new(),
        key_schema: read_key(table.key_schema)?,
        global_secondary_indexes,
        local_secondary_indexes,
        billing_mode,
        provisioned_throughput: units.filter(|_| !on_demand),
    };
    for attribute in table.attribute_definitions.unwrap_or_default() {
        if definition.key_attributes().any(|name| name == attribute.attribute_name) {
            definition.attribute_definitions.push(read_attribute(attribute)?);
        }
    }
    let count = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok());
    Ok(TableDescription {
        definition: definition.normalised(),
        status,
        indexes,
        item_count: count(table.item_count),
        size_bytes: count(table.table_size_bytes),
    })
}

/// Capacity, unless it is the zeros that stand for none.
fn capacity(
    description: Option<&sdk::ProvisionedThroughputDescription>,
) -> Option<ProvisionedThroughput> {
    let description = description?;
    let units = ProvisionedThroughput {
        read_capacity_units: description.read_capacity_units?,
        write_capacity_units: description.write_capacity_units?,
    };
    (units.read_capacity_units > 0 || units.write_capacity_units > 0).then_some(units)
}

fn read_attribute(attribute: sdk::AttributeDefinition) -> Result<AttributeDefinition, Unreadable> {
    let sdk::AttributeDefinition { attribute_name, attribute_type, .. } = attribute;
    let attribute_type = ScalarType::parse(attribute_type.as_str())
        .ok_or_else(|| Unreadable::unknown("AttributeType", attribute_type.as_str()))?;
    Ok(AttributeDefinition { attribute_name, attribute_type })
}

fn read_key(
    schema: Option<Vec<sdk::KeySchemaElement>>,
) -> Result<Vec<KeySchemaElement>, Unreadable> {
    let schema = schema.ok_or(Unreadable::missing("KeySchema"))?;
    let element = |element: sdk::KeySchemaElement| {
        let key_type = match element.key_type {
            sdk::KeyType::Hash => KeyType::Hash,
            sdk::KeyType::Range => KeyType::Range,
            other => return Err(Unreadable::unknown("KeyType", other.as_str())),
        };
        Ok(KeySchemaElement { attribute_name: element.attribute_name, key_type })
    };
    schema.into_iter().map(element).collect()
}

fn read_projection(projection: Option<sdk::Projection>) -> Result<Projection, Unreadable> {
    let projection = projection.ok_or(Unreadable::missing("Projection"))?;
    let projection_type = match projection.projection_type {
        Some(sdk::ProjectionType::All) => ProjectionType::All,
        Some(sdk::ProjectionType::KeysOnly) => ProjectionType::KeysOnly,
        Some(sdk::ProjectionType::Include) => ProjectionType::Include,
        Some(other) => return Err(Unreadable::unknown("ProjectionType", other.as_str())),
        None => return Err(Unreadable::missing("ProjectionType")),
    };
    let non_key_attributes = projection.non_key_attributes.unwrap_or_default();
    Ok(Projection { projection_type, non_key_attributes })
}

#[cfg(test)]
mod tests;
