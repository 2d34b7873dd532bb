//! Applies the settings of a config to a schema.

use super::{
    AllTableSettings, ByName, Capacity, DEFAULTS, IndexSettings, TableSettings, WithOrigin,
};
use crate::{
    model::{
        BillingMode, Schema, TableDefinition,
        declaration::{SchemaDeclaration, Subject, TableDeclaration},
        problem::{Problem, Rule},
        rules,
    },
    settings::resource_policy,
    text,
};
use std::collections::{BTreeMap, BTreeSet};

/// The field of the config that holds the settings.
const TABLES: &str = "tables";

impl Schema {
    /// Returns the schema with the settings of a config. `declaration` is the source of the schema:
    /// it contains the projections that schema files declare, and the locations of tables.
    ///
    /// # Errors
    ///
    /// All problems: entries for tables and indexes that the schema does not have, settings that
    /// contradict each other or the schema, and rules of DynamoDB that the result breaks.
    pub fn with_settings(
        mut self,
        declaration: &SchemaDeclaration,
        settings: &AllTableSettings,
    ) -> Result<Self, Vec<Problem>> {
        let mut problems = unknown_tables(&self, settings, TABLES);
        let declared = declaration.tables.iter().map(|table| (table.name.as_str(), table));
        let declared: BTreeMap<&str, &TableDeclaration> = declared.collect();
        let mut reported = BTreeSet::new();
        for table in &mut self.tables {
            let declared = declared.get(table.table_name.as_str()).copied();
            let mut application = Application::new(table, declared, TABLES);
            application.unknown_indexes(table, settings);
            *table = application.apply(std::mem::take(table), settings);
            // A wrong default is wrong for every table: it is reported once.
            let new = application.problems.into_iter();
            let new = new.filter(|(field, problem)| reported.insert((problem.rule, field.clone())));
            problems.extend(new.map(|(_, problem)| problem));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let warning = resource_policy::version_warning(&self, &declared);
        self.warnings.extend(warning);
        Ok(self)
    }
}

/// Returns problems for the entries of tables that the schema does not have; `root` is the field
/// that holds the entries.
pub(super) fn unknown_tables(
    schema: &Schema,
    settings: &AllTableSettings,
    root: &str,
) -> Vec<Problem> {
    let known = schema.tables.iter().map(|table| table.table_name.as_str());
    let known: BTreeSet<&str> = known.collect();
    let unknown = settings.named.keys().filter(|name| !known.contains(name.as_str()));
    let problem = |name: &String| Problem {
        rule: Rule::UnknownTable,
        subject: Subject::default(),
        related: Vec::new(),
        message: format!(
            "`{}` names a table that the schema does not have",
            text::member(root, name)
        ),
        help: text::did_you_mean(name, known.iter().copied())
            .unwrap_or_else(|| "export the table from a schema file, or remove the entry".into()),
    };
    unknown.map(problem).collect()
}

/// The application of settings to one table.
pub(super) struct Application<'a> {
    /// The field of the config that holds the settings.
    root: &'a str,
    declared: Option<&'a TableDeclaration>,
    subject: Subject,
    /// The problems, each with the config field that causes it.
    problems: Vec<(String, Problem)>,
}

impl<'a> Application<'a> {
    pub(super) fn new(
        table: &TableDefinition,
        declared: Option<&'a TableDeclaration>,
        root: &'a str,
    ) -> Self {
        let subject = Subject {
            sites: declared.map(|table| table.sites.clone()).unwrap_or_default(),
            table: Some(table.table_name.clone()),
            ..Subject::default()
        };
        Self { root, declared, subject, problems: Vec::new() }
    }

    /// Returns the problems.
    pub(super) fn problems(self) -> Vec<Problem> {
        self.problems.into_iter().map(|(_, problem)| problem).collect()
    }

    /// Returns the field of the table's entry: `tables.Shop`.
    fn table_field(&self, table: &str) -> String {
        text::member(self.root, table)
    }

    fn report(
        &mut self,
        rule: Rule,
        field: &str,
        index: Option<&str>,
        message: String,
        help: impl Into<String>,
    ) {
        let subject = Subject { index: index.map(str::to_owned), ..self.subject.clone() };
        let help = help.into();
        let problem = Problem { rule, subject, related: Vec::new(), message, help };
        self.problems.push((field.to_owned(), problem));
    }

    pub(super) fn unknown_indexes(&mut self, table: &TableDefinition, settings: &AllTableSettings) {
        let Some(own) = settings.named.get(&table.table_name) else { return };
        let globals = table.global_secondary_indexes.iter().map(|index| &index.index_name);
        let locals = table.local_secondary_indexes.iter().map(|index| &index.index_name);
        let known: Vec<&str> = globals.chain(locals).map(String::as_str).collect();
        for name in own.indexes.named.keys().filter(|name| !known.contains(&name.as_str())) {
            let indexes = text::member(&self.table_field(&table.table_name), "indexes");
            let field = text::member(&indexes, name);
            let message =
                format!("`{field}` names an index that table {:?} does not have", table.table_name);
            let help = text::did_you_mean(name, known.iter().copied()).unwrap_or_else(|| {
                format!("add the index to table {}, or remove the entry", table.table_name)
            });
            self.report(Rule::UnknownIndex, &field, None, message, help);
        }
    }

