//! The requests of batches, from JSON to the SDK.

use crate::data::{
    fields::{Fields, Misfit, each, list},
    values,
};
use aws_sdk_dynamodb::types::{
    DeleteRequest, KeysAndAttributes, PutRequest, ReturnConsumedCapacity,
    ReturnItemCollectionMetrics, WriteRequest,
};
use serde_json::Value;

/// A `BatchGetItem`.
#[derive(Debug)]
pub(crate) struct BatchGet {
    /// What is asked of each table, in the order of the request.
    pub(crate) tables: Vec<(String, KeysAndAttributes)>,
    pub(crate) capacity: Option<ReturnConsumedCapacity>,
}

/// A `BatchWriteItem`.
#[derive(Debug)]
pub(crate) struct BatchWrite {
    /// What is written to each table, in the order of the request.
    pub(crate) tables: Vec<(String, Vec<WriteRequest>)>,
    pub(crate) capacity: Option<ReturnConsumedCapacity>,
    pub(crate) metrics: Option<ReturnItemCollectionMetrics>,
}

pub(crate) fn get(input: &Value) -> Result<BatchGet, Misfit> {
    Fields::read(input, "BatchGetItem", |fields| {
        let tables = fields.field("RequestItems", |value| each(value, keys_and_attributes))?;
        Ok(BatchGet {
            tables: tables.unwrap_or_default(),
            capacity: fields.word("ReturnConsumedCapacity")?,
        })
    })
}

pub(crate) fn write(input: &Value) -> Result<BatchWrite, Misfit> {
    Fields::read(input, "BatchWriteItem", |fields| {
        let tables = fields
            .field("RequestItems", |value| each(value, |requests| list(requests, write_request)))?;
        Ok(BatchWrite {
            tables: tables.unwrap_or_default(),
            capacity: fields.word("ReturnConsumedCapacity")?,
            metrics: fields.word("ReturnItemCollectionMetrics")?,
        })
    })
}

fn keys_and_attributes(value: &Value) -> Result<KeysAndAttributes, Misfit> {
    Fields::read(value, "KeysAndAttributes", |fields| {
        let keys = KeysAndAttributes::builder()
            .set_keys(Some(fields.required("Keys", |value| list(value, values::item))?))
            .set_projection_expression(fields.text("ProjectionExpression")?)
            .set_expression_attribute_names(fields.names()?)
            .set_consistent_read(fields.flag("ConsistentRead")?)
            .set_attributes_to_get(fields.texts("AttributesToGet")?);
        Ok(keys.build()?)
    })
}

fn write_request(value: &Value) -> Result<WriteRequest, Misfit> {
    Fields::read(value, "WriteRequest", |fields| {
        let put = fields.field("PutRequest", |value| {
            Fields::read(value, "PutRequest", |fields| {
                let item = fields.required("Item", values::item)?;
                Ok(PutRequest::builder().set_item(Some(item)).build()?)
            })
        })?;
        let delete = fields.field("DeleteRequest", |value| {
            Fields::read(value, "DeleteRequest", |fields| {
                let key = fields.required("Key", values::item)?;
                Ok(DeleteRequest::builder().set_key(Some(key)).build()?)
            })
        })?;
        Ok(WriteRequest::builder().set_put_request(put).set_delete_request(delete).build())
    })
}
