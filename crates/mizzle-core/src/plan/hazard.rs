//! What a step loses or interrupts, in words that help to decide.

use super::{Call, GlobalSecondaryIndexUpdate, NO_POLICY, UpdateTable, beyond, context::Facts};
use crate::{
    diff::{IndexAspects, Owner},
    model::{BillingMode, GlobalSecondaryIndex, OnDemandThroughput, ProjectionType},
    text,
};
use serde::Serialize;
use std::{fmt, time::Duration};

/// The kind of a hazard. The kebab-case name is stable: `--json` carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HazardKind {
    /// A table is deleted with all its items.
    DeletesTable,
    /// A table is deleted and created again: its items are lost, and so is what hangs on it.
    ReplacesTable,
    /// An index is dropped: queries on it fail from then on.
    DropsIndex,
    /// An index is dropped and built again: queries on it fail in between.
    RebuildsIndex,
    /// A new index is filled with the items that are there, which takes its time.
    FillsIndex,
    /// Requests beyond a new limit are throttled.
    Throttles,
    /// A stream ends: whoever reads it gets nothing new.
    EndsStream,
    /// Items are deleted when their time is over, also those whose time is over already.
    ExpiresItems,
    /// Backups, and the moments that they can restore, are lost.
    LosesBackups,
    /// The table can be deleted from then on.
    LiftsProtection,
    /// Tags are removed.
    RemovesTags,
    /// Others may lose their access to the table.
    ChangesAccess,
}

impl HazardKind {
    /// Whether something is gone afterwards that somebody may miss: items, backups, an index, a
    /// stream, a protection, an access. What only takes time or slows down is not.
    pub fn loses_something(self) -> bool {
        match self {
            Self::DeletesTable
            | Self::ReplacesTable
            | Self::DropsIndex
            | Self::RebuildsIndex
            | Self::EndsStream
            | Self::ExpiresItems
            | Self::LosesBackups
            | Self::LiftsProtection
            | Self::RemovesTags
            | Self::ChangesAccess => true,
            Self::FillsIndex | Self::Throttles => false,
        }
    }
}

/// What a step loses or interrupts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hazard {
    /// The kind.
    pub kind: HazardKind,
    /// What happens, and what could be done instead.
    pub message: String,
}

