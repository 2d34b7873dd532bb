//! The request of a transaction, from JSON to the SDK.

use crate::data::{
    fields::{Fields, Misfit, list, text_of},
    values,
};
use aws_sdk_dynamodb::{
    operation::transact_write_items::builders::TransactWriteItemsInputBuilder,
    types::{ConditionCheck, Delete, Put, TransactWriteItem, Update},
};
use serde_json::Value;
use uuid::Uuid;

/// One without a `ClientRequestToken` gets one, so that nothing is written twice when it is sent again.
pub(crate) fn transact_write(input: &Value) -> Result<TransactWriteItemsInputBuilder, Misfit> {
    Fields::read(input, "TransactWriteItems", |fields| {
        Ok(TransactWriteItemsInputBuilder::default()
            .set_transact_items(fields.field("TransactItems", |value| list(value, action))?)
            .client_request_token(
                fields.text("ClientRequestToken")?.unwrap_or_else(|| Uuid::new_v4().to_string()),
            )
            .set_return_consumed_capacity(fields.word("ReturnConsumedCapacity")?)
            .set_return_item_collection_metrics(fields.word("ReturnItemCollectionMetrics")?))
    })
}

fn action(value: &Value) -> Result<TransactWriteItem, Misfit> {
    Fields::read(value, "TransactWriteItem", |fields| {
        Ok(TransactWriteItem::builder()
            .set_condition_check(fields.field("ConditionCheck", condition_check)?)
            .set_put(fields.field("Put", put)?)
            .set_update(fields.field("Update", update)?)
            .set_delete(fields.field("Delete", delete)?)
            .build())
    })
}

fn condition_check(value: &Value) -> Result<ConditionCheck, Misfit> {
    Fields::read(value, "ConditionCheck", |fields| {
        let check = ConditionCheck::builder()
            .table_name(fields.required("TableName", text_of)?)
            .set_key(Some(fields.required("Key", values::item)?))
            .condition_expression(fields.required("ConditionExpression", text_of)?)
            .set_expression_attribute_names(fields.names()?)
            .set_expression_attribute_values(fields.values()?)
            .set_return_values_on_condition_check_failure(
                fields.word("ReturnValuesOnConditionCheckFailure")?,
            );
        Ok(check.build()?)
    })
}

fn put(value: &Value) -> Result<Put, Misfit> {
    Fields::read(value, "Put", |fields| {
        let put = Put::builder()
            .table_name(fields.required("TableName", text_of)?)
            .set_item(Some(fields.required("Item", values::item)?))
            .set_condition_expression(fields.text("ConditionExpression")?)
            .set_expression_attribute_names(fields.names()?)
            .set_expression_attribute_values(fields.values()?)
            .set_return_values_on_condition_check_failure(
                fields.word("ReturnValuesOnConditionCheckFailure")?,
            );
        Ok(put.build()?)
    })
}

fn update(value: &Value) -> Result<Update, Misfit> {
    Fields::read(value, "Update", |fields| {
        let update = Update::builder()
            .table_name(fields.required("TableName", text_of)?)
            .set_key(Some(fields.required("Key", values::item)?))
            .update_expression(fields.required("UpdateExpression", text_of)?)
            .set_condition_expression(fields.text("ConditionExpression")?)
            .set_expression_attribute_names(fields.names()?)
            .set_expression_attribute_values(fields.values()?)
            .set_return_values_on_condition_check_failure(
                fields.word("ReturnValuesOnConditionCheckFailure")?,
            );
        Ok(update.build()?)
    })
}

fn delete(value: &Value) -> Result<Delete, Misfit> {
    Fields::read(value, "Delete", |fields| {
        let delete = Delete::builder()
            .table_name(fields.required("TableName", text_of)?)
            .set_key(Some(fields.required("Key", values::item)?))
            .set_condition_expression(fields.text("ConditionExpression")?)
            .set_expression_attribute_names(fields.names()?)
            .set_expression_attribute_values(fields.values()?)
            .set_return_values_on_condition_check_failure(
                fields.word("ReturnValuesOnConditionCheckFailure")?,
            );
        Ok(delete.build()?)
    })
}
