//! Infers the entities of a table from a sample of its items.
//!
//! A table with one kind of item has one entity. If keys have labels (`USER#1`), each shape of the
//! table's key is an entity. The result is a guess that people must review.

mod shape;

use crate::model::{KeySchemaElement, KeyType, ScalarType, TableDefinition};
use heck::{ToLowerCamelCase, ToUpperCamelCase};
use serde_json::{Map, Value};
use shape::{Segment, Shape, has_label, labels};
use std::collections::{BTreeMap, BTreeSet};

/// An item with attributes in the API's format: `{ "S": "…" }`.
type Item = Map<String, Value>;

/// Attributes in which frameworks and people usually store the type of an item.
const DISCRIMINATORS: [&str; 10] = [
    "__typename",
    "__edb_e__",
    "_et",
    "_type",
    "entityType",
    "entity_type",
    "EntityType",
    "entity",
    "type",
    "Type",
];

/// Labels that do not identify the type of an item.
const GENERIC: [&str; 13] = [
    "PROFILE", "METADATA", "META", "INFO", "DETAILS", "DETAIL", "ROOT", "SELF", "DATA", "ITEM",
    "MAIN", "HEADER", "RECORD",
];

/// The minimum length of a text that is unlikely to be in two attributes by chance.
const TELLING: usize = 6;

/// A kind of item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposedEntity {
    /// The name.
    pub name: String,
    /// The columns, by name.
    pub columns: Vec<Column>,
    /// The attributes that no column fits, with reasons.
    pub left_out: Vec<(String, String)>,
    /// The values of the keys: of the table (`None`) and of indexes, the partition and the sort
    /// key.
    pub keys: Vec<(Option<String>, Option<KeyValue>, Option<KeyValue>)>,
}

/// A column of an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The attribute's name.
    pub name: String,
    /// The kind.
    pub kind: ColumnKind,
    /// True if items have it as an attribute, false if it is only a part of a key.
    pub is_stored: bool,
}

/// The kind of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the function of its name")]
pub enum ColumnKind {
    String,
    Uuid,
    Number,
    Binary,
    Boolean,
    List,
    Map,
    StringSet,
    NumberSet,
    BinarySet,
}

impl ColumnKind {
    /// Returns the function that creates such a column.
    pub fn function(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Uuid => "uuid",
            Self::Number => "number",
            Self::Binary => "binary",
            Self::Boolean => "boolean",
            Self::List => "list",
            Self::Map => "map",
            Self::StringSet => "stringSet",
            Self::NumberSet => "numberSet",
            Self::BinarySet => "binarySet",
        }
    }

    fn of(attribute_type: &str) -> Option<Self> {
        Some(match attribute_type {
            "S" => Self::String,
            "N" => Self::Number,
            "B" => Self::Binary,
            "BOOL" => Self::Boolean,
            "L" => Self::List,
            "M" => Self::Map,
            "SS" => Self::StringSet,
            "NS" => Self::NumberSet,
            "BS" => Self::BinarySet,
            _ => return None,
        })
    }
}

/// The value of a key attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyValue {
    /// The separator between the parts.
    pub separator: char,
    /// The parts, at least one.
    pub parts: Vec<KeyPart>,
}

/// A part of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPart {
    /// A fixed text.
    Text(String),
    /// The value of a column.
    Column(String),
}

/// Infers the entities of a table; none if there are no items.
pub fn propose(table: &TableDefinition, items: &[Item]) -> Vec<ProposedEntity> {
    let own: Vec<&str> =
        table.key_schema.iter().map(|element| element.attribute_name.as_str()).collect();
    let values = own.iter().map(|name| items.iter().filter_map(|item| text(item, name)).collect());
    let Some(separator) = shape::separator(values) else {
        let items: Vec<&Item> = items.iter().collect();
        if items.is_empty() {
            return Vec::new();
        }
        let kind = Kind { table, separator: '#', items, composed: BTreeMap::new() };
        return vec![kind.entity(singular(&table.table_name))];
    };
    let mut kinds: BTreeMap<Vec<Shape>, Vec<&Item>> = BTreeMap::new();
    for item in items {
        let shapes = own.iter().map(|name| match text(item, name) {
            Some(text) if may_be_text(table, name) => shape::shape(text, separator),
            Some(_) | None => vec![Segment::Value],
        });
        kinds.entry(shapes.collect()).or_default().push(item);
    }
    let names = names(table, &kinds);
    let entities = kinds.into_values().zip(names).map(|(items, name)| {
        let composed = composed(table, &items, separator);
        Kind { table, separator, items, composed }.entity(name)
    });
    entities.collect()
}

