//! The ledger of an environment: a table beside the project's own.
//!
//! Its key is the string `id`. The item `lock` is the lock, `migration/0001_init` the record of a
//! migration, `resolution/…` a resolution. The attributes are those of the core's types, to be
//! readable in the console.

mod items;

use crate::{
    client::{DynamoDb, answered_within, look},
    errors::Request,
    limits::{Pages, pauses},
};
use aws_sdk_dynamodb::{
    error::SdkError,
    operation::put_item::builders::PutItemFluentBuilder,
    operation::transact_write_items::{TransactWriteItemsError, TransactWriteItemsOutput},
    types::{CancellationReason, ConditionCheck, Delete, Put, TransactWriteItem},
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use items::{ID, Item};
use mizzle_core::{
    apply::{ControlPlane, ServiceError, ServiceErrorKind},
    ledger::{Change, Displaced, Ledger, Lock, Record, Resolution},
    model::{
        AttributeDefinition, AuxiliarySettings, BillingMode, KeySchemaElement, ScalarType, Status,
        TableDefinition,
    },
    plan::{Call, CreateTable},
};
use std::time::Duration;

/// The total length of pauses while the table is being created.
const CREATION: Duration = Duration::from_secs(120);

/// The number of failed requests to create the table before giving up.
const CREATION_FAILURES: u32 = 5;

/// The total length of pauses while other runners write to the same items.
const CONFLICT: Duration = Duration::from_secs(10);

/// The minimum and the maximum of the time limit of a heartbeat's attempt.
const BEAT_TIMEOUT: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(10)];

/// The condition that the lock has the token of the write.
const IS_OURS: &str = "#token = :token";

const CONDITION_FAILED: &str = "ConditionalCheckFailedException";

/// A ledger in a table of DynamoDB.
///
/// Lost responses are handled: an attempt that the SDK repeats is not mistaken for another
/// runner's. Writes that conflict with another one on the same item wait for it.
#[derive(Debug, Clone)]
pub struct DynamoDbLedger {
    server: DynamoDb,
    table: String,
}

impl DynamoDb {
    /// Returns the ledger in the table of this name, which need not exist yet.
    pub fn ledger(&self, table: impl Into<String>) -> DynamoDbLedger {
        DynamoDbLedger { server: self.clone(), table: table.into() }
    }
}

impl DynamoDbLedger {
    /// The name of the ledger's table.
    pub fn table(&self) -> &str {
        &self.table
    }

