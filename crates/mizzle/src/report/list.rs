//! The tables of a server.

use super::Report;
use crate::{target::TargetName, ui::Ui};
use comfy_table::{ContentArrangement, Table, presets};
use mizzle_core::{
    diff::Key,
    model::{
        BillingMode, KeySchemaElement, KeyType, Projection, TableDefinition, TableDescription,
    },
    text,
};
use serde_json::{Value, json};

const HEADER: [&str; 7] =
    ["NAME", "KIND", "PARTITION KEY", "SORT KEY", "PROJECTION", "STATUS", "BILLING"];

/// The tables of a server.
#[derive(Debug)]
pub(crate) struct ListReport {
    /// The server.
    pub(crate) target: TargetName,
    /// The tables, sorted by name.
    pub(crate) tables: Vec<TableDescription>,
}

impl ListReport {
    /// A row for each table, followed by a row for each of its indexes.
    fn rows(&self) -> Vec<[String; 7]> {
        let mut rows = Vec::new();
        for table in &self.tables {
            let TableDefinition {
                table_name,
                key_schema,
                global_secondary_indexes,
                local_secondary_indexes,
                billing_mode,
                ..
            } = &table.definition;
            let key = |schema: &[KeySchemaElement]| {
                [KeyType::Hash, KeyType::Range].map(|role| {
                    let part = schema.iter().filter(|element| element.key_type == role).cloned();
                    Key::of(&table.definition, &part.collect::<Vec<_>>()).to_string()
                })
            };
            let [partition, sort] = key(key_schema);
            let billing = billing_mode.as_ref().map(BillingMode::to_string).unwrap_or_default();
            let status = table.status.to_string();
            let (name, kind) = (table_name.clone(), "table".to_owned());
            rows.push([name, kind, partition, sort, String::new(), status, billing]);
            let mut index_row =
                |kind: &str, name: &str, schema, projection: &Projection, status| {
                    let [partition, sort] = key(schema);
                    let name = format!("  {name}");
                    let projection = projection.to_string();
                    rows.push([
                        name,
                        kind.to_owned(),
                        partition,
                        sort,
                        projection,
                        status,
                        String::new(),
                    ]);
                };
            for index in global_secondary_indexes {
                let status = table.indexes.get(&index.index_name);
                let status = status.map(|index| index.status.to_string()).unwrap_or_default();
                index_row("GSI", &index.index_name, &index.key_schema, &index.projection, status);
            }
            for index in local_secondary_indexes {
                let status = String::new();
                index_row("LSI", &index.index_name, &index.key_schema, &index.projection, status);
            }
        }
        rows
    }
}

impl Report for ListReport {
    fn human(&self, ui: &Ui) {
        if !self.tables.is_empty() {
            let mut table = Table::new();
            table.load_style(presets::NOTHING).set_header(HEADER).add_rows(self.rows());
            if let Some(width) = ui.width() {
                table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
            }
            for column in table.column_iter_mut() {
                column.set_padding((0, 2));
            }
            ui.wide_result(table.trim_fmt());
        }
        let count = text::count(self.tables.len(), "table", "tables");
        ui.outro(format!("{count} at {}", self.target));
    }

    fn json(&self) -> Value {
        let tables: Vec<Value> = self
            .tables
            .iter()
            .map(|table| {
                let mut json = serde_json::to_value(&table.definition).unwrap_or_default();
                json["TableStatus"] = json!(table.status);
                json["ItemCount"] = json!(table.item_count);
                json["TableSizeBytes"] = json!(table.size_bytes);
                json
            })
            .collect();
        json!({ "target": self.target, "tables": tables })
    }
}
