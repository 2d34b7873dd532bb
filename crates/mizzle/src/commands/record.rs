//! What a script would do: it is run against a database that does nothing, and its steps are noted.

use crate::ui::Ui;
use mizzle_core::{
    apply::DataOperation,
    plan::{self, Step},
};
use mizzle_eval::{
    Call, CallError, Direction, EvalError, Evaluator, Limits, ScriptEvent, ScriptFacts,
};
use serde_json::{Value, json};
use std::path::Path;

/// The steps of a script's `up`.
///
/// # Errors
///
/// When the script does not come to its end.
pub(super) async fn record(
    evaluator: &Evaluator,
    script: &Path,
    limits: Limits,
    ui: &Ui,
) -> Result<Vec<Step>, EvalError> {
    let facts = ScriptFacts { environment: None, dry_run: true };
    let mut running = evaluator.script(script, Direction::Up, facts, limits);
    let mut steps = Vec::new();
    while let Some(event) = running.next().await {
        match event {
            ScriptEvent::Log(line) => ui.verbose(line),
            ScriptEvent::Call(call) => match DataOperation::parse(call.method()) {
                Some(operation) => call.reply(Ok(nothing(operation))),
                None => match step(&call, steps.len()) {
                    Ok(step) => {
                        steps.push(step);
                        call.reply(Ok(Value::Null));
                    }
                    Err(error) => call.reply(Err(error)),
                },
            },
        }
    }
    running.finish()?;
    Ok(steps)
}

/// The step of a control-plane call, `position` calls of the script before it.
pub(super) fn step(call: &Call, position: usize) -> Result<Step, CallError> {
    match plan::Call::parse(call.method(), call.input()) {
        Ok(call) => Ok(Step::of(call, position)),
        Err(problem) => Err(CallError {
            hints: problem.hint.clone().into_iter().collect(),
            ..CallError::new("ValidationException", problem.to_string())
        }),
    }
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
