//! The tables of a server.
//!
//! [`facts`] says in words what there is to know of each table and index, [`screen`] lays that out
//! for people, [`plain`] for programs.

mod facts;
mod plain;
mod screen;
#[cfg(test)]
mod tests;

use super::Report;
use crate::{errors::CommandError, server::TargetName, ui::Ui};
use facts::Facts;
use mizzle_core::{
    model::{Extra, TableDescription, TableNaming, Unmanaged, VectorIndex},
    settings::SettingKind,
    text,
};
use serde_json::{Map, Value, json};

/// The tables of a server.
#[derive(Debug)]
pub(crate) struct ListReport {
    /// The server.
    pub(crate) target: TargetName,
    /// Which names were asked for, when not all were.
    pub(crate) pattern: Option<String>,
    /// Whether everything was asked for.
    pub(crate) is_long: bool,
    /// How many tables the server has.
    pub(crate) total: usize,
    /// When the pattern matches none: the names that may have been meant.
    pub(crate) nearest: Vec<String>,
    /// What the environment calls its tables.
    pub(crate) naming: TableNaming,
    /// The table of the environment's ledger.
    pub(crate) ledger: String,
    /// Why the list is not complete, if it is not.
    pub(crate) failure: Option<CommandError>,
    /// The tables, sorted by name.
    pub(crate) tables: Vec<ListedTable>,
}

/// A table of the list.
#[derive(Debug)]
pub(crate) struct ListedTable {
    /// Its name.
    pub(crate) name: String,
    /// What the server tells of it, if it does.
    pub(crate) description: Option<TableDescription>,
    /// What the server does not tell.
    pub(crate) untold: Vec<Untold>,
}

/// Something that was asked for in vain.
#[derive(Debug)]
pub(crate) struct Untold {
    /// The setting; `None` for the table as a whole.
    pub(crate) setting: Option<Extra>,
    /// Why, in a word: the `kind` of errors.
    pub(crate) code: &'static str,
    /// Why, in full.
    pub(crate) reason: String,
}

impl ListedTable {
    /// What hangs on the table as far as the server does not tell, which is no failure: the field of
    /// `--json`, and why.
    fn unseen(&self) -> Vec<(&'static str, &str)> {
        let Some(description) = &self.description else { return Vec::new() };
        let withheld = description.unmanaged.withheld.iter();
        withheld.map(|(extra, reason)| (extra.kind().field(), reason.as_str())).collect()
    }
}

impl ListReport {
    /// Says of what hangs on tables why it is not told, once for each kind.
    fn show_unseen(&self, ui: &Ui) {
        let attached =
            SettingKind::ALL.iter().filter_map(|kind| Some((kind.field(), kind.attached()?)));
        for (field, what) in attached {
            let is_it = |(unseen, _): &(&str, &str)| *unseen == field;
            let reasons = self.tables.iter().filter_map(|table| {
                let reason = table.unseen().into_iter().find(is_it)?.1.to_owned();
                Some((&table.name, reason))
            });
            let reasons: Vec<(&String, String)> = reasons.collect();
            let Some((name, reason)) = reasons.first() else { continue };
            let others = match reasons.len() - 1 {
                0 => String::new(),
                others => format!(" and {}", text::count(others, "other table", "other tables")),
            };
            ui.info(format!("The {what} of {name}{others} could not be seen: {reason}"));
        }
    }

    /// `3 tables at …`, and how many of them belong to the environment.
    fn summary(&self) -> String {
        let grouped = |number: usize| text::grouped(number as u64);
        let shown = self.tables.len();
        let (number, of) = match &self.pattern {
            None => (shown, String::new()),
            Some(_) => (self.total, format!("{} of ", grouped(shown))),
        };
        let noun = if number == 1 { "table" } else { "tables" };
        let mut summary = format!("{of}{} {noun} at {}", grouped(number), self.target);
        if !self.naming.is_plain() && !self.tables.is_empty() {
            let own = self.tables.iter().filter(|table| self.is_own(&table.name)).count();
            let names = self.naming.physical("*");
            summary += &format!(", {} of them named {names}", grouped(own));
        }
        let is_incomplete =
            |table: &&ListedTable| !table.untold.is_empty() || !table.unseen().is_empty();
        let incomplete = self.tables.iter().filter(is_incomplete).count();
        if incomplete > 0 {
            let tables = text::count(incomplete, "table", "tables");
            summary += &format!("; not everything is known of {tables}");
        }
        summary
    }

