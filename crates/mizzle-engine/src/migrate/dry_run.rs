//! Records the steps of a script by running it against a database that does nothing.

use super::{ScriptHazard, ScriptHazardKind};
use crate::{
    Environment,
    ports::{Call, CallError, Direction, RunningScript, ScriptEvent, ScriptFacts, ScriptHost},
};
use mizzle_core::{
    apply::DataOperation,
    plan::{self, Step},
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, path::Path};

/// The recorded steps of a script.
#[derive(Debug, Default)]
pub struct Recording {
    /// The control-plane calls, on the tables of the environment.
    pub steps: Vec<Step>,
    /// The fingerprints of the calls, which are the same in all environments.
    pub fingerprints: Vec<String>,
    /// True if the script also reads or writes items. Its effect on them is unknown, because the
    /// recording has none.
    pub uses_items: bool,
    /// The tables from which the script reads items and which it then deletes and creates again.
    pub held: Vec<String>,
}

impl Recording {
    /// Returns the hazards of the script in addition to those of its steps: the items that a run
    /// killed between two steps would lose, and its unknown effect on items.
    pub fn hazards(&self) -> impl Iterator<Item = ScriptHazard> {
        let held = self.held.iter().map(|table| ScriptHazard {
            kind: ScriptHazardKind::HoldsItems,
            message: format!(
                "It reads items of {table}, deletes the table and creates it again: the items that it holds in memory are lost if the run is killed. Copy the items to another table first."
            ),
        });
        held.chain(
            self.uses_items.then(|| ScriptHazard {
                kind: ScriptHazardKind::ChangesItems,
                message: "It reads or changes items, and what it does to them cannot be foreseen."
                    .to_owned(),
            }),
        )
    }
}

/// Records a function of a script in an environment. `log` receives the lines of `db.log`.
///
/// # Errors
///
/// When the script does not complete.
pub async fn record<H: ScriptHost>(
    host: &H,
    log: &dyn Fn(&str),
    script: (&Path, Direction),
    environment: &Environment,
) -> Result<Recording, H::Error> {
    record_refusing(host, log, script, environment, |_| Ok(())).await
}

/// Records a function in the same way, with a database that refuses control-plane calls: `answer`
/// decides which.
///
/// # Errors
///
/// As [`record`]; a refused call is an error of the script, unless the script catches it.
pub async fn record_refusing<H: ScriptHost>(
    host: &H,
    log: &dyn Fn(&str),
    (script, direction): (&Path, Direction),
    environment: &Environment,
    mut answer: impl FnMut(&Step) -> Result<(), CallError>,
) -> Result<Recording, H::Error> {
    let facts = ScriptFacts { environment: environment.name.clone(), dry_run: true };
    let mut running = host.start(script, direction, facts);
    let mut recording = Recording::default();
    let (mut read, mut deleted) = (BTreeSet::new(), BTreeSet::new());
    while let Some(event) = running.next().await {
        match event {
            ScriptEvent::Log(line) => log(&line),
            ScriptEvent::Call(call) => match DataOperation::parse(call.method()) {
                Some(operation) => {
                    if let Some(refusal) = ledger_write(operation, &call, environment) {
                        call.reply(Err(refusal));
                        continue;
                    }
                    recording.uses_items = true;
                    if !operation.is_write() {
                        let tables = operation.tables(call.input()).into_iter();
                        read.extend(
                            tables.map(|table| environment.naming.physical(table).into_owned()),
                        );
                    }
                    call.reply(Ok(nothing(operation)));
                }
                None => match step(&call, recording.steps.len(), environment)
                    .and_then(|(step, fingerprint)| answer(&step).map(|()| (step, fingerprint)))
                {
                    Ok((step, fingerprint)) => {
                        let table = step.table().to_owned();
                        match &step.call {
                            plan::Call::DeleteTable(_) if read.contains(&table) => {
                                deleted.insert(table);
                            }
                            plan::Call::CreateTable(_) if deleted.remove(&table) => {
                                recording.held.push(table);
                            }
                            _ => {}
                        }
                        recording.steps.push(step);
                        recording.fingerprints.push(fingerprint);
                        call.reply(Ok(Value::Null));
                    }
                    Err(error) => call.reply(Err(error)),
                },
            },
        }
    }
    running.finish()?;
    Ok(recording)
}

/// Returns the refusal of an operation that writes to the ledger.
pub(super) fn ledger_write(
    operation: DataOperation,
    call: &Call,
    environment: &Environment,
) -> Option<CallError> {
    let is_ledger =
        |table: &&str| environment.naming.physical(table) == environment.ledger.as_str();
    (operation.is_write() && operation.tables(call.input()).iter().any(is_ledger))
        .then(|| ledger_refusal(environment))
}

/// Returns the error of a script that writes to the ledger.
fn ledger_refusal(environment: &Environment) -> CallError {
    let message =
        format!("{} is the ledger of migrations, and no script may change it", environment.ledger);
    let mut error = CallError::new("ValidationException", message);
    error.hints.push(
        "`mizzle resolve` changes the ledger's entry of a migration; `mizzle drop` deletes the ledger"
            .to_owned(),
    );
    error
}

/// The maximum length of a table name in a request, in bytes: it may be an ARN.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html>.
const LONGEST_NAME: usize = 1024;

/// Returns the step of a control-plane call, after `position` calls of the script, and its fingerprint.
pub(super) fn step(
    call: &Call,
    position: usize,
    environment: &Environment,
) -> Result<(Step, String), CallError> {
    let call = plan::Call::parse(call.method(), call.input()).map_err(|problem| CallError {
        hints: problem.hint.clone().into_iter().collect(),
        ..CallError::new("ValidationException", problem.to_string())
    })?;
    if call.table().len() > LONGEST_NAME {
        let message = format!(
            "TableName has {} characters, and no table has more than 255",
            call.table().chars().count()
        );
        return Err(CallError::new("ValidationException", message));
    }
    let fingerprint = call.fingerprint();
    let table = environment.naming.physical(call.table()).into_owned();
    if table == environment.ledger {
        return Err(ledger_refusal(environment));
    }
    Ok((Step::of(call.renamed(table), position), fingerprint))
}

/// Returns the response of a data operation on an empty database.
pub(super) fn nothing(operation: DataOperation) -> Value {
    match operation {
        DataOperation::Query | DataOperation::Scan => {
            json!({ "Items": [], "Count": 0, "ScannedCount": 0 })
        }
        DataOperation::BatchGet => json!({ "Responses": {}, "UnprocessedKeys": {} }),
        DataOperation::BatchWrite => json!({ "UnprocessedItems": {} }),
        DataOperation::Get
        | DataOperation::Put
        | DataOperation::Update
        | DataOperation::Delete
        | DataOperation::TransactWrite => json!({}),
    }
}
