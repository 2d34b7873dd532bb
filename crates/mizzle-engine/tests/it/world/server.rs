//! The [simulator](Simulator) with items, backups and a fence as a server. It counts port calls,
//! and can crash after any of them.

use super::{ManualClock, ledger::MemoryLedger};
use mizzle_core::{
    apply::{
        BackupPlane, BackupStatus, ControlPlane, DataError, DataOperation, DataPlane, Fence,
        Fenced, ServiceError, ServiceErrorKind,
    },
    diff::diff,
    ledger::{Lock, Record, Resolution},
    model::{AuxiliarySetting, AuxiliarySettings, TableDefinition, TableDescription},
    plan::{Call, Context, Exception, Simulator, plan},
    settings::SettingKind,
};
use mizzle_engine::ports::Server;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    future::pending,
    sync::{Arc, Mutex, MutexGuard},
};

/// A function to run after a port call with a given number.
type Hook = Box<dyn FnOnce(&mut State, &ManualClock) + Send>;

/// The data of a server. Clones share the same memory.
#[derive(Clone, Default)]
pub(crate) struct Memory {
    state: Arc<Mutex<State>>,
    pub(crate) clock: ManualClock,
}

/// The tables, items and ledger, and the faults of the server.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) simulator: Simulator,
    /// Items by table and `pk`.
    pub(crate) items: BTreeMap<String, BTreeMap<String, Value>>,
    pub(crate) has_ledger: bool,
    pub(crate) lock: Option<Lock>,
    pub(crate) records: BTreeMap<String, Record>,
    pub(crate) resolutions: Vec<Resolution>,
    pub(crate) backups: Vec<String>,
    /// True if the server does not support backups.
    pub(crate) lacks_backups: bool,
    /// The write calls, in order.
    pub(crate) changes: Vec<String>,
    /// The number of port calls so far.
    pub(crate) port_calls: usize,
    /// The number of the port call after which the world crashes.
    pub(crate) crash_after: Option<usize>,
    pub(crate) is_crashed: bool,
    pub(crate) hooks: BTreeMap<usize, Hook>,
    /// Operations that are refused for a lack of permission.
    pub(crate) denied: BTreeSet<&'static str>,
    /// The settings whose operations the server does not support.
    pub(crate) unsupported: BTreeSet<AuxiliarySetting>,
    /// Operations that the server accepts without an effect.
    pub(crate) ignored: BTreeSet<&'static str>,
}

impl State {
    /// Deletes a table, and creates another one with its name, as another process.
    pub(crate) fn exchange(&mut self, name: &str) {
        let Some(table) = self.simulator.describe(name) else { return };
        let none: [&TableDefinition; 0] = [];
        let there = [&table.definition];
        for diff in [diff(there, none), diff(none, there)] {
            let context = Context { accept_data_loss: true, ..Context::default() };
            for step in plan(&diff, &context).steps {
                self.simulator.settle(name);
                self.simulator.call(&step.call).unwrap();
                self.simulator.settle(name);
            }
        }
        self.items.remove(name);
    }
}

impl Memory {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Returns the server without a fence.
    pub(crate) fn server(&self) -> MemoryServer {
        MemoryServer { memory: self.clone(), fence: None }
    }

    /// Creates tables, as another process.
    pub(crate) fn holding(&self, tables: &[TableDefinition]) {
        for table in tables {
            self.state().simulator = {
                let simulator = std::mem::take(&mut self.state().simulator);
                let mut tables_before = definitions(&simulator);
                tables_before.push(table.clone());
                Simulator::holding(tables_before)
            };
        }
    }

    /// Returns the tables with all settings, by name.
    pub(crate) fn tables(&self) -> BTreeMap<String, TableDefinition> {
        let mut state = self.state();
        let names: Vec<String> = state.simulator.tables().map(str::to_owned).collect();
        for name in &names {
            state.simulator.settle(name);
        }
        let tables = definitions(&state.simulator).into_iter();
        tables.map(|table| (table.table_name.clone(), table)).collect()
    }

    /// Returns the keys of a table's items.
    pub(crate) fn keys(&self, table: &str) -> Vec<String> {
        let state = self.state();
        state.items.get(table).into_iter().flat_map(BTreeMap::keys).cloned().collect()
    }

