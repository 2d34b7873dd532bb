//! Requests of the control plane, from the core to the SDK.

use aws_sdk_dynamodb::{
    error::BuildError,
    operation::{
        create_table::builders::CreateTableInputBuilder,
        delete_resource_policy::builders::DeleteResourcePolicyInputBuilder,
        delete_table::builders::DeleteTableInputBuilder,
        disable_kinesis_streaming_destination::builders::DisableKinesisStreamingDestinationInputBuilder,
        enable_kinesis_streaming_destination::builders::EnableKinesisStreamingDestinationInputBuilder,
        put_resource_policy::builders::PutResourcePolicyInputBuilder,
        tag_resource::builders::TagResourceInputBuilder,
        untag_resource::builders::UntagResourceInputBuilder,
        update_continuous_backups::builders::UpdateContinuousBackupsInputBuilder,
        update_contributor_insights::builders::UpdateContributorInsightsInputBuilder,
        update_kinesis_streaming_destination::builders::UpdateKinesisStreamingDestinationInputBuilder,
        update_table::builders::UpdateTableInputBuilder,
        update_time_to_live::builders::UpdateTimeToLiveInputBuilder,
    },
    types as sdk,
};
use mizzle_core::{
    model::{
        AttributeDefinition, BillingMode, ContributorInsightsMode, KeySchemaElement, KeyType,
        LocalSecondaryIndex, OnDemandThroughput, PointInTimeRecoverySpecification, Projection,
        ProjectionType, ProvisionedThroughput, ResourcePolicy, ScalarType, SseSpecification,
        StreamSpecification, StreamViewType, TableClass, Tag, TimeToLiveSpecification,
        TimestampPrecision, WarmThroughput,
    },
    plan::{
        ContributorInsightsAction, CreateIndex, CreateTable, DeleteIndex, DeleteResourcePolicy,
        DeleteTable, DisableKinesisStreamingDestination, EnableKinesisStreamingDestination,
        GlobalSecondaryIndexUpdate, KinesisStreamingConfiguration, PutResourcePolicy, TagResource,
        UntagResource, UpdateContinuousBackups, UpdateContributorInsights, UpdateIndex,
        UpdateKinesisStreamingDestination, UpdateTable, UpdateTimeToLive,
    },
};

pub(crate) fn create_table(request: &CreateTable) -> Result<CreateTableInputBuilder, BuildError> {
    let CreateTable {
        table_name,
        attribute_definitions,
        key_schema,
        global_secondary_indexes,
        local_secondary_indexes,
        billing_mode,
        provisioned_throughput,
        on_demand_throughput,
        warm_throughput,
        stream_specification,
        sse_specification,
        table_class,
        deletion_protection_enabled,
        tags,
    } = request;
    Ok(CreateTableInputBuilder::default()
        .table_name(table_name)
        .set_attribute_definitions(Some(each(attribute_definitions, attribute)?))
        .set_key_schema(Some(each(key_schema, key_element)?))
        .set_global_secondary_indexes(unless_empty(each(global_secondary_indexes, global_index)?))
        .set_local_secondary_indexes(unless_empty(each(local_secondary_indexes, local_index)?))
        .set_billing_mode(billing_mode.map(mode))
        .set_provisioned_throughput(provisioned_throughput.map(provisioned).transpose()?)
        .set_on_demand_throughput(on_demand_throughput.map(new_limits))
        .set_warm_throughput(warm_throughput.map(warm))
        .set_stream_specification(stream_specification.map(stream).transpose()?)
        .set_sse_specification(sse_specification.as_ref().map(encryption))
        .set_table_class(table_class.map(class))
        .set_deletion_protection_enabled(*deletion_protection_enabled)
        .set_tags(unless_empty(each(tags, tag)?)))
}

