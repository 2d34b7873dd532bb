//! Requests about one item or one page, from JSON to the SDK.

use crate::data::{
    fields::{built, names, values, whole, word},
    values::{attribute, item},
};
use aws_sdk_dynamodb::{
    operation::{
        delete_item::builders::DeleteItemInputBuilder, get_item::builders::GetItemInputBuilder,
        put_item::builders::PutItemInputBuilder, query::builders::QueryInputBuilder,
        scan::builders::ScanInputBuilder, update_item::builders::UpdateItemInputBuilder,
    },
    types::{AttributeValueUpdate, Condition, ExpectedAttributeValue},
};
use mizzle_core::decode::{Fields, Read, any_string, boolean, each, list};
use serde_json::Value;
use std::collections::HashMap;

// The service itself rejects missing fields. Only those that the SDK requires are checked here.

pub(crate) fn get(input: &Value) -> Read<GetItemInputBuilder> {
    Fields::read(input, "", |fields| {
        Ok(GetItemInputBuilder::default()
            .set_table_name(fields.optional("TableName", any_string)?)
            .set_key(fields.optional("Key", item)?)
            .set_consistent_read(fields.optional("ConsistentRead", boolean)?)
            .set_projection_expression(fields.optional("ProjectionExpression", any_string)?)
            .set_expression_attribute_names(names(fields)?)
            .set_return_consumed_capacity(fields.optional("ReturnConsumedCapacity", word)?)
            .set_attributes_to_get(fields.optional("AttributesToGet", list(any_string))?))
    })
}

pub(crate) fn put(input: &Value) -> Read<PutItemInputBuilder> {
    Fields::read(input, "", |fields| {
        Ok(PutItemInputBuilder::default()
            .set_table_name(fields.optional("TableName", any_string)?)
            .set_item(fields.optional("Item", item)?)
            .set_condition_expression(fields.optional("ConditionExpression", any_string)?)
            .set_expression_attribute_names(names(fields)?)
            .set_expression_attribute_values(values(fields)?)
            .set_return_values(fields.optional("ReturnValues", word)?)
            .set_return_values_on_condition_check_failure(
                fields.optional("ReturnValuesOnConditionCheckFailure", word)?,
            )
            .set_return_consumed_capacity(fields.optional("ReturnConsumedCapacity", word)?)
            .set_return_item_collection_metrics(
                fields.optional("ReturnItemCollectionMetrics", word)?,
            )
            .set_expected(expected(fields)?)
            .set_conditional_operator(fields.optional("ConditionalOperator", word)?))
    })
}

pub(crate) fn update(input: &Value) -> Read<UpdateItemInputBuilder> {
    Fields::read(input, "", |fields| {
        Ok(UpdateItemInputBuilder::default()
            .set_table_name(fields.optional("TableName", any_string)?)
            .set_key(fields.optional("Key", item)?)
            .set_update_expression(fields.optional("UpdateExpression", any_string)?)
            .set_condition_expression(fields.optional("ConditionExpression", any_string)?)
            .set_expression_attribute_names(names(fields)?)
            .set_expression_attribute_values(values(fields)?)
            .set_return_values(fields.optional("ReturnValues", word)?)
            .set_return_values_on_condition_check_failure(
                fields.optional("ReturnValuesOnConditionCheckFailure", word)?,
            )
            .set_return_consumed_capacity(fields.optional("ReturnConsumedCapacity", word)?)
            .set_return_item_collection_metrics(
                fields.optional("ReturnItemCollectionMetrics", word)?,
            )
            .set_attribute_updates(fields.optional("AttributeUpdates", each(attribute_update))?)
            .set_expected(expected(fields)?)
            .set_conditional_operator(fields.optional("ConditionalOperator", word)?))
    })
}

pub(crate) fn delete(input: &Value) -> Read<DeleteItemInputBuilder> {
    Fields::read(input, "", |fields| {
        Ok(DeleteItemInputBuilder::default()
            .set_table_name(fields.optional("TableName", any_string)?)
            .set_key(fields.optional("Key", item)?)
            .set_condition_expression(fields.optional("ConditionExpression", any_string)?)
            .set_expression_attribute_names(names(fields)?)
            .set_expression_attribute_values(values(fields)?)
            .set_return_values(fields.optional("ReturnValues", word)?)
            .set_return_values_on_condition_check_failure(
                fields.optional("ReturnValuesOnConditionCheckFailure", word)?,
            )
            .set_return_consumed_capacity(fields.optional("ReturnConsumedCapacity", word)?)
            .set_return_item_collection_metrics(
                fields.optional("ReturnItemCollectionMetrics", word)?,
            )
            .set_expected(expected(fields)?)
            .set_conditional_operator(fields.optional("ConditionalOperator", word)?))
    })
}

