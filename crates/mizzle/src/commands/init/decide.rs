//! Derives the files to write from the findings and the user's answers.

use super::{
    found::Found,
    settings::{
        InitSettings, Place, Wishes, check_endpoint, check_out, check_region, check_schema,
    },
};
use crate::{
    errors::CommandError,
    project,
    report::InitAnswers,
    server,
    ui::{Choice, Ui},
};
use std::path::Path;

/// The default server if none was given and none was found.
const USUAL_SERVER: &str = "http://127.0.0.1:8000";
/// The default region: the one that mizzle uses when none is given.
const USUAL_REGION: &str = "us-east-1";
/// The file name of a first schema.
const STARTER: &str = "schema.ts";

/// The content of the new files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decision {
    /// The schema files, as patterns.
    pub(super) schema: Vec<String>,
    /// The migrations folder.
    pub(super) out: String,
    /// The location of DynamoDB.
    pub(super) place: Place,
    /// The AWS region, if the config is to contain one.
    pub(super) region: Option<String>,
    /// The profile, if the config is to contain one.
    pub(super) profile: Option<String>,
    /// The path of a first schema, relative to the config, if one is written.
    pub(super) starter: Option<String>,
    /// True if a line is added to `.gitignore`.
    pub(super) gitignore: bool,
    /// True if a schema exists, or is written.
    has_schema: bool,
}

/// An answer to the question where DynamoDB is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Somewhere {
    Known(Place),
    /// At a URL that is still to be entered.
    Elsewhere,
}

impl Decision {
    /// Decides by the command line, then by the user's answers, then by the best default.
    ///
    /// # Errors
    ///
    /// When the user cancels.
    pub(super) fn make(
        settings: &InitSettings,
        found: &Found,
        ui: &Ui,
    ) -> Result<Self, CommandError> {
        let questions = Questions { ui: can_ask(settings, ui).then_some(ui) };
        let root = &settings.config.root;
        let schema = questions.schema(settings, found)?;
        let out = questions.out(settings)?;
        let place = questions.place(settings, found)?;
        let profile = questions.profile(&place, settings, found)?;
        let region = questions.region(&place, profile.as_deref(), settings, found)?;
        let is_there = |pattern: &String| {
            project::find_schema_files(std::slice::from_ref(pattern), root, root).is_ok()
        };
        let has_files = schema.iter().any(is_there);
        let starter = starter_place(&schema, root).filter(|_| !has_files);
        let starter = match starter {
            Some(path) if questions.starter(&path, settings)? => Some(path),
            Some(_) | None => None,
        };
        let is_to_be_ignored = place == Place::Embedded && !found.survey.ignores_database;
        let gitignore = is_to_be_ignored && questions.gitignore(settings)?;
        let has_schema = has_files || starter.is_some();
        Ok(Self { schema, out, place, region, profile, starter, gitignore, has_schema })
    }

    /// Returns the values for the config.
    pub(super) fn answers(&self) -> InitAnswers {
        let Self { schema, out, place, region, profile, .. } = self.clone();
        InitAnswers { schema, out, endpoint: place.endpoint(), region, profile }
    }

    /// Returns the schema, as named, if the user still has to write it before the next command.
    pub(super) fn awaited_schema(&self) -> Option<String> {
        (!self.has_schema).then(|| self.schema.join(", "))
    }
}

/// True if questions can be asked, and `--yes` is absent.
pub(super) fn can_ask(settings: &InitSettings, ui: &Ui) -> bool {
    ui.can_ask() && !settings.yes
}

/// The questions; without a `ui`, defaults answer them.
struct Questions<'a> {
    ui: Option<&'a Ui>,
}