/// Returns the composite key attributes of the table and its indexes, with the shape that they have
/// in all items of a kind.
fn composed<'a>(
    table: &'a TableDefinition,
    items: &[&Item],
    separator: char,
) -> BTreeMap<&'a str, Shape> {
    let mut composed = BTreeMap::new();
    for attribute in table.key_attributes().filter(|name| may_be_text(table, name)) {
        let mut shapes = items.iter().filter_map(|item| text(item, attribute));
        let Some(first) = shapes.next().map(|text| shape::shape(text, separator)) else { continue };
        let is_alike = shapes.all(|text| shape::shape(text, separator) == first);
        if is_alike && has_label(&first) {
            composed.insert(attribute, first);
        }
    }
    composed
}

/// True if a key is a string. Items from before an index may have any type in its attributes.
fn may_be_text(table: &TableDefinition, attribute: &str) -> bool {
    table.attribute_type(attribute).is_none_or(|wanted| wanted == ScalarType::S)
}

/// The items of one kind.
struct Kind<'a> {
    table: &'a TableDefinition,
    separator: char,
    items: Vec<&'a Item>,
    composed: BTreeMap<&'a str, Shape>,
}

/// An entity that is being built.
struct Draft<'a> {
    entity: ProposedEntity,
    /// The columns that exist only in keys, with their value in each item.
    derived: BTreeMap<String, Vec<Option<&'a str>>>,
}

impl<'a> Kind<'a> {
    fn entity(&self, name: String) -> ProposedEntity {
        let entity =
            ProposedEntity { name, columns: Vec::new(), left_out: Vec::new(), keys: Vec::new() };
        let mut draft = Draft { entity, derived: BTreeMap::new() };
        self.columns(&mut draft.entity);
        let keys = self.keys(&mut draft, &self.table.key_schema);
        draft.entity.keys.extend(keys.map(|(pk, sk)| (None, pk, sk)));
        let globals = self.table.global_secondary_indexes.iter();
        let globals = globals.map(|index| (&index.index_name, index.key_schema.as_slice()));
        let locals = self.table.local_secondary_indexes.iter();
        // An LSI's partition key is the table's.
        let locals =
            locals.map(|index| (&index.index_name, index.key_schema.get(1..).unwrap_or_default()));
        for (index, elements) in globals.chain(locals) {
            let is_composed =
                |one: &KeySchemaElement| self.composed.contains_key(one.attribute_name.as_str());
            // A plain column fills the index without a strategy.
            if elements.iter().any(is_composed)
                && let Some((pk, sk)) = self.keys(&mut draft, elements)
            {
                draft.entity.keys.push((Some(index.clone()), pk, sk));
            }
        }
        draft.entity.columns.sort_by(|a, b| a.name.cmp(&b.name));
        draft.entity
    }

    /// Adds a column for every attribute that is not a composite key.
    fn columns(&self, entity: &mut ProposedEntity) {
        let mut types: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (name, value) in self.items.iter().flat_map(|item| item.iter()) {
            let value_types = value.as_object().into_iter().flat_map(Map::keys);
            types.entry(name).or_default().extend(value_types.map(String::as_str));
        }
        for (name, mut types) in types {
            if self.composed.contains_key(name) {
                continue;
            }
            types.remove("NULL");
            let types: Vec<&str> = types.into_iter().collect();
            match types.as_slice() {
                [] => entity.left_out.push((name.to_owned(), "null in every item".to_owned())),
                [one] => match ColumnKind::of(one) {
                    Some(_) if self.is_unfit(name, one) => {
                        let why = format!("of type {one}, which no index with this key holds");
                        entity.left_out.push((name.to_owned(), why));
                    }
                    Some(kind) => {
                        let is_uuid = kind == ColumnKind::String
                            && self.items.iter().filter_map(|item| text(item, name)).all(is_uuid);
                        let kind = if is_uuid { ColumnKind::Uuid } else { kind };
                        entity.columns.push(Column {
                            name: name.to_owned(),
                            kind,
                            is_stored: true,
                        });
                    }
                    None => entity.left_out.push((name.to_owned(), format!("of type {one}"))),
                },
                many => {
                    entity
                        .left_out
                        .push((name.to_owned(), format!("of types {}", many.join(", "))));
                }
            }
        }
    }

