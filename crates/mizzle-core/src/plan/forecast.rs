//! Predicts the effects of scripts' calls on the existing tables, one call after another.
//!
//! A script's calls are recorded without any table, but their hazards depend on the tables: an
//! index that does not exist cannot be lost, and neither can a table that an earlier script of the
//! same run creates. The [simulator](Simulator) keeps the tables as they will be at each call.

use super::{Blocked, Call, Facts, Guard, Simulator, Step, beyond, hazard, planner};
use crate::{
    diff::{TableDiff, diff},
    model::{TableDefinition, TableDescription},
};
use std::collections::BTreeMap;

/// The predicted tables after the steps so far.
#[derive(Debug, Clone, Default)]
pub struct Forecast {
    simulator: Simulator,
    /// The tables that exist now, until a step deletes them.
    present: BTreeMap<String, Facts>,
    /// The descriptions of existing tables that no step has changed. The simulator holds a table as
    /// DynamoDB would, but an emulator may deviate.
    untouched: BTreeMap<String, TableDescription>,
    /// The tables that exist now and that steps delete.
    deleted: BTreeMap<String, Facts>,
    /// The changes of the steps so far that DynamoDB would refuse, or that must not be made.
    blocked: Vec<Blocked>,
}

impl Forecast {
    /// Creates the forecast for the existing tables with their facts. Each has to be described with
    /// every extra that the steps change.
    pub fn new(present: impl IntoIterator<Item = (TableDescription, Facts)>) -> Self {
        let mut forecast = Self::default();
        let mut definitions = Vec::new();
        for (table, facts) in present {
            let name = table.definition.table_name.clone();
            forecast.present.insert(name.clone(), facts);
            definitions.push(table.definition.clone());
            forecast.untouched.insert(name, table);
        }
        forecast.simulator = Simulator::holding(definitions);
        forecast
    }

    /// Returns the step with the hazards that it will have at its turn, with a note about global
    /// tables, and with a guard that ties a deletion to the table that exists now.
    ///
    /// A call that DynamoDB would refuse changes nothing here.
    #[must_use]
    pub fn step(&mut self, mut step: Step) -> Step {
        let table = step.table().to_owned();
        let described = self.table(&table).map(|table| table.definition);
        let facts = self.present.get(&table);
        let hazards = match (&described, facts) {
            (Some(definition), Some(facts)) => hazard::of_change(&step.call, definition, facts),
            // The table does not exist now: an earlier step may have created it.
            (None, _) | (_, None) => Vec::new(),
        };
        let note = beyond::note(&step.call, facts);
        let blocked = self.refusals(&step.call, described.as_ref());
        self.blocked.extend(blocked);
        let guard = facts.filter(|_| step.call.is_deletion()).and_then(Guard::of);
        if self.simulator.call(&step.call).is_ok() {
            self.simulator.settle(&table);
            self.untouched.remove(&table);
        }
        if matches!(step.call, Call::DeleteTable(_))
            && self.table(&table).is_none()
            && let Some(facts) = self.present.remove(&table)
        {
            self.deleted.insert(table, facts);
        }
        step.details.extend(note);
        Step { hazards, guard: guard_of(&step.call, guard), ..step }
    }

    /// Returns the changes of the steps so far that DynamoDB would refuse because of unmanaged
    /// features of a table, and the replacements that would lose features which mizzle cannot
    /// create again.
    pub fn blocked(&self) -> &[Blocked] {
        &self.blocked
    }

    fn refusals(&self, call: &Call, described: Option<&TableDefinition>) -> Vec<Blocked> {
        let facts = self.present.get(call.table());
        match (call, described) {
            (Call::CreateTable(_), None) => {
                beyond::kept_from_replacement(call.table(), self.deleted.get(call.table()))
                    .into_iter()
                    .collect()
            }
            (Call::DeleteTable(_), Some(before)) => {
                planner::kept_from_deletion(before, facts).into_iter().collect()
            }
            (_, Some(before)) => {
                let mut simulator = self.simulator.clone();
                if simulator.call(call).is_err() {
                    return Vec::new();
                }
                simulator.settle(call.table());
                let after = simulator.describe(call.table()).map(|table| table.definition);
                let changes = diff([before], after.as_ref()).tables;
                let updates = changes.iter().filter_map(|table| match table {
                    TableDiff::Update(update) => Some(update),
                    TableDiff::Create(_) | TableDiff::Delete(_) => None,
                });
                updates.flat_map(|update| beyond::refused(update, facts)).collect()
            }
            (_, None) => Vec::new(),
        }
    }

    /// Returns the predicted table; `None` if there will be no table with that name.
    pub fn table(&self, name: &str) -> Option<TableDescription> {
        self.untouched.get(name).cloned().or_else(|| self.simulator.describe(name))
    }

