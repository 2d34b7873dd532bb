//! The rules of AWS about capacity and billing mode; no test server has all of them.

use super::{Fault, Request};
use serde_json::Value;
use std::collections::BTreeMap;

const PROVISIONED: &str = "PROVISIONED";

/// The billing modes of tables, by name, as far as requests contain them.
#[derive(Debug, Default)]
pub(super) struct BillingModes {
    modes: BTreeMap<String, String>,
}

impl BillingModes {
    /// Returns the refusal of a request that sets the capacity of a new index that must not have
    /// one, or omits a required one.
    pub(super) fn refusal(&mut self, request: &Request, input: &Value) -> Option<Fault> {
        let table = request.table.as_ref()?;
        let named = input["BillingMode"].as_str();
        let mode = match request.operation.as_str() {
            "CreateTable" => named.unwrap_or(PROVISIONED),
            "UpdateTable" => named.or(self.modes.get(table).map(String::as_str))?,
            _ => return None,
        };
        let mode = mode.to_owned();
        self.modes.insert(table.clone(), mode.clone());
        let updates = input["GlobalSecondaryIndexUpdates"].as_array()?;
        updates.iter().map(|update| &update["Create"]).find_map(|index| {
            let name = index["IndexName"].as_str()?;
            let has_capacity = !index["ProvisionedThroughput"].is_null();
            let message = match (mode == PROVISIONED, has_capacity) {
                (true, true) | (false, false) => return None,
                (true, false) => format!(
                    "One or more parameter values were invalid: Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: {name}"
                ),
                (false, true) => format!(
                    "One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: {name} when BillingMode is PAY_PER_REQUEST"
                ),
            };
            Some(Fault::refuse(400, "ValidationException", &message))
        })
    }
}
