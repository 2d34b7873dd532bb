//! The questions and their results, for all combinations of findings and options.

#![cfg_attr(
    not(feature = "local"),
    allow(dead_code, reason = "half of the questions need the embedded DynamoDB to be offered")
)]

use super::*;
use crate::{
    commands::init::texts,
    project::{FoundSchema, NewConfig, Packages, ProjectScan},
    ui::{Answer, Scripted},
};
use mizzle_aws::{Profile, Profiles};
use std::fs;

const SCHEMA: &str = "Where is the schema?";
const OUT: &str = "Where do migrations go?";
const PLACE: &str = "Where is DynamoDB?";
const URL: &str = "At which URL?";
const PROFILE: &str = "Which AWS profile?";
const REGION: &str = "Which region?";
const GITIGNORE: &str = "Add .mizzle/ to .gitignore?";
const SERVER: &str = "http://127.0.0.1:4566";

/// A folder and settings for a decision.
struct Stage {
    folder: tempfile::TempDir,
    settings: InitSettings,
    found: Found,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_owned();
        let file = root.join("mizzle.config.ts");
        let settings = InitSettings {
            config: NewConfig { file, root, others: Vec::new(), option: None },
            force: false,
            given: Wishes::default(),
            suggested: Wishes::default(),
            starter: None,
            gitignore: None,
            ports: Vec::new(),
            yes: false,
        };
        Self { folder, settings, found: Found::default() }
    }

    fn with_file(self, name: &str) -> Self {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
        self
    }

    fn with(mut self, change: impl FnOnce(&mut InitSettings, &mut Found)) -> Self {
        change(&mut self.settings, &mut self.found);
        self
    }

    /// Returns the decision and the questions that were asked for it.
    fn ask(
        &self,
        answers: impl IntoIterator<Item = Answer>,
    ) -> (Result<Decision, CommandError>, Vec<String>) {
        let scripted = Scripted::new(answers);
        let ui = Ui::scripted(&scripted, self.folder.path());
        let decision = Decision::make(&self.settings, &self.found, &ui);
        (decision, scripted.asked())
    }

    /// Returns the decision without questions.
    fn decide(mut self) -> Decision {
        self.settings.yes = true;
        let (decision, asked) = self.ask([]);
        assert_eq!(asked, [""; 0]);
        decision.unwrap()
    }
}

fn two_profiles(_: &mut InitSettings, found: &mut Found) {
    let profile = |name: &str, region: Option<&str>| Profile {
        name: name.to_owned(),
        region: region.map(str::to_owned),
    };
    found.aws = Profiles {
        active: None,
        region: Some("eu-north-1".to_owned()),
        known: vec![profile("default", Some("eu-north-1")), profile("work", Some("eu-west-3"))],
    };
}

fn a_server(_: &mut InitSettings, found: &mut Found) {
    found.servers = vec![SERVER.to_owned()];
}

fn starter_question(path: &str) -> String {
    format!("There is no schema yet. Write a first one, {path}?")
}

#[cfg(feature = "local")]
#[test]
fn enter_alone_gives_what_no_questions_give() {
    let stage = Stage::new();
    let (decision, asked) = stage.ask(vec![Answer::Default; 5]);
    assert_eq!(asked, [SCHEMA, OUT, PLACE, &starter_question("./schema.ts"), GITIGNORE]);
    let decision = decision.unwrap();
    let expected = Decision {
        schema: vec!["./schema.ts".to_owned()],
        out: "./migrations".to_owned(),
        place: Place::Embedded,
        region: None,
        profile: None,
        starter: Some("./schema.ts".to_owned()),
        gitignore: true,
        has_schema: true,
    };
    assert_eq!(decision, expected);
    assert_eq!(stage.decide(), expected);
}

