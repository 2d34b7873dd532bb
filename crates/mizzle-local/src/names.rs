//! The names of tables and indexes as the library stores them.
//!
//! The library keeps a table `Orders` in an SQLite table of that name, beside tables of its own. To
//! SQLite `Orders` and `orders` are one name, and names such as `_tables` and `sqlite_x` are taken:
//! items stored under them would be shared, or lost. To DynamoDB all of these are names like any
//! other.
//!
//! So a table whose name is not free in SQLite is stored under another one, which encodes its name:
//! [`PREFIX`], and the name in lower case, with a `.` before each former capital letter and each
//! `.`. Every other table is stored under its own name. Requests and responses are translated here.

mod encoding;
mod statement;

use dynoxide::{Database, actions::list_tables::ListTablesRequest};
use encoding::{
    LONGEST, PREFIX, decode_fields, decode_keys, decoded, encoded, fold, in_arn, is_encoded,
    is_name, is_reserved, table_of_arn,
};
use serde_json::{Map, Value, json};
use statement::{identifier, push_identifier, tokens};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

/// The library's own tables.
const OWN_TABLES: [&str; 3] = ["_config", "_stream_records", "_tables"];

/// The lists of indexes in `CreateTable`.
const INDEXES: [&str; 3] = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes", "VectorIndexes"];

/// The names in a database.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Every table by its stored name.
    tables: BTreeMap<String, Table>,
    /// The stored names of tables that are not encoded, in lower case: the names in SQLite.
    plain: BTreeMap<String, usize>,
    encoded_tables: usize,
    encoded_indexes: usize,
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Table {
    /// The stored names of its encoded indexes.
    encoded_indexes: BTreeSet<String>,
}

impl Names {
    /// # Errors
    ///
    /// The library's message when it cannot read the database.
    pub(crate) fn read(database: &Database) -> Result<Self, String> {
        let mut names = Self::default();
        let mut start = None;
        loop {
            let request = ListTablesRequest { exclusive_start_table_name: start, limit: None };
            let page = database.list_tables(request).map_err(|error| error.to_string())?;
            for table in &page.table_names {
                names.refresh(database, table);
            }
            start = page.last_evaluated_table_name;
            if start.is_none() {
                return Ok(names);
            }
        }
    }

    /// Updates the names of a table from the database.
    pub(crate) fn refresh(&mut self, database: &Database, stored: &str) {
        // An unreadable database fails when the table is used; until then nothing changes.
        let Ok(metadata) = database.get_table_metadata(stored) else { return };
        if let Some(table) = self.tables.remove(stored) {
            self.encoded_indexes -= table.encoded_indexes.len();
            if is_encoded(stored) {
                self.encoded_tables -= 1;
            } else if let Some(count) = self.plain.get_mut(&fold(stored)) {
                *count -= 1;
            }
        }
        let Some(metadata) = metadata else { return };
        let encoded_indexes: BTreeSet<String> =
            indexes(&metadata).into_iter().filter(|index| is_encoded(index)).collect();
        self.encoded_indexes += encoded_indexes.len();
        if is_encoded(stored) {
            self.encoded_tables += 1;
        } else {
            *self.plain.entry(fold(stored)).or_default() += 1;
        }
        self.tables.insert(stored.to_owned(), Table { encoded_indexes });
    }

    /// True if any table is stored under another name.
    pub(crate) fn are_encoded(&self) -> bool {
        self.encoded_tables > 0
    }

    /// True if there is a table of this stored name.
    pub(crate) fn contain(&self, stored: &str) -> bool {
        self.tables.contains_key(stored)
    }

    /// True if names in a request may need a translation.
    pub(crate) fn concern(&self, operation: &str, body: &str) -> bool {
        self.encoded_tables > 0
            || self.encoded_indexes > 0
            || matches!(operation, "CreateTable" | "UpdateTable" | "DeleteTable")
            || body.contains(PREFIX)
    }

    /// Returns the stored name of the table that a request changes, once its names are encoded.
    pub(crate) fn changed_table(operation: &str, request: &Value) -> Option<String> {
        let changes = matches!(operation, "CreateTable" | "UpdateTable" | "DeleteTable");
        let table = request.get("TableName").and_then(Value::as_str).filter(|_| changes)?;
        Some(table_of_arn(table).unwrap_or(table).to_owned())
    }

