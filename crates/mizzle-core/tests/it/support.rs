//! Builders for tables.

use mizzle_core::model::{
    AttributeDefinition, GlobalSecondaryIndex, KeySchemaElement, LocalSecondaryIndex, Projection,
    ScalarType, TableDefinition,
};
use std::collections::BTreeMap;

/// Returns a table with the string keys `pk` and `sk`.
pub(crate) fn table(name: &str) -> TableDefinition {
    TableDefinition {
        table_name: name.to_owned(),
        key_schema: vec![KeySchemaElement::hash("pk"), KeySchemaElement::range("sk")],
        ..TableDefinition::default()
    }
    .with_types(&[])
}

/// Builder steps for tables; attributes are strings by default.
pub(crate) trait TableExt: Sized {
    fn with_types(self, types: &[(&str, ScalarType)]) -> Self;
    /// Sets this partition key and, if there are two names, this sort key.
    fn with_key(self, names: &[&str]) -> Self;
    fn gsi(self, name: &str, hash: &[&str], range: &[&str], projection: Projection) -> Self;
    fn lsi(self, name: &str, range: &str) -> Self;
}

impl TableExt for TableDefinition {
    fn with_key(mut self, names: &[&str]) -> Self {
        let (partition, sort) = names.split_at(1);
        let sort = sort.iter().map(|name| KeySchemaElement::range(*name));
        self.key_schema =
            partition.iter().map(|name| KeySchemaElement::hash(*name)).chain(sort).collect();
        self.with_types(&[])
    }

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
            ..GlobalSecondaryIndex::default()
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