    fn request(&self, operation: &'static str) -> Request<'_> {
        self.server.request(operation, Some(&self.table))
    }

    /// Returns the call that creates the table. It is on demand, since its few writes are rare and
    /// come at once. It has no deletion protection, since dropping the tables of an environment
    /// also drops its ledger.
    fn definition(&self) -> Call {
        Call::CreateTable(CreateTable {
            table_name: self.table.clone(),
            attribute_definitions: vec![AttributeDefinition {
                attribute_name: ID.to_owned(),
                attribute_type: ScalarType::S,
            }],
            key_schema: vec![KeySchemaElement::hash(ID)],
            billing_mode: Some(BillingMode::PayPerRequest),
            ..CreateTable::default()
        })
    }

    /// Checks that an existing table can be the ledger.
    fn check(&self, definition: &TableDefinition) -> Result<(), ServiceError> {
        let is_text = definition.attribute_definitions.iter().any(|attribute| {
            attribute.attribute_name == ID && attribute.attribute_type == ScalarType::S
        });
        if is_text && definition.key_schema == [KeySchemaElement::hash(ID)] {
            return Ok(());
        }
        Err(self.request("DescribeTable").refused(format!(
            "the table exists and is not a ledger, whose key is the string {ID:?} alone; give the \
             ledger another name, or delete the table if nobody needs it"
        )))
    }

    /// Sends a transaction. Returns true if its conditions are met.
    ///
    /// Every attempt carries a token from the SDK: one that was carried out and lost its response
    /// succeeds again, and is not mistaken for a failed condition.
    async fn transact(&self, actions: Vec<TransactWriteItem>) -> Result<bool, ServiceError> {
        let request = self.request("TransactWriteItems");
        let write = self.server.client.transact_write_items().set_transact_items(Some(actions));
        let mut delays = pauses(Duration::from_millis(20), CONFLICT);
        loop {
            let answer = write.clone().customize().config_override(look()).send().await;
            let canceled = canceled(&answer);
            let Err(error) = request.answered(answer) else { return Ok(true) };
            match canceled {
                Some(Canceled::Refused) => return Ok(false),
                Some(Canceled::Collided) => match delays.next() {
                    Some(delay) => tokio::time::sleep(delay).await,
                    None => return Err(error),
                },
                Some(Canceled::Missing) => {
                    return Err(ServiceError { kind: ServiceErrorKind::NotFound, ..error });
                }
                None => return Err(error),
            }
        }
    }

    /// Returns every item; `None` when there is no table.
    async fn items(&self, request: &Request<'_>) -> Result<Option<Vec<Item>>, ServiceError> {
        let (mut items, mut pages) = (Vec::new(), Pages::new());
        loop {
            let page = self
                .server
                .client
                .scan()
                .table_name(&self.table)
                .consistent_read(true)
                .set_exclusive_start_key(pages.start());
            let page = request.answered(page.customize().config_override(look()).send().await);
            let Some(page) = unless_missing(page)? else { return Ok(None) };
            items.extend(page.items.unwrap_or_default());
            let next = page.last_evaluated_key.filter(|key| !key.is_empty());
            if !request.bounded(pages.go_on(next))? {
                return Ok(Some(items));
            }
        }
    }

    /// Returns the item with the key of the lock, even if it is not a valid lock.
    async fn lock_item(&self) -> Result<Option<Item>, ServiceError> {
        let request = self.request("GetItem");
        let get = self
            .server
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(items::key(items::LOCK)))
            .consistent_read(true);
        let answer = request.answered(get.customize().config_override(look()).send().await);
        let item = unless_missing(answer)?.and_then(|answer| answer.item);
        // Some servers return an empty item where the service returns none.
        Ok(item.filter(|item| !item.is_empty()))
    }

    /// Puts the lock if the present item is `seen`, which need not be a valid lock; `None` means no
    /// item.
    fn put_lock(&self, lock: &Lock, seen: Option<&Item>) -> PutItemFluentBuilder {
        let put = self.server.client.put_item().table_name(&self.table);
        let put = put.set_item(Some(items::lock_item(lock))).expression_attribute_names("#id", ID);
        let Some(seen) = seen else {
            return put.condition_expression("attribute_not_exists(#id)");
        };
        let mut condition = "attribute_exists(#id)".to_owned();
        let mut put = put;
        for name in [items::TOKEN, items::BEAT] {
            put = put.expression_attribute_names(format!("#{name}"), name);
            match seen.get(name) {
                None => condition += &format!(" AND attribute_not_exists(#{name})"),
                Some(value) => {
                    condition += &format!(" AND #{name} = :{name}");
                    put = put.expression_attribute_values(format!(":{name}"), value.clone());
                }
            }
        }
        put.condition_expression(condition)
    }

    /// Puts an item.
    fn put(&self, item: Item) -> Result<TransactWriteItem, ServiceError> {
        let put = Put::builder().table_name(&self.table).set_item(Some(item));
        let put = self.request("TransactWriteItems").built(put.build())?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Deletes the record of a migration.
    fn delete(&self, migration: &str) -> Result<TransactWriteItem, ServiceError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(items::key(&items::record_id(migration))));
        let delete = self.request("TransactWriteItems").built(delete.build())?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// Returns the condition of every write: the lock has this token.
    fn fence(&self, token: &str) -> Result<TransactWriteItem, ServiceError> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(items::key(items::LOCK)))
            .condition_expression(IS_OURS)
            .expression_attribute_names("#token", items::TOKEN)
            .expression_attribute_values(":token", items::text(token));
        let check = self.request("TransactWriteItems").built(check.build())?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }
}

