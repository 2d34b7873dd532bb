//! Reads some items of every table, to propose entities.

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

/// The page size of a request.
const PAGE: usize = 100;
/// The maximum number of items that are read per table.
const MOST: usize = 500;
/// The maximum number of requests per table: a page may contain fewer items than requested.
const PAGES: usize = 8;
/// The pause between two requests to a server that may be shared.
const PACE: Duration = Duration::from_millis(200);

/// Reads items of the tables, one table after another, page by page, and proposes entities. A table
/// whose items cannot be read gets no proposal.
///
/// # Errors
///
/// When the server does not respond at all.
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
                return Err(CommandError::new(ErrorKind::Failed, "items-unreadable", message)
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
    // A proposal is not worth waiting minutes for a table without spare capacity.
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
