//! Entries to add to the config's `tables`, and entries that the user has to add by hand.

use super::{found::Found, settings::PullSettings, unwritten};
use crate::{
    errors::{CommandError, ErrorKind},
    project,
    report::{ManualEdit, SchemaText},
    ui::Ui,
};
use mizzle_core::{
    config,
    model::{
        AllTableSettings, Schema, TableDefinition, TableSettings, declaration::SchemaDeclaration,
    },
    pull::{self, Style},
    text,
};
use mizzle_engine::Environment;
use mizzle_eval::{NewEntry, add_to_config};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

const TABLES: &str = "tables";

/// A change of the config.
#[derive(Debug)]
pub(super) struct ConfigChange {
    /// The path of the config.
    pub(super) file: PathBuf,
    /// The present text.
    before: String,
    /// The new text; `None` if nothing is added.
    pub(super) edited: Option<String>,
    /// The added entries, by table.
    added: Vec<(String, String)>,
    /// The reason why the user has to add them by hand, if that is so.
    refusal: Option<String>,
    /// The entries of tables that have other settings in the config.
    otherwise: Vec<(String, String)>,
    style: Style,
}

/// Plans the entries that the config still needs for the pulled tables.
///
/// # Errors
///
/// When the config cannot be read.
pub(super) fn plan(settings: &PullSettings, found: &[Found]) -> Result<ConfigChange, CommandError> {
    let file = settings.config.clone();
    let before =
        project::read_to_string(&file).map_err(|error| CommandError::io("read", &file, &error))?;
    let is_json = file.extension().is_some_and(|extension| extension == "json");
    let style = if is_json { Style::Json } else { Style::Code };
    let mut change = ConfigChange {
        file,
        before,
        edited: None,
        added: Vec::new(),
        refusal: None,
        otherwise: Vec::new(),
        style,
    };
    for found in found {
        let name = &found.definition.table_name;
        let entry = needed(settings, found);
        if entry.is_empty() {
            continue;
        }
        let text = pull::entry(name, &Value::Object(entry.clone()), style);
        match settings.tables.named.get(name) {
            None => change.added.push((name.clone(), text)),
            // The existing entry may already be equivalent.
            Some(own) if is_as(settings, &found.described, own, &entry) => {}
            Some(_) => change.otherwise.push((name.clone(), text)),
        }
    }
    change.edit();
    Ok(change)
}

/// Returns the fields of an entry that differ from the config's defaults and the environment's
/// settings for the table.
fn needed(settings: &PullSettings, found: &Found) -> Map<String, Value> {
    let definition = &found.described;
    let with = |entry: &Map<String, Value>| {
        let own = read(&definition.table_name, entry)?;
        effective(settings, definition, own)
    };
    let mut needed = found.entry.clone();
    let Some(wanted) = with(&needed) else { return needed };
    for field in found.entry.keys() {
        let mut fewer = needed.clone();
        fewer.shift_remove(field);
        if with(&fewer).as_ref() == Some(&wanted) {
            needed = fewer;
        }
    }
    needed
}

/// True if the existing entry and the other one result in the same table.
fn is_as(
    settings: &PullSettings,
    definition: &TableDefinition,
    own: &TableSettings,
    entry: &Map<String, Value>,
) -> bool {
    let wanted = read(&definition.table_name, entry)
        .and_then(|entry| effective(settings, definition, entry));
    wanted.is_some() && effective(settings, definition, own.clone()) == wanted
}

/// Parses an entry as the config does.
fn read(table: &str, entry: &Map<String, Value>) -> Option<TableSettings> {
    let config = config::read(&json!({ TABLES: { table: entry } })).ok()?;
    Some(config.tables.named.get(table).cloned().unwrap_or_default())
}

/// Returns a table with its own entry, the defaults, and the settings of the environment.
fn effective(
    settings: &PullSettings,
    definition: &TableDefinition,
    own: TableSettings,
) -> Option<TableDefinition> {
    let PullSettings { tables, environment: Environment { tables: overlay, root, .. }, .. } =
        settings;
    let name = definition.table_name.clone();
    let tables =
        AllTableSettings { defaults: tables.defaults.clone(), named: [(name, own)].into() };
    let schema = Schema { tables: vec![definition.clone()], ..Schema::default() };
    let schema = schema.with_settings(&SchemaDeclaration::default(), &tables).ok()?;
    schema.tables.first()?.with_overlay(overlay, root).ok()
}