    /// True if an attribute is a key of another type.
    fn is_unfit(&self, name: &str, attribute_type: &str) -> bool {
        let wanted = self.table.attribute_type(name);
        wanted.is_some_and(|wanted| ScalarType::parse(attribute_type) != Some(wanted))
    }

    /// Returns the values of the partition key and the sort key among these elements; `None` if
    /// either has several attributes, because such keys are not composite.
    fn keys(
        &self,
        draft: &mut Draft<'a>,
        elements: &[KeySchemaElement],
    ) -> Option<(Option<KeyValue>, Option<KeyValue>)> {
        let of = |key_type| {
            let mut elements = elements.iter().filter(|one| one.key_type == key_type);
            (elements.next(), elements.next().is_none())
        };
        let ((hash, is_one_hash), (range, is_one_range)) = (of(KeyType::Hash), of(KeyType::Range));
        if !is_one_hash || !is_one_range {
            return None;
        }
        let pk = hash.and_then(|element| self.value(draft, &element.attribute_name));
        let sk = range.and_then(|element| self.value(draft, &element.attribute_name));
        (pk.is_some() || sk.is_some()).then_some((pk, sk))
    }

    /// Returns the value of a key attribute; `None` if no item has it.
    fn value(&self, draft: &mut Draft<'a>, attribute: &str) -> Option<KeyValue> {
        let separator = self.separator;
        let Some(shape) = self.composed.get(attribute) else {
            let is_column = draft.entity.columns.iter().any(|column| column.name == attribute);
            let parts = vec![KeyPart::Column(attribute.to_owned())];
            return is_column.then_some(KeyValue { separator, parts });
        };
        if !shape.contains(&Segment::Value) {
            let mut texts = self.items.iter().filter_map(|item| text(item, attribute));
            let parts = vec![KeyPart::Text(texts.next()?.to_owned())];
            return Some(KeyValue { separator, parts });
        }
        let mut parts = Vec::new();
        for (position, segment) in shape.iter().enumerate() {
            parts.push(match segment {
                Segment::Label(text) => KeyPart::Text(text.clone()),
                Segment::Value => {
                    KeyPart::Column(self.column_of(draft, attribute, shape, position))
                }
            });
        }
        Some(KeyValue { separator, parts })
    }

    /// Returns the column that equals a part of a key in every item that has the key. Adds a column
    /// if there is none.
    fn column_of(
        &self,
        draft: &mut Draft<'a>,
        attribute: &str,
        shape: &[Segment],
        position: usize,
    ) -> String {
        let part = |item: &&'a Item| text(item, attribute)?.split(self.separator).nth(position);
        let parts: Vec<Option<&str>> = self.items.iter().map(part).collect();
        let label = labels(&shape[..position]).last().map_or(attribute, |label| *label);
        let label = label.to_lower_camel_case();
        let wanted = format!("{label}Id");
        // Prefers the most likely column.
        let rank = |name: &str| {
            let name = name.to_lower_camel_case();
            (name != wanted, name != "id", name != label, !name.ends_with("Id"))
        };
        let known: Vec<&str> = parts.iter().flatten().copied().collect();
        let is_same = |values: &[Option<&str>]| {
            values.iter().zip(&parts).all(|(value, part)| part.is_none() || value == part)
        };
        let derived = draft.derived.iter().find(|(_, values)| is_same(values));
        let stored = draft.entity.columns.iter().filter(|column| column.is_stored);
        let stored = stored.map(|column| column.name.as_str()).filter(|name| {
            let values: Vec<Option<&str>> =
                self.items.iter().map(|item| scalar(item, name)).collect();
            // A short text may be equal to another by chance.
            let is_telling = known.len() > 1
                || rank(name) < (true, true, true, true)
                || known.iter().all(|part| part.len() >= TELLING);
            is_telling && is_same(&values)
        });
        // A key attribute of an index usually repeats another attribute.
        let is_key = |name: &str| self.table.key_attributes().any(|key| key == name);
        let found = stored.min_by_key(|name| (rank(name), is_key(name), *name));
        if let Some(name) = found.or(derived.map(|(name, _)| name.as_str())) {
            return name.to_owned();
        }
        let is_uuid = !known.is_empty() && known.iter().all(|part| is_uuid(part));
        let kind = if is_uuid { ColumnKind::Uuid } else { ColumnKind::String };
        let is_taken = |name: &String| {
            let is_left_out = draft.entity.left_out.iter().any(|(other, _)| other == name);
            is_left_out || draft.entity.columns.iter().any(|column| column.name == *name)
        };
        let other = format!("{label}Key");
        let numbered = (2_usize..).map(|number| format!("{other}{number}"));
        let mut names = [wanted.clone(), other.clone()].into_iter().chain(numbered);
        let name = names.find(|name| !is_taken(name)).unwrap_or(wanted);
        draft.derived.insert(name.clone(), parts);
        draft.entity.columns.push(Column { name: name.clone(), kind, is_stored: false });
        name
    }
}

