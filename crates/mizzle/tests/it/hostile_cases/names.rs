//! Names of tables, indexes and attributes in the embedded database, and on the command line.

use super::Case;

fn tables(names: &[&str]) -> String {
    let table = |(position, name): (usize, &&str)| {
        format!("export const t{position} = dynamoTable(\"{name}\", {{ pk: string(\"pk\") }});\n")
    };
    let tables: String = names.iter().enumerate().map(table).collect();
    format!("import {{ dynamoTable, string }} from \"mizzle\";\n{tables}")
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let long = "a".repeat(255);
    for names in [
        vec!["_tables"],
        vec!["_stream_records"],
        vec!["sqlite_master"],
        vec!["sqlite_sequence"],
        vec!["..."],
        vec!["a.b-c_d"],
        vec!["SELECT"],
        vec!["-----"],
        vec!["___"],
        vec!["000"],
        vec!["Orders", "orders"],
        vec!["a_b", "a-b", "a.b"],
        vec![long.as_str()],
    ] {
        let case = Case::new(
            format!("names/embedded/{}", names.join(" and ")).chars().take(60).collect::<String>(),
            "a name that DynamoDB allows works, or is refused before anything is made",
            &["push", "--yes"],
            &[0, 1, 4],
        );
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        cases.push(
            case.file("schema.ts", tables(&names.iter().map(String::as_str).collect::<Vec<_>>()))
                .check(move |project, output| {
                    let list = project.mizzle(["list", "--json"]).run();
                    if list.code != Some(0) {
                        return Err(format!(
                            "then list ends with {:?}: {}",
                            list.code, list.stderr
                        ));
                    }
                    let listed = list.json()["tables"].as_array().map_or(0, Vec::len);
                    let expected = if output.code == Some(0) { names.len() } else { 0 };
                    (listed >= expected)
                        .then_some(())
                        .ok_or_else(|| format!("{listed} tables are listed"))
                }),
        );
    }
    for name in [
        "",
        "a",
        "ab",
        "a b",
        "a/b",
        "ü",
        "undefined",
        "a\\u0000b",
        "a\\nb",
        "[object Object]",
        "null-x",
    ] {
        let case = Case::new(
            format!("names/refused/{name:?}"),
            "a name that DynamoDB does not allow is refused",
            &["push", "--yes"],
            &[2],
        );
        cases.push(case.file("schema.ts", tables(&[name])));
    }
    for name in ["Nothing", "\u{1b}[2J", "a\nb", "../x", "-x", "*", "[", "{a,b}", "\u{202e}x"] {
        for command in ["drop", "list"] {
            let arguments =
                [&[command, "--", name][..], if command == "drop" { &["--yes"] } else { &[] }];
            let arguments = arguments.concat();
            let case = Case::new(
                format!("names/argument/{command}/{}", name.escape_debug()),
                "a name on the command line matches nothing, or is refused",
                &arguments,
                &[0, 1, 2, 4],
            );
            cases.push(case);
        }
    }
    cases
}
