//! Prints tables as a schema module, in one of two [forms](Form).

use super::infer::{Column, ColumnKind, KeyPart, KeyValue, ProposedEntity};
use crate::{
    model::{KeySchemaElement, KeyType, Projection, ProjectionType, ScalarType, TableDefinition},
    text,
    typescript::{Doc, WIDTH, comment, enclosed, is_identifier, key, render, string},
};
use heck::{ToKebabCase, ToUpperCamelCase};
use pretty::{DocAllocator, RcAllocator};
use std::collections::BTreeSet;

/// A table to be written to a module.
#[derive(Debug, Clone, PartialEq)]
pub struct PulledTable {
    /// The table; its settings are ignored.
    pub definition: TableDefinition,
    /// The name of its constant.
    pub identifier: String,
    /// The inferred entities, each with the name of its constant.
    pub entities: Vec<(String, ProposedEntity)>,
    /// The number of sampled items; `None` if no items were requested.
    pub sampled: Option<usize>,
    /// In the ORM's form: the entity that declares the types of the keys, with the name of its
    /// constant.
    pub keys: Option<(String, ProposedEntity)>,
}

/// Returns an entity that declares the types of the keys of a table and its indexes; `None` if the
/// table itself declares all of them.
pub fn keys(table: &TableDefinition) -> Option<ProposedEntity> {
    let own = |name: &str| table.key_schema.iter().any(|element| element.attribute_name == name);
    let mut columns: Vec<Column> = table
        .attribute_definitions
        .iter()
        .map(|attribute| Column {
            name: attribute.attribute_name.clone(),
            kind: match attribute.attribute_type {
                ScalarType::S => ColumnKind::String,
                ScalarType::N => ColumnKind::Number,
                ScalarType::B => ColumnKind::Binary,
            },
            is_stored: true,
        })
        .collect();
    columns.sort_by_key(|column| !own(&column.name));
    let value = |key_type| {
        let element = table.key_schema.iter().find(|one| one.key_type == key_type)?;
        let parts = vec![KeyPart::Column(element.attribute_name.clone())];
        Some(KeyValue { separator: '#', parts })
    };
    let name = format!("{}Item", table.table_name.to_upper_camel_case());
    let keys = vec![(None, value(KeyType::Hash), value(KeyType::Range))];
    let is_needed = columns.iter().any(|column| !own(&column.name));
    is_needed.then_some(ProposedEntity { name, columns, left_out: Vec::new(), keys })
}

/// The form in which indexes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The functions of mizzle: every index declares the types of its keys
    /// (`.gsi("byEmail", { pk: string("email") })`) and its projection. The tables do not depend on
    /// entities, which may be added or removed later.
    Stated,
    /// The functions of the ORM, in which an index has only attributes. An entity declares their
    /// types, and [projections](crate::pull::projections) belong to the config.
    Orm,
}

/// Prints a module with these tables; `from` is the module of the schema functions.
pub fn module(tables: &[PulledTable], from: &str, form: Form) -> String {
    let mut writer = Writer { used: BTreeSet::new(), form };
    let tables: Vec<String> = tables.iter().map(|table| writer.table(table)).collect();
    let names = writer.used.iter().map(|name| RcAllocator.text((*name).to_owned()));
    let names: Vec<Doc<'_>> = names.collect();
    let import = RcAllocator
        .text("import ")
        .append(enclosed("{", names.into_iter(), "}", RcAllocator.line()))
        .append(RcAllocator.text(format!(" from {};", string(from))));
    format!("{}\n\n{}", render(&import, WIDTH), tables.join("\n"))
}

/// Prints a module that re-exports other modules.
pub fn index(modules: &[String]) -> String {
    modules.iter().map(|module| format!("export * from {};\n", string(module))).collect()
}

/// Returns the name of a table's file, without its extension.
pub fn file_stem(identifier: &str) -> String {
    identifier.to_kebab_case()
}

struct Writer {
    /// The functions that are called.
    used: BTreeSet<&'static str>,
    form: Form,
}

