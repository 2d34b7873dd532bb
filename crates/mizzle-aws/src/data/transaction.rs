//! The request of a transaction, from JSON to the SDK.

use crate::data::{
    fields::{built, names, values, word},
    values::item,
};
use aws_sdk_dynamodb::{
    operation::transact_write_items::builders::TransactWriteItemsInputBuilder,
    types::{ConditionCheck, Delete, Put, TransactWriteItem, Update},
};
use mizzle_core::decode::{Fields, Read, any_string, list};
use serde_json::Value;
use uuid::Uuid;

/// Reads a transaction. Without a `ClientRequestToken` it gets one, so that a retry does not write
/// twice.
pub(crate) fn transact_write(input: &Value) -> Read<TransactWriteItemsInputBuilder> {
    Fields::read(input, "", |fields| {
        Ok(TransactWriteItemsInputBuilder::default()
            .set_transact_items(fields.optional("TransactItems", list(action))?)
            .client_request_token(
                fields
                    .optional("ClientRequestToken", any_string)?
                    .unwrap_or_else(|| Uuid::new_v4().to_string()),
            )
            .set_return_consumed_capacity(fields.optional("ReturnConsumedCapacity", word)?)
            .set_return_item_collection_metrics(
                fields.optional("ReturnItemCollectionMetrics", word)?,
            ))
    })
}

fn action(value: &Value, path: &str) -> Read<TransactWriteItem> {
    Fields::read(value, path, |fields| {
        Ok(TransactWriteItem::builder()
            .set_condition_check(fields.optional("ConditionCheck", condition_check)?)
            .set_put(fields.optional("Put", put)?)
            .set_update(fields.optional("Update", update)?)
            .set_delete(fields.optional("Delete", delete)?)
            .build())
    })
}

fn condition_check(value: &Value, path: &str) -> Read<ConditionCheck> {
    Fields::read(value, path, |fields| {
        let check = ConditionCheck::builder()
            .table_name(fields.required("TableName", any_string)?)
            .set_key(Some(fields.required("Key", item)?))
            .condition_expression(fields.required("ConditionExpression", any_string)?)
            .set_expression_attribute_names(names(fields)?)
            .set_expression_attribute_values(values(fields)?)
            .set_return_values_on_condition_check_failure(
                fields.optional("ReturnValuesOnConditionCheckFailure", word)?,
            );
        built(path, check.build())
    })
}

fn put(value: &Value, path: &str) -> Read<Put> {
    Fields::read(value, path, |fields| {
        let put = Put::builder()
            .table_name(fields.required("TableName", any_string)?)
            .set_item(Some(fields.required("Item", item)?))
            .set_condition_expression(fields.optional("ConditionExpression", any_string)?)
            .set_expression_attribute_names(names(fields)?)
            .set_expression_attribute_values(values(fields)?)
            .set_return_values_on_condition_check_failure(
                fields.optional("ReturnValuesOnConditionCheckFailure", word)?,
            );
        built(path, put.build())
    })
}

fn update(value: &Value, path: &str) -> Read<Update> {
    Fields::read(value, path, |fields| {
        let update = Update::builder()
            .table_name(fields.required("TableName", any_string)?)
            .set_key(Some(fields.required("Key", item)?))
            .update_expression(fields.required("UpdateExpression", any_string)?)
            .set_condition_expression(fields.optional("ConditionExpression", any_string)?)
            .set_expression_attribute_names(names(fields)?)
            .set_expression_attribute_values(values(fields)?)
            .set_return_values_on_condition_check_failure(
                fields.optional("ReturnValuesOnConditionCheckFailure", word)?,
            );
        built(path, update.build())
    })
}

fn delete(value: &Value, path: &str) -> Read<Delete> {
    Fields::read(value, path, |fields| {
        let delete = Delete::builder()
            .table_name(fields.required("TableName", any_string)?)
            .set_key(Some(fields.required("Key", item)?))
            .set_condition_expression(fields.optional("ConditionExpression", any_string)?)
            .set_expression_attribute_names(names(fields)?)
            .set_expression_attribute_values(values(fields)?)
            .set_return_values_on_condition_check_failure(
                fields.optional("ReturnValuesOnConditionCheckFailure", word)?,
            );
        built(path, delete.build())
    })
}
