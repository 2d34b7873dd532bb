//! Parses a call from a method's name and its request.
//!
//! Parsing is strict: an unknown field is an error, so that it is not lost on the way to DynamoDB.
//! Absent and `null` fields are omitted. A setting of AWS that mizzle does not send is refused with
//! a hint.

use super::{
    Call, CreateIndex, CreateTable, DeleteIndex, DeleteTable, GlobalSecondaryIndexUpdate,
    UpdateIndex, UpdateTable,
};
pub(crate) use crate::decode::{
    DecodeError, Fields, Read, any_string, boolean, integer, list, string, word,
};
use crate::{
    model::{
        AttributeDefinition, BillingMode, KeySchemaElement, KeyType, LocalSecondaryIndex,
        OnDemandThroughput, Projection, ProjectionType, ProvisionedThroughput, ScalarType,
        WarmThroughput,
    },
    settings::{
        self, InRequests, Setting, UpdateTableSetting, for_each_update_setting, tags::parse_tag,
    },
    text,
};
use serde_json::Value;

/// An error in a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", match field.as_str() {
    "" => format!("db.{method} {message}"),
    field => format!("`{field}` of db.{method} {message}"),
})]
pub struct CallProblem {
    /// The method that was called.
    pub method: String,
    /// The field's path, as JavaScript would write it: `KeySchema[0].KeyType`; empty for the method
    /// or the whole request.
    pub field: String,
    /// The expected and the actual value.
    pub message: String,
    /// The fix, if the message alone does not name it.
    pub hint: Option<String>,
}

/// A method, and the parser of its request.
pub(crate) type Method = (&'static str, fn(&Value) -> Read<Call>);

/// The methods for whole tables.
const TABLE_METHODS: [Method; 3] = [
    ("createTable", |request| create_table(request).map(Call::CreateTable)),
    ("updateTable", |request| update_table(request).map(Call::UpdateTable)),
    ("deleteTable", |request| delete_table(request).map(Call::DeleteTable)),
];

fn methods() -> impl Iterator<Item = &'static Method> {
    TABLE_METHODS.iter().chain(settings::METHODS)
}

impl Call {
    /// Returns the methods of a script's `db` that make control-plane calls.
    pub fn methods() -> impl Iterator<Item = &'static str> {
        methods().map(|(name, _)| *name)
    }

    /// Parses a call from the [method](Self::method) of a script's `db` and its request: the
    /// reverse of [`input`](Self::input). The elements of a key may have any order.
    ///
    /// # Errors
    ///
    /// The first field that is unknown, missing or of the wrong kind.
    pub fn parse(method: &str, input: &Value) -> Result<Self, CallProblem> {
        let Some((_, read)) = methods().find(|(name, _)| *name == method) else {
            return Err(CallProblem {
                method: method.to_owned(),
                field: String::new(),
                message: "is not a call of the control plane".to_owned(),
                hint: text::did_you_mean(method, Self::methods()),
            });
        };
        read(input).map_err(|DecodeError { path, message, hint }| CallProblem {
            method: method.to_owned(),
            field: path,
            message,
            hint,
        })
    }
}

/// Hints for features of AWS that mizzle does not support.
const GLOBAL_TABLES: &str = "mizzle does not manage global tables: leave it out";
const VECTOR_INDEXES: &str = "mizzle does not manage vector indexes: leave it out";

fn create_table(request: &Value) -> Read<CreateTable> {
    let mut known = vec![
        "TableName",
        "AttributeDefinitions",
        "KeySchema",
        "GlobalSecondaryIndexes",
        "LocalSecondaryIndexes",
        "BillingMode",
        "ProvisionedThroughput",
        "OnDemandThroughput",
        "WarmThroughput",
    ];
    for_each_update_setting!(S => known.push(S::WIRE));
    known.push("Tags");
    let fields = Fields::of(
        request,
        "",
        &known,
        &[
            ("ResourcePolicy", "set the policy with db.putResourcePolicy, once the table is there"),
            ("GlobalTableSourceArn", GLOBAL_TABLES),
            ("GlobalTableSettingsReplicationMode", GLOBAL_TABLES),
            ("VectorIndexes", VECTOR_INDEXES),
        ],
    )?;
    let mut request = CreateTable {
        table_name: fields.required("TableName", table_name)?,
        attribute_definitions: fields.required("AttributeDefinitions", list(attribute))?,
        key_schema: fields.required("KeySchema", key_schema)?,
        global_secondary_indexes: fields
            .optional("GlobalSecondaryIndexes", list(new_index))?
            .unwrap_or_default(),
        local_secondary_indexes: fields
            .optional("LocalSecondaryIndexes", list(local_index))?
            .unwrap_or_default(),
        billing_mode: fields.optional("BillingMode", billing_mode)?,
        provisioned_throughput: fields.optional("ProvisionedThroughput", capacity)?,
        on_demand_throughput: fields.optional("OnDemandThroughput", first_limit)?,
        warm_throughput: fields.optional("WarmThroughput", warmth)?,
        ..CreateTable::default()
    };
    for_each_update_setting!(S => {
        *S::of_creation_mut(&mut request) = fields.optional(S::WIRE, S::parse)?;
    });
    request.tags = fields.optional("Tags", list(parse_tag))?.unwrap_or_default();
    Ok(request)
}

