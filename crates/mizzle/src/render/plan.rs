//! A plan, table by table, with a sign before each step and its hazards below it.

use crate::ui::Ui;
use console::Style;
use mizzle_core::{
    plan::{Blocked, Call, Effect, Hazard, HazardKind, Plan, Step},
    text,
};

/// The maximum number of tables that are shown in full; in larger plans, those without hazards take
/// one line each.
const UNFOLDED_TABLES: usize = 20;

/// The number of tables outside the schema that are named; the others are counted.
const SHOWN_UNTRACKED: usize = 5;

/// Shows a plan, table by table. The plan of a dry run is its result; a plan that needs approval,
/// and the blocked tables of any plan, are shown even with `--quiet`.
pub(crate) fn show_plan(plan: &Plan, dry_run: bool, asks: bool, ui: &Ui) {
    let stream = if dry_run { Stream::Stdout } else { Stream::Stderr };
    for block in blocks(plan, ui.is_verbose(), stream) {
        match (dry_run, asks || block.is_blocked) {
            (true, _) => ui.result(block.text),
            (false, true) => ui.important(block.text),
            (false, false) => ui.step(block.text),
        }
    }
}

/// Shows the tables that the schema does not name.
pub(crate) fn show_untracked(untracked: &[String], ui: &Ui) {
    if !untracked.is_empty() {
        let tables = text::count(untracked.len(), "table is", "tables are");
        let shown = &untracked[..untracked.len().min(SHOWN_UNTRACKED)];
        let more = match untracked.len() - shown.len() {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        let names = shown.join(", ");
        ui.info(format!("{tables} not in the schema, and left alone: {names}{more}"));
    }
}

/// The stream of a text: each has its own colour setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// The effect of a step, or of all steps on a table. Plans and diffs use the same signs everywhere;
/// the words beside a sign have the same meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Add,
    Change,
    Remove,
    Replace,
    Blocked,
}

/// Returns a plan as blocks of text, the blocked tables among the others. `is_verbose` disables
/// folding.
fn blocks(plan: &Plan, is_verbose: bool, stream: Stream) -> Vec<Block> {
    let tables = plan.by_table().count() + plan.blocked.len();
    let is_folded = tables > UNFOLDED_TABLES && !is_verbose;
    let view = View { is_folded, stream };
    let mut named: Vec<(&str, Sign, Block)> = Vec::new();
    for steps in plan.by_table() {
        let Some(first) = steps.first() else { continue };
        named.push((first.table(), sign_of_table(steps), view.table(first.table(), steps)));
    }
    for blocked in &plan.blocked {
        named.push((&blocked.table, Sign::Blocked, view.blocked(blocked)));
    }
    // As in the plan, deletions come last.
    named.sort_by_key(|(table, sign, _)| (*sign == Sign::Remove, *table));
    let blocks = named.into_iter().map(|(_, _, block)| block);
    if !is_folded {
        return blocks.collect();
    }
    let is_blocked = !plan.blocked.is_empty();
    let mut lines: Vec<String> = blocks.map(|block| block.text).collect();
    lines.push(format!("Keys, indexes and settings of the {tables} tables in full: --verbose"));
    vec![Block { text: lines.join("\n"), is_blocked }]
}

/// Returns a hazard as a line of standard error.
pub(super) fn hazard_line(hazard: &Hazard) -> String {
    View { is_folded: false, stream: Stream::Stderr }.hazard(hazard)
}

/// A part of the plan that is shown as a unit.
#[derive(Debug)]
struct Block {
    /// The lines.
    text: String,
    /// True if the block contains the reason why a table cannot be changed.
    is_blocked: bool,
}

#[derive(Debug, Clone, Copy)]
struct View {
    /// True to leave out details.
    is_folded: bool,
    stream: Stream,
}

impl View {
    fn table(self, table: &str, steps: &[Step]) -> Block {
        let sign = sign_of_table(steps);
        let is_harmless = steps.iter().all(|step| step.hazards.is_empty());
        let text = match (sign, steps) {
            (Sign::Add, [create, rest @ ..]) if self.is_folded && is_harmless => {
                self.heading(sign, table, &format!("new table, {}", composition(create, rest)))
            }
            (Sign::Change, [only]) if self.is_folded && is_harmless => {
                self.heading(sign, table, &only.title)
            }
            _ => {
                let mut lines = vec![self.heading(sign, table, sign.words())];
                lines.extend(steps.iter().flat_map(|step| self.step(step)));
                lines.join("\n")
            }
        };
        Block { text, is_blocked: false }
    }

