//! The settings that have a call of their own: time to live, point-in-time recovery, tags and the
//! resource policy.

use super::{
    refusal::{Refusal, require},
    rules::{check_policy, check_tags},
    table::{Table, answered_recovery},
};
use crate::{
    model::{PointInTimeRecoverySpecification, ResourcePolicy, Tag, TimeToLiveSpecification},
    plan::{
        DeleteResourcePolicy, NO_POLICY, PutResourcePolicy, TagResource, UntagResource,
        UpdateContinuousBackups, UpdateTimeToLive,
    },
};

/// Not what it is already, not from one attribute to another, and not twice within an hour, which
/// is here: not twice before the table is settled.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html>.
pub(super) fn update_time_to_live(
    table: &mut Table,
    request: &UpdateTimeToLive,
) -> Result<(), Refusal> {
    require(!table.expiry_changed, || {
        "Time to live has been modified multiple times within a fixed interval".to_owned()
    })?;
    let wanted = &request.time_to_live_specification;
    let Some(attribute) = &wanted.attribute_name else {
        return Err(Refusal::validation(
            "AttributeName is required, also while time to live is being disabled",
        ));
    };
    require((1..=255).contains(&attribute.len()), || {
        "the name of a time-to-live attribute has 1 to 255 bytes".to_owned()
    })?;
    let expiry = &mut table.definition.time_to_live_specification;
    let present =
        expiry.as_ref().filter(|present| present.enabled).and_then(|e| e.attribute_name.as_ref());
    match (present, wanted.enabled) {
        (None, false) => Err(Refusal::validation("TimeToLive is already disabled")),
        (Some(present), _) if present != attribute => Err(Refusal::validation(format!(
            "TimeToLive is active on a different AttributeName: current AttributeName is {present}"
        ))),
        (Some(_), true) => Err(Refusal::validation("TimeToLive is already enabled")),
        (Some(_), false) => {
            *expiry = Some(TimeToLiveSpecification::DISABLED);
            table.expiry_changed = true;
            Ok(())
        }
        (None, true) => {
            *expiry = Some(wanted.clone());
            table.expiry_changed = true;
            Ok(())
        }
    }
}

/// 1 to 35 days, where it is on.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PointInTimeRecoverySpecification.html>.
pub(super) fn update_continuous_backups(
    table: &mut Table,
    request: &UpdateContinuousBackups,
) -> Result<(), Refusal> {
    let wanted = request.point_in_time_recovery_specification;
    let PointInTimeRecoverySpecification {
        point_in_time_recovery_enabled: is_on,
        recovery_period_in_days: days,
    } = wanted;
    require(days.is_none_or(|days| is_on && (1..=35).contains(&days)), || {
        "RecoveryPeriodInDays is 1 to 35, and only where recovery is on".to_owned()
    })?;
    table.definition.point_in_time_recovery_specification = Some(answered_recovery(wanted));
    Ok(())
}

/// Adds tags, and gives those that are there another value.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TagResource.html>.
pub(super) fn tag(table: &mut Table, request: &TagResource) -> Result<(), Refusal> {
    require(!request.tags.is_empty(), || "there is no tag in the request".to_owned())?;
    check_tags(&request.tags)?;
    let is_replaced = |tag: &Tag| request.tags.iter().any(|new| new.key == tag.key);
    let mut tags = table.definition.tags.clone().unwrap_or_default();
    tags.retain(|tag| !is_replaced(tag));
    tags.extend(request.tags.iter().cloned());
    tags.sort();
    check_tags(&tags)?;
    table.definition.tags = Some(tags);
    Ok(())
}

/// Removes tags; one that is not there does not matter.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UntagResource.html>.
pub(super) fn untag(table: &mut Table, request: &UntagResource) -> Result<(), Refusal> {
    let keys = &request.tag_keys;
    require(!keys.is_empty(), || "there is no tag in the request".to_owned())?;
    require(keys.iter().all(|key| !key.to_ascii_lowercase().starts_with("aws:")), || {
        "tags of AWS cannot be removed".to_owned()
    })?;
    if let Some(tags) = &mut table.definition.tags {
        tags.retain(|tag| !keys.contains(&tag.key));
    }
    Ok(())
}

/// Replaces the policy, if it is the expected one.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutResourcePolicy.html>.
pub(super) fn put_policy(table: &mut Table, request: &PutResourcePolicy) -> Result<(), Refusal> {
    check_policy(&request.policy)?;
    check_revision(table, request.expected_revision_id.as_deref())?;
    if table.definition.resource_policy.as_ref() != Some(&request.policy) {
        table.policy_revision += 1;
        table.definition.resource_policy = Some(request.policy.clone());
    }
    Ok(())
}

/// Removes the policy, if it is the expected one. That there is none does not matter, unless one is
/// expected.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteResourcePolicy.html>.
pub(super) fn delete_policy(
    table: &mut Table,
    request: &DeleteResourcePolicy,
) -> Result<(), Refusal> {
    check_revision(table, request.expected_revision_id.as_deref())?;
    table.definition.resource_policy = Some(ResourcePolicy::NONE);
    Ok(())
}

fn check_revision(table: &Table, expected: Option<&str>) -> Result<(), Refusal> {
    let present = table.policy_revision();
    let present = present.as_deref().unwrap_or(NO_POLICY);
    match expected {
        Some(expected) if expected != present => Err(Refusal::policy_not_found(format!(
            "the policy has revision {present}, and not {expected}"
        ))),
        Some(_) | None => Ok(()),
    }
}
