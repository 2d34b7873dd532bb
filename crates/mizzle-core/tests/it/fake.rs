//! A control plane in memory that fails as real ones do, and a clock that does not wait.

use mizzle_core::{
    apply::{Clock, ControlPlane, ServiceError, ServiceErrorKind},
    diff::{Diff, diff},
    model::{AuxiliarySettings, TableDefinition, TableDescription, WarmThroughput},
    plan::{Call, Exception, Refusal, Simulator},
};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

/// The result of the next call.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    /// The call is refused.
    Refused(ServiceErrorKind),
    /// The call is refused with this message.
    RefusedAs(ServiceErrorKind, &'static str),
    /// The call is executed, but its response is lost.
    AnswerLost,
}

/// The [simulator](Simulator) as a control plane.
#[derive(Default)]
pub(crate) struct Fake {
    pub(crate) simulator: Mutex<Simulator>,
    pub(crate) faults: Mutex<VecDeque<Fault>>,
    /// The number of looks at a table that find it busy after each call.
    pub(crate) busy_looks: usize,
    pub(crate) busy: Mutex<BTreeMap<String, usize>>,
    /// The number of looks at a table that still show its former state after each call.
    pub(crate) stale_looks: usize,
    pub(crate) stale: Mutex<BTreeMap<String, (usize, Option<TableDescription>)>>,
    /// The failures of the next looks; `None` for a successful one.
    pub(crate) failing_looks: Mutex<VecDeque<Option<ServiceErrorKind>>>,
    pub(crate) calls: Mutex<Vec<String>>,
    /// The number of looks at a table, after a call for warm throughput, that find it `ACTIVE` with
    /// its former warm throughput.
    pub(crate) warming_looks: usize,
    pub(crate) warming: Mutex<BTreeMap<String, (usize, Warmths)>>,
}

/// The former warm throughput of a table (`None`) and its indexes.
type Warmths = BTreeMap<Option<String>, Option<WarmThroughput>>;

fn warmths(table: &TableDefinition) -> Warmths {
    let indexes = table.global_secondary_indexes.iter();
    let indexes = indexes.map(|index| (Some(index.index_name.clone()), index.warm_throughput));
    indexes.chain([(None, table.warm_throughput)]).collect()
}

/// Returns the table while its warm throughput is being raised.
fn warming(mut table: TableDescription, before: &Warmths) -> TableDescription {
    let now = warmths(&table.definition);
    let was = |owner: &Option<String>| before.get(owner).copied().flatten();
    for (owner, warm) in now {
        if warm == was(&owner) {
            continue;
        }
        match &owner {
            None => {
                table.is_warming = true;
                table.definition.warm_throughput = was(&owner);
            }
            Some(name) => {
                table.indexes.get_mut(name).unwrap().is_warming = true;
                let mut indexes = table.definition.global_secondary_indexes.iter_mut();
                let index = indexes.find(|index| index.index_name == *name).unwrap();
                index.warm_throughput = was(&owner);
            }
        }
    }
    table
}

impl Fake {
    pub(crate) fn holding(tables: &[TableDefinition]) -> Self {
        Self::of(Simulator::holding(tables.iter().cloned()))
    }

    pub(crate) fn of(simulator: Simulator) -> Self {
        Self { simulator: Mutex::new(simulator), ..Self::default() }
    }

    pub(crate) fn failing(mut self, faults: &[Fault]) -> Self {
        self.faults = Mutex::new(faults.iter().copied().collect());
        self
    }

    /// Returns the tables with all settings.
    pub(crate) fn definitions(&self) -> Vec<TableDefinition> {
        let simulator = self.simulator.lock().unwrap();
        let tables = simulator.tables().filter_map(|table| simulator.describe(table));
        tables.map(|table| table.definition).collect()
    }

    /// Returns the differences from the desired tables.
    pub(crate) fn drift(&self, desired: &[TableDefinition]) -> Diff {
        diff(&self.definitions(), desired)
    }

    fn carry_out(&self, call: &Call) -> Result<(), Refusal> {
        let mut simulator = self.simulator.lock().unwrap();
        let before = simulator.describe(call.table());
        simulator.call(call)?;
        let table = call.table().to_owned();
        if let Some(before) = &before {
            let warmths = (self.warming_looks, warmths(&before.definition));
            self.warming.lock().unwrap().insert(table.clone(), warmths);
        }
        self.stale.lock().unwrap().insert(table.clone(), (self.stale_looks, before));
        self.busy.lock().unwrap().insert(table, self.busy_looks);
        Ok(())
    }
}

fn error(kind: ServiceErrorKind, operation: &'static str, message: String) -> ServiceError {
    ServiceError { kind, operation, table: None, code: None, message, background: Box::default() }
}

