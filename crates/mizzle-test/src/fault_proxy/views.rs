//! Answers that do not show the true state yet: changes in progress, and the previous state.

use super::{Fault, Request, answer::Answer};
use hyper::StatusCode;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

const DESCRIBE_TABLE: &str = "DescribeTable";
const DESCRIBE_TIME_TO_LIVE: &str = "DescribeTimeToLive";
const DESCRIBE_BACKUP: &str = "DescribeBackup";

/// Returns the operation that reads the result of an operation, and its field for the table.
pub(super) fn look_of(operation: &str) -> Option<(&'static str, &'static str)> {
    match operation {
        "CreateTable" | "UpdateTable" | "DeleteTable" => Some((DESCRIBE_TABLE, "TableName")),
        "UpdateTimeToLive" => Some((DESCRIBE_TIME_TO_LIVE, "TableName")),
        "CreateBackup" => Some((DESCRIBE_BACKUP, "BackupArn")),
        "UpdateContinuousBackups" => Some(("DescribeContinuousBackups", "TableName")),
        "TagResource" | "UntagResource" => Some(("ListTagsOfResource", "ResourceArn")),
        "PutResourcePolicy" | "DeleteResourcePolicy" => Some(("GetResourcePolicy", "ResourceArn")),
        _ => None,
    }
}

/// The held answers to reads, by the reading operation and the table.
#[derive(Debug, Default)]
pub(super) struct Views {
    views: HashMap<(String, String), View>,
}

#[derive(Debug)]
struct View {
    looks: usize,
    shown: Shown,
}

#[derive(Debug)]
enum Shown {
    /// The answer with the previous state.
    Before(Answer),
    /// A change in progress.
    UnderWay(Change),
}

/// A call that the server has executed, and the answer to a read before it.
#[derive(Debug)]
struct Change {
    operation: String,
    input: Value,
    before: Answer,
}

impl Views {
    pub(super) fn clear(&mut self) {
        self.views.clear();
    }

    /// True if the table refuses the request because it is being changed.
    pub(super) fn refuse(&self, request: &Request) -> bool {
        look_of(&request.operation).is_some_and(|(look, _)| look == DESCRIBE_TABLE)
            && matches!(self.shown_after(request), Some(Shown::UnderWay(_)))
    }

    /// Returns the held answer to reads of the state that the request changes.
    fn shown_after(&self, request: &Request) -> Option<&Shown> {
        let (look, _) = look_of(&request.operation)?;
        let view = self.views.get(&(look.to_owned(), request.table.clone()?))?;
        Some(&view.shown)
    }

    /// Starts to hold answers after a call was executed, if the fault requires it. `before` is the
    /// server's answer to a read before the call.
    pub(super) fn begin(&mut self, fault: &Fault, request: &Request, input: Value, before: Answer) {
        let Some(((look, _), table)) = look_of(&request.operation).zip(request.table.clone())
        else {
            return;
        };
        let operation = request.operation.clone();
        let (looks, shown) = match *fault {
            Fault::Hold { looks } => (looks, Shown::UnderWay(Change { operation, input, before })),
            Fault::Stale { looks } => (looks, Shown::Before(before)),
            _ => return,
        };
        if looks > 0 {
            self.views.insert((look.to_owned(), table), View { looks, shown });
        }
    }

    /// Replaces the answer to a read while it is held, and counts the read; keeps other answers.
    pub(super) fn show(&mut self, request: &Request, answer: Answer) -> Answer {
        let Some(table) = request.table.clone() else { return answer };
        let key = (request.operation.clone(), table);
        let Some(view) = self.views.get_mut(&key) else { return answer };
        let shown = match &view.shown {
            Shown::Before(before) => before.clone(),
            Shown::UnderWay(change) => change.under_way(answer),
        };
        view.looks -= 1;
        if view.looks == 0 {
            self.views.remove(&key);
        }
        shown
    }

    /// Replaces the answer to the held call itself: it also shows the change in progress.
    pub(super) fn answer_to_call(&self, request: &Request, answer: Answer) -> Answer {
        match self.shown_after(request) {
            Some(Shown::UnderWay(change)) => change.under_way(answer),
            Some(Shown::Before(_)) | None => answer,
        }
    }
}

