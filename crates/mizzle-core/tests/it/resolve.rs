//! From declarations to definitions: key types, and every offline rule.

use mizzle_core::model::{declaration::SchemaDeclaration, resolve};
use serde_json::{Value, json};

fn declaration(json: Value) -> SchemaDeclaration {
    serde_json::from_value(json).unwrap()
}

fn string(name: &str) -> Value {
    column(name, "S")
}

fn column(name: &str, column_type: &str) -> Value {
    json!({ "name": name, "columnType": column_type })
}

fn keys(names: &[&str]) -> Value {
    names.iter().map(|name| json!({ "name": name })).collect()
}

fn gsi(name: &str, hash: &[&str], range: &[&str]) -> Value {
    json!({ "name": name, "kind": "global", "partitionKey": keys(hash), "sortKey": keys(range) })
}

fn lsi(name: &str, range: &[&str]) -> Value {
    json!({ "name": name, "kind": "local", "partitionKey": [], "sortKey": keys(range) })
}

fn shop(indexes: &[Value]) -> Value {
    json!({ "name": "Shop", "partitionKey": string("pk"), "sortKey": string("sk"), "indexes": indexes, "sites": [] })
}

fn entity(name: &str, columns: &[Value], strategies: &[Value]) -> Value {
    json!({ "name": name, "table": 0, "columns": columns, "strategies": strategies, "sites": [] })
}

fn schema(table: &Value, entities: &[Value]) -> SchemaDeclaration {
    declaration(json!({ "tables": [table], "entities": entities }))
}

/// Returns the attribute types of the only table, or all problems with their help.
fn outcome(declaration: &SchemaDeclaration) -> String {
    match resolve(declaration) {
        Ok(schema) => schema.tables[0]
            .attribute_definitions
            .iter()
            .map(|a| format!("{} {}", a.attribute_name, a.attribute_type))
            .collect::<Vec<_>>()
            .join(", "),
        Err(problems) => problems
            .iter()
            .map(|problem| format!("{problem}\n  help: {}", problem.help))
            .collect::<Vec<_>>()
            .join("\n"),
    }
}

#[test]
fn the_first_source_that_says_something_decides_a_key_type() {
    let stated = json!({
        "name": "byIt", "kind": "global", "sortKey": [],
        "partitionKey": [{ "name": "it", "columnType": "N" }],
    });
    let built = json!({ "index": "byIt", "role": "partition", "value": { "kind": "built" } });
    let bare = json!({
        "index": "byIt", "role": "partition", "value": { "kind": "column", "columnType": "B" },
    });
    let by_it = gsi("byIt", &["it"], &[]);
    for (case, table, entities, expected) in [
        (
            "the index itself",
            shop(&[stated]),
            vec![entity("E", &[string("it")], &[])],
            "it N, pk S, sk S",
        ),
        (
            "the table's own key",
            shop(&[gsi("bySk", &["sk"], &["pk"])]),
            vec![entity("E", &[column("sk", "N")], &[])],
            "pk S, sk S",
        ),
        (
            "a column",
            shop(std::slice::from_ref(&by_it)),
            vec![entity("E", &[column("it", "N")], std::slice::from_ref(&built))],
            "it N, pk S, sk S",
        ),
        (
            "a strategy that builds text",
            shop(std::slice::from_ref(&by_it)),
            vec![entity("E", &[], std::slice::from_ref(&built))],
            "it S, pk S, sk S",
        ),
        (
            "a strategy that passes a column on",
            shop(&[by_it]),
            vec![entity("E", &[], &[bare])],
            "it B, pk S, sk S",
        ),
    ] {
        assert_eq!(outcome(&schema(&table, &entities)), expected, "{case}");
    }
}

#[test]
fn all_problems_are_reported_at_once_each_with_the_way_out() {
    let nineteen_more: Vec<Value> =
        (0..19).map(|n| gsi(&format!("more{n}"), &["pk"], &[])).collect();
    let mut indexes = vec![
        gsi("by status", &["status"], &[]),
        gsi("byTags", &["tags"], &[]),
        gsi("byScore", &["score"], &["score"]),
        gsi("byMany", &["a", "b", "c", "d", "e"], &[]),
        gsi("byNothing", &[], &["a"]),
        lsi("localTwo", &["a", "b"]),
        json!({ "name": "byWord", "kind": "local", "partitionKey": [], "sortKey": keys(&["a"]), "projection": "SOME" }),
        json!({ "name": "byNone", "kind": "local", "partitionKey": [], "sortKey": keys(&["a"]), "projection": [] }),
        json!({ "name": "byTwice", "kind": "local", "partitionKey": [], "sortKey": keys(&["a"]), "projection": ["x", "x"] }),
        lsi("byTwice", &["a"]),
        lsi("local6", &["a"]),
    ];
    indexes.extend(nineteen_more);
    let many: Vec<Value> = ["a", "b", "c", "d", "e"].map(string).to_vec();
    let user =
        entity("User", &[many.as_slice(), &[column("tags", "SS"), string("score")]].concat(), &[]);
    let game = entity("Game", &[column("score", "N")], &[]);
    insta::assert_snapshot!(outcome(&schema(&shop(&indexes), &[user, game])));
}

