//! The requests of batches, from JSON to the SDK.

use crate::data::{
    fields::{built, names, word},
    values::item,
};
use aws_sdk_dynamodb::types::{
    DeleteRequest, KeysAndAttributes, PutRequest, ReturnConsumedCapacity,
    ReturnItemCollectionMetrics, WriteRequest,
};
use mizzle_core::decode::{Fields, Read, any_string, boolean, each, list};
use serde_json::Value;

/// A `BatchGetItem`.
#[derive(Debug)]
pub(crate) struct BatchGet {
    /// The keys and options for each table, in the order of the request.
    pub(crate) tables: Vec<(String, KeysAndAttributes)>,
    pub(crate) capacity: Option<ReturnConsumedCapacity>,
}

/// A `BatchWriteItem`.
#[derive(Debug)]
pub(crate) struct BatchWrite {
    /// The writes to each table, in the order of the request.
    pub(crate) tables: Vec<(String, Vec<WriteRequest>)>,
    pub(crate) capacity: Option<ReturnConsumedCapacity>,
    pub(crate) metrics: Option<ReturnItemCollectionMetrics>,
}

pub(crate) fn get(input: &Value) -> Read<BatchGet> {
    Fields::read(input, "", |fields| {
        let tables = fields.optional("RequestItems", each(keys_and_attributes))?;
        Ok(BatchGet {
            tables: tables.unwrap_or_default(),
            capacity: fields.optional("ReturnConsumedCapacity", word)?,
        })
    })
}

pub(crate) fn write(input: &Value) -> Read<BatchWrite> {
    Fields::read(input, "", |fields| {
        let tables = fields.optional("RequestItems", each(list(write_request)))?;
        Ok(BatchWrite {
            tables: tables.unwrap_or_default(),
            capacity: fields.optional("ReturnConsumedCapacity", word)?,
            metrics: fields.optional("ReturnItemCollectionMetrics", word)?,
        })
    })
}

fn keys_and_attributes(value: &Value, path: &str) -> Read<KeysAndAttributes> {
    Fields::read(value, path, |fields| {
        let keys = KeysAndAttributes::builder()
            .set_keys(Some(fields.required("Keys", list(item))?))
            .set_projection_expression(fields.optional("ProjectionExpression", any_string)?)
            .set_expression_attribute_names(names(fields)?)
            .set_consistent_read(fields.optional("ConsistentRead", boolean)?)
            .set_attributes_to_get(fields.optional("AttributesToGet", list(any_string))?);
        built(path, keys.build())
    })
}

fn write_request(value: &Value, path: &str) -> Read<WriteRequest> {
    Fields::read(value, path, |fields| {
        let put = fields.optional("PutRequest", |value, path| {
            Fields::read(value, path, |fields| {
                let item = fields.required("Item", item)?;
                built(path, PutRequest::builder().set_item(Some(item)).build())
            })
        })?;
        let delete = fields.optional("DeleteRequest", |value, path| {
            Fields::read(value, path, |fields| {
                let key = fields.required("Key", item)?;
                built(path, DeleteRequest::builder().set_key(Some(key)).build())
            })
        })?;
        Ok(WriteRequest::builder().set_put_request(put).set_delete_request(delete).build())
    })
}