    /// Replaces the names in a request by the stored ones, and chooses names for new tables and
    /// indexes.
    ///
    /// # Errors
    ///
    /// The reason for which a name cannot be stored.
    pub(crate) fn encode(
        &self,
        database: &Database,
        operation: &str,
        request: &mut Value,
    ) -> Result<(), String> {
        let Some(request) = request.as_object_mut() else { return Ok(()) };
        if operation == "CreateTable" {
            if let Some(Value::String(name)) = request.get_mut("TableName") {
                *name = self.name_for_table(name)?;
            }
            return name_indexes(request);
        }
        self.encode_target(request);
        if operation == "DeleteTable"
            && let Some(Value::String(table)) = request.get("TableName")
        {
            self.expect_own_storage(table_of_arn(table).unwrap_or(table))?;
        }
        if operation == "UpdateTable" {
            self.encode_index_updates(database, request)?;
        }
        if let Some(Value::Object(items)) = request.get_mut("RequestItems") {
            *items = std::mem::take(items)
                .into_iter()
                .map(|(table, requests)| (self.stored_or_arn(&table).into_owned(), requests))
                .collect();
        }
        for actions in list(request, "TransactItems") {
            for action in actions.as_object_mut().into_iter().flat_map(Map::values_mut) {
                action.as_object_mut().into_iter().for_each(|action| self.encode_target(action));
            }
        }
        for key in ["ResourceArn", "StreamArn", "ExclusiveStartStreamArn"] {
            if let Some(Value::String(arn)) = request.get_mut(key) {
                *arn = in_arn(arn, |table| self.stored(table).into_owned(), str::to_owned);
            }
        }
        for key in ["Statements", "TransactStatements"] {
            for statement in list(request, key) {
                statement.as_object_mut().into_iter().for_each(|it| self.encode_statement(it));
            }
        }
        self.encode_statement(request);
        Ok(())
    }

    /// Encodes the table, and the index if there is one, of an operation.
    fn encode_target(&self, request: &mut Map<String, Value>) {
        let Some(Value::String(table)) = request.get_mut("TableName") else { return };
        *table = self.stored_or_arn(table).into_owned();
        let table = table_of_arn(table).unwrap_or(table).to_owned();
        if let Some(Value::String(index)) = request.get_mut("IndexName") {
            *index = self.stored_index(&table, index);
        }
    }

    /// Returns the stored name of a table, or the name itself if there is no such table.
    fn stored<'a>(&self, table: &'a str) -> Cow<'a, str> {
        let encoded = encoded(table);
        if self.tables.contains_key(&encoded) || is_encoded(table) {
            encoded.into()
        } else {
            table.into()
        }
    }

    fn stored_or_arn<'a>(&self, table: &'a str) -> Cow<'a, str> {
        match table_of_arn(table) {
            Some(_) => in_arn(table, |name| self.stored(name).into_owned(), str::to_owned).into(),
            None => self.stored(table),
        }
    }

    fn stored_index(&self, table: &str, index: &str) -> String {
        let encoded = encoded(index);
        let known = self.tables.get(table);
        if known.is_some_and(|table| table.encoded_indexes.contains(&encoded)) || is_encoded(index)
        {
            encoded
        } else {
            index.to_owned()
        }
    }

    /// Returns the name under which a new table is stored.
    fn name_for_table(&self, table: &str) -> Result<String, String> {
        let stored = self.stored(table);
        let is_free = self.plain.get(&fold(table)).is_none_or(|&count| count == 0);
        // The library itself rejects existing and invalid names.
        if self.tables.contains_key(&*stored) || !is_name(table) {
            return Ok(stored.into_owned());
        }
        if is_free && !is_reserved(table) {
            return Ok(table.to_owned());
        }
        let twin = self.tables.keys().find(|other| fold(other) == fold(table));
        encode_new("table", table, twin.map(String::as_str))
    }

    /// Refuses to delete tables that earlier versions stored under names that are not free in
    /// SQLite: this would also delete the items of another table, or all metadata of the library.
    fn expect_own_storage(&self, stored: &str) -> Result<(), String> {
        if is_encoded(stored) || !self.tables.contains_key(stored) {
            return Ok(());
        }
        let folded = fold(stored);
        let twin = self.tables.keys().find(|other| *other != stored && fold(other) == folded);
        let shared = match twin {
            Some(twin) => format!("the table {twin}"),
            None if OWN_TABLES.contains(&folded.as_str()) || folded.starts_with("sqlite_") => {
                "the database itself".to_owned()
            }
            None => return Ok(()),
        };
        Err(format!(
            "The table {stored} was created by an earlier version, which kept it in one place with {shared}. Copy the items that are needed to another database, then delete the file"
        ))
    }

    fn encode_index_updates(
        &self,
        database: &Database,
        request: &mut Map<String, Value>,
    ) -> Result<(), String> {
        let Some(Value::String(table)) = request.get("TableName") else { return Ok(()) };
        let table = table_of_arn(table).unwrap_or(table).to_owned();
        let metadata = database.get_table_metadata(&table).ok().flatten();
        let existing = metadata.map(|metadata| indexes(&metadata)).unwrap_or_default();
        let mut taken: Vec<String> = existing.iter().map(|index| decoded(index)).collect();
        for updates in ["GlobalSecondaryIndexUpdates", "VectorIndexUpdates"] {
            for update in list(request, updates) {
                for (action, index) in update.as_object_mut().into_iter().flatten() {
                    let Some(Value::String(name)) = index.get_mut("IndexName") else { continue };
                    *name = if action == "Create" {
                        name_for_index(name, &mut taken).map(|new| {
                            if existing.contains(&encoded(name)) { encoded(name) } else { new }
                        })?
                    } else {
                        self.stored_index(&table, name)
                    };
                }
            }
        }
        Ok(())
    }

    fn encode_statement(&self, request: &mut Map<String, Value>) {
        if let Some(Value::String(statement)) = request.get_mut("Statement") {
            *statement = self.in_statement(statement);
        }
    }

    /// Returns the statement with the stored names after `FROM`, `INTO` and `UPDATE`.
    fn in_statement(&self, statement: &str) -> String {
        let tokens = tokens(statement);
        let mut encoded = String::with_capacity(statement.len());
        let mut rest = tokens.iter().copied().peekable();
        let mut is_table = false;
        while let Some(token) = rest.next() {
            let name = identifier(token).filter(|_| is_table);
            let Some(name) = name else {
                is_table &= token.trim().is_empty();
                is_table |=
                    ["FROM", "INTO", "UPDATE"].iter().any(|it| token.eq_ignore_ascii_case(it));
                encoded.push_str(token);
                continue;
            };
            is_table = false;
            let table = self.stored(name);
            push_identifier(&mut encoded, token, &table);
            if rest.next_if(|&dot| dot == ".").is_some() {
                encoded.push('.');
                if let Some((token, index)) =
                    rest.peek().and_then(|it| Some((*it, identifier(it)?)))
                {
                    rest.next();
                    push_identifier(&mut encoded, token, &self.stored_index(&table, index));
                }
            }
        }
        encoded
    }

    /// Runs `ListTables`, with the decoded names of the tables.
    pub(crate) fn list_tables(&self, request: &ListTablesRequest) -> Value {
        let tables: BTreeSet<String> = self.tables.keys().map(|stored| decoded(stored)).collect();
        let start = request.exclusive_start_table_name.as_deref();
        let limit = request.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(100);
        let mut rest =
            tables.into_iter().filter(|table| start.is_none_or(|start| table.as_str() > start));
        let page: Vec<String> = rest.by_ref().take(limit).collect();
        match (rest.next(), page.last()) {
            (Some(_), Some(last)) => {
                json!({ "TableNames": page, "LastEvaluatedTableName": last })
            }
            _ => json!({ "TableNames": page }),
        }
    }

    /// Replaces the stored names in a response.
    pub(crate) fn decode(answer: String) -> String {
        if !answer.contains(PREFIX) {
            return answer;
        }
        let Ok(mut value) = serde_json::from_str::<Value>(&answer) else { return answer };
        if let Some(fields) = value.as_object_mut() {
            for key in ["Responses", "UnprocessedItems", "UnprocessedKeys", "ItemCollectionMetrics"]
            {
                fields.get_mut(key).into_iter().for_each(decode_keys);
            }
        }
        decode_fields(&mut value);
        value.to_string()
    }
}