#[test]
fn table_keys_are_checked() {
    let nameless = json!({ "name": "T", "partitionKey": column("tags", "SS"), "sortKey": column("tags", "SS"), "indexes": [lsi("local", &["x"])], "sites": [] });
    let keyless = json!({ "name": "Keyless", "indexes": [], "sites": [] });
    let lonely = json!({ "name": "Lonely", "partitionKey": string("pk"), "indexes": [lsi("local", &["x"])], "sites": [] });
    let user = entity("User", &[string("x")], &[]);
    let mut other = user.clone();
    other["table"] = json!(2);
    let declaration =
        declaration(json!({ "tables": [nameless, keyless, lonely], "entities": [user, other] }));
    insta::assert_snapshot!(outcome(&declaration), @r#"
    The partition key "tags" of table "T" is a set of strings (SS), which cannot be a key
      help: a key is a string, a number or binary (S, N or B)
    The sort key "tags" of table "T" is a set of strings (SS), which cannot be a key
      help: a key is a string, a number or binary (S, N or B)
    "T" cannot be the name of a table
      help: a table name has 3 to 255 characters: letters, digits, "_", "-" and "."
    The key of table "T" uses attribute "tags" twice
      help: use another attribute for one of them: those of one key are all different
    Table "Keyless" has no partition key
      help: add one: pk: string("pk")
    Table "Lonely" has the local index "local" but no sort key
      help: give the table a sort key, or make the index global (gsi)
    "#);
}

#[test]
fn projection_limits_count_an_index_and_a_table() {
    let attributes: Vec<String> = (0..21).map(|n| format!("a{n}")).collect();
    let indexes: Vec<Value> = (0..6)
        .map(|n| {
            let take = if n == 0 { 21 } else { 20 };
            json!({ "name": format!("idx{n}"), "kind": "global", "partitionKey": keys(&["pk"]), "sortKey": [], "projection": attributes[..take] })
        })
        .collect();
    insta::assert_snapshot!(outcome(&schema(&shop(&indexes), &[])), @r#"
    Index "idx0" of table "Shop" projects 21 attributes
      help: DynamoDB allows 20 an index: project fewer, or "ALL"
    The indexes of table "Shop" project 121 attributes in all
      help: DynamoDB allows 100 a table: project fewer, or "ALL"
    "#);
}

#[test]
fn two_tables_of_one_name_show_both_places() {
    let site = |file: &str| json!([{ "file": file, "path": "shop" }]);
    let mut first = shop(&[]);
    first["sites"] = site("/a.ts");
    let mut second = shop(&[]);
    second["sites"] = site("/b.ts");
    let problems =
        resolve(&declaration(json!({ "tables": [first, second], "entities": [] }))).unwrap_err();
    let [problem] = problems.as_slice() else { panic!("{problems:?}") };
    assert_eq!(problem.message, "2 different tables are named \"Shop\"");
    assert_eq!(problem.subject.sites[0].file, "/a.ts");
    assert_eq!(problem.related[0].sites[0].file, "/b.ts");
}

#[test]
fn strategies_that_fill_nothing_are_warnings() {
    let built = |index: Value, role: &str| json!({ "index": index, "role": role, "value": { "kind": "built" } });
    let user = entity(
        "User",
        &[string("email")],
        &[
            built(json!("byEmial"), "partition"),
            built(json!("byEmail"), "sort"),
            built(json!("somethingElse"), "partition"),
            built(Value::Null, "sort"),
        ],
    );
    let table = json!({ "name": "Shop", "partitionKey": string("pk"), "indexes": [gsi("byEmail", &["email"], &[])], "sites": [] });
    let schema = resolve(&schema(&table, &[user])).unwrap();
    let warnings: Vec<String> = schema
        .warnings
        .iter()
        .map(|warning| format!("{warning}\n  help: {}", warning.help))
        .collect();
    insta::assert_snapshot!(warnings.join("\n"), @r#"
    Entity "User" fills index "byEmial", which table "Shop" does not have
      help: did you mean "byEmail"?
    Entity "User" fills a sort key of index "byEmail", which has none
      help: add it to the index of table Shop, or remove it from the entity
    Entity "User" fills index "somethingElse", which table "Shop" does not have
      help: add the index to table Shop, or remove it from the entity
    Entity "User" fills a sort key, which table "Shop" does not have
      help: add it to table Shop, or remove it from the entity
    "#);
}

#[test]
fn a_key_that_is_filled_with_another_type_is_a_warning() {
    let table = json!({
        "name": "Shop", "partitionKey": column("pk", "N"), "sites": [],
        "indexes": [gsi("byX", &["x"], &[]), gsi("byY", &["y"], &[])],
    });
    let built =
        |index: Value| json!({ "index": index, "role": "partition", "value": { "kind": "built" } });
    let column_of = |index: &str, column_type: &str| {
        json!({
            "index": index, "role": "partition", "value": { "kind": "column", "columnType": column_type },
        })
    };
    let user = entity(
        "User",
        &[column("x", "N"), string("y")],
        &[built(Value::Null), built(json!("byX")), column_of("byY", "S")],
    );
    let schema = resolve(&schema(&table, &[user])).unwrap();
    let warnings: Vec<String> = schema.warnings.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(warnings.join("\n"), @r#"
    Entity "User" fills key "pk" of table "Shop" with a string (S), but it is a number (N)
    Entity "User" fills key "x" of table "Shop" with a string (S), but it is a number (N)
    "#);
}

#[test]
fn an_lsi_takes_the_tables_partition_key_and_several_attributes_keep_their_order() {
    let table = shop(&[lsi("byDate", &["date"]), gsi("byBoth", &["b", "a"], &["d", "c"])]);
    let columns: Vec<Value> = ["a", "b", "c", "d", "date"].map(string).to_vec();
    let schema = resolve(&schema(&table, &[entity("E", &columns, &[])])).unwrap();
    insta::assert_json_snapshot!(schema.tables[0]);
}

#[test]
fn definitions_are_sorted_whatever_the_order_of_the_declaration() {
    let table = shop(&[gsi("bbb", &["pk"], &[]), gsi("aaa", &["sk"], &[])]);
    let mut other = shop(&[gsi("aaa", &["sk"], &[]), gsi("bbb", &["pk"], &[])]);
    let schema = resolve(&declaration(json!({ "tables": [table], "entities": [] }))).unwrap();
    let swapped =
        resolve(&declaration(json!({ "tables": [other.take()], "entities": [] }))).unwrap();
    assert_eq!(schema, swapped);
}

#[test]
fn a_name_that_contains_a_missing_value_is_refused() {
    for (name, part) in [
        ("app-undefined", Some("undefined")),
        ("undefined-orders", Some("undefined")),
        ("app_undefined", Some("undefined")),
        ("x.null", Some("null")),
        ("NaN", Some("NaN")),
        ("[object Object]-orders", Some("[object")),
        ("nullable-things", None),
        ("annulled", None),
        ("undefined2", None),
        ("NullOrders", None),
        ("nan-bread", None),
        ("object-store", None),
    ] {
        let mut table = shop(&[]);
        table["name"] = json!(name);
        let text = outcome(&schema(&table, &[]));
        match part {
            None => assert_eq!(text, "pk S, sk S", "{name}"),
            Some(part) => {
                let said = format!("The table name {name:?} contains {part:?}\n  help: ");
                assert!(text.starts_with(&said), "{name}: {text}");
                assert_eq!(text.lines().count(), 2, "nothing else is said: {text}");
            }
        }
    }
    let index = schema(&shop(&[gsi("by-undefined", &["pk"], &[])]), &[]);
    let said = "The index name \"by-undefined\" of table \"Shop\" contains \"undefined\"\n";
    assert!(outcome(&index).starts_with(said), "{}", outcome(&index));
}

#[test]
fn a_table_that_is_not_exported_is_kept_apart() {
    let made = json!({ "file": "/schema.ts", "start": 3, "end": 9 });
    let declaration = declaration(json!({
        "tables": [shop(&[])], "entities": [], "unexported": [{ "name": "Beta", "made": made }],
    }));
    let schema = resolve(&declaration).unwrap();
    assert_eq!(schema.tables.len(), 1);
    let problem = schema.unexported("Beta").unwrap();
    assert_eq!(problem.subject.made.as_ref().unwrap().start, 3);
    assert!(schema.unexported("Shop").is_none() && schema.warnings.is_empty());
}
