//! Tables as a module of the schema.
//!
//! Every index states the types of its keys itself (`.gsi("byEmail", { pk: string("email") })`): no
//! entity has to say them, and whatever entities are added or removed later, the tables stay the same.

use super::infer::{Column, KeyPart, KeyValue, ProposedEntity};
use crate::{
    model::{KeySchemaElement, KeyType, Projection, ProjectionType, ScalarType, TableDefinition},
    text,
    typescript::{Doc, WIDTH, comment, enclosed, is_identifier, key, on_one_line, render, string},
};
use heck::ToKebabCase;
use pretty::{DocAllocator, RcAllocator};
use std::collections::BTreeSet;

/// A table on its way into a module.
#[derive(Debug, Clone, PartialEq)]
pub struct PulledTable {
    /// The table; of its settings, none counts here.
    pub definition: TableDefinition,
    /// The constant that it becomes.
    pub identifier: String,
    /// What it seems to hold, each with the constant that it becomes.
    pub entities: Vec<(String, ProposedEntity)>,
    /// How many items that was made of; `None` when none was asked for.
    pub sampled: Option<usize>,
}

/// A module with these tables; `from` is where the functions of a schema are imported from.
pub fn module(tables: &[PulledTable], from: &str) -> String {
    let mut writer = Writer::default();
    let tables: Vec<String> = tables.iter().map(|table| writer.table(table)).collect();
    let names = writer.used.iter().map(|name| RcAllocator.text((*name).to_owned()));
    let names: Vec<Doc<'_>> = names.collect();
    let import = RcAllocator
        .text("import ")
        .append(enclosed("{", names.into_iter(), "}", RcAllocator.line()))
        .append(RcAllocator.text(format!(" from {};", string(from))));
    format!("{}\n\n{}", render(&import, WIDTH), tables.join("\n"))
}

/// A module that passes on what other modules export.
pub fn index(modules: &[String]) -> String {
    modules.iter().map(|module| format!("export * from {};\n", string(module))).collect()
}

/// What the file of one table is called, without its extension.
pub fn file_stem(identifier: &str) -> String {
    identifier.to_kebab_case()
}

#[derive(Default)]
struct Writer {
    /// The functions that are called.
    used: BTreeSet<&'static str>,
}

