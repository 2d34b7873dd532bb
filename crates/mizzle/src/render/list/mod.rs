//! The report of `list`.
//!
//! [`facts`](mod@facts) collects the values of each table and index, [`screen`] lays them out for
//! people, [`plain`] for programs. [`json`] returns them in the shapes of AWS.

mod facts;
mod json;
mod plain;
mod screen;
#[cfg(test)]
mod tests;

use super::Render;
use crate::{
    report::{ListReport, ListedTable},
    ui::Ui,
};
use facts::Facts;
use mizzle_core::{settings::SettingKind, text};
use serde_json::Value;

impl Render for ListReport {
    fn human(&self, ui: &Ui) {
        if !self.tables.is_empty() {
            let facts = facts(self);
            ui.wide_result(match ui.width() {
                Some(width) => screen::render(&facts, usize::from(width), self.is_long),
                None => plain::render(&facts, self.is_long),
            });
        } else if let Some(pattern) = &self.pattern {
            let nearest = match self.nearest.as_slice() {
                [] => String::new(),
                [one] => format!("; the nearest is {one}"),
                several => format!("; the nearest are {}", text::list(several)),
            };
            ui.info(format!("No table matches {pattern:?}{nearest}"));
        }
        show_unseen(&self.tables, ui);
        match &self.failure {
            None => ui.outro(summary(self)),
            Some(_) => ui.outro_cancel(summary(self)),
        }
    }

    fn json(&self) -> Value {
        json::fields(self)
    }
}

/// Returns the resources beside a table that the server does not report, which is not a failure:
/// the field of `--json`, and the reason.
fn unseen(table: &ListedTable) -> Vec<(&'static str, &str)> {
    let Some(description) = &table.description else { return Vec::new() };
    let withheld = description.unmanaged.withheld.iter();
    withheld.map(|(extra, reason)| (extra.kind().field(), reason.as_str())).collect()
}

/// Shows the reasons for unreported resources beside tables, once for each kind.
fn show_unseen(tables: &[ListedTable], ui: &Ui) {
    for kind in SettingKind::ALL {
        let (field, Some(attached)) = (kind.field(), kind.attached()) else { continue };
        let reasons = tables.iter().filter_map(|table| {
            let (_, reason) = unseen(table).into_iter().find(|(unseen, _)| *unseen == field)?;
            Some((&table.name, reason))
        });
        let reasons: Vec<(&String, &str)> = reasons.collect();
        let Some((name, reason)) = reasons.first() else { continue };
        let others = match reasons.len() - 1 {
            0 => String::new(),
            others => format!(" and {}", text::count(others, "other table", "other tables")),
        };
        ui.info(format!("The {attached} of {name}{others} could not be seen: {reason}"));
    }
}

/// Returns `3 tables at …`, and the number of those that belong to the environment.
fn summary(report: &ListReport) -> String {
    let ListReport { tables, naming, .. } = report;
    let grouped = |number: usize| text::grouped(number as u64);
    let (number, of) = match &report.pattern {
        None => (tables.len(), String::new()),
        Some(_) => (report.total, format!("{} of ", grouped(tables.len()))),
    };
    let noun = if number == 1 { "table" } else { "tables" };
    let mut summary = format!("{of}{} {noun} at {}", grouped(number), report.target);
    if !naming.is_plain() && !tables.is_empty() {
        let own = tables.iter().filter(|table| is_own(report, table)).count();
        summary += &format!(", {} of them named {}", grouped(own), naming.physical("*"));
    }
    let is_incomplete =
        |table: &&ListedTable| !table.untold.is_empty() || !unseen(table).is_empty();
    let incomplete = tables.iter().filter(is_incomplete).count();
    if incomplete > 0 {
        let tables = text::count(incomplete, "table", "tables");
        summary += &format!("; not everything is known of {tables}");
    }
    summary
}

/// True if a table is named as the environment names its tables, even if the project does not have
/// it.
fn is_own(report: &ListReport, table: &ListedTable) -> bool {
    report.naming.logical(&table.name).is_some()
}

fn facts(report: &ListReport) -> Vec<Facts<'_>> {
    let facts = report.tables.iter().map(|table| {
        let is_ledger = table.name == report.ledger;
        Facts::of(table, is_ledger, is_own(report, table), report.is_long)
    });
    facts.collect()
}
