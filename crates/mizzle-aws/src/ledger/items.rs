//! Records and locks as items.

use crate::errors::Unreadable;
use aws_sdk_dynamodb::types::AttributeValue;
use mizzle_core::{
    config::LONGEST_TIME,
    ledger::{Lock, Record, Resolution},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use std::collections::HashMap;

pub(super) type Item = HashMap<String, AttributeValue>;

/// The key.
pub(super) const ID: &str = "id";

/// The key of the lock.
pub(super) const LOCK: &str = "lock";

/// The attribute of the lock that identifies one acquisition of it.
pub(super) const TOKEN: &str = "token";

/// The attribute of the lock that grows with every heartbeat.
pub(super) const BEAT: &str = "beat";

/// The prefix of the keys of records.
const MIGRATION: &str = "migration/";

/// The prefix of the keys of resolutions.
const RESOLUTION: &str = "resolution/";

pub(super) fn record_id(migration: &str) -> String {
    format!("{MIGRATION}{migration}")
}

pub(super) fn key(id: &str) -> Item {
    Item::from([(ID.to_owned(), text(id))])
}

pub(super) fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

pub(super) fn lock_item(lock: &Lock) -> Item {
    item(LOCK, lock)
}

pub(super) fn read_lock(item: &Item) -> Result<Lock, Unreadable> {
    let lock: Lock = read(LOCK, item)?;
    if lock.lease() > LONGEST_TIME {
        let reason = format!("no lease is as long as {} ms", lock.lease_ms);
        return Err(Unreadable::Item { id: LOCK.to_owned(), reason });
    }
    Ok(lock)
}

/// True if a runner may hold an unreadable lock: its heartbeats name the token and the heartbeat.
pub(super) fn can_be_held(item: &Item) -> bool {
    matches!(
        (item.get(TOKEN), item.get(BEAT)),
        (Some(AttributeValue::S(_)), Some(AttributeValue::N(_)))
    )
}

pub(super) fn record_item(record: &Record) -> Item {
    item(&record_id(&record.name), record)
}

/// Returns the record in an item; `None` for other items.
pub(super) fn read_record(item: &Item) -> Result<Option<Record>, Unreadable> {
    match item.get(ID) {
        Some(AttributeValue::S(id)) if id.starts_with(MIGRATION) => read(id, item).map(Some),
        _ => Ok(None),
    }
}

pub(super) fn resolution_item(resolution: &Resolution) -> Item {
    let Resolution { migration, at, kind, .. } = resolution;
    // The keys sort by time.
    item(&format!("{RESOLUTION}{at:012}/{migration}/{}", kind.flag()), resolution)
}

/// Returns the resolution in an item; `None` for other items.
pub(super) fn read_resolution(item: &Item) -> Result<Option<(String, Resolution)>, Unreadable> {
    match item.get(ID) {
        Some(AttributeValue::S(id)) if id.starts_with(RESOLUTION) => {
            read(id, item).map(|resolution| Some((id.clone(), resolution)))
        }
        _ => Ok(None),
    }
}

fn item(id: &str, content: &impl Serialize) -> Item {
    let content = serde_json::to_value(content)
        .expect("records and locks hold texts, numbers and lists only, which JSON can express");
    let members = content.as_object().into_iter().flatten();
    let attributes = members.map(|(name, value)| (name.clone(), attribute(value)));
    attributes.chain(key(id)).collect()
}

fn read<T: DeserializeOwned>(id: &str, item: &Item) -> Result<T, Unreadable> {
    let members = item.iter().filter(|(name, _)| *name != ID);
    let members: Map<_, _> = members.map(|(name, value)| (name.clone(), json(value))).collect();
    serde_json::from_value(Value::Object(members))
        .map_err(|error| Unreadable::Item { id: id.to_owned(), reason: error.to_string() })
}

fn attribute(value: &Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(flag) => AttributeValue::Bool(*flag),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::String(value) => text(value),
        Value::Array(values) => AttributeValue::L(values.iter().map(attribute).collect()),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (name.clone(), attribute(value)));
            AttributeValue::M(members.collect())
        }
    }
}

