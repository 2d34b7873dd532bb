//! Snapshots that are invalid, of another version, or of another project.

use super::Case;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let id = "00000000-0000-0000-0000-000000000001";
    for (name, text) in [
        ("empty", String::new()),
        ("an empty object", "{}".to_owned()),
        ("a list", "[]".to_owned()),
        ("null", "null".to_owned()),
        ("a number", "7".to_owned()),
        ("a string", "\"x\"".to_owned()),
        ("half a file", "{ \"version\": \"2\", \"id\": \"".to_owned()),
        ("deep nesting", format!("{}{}", "[".repeat(200_000), "]".repeat(200_000))),
        ("deep objects", format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000))),
        ("conflict markers", "<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> main\n".to_owned()),
        ("a newer version", "{ \"version\": \"99\" }".to_owned()),
        ("a version that is none", "{ \"version\": { \"a\": 1 } }".to_owned()),
        ("NUL", "\u{0}".repeat(1000)),
        ("a byte order mark", "\u{feff}{}".to_owned()),
        ("a large number", "{ \"version\": 1e999 }".to_owned()),
        ("the same field twice", "{ \"version\": \"2\", \"version\": \"2\" }".to_owned()),
        (
            "tables that are a list",
            format!("{{ \"version\": \"2\", \"id\": \"{id}\", \"tables\": [] }}"),
        ),
        (
            "a table that is none",
            format!("{{ \"version\": \"2\", \"id\": \"{id}\", \"tables\": {{ \"Shop\": 7 }} }}"),
        ),
        (
            "a table under another name",
            format!(
                "{{ \"version\": \"2\", \"id\": \"{id}\", \"tables\": {{ \"Shop\": {{ \"TableName\": \"Other\", \"KeySchema\": [], \"AttributeDefinitions\": [] }} }} }}"
            ),
        ),
        ("escapes", "{ \"version\": \"\\u001b[2J\\u202e\" }".to_owned()),
        ("raw escapes", "\u{1b}[2J{}".to_owned()),
        ("a long line", format!("{{ \"version\": \"{}\" }}", "x".repeat(3_000_000))),
    ] {
        for command in [&["check"][..], &["generate", "--name", "y"], &["status"], &["migrate"]] {
            let case = Case::new(
                format!("snapshots/{name}/{}", command[0]),
                "a snapshot that cannot be read is an error that names it, and nothing is written",
                command,
                &[1, 2, 3],
            );
            let text = text.clone();
            let case = case.prepared(move |project| {
                project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
                project.write("migrations/0001_init.snapshot.json", &text);
            });
            cases.push(case.says("0001_init").check(|project, _| {
                let files = project.files_below("migrations").len();
                if files == 2 { Ok(()) } else { Err(format!("{files} files are there")) }
            }));
        }
    }
    cases
}
