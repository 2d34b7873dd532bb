//! Random valid states of a table, with few names and values, so that two states collide often.

use crate::support::{TableExt, table};
use mizzle_core::model::{
    BillingMode, ContributorInsights, ContributorInsightsMode, ContributorInsightsSpecification,
    KinesisDestination, KinesisDestinations, OnDemandThroughput, PointInTimeRecoverySpecification,
    Projection, ProvisionedThroughput, ResourcePolicy, ScalarType, SseSpecification,
    StreamSpecification, StreamViewType, TableClass, TableDefinition, Tag, TimeToLiveSpecification,
    TimestampPrecision, WarmThroughput,
    rules::{MAX_PROJECTED_PER_INDEX, MAX_PROJECTED_PER_TABLE},
};
use proptest::{
    option,
    prelude::*,
    sample::{select, subsequence},
};
use serde_json::json;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The name of every random table.
pub(crate) const NAME: &str = "Things";

/// Returns structures that can be changed to each other in place: up to 20 GSIs out of a small pool
/// of names and attributes, up to the limits of their projections.
pub(crate) fn any_table() -> impl Strategy<Value = TableDefinition> {
    let names: Vec<String> = (0..24).map(|number| format!("idx{number}")).collect();
    let attributes = ["a", "b", "c", "d", "e"];
    let key = subsequence(attributes.to_vec(), 1..=4).prop_shuffle();
    let index = (key, 1..=4_usize, projection());
    (
        subsequence(names, 0..=20),
        prop::collection::vec(index, 20),
        prop::collection::vec(any_type(), attributes.len()),
    )
        .prop_map(move |(names, indexes, types)| {
            let mut result = table(NAME);
            let mut left = MAX_PROJECTED_PER_TABLE;
            for (name, (key, hashes, projection)) in names.iter().zip(indexes) {
                let (hash, range) = key.split_at(hashes.min(key.len()));
                let count = projection.non_key_attributes.len();
                let projection = if count > left { Projection::keys_only() } else { projection };
                left -= projection.non_key_attributes.len();
                result = result.gsi(name, hash, range, projection);
            }
            let types: Vec<(&str, ScalarType)> = attributes.iter().copied().zip(types).collect();
            result.with_types(&types)
        })
}

fn any_type() -> impl Strategy<Value = ScalarType> {
    select(vec![ScalarType::S, ScalarType::N, ScalarType::B])
}

fn projection() -> impl Strategy<Value = Projection> {
    let include = |count: usize| Projection::include((0..count).map(|n| format!("p{n:02}")));
    prop_oneof![
        2 => Just(Projection::all()),
        2 => Just(Projection::keys_only()),
        1 => Just(include(2)),
        1 => Just(include(MAX_PROJECTED_PER_INDEX)),
    ]
}

