//! Prints loops that copy the items of one table to another, by which a script renames a table.

use super::call::{call, object};
use crate::{
    diff::{Diff, Key},
    model::{ScalarType, TableDefinition},
    plan::Origins,
    text,
    typescript::{
        Doc, WIDTH, enclosed, indented_comment, is_identifier, key, literal, property, render,
    },
};
use pretty::{DocAllocator, RcAllocator};
use serde_json::{Map, Value, json};

/// A table whose items are copied to another one before it is deleted.
#[derive(Debug, Clone, Copy)]
pub struct ItemCopy<'a> {
    /// The table that is deleted.
    pub from: &'a TableDefinition,
    /// The table that is created.
    pub to: &'a TableDefinition,
}

/// Returns the copies of a diff: one for each created table that is a renamed one.
pub fn copies<'a>(diff: &'a Diff, origins: &Origins) -> Vec<ItemCopy<'a>> {
    let copy = |to: &'a TableDefinition| {
        let origin = origins.get(&to.table_name)?.as_deref()?;
        let from = diff.deleted().find(|table| table.table_name == origin)?;
        Some(ItemCopy { from, to })
    };
    diff.created().filter_map(copy).collect()
}

/// Names that a script cannot give to a variable: reserved words of the language, and names that
/// the script itself uses.
const TAKEN: [&str; 54] = [
    "arguments",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "db",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "key1",
    "key2",
    "let",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "rest",
    "return",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "undefined",
    "up",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

/// A key attribute and the variable that holds its value.
struct Attribute<'a> {
    name: &'a str,
    variable: String,
}

impl Attribute<'_> {
    /// Prints the attribute as a property of an object literal or a pattern.
    fn property(&self) -> String {
        match self.name == self.variable {
            true => self.variable.clone(),
            false => format!("{}: {}", key(self.name), self.variable),
        }
    }
}

impl<'a> ItemCopy<'a> {
    /// Prints the statement with a comment above it. Items are copied unchanged to a table with the
    /// same key. Otherwise the user must complete the statement: until then it either writes every
    /// item under a unique key, or fails before anything is lost.
    pub(super) fn statement(self) -> String {
        let missing = lacking(self.to, self.from);
        let lost = lacking(self.from, self.to);
        if missing.is_empty() && lost.is_empty() {
            return self.plain();
        }
        self.with_another_key(&missing, !lost.is_empty())
    }

    /// True if the items can be copied unchanged.
    pub fn is_complete(self) -> bool {
        lacking(self.to, self.from).is_empty()
    }

    fn plain(self) -> String {
        let Self { from, to } = self;
        let comment = format!(
            "Copies the items of {}. A run that was interrupted begins again and writes them once more.",
            from.table_name
        );
        let request = enclosed(
            "{",
            [property("TableName", &json!(to.table_name)), RcAllocator.text("Item: item")]
                .into_iter(),
            "}",
            RcAllocator.line(),
        );
        indented_comment(&comment, "  ") + &self.for_each("item", request)
    }

    fn with_another_key(self, missing: &[(&str, Option<ScalarType>)], may_collide: bool) -> String {
        let Self { from, to } = self;
        let (old, new) = (&from.table_name, &to.table_name);
        let mut comment = format!(
            "Copies the items of {old}, whose key is ({}), to {new}, whose key is ({}).",
            Key::of(from, &from.key_schema),
            Key::of(to, &to.key_schema),
        );
        if !missing.is_empty() {
            let missing: Vec<String> = missing
                .iter()
                .map(|(name, kind)| match kind {
                    Some(kind) => format!("{name} {kind}"),
                    None => (*name).to_owned(),
                })
                .collect();
            comment += &format!(
                " Set {} in Item: DynamoDB refuses an item that lacks a part of its key, and the script then stops before {old} is deleted.",
                text::list(&missing)
            );
        }
        let attributes = attributes(from);
        if may_collide {
            let names: Vec<&str> = attributes.iter().map(|attribute| attribute.name).collect();
            comment += &format!(
                " The condition stops the script where two items get the same new key. Keep {} in Item: a run that was interrupted begins again, and this is how it recognises the items that it has copied.",
                text::list(&names)
            );
        }
        let pattern: Vec<String> = attributes.iter().map(Attribute::property).collect();
        let pattern = format!("{{ {}, ...rest }}", pattern.join(", "));
        let item = attributes.iter().map(|attribute| RcAllocator.text(attribute.property()));
        let item: Vec<Doc<'_>> = item.chain([RcAllocator.text("...rest")]).collect();
        let item = enclosed("{", item.into_iter(), "}", RcAllocator.line());
        let mut request =
            vec![property("TableName", &json!(new)), RcAllocator.text("Item: ").append(item)];
        if may_collide {
            request.extend(condition(&attributes, to));
        }
        indented_comment(&comment, "  ") + &self.for_each(&pattern, object(request))
    }

