//! What `check` found.

use super::Report;
use crate::{
    errors::{CommandError, Diagnostic, ErrorKind},
    ui::Ui,
};
use mizzle_core::{
    history::{HistoryProblem, HistoryProblemKind},
    text,
};
use mizzle_eval::SourceLocation;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What `check` found.
#[derive(Debug)]
pub(crate) struct CheckReport {
    /// How many migrations there are.
    migrations: usize,
    /// What is not as it should be.
    problems: Vec<Problem>,
    /// The scripts that import files of the project.
    warnings: Vec<ImportWarning>,
    /// The same, as what keeps the command from ending well.
    failure: Option<CommandError>,
}

/// A problem, and the place in the sources where it shows.
#[derive(Debug)]
struct Problem {
    problem: HistoryProblem,
    place: Option<SourceLocation>,
    /// The environment in which alone it is one.
    environment: Option<String>,
}

/// A script that cannot be run in an environment.
#[derive(Debug)]
pub(crate) struct EnvironmentProblem {
    /// The environment.
    pub(crate) environment: String,
    /// What is wrong.
    pub(crate) problem: HistoryProblem,
    /// Where, if the script tells.
    pub(crate) place: Option<SourceLocation>,
}

/// A script that imports files of the project.
#[derive(Debug, Serialize)]
pub(crate) struct ImportWarning {
    /// The script's file name within the migrations folder.
    pub(crate) file: String,
    /// The imported files, by their paths relative to the migrations folder.
    pub(crate) imports: Vec<String>,
}

impl ImportWarning {
    /// The sentence and the way out.
    fn text(&self) -> String {
        let Self { file, imports } = self;
        let imports: Vec<&str> = imports.iter().map(String::as_str).collect();
        format!(
            "{file} imports {}: what it uses of that must not change once the migration is applied\n  help: copy the values into the script, or keep them in a file that only migrations use",
            text::list(&imports)
        )
    }
}

impl CheckReport {
    /// What was found among so many migrations; `places` has where scripts cannot be run, by the
    /// names of their files.
    pub(crate) fn new(
        migrations: usize,
        problems: Vec<HistoryProblem>,
        places: &BTreeMap<String, SourceLocation>,
        elsewhere: Vec<EnvironmentProblem>,
        warnings: Vec<ImportWarning>,
    ) -> Self {
        let count = problems.len() + elsewhere.len();
        let found = text::count(count, "problem", "problems");
        let message = format!("The migrations have {found}");
        let failure = CommandError::new(ErrorKind::Pending, "unsound-history", message)
            .hint("each says what to do; run `mizzle check` again then");
        let failure = Some(failure).filter(|_| count > 0);
        let with_place = |problem: HistoryProblem| {
            let is_about_code = problem.kind == HistoryProblemKind::UnreadableScript;
            let place = places.get(&problem.file).filter(|_| is_about_code).cloned();
            Problem { problem, place, environment: None }
        };
        let elsewhere = elsewhere.into_iter().map(|found| {
            let EnvironmentProblem { environment, problem, place } = found;
            Problem { problem, place, environment: Some(environment) }
        });
        let problems = problems.into_iter().map(with_place).chain(elsewhere).collect();
        Self { migrations, problems, warnings, failure }
    }
}

impl Report for CheckReport {
    fn human(&self, ui: &Ui) {
        for Problem { problem, place, environment: _ } in &self.problems {
            let HistoryProblem { kind: _, file, message, hint } = problem;
            let before = if file.is_empty() { String::new() } else { format!("{file}: ") };
            ui.result_at(&Diagnostic {
                rule: None,
                message: format!("{before}{message}"),
                locations: place.iter().cloned().collect(),
                help: vec![hint.clone()],
            });
        }
        for warning in &self.warnings {
            ui.warning(warning.text());
        }
        let migrations = text::count(self.migrations, "migration", "migrations");
        if self.problems.is_empty() {
            ui.outro(format!("{migrations}, and everything is in order"));
        } else {
            ui.outro_cancel("Nothing was changed");
        }
    }

    fn json(&self) -> Value {
        #[derive(Serialize)]
        struct Json<'a> {
            #[serde(flatten)]
            problem: &'a HistoryProblem,
            #[serde(skip_serializing_if = "Option::is_none")]
            environment: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            line: Option<usize>,
            #[serde(skip_serializing_if = "Option::is_none")]
            column: Option<usize>,
        }
        let problems = self.problems.iter().map(|Problem { problem, place, environment }| {
            // In a module that the script imports, the numbers would say nothing of the file.
            let place = place.as_ref().filter(|place| place.file.ends_with(&problem.file));
            let (line, column) = place.map(|place| (place.line(), place.column())).unzip();
            Json { problem, environment: environment.as_deref(), line, column }
        });
        json!({ "problems": problems.collect::<Vec<_>>(), "warnings": self.warnings })
    }

    fn failure(&self) -> Option<&CommandError> {
        self.failure.as_ref()
    }
}
