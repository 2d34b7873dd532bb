//! Unmanaged features of a table (replicas, vector indexes), and the calls that DynamoDB refuses
//! because of them, or applies in one region only.

use super::{Blocked, Call, Facts};
use crate::{
    diff::{Change, SettingChange, TableUpdate},
    model::BillingMode,
    settings::{
        InRequests, Setting, UpdateTableSetting, View, for_each_update_setting, match_change,
    },
    text,
};

/// Returns the reason why a table that may be deleted is still not replaced.
pub(super) fn kept_from_replacement(table: &str, facts: Option<&Facts>) -> Option<Blocked> {
    let vectors = vector_indexes(facts?)?;
    let reason = format!(
        "{table} would have to be replaced, and it has {vectors}, which mizzle does not manage and could not build again"
    );
    let hint = "describe a table of another name, copy the items, and switch over; or delete the vector index first, with the console or the CLI of AWS";
    Some(Blocked::not_possible(table, reason, hint))
}

/// Returns the changes that DynamoDB does not support for a table with replicas or vector indexes.
pub(super) fn refused(update: &TableUpdate, facts: Option<&Facts>) -> Vec<Blocked> {
    let Some(facts) = facts else { return Vec::new() };
    let table = &update.after.table_name;
    let refusal = |setting: &SettingChange| {
        match_change!(setting, {
            SettingChange::BillingMode(shift) => {
                let vectors = vector_indexes(facts);
                let vectors = vectors.filter(|_| shift.after == BillingMode::Provisioned)?;
                let reason = format!(
                    "{table} cannot become PROVISIONED: it has {vectors}, which DynamoDB has on demand only"
                );
                Some(Blocked::not_possible(table, reason, "leave the table on demand in the config"))
            },
            SettingChange::Capacity(..) => None,
            SettingChange::OnDemandThroughput(..) => None,
            SettingChange::WarmThroughput(..) => None,
        }, S(change) => S::refusal(change, table, facts))
    };
    update.changes.iter().filter_map(Change::setting).filter_map(refusal).collect()
}

/// Returns a note for a call that affects only one region of a global table.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-CoreConcepts.html>.
pub(super) fn note(call: &Call, facts: Option<&Facts>) -> Option<String> {
    let facts = facts?;
    let replicas = replicas(facts)?;
    let is_regional = match call.view() {
        View::Setting(request) => request.is_regional(),
        View::UpdateTable(update) => {
            let mut is_regional = false;
            for_each_update_setting!(S => {
                is_regional |= S::IS_REGIONAL && S::of_update(update).is_some();
            });
            is_regional
        }
        View::CreateTable(_) | View::DeleteTable(_) => false,
    };
    let here = facts.region.as_deref().unwrap_or("this region");
    is_regional.then(|| format!("global table with replicas in {replicas}: set in {here} only"))
}

/// Returns the other regions, such as `eu-west-1 and us-west-2`; `None` if the table is in one
/// region only.
pub(crate) fn replicas(facts: &Facts) -> Option<String> {
    let is_elsewhere = |region: &&String| Some(*region) != facts.region.as_ref();
    let others: Vec<&str> =
        facts.replicas.iter().filter(is_elsewhere).map(String::as_str).collect();
    (!others.is_empty()).then(|| text::list(&others))
}

/// Returns the vector indexes, such as `vector index byMeaning`.
fn vector_indexes(facts: &Facts) -> Option<String> {
    match facts.vector_indexes.as_slice() {
        [] => None,
        [one] => Some(format!("vector index {one}")),
        several => Some(format!("vector indexes {}", text::list(several))),
    }
}

/// Returns the resources that are deleted with a table, and that are neither in its definition nor
/// created again by mizzle.
pub(super) fn attached(facts: &Facts) -> Vec<String> {
    vector_indexes(facts).into_iter().chain(facts.attached.iter().cloned()).collect()
}