fn update_table(request: &Value) -> Read<UpdateTable> {
    let mut known = vec![
        "TableName",
        "AttributeDefinitions",
        "BillingMode",
        "ProvisionedThroughput",
        "GlobalSecondaryIndexUpdates",
        "OnDemandThroughput",
        "WarmThroughput",
    ];
    for_each_update_setting!(S => known.push(S::WIRE));
    let fields = Fields::of(
        request,
        "",
        &known,
        &[
            ("ReplicaUpdates", GLOBAL_TABLES),
            ("MultiRegionConsistency", GLOBAL_TABLES),
            ("GlobalTableWitnessUpdates", GLOBAL_TABLES),
            ("GlobalTableSettingsReplicationMode", GLOBAL_TABLES),
            ("DisassociationProtectionEnabled", GLOBAL_TABLES),
            ("VectorIndexUpdates", VECTOR_INDEXES),
        ],
    )?;
    let mut request = UpdateTable {
        table_name: fields.required("TableName", table_name)?,
        attribute_definitions: fields
            .optional("AttributeDefinitions", list(attribute))?
            .unwrap_or_default(),
        billing_mode: fields.optional("BillingMode", billing_mode)?,
        provisioned_throughput: fields.optional("ProvisionedThroughput", capacity)?,
        global_secondary_index_updates: fields
            .optional("GlobalSecondaryIndexUpdates", list(index_update))?
            .unwrap_or_default(),
        on_demand_throughput: fields.optional("OnDemandThroughput", limit)?,
        warm_throughput: fields.optional("WarmThroughput", warmth)?,
        ..UpdateTable::default()
    };
    for_each_update_setting!(S => {
        *S::of_update_mut(&mut request) = fields.optional(S::WIRE, S::parse)?;
    });
    Ok(request)
}

fn delete_table(request: &Value) -> Read<DeleteTable> {
    let fields = Fields::of(request, "", &["TableName"], &[])?;
    Ok(DeleteTable { table_name: fields.required("TableName", table_name)? })
}

/// Parses a table name. AWS accepts an ARN, too, but an ARN contains an account, and a migration
/// runs in several.
pub(crate) fn table_name(value: &Value, path: &str) -> Read<String> {
    let name = string(value, path)?;
    if name.starts_with("arn:") {
        let wrong = DecodeError::new(path, "must be the table's name, but is an ARN");
        return Err(wrong.hint("write the name alone: it is the same in every account"));
    }
    Ok(name)
}

/// Parses a table's name or ARN. The account and the region of an ARN are ignored: the client fills
/// in the right ones.
pub(crate) fn resource(value: &Value, path: &str) -> Read<String> {
    let text = string(value, path)?;
    let name = if text.starts_with("arn:") {
        let mut parts = text.splitn(6, ':');
        let is_dynamodb = parts.nth(2) == Some("dynamodb");
        parts.nth(2).filter(|_| is_dynamodb).and_then(|resource| resource.strip_prefix("table/"))
    } else {
        Some(text.as_str())
    };
    match name {
        Some(name) if !name.is_empty() && !name.contains(['/', ':']) => Ok(name.to_owned()),
        Some(_) | None => Err(DecodeError::new(
            path,
            format!("must be a table's name or its ARN, but is {text:?}"),
        )),
    }
}

fn attribute(value: &Value, path: &str) -> Read<AttributeDefinition> {
    let fields = Fields::of(value, path, &["AttributeName", "AttributeType"], &[])?;
    let types = [("S", ScalarType::S), ("N", ScalarType::N), ("B", ScalarType::B)];
    Ok(AttributeDefinition {
        attribute_name: fields.required("AttributeName", string)?,
        attribute_type: fields.required("AttributeType", word(&types))?,
    })
}

/// Parses a key, and sorts it as DynamoDB does: partition key attributes first.
fn key_schema(value: &Value, path: &str) -> Read<Vec<KeySchemaElement>> {
    let element = |value: &Value, path: &str| {
        let fields = Fields::of(value, path, &["AttributeName", "KeyType"], &[])?;
        let types = [("HASH", KeyType::Hash), ("RANGE", KeyType::Range)];
        Ok(KeySchemaElement {
            attribute_name: fields.required("AttributeName", string)?,
            key_type: fields.required("KeyType", word(&types))?,
        })
    };
    let mut key = list(element)(value, path)?;
    key.sort_by_key(|element| element.key_type);
    Ok(key)
}

fn projection(value: &Value, path: &str) -> Read<Projection> {
    let fields = Fields::of(value, path, &["ProjectionType", "NonKeyAttributes"], &[])?;
    let types = [
        ("ALL", ProjectionType::All),
        ("KEYS_ONLY", ProjectionType::KeysOnly),
        ("INCLUDE", ProjectionType::Include),
    ];
    Ok(Projection {
        projection_type: fields.required("ProjectionType", word(&types))?,
        non_key_attributes: fields.optional("NonKeyAttributes", list(string))?.unwrap_or_default(),
    })
}

