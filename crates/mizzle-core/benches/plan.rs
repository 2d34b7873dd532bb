//! Benchmarks of the diff and the planner, with the maximum number of tables of an account and of
//! GSIs of a table.

use mizzle_core::{
    diff::diff,
    model::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, Projection,
        ScalarType, StreamSpecification, StreamViewType, TableDefinition, Tag,
        TimeToLiveSpecification, rules::MAX_GLOBAL_INDEXES,
    },
    plan::{Context, plan},
};

/// The default quota of tables per account and region.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html>.
const TABLES: usize = 2500;

fn main() {
    divan::main();
}

fn index(number: usize) -> GlobalSecondaryIndex {
    GlobalSecondaryIndex {
        index_name: format!("byAttribute{number}"),
        key_schema: vec![
            KeySchemaElement::hash(format!("attribute{number}")),
            KeySchemaElement::range("createdAt"),
        ],
        projection: Projection::include(["name", "total"]),
        ..GlobalSecondaryIndex::default()
    }
}

fn table(number: usize, indexes: impl IntoIterator<Item = usize>) -> TableDefinition {
    let mut table = TableDefinition {
        table_name: format!("Table{number:04}"),
        key_schema: vec![KeySchemaElement::hash("pk"), KeySchemaElement::range("sk")],
        global_secondary_indexes: indexes.into_iter().map(index).collect(),
        billing_mode: Some(BillingMode::PayPerRequest),
        stream_specification: Some(StreamSpecification::of(StreamViewType::KeysOnly)),
        time_to_live_specification: Some(TimeToLiveSpecification::by("expiresAt")),
        tags: Some(vec![Tag { key: "team".to_owned(), value: "shop".to_owned() }]),
        ..TableDefinition::default()
    };
    define_attributes(&mut table);
    table
}

fn define_attributes(table: &mut TableDefinition) {
    let definitions = table.key_attributes().map(|name| AttributeDefinition {
        attribute_name: name.to_owned(),
        attribute_type: ScalarType::S,
    });
    table.attribute_definitions = definitions.collect();
    *table = std::mem::take(table).normalised();
}

fn full() -> Vec<TableDefinition> {
    (0..TABLES).map(|number| table(number, 0..MAX_GLOBAL_INDEXES)).collect()
}

/// Returns the tables of [`full`], each with one kind of change: another index, one index less, an
/// index with another projection, or another stream.
fn changed() -> Vec<TableDefinition> {
    let tables = full().into_iter().enumerate().map(|(number, mut table)| {
        let indexes = &mut table.global_secondary_indexes;
        match number % 4 {
            0 => indexes[0] = index(MAX_GLOBAL_INDEXES),
            1 => indexes.truncate(MAX_GLOBAL_INDEXES - 1),
            2 => indexes[0].projection = Projection::all(),
            _ => {
                table.stream_specification =
                    Some(StreamSpecification::of(StreamViewType::NewImage));
            }
        }
        define_attributes(&mut table);
        table
    });
    tables.collect()
}

#[divan::bench]
fn nothing_changed(bencher: divan::Bencher<'_, '_>) {
    let (before, after) = (full(), full());
    assert!(diff(&before, &after).is_empty());
    bencher.bench(|| plan(&diff(&before, &after), &Context::default()));
}

#[divan::bench]
fn every_table_changed(bencher: divan::Bencher<'_, '_>) {
    let (before, after) = (full(), changed());
    assert_eq!(diff(&before, &after).tables.len(), TABLES);
    bencher.bench(|| plan(&diff(&before, &after), &Context::default()));
}

#[divan::bench]
fn every_table_is_new(bencher: divan::Bencher<'_, '_>) {
    let after = full();
    bencher.bench(|| plan(&diff([], &after), &Context::default()));
}
