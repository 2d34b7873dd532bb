//! Turns the declarations of schema files into definitions for DynamoDB.
//!
//! A declaration leaves only the types of index keys open: an index names attributes, and DynamoDB
//! requires a type for each. The first of these sources that has a type decides:
//!
//! 1. the index itself (`.gsi("byEmail", { pk: string("email") })`),
//! 2. the table's own partition or sort key of that name,
//! 3. the columns of that name in the entities of the table,
//! 4. the strategies that fill the key: text that is built from parts is `S`, a plain column passes
//!    on its own type.

mod problems;

use super::{
    AttributeDefinition, GlobalSecondaryIndex, KeySchemaElement, LocalSecondaryIndex, Projection,
    ScalarType, TableDefinition,
    declaration::{
        ColumnDeclaration, EntityDeclaration, IndexDeclaration, IndexKeyDeclaration, IndexKind,
        KeyRole, ProjectionDeclaration, SchemaDeclaration, StrategyDeclaration, Subject,
        TableDeclaration,
    },
    problem::{Problem, Rule},
    rules,
    schema::{Entity, Schema},
};
use crate::text;
use problems::{
    entity_subject, not_exported, table_subject, type_words, wrong_filling, wrong_key_type,
};
use std::collections::BTreeMap;

/// Turns declarations into definitions and checks them.
///
/// # Errors
///
/// All problems of all tables, in the order of the declarations.
pub fn resolve(declaration: &SchemaDeclaration) -> Result<Schema, Vec<Problem>> {
    let mut problems = duplicate_tables(declaration);
    let mut schema = Schema::default();
    for (position, table) in declaration.tables.iter().enumerate() {
        let entities: Vec<&EntityDeclaration> =
            declaration.entities.iter().filter(|entity| entity.table == position).collect();
        let mut resolver = TableResolver::new(table, &entities);
        schema.tables.push(resolver.definition());
        problems.append(&mut resolver.problems);
        schema.warnings.append(&mut resolver.warnings);
        schema.entities.extend(
            entities
                .iter()
                .map(|entity| Entity { name: entity.name.clone(), table: table.name.clone() }),
        );
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    schema.tables.sort_by(|a, b| a.table_name.cmp(&b.table_name));
    schema.entities.sort();
    schema.unexported = declaration.unexported.iter().map(not_exported).collect();
    Ok(schema)
}

/// Returns the part of a name that comes from a missing value: the word `undefined`, `null` or
/// `NaN`, or `[object`, the start of an object's text. Letters and digits continue a word:
/// `nullable-things` has no such part.
pub fn missing_part(name: &str) -> Option<&str> {
    let mut words = name.split(|character: char| !character.is_alphanumeric());
    let word = words.find(|word| matches!(*word, "undefined" | "null" | "NaN"));
    word.or_else(|| name.contains("[object").then_some("[object"))
}

fn duplicate_tables(declaration: &SchemaDeclaration) -> Vec<Problem> {
    let mut by_name: BTreeMap<&str, Vec<&TableDeclaration>> = BTreeMap::new();
    for table in &declaration.tables {
        by_name.entry(&table.name).or_default().push(table);
    }
    by_name
        .into_iter()
        .filter(|(_, tables)| tables.len() > 1)
        .map(|(name, tables)| {
            let mut subjects = tables.iter().map(|table| table_subject(table));
            Problem {
                rule: Rule::DuplicateTable,
                subject: subjects.next().unwrap_or_default(),
                related: subjects.collect(),
                message: format!("{} different tables are named {name:?}", tables.len()),
                help:
                    "rename one, or export one table object from one file and import it elsewhere"
                        .to_owned(),
            }
        })
        .collect()
}

/// A type that a part of the schema implies for a key attribute.
struct Evidence {
    column_type: String,
    /// The part of the schema, as named in messages: `entity "User"`.
    source: String,
    subject: Subject,
}

struct TableResolver<'a> {
    table: &'a TableDeclaration,
    entities: &'a [&'a EntityDeclaration],
    /// The resolved types; `None` for an attribute whose problem is already reported.
    types: BTreeMap<&'a str, Option<ScalarType>>,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
}