impl Ledger for DynamoDbLedger {
    async fn prepare(&self) -> Result<(), ServiceError> {
        let mut delays = pauses(Duration::from_millis(100), CREATION);
        let mut failures = 0;
        loop {
            let status =
                match self.server.describe_table(&self.table, AuxiliarySettings::NONE).await? {
                    Some(table) => match table.status {
                        status @ (Status::Creating | Status::Deleting) => status,
                        Status::Active | Status::Updating | Status::Other(_) => {
                            return self.check(&table.definition);
                        }
                    },
                    None => {
                        match self.server.call(&self.definition()).await {
                            // Another runner is creating it at the same time.
                            Ok(()) | Err(ServiceError { kind: ServiceErrorKind::InUse, .. }) => {}
                            Err(error) if !may_be_tried_again(&error) => return Err(error),
                            Err(error) if failures == CREATION_FAILURES => return Err(error),
                            // It may have been created nevertheless.
                            Err(_) => failures += 1,
                        }
                        Status::Creating
                    }
                };
            match delays.next() {
                Some(delay) => tokio::time::sleep(delay).await,
                None => {
                    return Err(self.request("DescribeTable").refused(format!(
                        "the ledger's table is still {status} after {} s; try again when it is ready",
                        CREATION.as_secs()
                    )));
                }
            }
        }
    }

    async fn records(&self) -> Result<Option<Vec<Record>>, ServiceError> {
        let request = self.request("Scan");
        let Some(items) = self.items(&request).await? else { return Ok(None) };
        let mut records = Vec::new();
        for item in items {
            records.extend(request.read(items::read_record(&item))?);
        }
        records.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Some(records))
    }

    async fn resolutions(&self) -> Result<Vec<Resolution>, ServiceError> {
        let request = self.request("Scan");
        let mut resolutions = Vec::new();
        for item in self.items(&request).await?.unwrap_or_default() {
            resolutions.extend(request.read(items::read_resolution(&item))?);
        }
        resolutions.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(resolutions.into_iter().map(|(_, resolution)| resolution).collect())
    }

    async fn lock(&self) -> Result<Option<Lock>, ServiceError> {
        let item = self.lock_item().await?;
        item.map(|item| self.request("GetItem").read(items::read_lock(&item))).transpose()
    }

    async fn displace(&self, lock: &Lock) -> Result<Displaced, ServiceError> {
        let Some(item) = self.lock_item().await? else { return Ok(Displaced::Nothing) };
        if items::read_lock(&item).is_ok() {
            return Ok(Displaced::Nothing);
        }
        let put = self.put_lock(lock, Some(&item));
        let answer = put.customize().config_override(look()).send().await;
        match self.request("PutItem").answered(answer) {
            Ok(_) if items::can_be_held(&item) => Ok(Displaced::Lock),
            Ok(_) => Ok(Displaced::Rubbish),
            Err(error) if error.code.as_deref() == Some(CONDITION_FAILED) => Ok(Displaced::Nothing),
            Err(error) => Err(error),
        }
    }

    async fn take(&self, lock: &Lock, seen: Option<&Lock>) -> Result<bool, ServiceError> {
        let request = self.request("PutItem");
        let seen = seen.map(items::lock_item);
        let put = self.put_lock(lock, seen.as_ref());
        let [shortest, longest] = BEAT_TIMEOUT;
        // A response after the next heartbeat is due is useless.
        let timeout = (lock.lease() / 3).clamp(shortest, longest);
        let mut delays = pauses(Duration::from_millis(20), timeout);
        loop {
            let attempt = put.clone().customize().config_override(answered_within(timeout));
            let Err(error) = request.answered(attempt.send().await) else { return Ok(true) };
            if error.code.as_deref() == Some(CONDITION_FAILED) {
                // Also the case if a previous attempt was carried out, and its response was lost.
                return Ok(self.lock().await?.as_ref() == Some(lock));
            }
            if error.kind.leaves_outcome_open() {
                let is_ours = self.lock().await.is_ok_and(|now| now.as_ref() == Some(lock));
                return if is_ours { Ok(true) } else { Err(error) };
            }
            match delays.next().filter(|_| error.kind == ServiceErrorKind::Throttled) {
                Some(delay) => tokio::time::sleep(delay).await,
                None => return Err(error),
            }
        }
    }

    async fn release(&self, token: &str) -> Result<bool, ServiceError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(items::key(items::LOCK)))
            .condition_expression(IS_OURS)
            .expression_attribute_names("#token", items::TOKEN)
            .expression_attribute_values(":token", items::text(token));
        let delete = self.request("TransactWriteItems").built(delete.build())?;
        let released = self.transact(vec![TransactWriteItem::builder().delete(delete).build()]);
        Ok(unless_missing(released.await)?.unwrap_or(false))
    }

    async fn write(&self, record: &Record, token: &str) -> Result<bool, ServiceError> {
        self.transact(vec![self.fence(token)?, self.put(items::record_item(record))?]).await
    }

    async fn resolve(
        &self,
        change: &Change,
        resolution: &Resolution,
        token: &str,
    ) -> Result<bool, ServiceError> {
        let mut actions = vec![self.fence(token)?];
        match change {
            Change::Write(record) => actions.push(self.put(items::record_item(record))?),
            Change::Rename { record, from } => {
                actions.push(self.put(items::record_item(record))?);
                actions.push(self.delete(from)?);
            }
            Change::Remove => actions.push(self.delete(&resolution.migration)?),
        }
        actions.push(self.put(items::resolution_item(resolution))?);
        self.transact(actions).await
    }

    async fn remove(&self, migration: &str, token: &str) -> Result<bool, ServiceError> {
        self.transact(vec![self.fence(token)?, self.delete(migration)?]).await
    }
}