    /// Puts items with these keys.
    pub(crate) fn put(&self, table: &str, keys: &[&str]) {
        let mut state = self.state();
        let items = state.items.entry(table.to_owned()).or_default();
        items.extend(keys.iter().map(|key| ((*key).to_owned(), json!({ "pk": { "S": key } }))));
    }

    /// Registers a function to run after the port call with this number.
    pub(crate) fn after(
        &self,
        number: usize,
        hook: impl FnOnce(&mut State, &ManualClock) + Send + 'static,
    ) {
        self.state().hooks.insert(number, Box::new(hook));
    }

    /// Executes a port call.
    pub(super) async fn port<R>(&self, call: impl FnOnce(&mut State) -> R) -> R {
        let (result, is_crashed) = {
            let mut state = self.state();
            if state.is_crashed {
                (None, true)
            } else {
                state.port_calls += 1;
                let number = state.port_calls;
                let result = call(&mut state);
                if let Some(hook) = state.hooks.remove(&number) {
                    hook(&mut state, &self.clock);
                }
                state.is_crashed = state.crash_after == Some(number);
                (Some(result), state.is_crashed)
            }
        };
        match result {
            Some(result) if !is_crashed => result,
            _ => pending().await,
        }
    }
}

fn definitions(simulator: &Simulator) -> Vec<TableDefinition> {
    let tables = simulator.tables().filter_map(|table| simulator.describe(table));
    tables.map(|table| table.definition).collect()
}

/// Returns the error of an operation.
pub(crate) fn error(
    kind: ServiceErrorKind,
    operation: &'static str,
    message: String,
) -> ServiceError {
    let code = Some(format!("{kind:?}"));
    ServiceError { kind, operation, table: None, code, message, background: Box::default() }
}

/// The server, optionally behind a fence.
#[derive(Clone)]
pub(crate) struct MemoryServer {
    memory: Memory,
    fence: Option<Arc<dyn Fence>>,
}

impl MemoryServer {
    pub(crate) fn ledger(&self) -> MemoryLedger {
        MemoryLedger(self.memory.clone())
    }

    async fn pass(&self) -> Result<(), Fenced> {
        match &self.fence {
            Some(fence) if !fence.is_open() => fence.open().await,
            Some(_) | None => Ok(()),
        }
    }
}

impl Server for MemoryServer {
    type Ledger = MemoryLedger;

    fn fenced(&self, fence: Arc<dyn Fence>) -> Self {
        Self { memory: self.memory.clone(), fence: Some(fence) }
    }
}

impl ControlPlane for MemoryServer {
    async fn list_tables(&self) -> Result<Vec<String>, ServiceError> {
        let list = |state: &mut State| state.simulator.tables().map(str::to_owned).collect();
        Ok(self.memory.port(list).await)
    }

    async fn describe_table(
        &self,
        table: &str,
        extras: AuxiliarySettings,
    ) -> Result<Option<TableDescription>, ServiceError> {
        self.memory
            .port(|state| {
                state.simulator.settle(table);
                let described = state.simulator.describe(table);
                let unsupported = &state.unsupported;
                Ok(described.map(|described| asked(described, extras, unsupported)))
            })
            .await
    }

    async fn is_empty(&self, table: &str) -> Result<bool, ServiceError> {
        self.memory.port(|state| Ok(state.items.get(table).is_none_or(BTreeMap::is_empty))).await
    }

    async fn call(&self, call: &Call) -> Result<(), ServiceError> {
        let operation = call.operation();
        if let Err(Fenced { reason }) = self.pass().await {
            return Err(error(ServiceErrorKind::Fenced, operation, reason));
        }
        self.memory
            .port(|state| {
                if state.denied.contains(operation) {
                    let message = format!("not allowed: {operation}");
                    return Err(error(ServiceErrorKind::AccessDenied, operation, message));
                }
                if extra(call).is_some_and(|extra| state.unsupported.contains(&extra)) {
                    let message = format!("{operation} is not implemented");
                    return Err(error(ServiceErrorKind::Unsupported, operation, message));
                }
                if state.ignored.contains(operation) {
                    state.changes.push(format!("{operation} {} (ignored)", call.table()));
                    return Ok(());
                }
                state.simulator.settle(call.table());
                let called = state.simulator.call(call).map_err(|refusal| {
                    let kind = match refusal.code {
                        Exception::Validation => ServiceErrorKind::Validation,
                        Exception::ResourceInUse => ServiceErrorKind::InUse,
                        Exception::ResourceNotFound => ServiceErrorKind::NotFound,
                        Exception::LimitExceeded => ServiceErrorKind::LimitExceeded,
                        Exception::PolicyNotFound => ServiceErrorKind::Other,
                    };
                    error(kind, operation, refusal.message)
                });
                called?;
                state.changes.push(format!("{operation} {}", call.table()));
                if let Call::DeleteTable(_) = call {
                    state.items.remove(call.table());
                }
                Ok(())
            })
            .await
    }
}

