//! Two branches: compatible changes and conflicts.

use crate::{
    states::{any_foundation, desired},
    support::{TableExt, table},
};
use mizzle_core::{
    diff::{Change, TableDiff, diff},
    history::{Conflict, Tables, rebase},
    model::{
        BillingMode, OnDemandThroughput, Projection, ProvisionedThroughput, ScalarType,
        StreamSpecification, StreamViewType, TableClass, TableDefinition, Tag,
    },
    plan::{Context, Simulator, plan},
};
use proptest::{prelude::*, sample::select};
use std::collections::BTreeSet;

fn tables(tables: impl IntoIterator<Item = TableDefinition>) -> Tables {
    tables.into_iter().map(|table| (table.table_name.clone(), table)).collect()
}

fn shop() -> TableDefinition {
    TableDefinition {
        tags: Some(vec![tag("team", "shop")]),
        ..table("Shop").gsi("byA", &["a"], &[], Projection::all())
    }
}

fn tag(key: &str, value: &str) -> Tag {
    Tag { key: key.to_owned(), value: value.to_owned() }
}

fn streaming(view: StreamViewType) -> TableDefinition {
    TableDefinition { stream_specification: Some(StreamSpecification::of(view)), ..shop() }
}

fn tagged(tags: &[(&str, &str)]) -> TableDefinition {
    let tags = tags.iter().map(|(key, value)| tag(key, value)).collect();
    TableDefinition { tags: Some(tags), ..shop() }
}

fn provisioned() -> TableDefinition {
    TableDefinition {
        billing_mode: Some(BillingMode::Provisioned),
        provisioned_throughput: Some(ProvisionedThroughput {
            read_capacity_units: 5,
            write_capacity_units: 5,
        }),
        ..shop()
    }
}

fn limited() -> TableDefinition {
    TableDefinition {
        on_demand_throughput: Some(OnDemandThroughput {
            max_read_request_units: 5,
            max_write_request_units: 5,
        }),
        ..shop()
    }
}

#[test]
fn changes_of_different_things_go_together() {
    let by_b = |table: TableDefinition| table.gsi("byB", &["b"], &[], Projection::keys_only());
    let both = |table: TableDefinition| {
        tagged(&[("cost", "low"), ("team", "two")])
            .tags
            .map(|tags| TableDefinition { tags: Some(tags), ..table })
    };
    let cases = [
        (
            vec![shop()],
            vec![shop(), table("Users")],
            vec![shop(), table("Orders")],
            vec![shop(), table("Users"), table("Orders")],
        ),
        (vec![shop()], vec![], vec![shop()], vec![]),
        (vec![shop()], vec![], vec![], vec![]),
        (vec![], vec![shop()], vec![shop()], vec![shop()]),
        (
            vec![shop()],
            vec![by_b(shop())],
            vec![streaming(StreamViewType::NewImage)],
            vec![by_b(streaming(StreamViewType::NewImage))],
        ),
        (vec![by_b(shop())], vec![shop()], vec![by_b(provisioned())], vec![provisioned()]),
        (
            vec![shop()],
            vec![tagged(&[("team", "two")])],
            vec![tagged(&[("team", "shop"), ("cost", "low")])],
            both(shop()).into_iter().collect(),
        ),
    ];
    for (common, newer, other, merged) in cases {
        let normalised =
            |list: Vec<TableDefinition>| tables(list.into_iter().map(TableDefinition::normalised));
        let [common, newer, other] = [common, newer, other].map(tables);
        assert_eq!(rebase(&common, &newer, &other), Ok(normalised(merged)));
    }
}