impl Questions<'_> {
    fn schema(&self, settings: &InitSettings, found: &Found) -> Result<Vec<String>, CommandError> {
        if let Some(schema) = &settings.given.schema {
            return Ok(schema.clone());
        }
        let default = default_schema(settings, found);
        let Some(ui) = self.ui else { return Ok(default) };
        let check = |text: &str| patterns(text).iter().try_for_each(|one| check_schema(one));
        let text = ui.text("Where is the schema?", &default.join(", "), "--schema", check)?;
        Ok(patterns(&text))
    }

    fn out(&self, settings: &InitSettings) -> Result<String, CommandError> {
        if let Some(out) = &settings.given.out {
            return Ok(out.clone());
        }
        let default = settings.suggested.out.clone().unwrap_or_else(Wishes::default_out);
        let Some(ui) = self.ui else { return Ok(default) };
        let root = settings.config.root.clone();
        let check = move |text: &str| check_out(text.trim(), &root);
        ui.text("Where do migrations go?", &default, "--out", check)
    }

    fn place(&self, settings: &InitSettings, found: &Found) -> Result<Place, CommandError> {
        if let Some(place) = &settings.given.place {
            return Ok(place.clone());
        }
        let suggested = settings.suggested.place.as_ref();
        let (places, initial) = places(found, suggested, server::HAS_EMBEDDED);
        let url = match suggested {
            Some(Place::Server(url)) => url.as_str(),
            Some(Place::Embedded | Place::Aws) | None => USUAL_SERVER,
        };
        let Some(ui) = self.ui else {
            return Ok(match &places[initial].1 {
                Somewhere::Known(place) => place.clone(),
                Somewhere::Elsewhere => Place::Server(url.to_owned()),
            });
        };
        let choices: Vec<Choice> = places.iter().map(|(choice, _)| choice.clone()).collect();
        let flag = "--endpoint, or --region for AWS";
        let picked = ui.pick("Where is DynamoDB?", &choices, initial, flag)?;
        match &places[picked].1 {
            Somewhere::Known(place) => Ok(place.clone()),
            Somewhere::Elsewhere => {
                ui.text("At which URL?", url, "--endpoint", check_endpoint).map(Place::Server)
            }
        }
    }

    fn profile(
        &self,
        place: &Place,
        settings: &InitSettings,
        found: &Found,
    ) -> Result<Option<String>, CommandError> {
        let known = &found.aws.known;
        let (Some(ui), Place::Aws, None, false) =
            (self.ui, place, &settings.given.profile, known.is_empty())
        else {
            return Ok(settings.given.profile.clone());
        };
        let without = match &found.aws.active {
            Some(active) => format!("AWS_PROFILE is {active}"),
            None => "what AWS tools find".to_owned(),
        };
        let profiles = known.iter().map(|profile| {
            Choice::new(&profile.name, profile.region.as_deref().unwrap_or_default())
        });
        let choices: Vec<Choice> =
            std::iter::once(Choice::new("None", without)).chain(profiles).collect();
        let picked = ui.pick("Which AWS profile?", &choices, 0, "--profile")?;
        Ok(picked.checked_sub(1).map(|position| known[position].name.clone()))
    }

    fn region(
        &self,
        place: &Place,
        profile: Option<&str>,
        settings: &InitSettings,
        found: &Found,
    ) -> Result<Option<String>, CommandError> {
        if settings.given.region.is_some() || *place != Place::Aws {
            return Ok(settings.given.region.clone());
        }
        let default = default_region(profile, settings.suggested.region.as_deref(), found);
        let Some(ui) = self.ui else { return Ok(Some(default)) };
        ui.text("Which region?", &default, "--region", check_region).map(Some)
    }

    fn starter(&self, path: &str, settings: &InitSettings) -> Result<bool, CommandError> {
        self.offered(
            settings.starter,
            &format!("There is no schema yet. Write a first one, {path}?"),
            "--starter or --no-starter",
        )
    }

    fn gitignore(&self, settings: &InitSettings) -> Result<bool, CommandError> {
        let question = "Add .mizzle/ to .gitignore?";
        self.offered(settings.gitignore, question, "--gitignore or --no-gitignore")
    }

    fn offered(
        &self,
        given: Option<bool>,
        question: &str,
        flag: &str,
    ) -> Result<bool, CommandError> {
        match (given, self.ui) {
            (Some(answer), _) => Ok(answer),
            (None, Some(ui)) => ui.offer(question, flag),
            (None, None) => Ok(true),
        }
    }
}

/// Returns the suggested schema, or else the files that were found, or else the path for a first
/// schema.
fn default_schema(settings: &InitSettings, found: &Found) -> Vec<String> {
    let survey = &found.survey;
    let first = if survey.has_source_folder { "./src/schema.ts" } else { "./schema.ts" };
    match &settings.suggested.schema {
        Some(schema) => schema.clone(),
        None if !survey.schema.patterns.is_empty() => survey.schema.patterns.clone(),
        None => vec![first.to_owned()],
    }
}

/// Returns the possible locations of DynamoDB, and the index of the most likely one.
fn places(
    found: &Found,
    suggested: Option<&Place>,
    has_embedded: bool,
) -> (Vec<(Choice, Somewhere)>, usize) {
    let mut places = Vec::new();
    if has_embedded {
        let choice = Choice::new("Embedded", "nothing to start");
        places.push((choice, Somewhere::Known(Place::Embedded)));
    }
    for url in &found.servers {
        let place = Place::Server(url.clone());
        places.push((Choice::new(url, "answers"), Somewhere::Known(place)));
    }
    let another = if found.servers.is_empty() { "A server" } else { "Another server" };
    places.push((Choice::new(another, "by its URL"), Somewhere::Elsewhere));
    let region = found.aws.region.as_deref().unwrap_or_default();
    places.push((Choice::new("AWS", region), Somewhere::Known(Place::Aws)));
    let position =
        |wanted: &Somewhere| places.iter().position(|(_, somewhere)| somewhere == wanted);
    let initial = suggested.and_then(|place| {
        let known = position(&Somewhere::Known(place.clone()));
        known.or_else(|| position(&Somewhere::Elsewhere))
    });
    (places, initial.unwrap_or(0))
}

fn default_region(profile: Option<&str>, suggested: Option<&str>, found: &Found) -> String {
    let profile = found.aws.known.iter().find(|known| Some(known.name.as_str()) == profile);
    let of_profile = profile.and_then(|profile| profile.region.as_deref());
    let region = suggested.or(of_profile).or(found.aws.region.as_deref());
    region.unwrap_or(USUAL_REGION).to_owned()
}

/// Splits a line into patterns at commas, except within the braces of a glob.
fn patterns(text: &str) -> Vec<String> {
    let mut depth = 0_usize;
    let parts = text.split(|character| {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == ',' && depth == 0
    });
    let parts: Vec<String> = parts.map(|part| part.trim().to_owned()).collect();
    match parts.iter().all(String::is_empty) {
        true => vec![String::new()],
        false => parts.into_iter().filter(|part| !part.is_empty()).collect(),
    }
}

/// Returns a path for a first schema file that the patterns match; `None` if it already exists.
fn starter_place(schema: &[String], root: &Path) -> Option<String> {
    let wanted = schema.iter().filter(|pattern| !pattern.starts_with('!'));
    let mut places = wanted.filter_map(|pattern| project::first_schema_file(pattern, STARTER));
    places.next().filter(|path| root.join(path).symlink_metadata().is_err())
}

#[cfg(test)]
mod tests;