    /// Prints the loop over all items, which writes each with this request.
    fn for_each(self, pattern: &str, request: Doc<'_>) -> String {
        let table = literal(&json!({ "TableName": self.from.table_name }));
        let header = RcAllocator
            .text(format!("for await (const {pattern} of db.scanItems("))
            .append(table)
            .append(RcAllocator.text(")) {"));
        let write = RcAllocator.hardline().append(call("put", request)).nest(2);
        let doc = header.append(write).append(RcAllocator.hardline()).append(RcAllocator.text("}"));
        let mut text = render(&RcAllocator.text("  ").append(doc.nest(2)), WIDTH);
        text.push('\n');
        text
    }
}

/// Returns the key attributes of a table that are not keys of another, or have another type there.
fn lacking<'a>(
    table: &'a TableDefinition,
    other: &TableDefinition,
) -> Vec<(&'a str, Option<ScalarType>)> {
    let is_key = |name: &str| other.key_schema.iter().any(|element| element.attribute_name == name);
    let attributes = table.key_schema.iter().map(|element| {
        let name = element.attribute_name.as_str();
        (name, table.attribute_type(name))
    });
    attributes.filter(|(name, kind)| !is_key(name) || other.attribute_type(name) != *kind).collect()
}

fn attributes(table: &TableDefinition) -> Vec<Attribute<'_>> {
    let attributes = table.key_schema.iter().enumerate().map(|(position, element)| {
        let name = element.attribute_name.as_str();
        let is_variable = is_identifier(name) && !name.starts_with('_') && !TAKEN.contains(&name);
        let variable = if is_variable { name.to_owned() } else { format!("key{}", position + 1) };
        Attribute { name, variable }
    });
    attributes.collect()
}

/// Returns the condition that keeps an item from replacing another one: its key must be unused, or
/// hold the same item from an earlier run.
fn condition<'a>(attributes: &[Attribute<'_>], to: &TableDefinition) -> Vec<Doc<'a>> {
    let partition = to.key_schema.first().map(|element| element.attribute_name.as_str());
    let mut names = Map::from_iter([("#new".to_owned(), json!(partition))]);
    let (mut same, mut values) = (Vec::new(), Vec::new());
    for (position, Attribute { name, variable }) in attributes.iter().enumerate() {
        let number = position + 1;
        names.insert(format!("#old{number}"), json!(name));
        same.push(format!("#old{number} = :old{number}"));
        values.push(RcAllocator.text(format!("\":old{number}\": {variable}")));
    }
    let condition = format!("attribute_not_exists(#new) OR ({})", same.join(" AND "));
    let values = enclosed("{", values.into_iter(), "}", RcAllocator.line());
    vec![
        // Prettier puts a value that does not fit on its own line.
        RcAllocator
            .text("ConditionExpression:")
            .append(RcAllocator.line().append(literal(&json!(condition))).nest(2))
            .group(),
        property("ExpressionAttributeNames", &Value::Object(names)),
        RcAllocator.text("ExpressionAttributeValues: ").append(values),
    ]
}