#[cfg(feature = "local")]
#[test]
fn every_place_has_its_questions() {
    use Answer::{Default, Is, Picked, Typed};
    let local = || Place::Server("http://127.0.0.1:8000".to_owned());
    let found = || Place::Server(SERVER.to_owned());
    let other = || Place::Server("https://dynamodb.test:1".to_owned());
    for (what, prepare, answers, questions, place, profile, region) in [
        (
            "embedded",
            two_profiles as fn(&mut InitSettings, &mut Found),
            vec![Picked("Embedded"), Is(false)],
            vec![PLACE, GITIGNORE],
            Place::Embedded,
            None,
            None,
        ),
        (
            "the usual server",
            two_profiles,
            vec![Picked("A server"), Default],
            vec![PLACE, URL],
            local(),
            None,
            None,
        ),
        ("found", a_server, vec![Picked(SERVER)], vec![PLACE], found(), None, None),
        (
            "another than the found one",
            a_server,
            vec![Picked("Another server"), Typed("https://dynamodb.test:1")],
            vec![PLACE, URL],
            other(),
            None,
            None,
        ),
        (
            "AWS without profiles",
            a_server,
            vec![Picked("AWS"), Default],
            vec![PLACE, REGION],
            Place::Aws,
            None,
            Some("us-east-1"),
        ),
        (
            "AWS with no profile",
            two_profiles,
            vec![Picked("AWS"), Picked("None"), Default],
            vec![PLACE, PROFILE, REGION],
            Place::Aws,
            None,
            Some("eu-north-1"),
        ),
        (
            "AWS with the region of a profile",
            two_profiles,
            vec![Picked("AWS"), Picked("work"), Default],
            vec![PLACE, PROFILE, REGION],
            Place::Aws,
            Some("work"),
            Some("eu-west-3"),
        ),
        (
            "AWS with a region of its own",
            two_profiles,
            vec![Picked("AWS"), Picked("work"), Typed("sa-east-1")],
            vec![PLACE, PROFILE, REGION],
            Place::Aws,
            Some("work"),
            Some("sa-east-1"),
        ),
    ] {
        let stage = Stage::new().with_file("schema.ts").with(prepare);
        let (decision, asked) = stage.ask([Default, Default].into_iter().chain(answers));
        assert_eq!(asked[..2], [SCHEMA, OUT], "{what}");
        assert_eq!(asked[2..], questions, "{what}");
        let decision = decision.unwrap();
        assert_eq!(decision.place, place, "{what}");
        assert_eq!(decision.profile.as_deref(), profile, "{what}");
        assert_eq!(decision.region.as_deref(), region, "{what}");
        assert_eq!((decision.starter, decision.gitignore), (None, false), "{what}");
    }
}

#[cfg(feature = "local")]
#[test]
fn what_is_given_is_not_asked_for() {
    let text = |text: &str| Some(text.to_owned());
    for (what, change, answers, questions) in [
        (
            "nothing but the place",
            (|settings, _| settings.given.place = Some(Place::Server(SERVER.to_owned())))
                as fn(&mut InitSettings, &mut Found),
            2,
            vec![SCHEMA, OUT],
        ),
        (
            "a region",
            |settings, found| {
                two_profiles(settings, found);
                settings.given.place = Some(Place::Aws);
                settings.given.region = Some("eu-west-1".to_owned());
            },
            3,
            vec![SCHEMA, OUT, PROFILE],
        ),
        (
            "a profile",
            |settings, found| {
                two_profiles(settings, found);
                settings.given.place = Some(Place::Aws);
                settings.given.profile = Some("unknown".to_owned());
            },
            3,
            vec![SCHEMA, OUT, REGION],
        ),
        (
            "schema and folder",
            |settings, _| {
                settings.given.schema = Some(vec!["a.ts".to_owned()]);
                settings.given.out = Some("m".to_owned());
                settings.starter = Some(false);
                settings.gitignore = Some(false);
            },
            1,
            vec![PLACE],
        ),
    ] {
        let stage = Stage::new().with_file("schema.ts").with(change);
        let (decision, asked) = stage.ask(vec![Answer::Default; answers]);
        assert_eq!(asked, questions, "{what}");
        let decision = decision.unwrap();
        if what == "a region" {
            assert_eq!((decision.profile, decision.region), (None, text("eu-west-1")));
        } else if what == "a profile" {
            assert_eq!((decision.profile, decision.region), (text("unknown"), text("eu-north-1")));
        }
    }
}