impl Change {
    /// Edits an answer of the server after the change, to show the change in progress.
    fn under_way(&self, answer: Answer) -> Answer {
        match self.operation.as_str() {
            "CreateTable" => edit_table(answer, creating),
            "UpdateTable" => {
                let before = self.before.json();
                edit_table(answer, |table| updating(table, &self.input, &before["Table"]))
            }
            "DeleteTable" => {
                // The answer to the call contains the description, too; a read finds no table.
                let answer =
                    if answer.status == StatusCode::OK { answer } else { self.before.clone() };
                edit_table(answer, |table| set(table, "TableStatus", "DELETING"))
            }
            "UpdateTimeToLive" => self.time_to_live(answer),
            "CreateBackup" => creating_backup(answer),
            _ => answer,
        }
    }

    /// Edits the time to live: AWS returns the attribute in both of the transitional states.
    fn time_to_live(&self, answer: Answer) -> Answer {
        let asked = &self.input["TimeToLiveSpecification"];
        let status = if asked["Enabled"] == json!(true) { "ENABLING" } else { "DISABLING" };
        let mut body = answer.json();
        let Some(description) = object(&mut body, "TimeToLiveDescription") else { return answer };
        set(description, "TimeToLiveStatus", status);
        description.insert("AttributeName".to_owned(), asked["AttributeName"].clone());
        answer.with_json(&body)
    }
}

/// Edits the description of the table in an answer, under either of its field names.
fn edit_table(answer: Answer, edit: impl FnOnce(&mut Map<String, Value>)) -> Answer {
    let mut body = answer.json();
    let field = if body.get("Table").is_some() { "Table" } else { "TableDescription" };
    let Some(table) = object(&mut body, field) else { return answer };
    edit(table);
    answer.with_json(&body)
}

/// Edits the details of a backup, which are part of the description in the answer to a read.
fn creating_backup(answer: Answer) -> Answer {
    let mut body = answer.json();
    let outer = match body.get_mut("BackupDescription") {
        Some(description) => description,
        None => &mut body,
    };
    let Some(details) = object(outer, "BackupDetails") else { return answer };
    set(details, "BackupStatus", "CREATING");
    answer.with_json(&body)
}

fn creating(table: &mut Map<String, Value>) {
    set(table, "TableStatus", "CREATING");
    for index in indexes(table) {
        set(index, "IndexStatus", "CREATING");
    }
}

/// Sets the table and every index that the call changes to their transitional states.
fn updating(table: &mut Map<String, Value>, input: &Value, before: &Value) {
    set(table, "TableStatus", "UPDATING");
    let updates = input["GlobalSecondaryIndexUpdates"].as_array().into_iter().flatten();
    for (action, update) in updates.filter_map(Value::as_object).flatten() {
        let name = &update["IndexName"];
        if action == "Delete" {
            bring_back(table, name, before);
        }
        for index in indexes(table).filter(|index| index.get("IndexName") == Some(name)) {
            match action.as_str() {
                "Create" => {
                    set(index, "IndexStatus", "CREATING");
                    index.insert("Backfilling".to_owned(), json!(true));
                }
                "Update" => set(index, "IndexStatus", "UPDATING"),
                "Delete" => set(index, "IndexStatus", "DELETING"),
                _ => {}
            }
        }
    }
}

/// Adds the previous state of a deleted index to the description of its table.
fn bring_back(table: &mut Map<String, Value>, name: &Value, before: &Value) {
    if indexes(table).any(|index| index.get("IndexName") == Some(name)) {
        return;
    }
    let mut known = before["GlobalSecondaryIndexes"].as_array().into_iter().flatten();
    let Some(index) = known.find(|index| index["IndexName"] == *name) else { return };
    let all = table.entry("GlobalSecondaryIndexes").or_insert_with(|| json!([]));
    if let Some(all) = all.as_array_mut() {
        all.push(index.clone());
    }
}

fn indexes(table: &mut Map<String, Value>) -> impl Iterator<Item = &mut Map<String, Value>> {
    let indexes = table.get_mut("GlobalSecondaryIndexes").and_then(Value::as_array_mut);
    indexes.into_iter().flatten().filter_map(Value::as_object_mut)
}

fn object<'a>(body: &'a mut Value, field: &str) -> Option<&'a mut Map<String, Value>> {
    body.get_mut(field).and_then(Value::as_object_mut)
}

fn set(object: &mut Map<String, Value>, field: &str, value: &str) {
    object.insert(field.to_owned(), value.into());
}
