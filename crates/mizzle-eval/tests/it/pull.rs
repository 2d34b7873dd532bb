//! Pulled files describe the existing tables: any table, written as a schema and a config,
//! evaluates to the original table.

use crate::{
    project::Project,
    round_trip::{any_text, named},
    states::{any_foundation, desired},
};
use mizzle_core::{
    config,
    diff::diff,
    model::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, Projection,
        ProvisionedThroughput, ResourcePolicy, ScalarType, Schema, Status, TableDefinition,
        TableDescription, Unmanaged, resolve,
    },
    pull::{self, Form, ProposedEntity, PulledTable, Style},
};
use mizzle_eval::{Limits, NewEntry, add_to_config};
use proptest::{prelude::*, sample::select};
use serde_json::{Map, Value, json};
use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
};

/// The number of round trips of up to three tables.
const CASES: u32 = 200;

/// Completes a table as a server may describe it: its billing mode and all capacity are known.
fn described(mut definition: TableDefinition) -> TableDescription {
    definition.billing_mode.get_or_insert(BillingMode::PayPerRequest);
    definition.autoscaled = false;
    for index in &mut definition.global_secondary_indexes {
        index.autoscaled = false;
    }
    if definition.billing_mode == Some(BillingMode::Provisioned) {
        let some = ProvisionedThroughput { read_capacity_units: 3, write_capacity_units: 4 };
        let own = *definition.provisioned_throughput.get_or_insert(some);
        for index in &mut definition.global_secondary_indexes {
            index.provisioned_throughput.get_or_insert(own);
        }
    }
    // A policy that AWS accepts has statements.
    if let Some(policy) = &mut definition.resource_policy
        && !policy.is_none()
    {
        let mut document: Value = serde_json::from_str(&String::from(policy.clone())).unwrap();
        document["Statement"] = json!([{ "Effect": "Allow", "Action": ["a:b", "c:d"] }]);
        *policy = ResourcePolicy::new(document);
    }
    TableDescription {
        definition,
        status: Status::Active,
        indexes: BTreeMap::new(),
        item_count: None,
        size_bytes: None,
        index_sizes: BTreeMap::new(),
        created: None,
        table_id: None,
        replicas: Vec::new(),
        region: None,
        is_warming: false,
        unmanaged: Unmanaged::default(),
        policy_revision: None,
        unsupported: BTreeSet::new(),
        transitions: Vec::new(),
    }
}

/// Returns the entity that declares the types of a table's keys, if the form needs one.
fn keys_of(
    table: &TableDescription,
    form: Form,
    used: &mut BTreeSet<String>,
) -> Option<(String, ProposedEntity)> {
    let keys = pull::keys(&table.definition).filter(|_| form == Form::Orm)?;
    let constant = pull::identifiers(&[&keys.name], "entity", used).pop()?;
    used.insert(constant.clone());
    Some((constant, keys))
}

/// Writes and evaluates schema and config, and returns the tables that they describe. `items` are
/// those of every table.
fn there_and_back(
    project: &Project,
    name: &str,
    tables: &[TableDescription],
    items: &[Map<String, Value>],
    form: Form,
) -> Result<Schema, String> {
    let names: Vec<&str> = tables.iter().map(|one| one.definition.table_name.as_str()).collect();
    let identifiers = pull::identifiers(&names, "table", &BTreeSet::new());
    let mut used: BTreeSet<String> = identifiers.iter().cloned().collect();
    let pulled = tables.iter().zip(identifiers).map(|(table, identifier)| {
        let entities = pull::propose(&table.definition, items);
        let names: Vec<&str> = entities.iter().map(|entity| entity.name.as_str()).collect();
        let constants = pull::identifiers(&names, "entity", &used);
        used.extend(constants.iter().cloned());
        PulledTable {
            definition: table.definition.clone(),
            identifier,
            entities: constants.into_iter().zip(entities).collect(),
            sampled: Some(items.len()),
            keys: keys_of(table, form, &mut used),
        }
    });
    let pulled: Vec<PulledTable> = pulled.collect();
    let (schema, settings) = (format!("{name}.ts"), format!("{name}.config.ts"));
    project.write(&schema, pull::module(&pulled, "mizzle-cli/schema", form));

    let entries = tables.iter().map(|table| {
        let mut entry = pull::settings(table).entry;
        if form == Form::Orm {
            pull::projections(&table.definition, &mut entry);
        }
        pull::entry(&table.definition.table_name, &Value::Object(entry), Style::Code)
    });
    let entries: Vec<String> = entries.collect();
    let entries = entries.iter().zip(&names).map(|(text, name)| NewEntry { name, text });
    let entries: Vec<NewEntry<'_>> = entries.collect();
    let empty = "export default {\n  // mine\n};\n";
    let file = project.path(&settings);
    let text =
        add_to_config(&file, empty, "tables", &entries).map_err(|error| error.to_string())?;
    project.write(&settings, &text);

    let evaluator = project.evaluator();
    let value = evaluator.config(&file, Limits::default());
    let value = value.map_err(|error| format!("{}\n{text}", project.render(&error)))?;
    let config = config::read(&value).map_err(|problems| format!("{problems:?}\n{text}"))?;
    let declared = evaluator.schema(&[project.path(&schema)], Limits::default());
    let declared = declared.map_err(|error| project.render(&error))?;
    let resolved = resolve(&declared).map_err(|problems| format!("{problems:?}"))?;
    if !resolved.warnings.is_empty() {
        return Err(format!("{:?}", resolved.warnings));
    }
    let resolved = resolved.with_settings(&declared, &config.tables);
    resolved.map_err(|problems| format!("{problems:?}\n{text}"))
}

