//! The tables of schema and migrations as an environment has them: under its names, with its settings.

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
    /// The names that it gives to the tables.
    pub naming: TableNaming,
    /// The table of its ledger.
    pub ledger: String,
    /// The settings that it has of its own.
    pub tables: AllTableSettings,
    /// The field of the config that holds them.
    pub root: String,
}

/// A reason why tables cannot be as an environment wants them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnvironmentError {
    /// Its settings contradict each other, or name tables and indexes that do not exist.
    Settings(Vec<Problem>),
    /// Its naming gives a table a name that DynamoDB does not allow.
    TableName(String),
    /// A table of the schema is the ledger.
    LedgerInSchema(String),
}

impl Environment {
    /// True if it has settings of its own.
    pub fn has_settings(&self) -> bool {
        self.tables != AllTableSettings::default()
    }

    /// Returns a table of the migrations as the environment wants it.
    ///
    /// # Errors
    ///
    /// Settings that contradict each other.
    pub fn table(&self, table: &TableDefinition) -> Result<TableDefinition, Vec<Problem>> {
        let name = self.naming.physical(&table.table_name).into_owned();
        Ok(table.with_overlay(&self.tables, &self.root)?.renamed(name))
    }

    /// Returns the part of a table of the migrations that is managed: by them, and by the environment.
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

    /// Returns a whole schema as the environment wants it.
    ///
    /// # Errors
    ///
    /// As [`tables`](Self::tables), and when the settings name tables or indexes that the schema does
    /// not have, or a table of the schema is the ledger.
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
        // One prefix and one suffix for all keep the order of the names, unless one name is the
        // beginning of another.
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
