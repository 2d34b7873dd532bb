//! What a table has beyond what mizzle manages (replicas, vector indexes), and what DynamoDB refuses
//! because of it, or does in one region only.

use super::{Blocked, BlockedKind, Call, Facts};
use crate::{
    diff::{Change, SettingChange, Shift, TableUpdate},
    model::{BillingMode, SseSpecification, StreamSpecification},
    text,
};

/// Why a table that may be deleted is not replaced all the same.
pub(super) fn kept_from_replacement(table: &str, facts: Option<&Facts>) -> Option<Blocked> {
    let vectors = vector_indexes(facts?)?;
    Some(Blocked {
        table: table.to_owned(),
        kind: BlockedKind::NotPossible,
        reason: format!(
            "{table} would have to be replaced, and it has {vectors}, which mizzle does not manage and could not build again"
        ),
        hint: "describe a table of another name, copy the items, and switch over; or delete the vector index first, with the console or the CLI of AWS".to_owned(),
    })
}

/// What DynamoDB does not change in place of a table that has replicas or vector indexes.
pub(super) fn refused(update: &TableUpdate, facts: Option<&Facts>) -> Vec<Blocked> {
    let Some(facts) = facts else { return Vec::new() };
    let table = &update.after.table_name;
    let blocked = |reason: String, hint: &str| Blocked {
        table: table.clone(),
        kind: BlockedKind::NotPossible,
        reason,
        hint: hint.to_owned(),
    };
    let global = replicas(facts);
    let refusal = |setting: &SettingChange| match setting {
        SettingChange::BillingMode(shift) if shift.after == BillingMode::Provisioned => {
            let vectors = vector_indexes(facts)?;
            let reason = format!(
                "{table} cannot become PROVISIONED: it has {vectors}, which DynamoDB has on demand only"
            );
            Some(blocked(reason, "leave the table on demand in the config"))
        }
        SettingChange::Stream(shift) if is_kept_stream(shift, facts) => {
            let replicas = global.as_deref()?;
            let reason = format!(
                "{table} is a global table, with replicas in {replicas}: its stream carries the changes there, and DynamoDB neither ends nor changes it ({})",
                setting.words()
            );
            Some(blocked(
                reason,
                "remove `stream` for this table from the config, which leaves it alone; or remove the replicas first, with the console or the CLI of AWS",
            ))
        }
        SettingChange::Encryption(shift) if is_of_own_key(shift) => {
            let replicas = global.as_deref()?;
            let reason = format!(
                "{table} is a global table, with replicas in {replicas}, each with a KMS key of its own region: DynamoDB does not change the key of one of them alone ({})",
                setting.words()
            );
            Some(blocked(
                reason,
                "remove `encryption` for this table from the config, which leaves it alone; the keys of all replicas are changed with the console or the CLI of AWS",
            ))
        }
        // Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-global-table-design.prescriptive-guidance.throughput.html>.
        SettingChange::TimeToLive(shift) if shift.after.enabled && facts.is_strongly_consistent => {
            let replicas = global.as_deref()?;
            let reason = format!(
                "{table} is a global table, strongly consistent with {replicas}, of which DynamoDB lets no item expire"
            );
            Some(blocked(reason, "remove `timeToLive` for this table from the config"))
        }
        SettingChange::BillingMode(_)
        | SettingChange::Capacity(..)
        | SettingChange::OnDemandThroughput(..)
        | SettingChange::WarmThroughput(..)
        | SettingChange::Stream(_)
        | SettingChange::Encryption(_)
        | SettingChange::TableClass(_)
        | SettingChange::DeletionProtection(_)
        | SettingChange::TimeToLive(_)
        | SettingChange::PointInTimeRecovery(_)
        | SettingChange::Tags { .. }
        | SettingChange::ResourcePolicy(_) => None,
    };
    update.changes.iter().filter_map(Change::setting).filter_map(refusal).collect()
}

/// Whether DynamoDB needs the stream as it is to bring changes to the replicas. Strongly consistent
/// ones do without.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-CoreConcepts.html>.
fn is_kept_stream(shift: &Shift<StreamSpecification>, facts: &Facts) -> bool {
    !facts.is_strongly_consistent && shift.before.is_none_or(|before| before.stream_enabled)
}

/// Whether a key of the account comes or goes. The type of a key is the same in all regions, the key
/// itself is not.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateReplicationGroupMemberAction.html>.
fn is_of_own_key(shift: &Shift<SseSpecification>) -> bool {
    let has_key = |encryption: &SseSpecification| encryption.kms_master_key_id.is_some();
    has_key(&shift.after) || shift.before.as_ref().is_some_and(has_key)
}

/// What to say of a call that reaches one region of a global table only.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-CoreConcepts.html>.
pub(super) fn note(call: &Call, facts: Option<&Facts>) -> Option<String> {
    let facts = facts?;
    let replicas = replicas(facts)?;
    let is_regional = match call {
        Call::UpdateContinuousBackups(_)
        | Call::TagResource(_)
        | Call::UntagResource(_)
        | Call::PutResourcePolicy(_)
        | Call::DeleteResourcePolicy(_) => true,
        Call::UpdateTable(update) => update.deletion_protection_enabled.is_some(),
        Call::CreateTable(_) | Call::DeleteTable(_) | Call::UpdateTimeToLive(_) => false,
    };
    let here = facts.region.as_deref().unwrap_or("this region");
    is_regional.then(|| format!("global table with replicas in {replicas}: set in {here} only"))
}

/// `eu-west-1 and us-west-2`; `None` when the table is in one region only.
fn replicas(facts: &Facts) -> Option<String> {
    let is_elsewhere = |region: &&String| Some(*region) != facts.region.as_ref();
    let others: Vec<&str> =
        facts.replicas.iter().filter(is_elsewhere).map(String::as_str).collect();
    (!others.is_empty()).then(|| text::list(&others))
}

/// `vector index byMeaning`
fn vector_indexes(facts: &Facts) -> Option<String> {
    match facts.vector_indexes.as_slice() {
        [] => None,
        [one] => Some(format!("vector index {one}")),
        several => Some(format!("vector indexes {}", text::list(several))),
    }
}

/// What ends with a table and is neither in its definition nor set up again by mizzle.
pub(super) fn attached(facts: &Facts) -> Vec<String> {
    vector_indexes(facts).into_iter().chain(facts.attached.iter().cloned()).collect()
}
