//! Where DynamoDB is, and who is asking.

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

/// The word that stands for the embedded DynamoDB where an endpoint is expected.
pub(crate) const EMBEDDED: &str = "local";

/// The word that stands for no profile where one is expected. A profile of this name is reached by
/// `AWS_PROFILE`.
pub(crate) const NO_PROFILE: &str = "none";

/// What AWS's own tools take from the environment about where the tables are.
const AWS_VARIABLES: [&str; 5] = [
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_DYNAMODB",
];

/// Where DynamoDB is.
#[derive(Debug, Clone)]
pub(crate) enum Endpoint {
    /// In this process, kept in a file.
    Embedded(PathBuf),
    /// At a URL, or at AWS.
    Remote(Connection),
}

/// Where DynamoDB is, and who is asking.
#[derive(Debug, Clone)]
pub(crate) struct ConnectionSettings {
    /// Where.
    pub(crate) endpoint: Endpoint,
    /// The region that was asked for, which the embedded DynamoDB ignores.
    pub(crate) region: Option<String>,
    /// The environment's name, when one was chosen.
    pub(crate) environment: Option<String>,
    /// Whether the user has said where the tables are. Nothing is changed where that is only a default.
    pub(crate) is_named: bool,
}

/// Where a setting comes from, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    Config,
    Variable,
    Flag,
}

/// A setting of the connection: as a flag, a variable or a field.
#[derive(Debug)]
struct Setting {
    name: &'static str,
    value: String,
    source: Source,
}

impl Setting {
    /// The flag, or else the variable, or else the field.
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

    /// The setting as the user has written it.
    fn written(&self) -> String {
        let Self { name, value, source } = self;
        match source {
            Source::Flag => format!("--{name} {value}"),
            Source::Variable => format!("{}={value}", variable(name)),
            Source::Config => format!("`{name}: {value:?}` in the config"),
        }
    }

    /// How to be without it.
    fn way_out(&self) -> String {
        let Self { name, source, .. } = self;
        match source {
            Source::Flag => format!("leave out --{name}"),
            Source::Variable => format!("unset {}", variable(name)),
            Source::Config => format!("take `{name}` out of the config"),
        }
    }
}

/// The variable for a setting of the connection.
fn variable(name: &str) -> String {
    format!("MIZZLE_{}", name.to_ascii_uppercase())
}

impl ConnectionSettings {
    /// Flags over environment over config.
    ///
    /// # Errors
    ///
    /// When a region or a profile is named that the embedded DynamoDB does not have, or a profile without a
    /// name.
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
        // A config is about some server. Which one may be left to the variables that all of AWS's tools read.
        let is_left_to_aws =
            file.file.is_some() && AWS_VARIABLES.iter().any(|name| env.variable(name).is_some());
        let is_named =
            named || credentials.is_some() || config.account_id.is_some() || is_left_to_aws;
        // Whoever names a profile does not mean the config's credentials.
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

/// Refuses a profile that is empty, as a variable of a pipeline may be.
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

/// Refuses settings that the embedded DynamoDB does not have. What is weaker than the endpoint does not
/// count: a flag wins over variables, and both over the config.
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

/// The code of options that cannot both be meant.
const CONTRADICTING: &str = "contradicting-options";

/// Refuses options of a connection for a command that makes none: `mizzle local`.
///
/// # Errors
///
/// When one was given.
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

/// Refuses a region or a profile beside `--endpoint local`, which `init` would write into the config.
///
/// # Errors
///
/// When there is one.
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

/// Which servers may be changed. This machine's always may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Admission {
    /// The only AWS account that may.
    pub(crate) account_id: Option<String>,
    /// Whether any other server than this machine's may.
    pub(crate) allow_remote: bool,
}

impl Admission {
    /// What the config says.
    pub(crate) fn resolve(config: &Config) -> Self {
        Self {
            account_id: config.account_id.clone(),
            allow_remote: config.allow_remote.unwrap_or(true),
        }
    }
}

/// Where the embedded DynamoDB keeps a project's tables.
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
