//! Plans: order, hazards, refusals, and that they lead where they should.

use crate::support::{TableExt, any_table, table};
use mizzle_core::{
    diff::diff,
    model::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, Projection,
        ProvisionedThroughput, ScalarType, TableDefinition,
    },
    plan::{Call, GlobalSecondaryIndexUpdate, Plan, plan},
};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn plan_of(before: &[TableDefinition], after: &[TableDefinition]) -> Plan {
    plan(&diff(before, after))
}

fn ids(plan: &Plan) -> Vec<String> {
    plan.steps.iter().map(|step| step.id.to_string()).collect()
}

fn hazards(plan: &Plan) -> Vec<&str> {
    let hazards = plan.steps.iter().flat_map(|step| &step.hazards);
    hazards.map(|hazard| hazard.message.as_str()).collect()
}

/// Applies one call as DynamoDB would, refusing what it refuses.
fn simulate(state: &mut Option<TableDefinition>, call: &Call) -> Result<(), String> {
    match call {
        Call::CreateTable(definition) => {
            if state.is_some() {
                return Err("ResourceInUseException".to_owned());
            }
            *state = Some(definition.clone());
        }
        Call::DeleteTable(_) => {
            if state.take().is_none() {
                return Err("ResourceNotFoundException".to_owned());
            }
        }
        Call::UpdateTable(update) => {
            let table = state.as_mut().ok_or("ResourceNotFoundException")?;
            let [change] = update.global_secondary_index_updates.as_slice() else {
                return Err("Only 1 online index can be created or deleted".to_owned());
            };
            let indexes = &mut table.global_secondary_indexes;
            match change {
                GlobalSecondaryIndexUpdate::Delete(index) => {
                    let before = indexes.len();
                    indexes.retain(|kept| kept.index_name != index.index_name);
                    if indexes.len() == before {
                        return Err(format!("no index {}", index.index_name));
                    }
                    let used: BTreeSet<String> =
                        table.key_attributes().map(str::to_owned).collect();
                    table.attribute_definitions.retain(|a| used.contains(&a.attribute_name));
                }
                GlobalSecondaryIndexUpdate::Create(index) => {
                    if indexes.len() >= 20 {
                        return Err("21 GSIs".to_owned());
                    }
                    if indexes.iter().any(|present| present.index_name == index.index_name) {
                        return Err(format!("index {} exists", index.index_name));
                    }
                    for present in &table.attribute_definitions {
                        if !update.attribute_definitions.contains(present) {
                            return Err(format!("{} changes its type", present.attribute_name));
                        }
                    }
                    indexes.push(GlobalSecondaryIndex {
                        index_name: index.index_name.clone(),
                        key_schema: index.key_schema.clone(),
                        projection: index.projection.clone(),
                        provisioned_throughput: index.provisioned_throughput,
                    });
                    table.attribute_definitions.clone_from(&update.attribute_definitions);
                    let defined: BTreeSet<&str> = table
                        .attribute_definitions
                        .iter()
                        .map(|a| a.attribute_name.as_str())
                        .collect();
                    if defined != table.key_attributes().collect() {
                        return Err("Some AttributeDefinitions are not used".to_owned());
                    }
                }
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn every_plan_is_accepted_and_leads_to_the_desired_state(a in any_table(), b in any_table()) {
        let plan = plan_of(std::slice::from_ref(&a), std::slice::from_ref(&b));
        prop_assert!(plan.blocked.is_empty());
        let mut state = Some(a);
        for step in &plan.steps {
            simulate(&mut state, &step.call).map_err(|refusal| {
                TestCaseError::fail(format!("{} was refused: {refusal}", step.id))
            })?;
        }
        prop_assert_eq!(state.map(TableDefinition::normalised), Some(b));
    }

    #[test]
    fn planning_again_after_any_step_leads_to_the_desired_state(
        a in any_table(),
        b in any_table(),
        stop in any::<prop::sample::Index>(),
    ) {
        let first = plan_of(std::slice::from_ref(&a), std::slice::from_ref(&b));
        let done = stop.index(first.steps.len() + 1);
        let mut state = Some(a);
        for step in &first.steps[..done] {
            simulate(&mut state, &step.call).map_err(TestCaseError::fail)?;
        }
        let halfway: Vec<TableDefinition> = state.iter().cloned().collect();
        for step in &plan_of(&halfway, std::slice::from_ref(&b)).steps {
            simulate(&mut state, &step.call).map_err(TestCaseError::fail)?;
        }
        prop_assert_eq!(state.map(TableDefinition::normalised), Some(b));
    }

    #[test]
    fn an_index_goes_before_another_comes_only_where_it_has_to(a in any_table(), b in any_table()) {
        let plan = plan_of(std::slice::from_ref(&a), std::slice::from_ref(&b));
        let mut state = Some(a.clone());
        for (position, step) in plan.steps.iter().enumerate() {
            let later_creates = plan.steps[position + 1..]
                .iter()
                .any(|later| later.id.to_string().contains(":create-index:"));
            let name = step.id.to_string();
            let dropped = name.strip_prefix("Things:drop-index:");
            if let Some(dropped) = dropped.filter(|name| b.global_index(name).is_none())
                && later_creates
            {
                let table = state.as_ref().unwrap();
                let full = table.global_secondary_indexes.len() == 20;
                let changes_type = table.global_index(dropped).unwrap().key_schema.iter().any(|key| {
                    let after = b.attribute_type(&key.attribute_name);
                    after.is_some() && after != a.attribute_type(&key.attribute_name)
                });
                prop_assert!(full || changes_type, "{} too early", dropped);
            }
            simulate(&mut state, &step.call).map_err(TestCaseError::fail)?;
        }
    }

    #[test]
    fn every_index_is_touched_by_one_call_at_a_time(a in any_table(), b in any_table()) {
        let plan = plan_of(&[a], &[b]);
        for (position, step) in plan.steps.iter().enumerate() {
            let Call::UpdateTable(update) = &step.call else { unreachable!("tables are the same") };
            prop_assert_eq!(update.global_secondary_index_updates.len(), 1);
            let before: Vec<_> =
                position.checked_sub(1).map(|p| plan.steps[p].id.clone()).into_iter().collect();
            prop_assert_eq!(&step.after, &before);
        }
    }
}

#[test]
fn new_tables_are_on_demand_unless_they_say_otherwise() {
    let plan = plan_of(&[], &[table("Shop")]);
    let [step] = plan.steps.as_slice() else { panic!("{plan:?}") };
    let Call::CreateTable(request) = &step.call else { panic!("{step:?}") };
    assert_eq!(request.billing_mode, Some(BillingMode::PayPerRequest));
}

#[test]
fn new_indexes_come_before_dropped_ones() {
    let before = table("Shop").gsi("byOld", &["a"], &[], Projection::all());
    let after = table("Shop").gsi("byNew", &["b"], &[], Projection::all());
    assert_eq!(
        ids(&plan_of(&[before], &[after])),
        ["Shop:create-index:byNew", "Shop:drop-index:byOld"]
    );
}

#[test]
fn at_the_limit_an_index_goes_before_another_comes() {
    let full = |name: &str| {
        (1..20)
            .fold(table("Shop"), |table, number| {
                table.gsi(&format!("idx{number}"), &["a"], &[], Projection::all())
            })
            .gsi(name, &["b"], &[], Projection::all())
    };
    assert_eq!(
        ids(&plan_of(&[full("byOld")], &[full("byNew")])),
        ["Shop:drop-index:byOld", "Shop:create-index:byNew"]
    );
}

#[test]
fn only_an_index_that_is_in_the_way_goes_first() {
    let before = table("Shop").gsi("byAge", &["age"], &[], Projection::all()).gsi(
        "byStatus",
        &["status"],
        &[],
        Projection::all(),
    );
    let after = table("Shop")
        .gsi("byStatusNumber", &["status"], &[], Projection::all())
        .with_types(&[("status", ScalarType::N)]);
    assert_eq!(
        ids(&plan_of(&[before], &[after])),
        ["Shop:drop-index:byStatus", "Shop:create-index:byStatusNumber", "Shop:drop-index:byAge"]
    );
}

#[test]
fn an_attribute_changes_its_type_only_while_no_index_uses_it() {
    let before = table("Shop").gsi("byA", &["a"], &[], Projection::all()).gsi(
        "byAB",
        &["a"],
        &["b"],
        Projection::all(),
    );
    let after = before.clone().with_types(&[("a", ScalarType::N)]);
    assert_eq!(
        ids(&plan_of(&[before], &[after])),
        [
            "Shop:drop-index:byA",
            "Shop:drop-index:byAB",
            "Shop:create-index:byA",
            "Shop:create-index:byAB"
        ]
    );
}

#[test]
fn a_changed_index_is_rebuilt_at_once_and_says_so() {
    let before = table("Shop").gsi("byA", &["a"], &[], Projection::all()).gsi(
        "byB",
        &["b"],
        &[],
        Projection::all(),
    );
    let after = table("Shop").gsi("byA", &["a"], &["b"], Projection::all()).gsi(
        "byB",
        &["b"],
        &[],
        Projection::keys_only(),
    );
    let plan = plan_of(&[before], &[after]);
    assert_eq!(
        ids(&plan),
        [
            "Shop:drop-index:byA",
            "Shop:create-index:byA",
            "Shop:drop-index:byB",
            "Shop:create-index:byB"
        ]
    );
    let hazards = hazards(&plan);
    insta::assert_snapshot!(hazards.join("\n"), @r"
    byA changes (key (a S) → (a S, b S)), which DynamoDB can only do by building it anew: queries on it fail until it is ACTIVE again. To avoid the gap, add the index under a new name first, switch the queries over, then drop this one.
    byB changes (projection ALL → KEYS_ONLY), which DynamoDB can only do by building it anew: queries on it fail until it is ACTIVE again. To avoid the gap, add the index under a new name first, switch the queries over, then drop this one.
    ");
}

#[test]
fn a_new_index_of_a_provisioned_table_takes_the_tables_capacity() {
    let capacity = ProvisionedThroughput { read_capacity_units: 7, write_capacity_units: 3 };
    let mut before = table("Shop");
    before.billing_mode = Some(BillingMode::Provisioned);
    before.provisioned_throughput = Some(capacity);
    let after = table("Shop").gsi("byA", &["a"], &[], Projection::all());
    let plan = plan_of(&[before], &[after]);
    let [step] = plan.steps.as_slice() else { panic!("{plan:?}") };
    insta::assert_json_snapshot!(step, @r#"
    {
      "id": "Shop:create-index:byA",
      "table": "Shop",
      "call": "UpdateTable",
      "input": {
        "TableName": "Shop",
        "AttributeDefinitions": [
          {
            "AttributeName": "a",
            "AttributeType": "S"
          },
          {
            "AttributeName": "pk",
            "AttributeType": "S"
          },
          {
            "AttributeName": "sk",
            "AttributeType": "S"
          }
        ],
        "GlobalSecondaryIndexUpdates": [
          {
            "Create": {
              "IndexName": "byA",
              "KeySchema": [
                {
                  "AttributeName": "a",
                  "KeyType": "HASH"
                }
              ],
              "Projection": {
                "ProjectionType": "ALL"
              },
              "ProvisionedThroughput": {
                "ReadCapacityUnits": 7,
                "WriteCapacityUnits": 3
              }
            }
          }
        ]
      },
      "after": [],
      "hazards": []
    }
    "#);
}

#[test]
fn what_is_fixed_at_creation_is_refused_with_the_reason() {
    let before = table("Shop").gsi("byA", &["a"], &[], Projection::all()).lsi("localB", "b");
    let mut other_key = table("Shop").lsi("localB", "b");
    other_key.key_schema = vec![KeySchemaElement::hash("id"), KeySchemaElement::range("sk")];
    let other_key = other_key.with_types(&[("b", ScalarType::N)]);
    let new_local = before.clone().lsi("localC", "c");
    let texts: Vec<String> = [other_key, new_local]
        .into_iter()
        .map(|after| {
            let plan = plan_of(std::slice::from_ref(&before), &[after]);
            assert!(plan.steps.is_empty(), "a blocked table has no steps");
            format!("{}\n  {}", plan.blocked[0].reason, plan.blocked[0].hint)
        })
        .collect();
    insta::assert_snapshot!(texts.join("\n"), @r"
    Shop would have to be replaced: its key cannot change from (pk S, sk S) to (id S, sk S) and LSI localB cannot change (key (pk S, b S) → (pk S, b N)). DynamoDB fixes keys and LSIs when a table is created
      describe a table of another name, copy the items, and switch over; or undo the change in the schema. Replacing a table loses its items, so mizzle does not do it by itself
    Shop would have to be replaced: LSI localC cannot be added. DynamoDB fixes keys and LSIs when a table is created
      make the index global (gsi), which can be added at any time; or undo the change in the schema. Replacing a table loses its items, so mizzle does not do it by itself
    ");
}

#[test]
fn a_blocked_table_does_not_block_the_others() {
    let mut replaced = table("Shop");
    replaced.key_schema.pop();
    let plan = plan_of(&[table("Shop")], &[replaced.with_types(&[]), table("Users")]);
    assert_eq!(ids(&plan), ["Users:create-table"]);
    assert_eq!(plan.blocked.len(), 1);
}

#[test]
fn a_deleted_table_names_what_is_lost_and_a_probable_rename() {
    let plan = plan_of(&[table("People")], &[table("Users")]);
    insta::assert_snapshot!(hazards(&plan).join("\n"), @"Deletes table People and every item in it. DynamoDB cannot rename a table: the items do not move to Users, copy them first.");
    let plan = plan_of(&[table("People")], &[]);
    insta::assert_snapshot!(hazards(&plan).join("\n"), @"Deletes table People and every item in it.");
}

#[test]
fn unused_attributes_of_an_old_snapshot_do_not_reach_a_request() {
    let mut before = table("Shop");
    before.attribute_definitions.push(AttributeDefinition {
        attribute_name: "a".to_owned(),
        attribute_type: ScalarType::B,
    });
    let after = table("Shop").gsi("byA", &["a"], &[], Projection::all());
    let plan = plan_of(&[before], std::slice::from_ref(&after));
    let Call::UpdateTable(update) = &plan.steps[0].call else { panic!("{plan:?}") };
    assert_eq!(update.attribute_definitions, after.attribute_definitions);
}