#[test]
fn leaving_at_any_question_leaves() {
    let stage = Stage::new();
    let aws = Stage::new().with(two_profiles);
    for (stage, before) in [
        (&stage, vec![]),
        (&stage, vec![Answer::Default]),
        (&stage, vec![Answer::Default; 2]),
        (&stage, vec![Answer::Default; 3]),
        (&stage, vec![Answer::Default; 4]),
        (&stage, vec![Answer::Default, Answer::Default, Answer::Picked("A server")]),
        (&aws, vec![Answer::Default, Answer::Default, Answer::Picked("AWS")]),
        (&aws, vec![Answer::Default, Answer::Default, Answer::Picked("AWS"), Answer::Default]),
    ] {
        let (decision, _) = stage.ask(before.into_iter().chain([Answer::Leave]));
        assert!(decision.unwrap_err().is_cancelled());
    }
}

#[test]
fn what_was_found_and_said_before_stands_until_something_else_is_said() {
    let strings = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
    let found = |patterns: &[&str]| {
        let schema = FoundSchema { patterns: strings(patterns), ..FoundSchema::default() };
        ProjectScan { schema, ..ProjectScan::default() }
    };
    let plain = Stage::new().decide();
    assert_eq!(plain.schema, ["./schema.ts"]);
    let sources = Stage::new().with(|_, found| found.survey.has_source_folder = true).decide();
    assert_eq!(sources.schema, ["./src/schema.ts"]);

    let stage = Stage::new().with_file("a.ts").with(|_, it| it.survey = found(&["./a.ts", "./b"]));
    let (decision, _) = stage.ask(vec![Answer::Default; 4]);
    assert_eq!(decision.unwrap().schema, ["./a.ts", "./b"]);
    assert_eq!(stage.decide().schema, ["./a.ts", "./b"]);

    let decision = Stage::new()
        .with(|settings, it| {
            it.survey = found(&["./a.ts"]);
            it.servers = vec![SERVER.to_owned()];
            settings.suggested = Wishes {
                schema: Some(strings(&["./mine/**/*.ts"])),
                out: Some("./here".to_owned()),
                place: Some(Place::Server("http://127.0.0.1:9".to_owned())),
                region: Some("eu-west-1".to_owned()),
                profile: None,
            };
        })
        .decide();
    assert_eq!(decision.schema, ["./mine/**/*.ts"]);
    assert_eq!(decision.out, "./here");
    assert_eq!(decision.place, Place::Server("http://127.0.0.1:9".to_owned()));
    // A region belongs to AWS.
    assert_eq!(decision.region, None);

    let aws = Stage::new().with(two_profiles).with(|settings, _| {
        settings.given.place = Some(Place::Aws);
        settings.given.profile = Some("work".to_owned());
        settings.suggested.region = Some("eu-west-1".to_owned());
    });
    assert_eq!(aws.decide().region.as_deref(), Some("eu-west-1"));
}

#[cfg(feature = "local")]
#[test]
fn a_server_that_happens_to_run_is_offered_and_not_taken() {
    let stage = Stage::new().with(a_server);
    let labels = |places: &[(Choice, Somewhere)]| {
        places.iter().map(|(choice, _)| choice.label.clone()).collect::<Vec<_>>()
    };
    let (choices, initial) = places(&stage.found, None, true);
    assert_eq!(labels(&choices), ["Embedded", SERVER, "Another server", "AWS"]);
    assert_eq!(initial, 0);
    let here = Place::Server(SERVER.to_owned());
    assert_eq!(places(&stage.found, Some(&here), true).1, 1);
    let elsewhere = Place::Server("http://127.0.0.1:1".to_owned());
    assert_eq!(places(&stage.found, Some(&elsewhere), true).1, 2);

    // A build without the embedded DynamoDB has to take one.
    let (choices, initial) = places(&stage.found, None, false);
    assert_eq!((labels(&choices).as_slice()[initial].as_str(), choices.len()), (SERVER, 3));
    let (choices, initial) = places(&Found::default(), Some(&Place::Embedded), false);
    assert_eq!(labels(&choices)[initial], "A server");
    assert_eq!(stage.decide().place, Place::Embedded);
}