/// Returns the setting that a call changes, if a separate operation reads it.
fn extra(call: &Call) -> Option<AuxiliarySetting> {
    call.setting().and_then(SettingKind::extra)
}

/// Returns the description without settings that were not requested or are not supported.
fn asked(
    mut table: TableDescription,
    extras: AuxiliarySettings,
    unsupported: &BTreeSet<AuxiliarySetting>,
) -> TableDescription {
    let is_told = |extra, asked: bool| asked && !unsupported.contains(&extra);
    let definition = &mut table.definition;
    if !is_told(AuxiliarySetting::TimeToLive, extras.time_to_live) {
        definition.time_to_live_specification = None;
    }
    if !is_told(AuxiliarySetting::PointInTimeRecovery, extras.point_in_time_recovery) {
        definition.point_in_time_recovery_specification = None;
    }
    if !is_told(AuxiliarySetting::Tags, extras.tags) {
        definition.tags = None;
    }
    if !is_told(AuxiliarySetting::ResourcePolicy, extras.resource_policy) {
        definition.resource_policy = None;
        table.policy_revision = None;
    }
    if !is_told(
        AuxiliarySetting::ContributorInsights,
        extras.contributor_insights || extras.attachments,
    ) {
        definition.contributor_insights = None;
    }
    if !is_told(
        AuxiliarySetting::KinesisDestination,
        extras.kinesis_destination || extras.attachments,
    ) {
        definition.kinesis_destinations = None;
    }
    table.unsupported = unsupported.clone();
    table
}

impl DataPlane for MemoryServer {
    async fn data(&self, operation: DataOperation, input: &Value) -> Result<Value, DataError> {
        let failed = |name: &str, message: String, kind| DataError {
            name: name.to_owned(),
            message,
            fields: Vec::new(),
            kind,
            request_id: None,
        };
        if operation.is_write()
            && let Err(Fenced { reason }) = self.pass().await
        {
            return Err(failed("Fenced", reason, ServiceErrorKind::Fenced));
        }
        self.memory
            .port(|state| {
                let table = input["TableName"].as_str().unwrap_or_default();
                if state.simulator.describe(table).is_none() {
                    let name = "ResourceNotFoundException";
                    return Err(failed(name, format!("no {table}"), ServiceErrorKind::NotFound));
                }
                let items = state.items.entry(table.to_owned()).or_default();
                let key = |item: &Value| item["pk"]["S"].as_str().unwrap_or_default().to_owned();
                match operation {
                    DataOperation::Scan => {
                        let items: Vec<&Value> = items.values().collect();
                        Ok(json!({ "Items": items, "Count": items.len() }))
                    }
                    DataOperation::Put => {
                        items.insert(key(&input["Item"]), input["Item"].clone());
                        state.changes.push(format!("PutItem {table} {}", key(&input["Item"])));
                        Ok(json!({}))
                    }
                    DataOperation::Delete => {
                        items.remove(&key(&input["Key"]));
                        state.changes.push(format!("DeleteItem {table} {}", key(&input["Key"])));
                        Ok(json!({}))
                    }
                    other => panic!("{other:?} is not in this memory"),
                }
            })
            .await
    }
}

impl BackupPlane for MemoryServer {
    async fn knows_backups(&self) -> Result<bool, ServiceError> {
        self.memory.port(|state| Ok(!state.lacks_backups)).await
    }

    async fn create_backup(&self, table: &str, name: &str) -> Result<String, ServiceError> {
        self.memory
            .port(|state| {
                state.backups.push(table.to_owned());
                Ok(format!("arn:{name}"))
            })
            .await
    }

    async fn find_backup(&self, _: &str, _: &str) -> Result<Option<String>, ServiceError> {
        self.memory.port(|_| Ok(None)).await
    }

    async fn backup_status(&self, _: &str, _: &str) -> Result<Option<BackupStatus>, ServiceError> {
        self.memory.port(|_| Ok(Some(BackupStatus::Available))).await
    }
}
