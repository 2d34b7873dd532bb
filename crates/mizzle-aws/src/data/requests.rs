//! Requests about one item or one page, from JSON to the SDK.

use crate::data::{
    fields::{Fields, Misfit, each, list, word_of},
    values,
};
use aws_sdk_dynamodb::{
    operation::{
        delete_item::builders::DeleteItemInputBuilder, get_item::builders::GetItemInputBuilder,
        put_item::builders::PutItemInputBuilder, query::builders::QueryInputBuilder,
        scan::builders::ScanInputBuilder, update_item::builders::UpdateItemInputBuilder,
    },
    types::{AttributeValueUpdate, Condition, ExpectedAttributeValue},
};
use serde_json::Value;
use std::collections::HashMap;

// What a request has to have the service says itself, except where the SDK cannot do without.

pub(crate) fn get(input: &Value) -> Result<GetItemInputBuilder, Misfit> {
    Fields::read(input, "GetItem", |fields| {
        Ok(GetItemInputBuilder::default()
            .set_table_name(fields.text("TableName")?)
            .set_key(fields.item("Key")?)
            .set_consistent_read(fields.flag("ConsistentRead")?)
            .set_projection_expression(fields.text("ProjectionExpression")?)
            .set_expression_attribute_names(fields.names()?)
            .set_return_consumed_capacity(fields.word("ReturnConsumedCapacity")?)
            .set_attributes_to_get(fields.texts("AttributesToGet")?))
    })
}

pub(crate) fn put(input: &Value) -> Result<PutItemInputBuilder, Misfit> {
    Fields::read(input, "PutItem", |fields| {
        Ok(PutItemInputBuilder::default()
            .set_table_name(fields.text("TableName")?)
            .set_item(fields.item("Item")?)
            .set_condition_expression(fields.text("ConditionExpression")?)
            .set_expression_attribute_names(fields.names()?)
            .set_expression_attribute_values(fields.values()?)
            .set_return_values(fields.word("ReturnValues")?)
            .set_return_values_on_condition_check_failure(
                fields.word("ReturnValuesOnConditionCheckFailure")?,
            )
            .set_return_consumed_capacity(fields.word("ReturnConsumedCapacity")?)
            .set_return_item_collection_metrics(fields.word("ReturnItemCollectionMetrics")?)
            .set_expected(expected(fields)?)
            .set_conditional_operator(fields.word("ConditionalOperator")?))
    })
}

pub(crate) fn update(input: &Value) -> Result<UpdateItemInputBuilder, Misfit> {
    Fields::read(input, "UpdateItem", |fields| {
        Ok(UpdateItemInputBuilder::default()
            .set_table_name(fields.text("TableName")?)
            .set_key(fields.item("Key")?)
            .set_update_expression(fields.text("UpdateExpression")?)
            .set_condition_expression(fields.text("ConditionExpression")?)
            .set_expression_attribute_names(fields.names()?)
            .set_expression_attribute_values(fields.values()?)
            .set_return_values(fields.word("ReturnValues")?)
            .set_return_values_on_condition_check_failure(
                fields.word("ReturnValuesOnConditionCheckFailure")?,
            )
            .set_return_consumed_capacity(fields.word("ReturnConsumedCapacity")?)
            .set_return_item_collection_metrics(fields.word("ReturnItemCollectionMetrics")?)
            .set_attribute_updates(
                fields.field("AttributeUpdates", |value| each(value, attribute_update))?,
            )
            .set_expected(expected(fields)?)
            .set_conditional_operator(fields.word("ConditionalOperator")?))
    })
}

pub(crate) fn delete(input: &Value) -> Result<DeleteItemInputBuilder, Misfit> {
    Fields::read(input, "DeleteItem", |fields| {
        Ok(DeleteItemInputBuilder::default()
            .set_table_name(fields.text("TableName")?)
            .set_key(fields.item("Key")?)
            .set_condition_expression(fields.text("ConditionExpression")?)
            .set_expression_attribute_names(fields.names()?)
            .set_expression_attribute_values(fields.values()?)
            .set_return_values(fields.word("ReturnValues")?)
            .set_return_values_on_condition_check_failure(
                fields.word("ReturnValuesOnConditionCheckFailure")?,
            )
            .set_return_consumed_capacity(fields.word("ReturnConsumedCapacity")?)
            .set_return_item_collection_metrics(fields.word("ReturnItemCollectionMetrics")?)
            .set_expected(expected(fields)?)
            .set_conditional_operator(fields.word("ConditionalOperator")?))
    })
}

