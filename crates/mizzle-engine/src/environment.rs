//! The tables of schema and migrations in an environment: with its names and settings.

use mizzle_core::{
    history::Tables,
    model::{AllTableSettings, Problem, Schema, TableDefinition, TableNaming, rules},
    plan::Managed,
};

/// The chosen environment, or none.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Its name: `db.env` of scripts.
    pub name: Option<String>,
    /// The naming of its tables.
    pub naming: TableNaming,
    /// The table of its ledger.
    pub ledger: String,
    /// Its overrides of settings.
    pub tables: AllTableSettings,
    /// The config's field with the overrides.
    pub root: String,
}

/// A reason why tables cannot be converted for an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnvironmentError {
    /// Its settings contradict each other, or name tables and indexes that do not exist.
    Settings(Vec<Problem>),
    /// Its naming results in a table name that DynamoDB does not allow.
    TableName(String),
    /// A table of the schema has the name of the ledger.
    LedgerInSchema(String),
}

impl Environment {
    /// True if it overrides settings.
    pub fn has_settings(&self) -> bool {
        self.tables != AllTableSettings::default()
    }

    /// Returns a table of the migrations in the environment.
    ///
    /// # Errors
    ///
    /// When settings contradict each other.
    pub fn table(&self, table: &TableDefinition) -> Result<TableDefinition, Vec<Problem>> {
        let name = self.naming.physical(&table.table_name).into_owned();
        Ok(table.with_overlay(&self.tables, &self.root)?.renamed(name))
    }

    /// Returns the managed part of a table of the migrations: by them, and by the environment.
    ///
    /// # Errors
    ///
    /// As [`table`](Self::table).
    pub fn managed(&self, table: &TableDefinition) -> Result<Managed, EnvironmentError> {
        let here = self.table(table).map_err(EnvironmentError::Settings)?;
        Ok(Managed { everywhere: table.clone().renamed(&here.table_name), here })
    }

    /// Returns tables by their names in the environment.
    ///
    /// # Errors
    ///
    /// When settings contradict each other, or a name is not allowed.
    pub fn tables<'a>(
        &self,
        tables: impl IntoIterator<Item = &'a TableDefinition>,
    ) -> Result<Tables, EnvironmentError> {
        let tables = tables.into_iter().map(|table| {
            let table = self.table(table).map_err(EnvironmentError::Settings)?;
            self.check_name(&table.table_name)?;
            Ok((table.table_name.clone(), table))
        });
        tables.collect()
    }

    /// Returns a whole schema in the environment.
    ///
    /// # Errors
    ///
    /// As [`tables`](Self::tables), and when the settings name tables or indexes that the schema
    /// does not have, or a table of the schema has the name of the ledger.
    pub fn schema(&self, schema: Schema) -> Result<Schema, EnvironmentError> {
        let overlaid = schema.with_overlay(&self.tables, &self.root);
        let mut schema = overlaid.map_err(EnvironmentError::Settings)?;
        for table in &mut schema.tables {
            table.table_name = self.naming.physical(&table.table_name).into_owned();
            self.check_name(&table.table_name)?;
        }
        if let Some(table) = schema.tables.iter().find(|table| table.table_name == self.ledger) {
            return Err(EnvironmentError::LedgerInSchema(table.table_name.clone()));
        }
        // A common prefix and suffix keep the order of the names, unless one name is the beginning
        // of another.
        schema.tables.sort_by(|a, b| a.table_name.cmp(&b.table_name));
        Ok(schema)
    }

    /// Refuses settings for tables and indexes that the newest migration does not have: a misspelt
    /// name would leave a table without its protection.
    ///
    /// # Errors
    ///
    /// As [`schema`](Self::schema).
    pub fn check(&self, head: &Tables) -> Result<(), EnvironmentError> {
        let tables = head.values().cloned().collect();
        self.schema(Schema { tables, ..Schema::default() }).map(drop)
    }

    fn check_name(&self, name: &str) -> Result<(), EnvironmentError> {
        if self.naming.is_plain() || rules::is_valid_name(name) {
            return Ok(());
        }
        Err(EnvironmentError::TableName(name.to_owned()))
    }
}
