//! The names of tables and indexes as the library stores them.
//!
//! The library keeps a table `Orders` in an SQLite table of that name, beside tables of its own. To
//! SQLite `Orders` and `orders` are one name, and names such as `_tables` and `sqlite_x` are taken: what
//! is stored under them would be shared, or lost. To DynamoDB all of these are names like any other.
//!
//! So a table whose name is not free in SQLite is stored under another one, which says what it is called:
//! [`PREFIX`], and the name in lower case, with a `.` before what was a capital letter or a `.`. Every
//! other table is stored under its own name. Requests and answers are translated here.

use dynoxide::{Database, actions::list_tables::ListTablesRequest};
use serde_json::{Map, Value, json};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

/// The start of every encoded name.
const PREFIX: &str = "..mizzle..";

/// The longest name that DynamoDB, and so the library, accepts.
const LONGEST: usize = 255;

/// The library's own tables.
const OWN_TABLES: [&str; 3] = ["_config", "_stream_records", "_tables"];

/// The lists of indexes in `CreateTable`.
const INDEXES: [&str; 3] = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes", "VectorIndexes"];

/// The names in a database.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// Every table by its stored name.
    tables: BTreeMap<String, Table>,
    /// The stored names of tables that are not encoded, in lower case: the names that SQLite has.
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
    /// The message of the library when it cannot read the database.
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

    /// Learns what has become of a table.
    pub(crate) fn refresh(&mut self, database: &Database, stored: &str) {
        // A database that cannot be read says so when the table is used; until then nothing changes.
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

    /// Whether any table is stored under another name.
    pub(crate) fn are_encoded(&self) -> bool {
        self.encoded_tables > 0
    }

    /// Whether there is a table of this stored name.
    pub(crate) fn contain(&self, stored: &str) -> bool {
        self.tables.contains_key(stored)
    }

    /// Whether names in a request have to be looked at.
    pub(crate) fn concern(&self, operation: &str, body: &str) -> bool {
        self.encoded_tables > 0
            || self.encoded_indexes > 0
            || matches!(operation, "CreateTable" | "UpdateTable" | "DeleteTable")
            || body.contains(PREFIX)
    }

    /// The stored name of the table that a request changes, once its names are encoded.
    pub(crate) fn changed_table(operation: &str, request: &Value) -> Option<String> {
        let changes = matches!(operation, "CreateTable" | "UpdateTable" | "DeleteTable");
        let table = request.get("TableName").and_then(Value::as_str).filter(|_| changes)?;
        Some(table_of_arn(table).unwrap_or(table).to_owned())
    }

    /// Replaces the names in a request by the stored ones, and finds names for what it creates.
    ///
    /// # Errors
    ///
    /// Why a name cannot be stored.
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

    /// The table, and the index if there is one, that an operation is about.
    fn encode_target(&self, request: &mut Map<String, Value>) {
        let Some(Value::String(table)) = request.get_mut("TableName") else { return };
        *table = self.stored_or_arn(table).into_owned();
        let table = table_of_arn(table).unwrap_or(table).to_owned();
        if let Some(Value::String(index)) = request.get_mut("IndexName") {
            *index = self.stored_index(&table, index);
        }
    }

    /// The stored name of a table, or the name itself where there is no such table.
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

    /// The name to store a new table under.
    fn name_for_table(&self, table: &str) -> Result<String, String> {
        let stored = self.stored(table);
        let is_free = self.plain.get(&fold(table)).is_none_or(|&count| count == 0);
        // What exists under this very name, or is no name at all, the library refuses.
        if self.tables.contains_key(&*stored) || !is_name(table) {
            return Ok(stored.into_owned());
        }
        if is_free && !is_reserved(table) {
            return Ok(table.to_owned());
        }
        let twin = self.tables.keys().find(|other| fold(other) == fold(table));
        encode_new("table", table, twin.map(String::as_str))
    }

    /// Refuses to delete what earlier versions have made of names that are not free in SQLite: the items
    /// of another table would go, too, or all that the library knows.
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

    /// The statement with the stored names behind `FROM`, `INTO` and `UPDATE`.
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

    /// `ListTables`, by the names that the tables have.
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

    /// Replaces the stored names in an answer.
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

/// The names of all indexes of a table, as they are stored.
fn indexes(metadata: &dynoxide::TableMetadata) -> Vec<String> {
    let lists =
        [&metadata.gsi_definitions, &metadata.lsi_definitions, &metadata.vector_index_definitions];
    let lists = lists.into_iter().flatten().filter_map(|json| serde_json::from_str(json).ok());
    let names = lists.flat_map(|list: Vec<Value>| list.into_iter());
    names.filter_map(|index| Some(index.get("IndexName")?.as_str()?.to_owned())).collect()
}

/// Finds names for the indexes of a new table.
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

/// The name to store a new index under, beside those in `taken`.
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

/// The name in lower case, as SQLite compares names.
fn fold(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// Whether DynamoDB allows the name.
fn is_name(name: &str) -> bool {
    (3..=LONGEST).contains(&name.len()) && name.bytes().all(is_name_byte)
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// Whether SQLite, or the library, has tables of such names.
fn is_reserved(table: &str) -> bool {
    table.starts_with('_') || fold(table).starts_with("sqlite_") || is_encoded(table)
}

fn is_encoded(stored: &str) -> bool {
    fold(stored).starts_with(PREFIX)
}

fn encoded(name: &str) -> String {
    let mut stored = PREFIX.to_owned();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() || letter == '.' {
            stored.push('.');
        }
        stored.push(letter.to_ascii_lowercase());
    }
    stored
}

/// The name that is stored as `stored`.
fn decoded(stored: &str) -> String {
    match stored.strip_prefix(PREFIX).map(decoded_start) {
        Some((name, "")) => name,
        _ => stored.to_owned(),
    }
}

/// Decodes what follows [`PREFIX`], up to the end of the name; and the text behind it.
fn decoded_start(text: &str) -> (String, &str) {
    let mut name = String::new();
    let mut rest = text;
    loop {
        let mut letters = rest.chars();
        match letters.next() {
            Some('.') => match letters.next() {
                Some(letter) if letter == '.' || letter.is_ascii_lowercase() => {
                    name.push(letter.to_ascii_uppercase());
                }
                _ => return (name, rest),
            },
            Some(letter)
                if letter.is_ascii_lowercase()
                    || letter.is_ascii_digit()
                    || matches!(letter, '_' | '-') =>
            {
                name.push(letter);
            }
            _ => return (name, rest),
        }
        rest = letters.as_str();
    }
}

/// A text with names in it.
fn decoded_text(text: &str) -> String {
    let mut decoded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(PREFIX) {
        let (name, behind) = decoded_start(after);
        decoded.push_str(before);
        decoded.push_str(&name);
        rest = behind;
    }
    decoded + rest
}

/// Decodes the names in the fields that hold one. Nothing in an item is taken for such a field: there
/// every value is an object, `{"S": "…"}`.
fn decode_fields(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(decode_fields),
        Value::Object(fields) => {
            for (key, value) in fields {
                match (key.as_str(), &mut *value) {
                    (
                        "TableName"
                        | "IndexName"
                        | "LastEvaluatedTableName"
                        | "message"
                        | "Message",
                        Value::String(text),
                    ) => *text = decoded_text(text),
                    (
                        "TableArn"
                        | "IndexArn"
                        | "LatestStreamArn"
                        | "StreamArn"
                        | "LastEvaluatedStreamArn"
                        | "eventSourceARN",
                        Value::String(arn),
                    ) => *arn = in_arn(arn, decoded, decoded),
                    ("GlobalSecondaryIndexes" | "LocalSecondaryIndexes", Value::Object(_)) => {
                        decode_keys(value);
                    }
                    _ => decode_fields(value),
                }
            }
        }
        _ => {}
    }
}

fn decode_keys(map: &mut Value) {
    if let Value::Object(map) = map {
        *map = std::mem::take(map).into_iter().map(|(key, value)| (decoded(&key), value)).collect();
    }
}

fn list<'a>(request: &'a mut Map<String, Value>, key: &str) -> impl Iterator<Item = &'a mut Value> {
    request.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten()
}

