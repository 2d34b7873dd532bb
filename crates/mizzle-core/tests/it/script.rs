//! Scripts: readable, with descriptive names.

use crate::support::{TableExt, table};
use mizzle_core::{
    diff::diff,
    model::{
        AttributeDefinition, KeySchemaElement, KeyType, Projection, ScalarType, TableDefinition,
        Tag,
    },
    plan::{Context, Origins, plan},
    script,
    snapshot::Snapshot,
    text::is_unsafe,
};

fn scripted(before: &[TableDefinition], after: &[TableDefinition]) -> String {
    let plan = |before: &[TableDefinition], after: &[TableDefinition]| {
        plan(&diff(before, after), &Context::default())
    };
    script::write(&plan(before, after), &plan(after, before))
}

fn name(before: &[TableDefinition], after: &[TableDefinition]) -> String {
    script::from_diff(&diff(before, after), &[], &Origins::new())
}

/// Returns the script that renames the only table of `before` to the only one of `after`.
fn renaming(before: &TableDefinition, after: &TableDefinition) -> String {
    let half = |from: &TableDefinition, to: &TableDefinition| {
        let origins = Origins::from([(to.table_name.clone(), Some(from.table_name.clone()))]);
        let diff = diff([from], [to]);
        let plan = plan(&diff, &Context { origins: origins.clone(), ..Context::default() });
        (diff, origins, plan)
    };
    let (up_diff, up_origins, up) = half(before, after);
    let (down_diff, down_origins, down) = half(after, before);
    let (up_copies, down_copies) =
        (script::copies(&up_diff, &up_origins), script::copies(&down_diff, &down_origins));
    script::write_copying((&up, &up_copies), (&down, &down_copies))
}

#[test]
fn a_renamed_table_keeps_its_items() {
    insta::assert_snapshot!("renamed", renaming(&table("App"), &table("Shop")));
    let by_id = table("Shop").with_key(&["id"]);
    insta::assert_snapshot!("renamed_with_another_key", renaming(&table("App"), &by_id));
    let odd = table("Odd").with_key(&["my \"key\"", "default"]);
    insta::assert_snapshot!("renamed_with_odd_keys", renaming(&odd, &table("Shop")));
    let protected = TableDefinition { deletion_protection_enabled: Some(true), ..table("App") };
    let script = renaming(&protected, &table("Shop"));
    let position = |text: &str| script.find(text).unwrap();
    assert!(position("for await") < position("DeletionProtectionEnabled: false"), "{script}");
}

#[test]
fn a_wider_key_needs_no_condition() {
    let script = renaming(&table("App").with_key(&["pk"]), &table("Shop").with_key(&["pk", "sk"]));
    let (up, down) = script.split_once("function down").unwrap();
    assert!(up.contains("Set sk S in Item") && !up.contains("ConditionExpression"), "{script}");
    assert!(!down.contains("Set ") && down.contains("ConditionExpression"), "{script}");
}

#[test]
fn a_new_table() {
    let shop = table("Shop")
        .gsi("byEmail", &["email"], &[], Projection::all())
        .gsi("byStatus", &["status"], &["createdAt"], Projection::include(["title", "price"]))
        .lsi("byDate", "createdAt")
        .with_types(&[("createdAt", ScalarType::N)]);
    insta::assert_snapshot!(scripted(&[], &[shop]));
}

#[test]
fn index_changes_carry_their_hazards_as_comments() {
    let before = table("Shop").gsi("byEmail", &["email"], &[], Projection::all()).gsi(
        "byOld",
        &["old"],
        &[],
        Projection::all(),
    );
    let after = table("Shop").gsi("byEmail", &["email"], &[], Projection::keys_only()).gsi(
        "byNew",
        &["new"],
        &[],
        Projection::all(),
    );
    insta::assert_snapshot!(scripted(&[before], &[after]));
}

