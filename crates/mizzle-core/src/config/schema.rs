//! The JSON schema of a config.

use super::shape::Config;
use schemars::{Schema, generate::SchemaSettings, transform::RecursiveTransform};
use serde_json::{Map, Value};

/// Returns the JSON schema of a config, as published in the npm package.
pub fn json_schema() -> Value {
    let settings = SchemaSettings::draft07()
        .with(|settings| settings.transforms.insert(0, Box::new(RecursiveTransform(tidy))));
    let mut schema = settings.into_generator().into_root_schema_for::<Config>();
    if let Some(object) = schema.as_object_mut() {
        lead(object, &["$schema", "$id", "title", "description"]);
    }
    schema.to_value()
}

/// Removes traces of Rust: `null` for a field that is absent, the sizes of numbers, and the line
/// breaks of comments.
fn tidy(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    object.shift_remove("format");
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if types.len() == 1 {
            object["type"] = types.remove(0);
        }
    }
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.retain(|value| !value.is_null());
        if values.len() == 1 {
            let value = values.remove(0);
            object.shift_remove("enum");
            object.shift_remove("type");
            object.insert("const".to_owned(), value);
        }
    }
    if let Some(Value::Array(forms)) = object.get_mut("anyOf") {
        let is_null = |form: &Value| form.get("type").is_some_and(|name| name == "null");
        forms.retain(|form| !is_null(form));
        if let [_] = forms.as_slice()
            && let Value::Object(only) = forms.remove(0)
        {
            object.shift_remove("anyOf");
            merge(object, only);
        }
    }
    if let Some(Value::String(description)) = object.get_mut("description") {
        let paragraphs: Vec<String> =
            description.split("\n\n").map(|paragraph| paragraph.replace('\n', " ")).collect();
        *description = paragraphs.join("\n\n");
    }
    lead(object, &["description"]);
}

/// Moves fields to the beginning.
fn lead(object: &mut Map<String, Value>, names: &[&str]) {
    let mut ordered: Map<String, Value> = Map::new();
    for name in names {
        ordered.extend(object.shift_remove(*name).map(|value| ((*name).to_owned(), value)));
    }
    ordered.append(object);
    *object = ordered;
}

/// Adds the fields of the only form that a schema has. The schema's own description wins.
fn merge(object: &mut Map<String, Value>, only: Map<String, Value>) {
    for (key, value) in only {
        object.entry(key).or_insert(value);
    }
}
