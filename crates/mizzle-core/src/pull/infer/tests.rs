use super::*;
use crate::{
    model::{AttributeDefinition, GlobalSecondaryIndex, Projection},
    pull::{Form, PulledTable, module},
};
use serde_json::json;

fn table(
    name: &str,
    attributes: &[(&str, ScalarType)],
    gsis: &[(&str, &[&str])],
) -> TableDefinition {
    let element = |(position, name): (usize, &&str)| match position {
        0 => KeySchemaElement::hash(*name),
        _ => KeySchemaElement::range(*name),
    };
    let in_gsi = |name: &str| gsis.iter().any(|(_, key)| key.contains(&name));
    let own: Vec<&str> =
        attributes.iter().map(|(name, _)| *name).filter(|name| !in_gsi(name)).collect();
    TableDefinition {
        table_name: name.to_owned(),
        attribute_definitions: attributes
            .iter()
            .map(|(name, attribute_type)| AttributeDefinition {
                attribute_name: (*name).to_owned(),
                attribute_type: *attribute_type,
            })
            .collect(),
        key_schema: own.iter().enumerate().map(element).collect(),
        global_secondary_indexes: gsis
            .iter()
            .map(|(name, key)| GlobalSecondaryIndex {
                index_name: (*name).to_owned(),
                key_schema: key.iter().enumerate().map(element).collect(),
                projection: Projection::all(),
                ..GlobalSecondaryIndex::default()
            })
            .collect(),
        ..TableDefinition::default()
    }
    .normalised()
}

fn written(table: &TableDefinition, items: &Value) -> String {
    let items: Vec<Item> = serde_json::from_value(items.clone()).unwrap();
    let entities = propose(table, &items);
    let entities = entities.into_iter().map(|entity| (entity.name.to_lower_camel_case(), entity));
    let pulled = PulledTable {
        definition: table.clone(),
        identifier: "table".to_owned(),
        entities: entities.collect(),
        sampled: Some(items.len()),
        keys: None,
    };
    module(&[pulled], "mizzle", Form::Stated)
}

#[test]
fn a_single_table_is_taken_apart() {
    use ScalarType::{N, S};
    let table = table(
        "App",
        &[("PK", S), ("SK", S), ("GSI1PK", S), ("GSI1SK", S), ("at", N)],
        &[("GSI1", &["GSI1PK", "GSI1SK"]), ("byTime", &["at"])],
    );
    let user = |id: &str, mail: &str| {
        json!({
            "PK": { "S": format!("USER#{id}") }, "SK": { "S": "PROFILE" },
            "GSI1PK": { "S": format!("EMAIL#{mail}") }, "GSI1SK": { "S": format!("USER#{id}") },
            "id": { "S": id }, "email": { "S": mail }, "admin": { "BOOL": true }, "at": { "N": "1" },
        })
    };
    let order = |user: &str, id: &str, total: &str| {
        json!({
            "PK": { "S": format!("USER#{user}") }, "SK": { "S": format!("ORDER#{id}") },
            "GSI1PK": { "S": format!("ORDER#{id}") }, "GSI1SK": { "S": "ORDER" },
            "total": { "N": total }, "lines": { "L": [] }, "note": { "NULL": true },
            "state": if total == "1" { json!({ "S": "new" }) } else { json!({ "N": "1" }) },
        })
    };
    let member = |org: &str, user: &str| {
        json!({
            "PK": { "S": format!("ORG#{org}") }, "SK": { "S": format!("TEAM#a#MEMBER#{user}") },
            "full name": { "S": "x" }, "tags": { "SS": ["a"] },
        })
    };
    let items = json!([
        user("1", "a@x.io"),
        user("2", "b@x.io"),
        order("1", "9b2e0c7e-4b1f-4a53-9d52-0d8c6f3b6a11", "1"),
        order("1", "9b2e0c7e-4b1f-4a53-9d52-0d8c6f3b6a12", "7"),
        member("5", "1"),
        member("6", "2"),
    ]);
    insta::assert_snapshot!(written(&table, &items));
}