impl Hazard {
    pub(super) fn new(kind: HazardKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}

/// The table is deleted, and what hangs on it. `twin` is a new table of the same shape: probably a
/// renaming was meant.
pub(super) fn deletion(table: &str, facts: Option<&Facts>, twin: Option<&str>) -> Vec<Hazard> {
    let mut hazards = vec![deletes_table(table, facts, twin)];
    hazards.extend(facts.is_some_and(|facts| facts.has_stream).then(ends_stream));
    hazards.extend(facts.is_some_and(|facts| facts.has_recovery).then(ends_recovery));
    hazards
}

fn deletes_table(table: &str, facts: Option<&Facts>, twin: Option<&str>) -> Hazard {
    let is_empty = facts.is_some_and(|facts| facts.is_counted_now && facts.item_count == Some(0));
    let mut message = match facts.and_then(Facts::contents) {
        Some(contents) => format!("Deletes table {table} and every item in it: {contents}."),
        None if is_empty => format!("Deletes table {table}, which holds no item."),
        None => format!("Deletes table {table} and every item in it."),
    };
    if let Some(twin) = twin {
        message += &format!(
            " DynamoDB cannot rename a table: the items do not move to {twin}, copy them first."
        );
    }
    if let Some(facts) = facts {
        let attached = beyond::attached(facts);
        if !attached.is_empty() {
            message += &format!(" It takes {} with it.", text::list(&attached));
        }
        message += &unseen(facts);
    }
    Hazard::new(HazardKind::DeletesTable, message)
}

/// ` Whether it has Kinesis destinations could not be seen.`
fn unseen(facts: &Facts) -> String {
    match facts.unseen.as_slice() {
        [] => String::new(),
        unseen => format!(" Whether it has {} could not be seen.", text::alternatives(unseen)),
    }
}

/// The table is deleted and created again, for these reasons.
pub(super) fn replaces_table(table: &str, facts: Option<&Facts>, reasons: &[String]) -> Hazard {
    let loss = match facts {
        Some(Facts { is_empty: Some(true), .. }) => {
            "It holds no item, which is checked once more before it goes.".to_owned()
        }
        _ => match facts.and_then(Facts::contents) {
            Some(contents) => format!("Every item is lost: {contents}."),
            None => "Every item is lost.".to_owned(),
        },
    };
    let reasons = text::list(reasons);
    let known = ["Its backups for point-in-time recovery", "its stream", "its auto scaling"];
    let mut goes: Vec<String> = known.map(str::to_owned).into();
    goes.extend(facts.map(beyond::attached).unwrap_or_default());
    let (goes, unseen) = (text::list(&goes), facts.map(unseen).unwrap_or_default());
    Hazard::new(
        HazardKind::ReplacesTable,
        format!(
            "Deletes table {table} and creates it anew, because {reasons}. {loss} {goes} go with it; requests fail until it is ACTIVE again.{unseen}"
        ),
    )
}

/// The index is dropped for good.
pub(super) fn drops_index(index: &str) -> Hazard {
    let message =
        format!("Queries on {index} fail from now on. The items of the table are not touched.");
    Hazard::new(HazardKind::DropsIndex, message)
}

/// The index is dropped to be built again.
pub(super) fn rebuilds_index(
    after: &GlobalSecondaryIndex,
    aspects: &IndexAspects,
    facts: Option<&Facts>,
    write_units: Option<i64>,
) -> Hazard {
    let changes_a_type =
        aspects.key.as_ref().is_some_and(|(before, after)| before.changes_a_type(after));
    let advice = if changes_a_type {
        "Items whose attribute still has the old type will not be in the new index, and DynamoDB refuses to write them again like that: rewrite them first, or give the attribute of the new type a name of its own."
    } else {
        "To avoid the gap, add the index under a new name first, switch the queries over, then drop this one."
    };
    let filling = facts
        .and_then(|facts| filling(facts, after, write_units))
        .map(|filling| format!(" {filling}"))
        .unwrap_or_default();
    Hazard::new(
        HazardKind::RebuildsIndex,
        format!(
            "{} changes ({}), which DynamoDB can only do by building it anew: queries on it fail until it is ACTIVE again.{filling} {advice}",
            after.index_name,
            aspects.words()
        ),
    )
}

/// Requests beyond the new numbers are throttled.
pub(super) fn throttles(owner: &Owner, numbers: &impl fmt::Display) -> Hazard {
    let message = format!("Requests{owner} beyond {numbers} a second are throttled from now on.");
    Hazard::new(HazardKind::Throttles, message)
}

/// The stream ends for good.
pub(super) fn ends_stream() -> Hazard {
    Hazard::new(
        HazardKind::EndsStream,
        "The stream ends: what reads it gets nothing new. Records that are there can be read for 24 hours.",
    )
}

/// The stream ends, and one of another view follows.
pub(super) fn exchanges_stream() -> Hazard {
    Hazard::new(
        HazardKind::EndsStream,
        "The stream ends and another begins, under another ARN: what reads it (Lambda triggers, pipes) has to be attached to the new one. Changes in between are in neither; records that are there can be read for 24 hours.",
    )
}

/// Items expire by this attribute.
pub(super) fn expires_items(attribute: &str) -> Hazard {
    let message = format!(
        "Items whose {attribute:?} is a time in the past are deleted, in the background and for good."
    );
    Hazard::new(HazardKind::ExpiresItems, message)
}

/// Continuous backups end.
pub(super) fn ends_backups() -> Hazard {
    Hazard::new(
        HazardKind::LosesBackups,
        "The continuous backups are deleted: the table can no longer be restored to an earlier moment.",
    )
}

/// Continuous backups end with their table.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html>.
fn ends_recovery() -> Hazard {
    Hazard::new(
        HazardKind::LosesBackups,
        "The continuous backups go with the table: it can no longer be restored to an earlier moment. AWS itself keeps its last state for 35 days.",
    )
}

/// Continuous backups are kept for fewer days.
pub(super) fn shortens_backups(days: i32) -> Hazard {
    let days = text::count(usize::try_from(days).unwrap_or(0), "day", "days");
    Hazard::new(HazardKind::LosesBackups, format!("Backups older than {days} are deleted."))
}

/// The table can be deleted from then on.
pub(super) fn lifts_protection(table: &str) -> Hazard {
    Hazard::new(HazardKind::LiftsProtection, format!("{table} can be deleted from now on."))
}

/// Tags are removed.
pub(super) fn removes_tags(keys: &[String]) -> Hazard {
    let names = text::list(keys);
    let message = format!("What goes by {names} (costs, permissions) no longer finds it.");
    Hazard::new(HazardKind::RemovesTags, message)
}

/// A policy is replaced or removed.
pub(super) fn changes_access() -> Hazard {
    Hazard::new(
        HazardKind::ChangesAccess,
        "Whoever has access by the present policy alone, and not by the new one, loses it.",
    )
}

/// What a call loses or interrupts, as far as that follows from the call alone. Where it depends on
/// the table (whether there is a policy to replace), it is said; numbers are only where the items of
/// the table are lost.
pub(super) fn of_call(call: &Call, facts: Option<&Facts>) -> Vec<Hazard> {
    let is_of_any_policy = |revision: &Option<String>| revision.as_deref() != Some(NO_POLICY);
    match call {
        Call::CreateTable(_) | Call::TagResource(_) => Vec::new(),
        Call::UpdateTable(request) => of_update(request),
        Call::DeleteTable(request) => deletion(&request.table_name, facts, None),
        Call::UpdateTimeToLive(request) => {
            let wanted = Some(&request.time_to_live_specification).filter(|wanted| wanted.enabled);
            let attribute =
                wanted.map(|wanted| wanted.attribute_name.as_deref().unwrap_or_default());
            attribute.map(expires_items).into_iter().collect()
        }
        Call::UpdateContinuousBackups(request) => {
            let is_on = request.point_in_time_recovery_specification.point_in_time_recovery_enabled;
            (!is_on).then(ends_backups).into_iter().collect()
        }
        Call::UntagResource(request) => vec![removes_tags(&request.tag_keys)],
        Call::PutResourcePolicy(request) => is_of_any_policy(&request.expected_revision_id)
            .then(changes_access)
            .into_iter()
            .collect(),
        Call::DeleteResourcePolicy(request) => is_of_any_policy(&request.expected_revision_id)
            .then(changes_access)
            .into_iter()
            .collect(),
    }
}

fn of_update(request: &UpdateTable) -> Vec<Hazard> {
    let mut hazards = Vec::new();
    if request.billing_mode == Some(BillingMode::Provisioned) {
        hazards
            .extend(request.provisioned_throughput.map(|units| throttles(&Owner::Table, &units)));
    }
    let limits = |owner: Owner, limit: Option<OnDemandThroughput>| {
        let limit = limit.filter(|limit| *limit != OnDemandThroughput::UNLIMITED);
        limit.map(|limit| throttles(&owner, &limit))
    };
    hazards.extend(limits(Owner::Table, request.on_demand_throughput));
    for update in &request.global_secondary_index_updates {
        match update {
            GlobalSecondaryIndexUpdate::Create(_) => {}
            GlobalSecondaryIndexUpdate::Update(index) => {
                let owner = Owner::Index(index.index_name.clone());
                hazards.extend(limits(owner, index.on_demand_throughput));
            }
            GlobalSecondaryIndexUpdate::Delete(index) => {
                hazards.push(drops_index(&index.index_name));
            }
        }
    }
    if request.stream_specification.is_some_and(|stream| !stream.stream_enabled) {
        hazards.push(ends_stream());
    }
    if request.deletion_protection_enabled == Some(false) {
        hazards.push(lifts_protection(&request.table_name));
    }
    hazards
}

/// A new index of a table that holds items.
pub(super) fn fills_index(
    index: &GlobalSecondaryIndex,
    facts: Option<&Facts>,
    write_units: Option<i64>,
) -> Option<Hazard> {
    let message = filling(facts?, index, write_units)?;
    Some(Hazard::new(HazardKind::FillsIndex, message))
}

/// `Filling it takes about 20 minutes: 1,200,000 items (1.2 GB).`
fn filling(
    facts: &Facts,
    index: &GlobalSecondaryIndex,
    write_units: Option<i64>,
) -> Option<String> {
    let contents = facts.contents()?;
    let words = match backfill(facts, index, write_units)? {
        short if short < Duration::from_secs(10 * 60) => "some minutes".to_owned(),
        long => format!("about {}", text::duration(long)),
    };
    Some(format!("Filling it takes {words} for {contents}."))
}

/// Writes a second that an on-demand index takes from its first moment on.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html>.
const ON_DEMAND_WRITES: i64 = 4000;

/// How long it takes at least to fill a new index: each item is written once, for a write unit a
/// kilobyte, at the speed of the index.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.OnlineOps.html>.
fn backfill(
    facts: &Facts,
    index: &GlobalSecondaryIndex,
    write_units: Option<i64>,
) -> Option<Duration> {
    let items = facts.item_count.filter(|items| *items > 0)?;
    let item_size = match index.projection.projection_type {
        ProjectionType::All => facts.size_bytes.unwrap_or_default() / items,
        // Keys and a few attributes: taken for one unit.
        ProjectionType::KeysOnly | ProjectionType::Include => 0,
    };
    let units = items.saturating_mul(item_size.div_ceil(1024).max(1));
    let speed = write_units.unwrap_or(ON_DEMAND_WRITES).max(1).unsigned_abs();
    Some(Duration::from_secs(units.div_ceil(speed)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Projection;

    #[test]
    fn filling_an_index_takes_its_writes() {
        let hour = 3600;
        for (items, kilobytes, projection, units, seconds) in [
            (0, 0, Projection::all(), None, None),
            (4000, 1, Projection::all(), None, Some(1)),
            (1_000_000, 4, Projection::all(), Some(100), Some(40_000)),
            (1_000_000, 4, Projection::keys_only(), Some(100), Some(10_000)),
            (360_000, 1, Projection::all(), Some(100), Some(hour)),
        ] {
            let facts = Facts {
                item_count: Some(items),
                size_bytes: Some(items * kilobytes * 1024),
                ..Facts::default()
            };
            let index = GlobalSecondaryIndex { projection, ..GlobalSecondaryIndex::default() };
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(backfill(&facts, &index, units), expected, "{items} × {kilobytes} KB");
        }
    }
}
