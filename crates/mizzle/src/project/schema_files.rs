//! Resolves `schema` in the config to the files that are evaluated.

use super::{PathKind, nearest};
use crate::{
    errors::{CommandError, ErrorKind},
    paths::shown,
};
use mizzle_core::text;
use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
    sync::LazyLock,
};
use wax::{
    Any, Glob, Program,
    walk::{Entry, FileIterator, LinkBehavior, WalkError},
};

/// The modules that can be evaluated, as a pattern.
const MODULES: &str = "**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}";
/// Files that folders and globs never match: packages, hidden folders, and declarations.
const LEFT_OUT: [&str; 3] = ["**/node_modules/**", "**/.*/**", "**/*.d.{ts,mts,cts}"];
/// Tests, which are excluded as well, unless the glob mentions them.
const TESTS: &str = "**/*.{test,spec}.*";
/// A limit above the number of schema files of any project. Links that lead to each other can
/// multiply a few files into this many paths.
const TOO_MANY: usize = 5_000;

/// The reason why a pattern matched no files.
enum WalkFailure {
    /// The pattern is not a glob.
    Pattern(String),
    /// A path below cannot be read. Ignoring it could omit tables, which would then look deleted.
    Unreadable { path: PathBuf, reason: io::ErrorKind },
    /// The pattern matches more than [`TOO_MANY`] files.
    TooMany,
}

/// Returns the files that the patterns match, sorted, each once.
///
/// A pattern is a file, a folder (all modules below it) or a glob (the modules that match),
/// relative to `root`; a pattern that starts with `!` excludes matches of the others. Links are
/// followed; one that leads back to a parent folder adds nothing.
///
/// # Errors
///
/// When a pattern is not a glob, or matches nothing, or a folder or link below it cannot be read.
pub(crate) fn find(
    patterns: &[String],
    root: &Path,
    directory: &Path,
) -> Result<Vec<PathBuf>, CommandError> {
    let mut files = BTreeSet::new();
    let mut not_wanted = BTreeSet::new();
    for pattern in patterns {
        if let Some(pattern) = pattern.strip_prefix('!') {
            not_wanted.extend(matches(pattern, root, directory)?);
            continue;
        }
        let found = matches(pattern, root, directory)?;
        if found.is_empty() {
            return Err(nothing(pattern, &root.join(pattern), directory));
        }
        files.extend(found);
    }
    files.retain(|file| !not_wanted.contains(file));
    if files.is_empty() {
        let message = format!("Nothing is left of `schema`: {}", patterns.join(", "));
        return Err(CommandError::new(ErrorKind::Usage, "schema-not-found", message)
            .hint("name files, folders or globs before what `!` takes away"));
    }
    Ok(files.into_iter().collect())
}

/// Checks the syntax of a pattern: a path is always valid, a glob may not be.
///
/// # Errors
///
/// When the pattern is not a valid glob, with the reason.
pub(crate) fn check_pattern(pattern: &str) -> Result<(), String> {
    let glob = pattern.strip_prefix('!').unwrap_or(pattern);
    match split(glob.strip_prefix("./").unwrap_or(glob)) {
        (_, None) => Ok(()),
        (_, Some(rest)) => {
            Glob::new(rest).map(drop).map_err(|error| format!("not a pattern: {error}"))
        }
    }
}

/// True if folders and globs can match a file, by its path within a project.
pub(super) fn may_be_one(path: &Path) -> bool {
    static RULES: LazyLock<Option<(Glob<'static>, Any<'static>)>> = LazyLock::new(|| {
        let left_out = wax::any([&LEFT_OUT[..], &[TESTS]].concat()).ok()?;
        Some((Glob::new(MODULES).ok()?, left_out))
    });
    let rules = RULES.as_ref();
    rules.is_some_and(|(modules, left_out)| modules.is_match(path) && !left_out.is_match(path))
}

/// Returns the first file to create for a pattern that matches nothing yet: the file that the
/// pattern names, or one called `name` in the folder. `None` if a glob does not match `name`.
pub(crate) fn first_of(pattern: &str, name: &str) -> Option<String> {
    let (base, rest) = split(pattern);
    let last = Path::new(Path::new(pattern).file_name().unwrap_or_default());
    match rest {
        None if may_be_one(last) => Some(pattern.to_owned()),
        None if last.extension().is_some() => None,
        None => Some(format!("{}/{name}", pattern.trim_end_matches('/'))),
        Some(glob) => {
            let matches = Glob::new(glob).ok()?.is_match(Path::new(name));
            matches.then(|| format!("{base}{name}"))
        }
    }
}

