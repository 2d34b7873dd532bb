//! Snapshot files: bytes, versions, and the chain.

use crate::{
    states::any_table,
    support::{TableExt, table},
};
use mizzle_core::{
    model::Projection,
    snapshot::{Head, HistoryError, MigrationName, Snapshot, head, read_first_format},
};
use proptest::prelude::*;
use std::collections::BTreeMap;

#[test]
fn the_file_is_sorted_and_readable() {
    let tables = [table("Users"), table("Shop").gsi("byA", &["a"], &[], Projection::all())];
    let first = Snapshot::new(None, []);
    insta::assert_snapshot!(Snapshot::new(Some(first.id), &tables).to_text());
}

#[test]
fn the_same_history_gives_the_same_bytes() {
    let tables = [table("Users"), table("Shop")];
    let reversed = [table("Shop"), table("Users")];
    let (a, b) = (Snapshot::new(None, &tables), Snapshot::new(None, &reversed));
    assert_eq!(a.to_text(), b.to_text());
    assert_ne!(a.id, Snapshot::new(Some(a.id), &tables).id, "another parent is another snapshot");
}

#[test]
fn what_is_not_a_snapshot_says_why() {
    let snapshot = Snapshot::new(None, &[table("Shop")]);
    let edited = snapshot.to_text().replace("\"Shop\"", "\"Shoq\"");
    let unknown_field = snapshot.to_text().replacen("\"tables\"", "\"extra\": 1, \"tables\"", 1);
    let texts = [
        "",
        "[]",
        "{}",
        r#"{ "version": "3" }"#,
        r#"{ "version": 2 }"#,
        r#"{ "version": "2" }"#,
        &edited,
        &unknown_field,
    ];
    let errors: Vec<String> =
        texts.iter().map(|text| Snapshot::from_text(text).unwrap_err().to_string()).collect();
    insta::assert_snapshot!(errors.join("\n"), @r#"
    EOF while parsing a value at line 1 column 0
    it has no version, so it is not a snapshot
    it has no version, so it is not a snapshot
    it has version "3", which this version of mizzle does not know
    it has version 2, which this version of mizzle does not know
    missing field `id` at line 1 column 18
    its id does not fit its content: it was edited after mizzle wrote it
    unknown field `extra`, expected one of `version`, `id`, `parentId`, `tables` at line 5 column 9
    "#);
}

#[test]
fn what_a_newer_version_wrote_is_not_taken_for_an_edit() {
    // As this version would write it if it had the field; the ID matches.
    let newer = r#"{
        "version": "2", "id": "ID", "parentId": null,
        "tables": { "Shop": {
            "TableName": "Shop",
            "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
            "Sharding": { "Shards": 7 }
        } }
    }"#;
    let text = newer.replace("ID", "ba49af39-99c3-574c-9323-45cd099e3d62");
    let error = Snapshot::from_text(&text).unwrap_err().to_string();
    assert!(error.ends_with("a newer one wrote it"), "{error}");
}

#[test]
fn the_first_format_is_read() {
    let text = r#"{ "version": "1", "tables": { "Shop": {
        "TableName": "Shop",
        "AttributeDefinitions": [{ "AttributeName": "sk", "AttributeType": "S" }, { "AttributeName": "pk", "AttributeType": "S" }, { "AttributeName": "a", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }, { "AttributeName": "sk", "KeyType": "RANGE" }],
        "GlobalSecondaryIndexes": [{ "IndexName": "byA", "KeySchema": [{ "AttributeName": "a", "KeyType": "HASH" }], "Projection": { "ProjectionType": "ALL" } }]
    } } }"#;
    let expected = table("Shop").gsi("byA", &["a"], &[], Projection::all());
    assert_eq!(read_first_format(text).unwrap(), BTreeMap::from([("Shop".to_owned(), expected)]));
    assert!(read_first_format(r#"{ "version": "2", "tables": {} }"#).is_err());
}

#[test]
fn what_is_wrong_with_a_snapshot_says_what_helps() {
    let text = Snapshot::new(None, &[table("Shop")]).to_text();
    let merged = format!("<<<<<<< ours\n{text}=======\n{text}>>>>>>> theirs\n");
    let newer = text.replace("\"version\": \"2\"", "\"version\": \"3\"");
    let other = text.replacen("\"Shop\": {", "\"Store\": {", 1);
    let restore = "restore the file from version control";
    for (text, message, hint) in [
        (merged.as_str(), "conflict markers", "take the file of one side whole"),
        (&newer, "version \"3\"", "update mizzle"),
        (&other, "the table Shop under the name Store", restore),
        ("{", "EOF", restore),
        (&text.replace("\"HASH\"", "\"RANGE\""), "edited", restore),
        ("{}", "no version", restore),
    ] {
        let error = Snapshot::from_text(text).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
        assert!(error.hint().contains(hint), "{error}: {}", error.hint());
    }
}

#[test]
fn migration_names_are_four_digits_and_a_name() {
    let parsed = MigrationName::parse("0007_add_orders").unwrap();
    assert_eq!((parsed.number, parsed.name.as_str()), (7, "add_orders"));
    assert_eq!(parsed.to_string(), "0007_add_orders");
    assert_eq!(MigrationName::parse("12345_x").unwrap().to_string(), "12345_x");
    for text in ["snapshot", "007_x", "0007", "0007_", "000a_x", "18446744073709551616_x"] {
        assert_eq!(MigrationName::parse(text), None, "{text}");
    }
}

fn named(number: u64) -> MigrationName {
    MigrationName { number, name: format!("m{number}") }
}

#[test]
fn the_head_is_the_snapshot_that_nobody_starts_from() {
    let baseline = BTreeMap::from([("Old".to_owned(), table("Old"))]);
    assert_eq!(head(baseline.clone(), &[]), Ok(Head { id: None, tables: baseline.clone() }));

    let first = Snapshot::new(None, &[table("Shop")]);
    let second = Snapshot::new(Some(first.id), &[table("Shop"), table("Users")]);
    let newest = Head { id: Some(second.id), tables: second.tables.clone() };
    let chain = [(named(2), second.clone()), (named(1), first.clone())];
    assert_eq!(head(baseline.clone(), &chain), Ok(newest));

    let rival = Snapshot::new(Some(first.id), &[table("Shop"), table("Orders")]);
    let forked = [(named(1), first), (named(2), second.clone()), (named(3), rival)];
    assert_eq!(
        head(baseline.clone(), &forked),
        Err(HistoryError::Forked { first: named(2), second: named(3) })
    );
    let swapped = [(named(2), Snapshot::new(None, &[table("Shop")])), (named(1), second.clone())];
    assert_eq!(
        head(baseline.clone(), &swapped),
        Err(HistoryError::OutOfOrder { migration: named(1), parent: named(2) })
    );
    assert_eq!(
        head(baseline, &[(named(2), second)]),
        Err(HistoryError::MissingParent { migration: named(2) })
    );
}

proptest! {
    #[test]
    fn a_snapshot_survives_its_file(table in any_table()) {
        let snapshot = Snapshot::new(None, [&table]);
        let text = snapshot.to_text();
        let read = Snapshot::from_text(&text).unwrap();
        prop_assert_eq!(&read, &snapshot);
        prop_assert_eq!(read.to_text(), text);
    }
}
