//! TypeScript from a JSON schema.

use serde_json::{Map, Value};

/// The maximum line length.
const WIDTH: usize = 100;

/// The fields for billing, which the template contains itself.
const PAYMENT: [&str; 5] =
    ["billingMode", "readCapacity", "writeCapacity", "capacity", "onDemandMaximum"];

/// A writer of TypeScript types for the definitions of a JSON schema.
pub(super) struct Writer<'a> {
    definitions: &'a Map<String, Value>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(schema: &'a Value) -> Self {
        Self { definitions: schema["definitions"].as_object().unwrap() }
    }

    fn find(&self, name: &str) -> &'a Value {
        self.definitions.get(name).unwrap_or_else(|| panic!("there is no definition {name}"))
    }

    /// Returns a definition as a named type.
    pub(super) fn definition(&self, name: &str) -> String {
        let schema = self.find(name);
        if schema.get("properties").is_some() {
            return self.interface(name, schema, |_| true);
        }
        let comment = comment(description(schema), 0);
        let forms = self.forms(schema);
        let line = format!("export type {name} = {};\n", forms.join(" | "));
        if line.trim_end().len() <= WIDTH {
            return comment + &line;
        }
        let forms: Vec<String> = forms.iter().map(|form| format!("\n  | {form}")).collect();
        format!("{comment}export type {name} ={};\n", forms.concat())
    }

    /// Returns an object as an interface with the fields for which `is_shown` is true.
    pub(super) fn interface(
        &self,
        name: &str,
        schema: &Value,
        is_shown: impl Fn(&str) -> bool,
    ) -> String {
        let comment = comment(description(schema), 0);
        let fields = self.fields(schema, is_shown, 1);
        format!("{comment}export interface {name} {{\n{fields}}}\n")
    }

    /// Fills in the placeholders of a text: `${Type.field}` is the comment of a field, `${Type}`
    /// that of a type, `${Type{}}` its fields except those of [`PAYMENT`].
    pub(super) fn filled(&self, text: &str) -> String {
        let mut filled = String::new();
        for line in text.lines() {
            let indent = (line.len() - line.trim_start().len()) / 2;
            let Some((_, rest)) = line.split_once("${") else {
                filled.push_str(&format!("{line}\n"));
                continue;
            };
            if let Some((name, _)) = rest.split_once("{}}") {
                let is_shown = |field: &str| !PAYMENT.contains(&field);
                filled.push_str(&self.fields(self.find(name), is_shown, indent));
                continue;
            }
            let path = rest.split_once('}').unwrap().0;
            let described = match path.split_once('.') {
                Some((name, field)) => self.described(&self.find(name)["properties"][field]),
                None => description(self.find(path)),
            };
            filled.push_str(&comment(described, indent));
        }
        filled
    }

    /// Panics if a named type is missing from `types`.
    pub(super) fn check_all_written(&self, types: &str) {
        for (name, schema) in self.definitions {
            let is_written = [" ", "<"].iter().any(|end| types.contains(&format!(" {name}{end}")));
            let is_environments = name == "EnvironmentIndexSettings";
            assert!(is_written || is_environments || !is_named(schema), "{name} is missing");
        }
    }

    fn fields(&self, schema: &Value, is_shown: impl Fn(&str) -> bool, indent: usize) -> String {
        let properties = schema["properties"].as_object().unwrap();
        let fields = properties.iter().filter(|(name, _)| is_shown(name));
        let fields = fields.map(|(name, field)| {
            let comment = comment(self.described(field), indent);
            format!("{comment}{}{};\n", "  ".repeat(indent), self.field(schema, name, field))
        });
        fields.collect()
    }

    /// Returns a field with its type. An optional field may also be `undefined`.
    fn field(&self, schema: &Value, name: &str, field: &Value) -> String {
        match self.kind(field).as_str() {
            kind if is_required(schema, name) => format!("{name}: {kind}"),
            "unknown" => format!("{name}?: unknown"),
            kind => format!("{name}?: {kind} | undefined"),
        }
    }

    fn kind(&self, schema: &Value) -> String {
        self.forms(schema).join(" | ")
    }

    /// Returns the alternative types of a value.
    fn forms(&self, schema: &Value) -> Vec<String> {
        if let Some(name) = reference(schema) {
            let target = self.find(name);
            return if is_named(target) { vec![name.to_owned()] } else { self.forms(target) };
        }
        if let Some(forms) = ["anyOf", "oneOf"].iter().find_map(|key| schema[key].as_array()) {
            return forms.iter().flat_map(|form| self.forms(form)).collect();
        }
        if let Some(value) = schema.get("const") {
            return vec![value.to_string()];
        }
        if let Some(values) = schema["enum"].as_array() {
            return values.iter().map(Value::to_string).collect();
        }
        vec![match schema["type"].as_str() {
            Some("string") => "string".to_owned(),
            Some("boolean") => "boolean".to_owned(),
            Some("integer" | "number") => "number".to_owned(),
            Some("array") => match self.forms(&schema["items"]).as_slice() {
                [one] => format!("{one}[]"),
                several => format!("({})[]", several.join(" | ")),
            },
            Some("object") => self.object(schema),
            Some(other) => panic!("there is no type for {other}"),
            None => "unknown".to_owned(),
        }]
    }

    fn object(&self, schema: &Value) -> String {
        if let Some(properties) = schema["properties"].as_object() {
            let fields = properties.iter().map(|(name, field)| self.field(schema, name, field));
            return format!("{{ {} }}", fields.collect::<Vec<_>>().join("; "));
        }
        match schema.get("additionalProperties") {
            Some(entry @ Value::Object(_)) => {
                format!("Record<string, {} | undefined>", self.kind(entry))
            }
            Some(_) | None => "object".to_owned(),
        }
    }

    /// Returns the description of a field: its own, or that of its type.
    fn described(&self, field: &'a Value) -> &'a str {
        match (field["description"].as_str(), reference(field)) {
            (Some(text), _) => text,
            (None, Some(name)) => description(self.find(name)),
            (None, None) => panic!("nothing is said of {field}"),
        }
    }
}

/// Returns the name of the definition that a schema refers to.
fn reference(schema: &Value) -> Option<&str> {
    let schema = schema["allOf"].as_array().map_or(schema, |parts| &parts[0]);
    schema["$ref"].as_str()?.strip_prefix("#/definitions/")
}

/// True if a definition is a type of its own, and not just a string or a number.
fn is_named(schema: &Value) -> bool {
    schema.get("properties").is_some() || schema.get("anyOf").is_some()
}

fn is_required(schema: &Value, name: &str) -> bool {
    schema["required"].as_array().is_some_and(|names| names.iter().any(|other| other == name))
}

fn description(schema: &Value) -> &str {
    schema["description"].as_str().unwrap_or_else(|| panic!("nothing is said of {schema}"))
}

/// Returns a doc comment.
fn comment(text: &str, indent: usize) -> String {
    let indent = "  ".repeat(indent);
    let line = format!("{indent}/** {text} */\n");
    if !text.contains('\n') && line.trim_end().len() <= WIDTH {
        return line;
    }
    let width = WIDTH - indent.len() - " * ".len();
    let lines = text.split('\n').flat_map(|paragraph| match paragraph {
        "" => vec![String::new()],
        _ => textwrap::wrap(paragraph, width).into_iter().map(Into::into).collect(),
    });
    let lines: String =
        lines.map(|line| format!("{}\n", format!("{indent} * {line}").trim_end())).collect();
    format!("{indent}/**\n{lines}{indent} */\n")
}
