//! The problems of declarations, and their subjects.

use crate::{
    model::{
        ScalarType,
        declaration::{
            EntityDeclaration, StrategyDeclaration, Subject, TableDeclaration, UnexportedTable,
        },
        problem::{Problem, Rule},
    },
    text,
};

pub(super) fn not_exported(table: &UnexportedTable) -> Problem {
    let UnexportedTable { name, made } = table;
    Problem {
        rule: Rule::NotExported,
        subject: Subject {
            table: Some(name.clone()),
            made: Some(made.clone()),
            ..Subject::default()
        },
        related: Vec::new(),
        message: format!("Table {name:?} is made here, but no schema file exports it"),
        help: "export it, also as a part of an exported array or object; or remove it".to_owned(),
    }
}

pub(super) fn table_subject(table: &TableDeclaration) -> Subject {
    Subject {
        sites: table.sites.clone(),
        made: table.made.clone(),
        table: Some(table.name.clone()),
        ..Subject::default()
    }
}

pub(super) fn entity_subject(entity: &EntityDeclaration, table: &str) -> Subject {
    Subject {
        sites: entity.sites.clone(),
        table: Some(table.to_owned()),
        entity: Some(entity.name.clone()),
        ..Subject::default()
    }
}

pub(super) fn wrong_filling(
    entity: &EntityDeclaration,
    strategy: &StrategyDeclaration,
    table: &TableDeclaration,
    attribute: &str,
    known: ScalarType,
) -> Problem {
    let given = type_words(strategy.value.column_type());
    Problem {
        rule: Rule::StrategyType,
        subject: Subject { index: strategy.index.clone(), ..entity_subject(entity, &table.name) },
        related: Vec::new(),
        message: format!(
            "Entity {:?} fills key {attribute:?} of table {:?} with {given}, but it is {}",
            entity.name,
            table.name,
            type_words(&known.to_string()),
        ),
        help: "DynamoDB refuses such items: change the type of the key, or what fills it"
            .to_owned(),
    }
}

pub(super) fn wrong_key_type(subject: Subject, owner: &str, column_type: &str) -> Problem {
    let owner = text::capitalised(owner);
    Problem {
        rule: Rule::KeyType,
        subject,
        related: Vec::new(),
        message: format!("{owner} is {}, which cannot be a key", type_words(column_type)),
        help: "a key is a string, a number or binary (S, N or B)".to_owned(),
    }
}

/// Returns a column type with its article, for messages.
pub(super) fn type_words(column_type: &str) -> String {
    match column_type {
        "S" => "a string (S)".to_owned(),
        "N" => "a number (N)".to_owned(),
        "B" => "binary (B)".to_owned(),
        "BOOL" => "a boolean (BOOL)".to_owned(),
        "L" => "a list (L)".to_owned(),
        "M" => "a map (M)".to_owned(),
        "SS" => "a set of strings (SS)".to_owned(),
        "NS" => "a set of numbers (NS)".to_owned(),
        "BS" => "a set of binary values (BS)".to_owned(),
        other => format!("of type {other:?}"),
    }
}