    fn step(self, step: &Step) -> Vec<String> {
        let mut lines = vec![format!("  {} {}", self.paint(sign_of_call(&step.call)), step.title)];
        let details = step.details.iter().filter(|_| !self.is_folded);
        lines.extend(details.map(|detail| format!("      {detail}")));
        lines.extend(step.hazards.iter().map(|hazard| format!("    {}", self.hazard(hazard))));
        lines
    }

    fn hazard(self, hazard: &Hazard) -> String {
        let color =
            if loses_items(hazard.kind) { Style::new().red() } else { Style::new().yellow() };
        format!("{} {}", self.styled("▲", color), hazard.message)
    }

    fn blocked(self, blocked: &Blocked) -> Block {
        let heading = self.heading(Sign::Blocked, &blocked.table, Sign::Blocked.words());
        Block { text: format!("{heading}\n    {}", blocked.reason), is_blocked: true }
    }

    fn heading(self, sign: Sign, table: &str, words: &str) -> String {
        let table = self.styled(table, Style::new().bold());
        format!("{} {table}: {words}", self.paint(sign))
    }

    fn paint(self, sign: Sign) -> String {
        let (symbol, color) = match sign {
            Sign::Add => ("+", Style::new().green()),
            Sign::Change => ("~", Style::new().yellow()),
            Sign::Remove => ("-", Style::new().red()),
            Sign::Replace => ("±", Style::new().red()),
            Sign::Blocked => ("■", Style::new().red()),
        };
        self.styled(symbol, color)
    }

    fn styled(self, text: &str, look: Style) -> String {
        let look = match self.stream {
            Stream::Stdout => look,
            Stream::Stderr => look.for_stderr(),
        };
        look.apply_to(text).to_string()
    }
}

impl Sign {
    fn words(self) -> &'static str {
        match self {
            Self::Add => "new table",
            Self::Change => "change",
            Self::Remove => "delete",
            Self::Replace => "replace",
            Self::Blocked => "cannot be changed",
        }
    }
}

fn sign_of_table(steps: &[Step]) -> Sign {
    let creates = steps.iter().any(|step| matches!(step.call, Call::CreateTable(_)));
    let deletes = steps.iter().any(|step| matches!(step.call, Call::DeleteTable(_)));
    match (creates, deletes) {
        (true, true) => Sign::Replace,
        (true, false) => Sign::Add,
        (false, true) => Sign::Remove,
        (false, false) => Sign::Change,
    }
}

fn sign_of_call(call: &Call) -> Sign {
    match call.effect() {
        Effect::Adds => Sign::Add,
        Effect::Changes => Sign::Change,
        Effect::Removes => Sign::Remove,
    }
}

fn loses_items(kind: HazardKind) -> bool {
    match kind {
        HazardKind::DeletesTable | HazardKind::ReplacesTable | HazardKind::DeletesBackups => true,
        HazardKind::DropsIndex
        | HazardKind::RebuildsIndex
        | HazardKind::BackfillsIndex
        | HazardKind::Throttles
        | HazardKind::LacksScaling
        | HazardKind::DisablesStream
        | HazardKind::ExpiresItems
        | HazardKind::LiftsProtection
        | HazardKind::RemovesTags
        | HazardKind::ChangesAccess
        | HazardKind::ChangesBilling => false,
    }
}

/// Returns `key (pk S, sk S), 3 GSIs, 1 LSI, 2 more steps`.
fn composition(create: &Step, rest: &[Step]) -> String {
    let mut parts: Vec<String> = create.details.first().cloned().into_iter().collect();
    if let Call::CreateTable(request) = &create.call {
        let counts = [
            (request.global_secondary_indexes.len(), "GSI", "GSIs"),
            (request.local_secondary_indexes.len(), "LSI", "LSIs"),
        ];
        let counts = counts.into_iter().filter(|(count, _, _)| *count > 0);
        parts.extend(counts.map(|(count, one, many)| text::count(count, one, many)));
    }
    if !rest.is_empty() {
        parts.push(text::count(rest.len(), "more step", "more steps"));
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests;