impl Writer {
    fn call(&mut self, function: &'static str) -> &'static str {
        self.used.insert(function);
        function
    }

    fn table(&mut self, pulled: &PulledTable) -> String {
        let PulledTable { definition, identifier, entities, sampled } = pulled;
        let role = |key_type| definition.key_schema.iter().find(|one| one.key_type == key_type);
        let pk = role(KeyType::Hash).map(|one| ("pk", one));
        let sk = role(KeyType::Range).map(|one| ("sk", one));
        let keys = pk.into_iter().chain(sk).map(|(name, element)| {
            RcAllocator.text(format!("{name}: {}", self.key_column(definition, element)))
        });
        let keys: Vec<Doc<'_>> = keys.collect();
        let maker = self.call("dynamoTable");
        let mut doc = RcAllocator
            .text(format!(
                "export const {identifier} = {maker}({}, ",
                string(&definition.table_name)
            ))
            .append(enclosed("{", keys.into_iter(), "}", RcAllocator.line()))
            .append(RcAllocator.text(")"));
        let mut indexes = RcAllocator.nil();
        for index in &definition.global_secondary_indexes {
            let of = |key_type| {
                let elements = index.key_schema.iter();
                elements.filter(|one| one.key_type == key_type).collect::<Vec<_>>()
            };
            let mut fields = vec![self.index_key("pk", definition, &of(KeyType::Hash))];
            if let range @ [_, ..] = of(KeyType::Range).as_slice() {
                fields.push(self.index_key("sk", definition, range));
            }
            fields.extend(projection(&index.projection));
            indexes = indexes.append(chained("gsi", &index.index_name, fields));
        }
        for index in &definition.local_secondary_indexes {
            let range = index.key_schema.iter().filter(|one| one.key_type == KeyType::Range);
            let range: Vec<&KeySchemaElement> = range.collect();
            let mut fields = vec![self.index_key("sk", definition, &range)];
            fields.extend(projection(&index.projection));
            indexes = indexes.append(chained("lsi", &index.index_name, fields));
        }
        doc = doc.append(indexes.nest(2)).append(RcAllocator.text(";"));
        let mut text = render(&doc, WIDTH);
        text.push('\n');
        if let Some(count) = sampled.filter(|_| !entities.is_empty()) {
            text.push('\n');
            text.push_str(&proposal(&definition.table_name, count));
        }
        for (position, (constant, entity)) in entities.iter().enumerate() {
            if position > 0 {
                text.push('\n');
            }
            text.push_str(&self.entity(identifier, constant, entity));
        }
        text
    }

    fn key_column(&mut self, table: &TableDefinition, element: &KeySchemaElement) -> String {
        let name = &element.attribute_name;
        let function = match table.attribute_type(name) {
            Some(ScalarType::N) => "number",
            Some(ScalarType::B) => "binary",
            Some(ScalarType::S) | None => "string",
        };
        format!("{}({})", self.call(function), string(name))
    }

    fn index_key<'a>(
        &mut self,
        name: &str,
        table: &TableDefinition,
        elements: &[&KeySchemaElement],
    ) -> Doc<'a> {
        let columns: Vec<String> =
            elements.iter().map(|element| self.key_column(table, element)).collect();
        let value = match columns.as_slice() {
            [one] => RcAllocator.text(one.clone()),
            many => {
                let many: Vec<Doc<'_>> =
                    many.iter().map(|one| RcAllocator.text(one.clone())).collect();
                enclosed("[", many.into_iter(), "]", RcAllocator.line_())
            }
        };
        RcAllocator.text(format!("{name}: ")).append(value)
    }

    fn entity(&mut self, table: &str, constant: &str, entity: &ProposedEntity) -> String {
        let maker = self.call("dynamoEntity");
        let mut text = format!(
            "export const {constant} = {maker}(\n  {table},\n  {},\n  {{\n",
            string(&entity.name)
        );
        for Column { name, kind, is_stored } in &entity.columns {
            let function = self.call(kind.function());
            let note = if *is_stored { "" } else { " // so far in the key alone" };
            text.push_str(&format!("    {}: {function}(),{note}\n", key(name)));
        }
        for (name, why) in &entity.left_out {
            text.push_str(&format!("    // {}: {why}\n", on_one_line(&key(name))));
        }
        text.push_str("  },\n");
        let keys = self.strategies(entity);
        if !keys.is_empty() {
            let body = enclosed("({", keys.into_iter(), "})", RcAllocator.line());
            let doc = RcAllocator.text("  (c) => ").append(body.nest(2));
            let doc = doc.append(RcAllocator.text(","));
            text.push_str(&render(&doc, WIDTH));
            text.push('\n');
        }
        text.push_str(");\n");
        text
    }

    fn strategies<'a>(&mut self, entity: &ProposedEntity) -> Vec<Doc<'a>> {
        let mut docs = Vec::new();
        for (index, pk, sk) in &entity.keys {
            let parts = [("pk", pk), ("sk", sk)];
            let parts = parts.into_iter().filter_map(|(name, value)| {
                let value = self.key_value(value.as_ref()?);
                Some(RcAllocator.text(format!("{name}: ")).append(value))
            });
            let parts: Vec<Doc<'_>> = parts.collect();
            let Some(index) = index else {
                docs.extend(parts);
                continue;
            };
            let name = RcAllocator.text(format!("{}: ", key(index)));
            docs.push(name.append(enclosed("{", parts.into_iter(), "}", RcAllocator.line())));
        }
        docs
    }

    fn key_value<'a>(&mut self, value: &KeyValue) -> Doc<'a> {
        let part = |part: &KeyPart| match part {
            KeyPart::Text(text) => string(text),
            KeyPart::Column(name) => column(name),
        };
        match value.parts.as_slice() {
            [KeyPart::Column(name)] => RcAllocator.text(column(name)),
            [KeyPart::Text(text)] => {
                RcAllocator.text(format!("{}({})", self.call("staticKey"), string(text)))
            }
            [KeyPart::Text(text), KeyPart::Column(name)] => {
                let prefix = string(&format!("{text}{}", value.separator));
                let function = self.call("prefixKey");
                RcAllocator.text(format!("{function}({prefix}, {})", column(name)))
            }
            parts => {
                let arguments = std::iter::once(string(&value.separator.to_string()));
                let arguments = arguments.chain(parts.iter().map(part));
                let arguments: Vec<Doc<'_>> =
                    arguments.map(|argument| RcAllocator.text(argument)).collect();
                RcAllocator.text(self.call("compositeKey")).append(enclosed(
                    "(",
                    arguments.into_iter(),
                    ")",
                    RcAllocator.line_(),
                ))
            }
        }
    }
}

/// A column of the entity, as its strategies name it.
fn column(name: &str) -> String {
    if is_identifier(name) { format!("c.{name}") } else { format!("c[{}]", string(name)) }
}

/// `.gsi("byEmail", { … })` on a line of its own.
fn chained<'a>(method: &str, name: &str, fields: Vec<Doc<'a>>) -> Doc<'a> {
    RcAllocator
        .hardline()
        .append(RcAllocator.text(format!(".{method}({}, ", string(name))))
        .append(enclosed("{", fields.into_iter(), "}", RcAllocator.line()))
        .append(RcAllocator.text(")"))
}

/// The option of the projection; `ALL` is what an index has without it.
fn projection<'a>(projection: &Projection) -> Option<Doc<'a>> {
    let value = match projection.projection_type {
        ProjectionType::All => return None,
        ProjectionType::KeysOnly => RcAllocator.text("\"KEYS_ONLY\""),
        ProjectionType::Include => {
            let names = projection.non_key_attributes.iter();
            let names: Vec<Doc<'_>> = names.map(|name| RcAllocator.text(string(name))).collect();
            enclosed("[", names.into_iter(), "]", RcAllocator.line_())
        }
    };
    Some(RcAllocator.text("projection: ").append(value))
}

/// What is said above entities.
fn proposal(table: &str, count: usize) -> String {
    let items = text::count(count, "item", "items");
    comment(&format!(
        "PROPOSAL, look through it: what {table} seems to hold, judging by {items}. Names, columns and the make-up of keys are guesses, and what was in none of the items is missing. The table does not depend on it: change it or remove it as you like."
    ))
}
