//! Configs, schemas and folders that are not there, or cannot be read or written.

use super::told;
use crate::support::{BINARY, CONFIG, SCHEMA, shop};
use mizzle_test::TempProject;

/// A project with these files and no others.
fn with_files(files: &[(&str, &str)]) -> TempProject {
    let project = TempProject::new(BINARY);
    for (path, text) in files {
        project.write(path, text);
    }
    project
}

#[test]
fn there_is_no_config() {
    for (case, files) in [
        ("config_nowhere", vec![("schema.ts", SCHEMA)]),
        ("config_misspelt", vec![("mizzle.conf.ts", CONFIG), ("drizzle.config.ts", CONFIG)]),
        ("config_yaml", vec![("mizzle.config.yaml", "schema: ./schema.ts\n")]),
    ] {
        let project = with_files(&files);
        let output = project.mizzle(["push", "--yes"]).run().assert_code(2);
        insta::assert_snapshot!(case, told(&output, &[]));
    }
    let project = shop();
    project.write("packages/api/index.ts", "");
    let output = project.mizzle(["generate"]).in_folder("packages/api").run().assert_code(2);
    insta::assert_snapshot!("config_above", told(&output, &[]));
    let output = project.mizzle(["generate", "--json"]).in_folder("packages/api").run();
    insta::assert_snapshot!("config_above_json", told(&output.assert_code(2), &[]));
}

#[test]
fn the_named_config_is_not_there() {
    let project = shop();
    project.write("config/mizzle.config.ts", CONFIG);
    for (case, config) in [
        ("named_slip", "mizzle.confg.ts"),
        ("named_folder_slip", "confg/mizzle.config.ts"),
        ("named_folder", "config"),
        ("named_nothing", "elsewhere/other.json"),
    ] {
        let output = project.mizzle(["list", "--config", config]).run().assert_code(2);
        insta::assert_snapshot!(case, told(&output, &[]));
    }
    let output = project.mizzle(["list"]).env("MIZZLE_CONFIG", "mizle.config.ts").run();
    insta::assert_snapshot!("named_by_variable", told(&output.assert_code(2), &[]));
}

#[test]
fn the_schema_is_not_there() {
    for (case, pattern) in [
        ("schema_slip", "./src/db/shema.ts"),
        ("schema_folder_slip", "./src/bd/schema.ts"),
        ("schema_nothing", "./tables.ts"),
        ("schema_glob", "./src/**/*.table.ts"),
        ("schema_glob_folder", "./scr/**/*.ts"),
        ("schema_glob_empty", "./docs/*.ts"),
        ("schema_empty_folder", "./docs"),
    ] {
        let config = format!("export default {{ schema: {pattern:?}, endpoint: \"local\" }};\n");
        let project = with_files(&[
            ("mizzle.config.ts", &config),
            ("src/db/schema.ts", SCHEMA),
            ("src/db/schema.md", ""),
            ("src/main.ts", ""),
            ("docs/readme.md", ""),
        ]);
        let output = project.mizzle(["push", "--yes"]).run().assert_code(2);
        insta::assert_snapshot!(case, told(&output, &[]));
    }
}

#[test]
fn a_field_of_the_config_is_not_known() {
    let project = with_files(&[(
        "mizzle.config.ts",
        "export default {\n  schmea: \"./schema.ts\",\n  endpoint: \"local\",\n  migrations: { tabel: \"ledger\" },\n  verbose: \"yes\",\n};\n",
    )]);
    for (case, args) in [("fields", &["push"][..]), ("fields_json", &["push", "--json"])] {
        insta::assert_snapshot!(case, told(&project.mizzle(args).run().assert_code(2), &[]));
    }
}

#[test]
fn there_are_no_migrations_yet() {
    let project = shop();
    for (case, args) in [
        ("no_migrations_migrate", &["migrate", "--yes"][..]),
        ("no_migrations_status", &["status"]),
        ("no_migrations_check", &["check"]),
        ("no_migrations_to", &["migrate", "--yes", "--to", "1"]),
    ] {
        insta::assert_snapshot!(case, told(&project.mizzle(args).run(), &[]));
    }
    std::fs::create_dir(project.path().join("migratons")).unwrap();
    let output = project.mizzle(["migrate", "--yes"]).run().assert_code(0);
    insta::assert_snapshot!("no_migrations_slip", told(&output, &[]));
    project.write("migrations", "");
    let output = project.mizzle(["generate"]).run().assert_code(2);
    insta::assert_snapshot!("migrations_are_a_file", told(&output, &[]));
}

#[cfg(target_os = "linux")]
mod linux {
    use super::*;
    use std::{fs, path::Path, process::Command};

    /// Mounts a small file system of this run's own and runs a command in it; where a user may not do
    /// that, nobody can be kept from writing either.
    fn in_a_mount(project: &TempProject, options: &str, prepare: &str, args: &str) -> String {
        let root = project.path().display();
        let script = format!(
            "mkdir -p {root}/migrations && mount -t tmpfs -o size=64k tmpfs {root}/migrations && \
             {prepare} && mount -o remount{options} {root}/migrations && cd {root} && \
             {BINARY} {args}; echo \"[exit code: $?]\""
        );
        let output = Command::new("unshare")
            .args(["--map-root-user", "--mount", "sh", "-c", &script])
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("HOME", project.home())
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        project.redact(&text.concat())
    }

    #[test]
    fn the_folder_cannot_be_written_to() {
        let project = shop();
        let said = in_a_mount(&project, ",ro", "true", "generate --name init");
        insta::assert_snapshot!("read_only", said);
        assert_eq!(project.files(), ["mizzle.config.ts", "schema.ts"]);
    }

    #[test]
    fn the_disk_is_full() {
        let project = shop();
        let fill = format!(
            "dd if=/dev/zero of={}/migrations/fill 2>/dev/null; true",
            project.path().display()
        );
        let said = in_a_mount(&project, ",rw", &fill, "generate --name init");
        insta::assert_snapshot!("full", said);
        assert!(!Path::new(&project.path().join("migrations/0001_init.ts")).exists());
        let _ = fs::remove_dir(project.path().join("migrations"));
    }
}