    /// Returns the facts about a table that exists now, until a step deletes it.
    pub fn facts(&self, name: &str) -> Option<&Facts> {
        self.present.get(name)
    }
}

/// Returns the guard of a call. Emptiness only matters to calls that delete items.
fn guard_of(call: &Call, guard: Option<Guard>) -> Option<Guard> {
    let deletes_table = matches!(call, Call::DeleteTable(_));
    guard.map(|guard| Guard { is_empty: guard.is_empty && deletes_table, ..guard })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{
            BillingMode, OnDemandThroughput, ProvisionedThroughput, Status, StreamSpecification,
            StreamViewType, TableDefinition,
        },
        plan::{Agreement, HazardKind},
    };
    use serde_json::{Value, json};
    use std::collections::BTreeSet;

    const STREAM: StreamSpecification = StreamSpecification {
        stream_enabled: true,
        stream_view_type: Some(StreamViewType::NewImage),
    };

    fn shop() -> TableDefinition {
        let create = call(
            "createTable",
            json!({
                "TableName": "Shop",
                "AttributeDefinitions": [
                    { "AttributeName": "pk", "AttributeType": "S" },
                    { "AttributeName": "email", "AttributeType": "S" },
                ],
                "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
                "GlobalSecondaryIndexes": [{
                    "IndexName": "byEmail",
                    "KeySchema": [{ "AttributeName": "email", "KeyType": "HASH" }],
                    "Projection": { "ProjectionType": "ALL" },
                }],
                "BillingMode": "PAY_PER_REQUEST",
            }),
        );
        let Call::CreateTable(request) = create else { unreachable!() };
        TableDefinition { stream_specification: Some(STREAM), ..request.into() }
    }

    fn described(definition: TableDefinition) -> TableDescription {
        TableDescription {
            definition,
            status: Status::Active,
            indexes: BTreeMap::new(),
            item_count: Some(5000),
            size_bytes: Some(500_000),
            index_sizes: BTreeMap::new(),
            created: None,
            table_id: Some("the one".to_owned()),
            replicas: Vec::new(),
            policy_revision: None,
            unsupported: BTreeSet::new(),
            transitions: Vec::new(),
            is_warming: false,
            region: None,
            unmanaged: Default::default(),
        }
    }

    fn forecast(definition: TableDefinition, is_empty: Option<bool>) -> Forecast {
        let table = described(definition);
        let facts = Facts { is_empty, ..Facts::of(&table) };
        Forecast::new([(table, facts)])
    }

    #[expect(clippy::needless_pass_by_value, reason = "requests are written in place")]
    fn call(method: &str, request: Value) -> Call {
        Call::parse(method, &request).unwrap()
    }

    fn kinds(forecast: &mut Forecast, calls: &[Call]) -> Vec<Vec<HazardKind>> {
        let steps = calls.iter().enumerate();
        let steps = steps.map(|(at, call)| forecast.step(Step::of(call.clone(), at)));
        steps.map(|step| step.hazards.iter().map(|hazard| hazard.kind).collect()).collect()
    }

    fn create() -> Call {
        call(
            "createTable",
            json!({
                "TableName": "Shop",
                "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
                "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
                "BillingMode": "PAY_PER_REQUEST",
            }),
        )
    }

    fn delete() -> Call {
        call("deleteTable", json!({ "TableName": "Shop" }))
    }

    fn drop_index() -> Call {
        call(
            "updateTable",
            json!({
                "TableName": "Shop",
                "GlobalSecondaryIndexUpdates": [{ "Delete": { "IndexName": "byEmail" } }],
            }),
        )
    }

    fn stream(is_on: bool) -> Call {
        let stream = if is_on { json!(STREAM) } else { json!({ "StreamEnabled": false }) };
        call("updateTable", json!({ "TableName": "Shop", "StreamSpecification": stream }))
    }

    #[test]
    fn what_the_run_creates_can_be_deleted_freely() {
        let mut empty = Forecast::default();
        let calls = [create(), stream(true), stream(false), delete(), create()];
        assert_eq!(kinds(&mut empty, &calls), vec![Vec::new(); 5]);
        assert!(empty.table("Shop").is_some() && empty.facts("Shop").is_none());
    }

    #[test]
    fn a_table_that_is_there_is_lost_once() {
        use HazardKind::{DeletesTable, DisablesStream};
        let mut forecast = forecast(shop(), Some(false));
        let steps = [delete(), create(), delete()];
        let steps = steps.into_iter().enumerate();
        let steps: Vec<Step> = steps.map(|(at, call)| forecast.step(Step::of(call, at))).collect();
        let kinds: Vec<Vec<HazardKind>> = steps
            .iter()
            .map(|step| step.hazards.iter().map(|hazard| hazard.kind).collect())
            .collect();
        assert_eq!(kinds, [vec![DeletesTable, DisablesStream], vec![], vec![]]);
        insta::assert_snapshot!(
            steps[0].hazards[0].message,
            @"Deletes table Shop and every item in it: about 5,000 items (500 kB)."
        );
        let guard = Guard { table_id: Some("the one".to_owned()), is_empty: false };
        assert_eq!(steps[0].guard, Some(guard));
        assert_eq!(steps[2].guard, None);
        let agreement = Agreement::of(&steps);
        assert_eq!(agreement.tables_with_items(), BTreeSet::from(["Shop"]));
    }

    #[test]
    fn an_empty_table_has_to_stay_empty() {
        let mut forecast = forecast(shop(), Some(true));
        let steps = [forecast.step(Step::of(delete(), 0))];
        assert!(steps[0].guard.as_ref().is_some_and(|guard| guard.is_empty));
        let agreement = Agreement::of(&steps);
        assert!(!agreement.is_needless() && agreement.data_loss.is_empty());
    }

    #[test]
    fn only_what_is_there_can_be_lost() {
        use HazardKind::{DisablesStream, DropsIndex, ExpiresItems, LiftsProtection, RemovesTags};
        let protect = |is_on| {
            call("updateTable", json!({ "TableName": "Shop", "DeletionProtectionEnabled": is_on }))
        };
        let untag = call("untagResource", json!({ "ResourceArn": "Shop", "TagKeys": ["team"] }));
        let expire = call(
            "updateTimeToLive",
            json!({
                "TableName": "Shop",
                "TimeToLiveSpecification": { "Enabled": true, "AttributeName": "until" },
            }),
        );
        let calls = [
            stream(false),
            stream(false),
            drop_index(),
            drop_index(),
            protect(false),
            protect(true),
            protect(false),
            untag,
            expire.clone(),
            expire.clone(),
        ];
        let bare = TableDefinition { tags: Some(Vec::new()), ..shop() };
        let tagged = TableDefinition {
            tags: Some(serde_json::from_value(json!([{ "Key": "team", "Value": "a" }])).unwrap()),
            ..shop()
        };
        let expected = |tags: Vec<HazardKind>| {
            let (ends, drops) = (vec![DisablesStream], vec![DropsIndex]);
            let (lifts, expires) = (vec![LiftsProtection], vec![ExpiresItems]);
            vec![ends, vec![], drops, vec![], vec![], vec![], lifts, tags, expires, vec![]]
        };
        assert_eq!(kinds(&mut forecast(bare, Some(false)), &calls), expected(vec![]));
        assert_eq!(kinds(&mut forecast(tagged, Some(false)), &calls), expected(vec![RemovesTags]));
        assert_eq!(kinds(&mut forecast(shop(), Some(true)), &[expire]), [vec![]]);
    }

    #[test]
    fn only_less_than_there_is_throttles() {
        use HazardKind::Throttles;
        let units = |reads, writes| ProvisionedThroughput {
            read_capacity_units: reads,
            write_capacity_units: writes,
        };
        let mut definition = TableDefinition {
            billing_mode: Some(BillingMode::Provisioned),
            provisioned_throughput: Some(units(10, 10)),
            ..shop()
        };
        for index in &mut definition.global_secondary_indexes {
            index.provisioned_throughput = Some(units(10, 10));
        }
        let capacity = |reads, writes| {
            call(
                "updateTable",
                json!({ "TableName": "Shop", "ProvisionedThroughput": units(reads, writes) }),
            )
        };
        let of_index = call(
            "updateTable",
            json!({
                "TableName": "Shop",
                "GlobalSecondaryIndexUpdates": [
                    { "Update": { "IndexName": "byEmail", "ProvisionedThroughput": units(10, 5) } },
                ],
            }),
        );
        let calls = [capacity(20, 20), capacity(20, 15), of_index];
        let found = kinds(&mut forecast(definition, Some(false)), &calls);
        assert_eq!(found, [vec![], vec![Throttles], vec![Throttles]]);

        let limit = |writes| {
            let limit =
                OnDemandThroughput { max_read_request_units: -1, max_write_request_units: writes };
            call("updateTable", json!({ "TableName": "Shop", "OnDemandThroughput": limit }))
        };
        let provision = call(
            "updateTable",
            json!({
                "TableName": "Shop",
                "BillingMode": "PROVISIONED",
                "ProvisionedThroughput": units(5, 5),
                "GlobalSecondaryIndexUpdates": [
                    { "Update": { "IndexName": "byEmail", "ProvisionedThroughput": units(5, 5) } },
                ],
            }),
        );
        let calls = [limit(100), limit(200), limit(150), provision];
        let found = kinds(&mut forecast(shop(), Some(false)), &calls);
        assert_eq!(found, [vec![Throttles], vec![], vec![Throttles], vec![Throttles]]);
    }
}