pub(crate) fn query(input: &Value) -> Result<QueryInputBuilder, Misfit> {
    Fields::read(input, "Query", |fields| {
        Ok(QueryInputBuilder::default()
            .set_table_name(fields.text("TableName")?)
            .set_index_name(fields.text("IndexName")?)
            .set_key_condition_expression(fields.text("KeyConditionExpression")?)
            .set_filter_expression(fields.text("FilterExpression")?)
            .set_projection_expression(fields.text("ProjectionExpression")?)
            .set_expression_attribute_names(fields.names()?)
            .set_expression_attribute_values(fields.values()?)
            .set_select(fields.word("Select")?)
            .set_limit(fields.whole("Limit")?)
            .set_consistent_read(fields.flag("ConsistentRead")?)
            .set_scan_index_forward(fields.flag("ScanIndexForward")?)
            .set_exclusive_start_key(fields.item("ExclusiveStartKey")?)
            .set_return_consumed_capacity(fields.word("ReturnConsumedCapacity")?)
            .set_attributes_to_get(fields.texts("AttributesToGet")?)
            .set_key_conditions(conditions(fields, "KeyConditions")?)
            .set_query_filter(conditions(fields, "QueryFilter")?)
            .set_conditional_operator(fields.word("ConditionalOperator")?))
    })
}

pub(crate) fn scan(input: &Value) -> Result<ScanInputBuilder, Misfit> {
    Fields::read(input, "Scan", |fields| {
        Ok(ScanInputBuilder::default()
            .set_table_name(fields.text("TableName")?)
            .set_index_name(fields.text("IndexName")?)
            .set_filter_expression(fields.text("FilterExpression")?)
            .set_projection_expression(fields.text("ProjectionExpression")?)
            .set_expression_attribute_names(fields.names()?)
            .set_expression_attribute_values(fields.values()?)
            .set_select(fields.word("Select")?)
            .set_limit(fields.whole("Limit")?)
            .set_consistent_read(fields.flag("ConsistentRead")?)
            .set_segment(fields.whole("Segment")?)
            .set_total_segments(fields.whole("TotalSegments")?)
            .set_exclusive_start_key(fields.item("ExclusiveStartKey")?)
            .set_return_consumed_capacity(fields.word("ReturnConsumedCapacity")?)
            .set_attributes_to_get(fields.texts("AttributesToGet")?)
            .set_scan_filter(conditions(fields, "ScanFilter")?)
            .set_conditional_operator(fields.word("ConditionalOperator")?))
    })
}

// The forms from before there were expressions.

fn expected(
    fields: &mut Fields<'_>,
) -> Result<Option<HashMap<String, ExpectedAttributeValue>>, Misfit> {
    fields.field("Expected", |value| each(value, expected_value))
}

fn expected_value(value: &Value) -> Result<ExpectedAttributeValue, Misfit> {
    Fields::read(value, "ExpectedAttributeValue", |fields| {
        Ok(ExpectedAttributeValue::builder()
            .set_value(fields.field("Value", values::attribute)?)
            .set_exists(fields.flag("Exists")?)
            .set_comparison_operator(fields.word("ComparisonOperator")?)
            .set_attribute_value_list(
                fields.field("AttributeValueList", |value| list(value, values::attribute))?,
            )
            .build())
    })
}

fn attribute_update(value: &Value) -> Result<AttributeValueUpdate, Misfit> {
    Fields::read(value, "AttributeValueUpdate", |fields| {
        Ok(AttributeValueUpdate::builder()
            .set_value(fields.field("Value", values::attribute)?)
            .set_action(fields.word("Action")?)
            .build())
    })
}

fn conditions(
    fields: &mut Fields<'_>,
    name: &'static str,
) -> Result<Option<HashMap<String, Condition>>, Misfit> {
    fields.field(name, |value| each(value, condition))
}

fn condition(value: &Value) -> Result<Condition, Misfit> {
    Fields::read(value, "Condition", |fields| {
        let condition = Condition::builder()
            .comparison_operator(fields.required("ComparisonOperator", word_of)?)
            .set_attribute_value_list(
                fields.field("AttributeValueList", |value| list(value, values::attribute))?,
            );
        Ok(condition.build()?)
    })
}