    pub(super) fn apply(
        &mut self,
        table: TableDefinition,
        all: &AllTableSettings,
    ) -> TableDefinition {
        let mut settings = all.of(&table.table_name);
        let mut values = std::mem::take(&mut settings.values);
        let indexes = std::mem::take(&mut settings.indexes);
        let mut table = self.apply_billing(table, &settings);
        self.apply_indexes(&mut table, &settings, &indexes);
        self.apply_projections(&mut table, &indexes);
        table.on_demand_throughput =
            settings.throughput.on_demand_maximum.map(|stated| stated.value);
        table.warm_throughput = settings.throughput.warm.map(|stated| stated.value);
        for index in &table.global_secondary_indexes {
            values.add_index(&index.index_name, indexes.of(&index.index_name).values);
        }
        values.apply(&mut table);
        self.check_tags(&table, all);
        table.normalised()
    }

    /// Applies the billing settings. The resulting mode of the definition also applies to its
    /// indexes.
    fn apply_billing(
        &mut self,
        mut table: TableDefinition,
        settings: &TableSettings,
    ) -> TableDefinition {
        table.billing_mode = settings.decided_mode();
        let capacity = settings.throughput.capacity.as_ref();
        let limit = settings.throughput.on_demand_maximum.as_ref();
        match table.billing_mode {
            None => {}
            Some(BillingMode::PayPerRequest) => {
                if let Some(capacity) = capacity {
                    self.capacity_on_demand(&capacity.field, settings, None);
                }
            }
            Some(BillingMode::Provisioned) => {
                if let Some(limit) = limit {
                    self.limit_of_provisioned(&limit.field, settings, None);
                }
                match (capacity, &settings.billing_mode) {
                    (Some(capacity), _) => {
                        table.provisioned_throughput = capacity.value.start();
                        table.autoscaled = capacity.value.is_autoscaled();
                    }
                    (None, Some(WithOrigin { field, .. })) => {
                        let message =
                            format!("`{field}` is PROVISIONED, but no capacity is given with it");
                        let help =
                            "add readCapacity and writeCapacity, or capacity: \"autoscaled\"";
                        self.report(Rule::MissingCapacity, field, None, message, help);
                    }
                    (None, None) => {}
                }
            }
        }
        table
    }

    fn capacity_on_demand(&mut self, field: &str, settings: &TableSettings, index: Option<&str>) {
        let mode = settings.billing_mode.as_ref().map_or("billingMode", |mode| &mode.field);
        let message =
            format!("`{field}` is for provisioned tables, but `{mode}` is PAY_PER_REQUEST");
        let help = "remove one of them; on-demand tables and indexes have an onDemandMaximum";
        self.report(Rule::BillingMode, field, index, message, help);
    }

    fn limit_of_provisioned(&mut self, field: &str, settings: &TableSettings, index: Option<&str>) {
        let capacity = settings.throughput.capacity.as_ref();
        let (decisive, reason) = match (&settings.billing_mode, capacity) {
            (Some(mode), _) => (mode.field.as_str(), "is PROVISIONED"),
            (None, capacity) => {
                let field = capacity.map_or("readCapacity", |capacity| &capacity.field);
                (field, "makes the table PROVISIONED")
            }
        };
        let message = format!("`{field}` is for on-demand tables, but `{decisive}` {reason}");
        let by_default = |field: &str| field.starts_with(&self.table_field(DEFAULTS));
        let help = if by_default(decisive) && !by_default(field) {
            "add billingMode: \"PAY_PER_REQUEST\" to the table's own entry, and the default does not apply"
        } else {
            "remove one of them; provisioned tables and indexes serve up to their capacity"
        };
        self.report(Rule::BillingMode, field, index, message, help);
    }