pub(crate) fn query(input: &Value) -> Read<QueryInputBuilder> {
    Fields::read(input, "", |fields| {
        Ok(QueryInputBuilder::default()
            .set_table_name(fields.optional("TableName", any_string)?)
            .set_index_name(fields.optional("IndexName", any_string)?)
            .set_key_condition_expression(fields.optional("KeyConditionExpression", any_string)?)
            .set_filter_expression(fields.optional("FilterExpression", any_string)?)
            .set_projection_expression(fields.optional("ProjectionExpression", any_string)?)
            .set_expression_attribute_names(names(fields)?)
            .set_expression_attribute_values(values(fields)?)
            .set_select(fields.optional("Select", word)?)
            .set_limit(fields.optional("Limit", whole)?)
            .set_consistent_read(fields.optional("ConsistentRead", boolean)?)
            .set_scan_index_forward(fields.optional("ScanIndexForward", boolean)?)
            .set_exclusive_start_key(fields.optional("ExclusiveStartKey", item)?)
            .set_return_consumed_capacity(fields.optional("ReturnConsumedCapacity", word)?)
            .set_attributes_to_get(fields.optional("AttributesToGet", list(any_string))?)
            .set_key_conditions(conditions(fields, "KeyConditions")?)
            .set_query_filter(conditions(fields, "QueryFilter")?)
            .set_conditional_operator(fields.optional("ConditionalOperator", word)?))
    })
}

pub(crate) fn scan(input: &Value) -> Read<ScanInputBuilder> {
    Fields::read(input, "", |fields| {
        Ok(ScanInputBuilder::default()
            .set_table_name(fields.optional("TableName", any_string)?)
            .set_index_name(fields.optional("IndexName", any_string)?)
            .set_filter_expression(fields.optional("FilterExpression", any_string)?)
            .set_projection_expression(fields.optional("ProjectionExpression", any_string)?)
            .set_expression_attribute_names(names(fields)?)
            .set_expression_attribute_values(values(fields)?)
            .set_select(fields.optional("Select", word)?)
            .set_limit(fields.optional("Limit", whole)?)
            .set_consistent_read(fields.optional("ConsistentRead", boolean)?)
            .set_segment(fields.optional("Segment", whole)?)
            .set_total_segments(fields.optional("TotalSegments", whole)?)
            .set_exclusive_start_key(fields.optional("ExclusiveStartKey", item)?)
            .set_return_consumed_capacity(fields.optional("ReturnConsumedCapacity", word)?)
            .set_attributes_to_get(fields.optional("AttributesToGet", list(any_string))?)
            .set_scan_filter(conditions(fields, "ScanFilter")?)
            .set_conditional_operator(fields.optional("ConditionalOperator", word)?))
    })
}

// The parameters from before there were expressions.

fn expected(fields: &Fields<'_>) -> Read<Option<HashMap<String, ExpectedAttributeValue>>> {
    fields.optional("Expected", each(expected_value))
}

fn expected_value(value: &Value, path: &str) -> Read<ExpectedAttributeValue> {
    Fields::read(value, path, |fields| {
        Ok(ExpectedAttributeValue::builder()
            .set_value(fields.optional("Value", attribute)?)
            .set_exists(fields.optional("Exists", boolean)?)
            .set_comparison_operator(fields.optional("ComparisonOperator", word)?)
            .set_attribute_value_list(fields.optional("AttributeValueList", list(attribute))?)
            .build())
    })
}

fn attribute_update(value: &Value, path: &str) -> Read<AttributeValueUpdate> {
    Fields::read(value, path, |fields| {
        Ok(AttributeValueUpdate::builder()
            .set_value(fields.optional("Value", attribute)?)
            .set_action(fields.optional("Action", word)?)
            .build())
    })
}

fn conditions(fields: &Fields<'_>, name: &'static str) -> Read<Option<HashMap<String, Condition>>> {
    fields.optional(name, each(condition))
}

fn condition(value: &Value, path: &str) -> Read<Condition> {
    Fields::read(value, path, |fields| {
        let condition = Condition::builder()
            .comparison_operator(fields.required("ComparisonOperator", word)?)
            .set_attribute_value_list(fields.optional("AttributeValueList", list(attribute))?);
        built(path, condition.build())
    })
}