#[test]
fn a_table_of_one_kind_is_one_entity() {
    use ScalarType::{B, N, S};
    let table =
        table("my-Categories", &[("id", N), ("at", B), ("email", S)], &[("byEmail", &["email"])]);
    let items = json!([
        { "id": { "N": "1" }, "at": { "B": "AA==" }, "email": { "S": "a" }, "type": { "S": "x" }, "__proto__": { "M": {} } },
        { "id": { "N": "2" }, "at": { "B": "AA==" }, "type": { "S": "y" }, "open": { "BOOL": false } },
    ]);
    insta::assert_snapshot!(written(&table, &items));
    assert_eq!(propose(&table, &[]), []);
}

#[test]
fn kinds_are_named_by_their_keys_or_by_what_they_say_they_are() {
    let named = |keys: &[(&str, &str, Option<&str>)]| -> Vec<String> {
        let table = table("App", &[("pk", ScalarType::S), ("sk", ScalarType::S)], &[]);
        let items = keys.iter().map(|(pk, sk, told)| {
            let mut item = json!({ "pk": { "S": pk }, "sk": { "S": sk } });
            if let Some(told) = told {
                item["type"] = json!({ "S": told });
            }
            item.as_object().unwrap().clone()
        });
        let items: Vec<Item> = items.collect();
        propose(&table, &items).into_iter().map(|entity| entity.name).collect()
    };
    for (keys, expected) in [
        (&[("USER#1", "PROFILE", None)][..], &["User"][..]),
        (&[("USER#1", "USER#1", None)], &["User"]),
        (&[("USER#1", "SETTINGS", None)], &["UserSettings"]),
        (&[("user#1", "2024-01-01", None)], &["User"]),
        (&[("ORDER_LINE#1", "METADATA", None)], &["OrderLine"]),
        (&[("ORG#1", "USER#1", None), ("TEAM#1", "USER#1", None)], &["User", "TeamUser"]),
        (
            &[("USER#1", "PROFILE", Some("person")), ("USER#1", "ORDER#1", Some("order"))],
            &["Order", "Person"],
        ),
        // Two kinds with the same type attribute are named by their keys.
        (
            &[("USER#1", "PROFILE", Some("thing")), ("USER#1", "ORDER#1", Some("thing"))],
            &["Order", "User"],
        ),
    ] {
        let mut names = named(keys);
        names.sort();
        let mut expected: Vec<&str> = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(names, expected, "{keys:?}");
    }
}

#[test]
fn items_of_every_form_are_taken() {
    let table = table("App", &[("pk", ScalarType::S), ("sk", ScalarType::S)], &[]);
    for items in [
        json!([{}]),
        json!([{ "pk": { "S": "#" }, "sk": { "S": "##" } }]),
        json!([{ "pk": { "S": "A#" }, "sk": { "S": "" } }]),
        json!([{ "pk": { "N": "1" } }, { "pk": {} , "x": { "WHAT": 1 } }]),
        json!([{ "pk": 1, "sk": null }]),
    ] {
        written(&table, &items);
    }
}

#[test]
fn a_part_is_called_as_what_it_is_and_not_as_the_index_that_repeats_it() {
    use ScalarType::S;
    let keys = [("pk", S), ("sk", S), ("GSI1PK", S), ("GSI1SK", S)];
    let table = table("App", &keys, &[("GSI1", &["GSI1PK", "GSI1SK"])]);
    let order = |day: &str, number: &str| {
        json!({
            "pk": { "S": "USER#1" }, "sk": { "S": format!("ORDER#{day}#{number}") },
            "GSI1PK": { "S": "STATUS#open" }, "GSI1SK": { "S": day },
            "day": { "S": day }, "orderId": { "S": number },
        })
    };
    let module = written(&table, &json!([order("2024-01-02", "7"), order("2024-02-03", "8")]));
    assert!(module.contains("compositeKey(\"#\", \"ORDER\", c.day, c.orderId)"), "{module}");
}
