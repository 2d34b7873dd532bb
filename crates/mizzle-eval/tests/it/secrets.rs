//! Files that contain credentials: errors do not show any of their values.

use crate::project::Project;

const SECRET: &str = "wJalrXUtnFEMI";

/// Renders the error of a config without the source.
fn shown(code: &str) -> String {
    let project = Project::new(&[("mizzle.config.ts", code)]);
    let error = project.config("mizzle.config.ts").unwrap_err();
    format!("{error} {}", error.hints().join(" "))
}

#[test]
fn the_values_of_a_config_with_credentials_are_not_shown() {
    for code in [
        "throw { schema: './schema.ts', credentials: { secretAccessKey: 'wJalrXUtnFEMI' } };",
        "throw [{ secretAccessKey: 'wJalrXUtnFEMI' }];",
        "throw new Map([['secretAccessKey', 'wJalrXUtnFEMI']]);",
        "await Promise.reject({ secretAccessKey: 'wJalrXUtnFEMI' });",
        "Promise.reject({ secretAccessKey: 'wJalrXUtnFEMI' }); export default {};",
        "const secretAccessKey = 'wJalrXUtnFEMI/K7'; JSON.parse(secretAccessKey);",
        "const secretAccessKey = JSON.parse('{ \"a\": wJalrXUtnFEMI }');",
        "const secret_access_key = '(wJalrXUtnFEMI'; new RegExp(secret_access_key);",
        "const secretAccessKey = 'wJalrXUtnFEMI'; BigInt(secretAccessKey);",
        "const secretAccessKey = 'wJalrXUtnFEMI K7'; new Function(secretAccessKey)();",
    ] {
        let shown = shown(code);
        assert!(!shown.contains(SECRET), "{code}: {shown}");
        assert!(shown.contains("(not shown: a file speaks of credentials)"), "{code}: {shown}");
    }
}

#[test]
fn those_of_other_files_are() {
    assert!(shown("throw { region: 'here' };").contains("threw { region: 'here' }"));
    assert!(shown("JSON.parse('{ x');").contains("SyntaxError: "));
    assert!(!shown("JSON.parse('{ x');").contains("not shown"));
    // The file's own messages are meant to be read.
    let own = "const secretAccessKey = 'x'; throw new Error('no region is set');";
    assert!(shown(own).contains("no region is set"));
}

#[test]
fn an_imported_file_counts_as_well() {
    let project = Project::new(&[
        ("mizzle.config.ts", "import { all } from './secrets'; throw { all };"),
        ("secrets.ts", "export const all = { aws_session_token: 'wJalrXUtnFEMI' };"),
    ]);
    let error = project.config("mizzle.config.ts").unwrap_err();
    assert!(!project.render(&error).contains(SECRET), "{}", project.render(&error));
}
