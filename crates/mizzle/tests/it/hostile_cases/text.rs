//! Text with terminal control sequences, from every source.

use super::Case;
use crate::support::SCHEMA;
use mizzle_core::text::is_unsafe;

/// Names, texts as JavaScript string contents, and the raw texts.
const TEXTS: [(&str, &str, &str); 6] = [
    ("clears the screen", "a\\u001b[2Jb", "a\u{1b}[2Jb"),
    ("writes the clipboard", "a\\u001b]52;c;eA==\\u0007b", "a\u{1b}]52;c;eA==\u{7}b"),
    ("forges a line", "a\\r\\nEverything is in sync", "a\r\nEverything is in sync"),
    ("a C1 sequence", "a\\u009b31mb", "a\u{9b}31mb"),
    ("turns the direction", "a\\u202eb\\u2066c\\u200f", "a\u{202e}b\u{2066}c\u{200f}"),
    ("separates lines", "a\\u2028b\\u2029c\\u0085", "a\u{2028}b\u{2029}c\u{85}"),
];

fn table(attribute: &str, rest: &str) -> String {
    format!(
        "import {{ dynamoTable, gsi, string }} from \"mizzle\";\nexport const shop = dynamoTable(\"Shop\", {{ pk: string(\"{attribute}\"), indexes: {{ byE: gsi(\"{attribute}\") }} }});\n{rest}"
    )
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let reason = "what acts on a terminal is escaped, in files as well";
    for (name, code, raw) in TEXTS {
        let case = |place: &str, arguments: &[&str]| {
            let is_console = place == "console";
            Case::new(format!("text/{name}/{place}"), reason, arguments, &[0, 1, 2, 3, 4]).check(
                move |project, output| {
                    let mut lines = output.stdout.lines().chain(output.stderr.lines());
                    // The log output of code is its own.
                    if lines.any(|line| line == "Everything is in sync") && !is_console {
                        return Err("a line is forged".to_owned());
                    }
                    let migrations = project.path().join("migrations");
                    let files = migrations.is_dir().then(|| project.files_below("migrations"));
                    for file in files.into_iter().flatten() {
                        let path = migrations.join(&file);
                        let text = std::fs::read_to_string(path).unwrap_or_default();
                        if let Some(acting) = text.chars().find(|c| *c != '\n' && is_unsafe(*c)) {
                            return Err(format!("{file} holds {acting:?}"));
                        }
                    }
                    Ok(())
                },
            )
        };
        let in_schema = |text: String| move |case: Case| case.file("schema.ts", text.clone());
        let attribute = in_schema(table(code, ""));
        cases.push(attribute(case("attribute/generate", &["generate", "--name", "x"])));
        cases.push(attribute(case("attribute/push", &["push", "--yes"])));
        cases.push(attribute(case("attribute/push --json", &["push", "--yes", "--json"])));
        for format in ["cloudformation", "terraform", "aws-cli"] {
            cases.push(attribute(case(&format!("attribute/export {format}"), &["export", format])));
        }
        let thrown = in_schema(format!("throw new Error(\"{code}\");\n"));
        cases.push(thrown(case("exception", &["generate", "--name", "x"])));
        cases.push(thrown(case("exception/json", &["generate", "--name", "x", "--json"])));
        let logged =
            in_schema(format!("console.log(\"{code}\");\nconsole.error(\"{code}\");\n{SCHEMA}"));
        cases.push(logged(case("console", &["push", "--yes"])));
        let comment = in_schema(format!("const x = ; // {}\n", raw.replace(['\r', '\n'], " ")));
        cases.push(comment(case("source", &["generate", "--name", "x"])));
        let import = in_schema(format!("import \"./{code}\";\n"));
        cases.push(import(case("import", &["generate", "--name", "x"])));
        let exported = in_schema(table(
            "pk",
            &format!("export const {{ \"{code}\": x = 1 }} = {{}} as any;\n"),
        ));
        cases.push(exported(case("field", &["generate", "--name", "x"])));
        let fields = |field: &str| {
            let config = format!(
                "export default {{ schema: \"./schema.ts\", endpoint: \"local\", {field} }};\n"
            );
            move |case: Case| case.file("mizzle.config.ts", config.clone())
        };
        cases.push(fields(&format!("\"{code}\": 1"))(case("field of the config", &["list"])));
        cases.push(fields(&format!("out: \"{code}\""))(case("out", &["migrate"])));
        cases.push(fields(&format!("schema: \"{code}\""))(case(
            "schema",
            &["generate", "--name", "x"],
        )));
        cases.push(fields(&format!(
            "tables: {{ Shop: {{ tags: {{ \"{code}\": \"{code}\" }} }} }}"
        ))(case("tags", &["push", "--dry-run"])));
        cases.push(fields(&format!("tables: {{ Shop: {{ tags: {{ k: \"{code}\" }} }} }}"))(case(
            "tags/generate",
            &["generate", "--name", "x"],
        )));
        cases.push(case("argument", &["list", raw]));
        cases.push(case("flag", &["list", "--region", raw]));
        cases.push(case("name", &["generate", "--name", raw]));
        cases.push(case("unknown command", &[raw]));
        let file = raw.replace(['\r', '/'], "");
        cases.push(case("file of a migration", &["status"]).prepared(move |project| {
            project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
            let migration = |suffix| format!("migrations/0002_{file}.{suffix}");
            std::fs::copy(
                project.path().join("migrations/0001_init.ts"),
                project.path().join(migration("ts")),
            )
            .unwrap();
        }));
    }
    cases
}
