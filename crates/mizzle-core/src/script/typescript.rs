//! Prints a plan and its reverse as a TypeScript module.
//!
//! Each `await db.…` is one step with the request of AWS's API. The layout is that of Prettier: a
//! value stays on one line if it fits.

use super::{
    call::{call, object},
    copy::ItemCopy,
};
use crate::{
    plan::{Plan, Step},
    typescript::{Doc, WIDTH, indented_comment, literal, property, render},
};
use pretty::{DocAllocator, RcAllocator};
use serde_json::Value;

/// The contents of `up` and `down` in a script that people complete.
const CUSTOM_UP: &str = "  \
  // Change items here, as in
  //   for await (const item of db.scanItems({ TableName: \"…\" })) { … }
  // A run that was interrupted starts again: pass over the items that are done.
";
const CUSTOM_DOWN: &str = "  // Undo it here; leave this empty if there is nothing to undo.\n";

/// The contents of a function without steps: settings that the schema does not contain are
/// unchanged.
const NOTHING: &str = "  // Nothing to do: settings that are not managed stay as they are.\n";

/// Writes the script: `up` executes one plan, `down` the other.
pub fn write(up: &Plan, down: &Plan) -> String {
    write_copying((up, &[]), (down, &[]))
}

/// Writes the script like [`write()`], with copies of items for each plan: the items of a table are
/// copied right before the steps that delete it.
pub fn write_copying(
    (up, up_copies): (&Plan, &[ItemCopy<'_>]),
    (down, down_copies): (&Plan, &[ItemCopy<'_>]),
) -> String {
    module(&statements(up, up_copies), &statements(down, down_copies))
}

fn statements(plan: &Plan, copies: &[ItemCopy<'_>]) -> String {
    if plan.steps.is_empty() {
        return NOTHING.to_owned();
    }
    let mut statements = Vec::new();
    for steps in plan.by_table() {
        let is_copied = |copy: &&ItemCopy<'_>| {
            steps.first().is_some_and(|step| step.table() == copy.from.table_name)
        };
        statements.extend(copies.iter().filter(is_copied).map(|copy| copy.statement()));
        statements.extend(steps.iter().map(statement));
    }
    statements.join("\n")
}

/// Writes a script without steps, for changes of items: comments show where to add code.
pub fn write_custom() -> String {
    module(CUSTOM_UP, CUSTOM_DOWN)
}

fn module(up: &str, down: &str) -> String {
    let mut text = String::from("import type { Database } from \"mizzle-cli\";\n");
    for (name, body) in [("up", up), ("down", down)] {
        text.push_str(&format!(
            "\nexport async function {name}(db: Database): Promise<void> {{\n{body}}}\n"
        ));
    }
    text
}

fn statement(step: &Step) -> String {
    let mut text = String::new();
    for hazard in &step.hazards {
        text.push_str(&indented_comment(&hazard.message, "  "));
    }
    let doc = call(step.call.method(), object_broken(&step.call.input()));
    let doc = RcAllocator.text("  ").append(doc.nest(2));
    text.push_str(&render(&doc, WIDTH));
    text.push('\n');
    text
}

/// Prints the request, with one property per line if there are several.
fn object_broken<'a>(value: &Value) -> Doc<'a> {
    match value {
        Value::Object(members) if members.len() > 1 => {
            object(members.iter().map(|(name, value)| property(name, value)))
        }
        other => literal(other),
    }
}
