//! The report of `init`.

use super::Render;
use crate::{
    report::{InitAnswers, InitFindings, InitReport},
    ui::Ui,
};
use serde_json::{Value, json};

/// The number of names that are shown of a kind; the others are counted.
const NAMED: usize = 3;

/// Shows the project as it was found, before the questions.
pub(crate) fn show_findings(findings: &InitFindings, ui: &Ui) {
    ui.step(found(findings));
}

/// Shows the contents of the config, if there were no questions.
pub(crate) fn show_answers(answers: &InitAnswers, ui: &Ui) {
    ui.step(chosen(answers));
}

impl Render for InitReport {
    fn human(&self, ui: &Ui) {
        if !self.files.is_empty() {
            ui.result(self.files.join("\n"));
        }
        let Self { config, next, .. } = self;
        match (&self.failure, &self.awaited) {
            (Some(_), _) => ui.outro_cancel(format!("{config} was not written")),
            (None, None) => ui.outro(format!("Next: {next}")),
            (None, Some(schema)) => ui.outro(format!("Next: write {schema}, then {next}")),
        }
    }

    fn json(&self) -> Value {
        let Self { config, files, awaited: _, next, answers, found, failure: _ } = self;
        let mut json = json!({ "config": config, "files": files, "next": next });
        for (name, value) in json!(answers).as_object().into_iter().flatten() {
            json[name] = value.clone();
        }
        json["found"] = json!(found);
        json
    }
}

fn chosen(answers: &InitAnswers) -> String {
    let InitAnswers { schema, out, endpoint, region, profile } = answers;
    let mut place = vec![match endpoint.as_deref() {
        None => "AWS".to_owned(),
        Some("local") => "embedded".to_owned(),
        Some(url) => url.to_owned(),
    }];
    place.extend(region.as_ref().map(|region| format!("region {region}")));
    place.extend(profile.as_ref().map(|profile| format!("profile {profile}")));
    let (schema, place) = (schema.join(", "), place.join(", "));
    lines("Chosen", &[("schema", schema), ("out", out.clone()), ("DynamoDB", place)])
}

fn found(findings: &InitFindings) -> String {
    let InitFindings { package_manager, orm, has_cli, has_tsconfig, servers, .. } = findings;
    let mut project: Vec<&str> = package_manager.iter().chain(orm).copied().collect();
    project.extend(has_cli.then_some("mizzle-cli"));
    project.extend(has_tsconfig.then_some("tsconfig.json"));
    let names: Vec<&str> = findings.profiles.iter().map(|profile| profile.name.as_str()).collect();
    let profiles = match names.as_slice() {
        [] => None,
        [one] => Some(format!("profile {one}")),
        many => Some(format!("profiles {}", some_of(many))),
    };
    let region = findings.region.as_ref().map(|region| format!("region {region}"));
    let aws: Vec<String> = profiles.into_iter().chain(region).collect();
    lines(
        "Found",
        &[
            ("schema", schema_files(findings)),
            ("project", project.join(", ")),
            ("DynamoDB", servers.join(", ")),
            ("AWS", aws.join("; ")),
        ],
    )
}

fn schema_files(findings: &InitFindings) -> String {
    let files: Vec<&str> = findings.schema.iter().map(String::as_str).collect();
    match (files.is_empty(), findings.is_complete) {
        (false, _) => some_of(&files),
        (true, true) => "none yet".to_owned(),
        (true, false) => "none so far; there are too many files to look at all".to_owned(),
    }
}

/// Returns the facts under a headline, each behind its name.
fn lines(headline: &str, facts: &[(&str, String)]) -> String {
    let facts = facts.iter().filter(|(_, text)| !text.is_empty());
    let lines = facts.map(|(name, text)| format!("\n  {name:<8}  {text}"));
    format!("{headline}{}", lines.collect::<String>())
}

/// Returns the first names, and the number of the others.
fn some_of(names: &[&str]) -> String {
    match names.len() {
        0..=NAMED => names.join(", "),
        all => format!("{} and {} more", names[..NAMED].join(", "), all - NAMED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::FoundProfile;

    #[test]
    fn the_contents_of_the_config() {
        let answers = |endpoint: Option<&str>, region: Option<&str>, profile: Option<&str>| {
            let owned = |text: Option<&str>| text.map(str::to_owned);
            InitAnswers {
                schema: vec!["./a.ts".to_owned(), "./b".to_owned()],
                out: "./migrations".to_owned(),
                endpoint: owned(endpoint),
                region: owned(region),
                profile: owned(profile),
            }
        };
        for (answers, place) in [
            (answers(Some("local"), None, None), "embedded"),
            (answers(Some("http://127.0.0.1:8000"), None, None), "http://127.0.0.1:8000"),
            (answers(None, Some("eu-west-1"), None), "AWS, region eu-west-1"),
            (answers(None, Some("eu-west-1"), Some("w")), "AWS, region eu-west-1, profile w"),
        ] {
            let head = "Chosen\n  schema    ./a.ts, ./b\n  out       ./migrations";
            assert_eq!(chosen(&answers), format!("{head}\n  DynamoDB  {place}"));
        }
    }

    #[test]
    fn an_empty_folder() {
        let findings = InitFindings { is_complete: true, ..InitFindings::default() };
        assert_eq!(found(&findings), "Found\n  schema    none yet");
        assert!(found(&InitFindings::default()).contains("too many files"));
    }

    #[test]
    fn everything() {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let profile = |name: &&str| FoundProfile { name: (*name).to_owned(), region: None };
        let findings = InitFindings {
            schema: names(&["a.ts", "b.ts", "c.ts", "d.ts", "e.ts"]),
            is_complete: true,
            package_manager: Some("pnpm"),
            orm: Some("@aurios/mizzle"),
            has_cli: true,
            has_tsconfig: true,
            servers: names(&["http://127.0.0.1:8000"]),
            profiles: ["default", "home", "play", "work"].iter().map(profile).collect(),
            region: Some("eu-west-1".to_owned()),
        };
        insta::assert_snapshot!(found(&findings), @r"
        Found
          schema    a.ts, b.ts, c.ts and 2 more
          project   pnpm, @aurios/mizzle, mizzle-cli, tsconfig.json
          DynamoDB  http://127.0.0.1:8000
          AWS       profiles default, home, play and 1 more; region eu-west-1
        ");
    }
}