#[test]
fn what_does_not_go_together_is_said() {
    let indexes = |range: std::ops::Range<usize>| {
        range.fold(table("Shop"), |table, number| {
            table.gsi(&format!("idx{number}"), &["a"], &[], Projection::all())
        })
    };
    let rebuilt = table("Shop").gsi("byA", &["a"], &[], Projection::keys_only());
    let retyped = |name: &str, attribute_type| {
        shop().gsi(name, &["x"], &[], Projection::all()).with_types(&[("x", attribute_type)])
    };
    let mut limited_index = shop();
    limited_index.global_secondary_indexes[0].on_demand_throughput = limited().on_demand_throughput;
    let autoscaled = TableDefinition { autoscaled: true, ..provisioned() };
    let more = TableDefinition {
        provisioned_throughput: Some(ProvisionedThroughput {
            read_capacity_units: 50,
            write_capacity_units: 50,
        }),
        ..provisioned()
    };
    let classed = |class| TableDefinition { table_class: class, ..shop() };
    let untagged = TableDefinition { tags: None, ..shop() };
    let cases = [
        ("both create a table", vec![], vec![table("Shop")], vec![table("Shop").lsi("byL", "l")]),
        ("changed and deleted", vec![shop()], vec![streaming(StreamViewType::NewImage)], vec![]),
        (
            "another key",
            vec![table("Shop")],
            vec![table("Shop").with_types(&[("pk", ScalarType::N)])],
            vec![table("Shop").with_types(&[("pk", ScalarType::B)])],
        ),
        ("an index, changed and dropped", vec![shop()], vec![rebuilt], vec![table("Shop")]),
        (
            "the numbers of an index that is dropped",
            vec![shop()],
            vec![table("Shop")],
            vec![limited_index],
        ),
        (
            "two views",
            vec![shop()],
            vec![streaming(StreamViewType::NewImage)],
            vec![streaming(StreamViewType::OldImage)],
        ),
        ("one tag", vec![shop()], vec![tagged(&[("team", "a")])], vec![tagged(&[("team", "b")])]),
        ("tags that are not managed any more", vec![shop()], vec![untagged], vec![tagged(&[])]),
        (
            "given up and changed",
            vec![classed(Some(TableClass::Standard))],
            vec![classed(None)],
            vec![classed(Some(TableClass::StandardInfrequentAccess))],
        ),
        ("capacity", vec![provisioned()], vec![autoscaled], vec![more]),
        ("billing mode and limits", vec![shop()], vec![provisioned()], vec![limited()]),
        (
            "types",
            vec![shop()],
            vec![retyped("byX", ScalarType::S)],
            vec![retyped("byY", ScalarType::N)],
        ),
        (
            "too many indexes",
            vec![indexes(0..10)],
            vec![indexes(0..16)],
            vec![{
                (16..21).fold(indexes(0..10), |table, number| {
                    table.gsi(&format!("idx{number}"), &["a"], &[], Projection::all())
                })
            }],
        ),
    ];
    let sections = cases.map(|(title, common, newer, other)| {
        let [common, newer, other] = [common, newer, other].map(tables);
        let conflicts = rebase(&common, &newer, &other).unwrap_err();
        let lines = conflicts
            .iter()
            .map(|Conflict { table, subject, message }| format!("[{table}: {subject}] {message}"));
        let swapped = rebase(&common, &other, &newer).unwrap_err();
        let subjects = |conflicts: &[Conflict]| -> Vec<String> {
            conflicts.iter().map(|conflict| conflict.subject.clone()).collect()
        };
        assert_eq!(subjects(&conflicts), subjects(&swapped), "{title}");
        format!("# {title}\n{}", lines.collect::<Vec<_>>().join("\n"))
    });
    insta::assert_snapshot!(sections.join("\n\n"));
}

/// Returns a state, and two branches of it that take some values from other states.
pub(crate) fn branches() -> impl Strategy<Value = [TableDefinition; 3]> {
    let mask = || prop::collection::vec(select(vec![true, false, false]), 40);
    (any_foundation(), desired(), desired(), desired(), mask(), mask()).prop_map(
        |(foundation, common, a, b, from_a, from_b)| {
            let common = mixed(&common, &common, &[]);
            let a = mixed(&common, &a, &from_a);
            let b = mixed(&common, &b, &from_b);
            [common, a, b].map(|table| foundation.under(table))
        },
    )
}

/// Returns `table` with the indexes and settings of `other` that `taken` selects one by one.
fn mixed(table: &TableDefinition, other: &TableDefinition, taken: &[bool]) -> TableDefinition {
    let is_taken = |position: usize| taken.get(position).copied().unwrap_or_default();
    let mut mixed = table.clone();
    if is_taken(0) {
        mixed.billing_mode = other.billing_mode;
        mixed.provisioned_throughput = other.provisioned_throughput;
        mixed.autoscaled = other.autoscaled;
        mixed.on_demand_throughput = other.on_demand_throughput;
    }
    if is_taken(1) {
        mixed.stream_specification = other.stream_specification;
    }
    if is_taken(2) {
        mixed.sse_specification = other.sse_specification.clone();
    }
    if is_taken(3) {
        mixed.table_class = other.table_class;
    }
    if is_taken(4) {
        mixed.time_to_live_specification = other.time_to_live_specification.clone();
    }
    if is_taken(5) {
        mixed.tags = other.tags.clone();
    }
    if is_taken(6) {
        mixed.resource_policy = other.resource_policy.clone();
    }
    for (position, index) in other.global_secondary_indexes.iter().enumerate() {
        if is_taken(10 + position) {
            mixed.global_secondary_indexes.retain(|old| old.index_name != index.index_name);
            mixed.global_secondary_indexes.push(index.clone());
        }
    }
    mixed.global_secondary_indexes.truncate(20);
    // The numbers of indexes depend on the billing mode, which is not tested here.
    for index in &mut mixed.global_secondary_indexes {
        index.provisioned_throughput = None;
        index.autoscaled = false;
        index.on_demand_throughput = None;
        // Limits are not tested here either.
        index.projection.non_key_attributes.truncate(2);
    }
    let types: Vec<(String, ScalarType)> = table
        .attribute_definitions
        .iter()
        .map(|attribute| (attribute.attribute_name.clone(), attribute.attribute_type))
        .collect();
    let types: Vec<(&str, ScalarType)> =
        types.iter().map(|(name, attribute_type)| (name.as_str(), *attribute_type)).collect();
    mixed.with_types(&types)
}