#[test]
fn a_first_schema_is_written_where_there_is_none() {
    for (files, schema, starter, awaited) in [
        (&[][..], &["./schema.ts"][..], Some("./schema.ts"), None),
        (&["schema.ts"], &["./schema.ts"], None, None),
        (&[], &["./src/db"], Some("./src/db/schema.ts"), None),
        (&["src/db/a.ts"], &["./src/db"], None, None),
        (&[], &["./src/**/*.ts"], Some("./src/schema.ts"), None),
        (&[], &["./src/**/*.table.ts"], None, Some("./src/**/*.table.ts")),
        (&["a.ts"], &["./a.ts", "./b.ts"], None, None),
        (&[], &["!./x.ts", "./b.ts"], Some("./b.ts"), None),
        // The path exists, but contains no schema.
        (&["schema/notes.md"], &["./schema"], Some("./schema/schema.ts"), None),
        (&["db/schema.ts/x"], &["./db/schema.ts"], None, Some("./db/schema.ts")),
    ] {
        let stage = files.iter().fold(Stage::new(), |stage, file| stage.with_file(file));
        let stage = stage.with(|settings, _| {
            settings.given.schema = Some(schema.iter().map(ToString::to_string).collect());
        });
        let decision = stage.decide();
        assert_eq!(decision.starter.as_deref(), starter, "{files:?} {schema:?}");
        assert_eq!(decision.awaited_schema().as_deref(), awaited, "{files:?} {schema:?}");
    }
    let no_thanks = Stage::new().with(|settings, _| settings.starter = Some(false)).decide();
    assert_eq!(no_thanks.awaited_schema().as_deref(), Some("./schema.ts"));
}

#[cfg(feature = "local")]
#[test]
fn git_is_told_of_the_database_once() {
    let gitignore =
        |change: fn(&mut InitSettings, &mut Found)| Stage::new().with(change).decide().gitignore;
    assert!(gitignore(|_, _| ()));
    assert!(!gitignore(|_, found| found.survey.ignores_database = true));
    assert!(!gitignore(|settings, _| settings.gitignore = Some(false)));
    assert!(!gitignore(|settings, _| settings.given.place = Some(Place::Aws)));
    assert!(!gitignore(|settings, _| {
        settings.gitignore = Some(true);
        settings.given.place = Some(Place::Aws);
    }));
}

#[test]
fn several_patterns_fit_in_a_line() {
    for (text, expected) in [
        ("./a.ts", &["./a.ts"][..]),
        (" ./a.ts , ./b c.ts,", &["./a.ts", "./b c.ts"]),
        ("./src/{a,b}.ts,./c.ts", &["./src/{a,b}.ts", "./c.ts"]),
        ("./{a,{b,c}}.ts", &["./{a,{b,c}}.ts"]),
        ("./a}.ts, b.ts", &["./a}.ts", "b.ts"]),
        ("", &[""]),
        (" , ", &[""]),
    ] {
        assert_eq!(patterns(text), expected, "{text:?}");
    }
}

#[test]
fn configs_look_like_this() {
    let decision = |place| Decision {
        schema: vec!["./src/schema.ts".to_owned()],
        out: "./migrations".to_owned(),
        place,
        region: None,
        profile: None,
        starter: None,
        gitignore: false,
        has_schema: true,
    };
    let server = Place::Server("http://127.0.0.1:8000".to_owned());
    let aws = Decision { region: Some("eu-west-1".to_owned()), ..decision(Place::Aws) };
    let profile = Decision {
        schema: vec!["./a \"b\".ts".to_owned(), "./src/{c,d}.ts".to_owned()],
        profile: Some("work".to_owned()),
        ..aws.clone()
    };
    let texts = [
        texts::config(&decision(Place::Embedded), true, Some("shop_migrations")),
        texts::config(&decision(server), false, None),
        texts::config(&aws, false, None),
        texts::config(&profile, true, None),
    ];
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn the_packages_of_the_project_are_used() {
    let found = Packages { orm: Some("@aurios/mizzle"), ..Packages::default() };
    let text = texts::starter(found.orm.unwrap());
    assert!(text.contains("} from \"@aurios/mizzle\";\n"), "{text}");
    assert!(!text.contains("{orm}"), "{text}");
}
