//! The chosen environment, and the tables that may be ledgers.

use mizzle_core::{config::Config, text};
use mizzle_engine::Environment;
use std::collections::BTreeSet;

/// The ledger's table if the config names none, before the environment names it.
pub(crate) const LEDGER: &str = "mizzle_migrations";

/// The tables that may be ledgers: those of all environments, and others with a similar name.
#[derive(Debug, Clone)]
pub(crate) struct Ledgers(BTreeSet<String>);

impl Ledgers {
    /// Returns the ledgers of the config, with and without an environment.
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

    /// True if a table may be a ledger. Another project, or an earlier config, may have created it.
    pub(crate) fn contains(&self, table: &str) -> bool {
        table.contains(LEDGER) || self.0.contains(table)
    }
}

/// Returns the environment chosen in the config, or an empty one.
pub(crate) fn environment_of(config: &Config) -> Environment {
    let environment = &config.environment;
    let root = match &environment.name {
        Some(name) => text::member(&text::member("environments", name), "tables"),
        None => "tables".to_owned(),
    };
    let ledger = config.migrations.table.as_deref().unwrap_or(LEDGER);
    Environment {
        name: environment.name.clone(),
        naming: environment.naming.clone(),
        ledger: environment.naming.physical(ledger).into_owned(),
        tables: environment.tables.clone(),
        root,
    }
}

/// Returns an empty environment: names and settings are those of the schema and the migrations.
pub(crate) fn no_environment() -> Environment {
    environment_of(&Config::default())
}
