//! The config in the npm package, generated from the core's types: its JSON schema, and a part of
//! `index.d.ts`.
//!
//! Both are in the repository. `UPDATE_EXPECT=1 cargo test -p mizzle config_types` updates them.

mod writer;

use mizzle_core::config::json_schema;
use serde_json::Value;
use std::{fs, path::PathBuf};
use writer::Writer;

/// The lines of `index.d.ts` before and after the generated part.
const BEGIN: &str = "// The config: made from the types of the program. Change it there.\n";
const END: &str = "/** A config, or what gives one: ";

/// The types that depend on the billing mode: each mode excludes the fields of the other one, which
/// the JSON schema leaves to the program.
const PAYMENT: &str = include_str!("payment.d.ts");

fn package(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../npm/mizzle-cli").join(file)
}

/// Returns the part of `index.d.ts` that describes the config.
fn types(schema: &Value) -> String {
    let writer = Writer::new(schema);
    let mut parts: Vec<String> = vec![
        writer.definition("Credentials"),
        writer.interface("Config", schema, |name| name != "$schema"),
    ];
    parts.extend(["Migrations", "Environment"].map(|name| writer.definition(name)));
    parts.push(writer.filled(PAYMENT));
    let rest = ["OnDemandMaximum", "Units", "PolicyDocument", "DbCredentials", "EvaluationLimits"];
    parts.extend(rest.map(|name| writer.definition(name)));
    writer.check_all_written(&parts.concat());
    parts.join("\n")
}

#[test]
fn the_json_schema_is_that_of_the_program() {
    let text = serde_json::to_string_pretty(&json_schema()).unwrap();
    expect_test::expect_file![package("mizzle.config.schema.json")].assert_eq(&format!("{text}\n"));
}

#[test]
fn the_types_are_those_of_the_program() {
    let file = package("index.d.ts");
    let text = fs::read_to_string(&file).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let rule = format!("// {}\n", "-".repeat(93));
    let types = types(&json_schema());
    let text = format!("{before}{BEGIN}{rule}\n{types}\n{END}{after}");
    expect_test::expect_file![file].assert_eq(&text);
}