impl Writer {
    fn call(&mut self, function: &'static str) -> &'static str {
        self.used.insert(function);
        function
    }

    fn table(&mut self, pulled: &PulledTable) -> String {
        let PulledTable { definition, identifier, entities, sampled, keys: stated } = pulled;
        let role = |key_type| definition.key_schema.iter().find(|one| one.key_type == key_type);
        let pk = role(KeyType::Hash).map(|one| ("pk", one));
        let sk = role(KeyType::Range).map(|one| ("sk", one));
        let keys = pk.into_iter().chain(sk).map(|(name, element)| {
            RcAllocator.text(format!("{name}: {}", self.key_column(definition, element)))
        });
        let mut keys: Vec<Doc<'_>> = keys.collect();
        if self.form == Form::Orm {
            keys.extend(self.named_indexes(definition));
        }
        let maker = self.call("dynamoTable");
        let mut doc = RcAllocator
            .text(format!(
                "export const {identifier} = {maker}({}, ",
                string(&definition.table_name)
            ))
            .append(enclosed("{", keys.into_iter(), "}", RcAllocator.line()))
            .append(RcAllocator.text(")"));
        if self.form == Form::Stated {
            doc = doc.append(self.stated_indexes(definition).nest(2));
        }
        let mut text = render(&doc.append(RcAllocator.text(";")), WIDTH);
        text.push('\n');
        if let Some((constant, entity)) = stated {
            text.push_str("\n// States the types of the keys: an index of the ORM names attributes, and no more.\n");
            text.push_str(&self.entity(identifier, constant, entity));
        }
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

    /// Prints `indexes: { byEmail: gsi("email") }`.
    fn named_indexes<'a>(&mut self, definition: &TableDefinition) -> Option<Doc<'a>> {
        let mut indexes = Vec::new();
        for index in &definition.global_secondary_indexes {
            let of = |key_type| {
                let names = index.key_schema.iter().filter(|one| one.key_type == key_type);
                let names: Vec<String> = names.map(|one| string(&one.attribute_name)).collect();
                match names.as_slice() {
                    [] => None,
                    [one] => Some(one.clone()),
                    many => Some(format!("[{}]", many.join(", "))),
                }
            };
            let keys: Vec<String> =
                of(KeyType::Hash).into_iter().chain(of(KeyType::Range)).collect();
            let call = format!("{}({})", self.call("gsi"), keys.join(", "));
            indexes.push(RcAllocator.text(format!("{}: {call}", key(&index.index_name))));
        }
        for index in &definition.local_secondary_indexes {
            let range = index.key_schema.iter().filter(|one| one.key_type == KeyType::Range);
            let range: Vec<String> = range.map(|one| string(&one.attribute_name)).collect();
            let call = format!("{}({})", self.call("lsi"), range.join(", "));
            indexes.push(RcAllocator.text(format!("{}: {call}", key(&index.index_name))));
        }
        (!indexes.is_empty()).then(|| {
            let indexes = enclosed("{", indexes.into_iter(), "}", RcAllocator.hardline());
            RcAllocator.text("indexes: ").append(indexes)
        })
    }

    /// Prints `.gsi("byEmail", { pk: string("email") })`.
    fn stated_indexes<'a>(&mut self, definition: &TableDefinition) -> Doc<'a> {
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
        indexes
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
            text.push_str(&format!("    // {}: {why}\n", text::printable(&key(name))));
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

/// Prints a column of the entity in its strategies.
fn column(name: &str) -> String {
    if is_identifier(name) { format!("c.{name}") } else { format!("c[{}]", string(name)) }
}

/// Prints `.gsi("byEmail", { … })` on its own line.
fn chained<'a>(method: &str, name: &str, fields: Vec<Doc<'a>>) -> Doc<'a> {
    RcAllocator
        .hardline()
        .append(RcAllocator.text(format!(".{method}({}, ", string(name))))
        .append(enclosed("{", fields.into_iter(), "}", RcAllocator.line()))
        .append(RcAllocator.text(")"))
}

/// Prints the option of the projection; `ALL` is the default.
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

/// Returns the comment above inferred entities.
fn proposal(table: &str, count: usize) -> String {
    let items = text::count(count, "item", "items");
    comment(&format!(
        "PROPOSAL, look through it: what {table} seems to hold, judging by {items}. Names, columns and the make-up of keys are guesses, and what was in none of the items is missing. The table does not depend on it: change it or remove it as you like."
    ))
}
