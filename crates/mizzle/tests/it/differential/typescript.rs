//! The model as a schema and a config.

use super::model::{Attribute, Projection, Table, Tables};
use serde_json::{Map, Value, json};
use std::fmt::Write;

pub(super) const CONFIG: &str = r#"import { readFileSync } from "node:fs";

export default {
  schema: "./schema.ts",
  out: "./migrations",
  endpoint: "local",
  maxAttempts: 1,
  tables: JSON.parse(readFileSync("./settings.json", "utf8")),
};
"#;

pub(super) fn schema(tables: &Tables) -> String {
    let mut text = "import { binary, dynamoTable, number, string } from \"mizzle\";\n".to_owned();
    for (position, (name, table)) in tables.0.iter().enumerate() {
        writeln!(text, "\nexport const table{position} = {}", declaration(name, table)).unwrap();
    }
    text
}

fn declaration(name: &str, table: &Table) -> String {
    let sort = table.sort.map(|sort| format!(", sk: {}", attribute(sort)));
    let mut text = format!(
        "dynamoTable({}, {{ pk: {}{} }})",
        quoted(name),
        attribute(table.partition),
        sort.unwrap_or_default()
    );
    for (name, index) in &table.globals {
        let mut parts = vec![format!("pk: {}", attributes(&index.partition))];
        if !index.sort.is_empty() {
            parts.push(format!("sk: {}", attributes(&index.sort)));
        }
        parts.push(format!("projection: {}", projection(&index.projection)));
        write!(text, "\n  .gsi({}, {{ {} }})", quoted(name), parts.join(", ")).unwrap();
    }
    for (name, index) in &table.locals {
        let (sort, projection) = (attribute(index.sort), projection(&index.projection));
        write!(text, "\n  .lsi({}, {{ sk: {sort}, projection: {projection} }})", quoted(name))
            .unwrap();
    }
    text + ";"
}

fn attributes(attributes: &[Attribute]) -> String {
    match attributes {
        [one] => attribute(*one),
        several => {
            let several: Vec<String> = several.iter().map(|one| attribute(*one)).collect();
            format!("[{}]", several.join(", "))
        }
    }
}

fn attribute(attribute: Attribute) -> String {
    let function = match attribute.kind() {
        "S" => "string",
        "N" => "number",
        _ => "binary",
    };
    format!("{function}({})", quoted(attribute.name()))
}

fn projection(projection: &Projection) -> Value {
    match projection {
        Projection::All => json!("ALL"),
        Projection::KeysOnly => json!("KEYS_ONLY"),
        Projection::Include(attributes) => json!(attributes),
    }
}

fn quoted(text: &str) -> Value {
    json!(text)
}

/// Returns every setting of every table: omitted ones would be left unchanged.
pub(super) fn settings(tables: &Tables) -> Value {
    tables.0.iter().map(|(name, table)| ((*name).to_owned(), of_table(table))).collect()
}

fn of_table(table: &Table) -> Value {
    let mut settings = Map::from_iter([
        ("stream".to_owned(), table.stream.map_or(json!(false), |view| json!(view))),
        ("timeToLive".to_owned(), table.time_to_live.map_or(json!(false), |name| json!(name))),
    ]);
    let capacity =
        |(read, write): (usize, usize)| json!({ "readCapacity": read, "writeCapacity": write });
    match table.capacity {
        None => {
            settings.insert("billingMode".to_owned(), json!("PAY_PER_REQUEST"));
        }
        Some(own) => {
            settings.extend(capacity(own).as_object().unwrap().clone());
            let globals = table.globals.iter();
            let indexes: Map<String, Value> = globals
                .map(|(name, index)| ((*name).to_owned(), capacity(index.capacity)))
                .collect();
            if !indexes.is_empty() {
                settings.insert("indexes".to_owned(), Value::Object(indexes));
            }
        }
    }
    Value::Object(settings)
}
