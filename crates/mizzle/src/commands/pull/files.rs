//! The schema files: their paths, and files that already exist there.

use super::{found::Found, functions, pulled, settings::PullSettings, unwritten};
use crate::{
    errors::{CommandError, ErrorKind},
    paths,
    project::{self, NewFileError},
    report::{PullReport, SkippedPull},
    ui::Ui,
};
use mizzle_core::{
    pull::{self, PulledTable},
    text,
};
use mizzle_eval::Evaluator;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// The stem of the file name if the config names a folder or a glob.
const SCHEMA: &str = "schema";
/// The special characters of a glob.
const SPECIAL: [char; 6] = ['?', '[', '{', '<', '(', '*'];

/// A schema file to write.
#[derive(Debug)]
pub(super) struct NewFile {
    /// The path.
    pub(super) path: PathBuf,
    /// The new text.
    pub(super) text: String,
    /// The tables that it describes.
    pub(super) tables: BTreeSet<String>,
    /// The present content, if the file exists.
    before: Option<Vec<u8>>,
}

impl NewFile {
    fn new(path: PathBuf, text: String, tables: &[PulledTable]) -> Result<Self, CommandError> {
        let before = match project::read(&path) {
            Ok(bytes) => Some(bytes),
            Err(_) if path.symlink_metadata().is_err() => None,
            Err(error) => return Err(CommandError::io("read", &path, &error)),
        };
        let tables = tables.iter().map(|table| table.definition.table_name.clone()).collect();
        Ok(Self { path, text, tables, before })
    }

    /// True if the file already exists with the new text.
    pub(super) fn is_there_already(&self) -> bool {
        self.before.as_deref() == Some(self.text.as_bytes())
    }

    /// Writes the file.
    ///
    /// # Errors
    ///
    /// When the file cannot be written, or has changed since it was read.
    pub(super) fn write(&self, settings: &PullSettings, ui: &Ui) -> Result<(), CommandError> {
        let shown = ui.shown(&self.path);
        let changed = || {
            let message = format!("{shown} was changed meanwhile, so it was left alone");
            CommandError::new(ErrorKind::Refused, "schema-exists", message)
                .hint("run the command again: it takes the file into account")
        };
        let Some(before) = &self.before else {
            return project::create(&self.path, &self.text).map_err(|error| match error {
                NewFileError::Taken => changed(),
                NewFileError::Io(error) => unwritten(&error, &shown),
            });
        };
        if !settings.force && project::read(&self.path).ok().as_ref() != Some(before) {
            return Err(changed());
        }
        project::replace(&self.path, &self.text).map_err(|error| unwritten(&error, &shown))
    }
}

/// The paths for schema files.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    /// The single file.
    file: String,
    /// With `--split`: the parts of a table's file path before and after the table's name.
    one: (String, String),
    /// True if the single file has to re-export the exports of the tables' files.
    has_index: bool,
}

impl Place {
    /// Returns the paths that a pattern of the config stands for.
    fn of(pattern: &str) -> Option<Self> {
        let last = pattern.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        if pattern.contains(SPECIAL) {
            // `*.table.ts`
            let (before, behind) = match last.split_once('*') {
                Some(around) if !format!("{}{}", around.0, around.1).contains(SPECIAL) => around,
                _ => ("", ".ts"),
            };
            let name = format!("{before}{SCHEMA}{behind}");
            let file = project::first_schema_file(pattern, &name)?;
            let folder = file.strip_suffix(&name)?.to_owned();
            let one = (format!("{folder}{before}"), behind.to_owned());
            return Some(Self { file, one, has_index: false });
        }
        let file = project::first_schema_file(pattern, &format!("{SCHEMA}.ts"))?;
        if file != pattern {
            let folder = file.strip_suffix(&format!("{SCHEMA}.ts"))?.to_owned();
            return Some(Self { file, one: (folder, ".ts".to_owned()), has_index: false });
        }
        let (stem, extension) = file.rsplit_once('.')?;
        let one = (format!("{stem}/"), format!(".{extension}"));
        Some(Self { file: file.clone(), one, has_index: true })
    }
}