/// Values that mizzle does not write become `null`, which is rejected where a value is expected.
fn json(attribute: &AttributeValue) -> Value {
    match attribute {
        AttributeValue::Bool(flag) => Value::Bool(*flag),
        AttributeValue::N(number) => number.parse().map_or(Value::Null, Value::Number),
        AttributeValue::S(text) => Value::String(text.clone()),
        AttributeValue::L(values) => values.iter().map(json).collect(),
        AttributeValue::M(members) => {
            let members = members.iter().map(|(name, value)| (name.clone(), json(value)));
            Value::Object(members.collect())
        }
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::values::item_json;
    use mizzle_core::ledger::{Owner, RecordState, ResolutionKind};
    use serde_json::json;
    use std::collections::BTreeMap;

    fn record() -> Record {
        Record {
            name: "0001_init".to_owned(),
            checksum: "c0ffee".to_owned(),
            files: BTreeMap::new(),
            state: RecordState::Running,
            steps: vec!["a".to_owned(), "b".to_owned()],
            deleting: None,
            held: Vec::new(),
            creating: None,
            adopted: Vec::new(),
            forward: None,
            project: None,
            tool: "0.1.0".to_owned(),
            by: "ada@build-7".to_owned(),
            started_at: 1_700_000_000,
            finished_at: None,
            error: None,
        }
    }

    #[test]
    fn a_record_can_be_read_in_the_console() {
        let item = record_item(&record());
        assert_eq!(
            item_json(&item),
            json!({
                "by": { "S": "ada@build-7" },
                "checksum": { "S": "c0ffee" },
                "id": { "S": "migration/0001_init" },
                "name": { "S": "0001_init" },
                "startedAt": { "N": "1700000000" },
                "state": { "S": "running" },
                "steps": { "L": [{ "S": "a" }, { "S": "b" }] },
                "tool": { "S": "0.1.0" },
            })
        );
        assert_eq!(read_record(&item), Ok(Some(record())));
    }

    #[test]
    fn a_resolution_goes_there_and_back() {
        let resolution = Resolution {
            migration: "0001_init".to_owned(),
            kind: ResolutionKind::AcceptChange,
            by: "ada@build-7".to_owned(),
            at: 1_700_000_000,
            tool: "0.1.0".to_owned(),
            before: Some(record()),
        };
        let item = resolution_item(&resolution);
        assert_eq!(item[ID], text("resolution/001700000000/0001_init/--accept-change"));
        let (_, read) = read_resolution(&item).unwrap().unwrap();
        assert_eq!(read, resolution);
        assert_eq!(read_record(&item), Ok(None), "it is no record");
    }

    #[test]
    fn a_lock_goes_there_and_back() {
        let owner = Owner {
            user: "ada".to_owned(),
            host: "build-7".to_owned(),
            pid: 4711,
            process: None,
            command: "mizzle migrate".to_owned(),
            since: 1_700_000_000,
        };
        let lock = Lock { token: "t".to_owned(), heartbeat: u64::MAX, lease_ms: 30_000, owner };
        let item = lock_item(&lock);
        assert_eq!(item[ID], text("lock"));
        assert_eq!(item[BEAT], AttributeValue::N(u64::MAX.to_string()));
        assert_eq!(item[TOKEN], text("t"));
        assert_eq!(read_lock(&item), Ok(lock));
        assert_eq!(read_record(&item), Ok(None), "it is no record");
    }

    #[test]
    fn an_item_that_somebody_has_changed_is_named() {
        let mut item = record_item(&record());
        item.insert("startedAt".to_owned(), text("yesterday"));
        let error = read_record(&item).unwrap_err().to_string();
        assert!(error.starts_with("the item \"migration/0001_init\" of the ledger "), "{error}");
        assert!(error.contains("yesterday"), "{error}");
    }
}
