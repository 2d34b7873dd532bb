//! The list for people: a table if it fits the terminal, otherwise, or with `--long`, a card for
//! each table.

use super::facts::{Entry, Facts, Kind, Setting, Value};
use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets,
};
use console::{Style, measure_text_width, style};
use mizzle_core::text;

const HEADER: [&str; 9] =
    ["NAME", "KIND", "PK", "SK", "PROJECTION", "STATUS", "BILLING", "ITEMS", "SIZE"];
const NAME: usize = 0;
const KIND: usize = 1;
const PROJECTION: usize = 4;
const STATUS: usize = 5;
const BILLING: usize = 6;
const ITEMS: usize = 7;
const SIZE: usize = 8;

/// The gap between two columns, and before the labels of a card.
const GAP: u16 = 2;

/// The minimum width of names before the layout falls back to cards.
const LEAST_NAME: usize = 32;

/// The minimum width of the values of a card, whatever the terminal.
const LEAST_VALUE: usize = 8;

/// A non-breaking space. Replaced by a space in the output.
const GLUE: char = '\u{a0}';

/// Renders the list for a terminal of `width` columns.
pub(super) fn render(tables: &[Facts<'_>], width: usize, is_long: bool) -> String {
    let table = if is_long { None } else { table(tables, width) };
    table.unwrap_or_else(|| cards(tables, width, is_long)).replace(GLUE, " ")
}

/// Renders a row for each table, followed by a row for each of its indexes; `None` if that does not
/// fit. Projections and very long names may be wrapped.
fn table(tables: &[Facts<'_>], width: usize) -> Option<String> {
    let rows = || {
        tables.iter().flat_map(|Facts { table, indexes, is_own }| {
            let table = (table, "", *is_own);
            std::iter::once(table).chain(indexes.iter().map(|index| (index, "  ", true)))
        })
    };
    let natural: Vec<[String; 9]> =
        rows().map(|(entry, indent, _)| cells(entry, format!("{indent}{}", entry.name))).collect();
    let (name_room, projection_room) = rooms(&natural, width)?;

    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
    table.set_header(HEADER.map(|title| style(title).dim().to_string()));
    for ((entry, indent, is_own), mut row) in rows().zip(natural) {
        let look = if is_own { Style::new() } else { Style::new().dim() };
        row[NAME] = styled(&broken(entry.name, name_room, indent), &look);
        row[STATUS] = styled(&row[STATUS], &status_look(&entry.status));
        for column in [KIND, BILLING] {
            row[column] = styled(&row[column], &Style::new().dim());
        }
        table.add_row(row);
    }
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, if at == SIZE { 0 } else { GAP }));
        column.set_constraint(ColumnConstraint::ContentWidth);
        if [ITEMS, SIZE].contains(&at) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        if at == PROJECTION {
            let with_gap = u16::try_from(projection_room).unwrap_or(u16::MAX).saturating_add(GAP);
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(with_gap)));
        }
    }
    Some(table.trim_fmt())
}

/// Returns the widths of names and projections when all other columns have the width that they
/// need; `None` if a word of a projection would be broken, or names would be too narrow.
fn rooms(rows: &[[String; 9]], width: usize) -> Option<(usize, usize)> {
    let widest = |column: usize| {
        let cells = rows.iter().flat_map(|row| row[column].lines()).map(measure_text_width);
        cells.chain([HEADER[column].len()]).max().unwrap_or_default()
    };
    let gaps = usize::from(GAP) * (HEADER.len() - 1);
    let others = (0..HEADER.len()).filter(|column| ![NAME, PROJECTION].contains(column));
    let room = width.checked_sub(gaps + others.map(widest).sum::<usize>())?;
    let words = rows.iter().flat_map(|row| row[PROJECTION].split(' ').map(measure_text_width));
    let longest_word = words.chain([HEADER[PROJECTION].len()]).max().unwrap_or_default();
    let name = widest(NAME).min(room.checked_sub(longest_word)?);
    let is_readable = name >= widest(NAME).min(LEAST_NAME);
    is_readable.then(|| (name, widest(PROJECTION).min(room - name)))
}

fn cells(entry: &Entry<'_>, name: String) -> [String; 9] {
    let number = |number: Option<u64>, shown: fn(u64) -> String| number.map(shown);
    [
        name,
        entry.kind.word().to_owned(),
        cell(&entry.partition_key).to_owned(),
        cell(&entry.sort_key).to_owned(),
        cell(&entry.projection).to_owned(),
        reason(&entry.status).replace(", ", ",\n"),
        cell(&entry.billing).to_owned(),
        number(entry.items, text::grouped).unwrap_or_default(),
        number(entry.bytes, text::bytes).unwrap_or_default(),
    ]
}

