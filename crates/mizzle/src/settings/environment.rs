//! What the chosen environment has otherwise than the schema and the migrations say.

use mizzle_core::{
    config::Config,
    model::{AllTableSettings, Problem, TableDefinition, TableNaming},
    plan::Managed,
    text,
};
use std::collections::BTreeSet;

/// The ledger's table if the config names none, before the environment names it.
pub(crate) const LEDGER: &str = "mizzle_migrations";

/// The tables that may be a ledger: of any environment, and whatever is called like one.
#[derive(Debug, Clone)]
pub(crate) struct Ledgers(BTreeSet<String>);

impl Ledgers {
    /// Those of the config, with and without an environment.
    pub(crate) fn resolve(config: &Config) -> Self {
        let table = config.migrations.table.as_deref().unwrap_or(LEDGER);
        let chosen = &config.environment;
        let environments = config.environments.values().chain([chosen]);
        let mut names: BTreeSet<String> = environments
            .map(|environment| environment.naming.physical(table).into_owned())
            .collect();
        names.insert(table.to_owned());
        Self(names)
    }

    /// Whether a table may be one. Another project, or a config of another time, may have made it.
    pub(crate) fn contains(&self, table: &str) -> bool {
        table.contains(LEDGER) || self.0.contains(table)
    }
}

/// The chosen environment, or none.
#[derive(Debug, Clone)]
pub(crate) struct EnvironmentSettings {
    /// Its name: `db.env` of scripts.
    pub(crate) name: Option<String>,
    /// What it calls the tables.
    pub(crate) naming: TableNaming,
    /// The table of its ledger.
    pub(crate) ledger: String,
    /// The settings that it has of its own.
    pub(crate) tables: AllTableSettings,
    /// The field of the config that holds them.
    pub(crate) root: String,
}

impl EnvironmentSettings {
    /// What the config says.
    pub(crate) fn resolve(config: &Config) -> Self {
        let environment = &config.environment;
        let root = match &environment.name {
            Some(name) => text::member(&text::member("environments", name), "tables"),
            None => "tables".to_owned(),
        };
        let ledger = config.migrations.table.as_deref().unwrap_or(LEDGER);
        Self {
            name: environment.name.clone(),
            naming: environment.naming.clone(),
            ledger: environment.naming.physical(ledger).into_owned(),
            tables: environment.tables.clone(),
            root,
        }
    }

    /// No environment: names and settings as schema and migrations have them.
    pub(crate) fn none() -> Self {
        Self::resolve(&Config::default())
    }

    /// Whether it has settings of its own.
    pub(crate) fn has_settings(&self) -> bool {
        self.tables != AllTableSettings::default()
    }

    /// A table of the migrations as it is to be here.
    ///
    /// # Errors
    ///
    /// Settings that contradict each other.
    pub(crate) fn table(&self, table: &TableDefinition) -> Result<TableDefinition, Vec<Problem>> {
        let name = self.naming.physical(&table.table_name).into_owned();
        Ok(table.with_overlay(&self.tables, &self.root)?.renamed(name))
    }

    /// What is managed of a table of the migrations: by them, and here.
    ///
    /// # Errors
    ///
    /// As [`table`](Self::table).
    pub(crate) fn managed(&self, table: &TableDefinition) -> Result<Managed, Vec<Problem>> {
        let here = self.table(table)?;
        Ok(Managed { everywhere: table.clone().renamed(&here.table_name), here })
    }
}
