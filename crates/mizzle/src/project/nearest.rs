//! Suggestions for paths that do not exist.

use crate::paths::shown;
use mizzle_core::text;
use std::path::Path;

/// Returns hints for a path that does not exist: the existing names in its place. `hide` is true
/// for entries that must not be suggested.
pub(super) fn hints(path: &Path, directory: &Path, hide: impl Fn(&Path) -> bool) -> Vec<String> {
    let path: std::path::PathBuf = path.components().collect();
    // The deepest existing folder, and the name that is missing in it.
    let missing = path.ancestors().find(|step| step.parent().is_some_and(Path::is_dir));
    let Some((missing, folder)) = missing.and_then(|step| Some((step, step.parent()?))) else {
        return Vec::new();
    };
    let mut hints = Vec::new();
    let is_folder = missing != path;
    if is_folder {
        hints.push(format!("there is no folder {}", shown(missing, directory)));
    }
    let names = names(folder, |entry| hide(entry) || (is_folder && !entry.is_dir()));
    let name = missing.file_name().unwrap_or_default().to_string_lossy();
    let Some(meant) = text::closest(&name, names.iter().map(String::as_str)) else { return hints };
    let rest = path.strip_prefix(missing).unwrap_or(Path::new(""));
    let whole = folder.join(meant).join(rest);
    // The longest existing path.
    let meant = if whole.exists() { whole } else { folder.join(meant) };
    hints.push(format!("did you mean {:?}?", shown(&meant, directory)));
    hints
}

/// Suggests an existing folder for a folder that does not exist: "did you mean …?".
pub(crate) fn folder(folder: &Path, directory: &Path) -> Option<String> {
    hints(folder, directory, |entry| !entry.is_dir()).pop()
}

/// Returns the names in a folder, sorted; none if it cannot be read.
pub(super) fn names(folder: &Path, hide: impl Fn(&Path) -> bool) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let entries = entries.filter(|entry| !hide(&entry.path()));
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_path_is_compared_with_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("src/tables")).unwrap();
        for file in ["src/schema.ts", "src/tables/shop.ts", "source.ts"] {
            fs::write(root.join(file), "").unwrap();
        }
        let is_shop = |path: &Path| path.ends_with("shop.ts");
        for (path, expected) in [
            ("src/shema.ts", vec!["did you mean \"src/schema.ts\"?"]),
            ("scr/schema.ts", vec!["there is no folder scr", "did you mean \"src/schema.ts\"?"]),
            ("scr/other.ts", vec!["there is no folder scr", "did you mean \"src\"?"]),
            (
                "src/tabels/shop.ts",
                vec!["there is no folder src/tabels", "did you mean \"src/tables/shop.ts\"?"],
            ),
            ("src/tables/shp.ts", vec![]),
            ("elsewhere.json", vec![]),
        ] {
            assert_eq!(hints(&root.join(path), root, is_shop), expected, "{path}");
        }
    }
}
