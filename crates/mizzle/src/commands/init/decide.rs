//! From what was found and what is said to what is written.

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

/// Where a server is when nobody says, and none was found.
const USUAL_SERVER: &str = "http://127.0.0.1:8000";
/// The region when nobody says: the one that mizzle takes without any.
const USUAL_REGION: &str = "us-east-1";
/// The name of a first schema file.
const STARTER: &str = "schema.ts";

/// What is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decision {
    /// The schema files, as patterns.
    pub(super) schema: Vec<String>,
    /// The migrations folder.
    pub(super) out: String,
    /// Where DynamoDB is.
    pub(super) place: Place,
    /// The AWS region, when one is to be in the config.
    pub(super) region: Option<String>,
    /// The profile, when one is to be in the config.
    pub(super) profile: Option<String>,
    /// Where a first schema goes, relative to the config, when one is written.
    pub(super) starter: Option<String>,
    /// Whether `.gitignore` is added to.
    pub(super) gitignore: bool,
    /// Whether there is a schema, or will be.
    has_schema: bool,
}

/// An answer to where DynamoDB is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Somewhere {
    Known(Place),
    /// At a URL that is yet to be said.
    Elsewhere,
}

impl Decision {
    /// What the command line says; else what the user answers; else what fits best.
    ///
    /// # Errors
    ///
    /// When the user leaves.
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

    /// What the config says.
    pub(super) fn answers(&self) -> InitAnswers {
        let Self { schema, out, place, region, profile, .. } = self.clone();
        InitAnswers { schema, out, endpoint: place.endpoint(), region, profile }
    }

    /// What is still to be written by hand before the next command: the schema as it was named.
    pub(super) fn awaited_schema(&self) -> Option<String> {
        (!self.has_schema).then(|| self.schema.join(", "))
    }
}

/// Whether there is somebody to ask, who wants to be asked.
pub(super) fn can_ask(settings: &InitSettings, ui: &Ui) -> bool {
    ui.can_ask() && !settings.yes
}

/// The questions, as far as there is somebody to answer them.
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

/// What is said of the schema; else the files that were found; else the place for a first one.
fn default_schema(settings: &InitSettings, found: &Found) -> Vec<String> {
    let survey = &found.survey;
    let first = if survey.has_source_folder { "./src/schema.ts" } else { "./schema.ts" };
    match &settings.suggested.schema {
        Some(schema) => schema.clone(),
        None if !survey.schema.patterns.is_empty() => survey.schema.patterns.clone(),
        None => vec![first.to_owned()],
    }
}

/// Where DynamoDB can be, and which of them is most likely meant.
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

/// The patterns in a line: commas are between them, except within the braces of a glob.
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

/// Where a first schema file would go so that the patterns mean it; nowhere when there is something
/// in that place.
fn starter_place(schema: &[String], root: &Path) -> Option<String> {
    let wanted = schema.iter().filter(|pattern| !pattern.starts_with('!'));
    let mut places = wanted.filter_map(|pattern| project::first_schema_file(pattern, STARTER));
    places.next().filter(|path| root.join(path).symlink_metadata().is_err())
}

#[cfg(test)]
mod tests;
