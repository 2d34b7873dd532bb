//! The problems that `check` found.

use crate::errors::{CommandError, ErrorKind};
use mizzle_core::{
    history::{HistoryProblem, HistoryProblemKind},
    text,
};
use mizzle_eval::SourceLocation;
use serde::Serialize;
use std::collections::BTreeMap;

/// The result of `check`.
#[derive(Debug)]
pub(crate) struct CheckReport {
    /// The number of migrations.
    pub(crate) migrations: usize,
    /// The problems.
    pub(crate) problems: Vec<CheckProblem>,
    /// The scripts that import files of the project.
    pub(crate) warnings: Vec<ImportWarning>,
    /// The error, if there are problems.
    pub(crate) failure: Option<CommandError>,
}

/// A problem of the migrations.
#[derive(Debug)]
pub(crate) struct CheckProblem {
    /// The problem.
    pub(crate) problem: HistoryProblem,
    /// Its place in the sources, if it has one.
    pub(crate) place: Option<SourceLocation>,
    /// The environment, if it is a problem of one environment only.
    pub(crate) environment: Option<String>,
}

/// A script that imports files of the project.
#[derive(Debug, Serialize)]
pub(crate) struct ImportWarning {
    /// The script's file name within the migrations folder.
    pub(crate) file: String,
    /// The imported files, by their paths relative to the migrations folder.
    pub(crate) imports: Vec<String>,
}

impl CheckReport {
    /// Creates the report of `migrations` migrations. `places` contains the locations of errors in
    /// scripts, by file name; `elsewhere` the problems of one environment only.
    pub(crate) fn new(
        migrations: usize,
        problems: Vec<HistoryProblem>,
        places: &BTreeMap<String, SourceLocation>,
        elsewhere: Vec<CheckProblem>,
        warnings: Vec<ImportWarning>,
    ) -> Self {
        let with_place = |problem: HistoryProblem| {
            let is_about_code = problem.kind == HistoryProblemKind::UnreadableScript;
            let place = places.get(&problem.file).filter(|_| is_about_code).cloned();
            CheckProblem { problem, place, environment: None }
        };
        let problems: Vec<CheckProblem> =
            problems.into_iter().map(with_place).chain(elsewhere).collect();
        let failure = (!problems.is_empty()).then(|| {
            let found = text::count(problems.len(), "problem", "problems");
            let message = format!("The migrations have {found}");
            CommandError::new(ErrorKind::Pending, "invalid-history", message)
                .hint("each says what to do; run `mizzle check` again then")
        });
        Self { migrations, problems, warnings, failure }
    }
}