/// The name of the table in an ARN, of the table itself or of an index or a stream of it.
fn table_of_arn(arn: &str) -> Option<&str> {
    let (_, resource) = arn.strip_prefix("arn:")?.split_once(":table/")?;
    resource.split('/').next()
}

/// An ARN with other names of its table and index.
fn in_arn(
    arn: &str,
    table: impl FnOnce(&str) -> String,
    index: impl FnOnce(&str) -> String,
) -> String {
    let Some((before, resource)) = arn.split_once(":table/") else { return arn.to_owned() };
    let mut parts = resource.split('/').map(str::to_owned).collect::<Vec<_>>();
    parts[0] = table(&parts[0]);
    if parts.len() == 3 && parts[1] == "index" {
        parts[2] = index(&parts[2]);
    }
    format!("{before}:table/{}", parts.join("/"))
}

/// Cuts a statement into words, quoted texts, spaces and single signs.
fn tokens(statement: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = statement;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' => rest[1..].find(first).map_or(rest.len(), |end| end + 2),
            _ if first.is_alphanumeric() || first == '_' => {
                rest.find(|it: char| !it.is_alphanumeric() && it != '_').unwrap_or(rest.len())
            }
            _ if first.is_whitespace() => {
                rest.find(|it: char| !it.is_whitespace()).unwrap_or(rest.len())
            }
            _ => first.len_utf8(),
        };
        let (token, behind) = rest.split_at(length);
        tokens.push(token);
        rest = behind;
    }
    tokens
}