/// The reason for which a transaction was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Canceled {
    /// A condition is not met.
    Refused,
    /// The transaction collided with another write to the same items, or was throttled. Nothing
    /// was written.
    Collided,
    /// There is no table. (The service has an error of its own for it, some emulators do not.)
    Missing,
}

fn canceled(
    answer: &Result<TransactWriteItemsOutput, SdkError<TransactWriteItemsError, HttpResponse>>,
) -> Option<Canceled> {
    match answer.as_ref().err()?.as_service_error()? {
        TransactWriteItemsError::TransactionCanceledException(canceled) => {
            reason(canceled.cancellation_reasons())
        }
        _ => None,
    }
}

fn reason(reasons: &[CancellationReason]) -> Option<Canceled> {
    let is_any = |expected: &[&str]| {
        let mut codes = reasons.iter().filter_map(|reason| reason.code.as_deref());
        codes.any(|code| expected.contains(&code))
    };
    if is_any(&["ConditionalCheckFailed"]) {
        Some(Canceled::Refused)
    } else if is_any(&["ResourceNotFoundException"]) {
        Some(Canceled::Missing)
    } else if is_any(&["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]) {
        Some(Canceled::Collided)
    } else {
        None
    }
}

/// True if a failed request to create the table is worth another attempt.
fn may_be_tried_again(error: &ServiceError) -> bool {
    let is_turned_away =
        matches!(error.kind, ServiceErrorKind::Throttled | ServiceErrorKind::LimitExceeded);
    error.kind.leaves_outcome_open() || is_turned_away && !error.is_quota()
}

/// Returns `None` when there is no table.
fn unless_missing<T>(answer: Result<T, ServiceError>) -> Result<Option<T>, ServiceError> {
    match answer {
        Err(error) if error.kind == ServiceErrorKind::NotFound => Ok(None),
        answer => answer.map(Some),
    }
}
