//! Looking at some items of every table, to propose what they are.

use super::found::Found;
use crate::{
    clock::SystemClock,
    errors::{CommandError, ErrorKind},
    server::Target,
    ui::Ui,
};
use mizzle_core::{
    apply::{Clock, DataOperation, DataPlane},
    pull,
};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Items that a request asks for.
const PAGE: usize = 100;
/// Items that are read of a table at most.
const MOST: usize = 500;
/// Requests of a table at most: a page may hold fewer items than were asked for.
const PAGES: usize = 8;
/// What lies between two requests to a server that other people may need.
const PACE: Duration = Duration::from_millis(200);

/// Reads items of one table after the other, page by page, and proposes what they are. A table whose
/// items may not be read goes without.
///
/// # Errors
///
/// When the server does not answer at all.
pub(super) async fn propose(
    found: &mut [Found],
    target: &Target,
    ui: &Ui,
) -> Result<(), CommandError> {
    let wait = ui.wait("Reading items", Some(found.len()));
    let clock = SystemClock::start();
    let pace = if target.is_local() { Duration::ZERO } else { PACE };
    for table in found {
        match items(&table.description.definition.table_name, target, (&clock, pace)).await {
            Ok(items) => {
                table.sampled = Some(items.len());
                table.entities = pull::propose(&table.definition, &items);
                if items.is_empty() {
                    table.notes.push("it has no items, so no entity is proposed".to_owned());
                }
            }
            Err(error) if error.kind.concerns_every_table() => {
                let name = &table.description.definition.table_name;
                let message = format!("Could not read items of {name}: {error}");
                return Err(CommandError::new(ErrorKind::Failed, "items", message)
                    .hint("run the command again, or without --infer-entities"));
            }
            Err(error) => {
                table.notes.push(format!(
                    "its items could not be read, so no entity is proposed: {error}"
                ));
            }
        }
        wait.advance();
    }
    Ok(())
}

async fn items(
    table: &str,
    target: &Target,
    (clock, pace): (&SystemClock, Duration),
) -> Result<Vec<Map<String, Value>>, mizzle_core::apply::DataError> {
    // A proposal is not worth minutes of a table that has no capacity to spare.
    let server = target.control.patient_for(Duration::ZERO);
    let mut items = Vec::new();
    let mut input = json!({ "TableName": table, "Limit": PAGE });
    for page in 0..PAGES {
        if page > 0 {
            clock.sleep(pace).await;
        }
        let mut answer = server.data(DataOperation::Scan, &input).await?;
        if let Some(Value::Array(page)) = answer.get_mut("Items").map(Value::take) {
            items.extend(page.into_iter().filter_map(|item| match item {
                Value::Object(item) => Some(item),
                _ => None,
            }));
        }
        match answer.get_mut("LastEvaluatedKey").map(Value::take) {
            Some(key @ Value::Object(_)) if items.len() < MOST => input["ExclusiveStartKey"] = key,
            Some(_) | None => break,
        }
    }
    items.truncate(MOST);
    Ok(items)
}