impl<'a> TableResolver<'a> {
    fn new(table: &'a TableDeclaration, entities: &'a [&'a EntityDeclaration]) -> Self {
        Self { table, entities, types: BTreeMap::new(), problems: Vec::new(), warnings: Vec::new() }
    }

    fn definition(&mut self) -> TableDefinition {
        let table = self.table;
        self.table_key();
        self.index_keys();
        self.strategy_targets();

        let mut definition = TableDefinition {
            table_name: table.name.clone(),
            attribute_definitions: Vec::new(),
            key_schema: table
                .partition_key
                .iter()
                .map(|column| KeySchemaElement::hash(&column.name))
                .chain(table.sort_key.iter().map(|column| KeySchemaElement::range(&column.name)))
                .collect(),
            ..TableDefinition::default()
        };
        for index in &table.indexes {
            let projection = self.projection(index);
            let sort = index.sort_key.iter().map(|key| KeySchemaElement::range(&key.name));
            match index.kind {
                IndexKind::Global => {
                    let hash =
                        index.partition_key.iter().map(|key| KeySchemaElement::hash(&key.name));
                    definition.global_secondary_indexes.push(GlobalSecondaryIndex {
                        index_name: index.name.clone(),
                        key_schema: hash.chain(sort).collect(),
                        projection,
                        ..GlobalSecondaryIndex::default()
                    });
                }
                IndexKind::Local => {
                    let hash = table.partition_key.iter();
                    definition.local_secondary_indexes.push(LocalSecondaryIndex {
                        index_name: index.name.clone(),
                        key_schema: hash
                            .map(|column| KeySchemaElement::hash(&column.name))
                            .chain(sort)
                            .collect(),
                        projection,
                    });
                }
            }
        }
        definition.attribute_definitions = self
            .types
            .iter()
            .filter_map(|(name, attribute_type)| {
                Some(AttributeDefinition {
                    attribute_name: (*name).to_owned(),
                    attribute_type: (*attribute_type)?,
                })
            })
            .collect();
        let definition = definition.normalised();
        let missing_parts = self.missing_parts();
        let is_said = |problem: &Problem| {
            matches!(problem.rule, Rule::TableName | Rule::IndexName)
                && missing_parts.iter().any(|missing| missing.subject == problem.subject)
        };
        let mut problems = rules::check(&definition, &table_subject(table));
        problems.retain(|problem| !is_said(problem));
        self.problems.extend(missing_parts);
        self.problems.extend(problems);
        definition
    }

    /// Reports names that were built with a missing value. Existing tables may have such names, so
    /// this rule is for schemas only.
    fn missing_parts(&self) -> Vec<Problem> {
        let table = &self.table.name;
        let problem = |subject: Subject, message: String| {
            Problem {
            rule: Rule::NamePart,
            subject,
            related: Vec::new(),
            message,
            help: "a value that the name is made of is missing: set the environment variable, or fix the import; if the name is meant, choose another one".to_owned(),
        }
        };
        let own = missing_part(table).map(|part| {
            let message = format!("The table name {table:?} contains {part:?}");
            problem(table_subject(self.table), message)
        });
        let indexes = self.table.indexes.iter().filter_map(|index| {
            let (name, part) = (&index.name, missing_part(&index.name)?);
            let subject = Subject { index: Some(name.clone()), ..table_subject(self.table) };
            let message = format!("The index name {name:?} of table {table:?} contains {part:?}");
            Some(problem(subject, message))
        });
        own.into_iter().chain(indexes).collect()
    }

    fn table_key(&mut self) {
        let table = self.table;
        if table.partition_key.is_none() {
            self.problems.push(Problem {
                rule: Rule::MissingPartitionKey,
                subject: table_subject(table),
                related: Vec::new(),
                message: format!("Table {:?} has no partition key", table.name),
                help: "add one: pk: string(\"pk\")".to_owned(),
            });
        }
        for (role, column) in [("partition", &table.partition_key), ("sort", &table.sort_key)] {
            let Some(ColumnDeclaration { name, column_type }) = column else { continue };
            let attribute_type = ScalarType::parse(column_type);
            if attribute_type.is_none() {
                let subject = Subject { attribute: Some(name.clone()), ..table_subject(table) };
                let owner = format!("the {role} key {name:?} of table {:?}", table.name);
                self.problems.push(wrong_key_type(subject, &owner, column_type));
            }
            self.types.insert(name, attribute_type);
        }
    }

    fn index_keys(&mut self) {
        let table = self.table;
        for index in &table.indexes {
            for key in index.partition_key.iter().chain(&index.sort_key) {
                if !self.types.contains_key(key.name.as_str()) {
                    let attribute_type = self.resolve_type(index, key);
                    self.types.insert(&key.name, attribute_type);
                } else if let (Some(stated), Some(Some(known))) =
                    (&key.column_type, self.types.get(key.name.as_str()))
                    && *stated != known.to_string()
                {
                    let problem = Problem {
                        rule: Rule::ConflictingKeyTypes,
                        subject: self.key_subject(index, key),
                        related: Vec::new(),
                        message: format!(
                            "Attribute {:?} of table {:?} is {} in index {:?}, but {} elsewhere",
                            key.name,
                            table.name,
                            type_words(stated),
                            index.name,
                            type_words(&known.to_string()),
                        ),
                        help: "an attribute has one type in all keys that use it: correct one of them, or use another attribute".to_owned(),
                    };
                    self.problems.push(problem);
                }
            }
        }
    }

    fn key_subject(&self, index: &IndexDeclaration, key: &IndexKeyDeclaration) -> Subject {
        Subject {
            index: Some(index.name.clone()),
            attribute: Some(key.name.clone()),
            ..table_subject(self.table)
        }
    }

    /// Resolves the type of an index key that is not a key of the table. Returns `None` after
    /// reporting a problem.
    fn resolve_type(
        &mut self,
        index: &IndexDeclaration,
        key: &IndexKeyDeclaration,
    ) -> Option<ScalarType> {
        let table = &self.table.name;
        let subject = self.key_subject(index, key);
        let evidence = [self.stated(&key.name), self.columns(&key.name), self.filled(&key.name)]
            .into_iter()
            .find(|evidence| !evidence.is_empty())
            .unwrap_or_default();
        let Some(first) = evidence.first() else {
            self.problems.push(Problem {
                rule: Rule::UnresolvedKeyType,
                subject,
                related: Vec::new(),
                message: format!(
                    "Could not resolve the type of index key {:?} on table {table:?}",
                    key.name
                ),
                help: format!(
                    "add a column named {:?} to an entity of {table}, or to the table itself",
                    key.name
                ),
            });
            return None;
        };
        if let Some(other) = evidence.iter().find(|other| other.column_type != first.column_type) {
            self.problems.push(Problem {
                rule: Rule::ConflictingKeyTypes,
                subject: first.subject.clone(),
                related: vec![other.subject.clone()],
                message: format!(
                    "Index key {:?} of table {table:?} is {} in {}, but {} in {}",
                    key.name,
                    type_words(&first.column_type),
                    first.source,
                    type_words(&other.column_type),
                    other.source,
                ),
                help: "give both the same type, or index another attribute".to_owned(),
            });
            return None;
        }
        let attribute_type = ScalarType::parse(&first.column_type);
        if attribute_type.is_none() {
            let owner = format!("key {:?} of index {:?} of table {table:?}", key.name, index.name);
            let mut problem = wrong_key_type(subject, &owner, &first.column_type);
            problem.related = vec![first.subject.clone()];
            self.problems.push(problem);
        }
        attribute_type
    }

    /// Returns the types that indexes themselves declare for an attribute.
    fn stated(&self, attribute: &str) -> Vec<Evidence> {
        let mut found = Vec::new();
        for index in &self.table.indexes {
            for key in index.partition_key.iter().chain(&index.sort_key) {
                if let (true, Some(column_type)) = (key.name == attribute, &key.column_type) {
                    found.push(Evidence {
                        column_type: column_type.clone(),
                        source: format!("index {:?}", index.name),
                        subject: self.key_subject(index, key),
                    });
                }
            }
        }
        found
    }

    /// Returns the types of an attribute's columns in the table's entities.
    fn columns(&self, attribute: &str) -> Vec<Evidence> {
        let mut found = Vec::new();
        for entity in self.entities {
            if let Some(column) = entity.columns.iter().find(|column| column.name == attribute) {
                found.push(Evidence {
                    column_type: column.column_type.clone(),
                    source: format!("entity {:?}", entity.name),
                    subject: Subject {
                        attribute: Some(attribute.to_owned()),
                        ..entity_subject(entity, &self.table.name)
                    },
                });
            }
        }
        found
    }

    /// Returns the types of the strategies that fill an attribute.
    fn filled(&self, attribute: &str) -> Vec<Evidence> {
        let mut found = Vec::new();
        for entity in self.entities {
            for strategy in &entity.strategies {
                if self.filled_attribute(strategy) != Some(attribute) {
                    continue;
                }
                found.push(Evidence {
                    column_type: strategy.value.column_type().to_owned(),
                    source: format!("entity {:?}", entity.name),
                    subject: Subject {
                        index: strategy.index.clone(),
                        ..entity_subject(entity, &self.table.name)
                    },
                });
            }
        }
        found
    }

    /// Returns the attribute that a strategy fills; `None` if the table has no such key.
    fn filled_attribute(&self, strategy: &StrategyDeclaration) -> Option<&str> {
        let Some(index_name) = &strategy.index else {
            let key = match strategy.role {
                KeyRole::Partition => &self.table.partition_key,
                KeyRole::Sort => &self.table.sort_key,
            };
            return key.as_ref().map(|column| column.name.as_str());
        };
        let index = self.table.indexes.iter().find(|index| &index.name == index_name)?;
        match (strategy.role, index.kind) {
            (KeyRole::Partition, IndexKind::Global) => {
                index.partition_key.get(strategy.position).map(|key| key.name.as_str())
            }
            (KeyRole::Partition, IndexKind::Local) => {
                self.table.partition_key.as_ref().map(|column| column.name.as_str())
            }
            (KeyRole::Sort, IndexKind::Global | IndexKind::Local) => {
                index.sort_key.get(strategy.position).map(|key| key.name.as_str())
            }
        }
    }

    /// Warns about strategies that fill no key, or fill a key with a value of another type. They
    /// are not errors, because the ORM accepts them.
    fn strategy_targets(&mut self) {
        let table = self.table;
        for entity in self.entities {
            for strategy in &entity.strategies {
                if let Some(attribute) = self.filled_attribute(strategy) {
                    let known = self.types.get(attribute).copied().flatten();
                    let given = strategy.value.column_type();
                    if let Some(known) = known.filter(|known| known.to_string() != given) {
                        let warning = wrong_filling(entity, strategy, table, attribute, known);
                        self.warnings.push(warning);
                    }
                    continue;
                }
                let subject = Subject {
                    index: strategy.index.clone(),
                    ..entity_subject(entity, &table.name)
                };
                let role = match strategy.role {
                    KeyRole::Partition => "partition",
                    KeyRole::Sort => "sort",
                };
                let (message, help) = match &strategy.index {
                    Some(index) if table.indexes.iter().any(|known| &known.name == index) => (
                        format!(
                            "Entity {:?} fills a {role} key of index {index:?}, which has none",
                            entity.name
                        ),
                        format!(
                            "add it to the index of table {}, or remove it from the entity",
                            table.name
                        ),
                    ),
                    Some(index) => (
                        format!(
                            "Entity {:?} fills index {index:?}, which table {:?} does not have",
                            entity.name, table.name
                        ),
                        text::did_you_mean(
                            index,
                            table.indexes.iter().map(|known| known.name.as_str()),
                        )
                        .unwrap_or_else(|| {
                            format!(
                                "add the index to table {}, or remove it from the entity",
                                table.name
                            )
                        }),
                    ),
                    None => (
                        format!(
                            "Entity {:?} fills a {role} key, which table {:?} does not have",
                            entity.name, table.name
                        ),
                        format!("add it to table {}, or remove it from the entity", table.name),
                    ),
                };
                let rule = Rule::UnknownStrategyTarget;
                let warning = Problem { rule, subject, related: Vec::new(), message, help };
                if !self.warnings.contains(&warning) {
                    self.warnings.push(warning);
                }
            }
        }
    }

    fn projection(&mut self, index: &IndexDeclaration) -> Projection {
        match &index.projection {
            None => Projection::all(),
            Some(ProjectionDeclaration::Attributes(attributes)) => Projection::include(attributes),
            Some(ProjectionDeclaration::Named(name)) => match name.as_str() {
                "ALL" => Projection::all(),
                "KEYS_ONLY" => Projection::keys_only(),
                _ => {
                    self.problems.push(Problem {
                        rule: Rule::Projection,
                        subject: Subject {
                            index: Some(index.name.clone()),
                            ..table_subject(self.table)
                        },
                        related: Vec::new(),
                        message: format!(
                            "Index {:?} of table {:?} has the unknown projection {name:?}",
                            index.name, self.table.name
                        ),
                        help: "use \"ALL\", \"KEYS_ONLY\" or a list of attribute names".to_owned(),
                    });
                    Projection::all()
                }
            },
        }
    }
}