/// The name that a token is.
fn identifier(token: &str) -> Option<&str> {
    match token.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"'),
        None => {
            Some(token).filter(|it| it.starts_with(|it: char| it.is_alphanumeric() || it == '_'))
        }
    }
}

/// Writes a name as the token did, unless it has to be quoted now.
fn push_identifier(statement: &mut String, token: &str, name: &str) {
    if identifier(token) == Some(name) {
        statement.push_str(token);
    } else {
        statement.push('"');
        statement.push_str(name);
        statement.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Engine;

    fn ok(engine: &mut Engine, operation: &str, request: &Value) -> Value {
        let answer = engine.answer(operation, &request.to_string());
        assert_eq!(answer.status, 200, "{operation} {request}: {}", answer.body);
        // The id of a shard means nothing to anybody, and a name may look like an encoded one.
        let is_shown = answer.body.contains(PREFIX) && !request.to_string().contains(PREFIX);
        let is_expected = matches!(operation, "DescribeStream" | "ListTables");
        assert!(!is_shown || is_expected, "{operation}: {}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    fn refused(engine: &mut Engine, operation: &str, request: &Value) -> String {
        let answer = engine.answer(operation, &request.to_string());
        assert_eq!(answer.status, 400, "{operation} {request}: {}", answer.body);
        let is_shown = answer.body.contains(PREFIX) && !request.to_string().contains(PREFIX);
        assert!(!is_shown, "{operation}: {}", answer.body);
        answer.body
    }

    fn engine() -> Engine {
        Engine::new(Database::memory().unwrap()).unwrap()
    }

    fn table(name: &str, indexes: &[&str]) -> Value {
        let index = |name: &&str| {
            json!({
                "IndexName": name,
                "KeySchema": [{ "AttributeName": "a", "KeyType": "HASH" }],
                "Projection": { "ProjectionType": "ALL" },
            })
        };
        let attribute = |name: &str| json!({ "AttributeName": name, "AttributeType": "S" });
        let mut table = json!({
            "TableName": name,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [attribute("pk")],
            "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
            "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "NEW_IMAGE" },
        });
        if !indexes.is_empty() {
            table["AttributeDefinitions"] = json!([attribute("pk"), attribute("a")]);
            table["GlobalSecondaryIndexes"] = indexes.iter().map(index).collect();
        }
        table
    }

    fn put(engine: &mut Engine, table: &str, key: &str) {
        let item = json!({ "pk": { "S": key }, "a": { "S": "x" } });
        ok(engine, "PutItem", &json!({ "TableName": table, "Item": item }));
    }

    fn keys(engine: &mut Engine, request: &Value) -> Vec<String> {
        let items = ok(engine, "Scan", request)["Items"].clone();
        let items = items.as_array().unwrap().iter();
        items.map(|item| item["pk"]["S"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn every_name_that_dynamodb_allows_is_a_table_of_its_own() {
        let long = "x".repeat(LONGEST);
        let names = [
            "Orders",
            "orders",
            "ORDERS",
            "_tables",
            "_config",
            "_stream_records",
            "_TABLES",
            "sqlite_x",
            "SQLITE_master",
            "a.b-c_d",
            "A.b",
            "...",
            "---",
            "..mizzle..orders",
            "..MIZZLE..orders",
            "..mizzle....mizzle..orders",
            &long,
        ];
        let mut engine = engine();
        for name in names {
            let created = ok(&mut engine, "CreateTable", &table(name, &[]));
            assert_eq!(created["TableDescription"]["TableName"], name);
            let again = refused(&mut engine, "CreateTable", &table(name, &[]));
            assert!(again.contains("ResourceInUseException"), "{again}");
            put(&mut engine, name, name);
        }
        let mut sorted = names.map(str::to_owned);
        sorted.sort();
        let listed = ok(&mut engine, "ListTables", &json!({}));
        assert_eq!(listed, json!({ "TableNames": sorted }));

        let mut rest = names.to_vec();
        while let Some(dropped) = rest.pop() {
            // A database that is opened again knows them, too.
            engine = Engine::new(engine.database().clone()).unwrap();
            ok(&mut engine, "DeleteTable", &json!({ "TableName": dropped }));
            for name in &rest {
                assert_eq!(keys(&mut engine, &json!({ "TableName": name })), [*name]);
            }
            let gone = refused(&mut engine, "Scan", &json!({ "TableName": dropped }));
            assert!(gone.contains("ResourceNotFoundException"), "{gone}");
        }
    }

    #[test]
    fn a_name_is_never_an_alias() {
        let mut engine = engine();
        ok(&mut engine, "CreateTable", &table("Orders", &[]));
        ok(&mut engine, "CreateTable", &table("orders", &[]));
        for name in
            [encoded("orders"), encoded("Orders"), "ORDERS".to_owned(), "_tables".to_owned()]
        {
            for operation in ["Scan", "DescribeTable", "DeleteTable"] {
                let answer = engine.answer(operation, &json!({ "TableName": name }).to_string());
                assert!(answer.body.contains("ResourceNotFoundException"), "{}", answer.body);
                assert!(answer.body.contains(&name) || operation == "Scan", "{}", answer.body);
            }
        }
    }

    #[test]
    fn a_page_of_tables_goes_on_where_the_last_one_ended() {
        let mut engine = engine();
        for name in ["_b", "_bb", "Aaa", "aaa", "bbb", "ccc"] {
            if name.len() > 2 {
                ok(&mut engine, "CreateTable", &table(name, &[]));
            }
        }
        let mut found = Vec::new();
        let mut request = json!({ "Limit": 2 });
        loop {
            let page = ok(&mut engine, "ListTables", &request);
            found.extend(page["TableNames"].as_array().unwrap().clone());
            match page.get("LastEvaluatedTableName") {
                Some(last) => request["ExclusiveStartTableName"] = last.clone(),
                None => break,
            }
        }
        assert_eq!(json!(found), json!(["Aaa", "_bb", "aaa", "bbb", "ccc"]));
        refused(&mut engine, "ListTables", &json!({ "Limit": 0 }));
    }

    #[test]
    fn indexes_whose_names_differ_by_case_are_two() {
        let mut engine = engine();
        for name in ["Orders", "orders"] {
            let created = ok(&mut engine, "CreateTable", &table(name, &["byE", "BYE"]));
            let indexes = &created["TableDescription"]["GlobalSecondaryIndexes"];
            assert_eq!(
                (&indexes[0]["IndexName"], &indexes[1]["IndexName"]),
                (&json!("byE"), &json!("BYE"))
            );
            assert!(
                indexes[1]["IndexArn"].as_str().unwrap().ends_with(&format!("/{name}/index/BYE"))
            );
            put(&mut engine, name, name);
            let update = |change: Value| {
                json!({
                    "TableName": name,
                    "AttributeDefinitions": [
                        { "AttributeName": "pk", "AttributeType": "S" },
                        { "AttributeName": "a", "AttributeType": "S" },
                    ],
                    "GlobalSecondaryIndexUpdates": [change],
                })
            };
            let mut index = table(name, &["Bye"])["GlobalSecondaryIndexes"][0].clone();
            ok(&mut engine, "UpdateTable", &update(json!({ "Create": index })));
            for existing in ["Bye", "BYE", "byE"] {
                index["IndexName"] = existing.into();
                refused(&mut engine, "UpdateTable", &update(json!({ "Create": index })));
            }
            engine = Engine::new(engine.database().clone()).unwrap();
            for index in ["byE", "BYE", "Bye"] {
                let request = json!({ "TableName": name, "IndexName": index });
                assert_eq!(keys(&mut engine, &request), [name]);
            }
            ok(&mut engine, "UpdateTable", &update(json!({ "Delete": { "IndexName": "byE" } })));
            for index in ["BYE", "Bye"] {
                let request = json!({ "TableName": name, "IndexName": index });
                assert_eq!(keys(&mut engine, &request), [name]);
            }
            refused(&mut engine, "Scan", &json!({ "TableName": name, "IndexName": "byE" }));
        }
        // One name twice is one too many.
        refused(&mut engine, "CreateTable", &table("Twice", &["byE", "byE"]));
    }

    #[test]
    fn every_operation_knows_the_names() {
        let mut engine = engine();
        ok(&mut engine, "CreateTable", &table("Orders", &["byE", "BYE"]));
        let described = ok(&mut engine, "CreateTable", &table("orders", &["byE", "BYE"]));
        let described = &described["TableDescription"];
        let arn = described["TableArn"].as_str().unwrap().to_owned();
        assert!(arn.ends_with(":table/orders"), "{arn}");
        put(&mut engine, "Orders", "other");

        let key = json!({ "pk": { "S": "k" } });
        let write = json!({ "RequestItems": { "orders": [{ "PutRequest": { "Item": key } }] } });
        ok(&mut engine, "BatchWriteItem", &write);
        let get = json!({ "RequestItems": { "orders": { "Keys": [key] } }, "ReturnConsumedCapacity": "TOTAL" });
        let got = ok(&mut engine, "BatchGetItem", &get);
        assert_eq!(got["Responses"], json!({ "orders": [key] }));
        assert_eq!(got["ConsumedCapacity"][0]["TableName"], "orders");

        let put = json!({ "TransactItems": [{ "Put": { "TableName": "orders", "Item": { "pk": { "S": "t" }, "a": { "S": "x" } } } }] });
        ok(&mut engine, "TransactWriteItems", &put);
        let get = json!({ "TransactItems": [{ "Get": { "TableName": "orders", "Key": key } }] });
        assert_eq!(ok(&mut engine, "TransactGetItems", &get)["Responses"][0]["Item"], key);
        let query = json!({
            "TableName": "orders",
            "IndexName": "BYE",
            "KeyConditionExpression": "a = :a",
            "ExpressionAttributeValues": { ":a": { "S": "x" } },
            "ReturnConsumedCapacity": "INDEXES",
        });
        let found = ok(&mut engine, "Query", &query);
        assert_eq!(found["Count"], 1);
        assert!(
            found["ConsumedCapacity"]["GlobalSecondaryIndexes"].get("BYE").is_some(),
            "{found}"
        );
        for arn in [arn.as_str(), "orders"] {
            let update = json!({
                "TableName": arn,
                "Key": key,
                "UpdateExpression": "SET #n = :v",
                "ExpressionAttributeNames": { "#n": "TableName" },
                "ExpressionAttributeValues": { ":v": { "S": "..mizzle..orders" } },
            });
            engine.answer("UpdateItem", &update.to_string());
        }
        let item =
            engine.answer("GetItem", &json!({ "TableName": "orders", "Key": key }).to_string());
        assert!(item.body.contains("..mizzle..orders"), "an item is left alone: {}", item.body);

        for (statement, count) in [
            ("SELECT * FROM \"orders\"", 2),
            ("select pk from orders where pk = 'FROM orders'", 0),
            ("SELECT * FROM \"orders\".\"BYE\" WHERE a = 'x'", 1),
            ("SELECT * FROM \"Orders\"", 1),
        ] {
            let answer =
                engine.answer("ExecuteStatement", &json!({ "Statement": statement }).to_string());
            let answer: Value = serde_json::from_str(&answer.body).unwrap();
            assert_eq!(
                answer["Items"].as_array().map(Vec::len),
                Some(count),
                "{statement}: {answer}"
            );
        }
        for (operation, key) in
            [("BatchExecuteStatement", "Statements"), ("ExecuteTransaction", "TransactStatements")]
        {
            let insert = format!("INSERT INTO \"orders\" VALUE {{'pk': '{operation}'}}");
            ok(&mut engine, operation, &json!({ key: [{ "Statement": insert }] }));
        }
        assert_eq!(keys(&mut engine, &json!({ "TableName": "Orders" })), ["other"]);

        let tags = json!({ "ResourceArn": arn, "Tags": [{ "Key": "k", "Value": "v" }] });
        ok(&mut engine, "TagResource", &tags);
        let tags = ok(&mut engine, "ListTagsOfResource", &json!({ "ResourceArn": arn }));
        assert_eq!(tags["Tags"][0]["Value"], "v");
        let expiry = json!({ "AttributeName": "ttl", "Enabled": true });
        ok(
            &mut engine,
            "UpdateTimeToLive",
            &json!({ "TableName": "orders", "TimeToLiveSpecification": expiry }),
        );
        let expiry = ok(&mut engine, "DescribeTimeToLive", &json!({ "TableName": "Orders" }));
        assert_eq!(expiry["TimeToLiveDescription"]["TimeToLiveStatus"], "DISABLED");

        let streams = ok(&mut engine, "ListStreams", &json!({ "TableName": "orders" }));
        let stream = &streams["Streams"][0];
        assert_eq!(stream["TableName"], "orders");
        let stream =
            ok(&mut engine, "DescribeStream", &json!({ "StreamArn": stream["StreamArn"] }));
        let stream = &stream["StreamDescription"];
        let iterator = json!({
            "StreamArn": stream["StreamArn"],
            "ShardId": stream["Shards"][0]["ShardId"],
            "ShardIteratorType": "TRIM_HORIZON",
        });
        let iterator = engine.answer("GetShardIterator", &iterator.to_string());
        let iterator: Value = serde_json::from_str(&iterator.body).unwrap();
        let records = engine.answer("GetRecords", &iterator.to_string());
        assert!(records.body.contains("BatchExecuteStatement"), "{}", records.body);
    }

    #[test]
    fn a_name_too_long_to_be_told_apart_is_refused_before_anything_is_made() {
        let (long, twin) = ("x".repeat(LONGEST), "X".repeat(LONGEST));
        let mut engine = engine();
        ok(&mut engine, "CreateTable", &table(&long, &[]));
        let message = refused(&mut engine, "CreateTable", &table(&twin, &[]));
        assert!(
            message.contains("ValidationException") && message.contains("by case alone"),
            "{message}"
        );
        let reserved = format!("_{}", "x".repeat(LONGEST - 1));
        let message = refused(&mut engine, "CreateTable", &table(&reserved, &[]));
        assert!(message.contains("Choose a shorter name"), "{message}");
        refused(&mut engine, "CreateTable", &table("Indexed", &[&long, &twin]));
        assert_eq!(ok(&mut engine, "ListTables", &json!({}))["TableNames"], json!([long]));
    }

    #[test]
    fn what_an_earlier_version_has_shared_is_not_deleted() {
        let database = Database::memory().unwrap();
        for name in ["Orders", "orders", "_config", "_mine"] {
            // Described, and then refused by SQLite.
            let created = database.create_table(serde_json::from_value(table(name, &[])).unwrap());
            assert_eq!(created.is_ok(), matches!(name, "Orders" | "_mine"));
        }
        let mut engine = Engine::new(database).unwrap();
        put(&mut engine, "Orders", "kept");
        for name in ["orders", "Orders", "_config"] {
            let message = refused(&mut engine, "DeleteTable", &json!({ "TableName": name }));
            assert!(message.contains("by an earlier version"), "{message}");
        }
        assert_eq!(keys(&mut engine, &json!({ "TableName": "Orders" })), ["kept"]);
        put(&mut engine, "_mine", "kept");
        ok(&mut engine, "DeleteTable", &json!({ "TableName": "_mine" }));
        ok(&mut engine, "CreateTable", &table("ORDERS", &[]));
        put(&mut engine, "ORDERS", "another");
        ok(&mut engine, "DeleteTable", &json!({ "TableName": "ORDERS" }));
    }

    #[test]
    fn a_stored_name_leads_back_to_its_own() {
        for name in ["orders", "Orders", "oRDERS", "a.B", "a..b", ".A.", "...", "_x-1", PREFIX] {
            let stored = encoded(name);
            assert_eq!(decoded(&stored), name);
            assert_eq!(fold(&stored), stored);
        }
        assert_eq!(decoded("Orders"), "Orders");
        assert_eq!(
            decoded_text("Table: ..mizzle...orders not found. Or"),
            "Table: Orders not found. Or"
        );
    }
}