fn new_index(value: &Value, path: &str) -> Read<CreateIndex> {
    let known = [
        "IndexName",
        "KeySchema",
        "Projection",
        "ProvisionedThroughput",
        "OnDemandThroughput",
        "WarmThroughput",
    ];
    let fields = Fields::of(value, path, &known, &[])?;
    Ok(CreateIndex {
        index_name: fields.required("IndexName", string)?,
        key_schema: fields.required("KeySchema", key_schema)?,
        projection: fields.required("Projection", projection)?,
        provisioned_throughput: fields.optional("ProvisionedThroughput", capacity)?,
        on_demand_throughput: fields.optional("OnDemandThroughput", first_limit)?,
        warm_throughput: fields.optional("WarmThroughput", warmth)?,
    })
}

fn local_index(value: &Value, path: &str) -> Read<LocalSecondaryIndex> {
    let fields = Fields::of(value, path, &["IndexName", "KeySchema", "Projection"], &[])?;
    Ok(LocalSecondaryIndex {
        index_name: fields.required("IndexName", string)?,
        key_schema: fields.required("KeySchema", key_schema)?,
        projection: fields.required("Projection", projection)?,
    })
}

fn index_update(value: &Value, path: &str) -> Read<GlobalSecondaryIndexUpdate> {
    let fields = Fields::of(value, path, &["Create", "Update", "Delete"], &[])?;
    let update = |value: &Value, path: &str| {
        let known = ["IndexName", "ProvisionedThroughput", "OnDemandThroughput", "WarmThroughput"];
        let fields = Fields::of(value, path, &known, &[])?;
        Ok(UpdateIndex {
            index_name: fields.required("IndexName", string)?,
            provisioned_throughput: fields.optional("ProvisionedThroughput", capacity)?,
            on_demand_throughput: fields.optional("OnDemandThroughput", limit)?,
            warm_throughput: fields.optional("WarmThroughput", warmth)?,
        })
    };
    let delete = |value: &Value, path: &str| {
        let fields = Fields::of(value, path, &["IndexName"], &[])?;
        Ok(DeleteIndex { index_name: fields.required("IndexName", string)? })
    };
    let given = (
        fields.optional("Create", new_index)?,
        fields.optional("Update", update)?,
        fields.optional("Delete", delete)?,
    );
    match given {
        (Some(index), None, None) => Ok(GlobalSecondaryIndexUpdate::Create(index)),
        (None, Some(index), None) => Ok(GlobalSecondaryIndexUpdate::Update(index)),
        (None, None, Some(index)) => Ok(GlobalSecondaryIndexUpdate::Delete(index)),
        _ => Err(DecodeError::new(path, "must hold one of Create, Update and Delete")),
    }
}

fn billing_mode(value: &Value, path: &str) -> Read<BillingMode> {
    let modes = [BillingMode::PayPerRequest, BillingMode::Provisioned];
    word(&modes.map(|mode| (mode.as_str(), mode)))(value, path)
}

fn capacity(value: &Value, path: &str) -> Read<ProvisionedThroughput> {
    let fields = Fields::of(value, path, &["ReadCapacityUnits", "WriteCapacityUnits"], &[])?;
    Ok(ProvisionedThroughput {
        read_capacity_units: fields.required("ReadCapacityUnits", integer)?,
        write_capacity_units: fields.required("WriteCapacityUnits", integer)?,
    })
}

const LIMITS: [&str; 2] = ["MaxReadRequestUnits", "MaxWriteRequestUnits"];

/// Parses new limits. Both are required, because AWS does not document the effect of an omitted
/// one.
fn limit(value: &Value, path: &str) -> Read<OnDemandThroughput> {
    let fields = Fields::of(value, path, &LIMITS, &[])?;
    let units = |name| {
        let units = fields.required(name, integer);
        units.map_err(|wrong| wrong.hint("-1 is no limit"))
    };
    Ok(OnDemandThroughput {
        max_read_request_units: units(LIMITS[0])?,
        max_write_request_units: units(LIMITS[1])?,
    })
}

/// Parses the limits of a new resource: an omitted one is unlimited.
fn first_limit(value: &Value, path: &str) -> Read<OnDemandThroughput> {
    let fields = Fields::of(value, path, &LIMITS, &[])?;
    Ok(OnDemandThroughput {
        max_read_request_units: fields.optional(LIMITS[0], integer)?.unwrap_or(-1),
        max_write_request_units: fields.optional(LIMITS[1], integer)?.unwrap_or(-1),
    })
}

fn warmth(value: &Value, path: &str) -> Read<WarmThroughput> {
    let fields = Fields::of(value, path, &["ReadUnitsPerSecond", "WriteUnitsPerSecond"], &[])?;
    Ok(WarmThroughput {
        read_units_per_second: fields.required("ReadUnitsPerSecond", integer)?,
        write_units_per_second: fields.required("WriteUnitsPerSecond", integer)?,
    })
}
