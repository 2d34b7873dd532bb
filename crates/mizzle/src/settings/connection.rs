//! The location of DynamoDB, and the credentials.

use crate::{
    env::Env,
    errors::{CommandError, ErrorKind},
    global::Global,
    project::ConfigFile,
};
use mizzle_aws::{Connection, StaticCredentials};
use mizzle_core::{
    config::{self, Config, Credentials},
    redaction,
};
use secrecy::ExposeSecret;
use std::path::{Path, PathBuf};

/// The value of an endpoint that stands for the embedded DynamoDB.
pub(crate) const EMBEDDED: &str = "local";

/// The value of a profile that stands for none. A profile of this name can be selected with
/// `AWS_PROFILE`.
pub(crate) const NO_PROFILE: &str = "none";

/// The environment variables with which AWS's own tools select a server.
const AWS_VARIABLES: [&str; 5] = [
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_DYNAMODB",
];

/// The location of DynamoDB.
#[derive(Debug, Clone)]
pub(crate) enum Endpoint {
    /// Embedded in this process, with a database file.
    Embedded(PathBuf),
    /// A server at a URL, or AWS.
    Remote(Connection),
}

/// The location of DynamoDB, and the credentials.
#[derive(Debug, Clone)]
pub(crate) struct ConnectionSettings {
    /// The location.
    pub(crate) endpoint: Endpoint,
    /// The requested region, which the embedded DynamoDB ignores.
    pub(crate) region: Option<String>,
    /// The environment's name, if one was chosen.
    pub(crate) environment: Option<String>,
    /// True if the user named the server. A server that is only the default is never changed.
    pub(crate) is_named: bool,
}

/// The source of a setting, by increasing precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    Config,
    Variable,
    Flag,
}

/// A setting of the connection, from a flag, a variable or a field.
#[derive(Debug)]
struct Setting {
    name: &'static str,
    value: String,
    source: Source,
}

impl Setting {
    /// Returns the flag, or else the variable, or else the field.
    fn pick(
        name: &'static str,
        flag: Option<&String>,
        field: Option<&String>,
        env: &Env,
    ) -> Option<Self> {
        let setting = |value: &str, source| Self { name, value: value.to_owned(), source };
        flag.map(|value| setting(value, Source::Flag))
            .or_else(|| Some(setting(env.variable(&variable(name))?, Source::Variable)))
            .or_else(|| Some(setting(field?, Source::Config)))
    }

    /// Returns the setting as the user has written it.
    fn written(&self) -> String {
        let Self { name, value, source } = self;
        match source {
            Source::Flag => format!("--{name} {value}"),
            Source::Variable => format!("{}={value}", variable(name)),
            Source::Config => format!("`{name}: {value:?}` in the config"),
        }
    }

    /// Returns the advice to remove the setting.
    fn way_out(&self) -> String {
        let Self { name, source, .. } = self;
        match source {
            Source::Flag => format!("leave out --{name}"),
            Source::Variable => format!("unset {}", variable(name)),
            Source::Config => format!("take `{name}` out of the config"),
        }
    }
}

/// Returns the variable for a setting of the connection.
fn variable(name: &str) -> String {
    format!("MIZZLE_{}", name.to_ascii_uppercase())
}

impl ConnectionSettings {
    /// Resolves the settings: flags over environment over config.
    ///
    /// # Errors
    ///
    /// When a region or a profile is given that the embedded DynamoDB does not support, or the
    /// profile is empty.
    pub(crate) fn resolve(
        global: &Global,
        file: &ConfigFile,
        config: &Config,
        env: &Env,
    ) -> Result<Self, CommandError> {
        let config::Connection { endpoint, region, profile, credentials } = &config.connection;
        let endpoint = Setting::pick("endpoint", global.endpoint.as_ref(), endpoint.as_ref(), env);
        let region = Setting::pick("region", global.region.as_ref(), region.as_ref(), env);
        let profile = Setting::pick("profile", global.profile.as_ref(), profile.as_ref(), env);
        let account = config.account_id.as_ref();
        let values = [&endpoint, &region, &profile].into_iter().flatten();
        let values = values.map(|setting| &setting.value).chain(account);
        values.for_each(|value| redaction::suspect(value));
        check_profile(profile.as_ref())?;
        let named = [&endpoint, &region, &profile].iter().any(|setting| setting.is_some());
        // A config implies a server, but may leave the choice to the variables that all AWS tools
        // read.
        let is_left_to_aws =
            file.file.is_some() && AWS_VARIABLES.iter().any(|name| env.variable(name).is_some());
        let is_named =
            named || credentials.is_some() || config.account_id.is_some() || is_left_to_aws;
        // A profile from a flag or variable takes precedence over the config's credentials.
        let names_profile = profile.as_ref().is_some_and(|setting| setting.source > Source::Config);
        let profile = profile.filter(|setting| setting.value != NO_PROFILE);
        let environment = config.environment.name.clone();
        if let Some(embedded) = endpoint.as_ref().filter(|setting| setting.value == EMBEDDED) {
            expect_embedded(embedded, [&region, &profile].into_iter().flatten())?;
            let endpoint = Endpoint::Embedded(database_file(&file.root));
            let region = region.map(|setting| setting.value);
            return Ok(Self { endpoint, region, environment, is_named });
        }
        let region = region.map(|setting| setting.value);
        let connection = Connection {
            endpoint: endpoint.map(|setting| setting.value),
            region: region.clone(),
            profile: profile.map(|setting| setting.value),
            credentials: credentials.as_ref().filter(|_| !names_profile).map(to_static),
            max_attempts: config.max_attempts,
        };
        Ok(Self { endpoint: Endpoint::Remote(connection), region, environment, is_named })
    }
}

