//! The locations of subjects in the sources.

use crate::project::Project;
use mizzle_core::model::declaration::{ExportSite, Subject};

/// Returns the line of the location, with the location in brackets.
fn located(project: &Project, files: &[&str], subject: &Subject) -> String {
    let evaluator = project.evaluator();
    let paths: Vec<_> = files.iter().map(|file| project.path(file)).collect();
    evaluator
        .schema(&paths, mizzle_eval::Limits::default())
        .unwrap_or_else(|error| panic!("{}", project.render(&error)));
    let Some(place) = evaluator.locate(subject) else { return "nowhere".to_owned() };
    let source = &place.source;
    let start = source[..place.span.start].rfind('\n').map_or(0, |index| index + 1);
    let end =
        source[place.span.end..].find('\n').map_or(source.len(), |index| place.span.end + index);
    format!(
        "{}:{}:{} {}[{}]{}",
        place.file.file_name().unwrap().to_string_lossy(),
        place.line(),
        place.column(),
        source[start..place.span.start].trim_start(),
        &source[place.span.clone()],
        &source[place.span.end..end],
    )
}

struct Case {
    table: Option<&'static str>,
    entity: Option<&'static str>,
    index: Option<&'static str>,
    attribute: Option<&'static str>,
}

const fn case(
    table: Option<&'static str>,
    entity: Option<&'static str>,
    index: Option<&'static str>,
    attribute: Option<&'static str>,
) -> Case {
    Case { table, entity, index, attribute }
}

fn subject(case: &Case, sites: Vec<ExportSite>) -> Subject {
    let text = |text: Option<&str>| text.map(str::to_owned);
    Subject {
        sites,
        made: None,
        table: text(case.table),
        entity: text(case.entity),
        index: text(case.index),
        attribute: text(case.attribute),
    }
}

const CASES: [Case; 14] = [
    case(Some("Shop"), None, None, None),
    case(Some("Shop"), None, Some("byStatus"), None),
    case(Some("Shop"), None, Some("byStatus"), Some("createdAt")),
    case(Some("Shop"), None, Some("wide"), Some("street")),
    case(Some("Shop"), None, None, Some("sk")),
    case(Some("Events"), None, Some("ByKind"), None),
    case(Some("Events"), None, Some("ByKind"), Some("at")),
    case(Some("Shop"), Some("User"), None, None),
    case(Some("Shop"), Some("User"), None, Some("email")),
    case(Some("Shop"), Some("User"), None, Some("full_name")),
    case(Some("Shop"), Some("User"), Some("byEmail"), None),
    // For absent subjects: the nearest one that exists.
    case(Some("Shop"), None, Some("byStatus"), Some("absent")),
    case(Some("Shop"), None, Some("absent"), None),
    case(Some("Absent"), None, None, None),
];

#[test]
fn subjects_are_found_in_the_sources_with_both_orms() {
    let built_in = Project::new(&[]).copy("forms", ".");
    let installed = Project::new(&[]).copy("forms", ".").copy("orm", "node_modules/mizzle");
    let mut report = String::new();
    for case in &CASES {
        let subject = subject(case, Vec::new());
        let place = located(&built_in, &["entities.ts"], &subject);
        assert_eq!(located(&installed, &["entities.ts"], &subject), place);
        let what: Vec<_> =
            [case.table, case.entity, case.index, case.attribute].into_iter().flatten().collect();
        report += &format!("{}\n    {place}\n", what.join(" / "));
    }
    insta::assert_snapshot!(report);
}

#[test]
fn computed_names_are_found_by_their_export() {
    let project = Project::new(&[(
        "a.ts",
        "import { dynamoTable, gsi, string } from 'mizzle';\n\
             const name = (base: string) => `${base}-dev`;\n\
             export const other = dynamoTable(name('Other'), { pk: string('pk') });\n\
             export const shop = dynamoTable(name('Shop'), { pk: string('pk'), indexes: { byA: gsi('a') } });\n\
             export const all = [dynamoTable(name('List'), { pk: string('pk') })];\n\
             export default dynamoTable(name('Default'), { pk: string('pk') });",
    )]);
    let site = |path: &str| {
        vec![ExportSite {
            file: project.path("a.ts").to_string_lossy().into_owned(),
            path: path.to_owned(),
        }]
    };
    let at = |path: &str, case: Case| located(&project, &["a.ts"], &subject(&case, site(path)));
    let shop = Some("Shop-dev");
    assert_eq!(
        at("shop", case(shop, None, None, None)),
        "a.ts:4:14 export const [shop] = dynamoTable(name('Shop'), { pk: string('pk'), indexes: { byA: gsi('a') } });"
    );
    assert_eq!(
        at("shop", case(shop, None, Some("byA"), Some("a"))),
        "a.ts:4:87 export const shop = dynamoTable(name('Shop'), { pk: string('pk'), indexes: { byA: gsi(['a']) } });"
    );
    assert_eq!(
        at("all[0]", case(Some("List-dev"), None, None, None)),
        "a.ts:5:14 export const [all] = [dynamoTable(name('List'), { pk: string('pk') })];"
    );
    assert_eq!(
        at("default", case(Some("Default-dev"), None, None, None)),
        "a.ts:6:1 [export default] dynamoTable(name('Default'), { pk: string('pk') });"
    );
}

#[test]
fn two_tables_of_one_name_are_told_apart_by_their_files() {
    let table = "import { dynamoTable, string } from 'mizzle';\nexport const shop = dynamoTable('Shop', { pk: string('pk') });";
    let project = Project::new(&[("a.ts", table), ("b.ts", table)]);
    for file in ["a.ts", "b.ts"] {
        let sites = vec![ExportSite {
            file: project.path(file).to_string_lossy().into_owned(),
            path: "shop".to_owned(),
        }];
        let place = located(
            &project,
            &["a.ts", "b.ts"],
            &subject(&case(Some("Shop"), None, None, None), sites),
        );
        assert!(place.starts_with(file), "{place}");
    }
}