pub(crate) fn update_table(request: &UpdateTable) -> Result<UpdateTableInputBuilder, BuildError> {
    let UpdateTable {
        table_name,
        attribute_definitions,
        billing_mode,
        provisioned_throughput,
        global_secondary_index_updates,
        on_demand_throughput,
        warm_throughput,
        stream_specification,
        sse_specification,
        table_class,
        deletion_protection_enabled,
    } = request;
    let updates = each(global_secondary_index_updates, index_update)?;
    Ok(UpdateTableInputBuilder::default()
        .table_name(table_name)
        .set_attribute_definitions(unless_empty(each(attribute_definitions, attribute)?))
        .set_billing_mode(billing_mode.map(mode))
        .set_provisioned_throughput(provisioned_throughput.map(provisioned).transpose()?)
        .set_global_secondary_index_updates(unless_empty(updates))
        .set_on_demand_throughput(on_demand_throughput.map(on_demand))
        .set_warm_throughput(warm_throughput.map(warm))
        .set_stream_specification(stream_specification.map(stream).transpose()?)
        .set_sse_specification(sse_specification.as_ref().map(encryption))
        .set_table_class(table_class.map(class))
        .set_deletion_protection_enabled(*deletion_protection_enabled))
}

pub(crate) fn delete_table(request: &DeleteTable) -> DeleteTableInputBuilder {
    let DeleteTable { table_name } = request;
    DeleteTableInputBuilder::default().table_name(table_name)
}

pub(crate) fn update_time_to_live(
    request: &UpdateTimeToLive,
) -> Result<UpdateTimeToLiveInputBuilder, BuildError> {
    let UpdateTimeToLive { table_name, time_to_live_specification } = request;
    let TimeToLiveSpecification { attribute_name, enabled } = time_to_live_specification;
    let specification = sdk::TimeToLiveSpecification::builder()
        .set_attribute_name(attribute_name.clone())
        .enabled(*enabled);
    Ok(UpdateTimeToLiveInputBuilder::default()
        .table_name(table_name)
        .time_to_live_specification(specification.build()?))
}

pub(crate) fn update_continuous_backups(
    request: &UpdateContinuousBackups,
) -> Result<UpdateContinuousBackupsInputBuilder, BuildError> {
    let UpdateContinuousBackups { table_name, point_in_time_recovery_specification } = request;
    let PointInTimeRecoverySpecification {
        point_in_time_recovery_enabled,
        recovery_period_in_days,
    } = *point_in_time_recovery_specification;
    let specification = sdk::PointInTimeRecoverySpecification::builder()
        .point_in_time_recovery_enabled(point_in_time_recovery_enabled)
        .set_recovery_period_in_days(recovery_period_in_days);
    Ok(UpdateContinuousBackupsInputBuilder::default()
        .table_name(table_name)
        .point_in_time_recovery_specification(specification.build()?))
}

// AWS needs an ARN. The core, which has no account, has the table's name.

pub(crate) fn tag_resource(
    request: &TagResource,
    arn: String,
) -> Result<TagResourceInputBuilder, BuildError> {
    let TagResource { table_name: _, tags } = request;
    Ok(TagResourceInputBuilder::default().resource_arn(arn).set_tags(Some(each(tags, tag)?)))
}

pub(crate) fn untag_resource(request: &UntagResource, arn: String) -> UntagResourceInputBuilder {
    let UntagResource { table_name: _, tag_keys } = request;
    UntagResourceInputBuilder::default().resource_arn(arn).set_tag_keys(Some(tag_keys.clone()))
}

pub(crate) fn update_contributor_insights(
    request: &UpdateContributorInsights,
) -> UpdateContributorInsightsInputBuilder {
    let UpdateContributorInsights {
        table_name,
        index_name,
        contributor_insights_action: action,
        contributor_insights_mode: mode,
    } = request;
    let action = match action {
        ContributorInsightsAction::Enable => sdk::ContributorInsightsAction::Enable,
        ContributorInsightsAction::Disable => sdk::ContributorInsightsAction::Disable,
    };
    let mode = mode.map(|mode| match mode {
        ContributorInsightsMode::AccessedAndThrottledKeys => {
            sdk::ContributorInsightsMode::AccessedAndThrottledKeys
        }
        ContributorInsightsMode::ThrottledKeys => sdk::ContributorInsightsMode::ThrottledKeys,
    });
    UpdateContributorInsightsInputBuilder::default()
        .table_name(table_name)
        .set_index_name(index_name.clone())
        .contributor_insights_action(action)
        .set_contributor_insights_mode(mode)
}