/// Refuses an empty profile, as a variable of a pipeline may be.
fn check_profile(profile: Option<&Setting>) -> Result<(), CommandError> {
    match profile {
        Some(setting) if setting.value.trim().is_empty() => Err(CommandError::new(
            ErrorKind::Usage,
            "invalid-profile",
            match setting.source {
                Source::Flag => "--profile is empty".to_owned(),
                Source::Variable => format!("{} is blank", variable(setting.name)),
                Source::Config => "`profile` in the config is empty".to_owned(),
            },
        )
        .hint("name a profile of the AWS config files")
        .hint("or none, for the credentials of the environment: --profile none")),
        Some(_) | None => Ok(()),
    }
}

/// Refuses settings that the embedded DynamoDB does not support. Settings of lower precedence than
/// the endpoint are ignored: flags take precedence over variables, and both over the config.
fn expect_embedded<'a>(
    embedded: &Setting,
    others: impl Iterator<Item = &'a Setting>,
) -> Result<(), CommandError> {
    let contradicts =
        |other: &&Setting| other.source > Source::Config && other.source >= embedded.source;
    let Some(other) = others.filter(contradicts).max_by_key(|other| other.source) else {
        return Ok(());
    };
    let message = format!(
        "{} contradicts {}: the embedded DynamoDB has no {}",
        other.written(),
        embedded.written(),
        other.name
    );
    let elsewhere = match embedded.source {
        Source::Flag | Source::Variable => format!("for AWS, {}", embedded.way_out()),
        Source::Config => "for AWS, choose an environment with a region of its own (--env), or name the endpoint: --endpoint https://dynamodb.<region>.amazonaws.com".to_owned(),
    };
    Err(CommandError::new(ErrorKind::Usage, CONTRADICTING, message)
        .hint(format!("for the embedded DynamoDB, {}", other.way_out()))
        .hint(elsewhere))
}

/// The error code of contradicting options.
const CONTRADICTING: &str = "contradicting-options";

/// Refuses connection options for a command that does not connect: `mizzle local`.
///
/// # Errors
///
/// When such an option is given.
pub(crate) fn expect_no_connection(global: &Global) -> Result<(), CommandError> {
    let given = [
        ("--endpoint", &global.endpoint),
        ("--region", &global.region),
        ("--profile", &global.profile),
    ];
    let Some((flag, value)) = given.iter().find_map(|(flag, value)| Some((flag, value.as_ref()?)))
    else {
        return Ok(());
    };
    let message = format!(
        "{flag} {value} contradicts mizzle local, which serves the embedded DynamoDB on 127.0.0.1"
    );
    Err(CommandError::new(ErrorKind::Usage, CONTRADICTING, message)
        .hint(format!("leave out {flag}; --port chooses the port, --path the database file")))
}

/// Refuses a region or a profile beside `--endpoint local`, which `init` would write into the
/// config.
///
/// # Errors
///
/// When one of them is given.
pub(crate) fn expect_consistent(global: &Global) -> Result<(), CommandError> {
    let flag = |name, value: &Option<String>| {
        Some(Setting { name, value: value.clone()?, source: Source::Flag })
    };
    check_profile(flag("profile", &global.profile).as_ref())?;
    let embedded = flag("endpoint", &global.endpoint).filter(|setting| setting.value == EMBEDDED);
    let profile = flag("profile", &global.profile).filter(|setting| setting.value != NO_PROFILE);
    let others = [flag("region", &global.region), profile];
    embedded.map_or(Ok(()), |embedded| expect_embedded(&embedded, others.iter().flatten()))
}

/// The servers that may be changed. Servers on this machine always may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TargetPolicy {
    /// The only AWS account whose tables may be changed.
    pub(crate) account_id: Option<String>,
    /// True if servers on other machines may be changed.
    pub(crate) allow_remote: bool,
}

impl TargetPolicy {
    /// Reads the restrictions of the config.
    pub(crate) fn resolve(config: &Config) -> Self {
        Self {
            account_id: config.account_id.clone(),
            allow_remote: config.allow_remote.unwrap_or(true),
        }
    }
}

/// Returns the path of a project's embedded database.
pub(crate) fn database_file(root: &Path) -> PathBuf {
    root.join(".mizzle").join("local.db")
}

fn to_static(credentials: &Credentials) -> StaticCredentials {
    StaticCredentials {
        access_key_id: credentials.access_key_id.expose_secret().to_owned(),
        secret_access_key: credentials.secret_access_key.clone(),
        session_token: credentials.session_token.clone(),
    }
}
