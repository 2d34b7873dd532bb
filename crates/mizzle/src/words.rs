//! Phrases that reports, plans and errors share.

use mizzle_core::{
    plan::{Call, Step},
    text,
};
use mizzle_engine::migrate::ItemCounts;

/// Returns the titles of steps, one per line, with their hazards.
pub(crate) fn step_lines(steps: &[Step]) -> Vec<String> {
    let lines = steps.iter().flat_map(|step| {
        // Keys and indexes of a new table are in its script; other details of a step are notes.
        let notes = match &step.call {
            Call::CreateTable(_) => [].iter(),
            _ => step.details.iter(),
        };
        let notes = notes.map(|note| format!("    {note}"));
        let hazards = step.hazards.iter().map(|hazard| format!("    ▲ {}", hazard.message));
        std::iter::once(format!("  {}: {}", step.table(), step.title)).chain(notes).chain(hazards)
    });
    lines.collect()
}

/// Returns `2,200 items read and 2,200 written`.
pub(crate) fn item_counts(items: ItemCounts) -> String {
    let (read, written) = (text::grouped(items.read), text::grouped(items.written));
    let noun = if items.read == 1 { "item" } else { "items" };
    format!("{read} {noun} read and {written} written")
}