    /// Applies the throughput of the indexes.
    fn apply_indexes(
        &mut self,
        table: &mut TableDefinition,
        settings: &TableSettings,
        indexes: &ByName<IndexSettings>,
    ) {
        let mode = table.billing_mode;
        for index in &mut table.global_secondary_indexes {
            let name = &index.index_name;
            let throughput = indexes.of(name).throughput;
            match mode {
                None => {
                    if let Some(WithOrigin { field, .. }) = &throughput.capacity {
                        let message = format!(
                            "`{field}` is for provisioned tables, but nothing says that table {:?} is one",
                            table.table_name
                        );
                        let help = format!(
                            "add readCapacity and writeCapacity to {}, or capacity: \"autoscaled\"",
                            self.table_field(&table.table_name)
                        );
                        self.report(Rule::BillingMode, field, Some(name), message, help);
                    }
                }
                Some(BillingMode::PayPerRequest) => {
                    if let Some(WithOrigin { field, .. }) = &throughput.capacity {
                        self.capacity_on_demand(field, settings, Some(name));
                    }
                }
                Some(BillingMode::Provisioned) => {
                    if let Some(WithOrigin { field, .. }) = &throughput.on_demand_maximum {
                        self.limit_of_provisioned(field, settings, Some(name));
                    }
                    let own = throughput.capacity.as_ref().map(|stated| stated.value);
                    let tables = settings.throughput.capacity.as_ref().map(|stated| stated.value);
                    let capacity = own.or(tables);
                    let start = capacity.and_then(Capacity::start);
                    index.provisioned_throughput =
                        start.or_else(|| tables.and_then(Capacity::start));
                    index.autoscaled = capacity.is_some_and(Capacity::is_autoscaled);
                }
            }
            index.on_demand_throughput = throughput.on_demand_maximum.map(|stated| stated.value);
            index.warm_throughput = throughput.warm.map(|stated| stated.value);
        }
        for index in &table.local_secondary_indexes {
            // Defaults for all indexes do not apply to those that cannot have them.
            let Some(own) = indexes.named.get(&index.index_name) else { continue };
            let throughput = &own.throughput;
            let capacity = throughput.capacity.as_ref().map(|stated| &stated.field);
            let limit = throughput.on_demand_maximum.as_ref().map(|stated| &stated.field);
            let warm = throughput.warm.as_ref().map(|stated| &stated.field);
            let name = &index.index_name;
            let entry = text::member(&self.table_field(&table.table_name), "indexes");
            let entry = text::member(&entry, name);
            let values = own.values.clone().fields();
            let values: Vec<String> =
                values.into_iter().map(|field| text::member(&entry, field)).collect();
            for field in [capacity, limit, warm].into_iter().flatten().chain(&values) {
                let message = format!("`{field}` is for global indexes, but {name:?} is local");
                let help = "remove it: a local index shares what the table serves";
                self.report(Rule::LocalIndexThroughput, field, Some(name), message, help);
            }
        }
    }

    /// Applies the projections of the indexes. A projection in the schema overrides defaults; an
    /// index's own entry must agree with it.
    fn apply_projections(&mut self, table: &mut TableDefinition, indexes: &ByName<IndexSettings>) {
        let mut applied: BTreeMap<String, String> = BTreeMap::new();
        let globals = table.global_secondary_indexes.iter_mut();
        let locals = table.local_secondary_indexes.iter_mut();
        let globals = globals.map(|index| (&index.index_name, &mut index.projection));
        let locals = locals.map(|index| (&index.index_name, &mut index.projection));
        for (name, projection) in globals.chain(locals) {
            let Some(WithOrigin { value, field }) = indexes.of(name).projection else { continue };
            if !self.is_projection_declared(name) {
                *projection = value;
                applied.insert(name.clone(), field);
                continue;
            }
            let is_own = indexes.named.get(name).is_some_and(|own| own.projection.is_some());
            if is_own && *projection != value {
                let message = format!(
                    "`{field}` is {value}, but the schema says {projection} for index {name:?}"
                );
                let help = "remove one of them, or make them agree";
                self.report(Rule::ConflictingProjections, &field, Some(name), message, help);
            }
        }
        // The schema broke no rule before, so a projection of the config breaks it.
        let Some(first) = applied.values().next() else { return };
        for problem in rules::check(table, &self.subject) {
            let own = problem.subject.index.as_ref().and_then(|index| applied.get(index));
            let field = own.unwrap_or(first);
            let message = format!("{} (see `{field}`)", problem.message);
            self.problems.push((problem.message.clone(), Problem { message, ..problem }));
        }
    }

    fn is_projection_declared(&self, index: &str) -> bool {
        let mut indexes = self.declared.iter().flat_map(|table| &table.indexes);
        indexes.any(|declared| declared.name == index && declared.projection.is_some())
    }

    fn check_tags(&mut self, table: &TableDefinition, all: &AllTableSettings) {
        let count = table.tags.as_ref().map_or(0, Vec::len);
        if count <= rules::MAX_TAGS {
            return;
        }
        let table = &table.table_name;
        let has_tags = |settings: &TableSettings| settings.values.tags.is_some();
        let own = all.named.get(table).is_some_and(has_tags);
        let entry = if own { table } else { DEFAULTS };
        let field = text::member(&self.table_field(entry), "tags");
        let defaults = if own && has_tags(&all.defaults) {
            format!(", with those of `{}`,", text::member(&self.table_field(DEFAULTS), "tags"))
        } else {
            String::new()
        };
        let message = format!("`{field}`{defaults} gives table {table:?} {count} tags");
        let help = format!("DynamoDB allows {} a table: remove some", rules::MAX_TAGS);
        self.report(Rule::TagLimit, &field, None, message, help);
    }
}
