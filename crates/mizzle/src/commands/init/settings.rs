//! The arguments and settings of `mizzle init`.

use crate::{
    env::Env,
    errors::{CommandError, ErrorKind},
    project::{self, NewConfig, PathKind},
    session::Session,
    settings::{DEFAULT_OUT, EMBEDDED, NO_PROFILE, expect_consistent},
};
use clap::Args;
use std::path::Path;

/// `mizzle init`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mizzle init                                             inspect, ask a few questions, write
  mizzle init --yes                                       inspect and write, with the embedded DynamoDB
  mizzle init --endpoint http://127.0.0.1:8000            for a server on this machine
  mizzle init --region eu-west-1 --profile work           for AWS
  mizzle init --schema \"./src/**/*.table.ts\" --force      overwrite the config")]
pub(crate) struct InitArgs {
    /// The schema: a file, a folder or a glob, relative to the config; may be repeated [default: the
    /// files that make tables, else ./src/schema.ts or ./schema.ts]
    #[arg(long, value_name = "PATTERN")]
    pub(crate) schema: Vec<String>,
    /// The folder for migrations, relative to the config [default: ./migrations]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<String>,
    /// Create a first schema if there is none [default: yes]
    #[arg(long, conflicts_with = "no_starter")]
    pub(crate) starter: bool,
    /// Create no schema
    #[arg(long)]
    pub(crate) no_starter: bool,
    /// Add .mizzle/ to .gitignore, with the embedded DynamoDB [default: yes]
    #[arg(long, conflicts_with = "no_gitignore")]
    pub(crate) gitignore: bool,
    /// Leave .gitignore as it is
    #[arg(long)]
    pub(crate) no_gitignore: bool,
    /// Overwrite an existing config
    #[arg(long)]
    pub(crate) force: bool,
}

/// The variable that lists the ports on which `init` looks for servers.
const PORTS: &str = "MIZZLE_LOCAL_PORTS";

/// Default ports of common servers: DynamoDB Local and `mizzle local`; LocalStack and MiniStack;
/// dynalite; moto; the mock of Amplify.
const USUAL_PORTS: [u16; 5] = [8000, 4566, 4567, 5000, 62224];

/// The settings of an `init` run.
#[derive(Debug)]
pub(crate) struct InitSettings {
    /// The location of the config.
    pub(crate) config: NewConfig,
    /// True to overwrite an existing config.
    pub(crate) force: bool,
    /// Values from the command line, which are not asked for.
    pub(crate) given: Wishes,
    /// Values from the environment, which are the defaults of the questions.
    pub(crate) suggested: Wishes,
    /// True to write a first schema, false to write none; `None` to ask.
    pub(crate) starter: Option<bool>,
    /// True to add a line to `.gitignore`, false to leave it; `None` to ask.
    pub(crate) gitignore: Option<bool>,
    /// The ports of this machine to look for servers on.
    pub(crate) ports: Vec<u16>,
    /// True to skip questions.
    pub(crate) yes: bool,
}

/// Values for the config.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wishes {
    /// The schema files, as patterns.
    pub(crate) schema: Option<Vec<String>>,
    /// The migrations folder.
    pub(crate) out: Option<String>,
    /// The location of DynamoDB.
    pub(crate) place: Option<Place>,
    /// The AWS region.
    pub(crate) region: Option<String>,
    /// The profile of the AWS config files.
    pub(crate) profile: Option<String>,
}

/// A location of DynamoDB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// The server embedded in mizzle.
    Embedded,
    /// A server at a URL.
    Server(String),
    /// AWS.
    Aws,
}

impl Place {
    /// Returns the value of `endpoint` in the config; `None` for AWS.
    pub(crate) fn endpoint(self) -> Option<String> {
        match self {
            Self::Embedded => Some(EMBEDDED.to_owned()),
            Self::Server(url) => Some(url),
            Self::Aws => None,
        }
    }

    fn of(endpoint: &str) -> Self {
        match endpoint {
            EMBEDDED => Self::Embedded,
            url => Self::Server(url.to_owned()),
        }
    }
}

