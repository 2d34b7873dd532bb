//! The files that declare tables, and patterns for them in a config.

use super::has_readable_rules;
use crate::project::{read_to_string, schema_files};
use ignore::{DirEntry, WalkBuilder};
use std::{
    collections::BTreeSet,
    path::Path,
    time::{Duration, Instant},
};

/// Folders with third-party or built code.
const LEFT_OUT: [&str; 2] = ["node_modules", "dist"];
/// The limit on the visited entries: the survey must not take long.
const ENTRIES: usize = 50_000;
const TIME: Duration = Duration::from_secs(1);
/// The maximum size of a schema file, in bytes.
const LARGEST: u64 = 1 << 20;

/// Folder names that indicate that all files in them belong to the schema.
const SPEAKING: [&str; 4] = ["schema", "schemas", "tables", "entities"];
/// Folder names that are likely to hold other code at some point.
const GENERAL: [&str; 5] = ["src", "lib", "app", "server", "packages"];

/// The files that declare tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundSchema {
    /// The files, relative to the folder, with `/` between names, sorted.
    pub(crate) files: Vec<String>,
    /// The patterns for them in a config: as few files, folders and globs as possible.
    pub(crate) patterns: Vec<String>,
    /// True if the survey reached no limit.
    pub(crate) is_complete: bool,
}

impl Default for FoundSchema {
    fn default() -> Self {
        Self { files: Vec::new(), patterns: Vec::new(), is_complete: true }
    }
}

/// A module of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Module {
    path: String,
    makes_tables: bool,
}

/// Searches for schema files, within limits. Skips files that git ignores.
pub(super) fn find(root: &Path, is_in_repository: bool) -> FoundSchema {
    let start = Instant::now();
    let has_readable_rules = root.ancestors().all(has_readable_rules);
    let walk = WalkBuilder::new(root)
        .ignore(has_readable_rules)
        .git_ignore(has_readable_rules)
        .max_filesize(Some(LARGEST))
        .git_global(false)
        // A folder that is not a repository yet may already have the file; files in parent folders
        // count only within a repository.
        .require_git(false)
        .parents(is_in_repository)
        .filter_entry(|entry| entry.depth() == 0 || !is_left_out(entry))
        .sort_by_file_name(Ord::cmp)
        .build();
    let mut modules = Vec::new();
    let mut is_complete = true;
    for (count, entry) in walk.enumerate() {
        if count >= ENTRIES || start.elapsed() >= TIME {
            is_complete = false;
            break;
        }
        let Ok(entry) = entry else { continue };
        if entry.file_type().is_some_and(|kind| kind.is_file()) {
            modules.extend(module(entry.path(), root));
        }
    }
    modules.sort_by(|one, other| one.path.cmp(&other.path));
    let files = modules.iter().filter(|module| module.makes_tables);
    let files = files.map(|module| module.path.clone()).collect();
    FoundSchema { files, patterns: patterns(&modules), is_complete }
}

fn is_left_out(entry: &DirEntry) -> bool {
    entry.file_type().is_some_and(|kind| kind.is_dir())
        && (LEFT_OUT.iter().any(|name| entry.file_name() == *name)
            || !has_readable_rules(entry.path()))
}

fn module(file: &Path, root: &Path) -> Option<Module> {
    let below = file.strip_prefix(root).ok()?;
    if !schema_files::may_be_one(below) {
        return None;
    }
    let text = read_to_string(file).ok()?;
    let names: Option<Vec<&str>> = below.iter().map(|name| name.to_str()).collect();
    let makes_tables = mizzle_eval::declares_tables(file, &text);
    Some(Module { path: names?.join("/"), makes_tables })
}

/// Returns patterns that match the schema files among the modules, and no other module that is
/// likely to have side effects.
fn patterns(modules: &[Module]) -> Vec<String> {
    let mut found = Vec::new();
    cover("", modules, &mut found);
    if found.len() > 1
        && let Some(glob) = glob(modules)
    {
        return vec![glob];
    }
    found
}

/// Adds patterns for the schema files in a folder: the folder, or files in it and folders below.
fn cover(folder: &str, modules: &[Module], found: &mut Vec<String>) {
    let within: Vec<&Module> =
        modules.iter().filter(|module| below(folder, &module.path).is_some()).collect();
    let schema: Vec<&str> =
        within.iter().filter(|module| module.makes_tables).map(|one| one.path.as_str()).collect();
    if let [one] = schema[..] {
        found.push(format!("./{one}"));
        return;
    }
    let name = folder.rsplit('/').next().unwrap_or_default();
    let is_all_schema = within.len() == schema.len() && !GENERAL.contains(&name);
    if !schema.is_empty() && !folder.is_empty() && (SPEAKING.contains(&name) || is_all_schema) {
        found.push(format!("./{folder}"));
        return;
    }
    let mut folders = BTreeSet::new();
    for path in schema {
        match below(folder, path).and_then(|rest| rest.split_once('/')) {
            None => found.push(format!("./{path}")),
            Some((next, _)) if folder.is_empty() => drop(folders.insert(next.to_owned())),
            Some((next, _)) => drop(folders.insert(format!("{folder}/{next}"))),
        }
    }
    for folder in folders {
        cover(&folder, modules, found);
    }
}

/// Returns the path relative to a folder, if it is in it.
fn below<'a>(folder: &str, path: &'a str) -> Option<&'a str> {
    match folder {
        "" => Some(path),
        _ => path.strip_prefix(folder)?.strip_prefix('/'),
    }
}