/// Returns a unique name for each kind.
fn names(table: &TableDefinition, kinds: &BTreeMap<Vec<Shape>, Vec<&Item>>) -> Vec<String> {
    let discriminated: Vec<Option<&str>> =
        kinds.values().map(|items| discriminator(items)).collect();
    let distinct: BTreeSet<&str> = discriminated.iter().copied().flatten().collect();
    let all_are_told_apart = distinct.len() == kinds.len();
    let mut taken = BTreeSet::new();
    let mut chosen = Vec::new();
    for (shapes, told) in kinds.keys().zip(discriminated) {
        let by_key = name_of(shapes, &table.table_name);
        let longer = shapes.iter().flat_map(|shape| labels(shape)).collect::<Vec<_>>().join("_");
        let longer = longer.to_lowercase().to_upper_camel_case();
        let told = told.filter(|_| all_are_told_apart).map(ToUpperCamelCase::to_upper_camel_case);
        let candidates = told.into_iter().chain([by_key.clone(), longer]);
        let numbered = (2_usize..).map(|number| format!("{by_key}{number}"));
        let free = candidates.chain(numbered).find(|name| {
            name.starts_with(|c: char| c.is_ascii_alphabetic()) && taken.insert(name.clone())
        });
        chosen.push(free.unwrap_or(by_key));
    }
    chosen
}

/// Returns the value of a type attribute that all items of a kind share.
fn discriminator<'a>(items: &[&'a Item]) -> Option<&'a str> {
    DISCRIMINATORS.iter().find_map(|attribute| {
        let first = text(items.first()?, attribute)?;
        items.iter().all(|item| text(item, attribute) == Some(first)).then_some(first)
    })
}

/// Returns a name from the labels of a key: `USER#1` with `ORDER#7` is an order, with `PROFILE` a
/// user, with `SETTINGS` the user's settings.
fn name_of(shapes: &[Shape], table: &str) -> String {
    let (pk, sk) = (shapes.first(), shapes.get(1));
    let last = |shape: Option<&Shape>| {
        shape.and_then(|shape| labels(shape).last().map(|label| (*label).to_owned()))
    };
    let (of_pk, of_sk) = (last(pk), last(sk));
    let sk_varies = sk.is_some_and(|shape| shape.contains(&Segment::Value));
    let name = match (of_pk, of_sk) {
        (_, Some(sk)) if sk_varies => sk,
        (Some(pk), Some(sk)) if GENERIC.contains(&sk.as_str()) || pk == sk => pk,
        (Some(pk), Some(sk)) => format!("{pk}_{sk}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => return singular(table),
    };
    let is_shouted = !name.contains(|c: char| c.is_ascii_lowercase());
    let name = if is_shouted { name.to_lowercase() } else { name };
    name.to_upper_camel_case()
}

/// Returns the singular of a table's name: `MyOrder` for `my-Orders`.
fn singular(table: &str) -> String {
    let name = table.to_upper_camel_case();
    let name = match name.strip_suffix("ies") {
        Some(stem) if stem.len() > 2 => format!("{stem}y"),
        _ => match name.strip_suffix('s') {
            Some(stem) if stem.len() > 2 && !stem.ends_with(['s', 'u', 'i']) => stem.to_owned(),
            _ => name,
        },
    };
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if is_name { name } else { format!("Item{name}") }
}

/// Returns the text of a string attribute.
fn text<'a>(item: &'a Item, attribute: &str) -> Option<&'a str> {
    item.get(attribute)?.get("S")?.as_str()
}

/// Returns a string or a number as it would be written in a key.
fn scalar<'a>(item: &'a Item, attribute: &str) -> Option<&'a str> {
    let value = item.get(attribute)?;
    value.get("S").or_else(|| value.get("N"))?.as_str()
}

fn is_uuid(text: &str) -> bool {
    let is_dash = |position| matches!(position, 8 | 13 | 18 | 23);
    text.len() == 36
        && text.bytes().enumerate().all(|(position, byte)| {
            if is_dash(position) { byte == b'-' } else { byte.is_ascii_hexdigit() }
        })
}

#[cfg(test)]
mod tests;
