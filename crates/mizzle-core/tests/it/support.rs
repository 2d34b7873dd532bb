//! Short ways to write down tables.

use mizzle_core::model::{
    AttributeDefinition, GlobalSecondaryIndex, KeySchemaElement, LocalSecondaryIndex, Projection,
    ScalarType, TableDefinition,
};
use proptest::{prelude::*, sample::subsequence};
use std::collections::BTreeMap;

/// A table with the string keys `pk` and `sk`.
pub(crate) fn table(name: &str) -> TableDefinition {
    TableDefinition {
        table_name: name.to_owned(),
        attribute_definitions: Vec::new(),
        key_schema: vec![KeySchemaElement::hash("pk"), KeySchemaElement::range("sk")],
        global_secondary_indexes: Vec::new(),
        local_secondary_indexes: Vec::new(),
        billing_mode: None,
        provisioned_throughput: None,
    }
    .with_types(&[])
}

/// Builder steps for tables; attributes are strings unless `with_types` says otherwise.
pub(crate) trait TableExt: Sized {
    fn with_types(self, types: &[(&str, ScalarType)]) -> Self;
    fn gsi(self, name: &str, hash: &[&str], range: &[&str], projection: Projection) -> Self;
    fn lsi(self, name: &str, range: &str) -> Self;
}

impl TableExt for TableDefinition {
    fn with_types(mut self, types: &[(&str, ScalarType)]) -> Self {
        let known: BTreeMap<&str, ScalarType> = types.iter().copied().collect();
        let definitions = self.key_attributes().map(|name| AttributeDefinition {
            attribute_name: name.to_owned(),
            attribute_type: known.get(name).copied().unwrap_or(ScalarType::S),
        });
        self.attribute_definitions = definitions.collect();
        self.normalised()
    }

    fn gsi(mut self, name: &str, hash: &[&str], range: &[&str], projection: Projection) -> Self {
        let hash = hash.iter().map(|name| KeySchemaElement::hash(*name));
        let range = range.iter().map(|name| KeySchemaElement::range(*name));
        self.global_secondary_indexes.push(GlobalSecondaryIndex {
            index_name: name.to_owned(),
            key_schema: hash.chain(range).collect(),
            projection,
            provisioned_throughput: None,
        });
        self.with_types(&[])
    }

    fn lsi(mut self, name: &str, range: &str) -> Self {
        self.local_secondary_indexes.push(LocalSecondaryIndex {
            index_name: name.to_owned(),
            key_schema: vec![KeySchemaElement::hash("pk"), KeySchemaElement::range(range)],
            projection: Projection::all(),
        });
        self.with_types(&[])
    }
}

/// Valid states of one table that differ only in what can be changed in place: up to 20 GSIs out of
/// a small pool of names and attributes, so that states collide often.
pub(crate) fn any_table() -> impl Strategy<Value = TableDefinition> {
    let names: Vec<String> = (0..24).map(|number| format!("idx{number}")).collect();
    let attributes = ["a", "b", "c", "d", "e"];
    let any_type = prop_oneof![Just(ScalarType::S), Just(ScalarType::N), Just(ScalarType::B)];
    let projection = prop_oneof![
        Just(Projection::all()),
        Just(Projection::keys_only()),
        Just(Projection::include(["x", "y"])),
    ];
    let key = subsequence(attributes.to_vec(), 1..=4).prop_shuffle();
    let index = (key, 1..=4_usize, projection);
    (
        subsequence(names, 0..=20),
        prop::collection::vec(index, 20),
        prop::collection::vec(any_type, attributes.len()),
    )
        .prop_map(move |(names, indexes, types)| {
            let mut result = table("Things");
            for (name, (key, hashes, projection)) in names.iter().zip(indexes) {
                let (hash, range) = key.split_at(hashes.min(key.len()));
                result = result.gsi(name, hash, range, projection);
            }
            let types: Vec<(&str, ScalarType)> = attributes.iter().copied().zip(types).collect();
            result.with_types(&types)
        })
}
