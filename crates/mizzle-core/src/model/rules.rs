//! The rules of DynamoDB that can be checked offline.
//!
//! Sources: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Limits.html> and the
//! API reference of `CreateTable` and `UpdateTable`.

use super::{
    KeySchemaElement, KeyType, Projection, ProjectionType, TableDefinition,
    declaration::Subject,
    problem::{Problem, Rule},
};
use std::collections::BTreeSet;

/// The maximum number of GSIs of a table (the default quota).
pub const MAX_GLOBAL_INDEXES: usize = 20;
/// The maximum number of LSIs of a table.
pub const MAX_LOCAL_INDEXES: usize = 5;
/// The maximum number of partition key attributes of a GSI, and also of its sort key attributes.
pub const MAX_INDEX_KEY_ATTRIBUTES: usize = 4;
/// The maximum number of attributes of one `INCLUDE` projection.
pub const MAX_PROJECTED_PER_INDEX: usize = 20;
/// The maximum number of attributes of all `INCLUDE` projections of a table; an attribute of two
/// indexes counts twice.
pub const MAX_PROJECTED_PER_TABLE: usize = 100;
/// The maximum number of tags of a table, except AWS's own (`aws:…`).
pub const MAX_TAGS: usize = 50;
/// The maximum number of characters of a tag's key.
pub const MAX_TAG_KEY: usize = 128;
/// The maximum number of characters of a tag's value.
pub const MAX_TAG_VALUE: usize = 256;

/// True if `name` is valid for a table or an index: 3–255 characters of `[a-zA-Z0-9_.-]`.
pub fn is_valid_name(name: &str) -> bool {
    (3..=255).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}

/// Returns the reason why [`is_valid_name`] refuses a name.
pub fn name_problem(name: &str) -> String {
    let length = name.chars().count();
    if (3..=255).contains(&length) {
        "a table name has letters from a to z, digits, `_`, `-` and `.` only".to_owned()
    } else {
        format!("a table name has 3 to 255 characters, and this one has {length}")
    }
}

/// Checks one table against all offline rules and returns all problems.
///
/// `subject` names the table; the problems' subjects are derived from it.
pub fn check(table: &TableDefinition, subject: &Subject) -> Vec<Problem> {
    let mut checker = Checker { table, subject, problems: Vec::new() };
    checker.names();
    checker.table_key();
    checker.global_indexes();
    checker.local_indexes();
    checker.projections();
    checker.problems
}

struct Checker<'a> {
    table: &'a TableDefinition,
    subject: &'a Subject,
    problems: Vec<Problem>,
}

