//! What a table has beyond what mizzle manages (replicas, vector indexes), and what DynamoDB refuses
//! because of it, or does in one region only.

use super::{Blocked, Call, Facts};
use crate::{
    diff::{Change, SettingChange, TableUpdate},
    model::BillingMode,
    settings::{
        InRequests, Setting, UpdateTableSetting, View, for_each_update_setting, match_change,
    },
    text,
};

/// Why a table that may be deleted is not replaced all the same.
pub(super) fn kept_from_replacement(table: &str, facts: Option<&Facts>) -> Option<Blocked> {
    let vectors = vector_indexes(facts?)?;
    let reason = format!(
        "{table} would have to be replaced, and it has {vectors}, which mizzle does not manage and could not build again"
    );
    let hint = "describe a table of another name, copy the items, and switch over; or delete the vector index first, with the console or the CLI of AWS";
    Some(Blocked::not_possible(table, reason, hint))
}

/// What DynamoDB does not change in place of a table that has replicas or vector indexes.
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

/// What to say of a call that reaches one region of a global table only.
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

/// `eu-west-1 and us-west-2`; `None` when the table is in one region only.
pub(crate) fn replicas(facts: &Facts) -> Option<String> {
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
