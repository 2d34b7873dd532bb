//! What a script would do: it is run against a database that does nothing, and its steps are noted.

use crate::{
    report::{ScriptHazard, ScriptHazardKind},
    settings::EnvironmentSettings,
    ui::Ui,
};
use mizzle_core::{
    apply::DataOperation,
    plan::{self, Step},
};
use mizzle_eval::{
    Call, CallError, Direction, EvalError, Evaluator, Limits, ScriptEvent, ScriptFacts,
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, path::Path};

/// What a script would do.
#[derive(Debug, Default)]
pub(super) struct Recording {
    /// Its calls of the control plane, on the tables of the environment.
    pub(super) steps: Vec<Step>,
    /// Their fingerprints, which are the same in every environment.
    pub(super) fingerprints: Vec<String>,
    /// Whether it also asks for items. What it would do to them cannot be told: it finds none.
    pub(super) uses_items: bool,
    /// The tables that it asks for items, deletes, and creates anew.
    pub(super) held: Vec<String>,
}

impl Recording {
    /// What the script may cost beyond what its steps say: what a run that is killed between two steps
    /// would lose, and what it does to items.
    pub(super) fn hazards(&self) -> impl Iterator<Item = ScriptHazard> {
        let held = self.held.iter().map(|table| ScriptHazard {
            kind: ScriptHazardKind::HoldsItems,
            message: format!(
                "It reads items of {table}, deletes the table and creates it anew: what it holds in memory meanwhile is lost if the run is killed. Copy the items to another table first."
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

/// What a function of a script would do in an environment.
///
/// # Errors
///
/// When the script does not come to its end.
pub(super) async fn record(
    evaluator: &Evaluator,
    script: (&Path, Direction),
    environment: &EnvironmentSettings,
    limits: Limits,
    ui: &Ui,
) -> Result<Recording, EvalError> {
    record_refusing(evaluator, script, environment, limits, ui, |_| Ok(())).await
}

/// The same against a database that refuses calls of the control plane: `answer` tells which.
///
/// # Errors
///
/// As [`record`]; a refused call is one, at its place, unless the script bears it.
pub(super) async fn record_refusing(
    evaluator: &Evaluator,
    (script, direction): (&Path, Direction),
    environment: &EnvironmentSettings,
    limits: Limits,
    ui: &Ui,
    mut answer: impl FnMut(&Step) -> Result<(), CallError>,
) -> Result<Recording, EvalError> {
    let facts = ScriptFacts { environment: environment.name.clone(), dry_run: true };
    let mut running = evaluator.script(script, direction, facts, limits);
    let mut recording = Recording::default();
    let (mut read, mut deleted) = (BTreeSet::new(), BTreeSet::new());
    while let Some(event) = running.next().await {
        match event {
            ScriptEvent::Log(line) => ui.verbose(line),
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

/// The refusal of an operation that writes to the ledger.
pub(super) fn ledger_write(
    operation: DataOperation,
    call: &Call,
    environment: &EnvironmentSettings,
) -> Option<CallError> {
    let is_ledger =
        |table: &&str| environment.naming.physical(table) == environment.ledger.as_str();
    (operation.is_write() && operation.tables(call.input()).iter().any(is_ledger))
        .then(|| ledger_refusal(environment))
}

/// The ledger says what was applied: a script that changes it would make it say something else.
fn ledger_refusal(environment: &EnvironmentSettings) -> CallError {
    let message =
        format!("{} is the ledger of migrations, and no script may change it", environment.ledger);
    let mut error = CallError::new("ValidationException", message);
    error.hints.push(
        "`mizzle resolve` changes the ledger's entry of a migration; `mizzle drop` deletes the ledger"
            .to_owned(),
    );
    error
}

/// The bytes that a table's name may have in a request, where it may be an ARN.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html>.
const LONGEST_NAME: usize = 1024;

/// The step of a control-plane call, `position` calls of the script before it, and its fingerprint.
pub(super) fn step(
    call: &Call,
    position: usize,
    environment: &EnvironmentSettings,
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

/// What a data operation answers when there is nothing.
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