/// Plans the schema files of these tables.
///
/// # Errors
///
/// When no pattern in the config stands for a path, or an existing file cannot be read.
pub(super) fn plan(
    settings: &PullSettings,
    tables: &[PulledTable],
) -> Result<Vec<NewFile>, CommandError> {
    let place = place(settings)?;
    let path = |file: &str| -> PathBuf { settings.root.join(file).components().collect() };
    let (from, form) = functions(settings);
    if !settings.split {
        return Ok(vec![NewFile::new(
            path(&place.file),
            pull::module(tables, from, form),
            tables,
        )?]);
    }
    let (before, behind) = &place.one;
    let mut files = Vec::new();
    let mut modules = Vec::new();
    for table in tables {
        let stem = pull::file_stem(&table.identifier);
        let file = format!("{before}{stem}{behind}");
        let one = std::slice::from_ref(table);
        files.push(NewFile::new(path(&file), pull::module(one, from, form), one)?);
        modules.push(imported(&place.file, &file));
    }
    if place.has_index {
        files.push(NewFile::new(path(&place.file), pull::index(&modules), &[])?);
    }
    Ok(files)
}

fn place(settings: &PullSettings) -> Result<Place, CommandError> {
    let wanted = settings.schema.iter().filter(|pattern| !pattern.starts_with('!'));
    let place = wanted.into_iter().find_map(|pattern| Place::of(pattern));
    place.ok_or_else(|| {
        let message = format!(
            "`schema` in the config names no place for a new file: {}",
            settings.schema.join(", ")
        );
        CommandError::new(ErrorKind::Usage, "no-output-path", message)
            .hint("name a file or a folder first: schema: [\"./src/schema.ts\", …]")
    })
}

/// Returns the specifier with which a file imports another one. It has the extension of the
/// compiled file, which TypeScript resolves in every module mode.
fn imported(from: &str, file: &str) -> String {
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let below = file.strip_prefix(folder).unwrap_or(file).trim_start_matches('/');
    let below = below.trim_start_matches("./");
    let compiled = match below.rsplit_once('.') {
        Some((stem, "ts" | "tsx")) => format!("{stem}.js"),
        Some((stem, "mts")) => format!("{stem}.mjs"),
        Some((stem, "cts")) => format!("{stem}.cjs"),
        _ => below.to_owned(),
    };
    format!("./{compiled}")
}

/// Skips the tables that other schema files already describe: two tables of the same name are an
/// error.
///
/// # Errors
///
/// When those files cannot be evaluated.
pub(super) fn leave_described(
    settings: &PullSettings,
    evaluator: &Evaluator,
    found: &mut Vec<Found>,
    report: &mut PullReport,
) -> Result<(), CommandError> {
    // A pattern that matches no file yet is not an error here.
    let patterns = settings.schema.iter().filter(|pattern| !pattern.starts_with('!'));
    let not_wanted = settings.schema.iter().filter(|pattern| pattern.starts_with('!'));
    let not_wanted: Vec<String> = not_wanted.cloned().collect();
    let mut files = BTreeSet::new();
    for pattern in patterns {
        let patterns = [std::slice::from_ref(pattern), &not_wanted].concat();
        let here = project::find_schema_files(&patterns, &settings.root, &settings.root);
        files.extend(here.unwrap_or_default());
    }
    for file in plan(settings, &pulled(settings, found))? {
        let real = dunce::canonicalize(&file.path).unwrap_or(file.path);
        files.remove(&real);
    }
    if files.is_empty() {
        return Ok(());
    }
    let files: Vec<PathBuf> = files.into_iter().collect();
    let declared = evaluator.schema(&files, settings.limits)?;
    let is_found = |name: &str| found.iter().any(|one| one.definition.table_name == name);
    let mut described = BTreeSet::new();
    for table in declared.tables.iter().filter(|table| is_found(&table.name)) {
        let file = table.sites.first().map_or("the schema", |site| site.file.as_str());
        let file = paths::shown(Path::new(file), &settings.root);
        let reason = format!("{file} describes it already");
        report.skipped.push(SkippedPull { name: table.name.clone(), reason });
        described.insert(table.name.clone());
    }
    found.retain(|found| !described.contains(&found.definition.table_name));
    Ok(())
}

