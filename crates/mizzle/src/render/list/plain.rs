//! The list for programs: a line for each table or index, with a tab between two columns. Nothing
//! is wrapped, cut or coloured, and no column is empty, so that `cut`, `awk` and `column` assign
//! columns alike. New columns come last.

use super::facts::{Entry, Facts, Setting, Value};

/// The columns that are always present.
const COLUMNS: [&str; 10] = [
    "TABLE",
    "INDEX",
    "KIND",
    "PARTITION KEY",
    "SORT KEY",
    "PROJECTION",
    "STATUS",
    "BILLING",
    "ITEMS",
    "BYTES",
];

/// The cell of a value that does not exist.
const NOTHING: &str = "-";

/// The cell of a value that the server does not report.
const UNTOLD: &str = "?";

pub(super) fn render(tables: &[Facts<'_>], is_long: bool) -> String {
    let mut header: Vec<String> = COLUMNS.map(str::to_owned).to_vec();
    header.extend(Setting::all().filter(|_| is_long).map(|setting| setting.label().to_uppercase()));
    let mut lines = vec![header.join("\t")];
    for Facts { table, indexes, .. } in tables {
        lines.push(line(table, table.name, NOTHING));
        lines.extend(indexes.iter().map(|index| line(index, table.name, index.name)));
    }
    lines.join("\n")
}

fn line(entry: &Entry<'_>, table: &str, index: &str) -> String {
    let is_known = !matches!(entry.status, Value::Untold(_));
    let number = |number: Option<u64>| match number {
        Some(number) => number.to_string(),
        None if is_known => NOTHING.to_owned(),
        None => UNTOLD.to_owned(),
    };
    let status = match entry.status {
        Value::Untold(reason) => reason,
        ref status => cell(status),
    };
    let (items, bytes) = (number(entry.items), number(entry.bytes));
    let mut cells = vec![
        table,
        index,
        entry.kind.word(),
        cell(&entry.partition_key),
        cell(&entry.sort_key),
        cell(&entry.projection),
        status,
        cell(&entry.billing),
        &items,
        &bytes,
    ];
    cells.extend(entry.settings.iter().map(|(_, value)| cell(value)));
    cells.join("\t")
}

fn cell(value: &Value) -> &str {
    match value {
        Value::Told(text) | Value::Default(text) => text,
        Value::Nothing => NOTHING,
        Value::Unsupported | Value::Untold(_) => UNTOLD,
    }
}
