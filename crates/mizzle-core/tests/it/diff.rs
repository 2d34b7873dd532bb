//! Differences: what counts as one, and how it is said.

use crate::support::{TableExt, any_table, table};
use mizzle_core::{
    diff::{TableDiff, diff},
    model::{
        AttributeDefinition, BillingMode, KeySchemaElement, Projection, ProvisionedThroughput,
        ScalarType, TableDefinition,
    },
};
use proptest::prelude::*;

fn details(before: &TableDefinition, after: &TableDefinition) -> Vec<String> {
    diff([before], [after]).tables.iter().flat_map(TableDiff::details).collect()
}

#[test]
fn tables_come_and_go_by_name() {
    let (a, b, c) = (table("Aaa"), table("Bbb"), table("Ccc"));
    let diff = diff([&a, &b], [&b, &c]);
    let [TableDiff::Delete(gone), TableDiff::Create(new)] = diff.tables.as_slice() else {
        panic!("{diff:?}")
    };
    assert_eq!((gone, new), (&a, &c));
}

#[test]
fn what_has_no_meaning_is_no_difference() {
    let plain = table("Shop").gsi("byA", &["a"], &[], Projection::include(["x", "y"])).gsi(
        "byB",
        &["b"],
        &["a"],
        Projection::all(),
    );

    let mut shuffled = plain.clone();
    shuffled.global_secondary_indexes.reverse();
    shuffled.attribute_definitions.reverse();
    for index in &mut shuffled.global_secondary_indexes {
        index.projection.non_key_attributes.reverse();
    }
    assert_eq!(details(&plain, &shuffled), [""; 0]);

    let mut unused = plain.clone();
    unused.attribute_definitions.push(AttributeDefinition {
        attribute_name: "nobody".to_owned(),
        attribute_type: ScalarType::N,
    });
    assert_eq!(details(&unused, &plain), [""; 0]);

    // The schema says nothing of billing, so the remote table's is none of its business.
    let mut provisioned = plain.clone();
    provisioned.billing_mode = Some(BillingMode::Provisioned);
    provisioned.provisioned_throughput =
        Some(ProvisionedThroughput { read_capacity_units: 5, write_capacity_units: 5 });
    assert_eq!(details(&provisioned, &plain), [""; 0]);
}

#[test]
fn every_kind_of_change_is_named() {
    let before = table("Shop")
        .gsi("byA", &["a"], &[], Projection::all())
        .gsi("byB", &["b"], &["c"], Projection::all())
        .gsi("byC", &["c"], &[], Projection::all())
        .lsi("localA", "a")
        .lsi("localB", "b");
    let mut after = table("Shop")
        .gsi("byB", &["b", "c"], &["d"], Projection::keys_only())
        .gsi("byC", &["c"], &[], Projection::all())
        .gsi("byD", &["d"], &[], Projection::include(["x", "y"]))
        .lsi("localB", "c")
        .lsi("localC", "c");
    after.key_schema = vec![KeySchemaElement::hash("pk")];
    let after = after.with_types(&[("c", ScalarType::N)]);
    insta::assert_snapshot!(details(&before, &after).join("\n"), @r"
    change the key from (pk S, sk S) to (pk S)
    drop LSI localA (pk S, a S)
    change LSI localB: key (pk S, b S) → (pk S, c N)
    add LSI localC (pk S, c N) ALL
    drop GSI byA (a S)
    change GSI byB: key (b S, c S) → (b S + c N, d S), projection ALL → KEYS_ONLY
    change GSI byC: key (c S) → (c N)
    add GSI byD (d S) INCLUDE (x, y)
    ");
}

#[test]
fn a_new_table_says_what_it_consists_of() {
    let new = table("Shop").gsi("byA", &["a"], &[], Projection::keys_only()).lsi("localB", "b");
    let diff = diff([], [&new]);
    insta::assert_snapshot!(diff.tables[0].details().join("\n"), @r"
    key (pk S, sk S)
    LSI localB (pk S, b S) ALL
    GSI byA (a S) KEYS_ONLY
    ");
}

proptest! {
    #[test]
    fn a_state_does_not_differ_from_itself(table in any_table()) {
        prop_assert!(diff([&table], [&table]).is_empty());
    }

    #[test]
    fn two_states_differ_exactly_when_they_are_different(a in any_table(), b in any_table()) {
        prop_assert_eq!(diff([&a], [&b]).is_empty(), a == b);
    }
}
