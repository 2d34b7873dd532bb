//! A plan and its reverse as the text of a TypeScript module.
//!
//! Each `await db.…` is one step, with AWS's own request. The layout is the one that Prettier would
//! choose: a value stays on one line while it fits.

use crate::{
    plan::{Plan, Step},
    typescript::{Doc, WIDTH, indented_comment, literal, property, render},
};
use pretty::{DocAllocator, RcAllocator};
use serde_json::Value;

/// What stands in `up` and in `down` of a script that people are to fill.
const CUSTOM_UP: &str = "  \
  // Change items here, as in
  //   for await (const item of db.scanItems({ TableName: \"…\" })) { … }
  // A run that was interrupted begins anew: pass over the items that are done.
";
const CUSTOM_DOWN: &str = "  // Undo it here; leave this empty if there is nothing to undo.\n";

/// What stands where there is no step: what a schema does not state stays as it is.
const NOTHING: &str = "  // Nothing to do: settings that are not managed stay as they are.\n";

/// Writes the script: `up` carries out one plan, `down` the other.
pub fn write(up: &Plan, down: &Plan) -> String {
    let statements = |plan: &Plan| match plan.steps.as_slice() {
        [] => NOTHING.to_owned(),
        steps => steps.iter().map(statement).collect::<Vec<_>>().join("\n"),
    };
    module(&statements(up), &statements(down))
}

/// Writes a script without a step, for changes of items: comments say what goes where.
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
    let input = step.call.input();
    let doc = RcAllocator
        .text(format!("await db.{}(", step.call.method()))
        .append(object_broken(&input))
        .append(RcAllocator.text(");"));
    let doc = RcAllocator.text("  ").append(doc.nest(2));
    text.push_str(&render(&doc, WIDTH));
    text.push('\n');
    text
}

/// The request itself: always one property a line unless there is only one.
fn object_broken<'a>(value: &Value) -> Doc<'a> {
    match value {
        Value::Object(object) if object.len() > 1 => {
            let properties = object.iter().map(|(name, value)| {
                property(name, value).append(RcAllocator.text(",")).append(RcAllocator.nil())
            });
            RcAllocator
                .text("{")
                .append(
                    RcAllocator
                        .hardline()
                        .append(RcAllocator.intersperse(properties, RcAllocator.hardline()))
                        .nest(2),
                )
                .append(RcAllocator.hardline())
                .append(RcAllocator.text("}"))
        }
        other => literal(other),
    }
}
