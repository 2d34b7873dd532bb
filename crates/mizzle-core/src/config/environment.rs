//! `environments`: the differences between the deployments of a project.

use super::{Config, Connection, fields::Fields, read_account, read_connection, tables};
use crate::{
    model::missing_part,
    model::{AllTableSettings, TableNaming},
    text,
};
use std::collections::BTreeMap;

/// An environment of a config; empty if none was chosen.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// The name; `None` if no environment was chosen.
    pub name: Option<String>,
    /// The connection to its tables.
    connection: Connection,
    /// The account whose tables may be changed: 12 digits.
    account_id: Option<String>,
    /// True if tables on other machines may be changed.
    allow_remote: Option<bool>,
    /// The naming of its tables.
    pub naming: TableNaming,
    /// Settings of tables that differ from the other environments.
    pub tables: AllTableSettings,
    /// Variables that are added to `process.env` of schemas and scripts.
    pub variables: BTreeMap<String, String>,
}

/// The error of an environment that the config does not contain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("There is no environment {name:?} in the config")]
pub struct UnknownEnvironment {
    /// The name.
    pub name: String,
    /// The suggested fix.
    pub hint: String,
}

impl Config {
    /// Returns the config with the settings of one of its environments applied.
    ///
    /// # Errors
    ///
    /// The config has no environment of that name.
    pub fn in_environment(mut self, name: &str) -> Result<Self, UnknownEnvironment> {
        let Some(mut environment) = self.environments.remove(name) else {
            let known: Vec<&str> = self.environments.keys().map(String::as_str).collect();
            let hint = text::did_you_mean(name, known.iter().copied());
            let hint = hint.unwrap_or_else(|| match known.as_slice() {
                [] => format!("add it: environments: {{ {name}: {{ … }} }}"),
                known => format!("the environments are {}", text::list(known)),
            });
            return Err(UnknownEnvironment { name: name.to_owned(), hint });
        };
        let own = std::mem::take(&mut environment.connection);
        self.connection = own.over(self.connection, environment.account_id.is_some());
        self.account_id = environment.account_id.take().or(self.account_id);
        self.allow_remote = environment.allow_remote.or(self.allow_remote);
        self.environment = environment;
        Ok(self)
    }
}

impl Connection {
    /// Returns this connection, with the missing fields taken from another one.
    ///
    /// The endpoint is not inherited if this connection selects a place in AWS (`names_account`, a
    /// region, a profile, credentials): the tables of production are not in a database on this
    /// machine because those of development are. Profile and credentials are not inherited if this
    /// connection has either of them.
    fn over(self, other: Self, names_account: bool) -> Self {
        let is_elsewhere = names_account
            || self.region.is_some()
            || self.profile.is_some()
            || self.credentials.is_some();
        let names_who = self.profile.is_some() || self.credentials.is_some();
        Self {
            endpoint: self.endpoint.or(other.endpoint.filter(|_| !is_elsewhere)),
            region: self.region.or(other.region),
            profile: self.profile.or(other.profile.filter(|_| !names_who)),
            credentials: self.credentials.or(other.credentials.filter(|_| !names_who)),
        }
    }
}

/// Reads `environments`.
pub(super) fn read(fields: &mut Fields<'_>) -> BTreeMap<String, Environment> {
    let mut environments = BTreeMap::new();
    fields.entries("environments", |name, fields| {
        let (account_id, allow_remote) = read_account(fields);
        let environment = Environment {
            name: Some(name.to_owned()),
            connection: read_connection(fields),
            account_id,
            allow_remote,
            naming: naming(fields),
            tables: tables::read_overlay(fields),
            variables: fields.texts("variables", wrong_variable).unwrap_or_default(),
        };
        environments.insert(name.to_owned(), environment);
    });
    environments
}

fn naming(fields: &mut Fields<'_>) -> TableNaming {
    const PART: &str = "letters, digits, \"_\", \"-\" and \".\"";
    let is_part = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
    };
    let mut naming = TableNaming::default();
    fields.object("tableName", |fields| {
        let accept = |text: &str| is_part(text) && missing_part(text).is_none();
        let mut part =
            |name| fields.explained_text(name, PART, accept, explain_missing).unwrap_or_default();
        naming = TableNaming { prefix: part("prefix"), suffix: part("suffix") };
    });
    naming
}

/// Explains which missing value a name contains, if it contains one.
pub(super) fn explain_missing(name: &str) -> Option<String> {
    let part = missing_part(name)?;
    Some(format!(
        "it has the text {part:?}, which stands for a missing value: is a variable that it is made of not set?"
    ))
}

fn wrong_variable(name: &str, _value: &str) -> Option<(String, &'static str)> {
    name.contains(['=', '\0']).then(|| {
        ("cannot be the name of a variable".to_owned(), "leave out \"=\" and control characters")
    })
}