fn subjects(before: &TableDefinition, after: &TableDefinition) -> BTreeSet<String> {
    let difference = diff([before], [after]);
    let changes = difference.tables.iter().flat_map(|table| match table {
        TableDiff::Update(update) => update.changes.as_slice(),
        TableDiff::Create(_) | TableDiff::Delete(_) => &[],
    });
    changes.map(Change::subject).collect()
}

proptest! {
    #[test]
    fn tables_of_ones_own_always_go_together(
        states in prop::collection::vec((any_foundation(), desired(), 0..6_usize), 1..5),
    ) {
        let [mut common, mut newer, mut other, mut merged] = [const { Vec::new() }; 4];
        for (position, (foundation, table, fate)) in states.into_iter().enumerate() {
            let mut table = foundation.under(table);
            table.table_name = format!("Table{position}");
            let before = TableDefinition { table_class: Some(TableClass::Standard), ..table.clone() };
            let (was, is_in_newer, is_in_other, is) = match fate {
                0 => (None, Some(&table), None, Some(&table)),
                1 => (None, None, Some(&table), Some(&table)),
                2 => (Some(&table), None, Some(&table), None),
                3 => (Some(&table), Some(&table), None, None),
                4 => (Some(&before), Some(&table), Some(&before), Some(&table)),
                _ => (Some(&before), Some(&before), Some(&table), Some(&table)),
            };
            common.extend(was.cloned());
            newer.extend(is_in_newer.cloned());
            other.extend(is_in_other.cloned());
            merged.extend(is.cloned());
        }
        let [common, newer, other, merged] = [common, newer, other, merged].map(tables);
        prop_assert_eq!(rebase(&common, &newer, &other), Ok(merged.clone()));
        prop_assert_eq!(rebase(&common, &other, &newer), Ok(merged));
    }

    #[test]
    fn what_only_one_branch_changes_is_its_change([common, a, _] in branches()) {
        let [common, a] = [common, a].map(|table| tables([table]));
        prop_assert_eq!(rebase(&common, &a, &common), Ok(a.clone()));
        prop_assert_eq!(rebase(&common, &common, &a), Ok(a.clone()));
        prop_assert_eq!(rebase(&common, &a, &a), Ok(a));
    }

    /// Both orders have the same result; only the changes of the newer branch remain after the
    /// other branch; and DynamoDB would apply them.
    #[test]
    fn both_orders_give_the_same([common, a, b] in branches()) {
        let sides = [&common, &a, &b].map(|table| tables([table.clone()]));
        let merged = rebase(&sides[0], &sides[1], &sides[2]);
        let swapped = rebase(&sides[0], &sides[2], &sides[1]);
        let Ok(merged) = merged else {
            prop_assert!(swapped.is_err());
            return Ok(());
        };
        prop_assert_eq!(&swapped, &Ok(merged.clone()));
        let merged = &merged[&common.table_name];
        for (mine, theirs) in [(&a, &b), (&b, &a)] {
            let (left, own) = (subjects(theirs, merged), subjects(&common, mine));
            // The diff mentions only the rebuild of an index that is rebuilt.
            let is_own = |subject: &String| {
                let index = subject.rsplit_once(" of ").map(|(_, index)| format!("GSI {index}"));
                own.contains(subject) || index.is_some_and(|index| own.contains(&index))
            };
            prop_assert!(left.iter().all(is_own), "{:?} of {:?}", left, own);
            let plan = plan(&diff([theirs], [merged]), &Context::default());
            if plan.blocked.is_empty() {
                let mut simulator = Simulator::holding([theirs.clone()]);
                for step in &plan.steps {
                    // Unmanaged settings of the other branch may already have the value.
                    if simulator.call(&step.call).is_ok() {
                        simulator.settle(step.table());
                    }
                }
                let end = simulator.describe(&common.table_name).unwrap();
                prop_assert_eq!(subjects(&end.compared_with(merged), merged), BTreeSet::new());
            }
        }
    }

    /// If both branches change one setting differently, neither change is lost silently.
    #[test]
    fn a_conflict_names_what_both_change([common, a, b] in branches()) {
        let sides = [&common, &a, &b].map(|table| tables([table.clone()]));
        let both: BTreeSet<String> =
            subjects(&common, &a).intersection(&subjects(&common, &b)).cloned().collect();
        let differing: BTreeSet<String> =
            subjects(&a, &b).intersection(&both).filter(|subject| !["tags", "contributor insights"].contains(&subject.as_str())).cloned().collect();
        match rebase(&sides[0], &sides[1], &sides[2]) {
            Ok(_) => prop_assert_eq!(differing, BTreeSet::new()),
            Err(conflicts) => {
                let named: BTreeSet<String> =
                    conflicts.into_iter().map(|conflict| conflict.subject).collect();
                prop_assert!(!named.is_empty());
                prop_assert!(named.is_superset(&differing), "{:?} of {:?}", named, differing);
            }
        }
    }
}
