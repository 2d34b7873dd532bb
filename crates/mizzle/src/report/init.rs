//! What `init` found, and what it wrote.

use super::Report;
use crate::{errors::CommandError, ui::Ui};
use serde::Serialize;
use serde_json::{Value, json};

/// So many of a kind are named; the others are counted.
const NAMED: usize = 3;

/// What `init` found, and what it wrote.
#[derive(Debug)]
pub(crate) struct InitReport {
    /// The config, as the user would write it.
    pub(crate) config: String,
    /// The files that were written or added to, the config last.
    pub(crate) files: Vec<String>,
    /// The schema that is still to be written by hand.
    pub(crate) awaited: Option<String>,
    /// The command that comes next.
    pub(crate) next: String,
    /// What the config says.
    pub(crate) answers: InitAnswers,
    /// What was there before.
    pub(crate) found: InitFindings,
    /// Why the config was not written.
    pub(crate) failure: Option<CommandError>,
}

/// What the config says.
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

/// What was there before anything was asked.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InitFindings {
    /// The files that make tables.
    pub(crate) schema: Vec<String>,
    /// Whether all files were looked at for that.
    #[serde(skip)]
    pub(crate) is_complete: bool,
    /// Who installs the packages.
    pub(crate) package_manager: Option<&'static str>,
    /// The name of the ORM's package.
    pub(crate) orm: Option<&'static str>,
    /// Whether this program is a package of the project.
    #[serde(rename = "mizzleCli")]
    pub(crate) has_cli: bool,
    /// Whether there is a `tsconfig.json`.
    #[serde(rename = "tsconfig")]
    pub(crate) has_tsconfig: bool,
    /// The endpoints on this machine where a DynamoDB answers.
    pub(crate) servers: Vec<String>,
    /// The profiles of the AWS config file.
    pub(crate) profiles: Vec<FoundProfile>,
    /// The region that AWS's own tools would take.
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

impl InitAnswers {
    /// Shows it, where nobody was asked.
    pub(crate) fn show(&self, ui: &Ui) {
        ui.step(self.text());
    }

    fn text(&self) -> String {
        let Self { schema, out, endpoint, region, profile } = self;
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
}

impl InitFindings {
    /// Shows it, before the questions.
    pub(crate) fn show(&self, ui: &Ui) {
        ui.step(self.text());
    }

    fn text(&self) -> String {
        let Self { schema, package_manager, orm, has_cli, has_tsconfig, servers, .. } = self;
        let mut project: Vec<&str> = package_manager.iter().chain(orm).copied().collect();
        project.extend(has_cli.then_some("mizzle-cli"));
        project.extend(has_tsconfig.then_some("tsconfig.json"));
        let names: Vec<&str> = self.profiles.iter().map(|profile| profile.name.as_str()).collect();
        let profiles = match names.as_slice() {
            [] => None,
            [one] => Some(format!("profile {one}")),
            many => Some(format!("profiles {}", some_of(many))),
        };
        let region = self.region.as_ref().map(|region| format!("region {region}"));
        let aws: Vec<String> = profiles.into_iter().chain(region).collect();
        lines(
            "Found",
            &[
                ("schema", self.schema_text(schema)),
                ("project", project.join(", ")),
                ("DynamoDB", servers.join(", ")),
                ("AWS", aws.join("; ")),
            ],
        )
    }

    fn schema_text(&self, schema: &[String]) -> String {
        let files: Vec<&str> = schema.iter().map(String::as_str).collect();
        match (files.is_empty(), self.is_complete) {
            (false, _) => some_of(&files),
            (true, true) => "none yet".to_owned(),
            (true, false) => "none so far; there are too many files to look at all".to_owned(),
        }
    }
}

/// What there is to say under a headline, each behind its name.
fn lines(headline: &str, facts: &[(&str, String)]) -> String {
    let facts = facts.iter().filter(|(_, text)| !text.is_empty());
    let lines = facts.map(|(name, text)| format!("\n  {name:<8}  {text}"));
    format!("{headline}{}", lines.collect::<String>())
}

/// The first few, and how many more.
fn some_of(names: &[&str]) -> String {
    match names.len() {
        0..=NAMED => names.join(", "),
        all => format!("{} and {} more", names[..NAMED].join(", "), all - NAMED),
    }
}

impl Report for InitReport {
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

    fn failure(&self) -> Option<&CommandError> {
        self.failure.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_chosen() {
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
            assert_eq!(answers.text(), format!("{head}\n  DynamoDB  {place}"));
        }
    }

    #[test]
    fn an_empty_folder() {
        let found = InitFindings { is_complete: true, ..InitFindings::default() };
        assert_eq!(found.text(), "Found\n  schema    none yet");
        assert!(InitFindings::default().text().contains("too many files"));
    }

    #[test]
    fn everything() {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let profile = |name: &&str| FoundProfile { name: (*name).to_owned(), region: None };
        let found = InitFindings {
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
        insta::assert_snapshot!(found.text(), @r"
        Found
          schema    a.ts, b.ts, c.ts and 2 more
          project   pnpm, @aurios/mizzle, mizzle-cli, tsconfig.json
          DynamoDB  http://127.0.0.1:8000
          AWS       profiles default, home, play and 1 more; region eu-west-1
        ");
    }
}