    /// Whether a table is named as the environment names its tables, whatever the project has.
    fn is_own(&self, name: &str) -> bool {
        self.naming.logical(name).is_some()
    }

    fn facts(&self) -> Vec<Facts<'_>> {
        self.tables
            .iter()
            .map(|table| {
                let is_ledger = table.name == self.ledger;
                Facts::of(table, is_ledger, self.is_own(&table.name), self.is_long)
            })
            .collect()
    }
}

impl Report for ListReport {
    fn human(&self, ui: &Ui) {
        if !self.tables.is_empty() {
            let facts = self.facts();
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
        self.show_unseen(ui);
        match &self.failure {
            None => ui.outro(self.summary()),
            Some(_) => ui.outro_cancel(self.summary()),
        }
    }

    fn json(&self) -> Value {
        let described = self.tables.iter().filter_map(|table| table.description.as_ref());
        let tables: Vec<Value> = described.map(|table| table_json(table, self.is_long)).collect();
        let mut document = json!({ "target": self.target, "tables": tables });
        let undescribed = self.tables.iter().flat_map(|table| {
            table.untold.iter().map(|untold| {
                let mut json = Map::new();
                json.insert("table".to_owned(), json!(table.name));
                if let Some(setting) = untold.setting {
                    json.insert("setting".to_owned(), json!(setting.kind().field()));
                }
                json.insert("reason".to_owned(), json!(untold.reason));
                Value::Object(json)
            })
        });
        let unseen = self.tables.iter().flat_map(|table| {
            let unseen = table.unseen().into_iter();
            unseen.map(|(setting, reason)| {
                json!({ "table": table.name, "setting": setting, "reason": reason })
            })
        });
        let undescribed: Vec<Value> = undescribed.chain(unseen).collect();
        if !undescribed.is_empty() {
            document["undescribed"] = json!(undescribed);
        }
        document
    }

    fn failure(&self) -> Option<&CommandError> {
        self.failure.as_ref()
    }
}

/// The definition with what `DescribeTable` says beside it, everything of it when `is_long`.
fn table_json(table: &TableDescription, is_long: bool) -> Value {
    let mut json = serde_json::to_value(&table.definition).unwrap_or_default();
    json["TableStatus"] = json!(table.status);
    json["ItemCount"] = json!(table.item_count);
    json["TableSizeBytes"] = json!(table.size_bytes);
    if !is_long {
        return json;
    }
    if let Some(created) = table.created.and_then(text::moment) {
        json["CreationDateTime"] = json!(created);
    }
    if !table.replicas.is_empty() {
        let replica = |region: &String| json!({ "RegionName": region });
        json["Replicas"] = table.replicas.iter().map(replica).collect();
    }
    let Unmanaged { is_strongly_consistent, vector_indexes, withheld: _ } = &table.unmanaged;
    if *is_strongly_consistent {
        json["MultiRegionConsistency"] = json!("STRONG");
    }
    if !vector_indexes.is_empty() {
        json["VectorIndexes"] = vector_indexes.iter().map(vector_json).collect();
    }
    for kind in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        let indexes = json.get_mut(kind).and_then(Value::as_array_mut);
        for index in indexes.into_iter().flatten() {
            let name = index["IndexName"].as_str().unwrap_or_default().to_owned();
            if let Some(state) = table.indexes.get(&name) {
                index["IndexStatus"] = json!(state.status);
                if state.backfilling {
                    index["Backfilling"] = json!(true);
                }
            }
            if let Some(size) = table.index_sizes.get(&name) {
                index["ItemCount"] = json!(size.item_count);
                index["IndexSizeBytes"] = json!(size.size_bytes);
            }
        }
    }
    json
}

/// A vector index, in DynamoDB's words.
fn vector_json(index: &VectorIndex) -> Value {
    let VectorIndex { index_name, attribute, dimensions, distance_function, state, size } = index;
    let mut json = json!({ "IndexName": index_name, "IndexStatus": state.status });
    if state.backfilling {
        json["Backfilling"] = json!(true);
    }
    if let Some(attribute) = attribute {
        json["VectorAttribute"] = json!({ "AttributeName": attribute });
    }
    if let Some(dimensions) = dimensions {
        json["Dimensions"] = json!(dimensions);
    }
    if let Some(function) = distance_function {
        json["DistanceFunction"] = json!(function);
    }
    json["ItemCount"] = json!(size.item_count);
    json["IndexSizeBytes"] = json!(size.size_bytes);
    json
}