impl ConfigChange {
    /// Adds the entries to the text; if that fails, the user has to add them by hand.
    fn edit(&mut self) {
        if self.added.is_empty() {
            return;
        }
        let entries = self.added.iter().map(|(name, text)| NewEntry { name, text });
        let entries: Vec<NewEntry<'_>> = entries.collect();
        match add_to_config(&self.file, &self.before, TABLES, &entries) {
            Ok(edited) => self.edited = Some(edited),
            Err(refusal) => self.refusal = Some(refusal.to_string()),
        }
    }

    /// Writes the config, if it changes.
    ///
    /// # Errors
    ///
    /// When the config has changed since it was read, or cannot be written.
    pub(super) fn write(&self, ui: &Ui) -> Result<bool, CommandError> {
        let Some(edited) = &self.edited else { return Ok(false) };
        let shown = ui.shown(&self.file);
        if project::read_to_string(&self.file).ok().as_ref() != Some(&self.before) {
            let message = format!("{shown} was changed meanwhile, so it was left alone");
            return Err(CommandError::new(ErrorKind::Failed, "config-changed", message)
                .hint("run the command again: it starts from the file as it is then"));
        }
        project::replace(&self.file, edited).map_err(|error| unwritten(&error, &shown))?;
        Ok(true)
    }

    /// Restores the previous text, unless the config has changed since it was written.
    ///
    /// # Errors
    ///
    /// When the config cannot be written.
    pub(super) fn take_back(&self, ui: &Ui) -> Result<bool, CommandError> {
        if project::read_to_string(&self.file).ok() != self.edited {
            return Ok(false);
        }
        let written = project::replace(&self.file, &self.before);
        written.map_err(|error| unwritten(&error, &ui.shown(&self.file)))?;
        Ok(true)
    }

    /// Returns the added entries without the rest of the config, which may contain secrets.
    pub(super) fn addition(&self, ui: &Ui) -> Option<SchemaText> {
        self.edited.as_ref()?;
        let text = self.snippet(&self.added);
        Some(SchemaText { file: ui.shown(&self.file), text })
    }

    /// Returns the entries that the user has to add or compare by hand, if any.
    pub(super) fn paste(&self, ui: &Ui) -> Option<ManualEdit> {
        let file = ui.shown(&self.file);
        if let Some(refusal) = &self.refusal {
            return self.as_paste(refusal, ui);
        }
        let names: Vec<&str> = self.otherwise.iter().map(|(name, _)| name.as_str()).collect();
        (!names.is_empty()).then(|| ManualEdit {
            reason: format!(
                "{file} has settings of {} already, which are left as they are. The server has",
                text::list(&names)
            ),
            text: self.snippet(&self.otherwise),
            file,
        })
    }

    /// Returns all entries as ones to add or compare by hand.
    pub(super) fn as_paste(&self, reason: &str, ui: &Ui) -> Option<ManualEdit> {
        let file = ui.shown(&self.file);
        let entries = [self.added.as_slice(), &self.otherwise].concat();
        (!entries.is_empty()).then(|| ManualEdit {
            reason: format!(
                "{file} is left as it is: {reason}. Put this into the object that it exports"
            ),
            text: self.snippet(&entries),
            file,
        })
    }

    fn snippet(&self, entries: &[(String, String)]) -> String {
        let (name, comma) = match self.style {
            Style::Code => (TABLES.to_owned(), ","),
            Style::Json => (format!("{TABLES:?}"), ""),
        };
        let entries = entries.iter().map(|(_, text)| text::indented(text, "  ", "  "));
        let entries: Vec<String> = entries.map(|text| format!("  {text}")).collect();
        format!("{name}: {{\n{}{comma}\n}}{comma}", entries.join(",\n"))
    }
}
