//! The rendering of plans of few and of many tables.

use super::{Stream, blocks};
use mizzle_core::{
    diff::diff,
    model::{
        AttributeDefinition, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
        ScalarType, TableDefinition, TimeToLiveSpecification,
    },
    plan::{Context, Facts, Plan, plan},
};

fn key(attribute: &str) -> Vec<KeySchemaElement> {
    vec![KeySchemaElement { attribute_name: attribute.to_owned(), key_type: KeyType::Hash }]
}

/// Returns a table with this key and a GSI on each of these attributes.
fn table(name: &str, pk: &str, indexes: &[&str]) -> TableDefinition {
    let index = |attribute: &&str| GlobalSecondaryIndex {
        index_name: format!("by_{attribute}"),
        key_schema: key(attribute),
        projection: Projection::all(),
        ..GlobalSecondaryIndex::default()
    };
    let attribute = |name: &str| AttributeDefinition {
        attribute_name: name.to_owned(),
        attribute_type: ScalarType::S,
    };
    TableDefinition {
        table_name: name.to_owned(),
        key_schema: key(pk),
        attribute_definitions: [pk].iter().chain(indexes).map(|name| attribute(name)).collect(),
        global_secondary_indexes: indexes.iter().map(index).collect(),
        ..TableDefinition::default()
    }
}

fn expiring(name: &str) -> TableDefinition {
    let expiry = TimeToLiveSpecification { enabled: true, attribute_name: Some("at".to_owned()) };
    TableDefinition { time_to_live_specification: Some(expiry), ..table(name, "pk", &[]) }
}

/// Returns a plan with a table of every kind, and `more` new ones.
fn plan_of(more: usize) -> Plan {
    let before = [
        table("Archive", "pk", &[]),
        table("Carts", "pk", &["city"]),
        table("Keyed", "pk", &[]),
        table("Shop", "pk", &["city", "email"]),
        table("Users", "pk", &[]),
        TableDefinition {
            time_to_live_specification: Some(TimeToLiveSpecification::DISABLED),
            ..table("Watched", "pk", &[])
        },
    ];
    let mut after = vec![
        table("Carts", "pk", &[]),
        table("Keyed", "id", &[]),
        table("Shop", "pk", &["city", "email", "state"]),
        table("Users", "id", &[]),
        expiring("Watched"),
    ];
    after.extend((0..more).map(|at| table(&format!("New{at:03}"), "pk", &["city", "email"])));
    after.push(expiring("NewAndExpiring"));
    let mut context = Context::default();
    let facts = |items: u64| Facts {
        item_count: Some(items),
        size_bytes: Some(items * 700),
        is_empty: Some(items == 0),
        ..Facts::default()
    };
    context.facts.insert("Archive".to_owned(), facts(1204));
    context.facts.insert("Keyed".to_owned(), facts(1_204_000));
    context.facts.insert("Shop".to_owned(), facts(0));
    context.facts.insert("Users".to_owned(), facts(0));
    plan(&diff(&before, &after), &context)
}

fn shown(plan: &Plan, is_verbose: bool) -> String {
    let blocks = blocks(plan, is_verbose, Stream::Stdout);
    let blocks: Vec<String> = blocks.into_iter().map(|block| block.text).collect();
    console::strip_ansi_codes(&blocks.join("\n\n")).into_owned()
}

#[test]
fn a_plan_says_what_becomes_of_each_table() {
    insta::assert_snapshot!("few", shown(&plan_of(1), false));
}

#[test]
fn many_tables_are_folded_and_hazards_are_not() {
    insta::assert_snapshot!("many", shown(&plan_of(15), false));
    assert_eq!(shown(&plan_of(15), true).matches("Create table").count(), 17);
    assert!(!shown(&plan_of(15), true).contains("--verbose"));
}

#[test]
fn what_cannot_be_done_is_never_left_unsaid() {
    for more in [1, 15] {
        let blocks = blocks(&plan_of(more), false, Stream::Stderr);
        assert_eq!(blocks.iter().filter(|block| block.is_blocked).count(), 1, "{more}");
    }
}