/// The parts that are fixed when a table is created: its key and its LSIs.
#[derive(Debug, Clone)]
pub(crate) struct Foundation {
    sort_key: Option<ScalarType>,
    local: Vec<(&'static str, ScalarType, Projection)>,
}

impl Foundation {
    /// Returns the table with this key and these LSIs.
    pub(crate) fn under(&self, mut table: TableDefinition) -> TableDefinition {
        let mut types: Vec<(String, ScalarType)> = table
            .attribute_definitions
            .iter()
            .map(|attribute| (attribute.attribute_name.clone(), attribute.attribute_type))
            .collect();
        match self.sort_key {
            Some(sort_key) => types.push(("sk".to_owned(), sort_key)),
            None => table.key_schema.truncate(1),
        }
        for (name, sort_key, projection) in &self.local {
            table = table.lsi(name, name);
            types.push(((*name).to_owned(), *sort_key));
            if let Some(index) = table.local_secondary_indexes.last_mut() {
                index.projection = projection.clone();
            }
        }
        let types: Vec<(&str, ScalarType)> =
            types.iter().map(|(name, attribute_type)| (name.as_str(), *attribute_type)).collect();
        table.with_types(&types)
    }
}

/// Returns keys and LSIs that often differ.
pub(crate) fn any_foundation() -> impl Strategy<Value = Foundation> {
    let local = (select(vec!["lsi0", "lsi1", "lsi2"]), any_type(), any::<bool>());
    let local = prop::collection::vec(local, 0..=2).prop_map(|mut local| {
        local.sort_by_key(|(name, _, _)| *name);
        local.dedup_by_key(|(name, _, _)| *name);
        let projection = |all| if all { Projection::all() } else { Projection::keys_only() };
        local.into_iter().map(|(name, ty, all)| (name, ty, projection(all))).collect()
    });
    (option::weighted(0.8, any_type()), local).prop_map(|(sort_key, local)| Foundation {
        // An LSI needs a sort key of the table.
        local: if sort_key.is_some() { local } else { Vec::new() },
        sort_key,
    })
}

/// Returns desired states with any of the settings managed, all with one [`Foundation`].
pub(crate) fn desired() -> impl Strategy<Value = TableDefinition> {
    (any_table(), throughput(), on_table(), extras()).prop_map(
        |(table, throughput, on_table, extras)| TableDefinition {
            contributor_insights: extras.contributor_insights.map(|mut insights| {
                insights.indexes.retain(|name, _| table.global_index(name).is_some());
                insights
            }),
            kinesis_destinations: extras.kinesis_destinations,
            stream_specification: on_table.stream_specification,
            sse_specification: on_table.sse_specification,
            table_class: on_table.table_class,
            deletion_protection_enabled: on_table.deletion_protection_enabled,
            time_to_live_specification: extras.time_to_live_specification,
            point_in_time_recovery_specification: extras.point_in_time_recovery_specification,
            tags: extras.tags,
            resource_policy: extras.resource_policy,
            ..throughput.given_to(table)
        },
    )
}

/// True if a desired state has limits for on-demand requests but no billing mode, and the present
/// table is provisioned.
pub(crate) fn contradicts(present: &TableDefinition, desired: &TableDefinition) -> bool {
    let indexes = desired.global_secondary_indexes.iter().map(|index| index.on_demand_throughput);
    let has_limits = indexes.chain([desired.on_demand_throughput]).any(|limit| limit.is_some());
    present.billing_mode == Some(BillingMode::Provisioned)
        && desired.billing_mode.is_none()
        && has_limits
}

/// Returns two states of a table, at most one of them absent: the table is created, deleted,
/// changed in place, or replaced.
pub(crate) fn any_change()
-> impl Strategy<Value = (Option<TableDefinition>, Option<TableDefinition>)> {
    let states = (any_foundation(), any_foundation(), desired(), desired());
    (states, 0..5_usize).prop_filter_map("limits are of a table on demand", |(states, what)| {
        let (old, new, a, b) = states;
        let (a, b) = match what {
            0 => (None, Some(new.under(b))),
            1 => (Some(old.under(a)), None),
            2 => (Some(old.under(a)), Some(new.under(b))),
            _ => (Some(old.under(a)), Some(old.under(b))),
        };
        let is_possible = !a.as_ref().zip(b.as_ref()).is_some_and(|(a, b)| contradicts(a, b));
        is_possible.then_some((a, b))
    })
}

#[derive(Debug, Clone, Copy)]
enum Paid {
    Unmanaged,
    /// Limits, in any mode that allows them.
    Limited,
    OnDemand,
    Provisioned,
    Autoscaled,
}

/// The throughput of a table or of an index; values that the billing mode does not allow are
/// ignored.
#[derive(Debug, Clone)]
struct Units {
    capacity: ProvisionedThroughput,
    is_autoscaled: bool,
    has_start: bool,
    limit: Option<OnDemandThroughput>,
    warm: Option<WarmThroughput>,
}

#[derive(Debug, Clone)]
struct Throughput {
    paid: Paid,
    table: Units,
    indexes: Vec<Units>,
}

fn throughput() -> impl Strategy<Value = Throughput> {
    let paid = select(vec![
        Paid::Unmanaged,
        Paid::Limited,
        Paid::OnDemand,
        Paid::Provisioned,
        Paid::Autoscaled,
    ]);
    (paid, units(), prop::collection::vec(units(), 20))
        .prop_map(|(paid, table, indexes)| Throughput { paid, table, indexes })
}

fn units() -> impl Strategy<Value = Units> {
    let capacity = (1..=2_i64, 1..=2_i64).prop_map(|(reads, writes)| ProvisionedThroughput {
        read_capacity_units: reads * 5,
        write_capacity_units: writes * 5,
    });
    let limit = select(vec![(-1, -1), (100, -1), (100, 200)]).prop_map(|(reads, writes)| {
        OnDemandThroughput { max_read_request_units: reads, max_write_request_units: writes }
    });
    let warm =
        (select(vec![12_000, 20_000]), select(vec![4_000, 8_000])).prop_map(|(reads, writes)| {
            WarmThroughput { read_units_per_second: reads, write_units_per_second: writes }
        });
    let warm = option::weighted(0.3, warm);
    (capacity, any::<bool>(), any::<bool>(), option::of(limit), warm).prop_map(
        |(capacity, is_autoscaled, has_start, limit, warm)| Units {
            capacity,
            is_autoscaled,
            has_start,
            limit,
            warm,
        },
    )
}

impl Throughput {
    fn given_to(&self, mut definition: TableDefinition) -> TableDefinition {
        let is_on_demand = matches!(self.paid, Paid::OnDemand | Paid::Limited);
        let (mode, autoscaled) = match self.paid {
            Paid::Unmanaged | Paid::Limited => (None, false),
            Paid::OnDemand => (Some(BillingMode::PayPerRequest), false),
            Paid::Provisioned => (Some(BillingMode::Provisioned), false),
            Paid::Autoscaled => (Some(BillingMode::Provisioned), true),
        };
        let is_provisioned = mode == Some(BillingMode::Provisioned);
        // A table starts with numbers, unless it is autoscaled; an index does not need any.
        let has_start = !autoscaled || self.table.has_start;
        let capacity = |units: &Units, has_start: bool| {
            (is_provisioned && has_start).then_some(units.capacity)
        };
        definition.billing_mode = mode;
        definition.autoscaled = autoscaled;
        definition.provisioned_throughput = capacity(&self.table, has_start);
        definition.on_demand_throughput = self.table.limit.filter(|_| is_on_demand);
        definition.warm_throughput = self.table.warm;
        for (index, units) in definition.global_secondary_indexes.iter_mut().zip(&self.indexes) {
            index.autoscaled = is_provisioned && units.is_autoscaled;
            index.provisioned_throughput = capacity(units, units.has_start);
            index.on_demand_throughput = units.limit.filter(|_| is_on_demand);
            index.warm_throughput = units.warm;
        }
        definition
    }
}

/// Returns settings that `UpdateTable` changes.
fn on_table() -> impl Strategy<Value = TableDefinition> {
    let views = StreamViewType::ALL.map(|(_, view)| StreamSpecification::of(view));
    let stream = prop_oneof![Just(StreamSpecification::DISABLED), select(views.to_vec())];
    let encryption = select(vec![
        SseSpecification::OWNED,
        SseSpecification::MANAGED,
        SseSpecification::key("1234"),
        SseSpecification::key("arn:aws:kms:eu-central-1:111122223333:key/1234"),
        SseSpecification::key("arn:aws:kms:eu-central-1:111122223333:key/5678"),
    ]);
    let class = select(vec![TableClass::Standard, TableClass::StandardInfrequentAccess]);
    (option::of(stream), option::of(encryption), option::of(class), option::of(any::<bool>()))
        .prop_map(|(stream, encryption, class, protection)| TableDefinition {
            stream_specification: stream,
            sse_specification: encryption,
            table_class: class,
            deletion_protection_enabled: protection,
            ..TableDefinition::default()
        })
}

/// Returns settings that have calls of their own.
fn extras() -> impl Strategy<Value = TableDefinition> {
    let expiry = select(vec![
        TimeToLiveSpecification::DISABLED,
        TimeToLiveSpecification::by("expiresAt"),
        TimeToLiveSpecification::by("endsAt"),
    ]);
    let on = |days| PointInTimeRecoverySpecification {
        point_in_time_recovery_enabled: true,
        recovery_period_in_days: days,
    };
    let recovery = select(vec![
        PointInTimeRecoverySpecification::DISABLED,
        on(None),
        on(Some(7)),
        on(Some(35)),
    ]);
    let policy = |id: &str| ResourcePolicy::new(json!({ "Version": "2012-10-17", "Id": id }));
    let policy = select(vec![ResourcePolicy::NONE, policy("one"), policy("two")]);
    let extras = (
        option::of(expiry),
        option::of(recovery),
        option::of(tags()),
        option::of(policy),
        option::of(insights()),
        option::of(kinesis()),
    );
    extras.prop_map(|(expiry, recovery, tags, policy, insights, kinesis)| TableDefinition {
        time_to_live_specification: expiry,
        point_in_time_recovery_specification: recovery,
        tags,
        resource_policy: policy,
        contributor_insights: insights,
        kinesis_destinations: kinesis,
        ..TableDefinition::default()
    })
}

/// Returns one stream, or none.
fn kinesis() -> impl Strategy<Value = KinesisDestinations> {
    let precision = select(vec![
        None,
        Some(TimestampPrecision::Millisecond),
        Some(TimestampPrecision::Microsecond),
    ]);
    (option::of(select(vec!["one", "two"])), precision).prop_map(|(stream, precision)| {
        KinesisDestinations::new(stream.map(|name| KinesisDestination {
            stream_arn: format!("arn:aws:kinesis:eu-central-1:123456789012:stream/{name}"),
            approximate_creation_date_time_precision: precision,
        }))
    })
}

/// Returns insights of the table and of some indexes, which may not exist.
fn insights() -> impl Strategy<Value = ContributorInsights> {
    use ContributorInsightsMode::{AccessedAndThrottledKeys, ThrottledKeys};
    let on = ContributorInsightsSpecification::enabled;
    let specification = || {
        select(vec![
            ContributorInsightsSpecification::DISABLED,
            on(None),
            on(Some(AccessedAndThrottledKeys)),
            on(Some(ThrottledKeys)),
        ])
    };
    let names = (0..24).map(|number| format!("idx{number}")).collect::<Vec<_>>();
    let indexes = prop::collection::btree_map(select(names), specification(), 0..6);
    (option::of(specification()), indexes)
        .prop_map(|(table, indexes)| ContributorInsights { table, indexes })
}

/// Returns a few tags, or the maximum number of a table.
fn tags() -> impl Strategy<Value = Vec<Tag>> {
    let pool: Vec<String> = (0..60).map(|number| format!("tag{number:02}")).collect();
    let keys = prop_oneof![3 => subsequence(pool[..6].to_vec(), 0..=5), 1 => subsequence(pool, 50)];
    (keys, any::<bool>()).prop_map(|(keys, is_new)| {
        let value = if is_new { "new" } else { "old" };
        keys.into_iter().map(|key| Tag { key, value: value.to_owned() }).collect()
    })
}

/// Returns an equivalent state with another order, wherever the order has no meaning.
pub(crate) fn shuffled(mut table: TableDefinition, seed: u64) -> TableDefinition {
    fn shuffle<T: std::fmt::Debug>(items: &mut [T], seed: u64) {
        items.sort_by_cached_key(|item| {
            let mut hasher = DefaultHasher::new();
            (seed, format!("{item:?}")).hash(&mut hasher);
            hasher.finish()
        });
    }
    shuffle(&mut table.attribute_definitions, seed);
    for index in &mut table.global_secondary_indexes {
        shuffle(&mut index.projection.non_key_attributes, seed);
    }
    for index in &mut table.local_secondary_indexes {
        shuffle(&mut index.projection.non_key_attributes, seed);
    }
    shuffle(&mut table.global_secondary_indexes, seed);
    shuffle(&mut table.local_secondary_indexes, seed);
    if let Some(tags) = &mut table.tags {
        shuffle(tags, seed);
    }
    table
}