pub(crate) fn enable_kinesis_destination(
    request: &EnableKinesisStreamingDestination,
) -> EnableKinesisStreamingDestinationInputBuilder {
    let EnableKinesisStreamingDestination {
        table_name,
        stream_arn,
        enable_kinesis_streaming_configuration: configuration,
    } = request;
    let configuration = configuration.map(|configuration| {
        sdk::EnableKinesisStreamingConfiguration::builder()
            .approximate_creation_date_time_precision(precision(configuration))
            .build()
    });
    EnableKinesisStreamingDestinationInputBuilder::default()
        .table_name(table_name)
        .stream_arn(stream_arn)
        .set_enable_kinesis_streaming_configuration(configuration)
}

pub(crate) fn update_kinesis_destination(
    request: &UpdateKinesisStreamingDestination,
) -> UpdateKinesisStreamingDestinationInputBuilder {
    let UpdateKinesisStreamingDestination {
        table_name,
        stream_arn,
        update_kinesis_streaming_configuration: configuration,
    } = request;
    let configuration = sdk::UpdateKinesisStreamingConfiguration::builder()
        .approximate_creation_date_time_precision(precision(*configuration))
        .build();
    UpdateKinesisStreamingDestinationInputBuilder::default()
        .table_name(table_name)
        .stream_arn(stream_arn)
        .update_kinesis_streaming_configuration(configuration)
}

pub(crate) fn disable_kinesis_destination(
    request: &DisableKinesisStreamingDestination,
) -> DisableKinesisStreamingDestinationInputBuilder {
    let DisableKinesisStreamingDestination { table_name, stream_arn } = request;
    DisableKinesisStreamingDestinationInputBuilder::default()
        .table_name(table_name)
        .stream_arn(stream_arn)
}

fn precision(
    configuration: KinesisStreamingConfiguration,
) -> sdk::ApproximateCreationDateTimePrecision {
    match configuration.approximate_creation_date_time_precision {
        TimestampPrecision::Millisecond => sdk::ApproximateCreationDateTimePrecision::Millisecond,
        TimestampPrecision::Microsecond => sdk::ApproximateCreationDateTimePrecision::Microsecond,
    }
}

pub(crate) fn put_resource_policy(
    request: &PutResourcePolicy,
    arn: String,
) -> PutResourcePolicyInputBuilder {
    let PutResourcePolicy { table_name: _, policy, expected_revision_id } = request;
    PutResourcePolicyInputBuilder::default()
        .resource_arn(arn)
        .policy(policy_text(policy))
        .set_expected_revision_id(expected_revision_id.clone())
}

pub(crate) fn delete_resource_policy(
    request: &DeleteResourcePolicy,
    arn: String,
) -> DeleteResourcePolicyInputBuilder {
    let DeleteResourcePolicy { table_name: _, expected_revision_id } = request;
    DeleteResourcePolicyInputBuilder::default()
        .resource_arn(arn)
        .set_expected_revision_id(expected_revision_id.clone())
}

fn policy_text(policy: &ResourcePolicy) -> String {
    policy.clone().into()
}

