//! AWS CLI commands, each with the input for `--cli-input-json`.
//!
//! The commands follow the plan by which mizzle itself would create the tables.

use super::{Export, Warning, autoscaled};
use crate::{
    diff::diff,
    model::TableDefinition,
    plan::{Call, Context, Step, plan},
    settings::View,
    text,
};
use heck::ToKebabCase;
use serde::Serialize;
use serde_json::{Value, json};

/// The command that must run before any other request for a new table.
const WAIT: &str = "aws dynamodb wait table-exists";

/// A command and its input.
#[derive(Debug, Serialize)]
struct Command {
    command: String,
    input: Value,
}

/// Returns the commands as JSON, in the order in which they must run.
pub(super) fn json(tables: &[&TableDefinition]) -> Export {
    let text = serde_json::to_string_pretty(&commands(tables))
        .expect("requests hold strings, numbers and lists only, which JSON can always express");
    Export { text: text::escaped_json(format!("{text}\n")), warnings: warnings(tables) }
}

/// Returns a shell script that runs the commands.
pub(super) fn script(tables: &[&TableDefinition]) -> Export {
    let warnings = warnings(tables);
    let heading = super::heading(
        "aws-cli",
        &[
            "It creates the tables, and stops at the first that already exists. Account and region are those",
            "that the AWS CLI is set to.",
        ],
        &warnings,
    );
    let mut text = format!(
        "#!/bin/sh\n{heading}set -eu\n# Answers are printed, and not shown in a pager.\nexport AWS_PAGER=\"\"\n"
    );
    for Command { command, input } in commands(tables) {
        let input = text::escaped_json(format!("{input:#}")).replace('\'', r"'\''");
        text.push_str(&format!("\n{command} --cli-input-json '{input}'\n"));
    }
    Export { text, warnings }
}

/// Returns the commands. All tables are created first, because DynamoDB creates them in parallel.
/// If a table needs further requests, a wait for it comes before them.
fn commands(tables: &[&TableDefinition]) -> Vec<Command> {
    let plan = plan(&diff([], tables.iter().copied()), &Context::default());
    let (mut creations, mut rest) = (Vec::new(), Vec::new());
    for steps in plan.by_table() {
        let mut later = Vec::new();
        for Step { call, .. } in steps {
            match call.view() {
                View::CreateTable(_) => creations.push(command(call)),
                View::Setting(request) => match request.in_creation() {
                    Some((field, value)) => {
                        if let Some(creation) = creations.last_mut() {
                            creation.input[field] = value;
                        }
                    }
                    None => later.push(command(call)),
                },
                View::UpdateTable(_) | View::DeleteTable(_) => later.push(command(call)),
            }
        }
        if let Some(first) = steps.first().filter(|_| !later.is_empty()) {
            let input = json!({ "TableName": first.call.table() });
            rest.push(Command { command: WAIT.to_owned(), input });
        }
        rest.append(&mut later);
    }
    creations.into_iter().chain(rest).collect()
}

/// Returns the command of a call: the API's operation in kebab case.
fn command(call: &Call) -> Command {
    let command = format!("aws dynamodb {}", call.operation().to_kebab_case());
    let mut input = call.input();
    if matches!(call, Call::CreateTable(_)) {
        leave_out_no_limits(&mut input);
    }
    Command { command, input }
}

/// Removes limits of -1. A new table has no limit by default; -1 removes the limit of an existing
/// table, and CreateTable refuses it.
fn leave_out_no_limits(input: &mut Value) {
    const LIMITS: &str = "OnDemandThroughput";
    let Some(fields) = input.as_object_mut() else { return };
    if let Some(limits) = fields.get_mut(LIMITS).and_then(Value::as_object_mut) {
        limits.retain(|_, limit| *limit != json!(-1));
        if limits.is_empty() {
            fields.remove(LIMITS);
        }
    }
    let indexes = fields.get_mut("GlobalSecondaryIndexes").and_then(Value::as_array_mut);
    indexes.into_iter().flatten().for_each(leave_out_no_limits);
}

fn warnings(tables: &[&TableDefinition]) -> Vec<Warning> {
    let message = |_: Option<&str>| {
        "it is autoscaled, and is created with the numbers to start with: set the scaling up with `aws application-autoscaling`".to_owned()
    };
    tables.iter().flat_map(|table| autoscaled(table, message)).collect()
}
