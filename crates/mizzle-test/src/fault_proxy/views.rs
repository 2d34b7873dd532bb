//! Answers that do not show the true state yet: changes under way, and the state from before.

use super::{Fault, Request, answer::Answer};
use hyper::StatusCode;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

const DESCRIBE_TABLE: &str = "DescribeTable";
const DESCRIBE_TIME_TO_LIVE: &str = "DescribeTimeToLive";
const DESCRIBE_BACKUP: &str = "DescribeBackup";

/// The operation that shows what an operation changes, and the field that names the table to it.
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

/// What those who look are shown, by the looking operation and the table.
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
    /// The answer from before.
    Before(Answer),
    /// A change under way.
    UnderWay(Change),
}

/// A call that the server has carried out, and what it answered to a look before.
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

    /// Whether the table refuses the request because it is being changed.
    pub(super) fn refuse(&self, request: &Request) -> bool {
        look_of(&request.operation).is_some_and(|(look, _)| look == DESCRIBE_TABLE)
            && matches!(self.shown_after(request), Some(Shown::UnderWay(_)))
    }

    /// What is shown to those who look at what the request changes.
    fn shown_after(&self, request: &Request) -> Option<&Shown> {
        let (look, _) = look_of(&request.operation)?;
        let view = self.views.get(&(look.to_owned(), request.table.clone()?))?;
        Some(&view.shown)
    }

    /// After a call was carried out: shows something else than the truth from now on, when the
    /// fault says so. `before` is what the server answered to a look before the call.
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

    /// The answer to a look, as it is to be shown, and one look less; other answers as they are.
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

    /// The answer to the call itself that is held: it shows the change under way as well.
    pub(super) fn answer_to_call(&self, request: &Request, answer: Answer) -> Answer {
        match self.shown_after(request) {
            Some(Shown::UnderWay(change)) => change.under_way(answer),
            Some(Shown::Before(_)) | None => answer,
        }
    }
}

impl Change {
    /// An answer of the server after the change, as if the change were not done.
    fn under_way(&self, answer: Answer) -> Answer {
        match self.operation.as_str() {
            "CreateTable" => edit_table(answer, creating),
            "UpdateTable" => {
                let before = self.before.json();
                edit_table(answer, |table| updating(table, &self.input, &before["Table"]))
            }
            "DeleteTable" => {
                // The answer to the call holds the description, too; to a look there is none.
                let answer =
                    if answer.status == StatusCode::OK { answer } else { self.before.clone() };
                edit_table(answer, |table| set(table, "TableStatus", "DELETING"))
            }
            "UpdateTimeToLive" => self.time_to_live(answer),
            "CreateBackup" => creating_backup(answer),
            _ => answer,
        }
    }

    /// AWS names the attribute in both of the passing states.
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

/// Changes the description of the table in an answer, under either of the names that it has.
fn edit_table(answer: Answer, edit: impl FnOnce(&mut Map<String, Value>)) -> Answer {
    let mut body = answer.json();
    let field = if body.get("Table").is_some() { "Table" } else { "TableDescription" };
    let Some(table) = object(&mut body, field) else { return answer };
    edit(table);
    answer.with_json(&body)
}

/// The answer to a look has the details of a backup in its description.
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

/// A table with every index that the call changes in its passing state.
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

/// Adds an index, as it was before, to the description of a table that has it no more.
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