impl Checker<'_> {
    fn report(&mut self, rule: Rule, subject: Subject, message: String, help: impl Into<String>) {
        self.problems.push(Problem {
            rule,
            subject,
            related: Vec::new(),
            message,
            help: help.into(),
        });
    }

    fn index(&self, index: &str) -> Subject {
        Subject { index: Some(index.to_owned()), ..self.subject.clone() }
    }

    fn names(&mut self) {
        let table = &self.table.table_name;
        if !is_valid_name(table) {
            self.report(
                Rule::TableName,
                self.subject.clone(),
                format!("{table:?} cannot be the name of a table"),
                "a table name has 3 to 255 characters: letters, digits, \"_\", \"-\" and \".\"",
            );
        }
        let mut seen = BTreeSet::new();
        let globals = self.table.global_secondary_indexes.iter().map(|index| &index.index_name);
        let locals = self.table.local_secondary_indexes.iter().map(|index| &index.index_name);
        for name in globals.chain(locals) {
            if !is_valid_name(name) {
                self.report(
                    Rule::IndexName,
                    self.index(name),
                    format!("{name:?} cannot be the name of an index of table {table:?}"),
                    "an index name has 3 to 255 characters: letters, digits, \"_\", \"-\" and \".\"",
                );
            }
            if !seen.insert(name) {
                self.report(
                    Rule::DuplicateIndex,
                    self.index(name),
                    format!("Table {table:?} has two indexes named {name:?}"),
                    "rename one: global and local indexes share their names",
                );
            }
        }
    }

    /// Checks the attributes of a key.
    fn key_attributes(&mut self, key: &[KeySchemaElement], subject: &Subject, owner: &str) {
        let mut seen = BTreeSet::new();
        for element in key {
            let name = &element.attribute_name;
            let subject = Subject { attribute: Some(name.clone()), ..subject.clone() };
            if name.is_empty() || name.len() > 255 {
                self.report(
                    Rule::KeyAttributeName,
                    subject.clone(),
                    format!("{name:?} cannot be a key attribute of {owner}"),
                    "the name of a key attribute has 1 to 255 bytes",
                );
            }
            if !seen.insert(name) {
                self.report(
                    Rule::RepeatedKeyAttribute,
                    subject,
                    format!("The key of {owner} uses attribute {name:?} twice"),
                    "use another attribute for one of them: those of one key are all different",
                );
            }
        }
    }

    fn table_key(&mut self) {
        let owner = format!("table {:?}", self.table.table_name);
        self.key_attributes(&self.table.key_schema, &self.subject.clone(), &owner);
    }

    fn global_indexes(&mut self) {
        let table = &self.table.table_name;
        let count = self.table.global_secondary_indexes.len();
        if count > MAX_GLOBAL_INDEXES {
            self.report(
                Rule::GlobalIndexLimit,
                self.subject.clone(),
                format!("Table {table:?} has {count} global secondary indexes"),
                format!("DynamoDB allows {MAX_GLOBAL_INDEXES} a table: drop some, or overload one index for several entities"),
            );
        }
        for index in &self.table.global_secondary_indexes {
            let subject = self.index(&index.index_name);
            let owner = format!("index {:?} of table {table:?}", index.index_name);
            self.key_attributes(&index.key_schema, &subject, &owner);
            let count = |key_type| {
                index.key_schema.iter().filter(|element| element.key_type == key_type).count()
            };
            let (hash, range) = (count(KeyType::Hash), count(KeyType::Range));
            if hash == 0 {
                self.report(
                    Rule::GlobalIndexKey,
                    subject.clone(),
                    format!("Index {:?} of table {table:?} has no partition key", index.index_name),
                    "name the attribute: gsi(\"email\")",
                );
            }
            for (role, found) in [("partition", hash), ("sort", range)] {
                if found > MAX_INDEX_KEY_ATTRIBUTES {
                    self.report(
                        Rule::GlobalIndexKey,
                        subject.clone(),
                        format!(
                            "Index {:?} of table {table:?} has {found} {role} key attributes",
                            index.index_name
                        ),
                        format!("DynamoDB allows {MAX_INDEX_KEY_ATTRIBUTES}: combine some in one attribute with compositeKey"),
                    );
                }
            }
        }
    }

    fn local_indexes(&mut self) {
        let table = &self.table.table_name;
        let count = self.table.local_secondary_indexes.len();
        if count > MAX_LOCAL_INDEXES {
            self.report(
                Rule::LocalIndexLimit,
                self.subject.clone(),
                format!("Table {table:?} has {count} local secondary indexes"),
                format!(
                    "DynamoDB allows {MAX_LOCAL_INDEXES} a table: make the others global (gsi)"
                ),
            );
        }
        let table_has_sort_key =
            self.table.key_schema.iter().any(|element| element.key_type == KeyType::Range);
        for index in &self.table.local_secondary_indexes {
            let subject = self.index(&index.index_name);
            let owner = format!("index {:?} of table {table:?}", index.index_name);
            self.key_attributes(&index.key_schema, &subject, &owner);
            if !table_has_sort_key {
                self.report(
                    Rule::LocalIndexKey,
                    subject.clone(),
                    format!(
                        "Table {table:?} has the local index {:?} but no sort key",
                        index.index_name
                    ),
                    "give the table a sort key, or make the index global (gsi)",
                );
            }
            let sort_keys = index
                .key_schema
                .iter()
                .filter(|element| element.key_type == KeyType::Range)
                .count();
            if sort_keys != 1 {
                self.report(
                    Rule::LocalIndexKey,
                    subject,
                    format!(
                        "Local index {:?} of table {table:?} has {sort_keys} sort key attributes",
                        index.index_name
                    ),
                    "name exactly one attribute: lsi(\"createdAt\")",
                );
            }
        }
    }

    fn projections(&mut self) {
        let table = &self.table.table_name;
        let globals =
            self.table.global_secondary_indexes.iter().map(|i| (&i.index_name, &i.projection));
        let locals =
            self.table.local_secondary_indexes.iter().map(|i| (&i.index_name, &i.projection));
        let mut total = 0;
        for (name, projection) in globals.chain(locals) {
            let Projection { projection_type: ProjectionType::Include, non_key_attributes } =
                projection
            else {
                continue;
            };
            let count = non_key_attributes.len();
            total += count;
            let subject = self.index(name);
            if count == 0 {
                self.report(
                    Rule::Projection,
                    subject.clone(),
                    format!(
                        "Index {name:?} of table {table:?} projects an empty list of attributes"
                    ),
                    "name the attributes, or use \"KEYS_ONLY\"",
                );
            }
            if count > MAX_PROJECTED_PER_INDEX {
                self.report(
                    Rule::ProjectionLimit,
                    subject.clone(),
                    format!("Index {name:?} of table {table:?} projects {count} attributes"),
                    format!("DynamoDB allows {MAX_PROJECTED_PER_INDEX} an index: project fewer, or \"ALL\""),
                );
            }
            let mut seen = BTreeSet::new();
            for attribute in non_key_attributes {
                let subject = Subject { attribute: Some(attribute.clone()), ..subject.clone() };
                if attribute.is_empty() || attribute.len() > 255 {
                    self.report(
                        Rule::Projection,
                        subject,
                        format!("Index {name:?} of table {table:?} projects {attribute:?}, which cannot be an attribute"),
                        "the name of a projected attribute has 1 to 255 bytes",
                    );
                } else if !seen.insert(attribute) {
                    self.report(
                        Rule::Projection,
                        subject,
                        format!("Index {name:?} of table {table:?} projects {attribute:?} twice"),
                        "name each attribute once",
                    );
                }
            }
        }
        if total > MAX_PROJECTED_PER_TABLE {
            self.report(
                Rule::ProjectionLimit,
                self.subject.clone(),
                format!("The indexes of table {table:?} project {total} attributes in all"),
                format!(
                    "DynamoDB allows {MAX_PROJECTED_PER_TABLE} a table: project fewer, or \"ALL\""
                ),
            );
        }
    }
}
