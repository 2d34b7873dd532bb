//! The parts of a value, or of a module, that are needed, and the names that a node mentions.

use super::syntax::{identifier, kind};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The needed part of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::fingerprint) enum Need {
    /// These properties, each read by its name.
    Members(BTreeSet<String>),
    /// The whole value.
    Whole,
}

impl Need {
    pub(super) fn member(name: &str) -> Self {
        Self::Members(BTreeSet::from([name.to_owned()]))
    }

    pub(super) fn add(&mut self, other: &Self) {
        match (&mut *self, other) {
            (Self::Members(known), Self::Members(more)) => known.extend(more.iter().cloned()),
            (_, Self::Whole) => *self = Self::Whole,
            (Self::Whole, Self::Members(_)) => {}
        }
    }
}

/// The wanted part of a module: some of its exports, or all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::fingerprint) enum Wanted {
    /// These exports. If there are none, the module is only loaded.
    Names(BTreeMap<String, Need>),
    /// Every export.
    All,
}

impl Wanted {
    /// Returns no exports: the module is only loaded.
    pub(in crate::fingerprint) fn loaded() -> Self {
        Self::Names(BTreeMap::new())
    }

    pub(super) fn name(name: &str, need: &Need) -> Self {
        Self::Names(BTreeMap::from([(name.to_owned(), need.clone())]))
    }

    /// Adds further wanted exports. Returns true if they were not all wanted before.
    pub(in crate::fingerprint) fn add(&mut self, other: &Self) -> bool {
        let before = self.clone();
        match (&mut *self, other) {
            (Self::Names(known), Self::Names(more)) => {
                for (name, need) in more {
                    known.entry(name.clone()).or_insert_with(|| need.clone()).add(need);
                }
            }
            (_, Self::All) => *self = Self::All,
            (Self::All, Self::Names(_)) => {}
        }
        *self != before
    }
}

pub(super) fn add(needed: &mut BTreeMap<String, Need>, name: &str, need: &Need) {
    needed.entry(name.to_owned()).or_insert_with(|| need.clone()).add(need);
}

/// Records every name of a value in a node, and the parts of the value that are read.
pub(super) fn mention(node: &Value, mentions: &mut BTreeMap<String, Need>) {
    let children = |node: &Value, skipped: &[&str], mentions: &mut BTreeMap<String, Need>| {
        let fields = node.as_object().into_iter().flatten();
        let fields = fields.filter(|(field, _)| !skipped.contains(&field.as_str()));
        fields.for_each(|(_, value)| mention(value, mentions));
    };
    if let Value::Array(items) = node {
        items.iter().for_each(|item| mention(item, mentions));
        return;
    }
    let is_computed = node.get("computed").and_then(Value::as_bool) == Some(true);
    match kind(node) {
        Some("Identifier" | "JSXIdentifier") => {
            if let Some(name) = node.get("name").and_then(Value::as_str) {
                add(mentions, name, &Need::Whole);
            }
        }
        Some("MemberExpression") if !is_computed => {
            let object = node.get("object").unwrap_or(&Value::Null);
            let property = node.get("property").and_then(identifier);
            match (identifier(object), property) {
                (Some(object), Some(property)) => add(mentions, object, &Need::member(property)),
                _ => mention(object, mentions),
            }
        }
        Some("CallExpression" | "TaggedTemplateExpression") => {
            // A method can access its whole object.
            for field in ["callee", "tag"] {
                whole_root(node.get(field).unwrap_or(&Value::Null), mentions);
            }
            children(node, &[], mentions);
        }
        Some("AssignmentExpression") => {
            whole_root(node.get("left").unwrap_or(&Value::Null), mentions);
            children(node, &[], mentions);
        }
        Some("UpdateExpression" | "UnaryExpression") => {
            whole_root(node.get("argument").unwrap_or(&Value::Null), mentions);
            children(node, &[], mentions);
        }
        Some("Property" | "PropertyDefinition" | "MethodDefinition") if !is_computed => {
            children(node, &["key"], mentions);
        }
        Some("LabeledStatement" | "BreakStatement" | "ContinueStatement") => {
            children(node, &["label"], mentions);
        }
        _ => children(node, &[], mentions),
    }
}

/// Records that the whole value at the start of a chain of members is needed.
pub(super) fn whole_root(node: &Value, mentions: &mut BTreeMap<String, Need>) {
    if kind(node) == Some("MemberExpression")
        && let Some(name) = node.get("object").and_then(identifier)
    {
        add(mentions, name, &Need::Whole);
    }
}
