//! What the calls of a script's `db` do.

use super::Migrate;
use mizzle_core::{
    apply::{DataOperation, DataPlane},
    plan::{self, Step},
};
use mizzle_eval::{Call, CallError};
use serde_json::{Value, json};

/// The step of a control-plane call.
pub(super) fn parse(call: &Call, position: usize) -> Result<Step, CallError> {
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

impl Migrate<'_> {
    /// Carries out a data operation. `gone` are tables that a later step of the same script has
    /// deleted in an earlier run: what comes before that step was done then.
    pub(super) async fn data(&self, operation: DataOperation, call: Call, gone: Vec<String>) {
        let tables = operation.tables(call.input());
        if !tables.is_empty() && tables.iter().all(|table| gone.iter().any(|gone| gone == table)) {
            return call.reply(Ok(nothing(operation)));
        }
        let answer = self.target.control.data(operation, call.input()).await;
        call.reply(answer.map_err(|error| CallError {
            fields: error.fields.clone(),
            ..CallError::new(error.name.clone(), error.message.clone())
        }));
    }
}
