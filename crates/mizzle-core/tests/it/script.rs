//! Scripts: readable, and named for what they do.

use crate::support::{TableExt, table};
use mizzle_core::{
    diff::diff,
    model::{Projection, ScalarType, TableDefinition},
    plan::{Context, plan},
    script,
};

fn scripted(before: &[TableDefinition], after: &[TableDefinition]) -> String {
    let plan = |before: &[TableDefinition], after: &[TableDefinition]| {
        plan(&diff(before, after), &Context::default())
    };
    script::write(&plan(before, after), &plan(after, before))
}

fn name(before: &[TableDefinition], after: &[TableDefinition]) -> String {
    script::from_diff(&diff(before, after), &[])
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
    ] {
        assert_eq!(name(before, after), expected);
    }
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