fn kind(exception: Exception) -> ServiceErrorKind {
    match exception {
        Exception::Validation => ServiceErrorKind::Validation,
        Exception::ResourceInUse => ServiceErrorKind::InUse,
        Exception::ResourceNotFound => ServiceErrorKind::NotFound,
        Exception::LimitExceeded => ServiceErrorKind::LimitExceeded,
        Exception::PolicyNotFound => ServiceErrorKind::Other,
    }
}

/// Returns the description without the settings that were not requested.
pub(crate) fn asked(mut table: TableDescription, extras: AuxiliarySettings) -> TableDescription {
    let AuxiliarySettings {
        time_to_live,
        point_in_time_recovery,
        tags,
        resource_policy,
        contributor_insights,
        kinesis_destination,
        attachments: _,
    } = extras;
    let definition = &mut table.definition;
    if !time_to_live {
        definition.time_to_live_specification = None;
    }
    if !point_in_time_recovery {
        definition.point_in_time_recovery_specification = None;
    }
    if !tags {
        definition.tags = None;
    }
    if !resource_policy {
        definition.resource_policy = None;
        table.policy_revision = None;
    }
    if !contributor_insights {
        definition.contributor_insights = None;
    }
    if !kinesis_destination {
        definition.kinesis_destinations = None;
    }
    table
}

impl ControlPlane for Fake {
    async fn list_tables(&self) -> Result<Vec<String>, ServiceError> {
        Ok(self.simulator.lock().unwrap().tables().map(str::to_owned).collect())
    }

    async fn describe_table(
        &self,
        table: &str,
        extras: AuxiliarySettings,
    ) -> Result<Option<TableDescription>, ServiceError> {
        if let Some(Some(kind)) = self.failing_looks.lock().unwrap().pop_front() {
            return Err(error(kind, "DescribeTable", format!("{kind:?}")));
        }
        if let Some((looks, before)) = self.stale.lock().unwrap().get_mut(table)
            && *looks > 0
        {
            *looks -= 1;
            // The change may be complete, and only its description late.
            self.simulator.lock().unwrap().settle(table);
            return Ok(before.clone().map(|table| asked(table, extras)));
        }
        let mut simulator = self.simulator.lock().unwrap();
        match self.busy.lock().unwrap().get_mut(table).filter(|looks| **looks > 0) {
            Some(looks) => *looks -= 1,
            None => simulator.settle(table),
        }
        let mut described = simulator.describe(table).map(|table| asked(table, extras));
        if let Some((looks, before)) = self.warming.lock().unwrap().get_mut(table)
            && *looks > 0
        {
            *looks -= 1;
            described = described.map(|table| warming(table, before));
        }
        Ok(described)
    }

    async fn is_empty(&self, table: &str) -> Result<bool, ServiceError> {
        let simulator = self.simulator.lock().unwrap();
        Ok(simulator.describe(table).is_none_or(|table| table.item_count == Some(0)))
    }

    async fn call(&self, call: &Call) -> Result<(), ServiceError> {
        let operation = call.operation();
        self.calls.lock().unwrap().push(format!("{operation} {}", call.table()));
        let fault = self.faults.lock().unwrap().pop_front();
        if let Some(Fault::Refused(kind)) = fault {
            // The message of a limit decides whether it is temporary.
            let message = match kind {
                ServiceErrorKind::LimitExceeded => "LimitExceeded: too many operations".to_owned(),
                kind => format!("{kind:?}"),
            };
            return Err(error(kind, operation, message));
        }
        if let Some(Fault::RefusedAs(kind, message)) = fault {
            return Err(error(kind, operation, message.to_owned()));
        }
        self.carry_out(call)
            .map_err(|refusal| error(kind(refusal.code), operation, refusal.message))?;
        match fault {
            Some(Fault::AnswerLost) => {
                let kind = ServiceErrorKind::Interrupted;
                Err(error(kind, operation, format!("{kind:?}")))
            }
            Some(Fault::Refused(_) | Fault::RefusedAs(..)) | None => Ok(()),
        }
    }
}

/// A clock that advances only by sleeping. Clones are the same clock.
#[derive(Debug, Clone, Default)]
pub(crate) struct ManualClock(Arc<Mutex<Passed>>);

#[derive(Debug, Default)]
struct Passed {
    awake: Duration,
    asleep: Duration,
}

impl ManualClock {
    /// Suspends the machine for a duration.
    pub(crate) fn suspend(&self, duration: Duration) {
        self.0.lock().unwrap().asleep += duration;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Duration {
        self.0.lock().unwrap().awake
    }

    fn latest(&self) -> Duration {
        let Passed { awake, asleep } = *self.0.lock().unwrap();
        awake + asleep
    }

    async fn sleep(&self, duration: Duration) {
        self.0.lock().unwrap().awake += duration;
    }
}
