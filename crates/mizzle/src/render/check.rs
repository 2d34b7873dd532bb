//! The report of `check`.

use super::Render;
use crate::{
    errors::Diagnostic,
    report::{CheckProblem, CheckReport, ImportWarning},
    ui::Ui,
};
use mizzle_core::{history::HistoryProblem, text};
use serde::Serialize;
use serde_json::{Value, json};

impl Render for CheckReport {
    fn human(&self, ui: &Ui) {
        for CheckProblem { problem, place, environment: _ } in &self.problems {
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
            ui.warning(import_warning(warning));
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
        let problems = self.problems.iter().map(|CheckProblem { problem, place, environment }| {
            // In a module that the script imports, the numbers would not refer to the file.
            let place = place.as_ref().filter(|place| place.file.ends_with(&problem.file));
            let (line, column) = place.map(|place| (place.line(), place.column())).unzip();
            Json { problem, environment: environment.as_deref(), line, column }
        });
        json!({ "problems": problems.collect::<Vec<_>>(), "warnings": self.warnings })
    }
}

fn import_warning(ImportWarning { file, imports }: &ImportWarning) -> String {
    let imports: Vec<&str> = imports.iter().map(String::as_str).collect();
    format!(
        "{file} imports {}: what it uses of that must not change once the migration is applied\n  help: copy the values into the script, or keep them in a file that only migrations use",
        text::list(&imports)
    )
}
