//! The project that `init` found, and the files that it wrote.

use crate::errors::CommandError;
use serde::Serialize;

/// The result of `init`.
#[derive(Debug)]
pub(crate) struct InitReport {
    /// The config, as the user would write it.
    pub(crate) config: String,
    /// The files that were written or added to, the config last.
    pub(crate) files: Vec<String>,
    /// The schema that the user still has to write.
    pub(crate) awaited: Option<String>,
    /// The next command.
    pub(crate) next: String,
    /// The contents of the config.
    pub(crate) answers: InitAnswers,
    /// The project as it was before.
    pub(crate) found: InitFindings,
    /// The reason why the config was not written.
    pub(crate) failure: Option<CommandError>,
}

/// The contents of the config.
#[derive(Debug, Serialize)]
pub(crate) struct InitAnswers {
    /// The schema files, as patterns.
    pub(crate) schema: Vec<String>,
    /// The migrations folder.
    pub(crate) out: String,
    /// A URL, or `local`; `None` is AWS.
    pub(crate) endpoint: Option<String>,
    /// The AWS region.
    pub(crate) region: Option<String>,
    /// The profile of the AWS config files.
    pub(crate) profile: Option<String>,
}

/// The findings before any question.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InitFindings {
    /// The files that define tables.
    pub(crate) schema: Vec<String>,
    /// True if all files were searched for tables.
    #[serde(skip)]
    pub(crate) is_complete: bool,
    /// The package manager.
    pub(crate) package_manager: Option<&'static str>,
    /// The name of the ORM's package.
    pub(crate) orm: Option<&'static str>,
    /// True if this program is a package of the project.
    #[serde(rename = "mizzleCli")]
    pub(crate) has_cli: bool,
    /// True if there is a `tsconfig.json`.
    #[serde(rename = "tsconfig")]
    pub(crate) has_tsconfig: bool,
    /// The endpoints on this machine where a DynamoDB responds.
    pub(crate) servers: Vec<String>,
    /// The profiles of the AWS config file.
    pub(crate) profiles: Vec<FoundProfile>,
    /// The region that AWS's own tools would use.
    pub(crate) region: Option<String>,
}

/// A profile of the AWS config file.
#[derive(Debug, Serialize)]
pub(crate) struct FoundProfile {
    /// Its name.
    pub(crate) name: String,
    /// Its region.
    pub(crate) region: Option<String>,
}
