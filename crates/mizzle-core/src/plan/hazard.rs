//! The hazards of a step: losses and interruptions.

use super::{Call, GlobalSecondaryIndexUpdate, UpdateTable, beyond, context::Facts};
use crate::{
    diff::{IndexChanges, Owner},
    model::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, OnDemandThroughput, ProjectionType,
        ProvisionedThroughput, TableDefinition,
    },
    settings::{
        InRequests, Registered, UpdateTableSetting, View, for_each_update_setting,
        point_in_time_recovery, stream,
    },
    text,
};
use serde::Serialize;
use std::{fmt, time::Duration};

/// The kind of a hazard. The kebab-case name is stable: it is part of the `--json` output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HazardKind {
    /// A table is deleted with all its items.
    DeletesTable,
    /// A table is deleted and created again: its items and attached resources are lost.
    ReplacesTable,
    /// An index is deleted: queries on it fail from then on.
    DropsIndex,
    /// An index is deleted and created again: queries on it fail in between.
    RebuildsIndex,
    /// A new index is filled with the existing items, which takes time.
    BackfillsIndex,
    /// Requests beyond a new limit are throttled.
    Throttles,
    /// A new index of an autoscaled table is not scaled yet.
    LacksScaling,
    /// A stream is disabled: its readers get no new records.
    DisablesStream,
    /// Items are deleted when they expire, including those that are already expired.
    ExpiresItems,
    /// Backups and the restore points of point-in-time recovery are lost.
    DeletesBackups,
    /// The table can be deleted from then on.
    LiftsProtection,
    /// Tags are removed.
    RemovesTags,
    /// Other principals may lose their access to the table.
    ChangesAccess,
    /// The billing mode of a table that mizzle did not create changes.
    ChangesBilling,
}

impl HazardKind {
    /// True if a plan with such a hazard needs confirmation: items, backups, an index, a stream, a
    /// protection, an access or capacity are lost. A step that only takes time is not destructive.
    pub fn is_destructive(self) -> bool {
        match self {
            Self::DeletesTable
            | Self::ReplacesTable
            | Self::DropsIndex
            | Self::RebuildsIndex
            | Self::DisablesStream
            | Self::ExpiresItems
            | Self::DeletesBackups
            | Self::LiftsProtection
            | Self::RemovesTags
            | Self::ChangesAccess
            | Self::ChangesBilling
            | Self::Throttles => true,
            Self::BackfillsIndex | Self::LacksScaling => false,
        }
    }
}

/// A loss or an interruption by a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hazard {
    /// The kind.
    pub kind: HazardKind,
    /// The effect, and the alternative if there is one.
    pub message: String,
}

impl HazardKind {
    /// True if a table is deleted with its items.
    pub fn deletes_table(self) -> bool {
        match self {
            Self::DeletesTable | Self::ReplacesTable => true,
            Self::DropsIndex
            | Self::RebuildsIndex
            | Self::BackfillsIndex
            | Self::Throttles
            | Self::LacksScaling
            | Self::DisablesStream
            | Self::ExpiresItems
            | Self::DeletesBackups
            | Self::LiftsProtection
            | Self::RemovesTags
            | Self::ChangesAccess
            | Self::ChangesBilling => false,
        }
    }
}

impl Hazard {
    pub(crate) fn new(kind: HazardKind, message: impl Into<String>) -> Self {
        // The message may contain names of attributes and tags, with any character.
        Self { kind, message: text::printable(&message.into()).into_owned() }
    }
}

/// The table that replaces a deleted one.
#[derive(Debug)]
pub(super) enum Successor<'a> {
    /// No table.
    None,
    /// Possibly one of these new tables.
    Perhaps(Vec<&'a str>),
    /// The items are copied to this table before the deletion.
    Copied(&'a str),
}

/// The maximum number of candidates for a renaming that a hazard lists.
const NAMED_CANDIDATES: usize = 3;

impl Successor<'_> {
    /// Describes what happens to the items, as a sentence to append.
    fn words(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::Perhaps(tables) => {
                let names = match tables.len() {
                    0..=NAMED_CANDIDATES => text::alternatives(tables),
                    _ => "a new table".to_owned(),
                };
                format!(
                    " DynamoDB cannot rename a table: the items do not move to {names}, copy them first."
                )
            }
            Self::Copied(table) => format!(" Its items are copied to {table} first."),
        }
    }
}

/// Returns the hazards of deleting a table with its attached resources.
pub(super) fn deletion(
    table: &str,
    facts: Option<&Facts>,
    successor: &Successor<'_>,
) -> Vec<Hazard> {
    let mut hazards = vec![deletes_table(table, facts, successor)];
    hazards.extend(facts.is_some_and(|facts| facts.has_stream).then(stream::ends_stream));
    hazards.extend(
        facts.is_some_and(|facts| facts.has_recovery).then(point_in_time_recovery::ends_with_table),
    );
    hazards
}