fn matches(pattern: &str, root: &Path, directory: &Path) -> Result<Vec<PathBuf>, CommandError> {
    let path = root.join(pattern);
    let kind = PathKind::of(&path);
    if split(pattern).1.is_none() && matches!(kind, PathKind::Other(_) | PathKind::Unreadable(_)) {
        let message = format!("The schema file {} {}", shown(&path, directory), kind.predicate());
        return Err(CommandError::new(ErrorKind::Usage, "schema-unreadable", message)
            .hint("`schema` in the config names it: name a file, a folder or a glob"));
    }
    let found = if path.is_file() {
        Ok(vec![path])
    } else if path.is_dir() {
        walk(MODULES, &path, &[&LEFT_OUT[..], &[TESTS]].concat())
    } else {
        let glob = pattern.strip_prefix("./").unwrap_or(pattern);
        let (base, rest) = split(glob);
        let speaks_of_tests = glob.contains(".test") || glob.contains(".spec");
        let left_out =
            if speaks_of_tests { LEFT_OUT.to_vec() } else { [&LEFT_OUT[..], &[TESTS]].concat() };
        rest.map_or(Ok(Vec::new()), |rest| walk(rest, &root.join(base), &left_out))
    };
    let found = found.map_err(|failure| explain(failure, pattern, directory))?;
    Ok(found.into_iter().map(|file| dunce::canonicalize(&file).unwrap_or(file)).collect())
}

/// Splits a pattern into the folder it starts from and the part with special characters. Only the
/// latter is passed to `wax` as a glob, because `wax` does not support `..`.
fn split(pattern: &str) -> (&str, Option<&str>) {
    let Some(special) = pattern.find(['*', '?', '[', '{', '<', '(']) else {
        return (pattern, None);
    };
    match pattern[..special].rfind('/') {
        Some(slash) => (&pattern[..=slash], Some(&pattern[slash + 1..])),
        None => ("", Some(pattern)),
    }
}

fn walk(pattern: &str, base: &Path, left_out: &[&str]) -> Result<Vec<PathBuf>, WalkFailure> {
    let not_a_glob = |error: wax::BuildError| WalkFailure::Pattern(error.to_string());
    let glob = Glob::new(pattern).map_err(not_a_glob)?;
    let not = wax::any(left_out.iter().copied()).map_err(not_a_glob)?;
    if !base.is_dir() {
        return Ok(Vec::new());
    }
    let modules = Glob::new(MODULES).map_err(not_a_glob)?;
    let mut files = Vec::new();
    let entries = glob.walk_with_behavior(base, LinkBehavior::ReadTarget);
    for entry in entries.not(not.clone()).map_err(not_a_glob)? {
        match entry {
            Ok(entry) => {
                let below = entry.path().strip_prefix(base).unwrap_or(entry.path());
                if entry.file_type().is_file() && modules.is_match(below) {
                    files.push(entry.into_path());
                }
            }
            Err(error) => {
                let path = error.path().unwrap_or(base);
                // The walk reports unreadable paths before it checks whether they are excluded.
                let below = path.strip_prefix(base).unwrap_or(path);
                if !not.is_match(below) && !leads_back(path) {
                    return Err(unreadable(path.to_owned(), error));
                }
            }
        }
        if files.len() > TOO_MANY {
            return Err(WalkFailure::TooMany);
        }
    }
    Ok(files)
}

/// True if a link leads to one of its parent folders. All files there are found anyway.
fn leads_back(link: &Path) -> bool {
    let Ok(target) = link.canonicalize() else { return false };
    link.ancestors().skip(1).any(|folder| folder.canonicalize().is_ok_and(|real| real == target))
}

fn unreadable(path: PathBuf, error: WalkError) -> WalkFailure {
    WalkFailure::Unreadable { path, reason: io::Error::from(error).kind() }
}

fn explain(failure: WalkFailure, pattern: &str, directory: &Path) -> CommandError {
    match failure {
        WalkFailure::Pattern(reason) => not_a_glob(pattern, &reason),
        WalkFailure::Unreadable { path, reason } => {
            let shown = shown(&path, directory);
            let (message, hint) = if !path.is_symlink() {
                let hint = "let this user read it, or name the schema files more precisely";
                (format!("Could not read the folder {shown}: {reason}"), hint)
            } else if reason == io::ErrorKind::NotFound {
                (format!("The link {shown} leads nowhere"), "fix the link or remove it")
            } else {
                let message = format!("Could not follow the link {shown}: {reason}");
                (message, "fix the link or remove it")
            };
            CommandError::new(ErrorKind::Usage, "schema-unreadable", message)
                .hint(format!("`schema` holds {pattern:?}, and there may be tables in it"))
                .hint(hint)
        }
        WalkFailure::TooMany => CommandError::new(
            ErrorKind::Usage,
            "schema-unreadable",
            format!("{pattern:?} stands for more than {TOO_MANY} files"),
        )
        .hint("name the schema files more precisely, such as \"./src/**/*.table.ts\"")
        .hint("links between folders can make a few files many: leave such folders out"),
    }
}

