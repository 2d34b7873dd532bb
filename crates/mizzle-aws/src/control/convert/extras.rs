//! What the requests beside `DescribeTable` answer, from the SDK to the core.

use crate::errors::Unreadable;
use aws_sdk_dynamodb::{
    operation::{
        describe_continuous_backups::DescribeContinuousBackupsOutput,
        describe_contributor_insights::DescribeContributorInsightsOutput,
        describe_kinesis_streaming_destination::DescribeKinesisStreamingDestinationOutput,
        describe_time_to_live::DescribeTimeToLiveOutput,
        get_resource_policy::GetResourcePolicyOutput,
    },
    types as sdk,
};
use mizzle_core::model::{
    ContributorInsightsMode, ContributorInsightsSpecification, PointInTimeRecoverySpecification,
    ResourcePolicy, Tag, TimeToLiveSpecification, TransitionState,
};
use std::collections::BTreeMap;

/// What `DescribeTimeToLive` answered.
pub(crate) fn time_to_live(
    answer: DescribeTimeToLiveOutput,
) -> Result<TimeToLiveSpecification, Unreadable> {
    let description =
        answer.time_to_live_description.ok_or(Unreadable::missing("TimeToLiveDescription"))?;
    match description.time_to_live_status {
        Some(sdk::TimeToLiveStatus::Enabled | sdk::TimeToLiveStatus::Enabling) => description
            .attribute_name
            .map(TimeToLiveSpecification::by)
            .ok_or(Unreadable::missing("AttributeName")),
        // Some servers go on telling the attribute that was.
        Some(sdk::TimeToLiveStatus::Disabled | sdk::TimeToLiveStatus::Disabling) => {
            Ok(TimeToLiveSpecification::DISABLED)
        }
        Some(other) => Err(Unreadable::unknown("TimeToLiveStatus", other.as_str())),
        None => Err(Unreadable::missing("TimeToLiveStatus")),
    }
}

/// What `DescribeContinuousBackups` answered.
pub(crate) fn point_in_time_recovery(
    answer: DescribeContinuousBackupsOutput,
) -> Result<PointInTimeRecoverySpecification, Unreadable> {
    let description = answer
        .continuous_backups_description
        .ok_or(Unreadable::missing("ContinuousBackupsDescription"))?;
    let Some(description) = description.point_in_time_recovery_description else {
        return Ok(PointInTimeRecoverySpecification::DISABLED);
    };
    match description.point_in_time_recovery_status {
        Some(sdk::PointInTimeRecoveryStatus::Enabled) => Ok(PointInTimeRecoverySpecification {
            point_in_time_recovery_enabled: true,
            recovery_period_in_days: description.recovery_period_in_days,
        }),
        Some(sdk::PointInTimeRecoveryStatus::Disabled) => {
            Ok(PointInTimeRecoverySpecification::DISABLED)
        }
        Some(other) => Err(Unreadable::unknown("PointInTimeRecoveryStatus", other.as_str())),
        None => Err(Unreadable::missing("PointInTimeRecoveryStatus")),
    }
}

/// The tags of all pages of `ListTagsOfResource`, sorted by key, without those of AWS.
pub(crate) fn tags(tags: Vec<sdk::Tag>) -> Vec<Tag> {
    // A server that lists a key twice (moto does) has put the newer value last.
    let tags: BTreeMap<String, String> = tags
        .into_iter()
        .filter(|tag| !tag.key.starts_with("aws:"))
        .map(|tag| (tag.key, tag.value))
        .collect();
    tags.into_iter().map(|(key, value)| Tag { key, value }).collect()
}

/// A resource policy and its revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Policy {
    pub(crate) policy: ResourcePolicy,
    /// `None` without a policy.
    pub(crate) revision: Option<String>,
}

impl Policy {
    pub(crate) const NONE: Self = Self { policy: ResourcePolicy::NONE, revision: None };
}

/// What `GetResourcePolicy` answered.
pub(crate) fn resource_policy(answer: GetResourcePolicyOutput) -> Result<Policy, Unreadable> {
    let text = answer.policy.unwrap_or_default();
    let policy = ResourcePolicy::try_from(text)
        .map_err(|error| Unreadable::NotJson { field: "Policy", reason: error.to_string() })?;
    let revision = answer.revision_id.filter(|_| !policy.is_none());
    Ok(Policy { policy, revision })
}

/// What `DescribeKinesisStreamingDestination` answered: the streams that take changes, or are about
/// to.
pub(crate) fn kinesis_destinations(
    answer: DescribeKinesisStreamingDestinationOutput,
) -> Vec<String> {
    let destinations = answer.kinesis_data_stream_destinations.unwrap_or_default();
    let takes_changes = |destination: &sdk::KinesisDataStreamDestination| {
        !matches!(
            destination.destination_status,
            Some(
                sdk::DestinationStatus::Disabled
                    | sdk::DestinationStatus::Disabling
                    | sdk::DestinationStatus::EnableFailed
            )
        )
    };
    let mut streams: Vec<String> = destinations
        .into_iter()
        .filter(takes_changes)
        .filter_map(|destination| destination.stream_arn)
        .collect();
    streams.sort();
    streams
}

/// What `DescribeContributorInsights` answered, and how far their last change is. What failed is off.
pub(crate) fn contributor_insights(
    answer: DescribeContributorInsightsOutput,
) -> Result<(ContributorInsightsSpecification, Option<TransitionState>), Unreadable> {
    use sdk::ContributorInsightsStatus as Status;
    let status = answer
        .contributor_insights_status
        .ok_or(Unreadable::missing("ContributorInsightsStatus"))?;
    let (enabled, state) = match &status {
        Status::Enabled => (true, None),
        Status::Enabling => (true, Some(TransitionState::Pending(status.as_str().to_owned()))),
        Status::Disabled => (false, None),
        Status::Disabling => (false, Some(TransitionState::Pending(status.as_str().to_owned()))),
        Status::Failed => {
            let failure = answer.failure_exception;
            let reason = failure.map(|failure| {
                let parts = [failure.exception_name, failure.exception_description];
                parts.into_iter().flatten().collect::<Vec<_>>().join(": ")
            });
            let reason = reason.filter(|reason| !reason.is_empty());
            let reason = reason.unwrap_or_else(|| "contributor insights are FAILED".to_owned());
            (false, Some(TransitionState::Failed(reason)))
        }
        other => return Err(Unreadable::unknown("ContributorInsightsStatus", other.as_str())),
    };
    let mode = match answer.contributor_insights_mode.filter(|_| enabled) {
        Some(sdk::ContributorInsightsMode::AccessedAndThrottledKeys) => {
            Some(ContributorInsightsMode::AccessedAndThrottledKeys)
        }
        Some(sdk::ContributorInsightsMode::ThrottledKeys) => {
            Some(ContributorInsightsMode::ThrottledKeys)
        }
        Some(other) => return Err(Unreadable::unknown("ContributorInsightsMode", other.as_str())),
        None => None,
    };
    Ok((ContributorInsightsSpecification { enabled, mode }, state))
}