fn index_update(
    update: &GlobalSecondaryIndexUpdate,
) -> Result<sdk::GlobalSecondaryIndexUpdate, BuildError> {
    let builder = sdk::GlobalSecondaryIndexUpdate::builder();
    let builder = match update {
        GlobalSecondaryIndexUpdate::Create(index) => {
            let CreateIndex {
                index_name,
                key_schema,
                projection,
                provisioned_throughput,
                on_demand_throughput,
                warm_throughput,
            } = index;
            let action = sdk::CreateGlobalSecondaryIndexAction::builder()
                .index_name(index_name)
                .set_key_schema(Some(each(key_schema, key_element)?))
                .projection(projected(projection))
                .set_provisioned_throughput(provisioned_throughput.map(provisioned).transpose()?)
                .set_on_demand_throughput(on_demand_throughput.map(new_limits))
                .set_warm_throughput(warm_throughput.map(warm));
            builder.create(action.build()?)
        }
        GlobalSecondaryIndexUpdate::Update(index) => {
            let UpdateIndex {
                index_name,
                provisioned_throughput,
                on_demand_throughput,
                warm_throughput,
            } = index;
            let action = sdk::UpdateGlobalSecondaryIndexAction::builder()
                .index_name(index_name)
                .set_provisioned_throughput(provisioned_throughput.map(provisioned).transpose()?)
                .set_on_demand_throughput(on_demand_throughput.map(on_demand))
                .set_warm_throughput(warm_throughput.map(warm));
            builder.update(action.build()?)
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

fn global_index(index: &CreateIndex) -> Result<sdk::GlobalSecondaryIndex, BuildError> {
    let CreateIndex {
        index_name,
        key_schema,
        projection,
        provisioned_throughput,
        on_demand_throughput,
        warm_throughput,
    } = index;
    sdk::GlobalSecondaryIndex::builder()
        .index_name(index_name)
        .set_key_schema(Some(each(key_schema, key_element)?))
        .projection(projected(projection))
        .set_provisioned_throughput(provisioned_throughput.map(provisioned).transpose()?)
        .set_on_demand_throughput(on_demand_throughput.map(new_limits))
        .set_warm_throughput(warm_throughput.map(warm))
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

fn mode(mode: BillingMode) -> sdk::BillingMode {
    match mode {
        BillingMode::PayPerRequest => sdk::BillingMode::PayPerRequest,
        BillingMode::Provisioned => sdk::BillingMode::Provisioned,
    }
}

fn provisioned(units: ProvisionedThroughput) -> Result<sdk::ProvisionedThroughput, BuildError> {
    let ProvisionedThroughput { read_capacity_units, write_capacity_units } = units;
    sdk::ProvisionedThroughput::builder()
        .read_capacity_units(read_capacity_units)
        .write_capacity_units(write_capacity_units)
        .build()
}

/// Converts the limits of a new table or index. An unlimited value is left out:
/// -1 would remove an existing limit.
fn new_limits(units: OnDemandThroughput) -> sdk::OnDemandThroughput {
    let OnDemandThroughput { max_read_request_units, max_write_request_units } = units;
    let limit = |units: i64| (units >= 0).then_some(units);
    sdk::OnDemandThroughput::builder()
        .set_max_read_request_units(limit(max_read_request_units))
        .set_max_write_request_units(limit(max_write_request_units))
        .build()
}

fn on_demand(units: OnDemandThroughput) -> sdk::OnDemandThroughput {
    let OnDemandThroughput { max_read_request_units, max_write_request_units } = units;
    sdk::OnDemandThroughput::builder()
        .max_read_request_units(max_read_request_units)
        .max_write_request_units(max_write_request_units)
        .build()
}

fn warm(units: WarmThroughput) -> sdk::WarmThroughput {
    let WarmThroughput { read_units_per_second, write_units_per_second } = units;
    sdk::WarmThroughput::builder()
        .read_units_per_second(read_units_per_second)
        .write_units_per_second(write_units_per_second)
        .build()
}

fn stream(stream: StreamSpecification) -> Result<sdk::StreamSpecification, BuildError> {
    let StreamSpecification { stream_enabled, stream_view_type } = stream;
    sdk::StreamSpecification::builder()
        .stream_enabled(stream_enabled)
        .set_stream_view_type(stream_view_type.map(|view| match view {
            StreamViewType::KeysOnly => sdk::StreamViewType::KeysOnly,
            StreamViewType::NewImage => sdk::StreamViewType::NewImage,
            StreamViewType::OldImage => sdk::StreamViewType::OldImage,
            StreamViewType::NewAndOldImages => sdk::StreamViewType::NewAndOldImages,
        }))
        .build()
}

fn encryption(encryption: &SseSpecification) -> sdk::SseSpecification {
    let SseSpecification { enabled, kms_master_key_id } = encryption;
    sdk::SseSpecification::builder()
        .enabled(*enabled)
        // The only type that a request may name.
        .set_sse_type(enabled.then_some(sdk::SseType::Kms))
        .set_kms_master_key_id(kms_master_key_id.clone())
        .build()
}

fn class(class: TableClass) -> sdk::TableClass {
    match class {
        TableClass::Standard => sdk::TableClass::Standard,
        TableClass::StandardInfrequentAccess => sdk::TableClass::StandardInfrequentAccess,
    }
}

fn tag(tag: &Tag) -> Result<sdk::Tag, BuildError> {
    let Tag { key, value } = tag;
    sdk::Tag::builder().key(key).value(value).build()
}

fn each<T, U, E>(items: &[T], convert: impl Fn(&T) -> Result<U, E>) -> Result<Vec<U>, E> {
    items.iter().map(convert).collect()
}

/// Returns `None` for an empty list: DynamoDB rejects most empty lists.
fn unless_empty<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}