/// Renders a block of labelled lines for each table.
fn cards(tables: &[Facts<'_>], width: usize, is_long: bool) -> String {
    let labels = ["Billing"].into_iter();
    let labels = labels.chain(Setting::all().filter(|_| is_long).map(Setting::label));
    let label = labels.map(str::len).max().unwrap_or_default();
    let room = width.saturating_sub(label + 2 * usize::from(GAP)).max(LEAST_VALUE);
    let cards: Vec<String> = tables.iter().map(|table| card(table, width, label, room)).collect();
    cards.join("\n\n")
}

fn card(facts: &Facts<'_>, width: usize, label: usize, room: usize) -> String {
    let Facts { table: entry, is_own, indexes } = facts;
    let look = if *is_own { Style::new().bold() } else { Style::new() };
    let name = styled(&broken(entry.name, width, ""), &look);

    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
    for (label, value) in lines(entry, indexes) {
        let label = style(label).dim().to_string();
        table.add_row([Cell::new(label), Cell::new(value)]);
    }
    let widths = [(label, GAP), (room, 0)];
    for (column, (content, before)) in table.column_iter_mut().zip(widths) {
        let after = if before > 0 { GAP } else { 0 };
        column.set_padding((before, after));
        let content = u16::try_from(content).unwrap_or(u16::MAX);
        let with_gaps = content.saturating_add(before + after);
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(with_gaps)));
    }
    format!("{name}\n{}", table.trim_fmt())
}

/// Returns the lines of a card: labels and styled values.
fn lines(entry: &Entry<'_>, indexes: &[Entry<'_>]) -> Vec<(&'static str, String)> {
    let dim = Style::new().dim();
    let mut lines = Vec::new();
    if entry.kind == Kind::Ledger {
        lines.push(("Kind", "ledger of migrations".to_owned()));
    }
    let status = reason(&entry.status);
    lines.push(("Status", styled(status, &status_look(&entry.status))));
    let mut line = |label, value: &Value| match value {
        Value::Told(text) => lines.push((label, text.clone())),
        Value::Default(text) => lines.push((label, styled(text, &dim))),
        Value::Untold(reason) => lines.push((label, styled(reason, &status_look(value)))),
        Value::Unsupported => lines.push((label, styled("unsupported", &dim))),
        Value::Nothing => {}
    };
    if !matches!(entry.status, Value::Untold(_)) {
        line("PK", &entry.partition_key);
        line("SK", &entry.sort_key);
        line("Billing", &entry.billing);
        let size = size(entry);
        line("Items", &size.map_or(Value::Nothing, Value::Told));
        for (setting, value) in &entry.settings {
            line(setting.label(), value);
        }
    }
    for index in indexes {
        let Entry { name, key, .. } = index;
        let label = index.kind.word();
        // An attribute and its type stay on one line.
        let key =
            key.replace(' ', "\u{a0}").replace(",\u{a0}", ", ").replace("\u{a0}+\u{a0}", " + ");
        lines.push((label, format!("{name} ({key}) {}", cell(&index.projection))));
        let state = reason(&index.status);
        if !state.is_empty() && !index.status.is_active() {
            lines.push(("", styled(state, &status_look(&index.status))));
        }
        if !index.settings.is_empty() {
            lines.push(("", styled(&details(index), &dim)));
        }
    }
    lines
}

/// Returns the details of an index for `--long`:
/// `items 1,204 (3.1 MB); capacity 5 reads, 1 write`.
fn details(index: &Entry<'_>) -> String {
    let mut details: Vec<String> =
        size(index).map(|size| format!("items {size}")).into_iter().collect();
    details.extend(index.settings.iter().filter_map(|(setting, value)| match value {
        Value::Told(text) => Some(format!("{} {text}", setting.label().to_lowercase())),
        Value::Default(_) | Value::Nothing | Value::Unsupported | Value::Untold(_) => None,
    }));
    details.join("; ")
}

/// Returns `1,204 (3.1 MB)`.
fn size(entry: &Entry<'_>) -> Option<String> {
    let items = text::grouped(entry.items?);
    Some(match entry.bytes {
        Some(bytes) => format!("{items} ({})", text::bytes(bytes)),
        None => items,
    })
}

fn cell(value: &Value) -> &str {
    match value {
        Value::Told(text) | Value::Default(text) => text,
        Value::Nothing | Value::Unsupported | Value::Untold(_) => "",
    }
}

/// Returns a status, or the reason why it is missing.
fn reason(status: &Value) -> &str {
    match status {
        Value::Untold(reason) => reason,
        told => cell(told),
    }
}

fn status_look(status: &Value) -> Style {
    if status.is_active() { Style::new().green() } else { Style::new().yellow() }
}

/// Wraps a name into lines of at most `width` columns, each indented.
fn broken(name: &str, width: usize, indent: &str) -> String {
    let options = textwrap::Options::new(width.max(1))
        .initial_indent(indent)
        .subsequent_indent(indent)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::fill(name, options)
}

/// Applies a style to the text, line by line; an empty text stays empty.
fn styled(text: &str, look: &Style) -> String {
    let lines = text.lines().map(|line| look.apply_to(line).to_string());
    lines.collect::<Vec<_>>().join("\n")
}