impl InitSettings {
    /// Resolves the settings: flags over environment.
    ///
    /// # Errors
    ///
    /// When one of the values is invalid.
    pub(crate) fn resolve(args: &InitArgs, session: &Session<'_>) -> Result<Self, CommandError> {
        let (global, env) = (session.global, session.env);
        let InitArgs { schema, out, starter, no_starter, gitignore, no_gitignore, force } = args;
        expect_consistent(global)?;
        let config = NewConfig::find(global.config.as_deref(), env)?;
        let endpoint = global.endpoint.as_deref().map(Place::of);
        let is_aws = global.region.is_some() || global.profile.is_some();
        let given = Wishes {
            schema: Some(schema.clone()).filter(|patterns| !patterns.is_empty()),
            out: out.clone(),
            place: endpoint.or(is_aws.then_some(Place::Aws)),
            region: global.region.clone(),
            profile: global.profile.clone().filter(|profile| profile != NO_PROFILE),
        };
        given.check(&config.root, ["--schema", "--out", "--endpoint", "--region"])?;
        let variable = |name: &str| env.variable(name).map(str::to_owned);
        let suggested = Wishes {
            schema: variable("MIZZLE_SCHEMA").map(|pattern| vec![pattern]),
            out: variable("MIZZLE_OUT"),
            place: env.variable("MIZZLE_ENDPOINT").map(Place::of),
            region: variable("MIZZLE_REGION"),
            profile: None,
        };
        let names = ["MIZZLE_SCHEMA", "MIZZLE_OUT", "MIZZLE_ENDPOINT", "MIZZLE_REGION"];
        suggested.check(&config.root, names)?;
        let answer = |yes: &bool, no: &bool| match (yes, no) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        };
        Ok(Self {
            config,
            force: *force,
            given,
            suggested,
            starter: answer(starter, no_starter),
            gitignore: answer(gitignore, no_gitignore),
            ports: ports(env)?,
            yes: global.yes,
        })
    }
}

impl Wishes {
    /// Checks that each value is valid; `sources` are the flags or variables that they come from.
    fn check(&self, root: &Path, sources: [&str; 4]) -> Result<(), CommandError> {
        let Self { schema, out, place, region, profile: _ } = self;
        let [of_schema, of_out, of_place, of_region] = sources;
        let wrong = |source: &str, problem: String| {
            CommandError::new(ErrorKind::Usage, "invalid-answer", format!("{source}: {problem}"))
        };
        for pattern in schema.iter().flatten() {
            check_schema(pattern).map_err(|problem| wrong(of_schema, problem))?;
        }
        if let Some(out) = out {
            check_out(out, root).map_err(|problem| wrong(of_out, problem))?;
        }
        if let Some(Place::Server(url)) = place {
            check_endpoint(url).map_err(|problem| wrong(of_place, problem))?;
        }
        if let Some(region) = region {
            check_region(region).map_err(|problem| wrong(of_region, problem))?;
        }
        Ok(())
    }

    /// Returns the default migrations folder.
    pub(crate) fn default_out() -> String {
        DEFAULT_OUT.to_owned()
    }
}

/// Checks that a text is valid in `schema`.
///
/// # Errors
///
/// When it is not, with a fix.
pub(crate) fn check_schema(pattern: &str) -> Result<(), String> {
    if pattern.trim().is_empty() {
        return Err("name a file, a folder or a glob".to_owned());
    }
    project::check_schema_pattern(pattern)
}

/// Checks that a text is valid as the migrations folder.
///
/// # Errors
///
/// When it is not, with a fix.
pub(crate) fn check_out(out: &str, root: &Path) -> Result<(), String> {
    if out.trim().is_empty() {
        return Err("name a folder".to_owned());
    }
    match PathKind::of(&root.join(out)) {
        PathKind::Missing | PathKind::Folder => Ok(()),
        kind @ (PathKind::File | PathKind::Other(_) | PathKind::Unreadable(_)) => {
            Err(format!("{out} {}: name a folder", kind.predicate()))
        }
    }
}

/// Checks that a text is a valid URL of a server.
///
/// # Errors
///
/// When it is not, with a fix.
pub(crate) fn check_endpoint(url: &str) -> Result<(), String> {
    mizzle_aws::check_endpoint(url.trim()).map_err(|error| format!("{error}; {}", error.hint()))
}

/// Checks that a text is a valid region name.
///
/// # Errors
///
/// When it is not, with a fix.
pub(crate) fn check_region(name: &str) -> Result<(), String> {
    mizzle_aws::check_region(name.trim()).map_err(|error| format!("{error}; {}", error.hint()))
}

/// Returns the ports to check for servers; an empty list is valid too.
fn ports(env: &Env) -> Result<Vec<u16>, CommandError> {
    let Some(list) = env.variables.get(PORTS) else { return Ok(USUAL_PORTS.to_vec()) };
    let numbers = list.split(',').map(str::trim).filter(|number| !number.is_empty());
    numbers
        .map(|number| number.parse().ok().filter(|port| *port > 0))
        .collect::<Option<_>>()
        .ok_or_else(|| {
            let message = format!("{PORTS} must be ports with commas between, but is {list:?}");
            CommandError::new(ErrorKind::Usage, "invalid-environment", message)
                .hint(format!("as in {PORTS}=8000,4566; an empty text looks at none"))
        })
}