fn deletes_table(table: &str, facts: Option<&Facts>, successor: &Successor<'_>) -> Hazard {
    let is_empty = facts.is_some_and(|facts| match facts.is_empty {
        Some(is_empty) => is_empty,
        None => facts.is_counted_now && facts.item_count == Some(0),
    });
    let mut message = match facts.and_then(Facts::contents) {
        _ if is_empty => format!("Deletes table {table}, which holds no item."),
        Some(contents) => format!("Deletes table {table} and every item in it: {contents}."),
        None if facts.is_some_and(|facts| facts.is_empty == Some(false)) => format!(
            "Deletes table {table} and every item in it; it holds items that the server has not counted yet."
        ),
        None => format!("Deletes table {table} and every item in it."),
    };
    message += &successor.words();
    if let Some(facts) = facts {
        let attached = beyond::attached(facts);
        if !attached.is_empty() {
            message += &format!(" It takes {} with it.", text::list(&attached));
        }
        message += &unseen(facts);
    }
    Hazard::new(HazardKind::DeletesTable, message)
}

/// Returns a sentence such as ` Whether it has Kinesis destinations could not be seen.`
fn unseen(facts: &Facts) -> String {
    match facts.unseen.as_slice() {
        [] => String::new(),
        unseen => format!(" Whether it has {} could not be seen.", text::alternatives(unseen)),
    }
}

/// Returns the hazard of deleting a table and creating it again, for these reasons.
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
            "Deletes table {table} and creates it again, because {reasons}. {loss} {goes} go with it; requests fail until it is ACTIVE again.{unseen}"
        ),
    )
}

/// Returns the hazard of deleting an index for good.
pub(super) fn drops_index(index: &str) -> Hazard {
    let message =
        format!("Queries on {index} fail from now on. The items of the table are not touched.");
    Hazard::new(HazardKind::DropsIndex, message)
}

/// The consequence for items whose attribute has another type than the key of a new index.
const OLD_TYPE: &str = "will not be in the new index, and DynamoDB refuses to write them again like that: rewrite them first, or give the attribute of the new type a name of its own.";

/// Returns the hazard of a new index that gives attributes another type than the former keys did.
pub(super) fn leaves_out_items(
    index: &GlobalSecondaryIndex,
    types: &[AttributeDefinition],
    desired: &TableDefinition,
) -> Option<Hazard> {
    let changed = types.iter().filter(|before| {
        let name = &before.attribute_name;
        let is_used = index.key_schema.iter().any(|element| element.attribute_name == *name);
        is_used && desired.attribute_type(name).is_some_and(|after| after != before.attribute_type)
    });
    let changed: Vec<String> = changed
        .map(|before| {
            format!("{} is still of type {}", before.attribute_name, before.attribute_type)
        })
        .collect();
    let message = format!("Items whose {} {OLD_TYPE}", text::list(&changed));
    (!changed.is_empty()).then(|| Hazard::new(HazardKind::BackfillsIndex, message))
}

/// Returns the hazard of a new index that accepts fewer writes than its table.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes>.
pub(super) fn slows_table(
    index: &GlobalSecondaryIndex,
    table: Option<ProvisionedThroughput>,
) -> Option<Hazard> {
    let own = index.provisioned_throughput?.write_capacity_units;
    let tables = table?.write_capacity_units;
    let message = format!(
        "{} takes {}, and its table {}: an index that cannot keep up throttles the writes of the table.",
        index.index_name,
        text::count(usize::try_from(own).unwrap_or(0), "write a second", "writes a second"),
        tables
    );
    (own < tables).then(|| Hazard::new(HazardKind::Throttles, message))
}

/// Returns the hazard of a new index whose capacity is not autoscaled yet.
pub(super) fn lacks_scaling(index: &str) -> Hazard {
    let message = format!(
        "Nothing scales {index} yet: register it with Application Auto Scaling, as the table is."
    );
    Hazard::new(HazardKind::LacksScaling, message)
}

/// Returns the hazard of deleting an index to create it again.
pub(super) fn rebuilds_index(
    after: &GlobalSecondaryIndex,
    aspects: &IndexChanges,
    facts: Option<&Facts>,
    write_units: Option<i64>,
) -> Hazard {
    let changes_a_type =
        aspects.key.as_ref().is_some_and(|(before, after)| before.changes_a_type(after));
    let advice = if changes_a_type {
        format!("Items whose attribute still has the old type {OLD_TYPE}")
    } else {
        "To avoid the gap, add the index under a new name first, switch the queries over, then drop this one.".to_owned()
    };
    let filling = facts
        .and_then(|facts| filling(facts, after, write_units))
        .map(|filling| format!(" {filling}"))
        .unwrap_or_default();
    Hazard::new(
        HazardKind::RebuildsIndex,
        format!(
            "{} changes ({}), which DynamoDB can only do by rebuilding it: queries on it fail until it is ACTIVE again.{filling} {advice}",
            after.index_name,
            aspects.words()
        ),
    )
}

/// Returns the hazard of new limits, beyond which requests are throttled.
pub(super) fn throttles(owner: &Owner, numbers: &impl fmt::Display) -> Hazard {
    let message = format!("Requests{owner} beyond {numbers} a second are throttled from now on.");
    Hazard::new(HazardKind::Throttles, message)
}