#[test]
fn a_table_that_is_pulled_is_the_table_that_is_there() {
    let (project, count) = (Project::new(&[]), Cell::new(0));
    let table = (any_foundation(), desired(), any_text());
    let tables = prop::collection::vec(table, 1..=3);
    let form = select(vec![Form::Stated, Form::Orm]);
    proptest!(ProptestConfig::with_cases(CASES), |(tables in tables, form in form)| {
        let tables = tables.into_iter().enumerate().map(|(number, (foundation, table, text))| {
            described(named(foundation.under(table), number, &text))
        });
        let tables: Vec<TableDescription> = tables.collect();
        count.set(count.get() + 1);
        let pulled = there_and_back(&project, &format!("pulled{}", count.get()), &tables, &[], form);
        let pulled = pulled.map_err(TestCaseError::fail)?;
        prop_assert_eq!(pulled.tables.len(), tables.len());
        for table in &tables {
            let wanted = pulled.table(&table.definition.table_name).unwrap();
            prop_assert_eq!(wanted.structure(), table.definition.structure());
            let changes = diff([&table.compared_with(wanted)], [wanted]);
            prop_assert!(changes.is_empty(), "{:#?}", changes);
        }
    });
}

/// Generates items with all kinds of attributes, some of which are keys of the random tables.
fn any_items() -> impl Strategy<Value = Vec<Map<String, Value>>> {
    let text = prop_oneof![
        select(vec![
            "USER#1",
            "USER#2",
            "PROFILE",
            "ORDER#1#LINE#2",
            "#META#x",
            "ORG#",
            "#",
            "",
            "x"
        ])
        .prop_map(str::to_owned),
        any_text(),
    ];
    let value = prop_oneof![
        4 => text.prop_map(|text| json!({ "S": text })),
        1 => (0..20_u8).prop_map(|number| json!({ "N": number.to_string() })),
        1 => select(vec![json!({ "BOOL": true }), json!({ "NULL": true }), json!({ "B": "AA==" }), json!({ "SS": ["a"] })]),
    ];
    let names = [
        "pk",
        "sk",
        "a",
        "b",
        "c",
        "d",
        "lsi0",
        "id",
        "type",
        "__proto__",
        "it's \"x\"",
        "constructor",
        "pkId",
    ];
    let item = prop::collection::btree_map(select(names.to_vec()), value, 0..8);
    let item = item
        .prop_map(|item| item.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
    prop::collection::vec(item, 0..12)
}

/// A proposal does not change the table.
#[test]
fn a_proposal_changes_no_table() {
    let (project, count) = (Project::new(&[]), Cell::new(0));
    let table = (any_foundation(), desired(), any_items(), select(vec![Form::Stated, Form::Orm]));
    proptest!(ProptestConfig::with_cases(CASES), |((foundation, table, items, form) in table)| {
        let table = described(foundation.under(table));
        count.set(count.get() + 1);
        let name = format!("proposed{}", count.get());
        let pulled = there_and_back(&project, &name, std::slice::from_ref(&table), &items, form);
        let pulled = pulled.map_err(TestCaseError::fail)?;
        prop_assert_eq!(pulled.tables[0].structure(), table.definition.structure());
        prop_assert!(items.is_empty() || !pulled.entities.is_empty());
    });
}

/// Names with a special meaning in JavaScript.
#[test]
fn an_index_may_have_any_name() {
    let mut table = TableDefinition {
        table_name: "__proto__".to_owned(),
        key_schema: vec![KeySchemaElement::hash("__proto__")],
        ..TableDefinition::default()
    };
    for name in ["__proto__", "constructor", "toString", "123", "a.b-c"] {
        table.global_secondary_indexes.push(GlobalSecondaryIndex {
            index_name: name.to_owned(),
            key_schema: vec![KeySchemaElement::hash("hasOwnProperty")],
            projection: Projection::include(["__proto__", "valueOf"]),
            ..Default::default()
        });
    }
    for name in ["__proto__", "hasOwnProperty"] {
        table.attribute_definitions.push(AttributeDefinition {
            attribute_name: name.to_owned(),
            attribute_type: ScalarType::N,
        });
    }
    let table = described(table.normalised());
    for form in [Form::Stated, Form::Orm] {
        let (project, tables) = (Project::new(&[]), std::slice::from_ref(&table));
        let pulled = there_and_back(&project, "odd", tables, &[], form).unwrap();
        assert_eq!(pulled.tables[0].structure(), table.definition.structure());
    }
}