/// Asks before overwriting files that have other contents, and names the tables that the schema
/// would lose with them.
///
/// # Errors
///
/// When the files must not be overwritten.
pub(super) fn agree(
    files: &[NewFile],
    settings: &PullSettings,
    evaluator: &Evaluator,
    ui: &Ui,
) -> Result<(), CommandError> {
    let taken = files.iter().filter(|file| file.before.is_some() && !file.is_there_already());
    let taken: Vec<&NewFile> = taken.collect();
    if taken.is_empty() {
        return Ok(());
    }
    let lost = lost(files, &taken, settings, evaluator);
    let taken: Vec<String> = taken.iter().map(|file| ui.shown(&file.path)).collect();
    let (exist, them) = if taken.len() == 1 { ("exists", "it") } else { ("exist", "them") };
    let names = text::list(&taken);
    if !lost.is_empty() {
        ui.warning(format!(
            "{names} also {} {}, which would be gone from the schema: `mizzle generate` would then write a migration that deletes {}",
            if taken.len() == 1 { "describes" } else { "describe" },
            text::list(&lost),
            if lost.len() == 1 { "that table" } else { "these tables" },
        ));
    }
    if settings.force {
        return Ok(());
    }
    if ui.can_ask() && !settings.yes {
        let question = format!("{names} already {exist}. Overwrite {them}?");
        return match ui.confirm(&question, "--force")? {
            true => Ok(()),
            false => Err(CommandError::declined()),
        };
    }
    let message = format!("{names} already {exist}");
    Err(CommandError::new(ErrorKind::Refused, "schema-exists", message)
        .hint(format!("overwrite {them} with --force; the present content is lost"))
        .hint("or let `schema` in the config name another file first"))
}

/// Returns the tables that only the overwritten files describe. Files that cannot be evaluated
/// count as describing none.
fn lost(
    files: &[NewFile],
    taken: &[&NewFile],
    settings: &PullSettings,
    evaluator: &Evaluator,
) -> Vec<String> {
    let paths: Vec<PathBuf> = taken.iter().map(|file| file.path.clone()).collect();
    let Ok(declared) = evaluator.schema(&paths, settings.limits) else { return Vec::new() };
    let kept: BTreeSet<&String> = files.iter().flat_map(|file| &file.tables).collect();
    let names = declared.tables.into_iter().map(|table| table.name);
    let lost: BTreeSet<String> = names.filter(|name| !kept.contains(name)).collect();
    lost.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_stands_for_a_place() {
        let place = |file: &str, before: &str, behind: &str, has_index| {
            let one = (before.to_owned(), behind.to_owned());
            Some(Place { file: file.to_owned(), one, has_index })
        };
        for (pattern, expected) in [
            ("./src/schema.ts", place("./src/schema.ts", "./src/schema/", ".ts", true)),
            ("db.mts", place("db.mts", "db/", ".mts", true)),
            ("./src/schema", place("./src/schema/schema.ts", "./src/schema/", ".ts", false)),
            ("./src/schema/", place("./src/schema/schema.ts", "./src/schema/", ".ts", false)),
            ("./src/**/*.ts", place("./src/schema.ts", "./src/", ".ts", false)),
            ("./src/**/*.table.ts", place("./src/schema.table.ts", "./src/", ".table.ts", false)),
            ("./src/*/schema.ts", None),
            ("./schema.json", None),
        ] {
            assert_eq!(Place::of(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn an_index_imports_what_the_compiler_makes() {
        for (from, file, expected) in [
            ("./src/schema.ts", "./src/schema/orders.ts", "./schema/orders.js"),
            ("schema.mts", "schema/orders.mts", "./schema/orders.mjs"),
            ("./schema.js", "./schema/orders.js", "./schema/orders.js"),
        ] {
            assert_eq!(imported(from, file), expected);
        }
    }
}