/// Returns a glob, if the schema files have a common ending (`users.table.ts`) and no other module
/// has it.
fn glob(modules: &[Module]) -> Option<String> {
    let (schema, others): (Vec<&Module>, Vec<&Module>) =
        modules.iter().partition(|module| module.makes_tables);
    let ending = ending(&schema.first()?.path)?;
    let is_alike = |module: &&Module| module.path.ends_with(ending);
    if !schema.iter().all(is_alike) {
        return None;
    }
    let mut folder: Vec<&str> = folders(&schema.first()?.path).collect();
    for module in &schema {
        let common = folder.iter().zip(folders(&module.path)).take_while(|(a, b)| *a == b);
        folder.truncate(common.count());
    }
    let folder: String = folder.iter().map(|name| format!("{name}/")).collect();
    let is_alone =
        !others.iter().any(|module| module.path.starts_with(&folder) && is_alike(module));
    is_alone.then(|| format!("./{folder}**/*{ending}"))
}

/// Returns the ending of a file name that contains a kind: `.table.ts`.
fn ending(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next()?;
    let ending = &name[name.find('.')?..];
    (ending.matches('.').count() > 1).then_some(ending)
}

fn folders(path: &str) -> impl Iterator<Item = &str> {
    path.rsplit_once('/').map_or("", |(folders, _)| folders).split('/').filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{super::tests::project, *};
    use std::fs;

    const TABLE: &str = "import { dynamoTable } from \"mizzle\";\n";

    #[test]
    fn few_patterns_stand_for_the_files() {
        for (modules, expected) in [
            ("", vec![]),
            ("src/index.ts", vec![]),
            ("schema.ts*", vec!["./schema.ts"]),
            ("src/schema.ts* src/index.ts", vec!["./src/schema.ts"]),
            ("src/schema/users.ts*", vec!["./src/schema/users.ts"]),
            // A folder whose name indicates a schema may also contain helpers.
            ("src/schema/a.ts* src/schema/b.ts* src/schema/keys.ts", vec!["./src/schema"]),
            ("src/db/a.ts* src/db/deep/b.ts* src/index.ts", vec!["./src/db"]),
            ("src/a.ts* src/b.ts*", vec!["./src/a.ts", "./src/b.ts"]),
            ("a.ts* b.ts*", vec!["./a.ts", "./b.ts"]),
            (
                "src/a/schema.ts* src/a/api.ts src/b/schema.ts* src/b/api.ts",
                vec!["./src/a/schema.ts", "./src/b/schema.ts"],
            ),
            (
                "src/a/schema/x.ts* src/a/schema/y.ts* src/a/api.ts src/b/c.ts* src/d.ts*",
                vec!["./src/d.ts", "./src/a/schema", "./src/b/c.ts"],
            ),
            (
                "src/a/users.table.ts* src/a/api.ts src/b/orders.table.ts*",
                vec!["./src/**/*.table.ts"],
            ),
            ("users.table.ts* orders.table.ts*", vec!["./**/*.table.ts"]),
            (
                "src/a/users.table.ts* src/a/ui.table.ts src/b/orders.table.ts*",
                vec!["./src/a/users.table.ts", "./src/b/orders.table.ts"],
            ),
            (
                "src/a/users.table.ts* src/a/api.ts src/b/orders.table.ts* ui/a.table.ts",
                vec!["./src/**/*.table.ts"],
            ),
        ] {
            let module = |word: &str| Module {
                path: word.trim_end_matches('*').to_owned(),
                makes_tables: word.ends_with('*'),
            };
            let mut listed: Vec<Module> = modules.split_whitespace().map(module).collect();
            listed.sort_by(|one, other| one.path.cmp(&other.path));
            assert_eq!(patterns(&listed), expected, "{modules}");
        }
    }

    #[test]
    fn the_patterns_give_the_files_that_were_found() {
        let folder = project(&[
            ("src/schema/users.ts", TABLE),
            ("src/schema/orders.ts", TABLE),
            ("src/billing/invoices.ts", TABLE),
            ("src/billing/server.ts", "import { mizzle } from \"mizzle\";\n"),
        ]);
        let root = dunce::canonicalize(folder.path()).unwrap();
        let found = find(&root, false);
        let files = schema_files::find(&found.patterns, &root, &root).unwrap();
        let expected: Vec<_> = found.files.iter().map(|file| root.join(file)).collect();
        assert_eq!(files, expected);
        assert_eq!(files.len(), 3);
    }

    #[test]
    fn only_what_is_the_projects_own_is_looked_at() {
        let folder = project(&[
            (".gitignore", "generated/\n*.local.ts\n"),
            ("src/schema.ts", TABLE),
            ("src/schema.test.ts", TABLE),
            ("src/schema.d.ts", TABLE),
            ("src/schema.md", TABLE),
            ("src/mine.local.ts", TABLE),
            ("src/large.ts", &format!("{TABLE}{}", "/".repeat(2 << 20))),
            (".hidden/schema.ts", TABLE),
            ("node_modules/a/schema.ts", TABLE),
            ("packages/a/node_modules/a/schema.ts", TABLE),
            ("packages/a/dist/schema.ts", TABLE),
            ("generated/schema.ts", TABLE),
        ]);
        fs::write(folder.path().join("src/binary.ts"), [0xff, 0xfe, 0x00]).unwrap();
        let found = find(folder.path(), false);
        assert_eq!(found.files, ["src/schema.ts"]);
        assert!(found.is_complete);
    }

    #[test]
    fn the_repository_around_the_folder_counts() {
        let folder = project(&[
            (".git/HEAD", ""),
            (".gitignore", "app/generated/\n"),
            ("app/schema.ts", TABLE),
            ("app/generated/schema.ts", TABLE),
        ]);
        let root = folder.path().join("app");
        assert_eq!(find(&root, true).files, ["schema.ts"]);
        assert_eq!(find(&root, false).files, ["generated/schema.ts", "schema.ts"]);
    }
}