fn not_a_glob(pattern: &str, reason: &str) -> CommandError {
    CommandError::new(
        ErrorKind::Usage,
        "schema-not-found",
        format!("`schema` holds {pattern:?}, which is not a pattern: {reason}"),
    )
    .hint("give files, folders or globs such as \"./src/**/*.table.ts\"")
}

/// Returns the error for a pattern that matches nothing.
fn nothing(pattern: &str, path: &Path, directory: &Path) -> CommandError {
    let not_found =
        |message: String| CommandError::new(ErrorKind::Usage, "schema-not-found", message);
    if path.is_dir() {
        return not_found(format!("The folder {} holds no modules", shown(path, directory)))
            .hint("schema files end in .ts, .mts, .cts, .js, .mjs, .cjs, .tsx or .jsx");
    }
    let error = not_found(format!("No schema file matches {pattern:?}"))
        .hint(format!("mizzle looked for {}", shown(path, directory)));
    let whole = path.to_str().unwrap_or_default();
    let near = match split(whole) {
        (_, None) => nearest::hints(path, directory, |entry| !may_hold_a_schema(entry)),
        (base, Some(_)) if Path::new(base).is_dir() => passed_over(Path::new(base), directory),
        (base, Some(glob)) => nearest::hints(&Path::new(base).join(glob), directory, |_| false),
    };
    if near.is_empty() {
        return error
            .hint("correct `schema` in the config; its paths are relative to the config file");
    }
    near.into_iter().fold(error, CommandError::hint)
}

/// True if `schema` may refer to an entry of a folder.
fn may_hold_a_schema(entry: &Path) -> bool {
    let is_module = Glob::new(MODULES).is_ok_and(|modules| {
        entry.file_name().is_some_and(|name| modules.is_match(Path::new(name)))
    });
    entry.is_dir() || is_module
}