#[test]
fn text_is_escaped() {
    let odd = table("Shop").gsi("byOdd", &["it's \"odd\" \\ ${x}\u{2028}"], &[], Projection::all());
    let text = scripted(&[], &[odd]);
    assert!(text.contains(r#"AttributeName: 'it\'s "odd" \\ ${x}"#), "{text}");
}

#[test]
fn a_name_does_not_end_a_comment() {
    let shop = |key: &str| table("Shop").gsi("byOdd", &[key], &[], Projection::all());
    for (key, shown) in [
        ("a\nb", "key (a\\nb S)"),
        ("a\rb", "key (a\\rb S)"),
        ("a\u{2028}b", "key (a\\u{2028}b S)"),
        ("a\u{2029}b", "key (a\\u{2029}b S)"),
        ("é", "key (é S)"),
    ] {
        let text = scripted(&[shop("plain")], &[shop(key)]).replace("\n  // ", " ");
        assert!(text.contains(shown), "{text}");
        let mut comments = text.lines().map(str::trim).filter(|line| line.starts_with("//"));
        assert!(comments.all(|line| !line.contains(['\r', '\u{2028}', '\u{2029}'])), "{text}");
    }
}

#[test]
fn names_say_what_a_migration_does() {
    let shop = table("Shop");
    let by_status = shop.clone().gsi("byStatus", &["status"], &[], Projection::all());
    let both = by_status.clone().gsi("byDate", &["date"], &[], Projection::all());
    let keyed = shop.clone().gsi("byStatus", &["other"], &[], Projection::all());
    let empty: &[TableDefinition] = &[];
    for (before, after, expected) in [
        (empty, &[table("UserProfiles")][..], "create_user_profiles"),
        (empty, &[table("Users"), table("Orders"), table("Items")], "create_items_and_2_more"),
        (std::slice::from_ref(&shop), std::slice::from_ref(&by_status), "add_shop_by_status"),
        (std::slice::from_ref(&by_status), std::slice::from_ref(&shop), "drop_shop_by_status"),
        (std::slice::from_ref(&by_status), &[keyed], "change_shop_by_status"),
        (std::slice::from_ref(&shop), &[both], "add_shop_by_date_and_1_more"),
        (std::slice::from_ref(&shop), empty, "delete_shop"),
        (&[table("App")], std::slice::from_ref(&shop), "create_shop_and_delete_app"),
        (
            &[table("App")],
            &[shop.clone(), table("Users"), table("Orders")],
            "create_orders_and_2_more_and_delete_app",
        ),
        (&[table("App"), table("Old")], empty, "delete_app_and_delete_old"),
        (
            &[table("App"), table("Old"), table("Older")],
            std::slice::from_ref(&shop),
            "create_shop_and_delete_3_tables",
        ),
        (std::slice::from_ref(&shop), &[shop.clone().with_key(&["id"])], "replace_shop"),
    ] {
        assert_eq!(name(before, after), expected);
    }
}

#[test]
fn a_name_that_is_cut_off_still_says_that_a_table_is_deleted() {
    let long = |letter: &str| table(&letter.repeat(80));
    for (before, after, expected) in [
        (vec![table("App")], vec![long("x")], "delete_app_and_more"),
        (vec![long("x")], vec![table("Shop")], "create_shop_and_delete_1_table"),
        (vec![long("x")], vec![long("y")], "delete_1_table_and_more"),
        (vec![long("x")], vec![], "delete_1_table"),
    ] {
        assert_eq!(name(&before, &after), expected);
    }
}

#[test]
fn a_rename_is_named_for_both_tables() {
    let origins = Origins::from([("Shop".to_owned(), Some("App".to_owned()))]);
    let diff = diff(&[table("App"), table("Old")], &[table("Shop")]);
    assert_eq!(script::from_diff(&diff, &[], &origins), "rename_app_to_shop_and_delete_old");
}

#[test]
fn a_second_rename_is_not_hidden() {
    let of = |name: &str, origin: &str| (name.to_owned(), Some(origin.to_owned()));
    let origins = Origins::from([of("C", "A"), of("D", "B")]);
    let diff = diff(&[table("A"), table("B")], &[table("C"), table("D"), table("E")]);
    assert_eq!(script::from_diff(&diff, &[], &origins), "rename_2_tables_and_1_more");
}

#[test]
fn given_names_become_file_names() {
    for (given, expected) in [
        ("add orders", Some("add_orders")),
        ("AddOrders", Some("add_orders")),
        ("../../etc/passwd", Some("etc_passwd")),
        ("v2.0-final", Some("v2_0_final")),
        ("Übung", Some("bung")),
        ("…", None),
        ("", None),
    ] {
        assert_eq!(script::sanitised(given).as_deref(), expected, "{given}");
    }
    assert!(script::sanitised(&"x".repeat(300)).unwrap().len() <= 60);
}

/// An attribute's name may contain any character, but a script contains none that affects a
/// terminal or an editor.
#[test]
fn a_script_holds_no_character_that_acts() {
    let name = "e\u{1b}]0;x\u{7}\r\u{202e}\u{9b}31m\u{2028}'${1}*/\"\\\n//x";
    let hostile = |name: &str| TableDefinition {
        key_schema: vec![KeySchemaElement {
            attribute_name: name.to_owned(),
            key_type: KeyType::Hash,
        }],
        attribute_definitions: vec![AttributeDefinition {
            attribute_name: name.to_owned(),
            attribute_type: ScalarType::S,
        }],
        tags: Some(vec![Tag { key: name.to_owned(), value: name.to_owned() }]),
        ..table("Shop")
    };
    let text = scripted(&[], &[hostile(name)]) + &scripted(&[hostile(name)], &[]);
    let acting: Vec<char> = text.chars().filter(|c| *c != '\n' && is_unsafe(*c)).collect();
    assert!(acting.is_empty(), "{acting:?} in {text}");
    let snapshot = Snapshot::new(None, [&hostile(name)]);
    let text = snapshot.to_text();
    assert!(!text.contains(|c| c != '\n' && is_unsafe(c)), "{text}");
    assert_eq!(Snapshot::from_text(&text).unwrap(), snapshot);
}
