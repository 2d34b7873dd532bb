//! Converts the responses of the requests beside `DescribeTable` from the SDK to the core.

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
    ContributorInsightsMode, ContributorInsightsSpecification, KinesisDestination,
    KinesisDestinations, PointInTimeRecoverySpecification, ResourcePolicy, Tag,
    TimeToLiveSpecification, TimestampPrecision, TransitionState,
};
use std::collections::BTreeMap;

/// Converts the response of `DescribeTimeToLive`.
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
        // Some servers still return the attribute of a disabled TTL.
        Some(sdk::TimeToLiveStatus::Disabled | sdk::TimeToLiveStatus::Disabling) => {
            Ok(TimeToLiveSpecification::DISABLED)
        }
        Some(other) => Err(Unreadable::unknown("TimeToLiveStatus", other.as_str())),
        None => Err(Unreadable::missing("TimeToLiveStatus")),
    }
}

/// Converts the response of `DescribeContinuousBackups`.
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

/// Returns the tags of all pages of `ListTagsOfResource`, sorted by key, without those of AWS.
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

/// Converts the response of `GetResourcePolicy`.
pub(crate) fn resource_policy(answer: GetResourcePolicyOutput) -> Result<Policy, Unreadable> {
    let text = answer.policy.unwrap_or_default();
    let policy = ResourcePolicy::try_from(text)
        .map_err(|error| Unreadable::NotJson { field: "Policy", reason: error.to_string() })?;
    let revision = answer.revision_id.filter(|_| !policy.is_none());
    Ok(Policy { policy, revision })
}

/// Converts the response of `DescribeKinesisStreamingDestination`: the active streams, and the ARNs
/// of those whose last change is unfinished. DynamoDB lists a stream for a while after it is
/// disabled.
pub(crate) fn kinesis_destinations(
    answer: DescribeKinesisStreamingDestinationOutput,
) -> Result<(KinesisDestinations, Vec<(String, TransitionState)>), Unreadable> {
    let (mut active, mut transitions) = (Vec::new(), Vec::new());
    for destination in answer.kinesis_data_stream_destinations.unwrap_or_default() {
        let stream_arn = destination.stream_arn.ok_or(Unreadable::missing("StreamArn"))?;
        let status =
            destination.destination_status.ok_or(Unreadable::missing("DestinationStatus"))?;
        let description = destination.destination_status_description.as_deref();
        let (is_active, state) = destination_state(&status, description)?;
        transitions.extend(state.map(|state| (stream_arn.clone(), state)));
        if is_active {
            let precision = destination.approximate_creation_date_time_precision;
            active.push(KinesisDestination {
                stream_arn,
                approximate_creation_date_time_precision: precision
                    .map(precision_of)
                    .transpose()?,
            });
        }
    }
    Ok((KinesisDestinations::new(active), transitions))
}

/// Returns true if a stream is active or about to be, and the state of its last change.
fn destination_state(
    status: &sdk::DestinationStatus,
    description: Option<&str>,
) -> Result<(bool, Option<TransitionState>), Unreadable> {
    use sdk::DestinationStatus as Status;
    let pending = || Some(TransitionState::Pending(status.as_str().to_owned()));
    Ok(match status {
        Status::Active => (true, None),
        Status::Enabling | Status::Updating => (true, pending()),
        Status::Disabled => (false, None),
        Status::Disabling => (false, pending()),
        Status::EnableFailed => {
            let reason = description.filter(|reason| !reason.is_empty());
            let reason = reason.unwrap_or("the Kinesis destination is ENABLE_FAILED");
            (false, Some(TransitionState::Failed(reason.to_owned())))
        }
        other => return Err(Unreadable::unknown("DestinationStatus", other.as_str())),
    })
}

fn precision_of(
    precision: sdk::ApproximateCreationDateTimePrecision,
) -> Result<TimestampPrecision, Unreadable> {
    use sdk::ApproximateCreationDateTimePrecision as Precision;
    match precision {
        Precision::Millisecond => Ok(TimestampPrecision::Millisecond),
        Precision::Microsecond => Ok(TimestampPrecision::Microsecond),
        other => Err(Unreadable::unknown("ApproximateCreationDateTimePrecision", other.as_str())),
    }
}

/// Converts the response of `DescribeContributorInsights`, with the state of their last change.
/// Failed insights count as disabled.
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