/// Returns hints that name some modules below a folder that a glob does not match.
fn passed_over(base: &Path, directory: &Path) -> Vec<String> {
    const SHOWN: usize = 3;
    let Ok(files) = walk(MODULES, base, &[&LEFT_OUT[..], &[TESTS]].concat()) else {
        return Vec::new();
    };
    let mut names: Vec<String> = files.iter().map(|file| shown(file, directory)).collect();
    names.sort_unstable();
    let more = names.len().saturating_sub(SHOWN);
    names.truncate(SHOWN);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    let folder = shown(base, directory);
    match names.len() {
        0 => vec![format!("there is no TypeScript or JavaScript in {folder}")],
        1 => vec![format!("it does not match {}, the only module there", names[0])],
        _ => vec![format!("it matches none of the modules there: {}", text::list(&names))],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// Creates a project with schema files in a few folders.
    fn project(files: &[&str]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = dunce::canonicalize(folder.path()).unwrap();
        for file in files {
            let path = root.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        (folder, root)
    }

    fn found(root: &Path, pattern: &str) -> Result<Vec<String>, CommandError> {
        let files = find(&[pattern.to_owned()], root, root)?;
        Ok(files
            .iter()
            .map(|file| file.strip_prefix(root).unwrap().display().to_string().replace('\\', "/"))
            .collect())
    }

    #[test]
    fn patterns_stand_for_files() {
        let (_folder, root) = project(&[
            "src/a.ts",
            "src/a.d.ts",
            "src/a.test.ts",
            "src/notes.md",
            "src/tables/b.table.ts",
            "src/tables/.hidden/c.ts",
            "src/node_modules/d/e.ts",
        ]);
        for (pattern, expected) in [
            ("src/a.test.ts", vec!["src/a.test.ts"]),
            ("./src", vec!["src/a.ts", "src/tables/b.table.ts"]),
            ("./src/*.ts", vec!["src/a.ts"]),
            ("./src/*.test.ts", vec!["src/a.test.ts"]),
            ("./src/**", vec!["src/a.ts", "src/tables/b.table.ts"]),
            ("src/../src/**/*.table.ts", vec!["src/tables/b.table.ts"]),
        ] {
            assert_eq!(found(&root, pattern).unwrap(), expected, "{pattern}");
        }
        let patterns = ["./src/**/*.ts".to_owned(), "!src/**/*.table.ts".to_owned()];
        let files = find(&patterns, &root, &root).unwrap();
        assert_eq!(files, [root.join("src/a.ts")]);
        for pattern in ["scr", "src/*.tsx", "src/{a", "!src/*.ts"] {
            assert_eq!(found(&root, pattern).unwrap_err().code, "schema-not-found", "{pattern}");
        }
    }

    #[test]
    fn a_pattern_can_be_checked_before_there_is_anything() {
        for pattern in ["schema.ts", "./src", "./src/**/*.table.ts", "!src/{a,b}.ts", "../a b.ts"] {
            assert_eq!(check_pattern(pattern), Ok(()), "{pattern}");
        }
        for pattern in ["src/{a", "./src/***/a", "!src/[a"] {
            assert!(check_pattern(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn the_first_file_of_a_pattern() {
        for (pattern, expected) in [
            ("./src/tables.ts", Some("./src/tables.ts")),
            ("schema.mts", Some("schema.mts")),
            ("../db/schema.ts", Some("../db/schema.ts")),
            ("./src/schema", Some("./src/schema/schema.ts")),
            ("src/schema/", Some("src/schema/schema.ts")),
            ("./src/schema/**/*.ts", Some("./src/schema/schema.ts")),
            ("**/*.ts", Some("schema.ts")),
            ("./src/*.{ts,js}", Some("./src/schema.ts")),
            ("./src/**/*.table.ts", None),
            ("./src/{a", None),
            ("./schema.json", None),
            ("./schema.d.ts", None),
            ("./schema.test.ts", None),
        ] {
            assert_eq!(first_of(pattern, "schema.ts").as_deref(), expected, "{pattern}");
        }
    }

    #[cfg(unix)]
    mod links {
        use super::*;
        use std::os::unix::fs::symlink;

        #[test]
        fn links_are_followed_to_files_and_folders() {
            let (_folder, root) = project(&["src/a.ts", "shared/b.ts", "shared/deep/c.ts"]);
            symlink("../shared", root.join("src/tables")).unwrap();
            symlink("../shared/deep/c.ts", root.join("src/c.ts")).unwrap();
            for pattern in ["src", "src/**/*.ts"] {
                let expected = ["shared/b.ts", "shared/deep/c.ts", "src/a.ts"];
                assert_eq!(found(&root, pattern).unwrap(), expected, "{pattern}");
            }
            assert_eq!(found(&root, "src/*/*.ts").unwrap(), ["shared/b.ts"]);
        }

        #[test]
        fn links_that_lead_back_add_nothing() {
            let (_folder, root) = project(&["src/a.ts", "src/x/b.ts", "src/y/c.ts"]);
            for (target, link) in
                [(".", "src/self"), ("..", "src/x/up"), ("../y", "src/x/y"), ("../x", "src/y/x")]
            {
                symlink(target, root.join(link)).unwrap();
            }
            for pattern in ["src", "src/**/*.ts"] {
                let expected = ["src/a.ts", "src/x/b.ts", "src/y/c.ts"];
                assert_eq!(found(&root, pattern).unwrap(), expected, "{pattern}");
            }
        }

        #[test]
        fn what_cannot_be_followed_is_named() {
            for (target, expected) in [
                ("../gone", "The link src/tables leads nowhere"),
                ("tables", "Could not follow the link src/tables: "),
            ] {
                let (_folder, root) = project(&["src/a.ts"]);
                symlink(target, root.join("src/tables")).unwrap();
                for pattern in ["src", "src/**/*.ts"] {
                    let error = found(&root, pattern).unwrap_err();
                    assert_eq!((error.code, error.kind), ("schema-unreadable", ErrorKind::Usage));
                    assert!(error.message.starts_with(expected), "{}", error.message);
                }
            }
        }

        #[test]
        fn what_is_left_out_may_be_broken() {
            let (_folder, root) = project(&["src/a.ts", "src/node_modules/b.ts"]);
            for link in [".#a.ts", "node_modules/broken", "types.d.ts"] {
                symlink("gone", root.join("src").join(link)).unwrap();
            }
            assert_eq!(found(&root, "src").unwrap(), ["src/a.ts"]);

            let (_folder, root) = project(&["src/a.ts"]);
            symlink("gone", root.join("src/node_modules")).unwrap();
            assert_eq!(found(&root, "src").unwrap(), ["src/a.ts"]);
        }

        #[test]
        fn folders_that_link_to_each_other_end_in_an_error() {
            // Every order of visiting ten folders is a separate path.
            let names: Vec<String> = (0..10).map(|number| format!("src/p{number}")).collect();
            let files: Vec<String> = names.iter().map(|name| format!("{name}/a.ts")).collect();
            let (_folder, root) = project(&files.iter().map(String::as_str).collect::<Vec<_>>());
            for (from, to) in names.iter().flat_map(|from| names.iter().map(move |to| (from, to))) {
                if from != to {
                    let name = Path::new(to).file_name().unwrap();
                    symlink(Path::new("..").join(name), root.join(from).join(name)).unwrap();
                }
            }
            let error = found(&root, "src").unwrap_err();
            assert_eq!(error.code, "schema-unreadable");
            assert!(error.message.contains("more than"), "{}", error.message);
        }
    }
}