/// Returns the stored names of all indexes of a table.
fn indexes(metadata: &dynoxide::TableMetadata) -> Vec<String> {
    let lists =
        [&metadata.gsi_definitions, &metadata.lsi_definitions, &metadata.vector_index_definitions];
    let lists = lists.into_iter().flatten().filter_map(|json| serde_json::from_str(json).ok());
    let names = lists.flat_map(|list: Vec<Value>| list.into_iter());
    names.filter_map(|index| Some(index.get("IndexName")?.as_str()?.to_owned())).collect()
}

/// Chooses the stored names of the indexes of a new table.
fn name_indexes(request: &mut Map<String, Value>) -> Result<(), String> {
    let mut taken = Vec::new();
    for key in INDEXES {
        for index in list(request, key) {
            if let Some(Value::String(name)) = index.get_mut("IndexName") {
                *name = name_for_index(name, &mut taken)?;
            }
        }
    }
    Ok(())
}

/// Returns the name under which a new index is stored, beside those in `taken`.
fn name_for_index(index: &str, taken: &mut Vec<String>) -> Result<String, String> {
    let twin = taken.iter().find(|other| fold(other) == fold(index)).cloned();
    let exists = taken.iter().any(|other| other == index);
    taken.push(index.to_owned());
    if !is_name(index) {
        return Ok(index.to_owned());
    }
    if is_encoded(index) || (twin.is_some() && !exists) {
        return encode_new("index", index, twin.as_deref());
    }
    Ok(index.to_owned())
}

fn encode_new(kind: &str, name: &str, twin: Option<&str>) -> Result<String, String> {
    let stored = encoded(name);
    if stored.len() <= LONGEST {
        return Ok(stored);
    }
    let reason = match twin {
        Some(twin) => format!("differs from {} by case alone", decoded(twin)),
        None => "begins as names of the database itself do".to_owned(),
    };
    Err(format!(
        "The {kind} {name} {reason}, and is too long for the embedded DynamoDB to tell them apart. Choose a shorter name, or another one"
    ))
}

fn list<'a>(request: &'a mut Map<String, Value>, key: &str) -> impl Iterator<Item = &'a mut Value> {
    request.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten()
}

#[cfg(test)]
mod tests;
