//! Other objects in place of an expected file or folder.

use super::Case;
use crate::support::CONFIG;
use mizzle_test::TempProject;
use std::{fs, os::unix::fs::symlink, path::Path, process::Command};

/// An object that is not a regular file.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Folder,
    Pipe,
    DanglingLink,
    CircularLink,
    Device,
    Unreadable,
}

const KINDS: [(&str, Kind); 6] = [
    ("folder", Kind::Folder),
    ("pipe", Kind::Pipe),
    ("dangling link", Kind::DanglingLink),
    ("circular link", Kind::CircularLink),
    ("device", Kind::Device),
    ("unreadable", Kind::Unreadable),
];

impl Kind {
    /// Creates the object at a path, and deletes the existing one.
    fn put(self, path: &Path) {
        let _ = fs::remove_file(path);
        let _ = fs::remove_dir_all(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match self {
            Self::Folder => fs::create_dir(path).unwrap(),
            Self::Pipe => {
                assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
            }
            Self::DanglingLink => symlink("nowhere", path).unwrap(),
            Self::CircularLink => symlink(path.file_name().unwrap(), path).unwrap(),
            Self::Device => symlink("/dev/zero", path).unwrap(),
            Self::Unreadable => {
                use std::os::unix::fs::PermissionsExt;
                fs::write(path, "export default {};\n").unwrap();
                fs::set_permissions(path, fs::Permissions::from_mode(0o000)).unwrap();
            }
        }
    }
}

/// Adds a case with every kind at a path, for every command.
fn everywhere(
    role: &str,
    path: &'static str,
    reason: &'static str,
    commands: &[&[&str]],
    codes: &'static [i32],
    is_tried: impl Fn(Kind) -> bool,
    prepare: fn(&TempProject),
) -> Vec<Case> {
    let kinds = KINDS.into_iter().filter(|(_, kind)| is_tried(*kind));
    kinds
        .flat_map(|(name, kind)| {
            commands.iter().map(move |command| {
                let name = format!("files/{role}/{name}/{}", command.join(" "));
                let case = Case::new(name, reason, command, codes);
                let case = case.started(mizzle_test::MizzleCommand::obeying_permissions);
                case.prepared(move |project| {
                    prepare(project);
                    kind.put(&project.path().join(path));
                })
            })
        })
        .collect()
}

fn nothing(_: &TempProject) {}

fn generated(project: &TempProject) {
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
}

fn no_config(project: &TempProject) {
    project.remove("mizzle.config.ts");
}

pub(super) fn cases() -> Vec<Case> {
    let any = |_: Kind| true;
    let mut cases = everywhere(
        "config",
        "mizzle.config.ts",
        "a config that cannot be read is never no config: no server is asked",
        &[&["list"], &["drop", "Shop", "--yes"], &["push", "--yes"], &["migrate"], &["status"]],
        &[2],
        any,
        nothing,
    );
    cases.extend(everywhere(
        "config.json",
        "mizzle.config.json",
        "nor is one of another name",
        &[&["list"], &["drop", "Shop", "--yes"]],
        &[2],
        any,
        no_config,
    ));
    cases.extend(everywhere(
        "--config",
        "named.config.ts",
        "a named config is a file",
        &[&["list", "--config", "named.config.ts"]],
        &[2],
        any,
        nothing,
    ));
    cases.extend(everywhere(
        "out",
        "migrations",
        "`out` is a folder",
        &[&["generate", "--name", "x"], &["migrate"], &["check"], &["status"]],
        &[1, 2, 3],
        |kind| !matches!(kind, Kind::Folder | Kind::Unreadable),
        nothing,
    ));
    cases.extend(everywhere(
        "schema",
        "schema.ts",
        "a schema that cannot be read is an error, never an empty schema",
        &[&["generate", "--name", "x"], &["push", "--yes"]],
        &[2],
        any,
        |project| project.write("other.ts", "export const x = 1;\n"),
    ));
    for (role, path) in
        [("script", "migrations/0001_init.ts"), ("snapshot", "migrations/0001_init.snapshot.json")]
    {
        cases.extend(everywhere(
            role,
            path,
            "a file of a migration is a file, and nothing is waited for",
            &[&["check"], &["migrate"], &["generate", "--name", "x"]],
            &[1, 2, 3, 0],
            |kind| kind != Kind::Unreadable,
            generated,
        ));
    }
    cases.extend(everywhere(
        "gitignore",
        ".gitignore",
        "`init` waits for nothing",
        &[&["init", "--yes", "--force"]],
        &[0, 1, 2, 4],
        any,
        nothing,
    ));
    cases.extend(everywhere(
        "package.json",
        "package.json",
        "a package.json that is none is no reason to hang",
        &[&["generate", "--name", "x"], &["migrate"], &["init", "--yes", "--force"]],
        &[0, 1, 2, 4],
        any,
        generated,
    ));
    cases.extend(everywhere(
        "tsconfig.json",
        "tsconfig.json",
        "nor is a tsconfig.json",
        &[&["generate", "--name", "x"]],
        &[0, 1, 2],
        any,
        nothing,
    ));
    cases.extend(everywhere(
        "folder of the database",
        ".mizzle",
        "where the database goes there is a folder",
        &[&["push", "--yes"]],
        &[1, 2],
        |kind| kind != Kind::Folder && kind != Kind::Unreadable,
        nothing,
    ));
    for (role, path) in [
        ("database", ".mizzle/local.db"),
        ("lock of the database", ".mizzle/local.db.lock"),
        ("not-kept", ".mizzle/ignored-settings.json"),
        ("lock of the migrations", "migrations/.mizzle-lock"),
    ] {
        cases.extend(everywhere(
            role,
            path,
            "files of the tool's own are files",
            &[&["push", "--yes"], &["generate", "--name", "x"]],
            &[0, 1, 2],
            any,
            nothing,
        ));
    }
    cases.push(
        Case::new("files/config/too long", "a path may be too long", &["list"], &[2])
            .variable("MIZZLE_CONFIG", "x".repeat(5000)),
    );
    cases.push(
        Case::new(
            "files/commit folder is a link",
            "no file of another folder is moved",
            &["check"],
            &[1, 2],
        )
        .prepared(|project| {
            generated(project);
            project.write("victim/id_rsa", "secret");
            symlink("../victim", project.path().join("migrations/.mizzle-commit")).unwrap();
        })
        .check(|project, _| match project.exists("victim/id_rsa") {
            true => Ok(()),
            false => Err("victim/id_rsa was moved".to_owned()),
        }),
    );
    for (name, text) in [
        ("empty", String::new()),
        ("binary", "\u{0}\u{1}\u{2}".to_owned()),
        ("of blanks", " \n".repeat(1000)),
        ("large", format!("{CONFIG}// {}\n", "x".repeat(3_000_000))),
        ("a number", "export default 7;\n".to_owned()),
        ("null", "export default null;\n".to_owned()),
        ("an array", "export default [];\n".to_owned()),
        ("a promise that rejects", "export default Promise.reject(1);\n".to_owned()),
        ("a promise that never settles", "export default new Promise(() => {});\n".to_owned()),
        (
            "deeply nested",
            format!("export default {}1{};\n", "[".repeat(50_000), "]".repeat(50_000)),
        ),
        ("a getter that throws", "export default { get schema() { throw 1; } };\n".to_owned()),
        (
            "a proxy",
            "export default new Proxy({}, { get() { throw 1; }, ownKeys() { throw 2; } });\n"
                .to_owned(),
        ),
    ] {
        let case = Case::new(
            format!("files/config/{name}"),
            "a config that says nothing of use is an error",
            &["push", "--yes"],
            &[0, 2],
        );
        cases.push(case.file("mizzle.config.ts", text));
    }
    cases
}