/// Returns the hazard of changing the billing mode of an existing table.
pub(super) fn changes_billing(mode: BillingMode) -> Hazard {
    let message = format!("The table is paid for as {mode} from now on.");
    Hazard::new(HazardKind::ChangesBilling, message)
}

/// Returns the hazards of a call, as far as they follow from the call alone. A hazard that depends
/// on the table (such as an existing policy that is replaced) is included. Numbers are included
/// only when the items of the table are lost.
pub(super) fn of_call(call: &Call, facts: Option<&Facts>) -> Vec<Hazard> {
    match call.view() {
        View::CreateTable(_) => Vec::new(),
        View::UpdateTable(request) => of_update(request),
        View::DeleteTable(request) => deletion(&request.table_name, facts, &Successor::None),
        View::Setting(request) => request.hazards(None, None),
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
    hazards.extend(of_settings(request, &TableDefinition::default()));
    hazards
}

/// Returns the hazards of an update of settings. A setting that `present` omits is unknown.
fn of_settings(request: &UpdateTable, present: &TableDefinition) -> Vec<Hazard> {
    let mut hazards = Vec::new();
    for_each_update_setting!(S => {
        let (present, wanted) = (S::of(present).as_ref(), S::of_update(request).as_ref());
        hazards.extend(wanted.and_then(|wanted| S::hazard(&request.table_name, present, wanted)));
    });
    hazards
}

/// Returns the hazards of a call for a known table: only existing resources can be lost. `present`
/// is the table right before the call.
pub(super) fn of_change(call: &Call, present: &TableDefinition, facts: &Facts) -> Vec<Hazard> {
    match call.view() {
        View::CreateTable(_) => Vec::new(),
        View::UpdateTable(request) => of_known_update(request, present, facts),
        View::DeleteTable(request) => deletion(&request.table_name, Some(facts), &Successor::None),
        View::Setting(request) => request.hazards(Some(present), Some(facts)),
    }
}

fn of_known_update(request: &UpdateTable, present: &TableDefinition, facts: &Facts) -> Vec<Hazard> {
    let mut hazards = Vec::new();
    let was_provisioned = present.billing_mode == Some(BillingMode::Provisioned);
    let becomes_provisioned = request.billing_mode == Some(BillingMode::Provisioned);
    let capacity = |owner: &Owner, before: Option<ProvisionedThroughput>, wanted| {
        let wanted: ProvisionedThroughput = wanted?;
        // An on-demand table had no such limit.
        let is_new = becomes_provisioned && !was_provisioned && *owner == Owner::Table;
        let is_lower = is_new || before.is_some_and(|before| wanted.is_below(&before));
        is_lower.then(|| throttles(owner, &wanted))
    };
    let limit = |owner: &Owner, before: Option<OnDemandThroughput>, wanted| {
        let wanted: OnDemandThroughput = wanted?;
        let is_lower = wanted != OnDemandThroughput::UNLIMITED && wanted.is_below(before);
        is_lower.then(|| throttles(owner, &wanted))
    };
    let (table, units) = (Owner::Table, request.provisioned_throughput);
    hazards.extend(capacity(&table, present.provisioned_throughput, units));
    hazards.extend(limit(&table, present.on_demand_throughput, request.on_demand_throughput));
    for update in &request.global_secondary_index_updates {
        match update {
            GlobalSecondaryIndexUpdate::Create(index) => {
                let units = index.provisioned_throughput.map(|units| units.write_capacity_units);
                let index = GlobalSecondaryIndex::from(index.clone());
                let is_new = present.global_index(&index.index_name).is_none();
                hazards.extend(fills_index(&index, Some(facts), units).filter(|_| is_new));
            }
            GlobalSecondaryIndexUpdate::Update(index) => {
                let owner = Owner::Index(index.index_name.clone());
                let before = present.global_index(&index.index_name);
                let units = before.and_then(|before| before.provisioned_throughput);
                hazards.extend(capacity(&owner, units, index.provisioned_throughput));
                let maximum = before.and_then(|before| before.on_demand_throughput);
                hazards.extend(limit(&owner, maximum, index.on_demand_throughput));
            }
            GlobalSecondaryIndexUpdate::Delete(index) => {
                let is_there = present.global_index(&index.index_name).is_some();
                hazards.extend(is_there.then(|| drops_index(&index.index_name)));
            }
        }
    }
    hazards.extend(of_settings(request, present));
    hazards
}

/// Returns the hazard of a new index of a table that holds items.
pub(super) fn fills_index(
    index: &GlobalSecondaryIndex,
    facts: Option<&Facts>,
    write_units: Option<i64>,
) -> Option<Hazard> {
    let message = filling(facts?, index, write_units)?;
    Some(Hazard::new(HazardKind::BackfillsIndex, message))
}

/// Returns a sentence such as `Filling it takes about 20 minutes: 1,200,000 items (1.2 GB).`
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

/// The writes per second that an on-demand index accepts from the start.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html>.
const ON_DEMAND_WRITES: i64 = 4000;

/// Returns the minimum time to fill a new index: each item is written once, at one write unit per
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
        // Keys and a few attributes: assume one unit.
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
