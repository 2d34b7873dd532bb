//! The files of the project that a script imports, directly or not.

use super::uses::{self, Wanted};
use crate::product::Product;
use mizzle_js::{ModuleKind, Modules, is_data, is_package_file, read_text};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// The content of a file.
enum Content {
    /// A syntax tree.
    Tree(Value),
    /// The digest of a file without a syntax tree.
    Other(String),
}

/// Returns the digests of the files that a script imports, directly or not, by their paths relative
/// to its folder: of the parts of each that the script uses. Packages and missing files do not
/// count. `parse` returns the syntax tree of a file, or a digest if it has none.
pub(super) fn digests(
    script: &Path,
    tree: &Value,
    parse: impl Fn(&Path, &str) -> Result<Value, String>,
) -> BTreeMap<String, String> {
    let mut digests = BTreeMap::new();
    let Ok(script) = dunce::canonicalize(script) else { return digests };
    let Some(folder) = script.parent() else { return digests };
    let modules = Modules::new(&Product);
    let file_of = |from: &Path, specifier: &str, manner| {
        let target = modules.resolve(from, specifier, manner).ok()?;
        target.id.file().filter(|file| !is_package_file(file)).map(Path::to_owned)
    };
    let mut contents: BTreeMap<PathBuf, Content> = BTreeMap::new();
    let mut wanted: BTreeMap<PathBuf, Wanted> = BTreeMap::new();
    let mut next = vec![(script.clone(), uses::of(tree, &Wanted::All, |_| false).requests)];
    while let Some((from, requests)) = next.pop() {
        for (specifier, manner, more) in requests {
            let Some(file) = file_of(&from, &specifier, manner).filter(|file| *file != script)
            else {
                continue;
            };
            if !contents.contains_key(&file) {
                let Ok(text) = read_text(&file) else { continue };
                let content = if is_data(&file) {
                    Content::Other(data(&text))
                } else {
                    parse(&file, &text).map_or_else(Content::Other, Content::Tree)
                };
                contents.insert(file.clone(), content);
            }
            let known = wanted.get_mut(&file);
            let is_more = known.is_none_or(|known| known.add(&more));
            let wanted = wanted.entry(file.clone()).or_insert(more);
            let Some(Content::Tree(tree)) = contents.get(&file).filter(|_| is_more) else {
                continue;
            };
            let is_package =
                |specifier: &str| file_of(&file, specifier, ModuleKind::Import).is_none();
            next.push((file.clone(), uses::of(tree, wanted, is_package).requests));
        }
    }
    for (file, content) in &contents {
        let digest = match (content, wanted.get(file)) {
            (Content::Other(digest), _) => digest.clone(),
            (Content::Tree(_), None) => continue,
            (Content::Tree(tree), Some(wanted)) => {
                let is_package =
                    |specifier: &str| file_of(file, specifier, ModuleKind::Import).is_none();
                super::of_used(tree, &uses::of(tree, wanted, is_package))
            }
        };
        digests.insert(relative(folder, file), digest);
    }
    digests
}

/// Returns the digest of JSON, without its formatting.
fn data(text: &str) -> String {
    let value: Result<Value, _> = serde_json::from_str(text);
    super::hex([
        b"json ",
        value.map_or_else(|_| text.to_owned(), |json| json.to_string()).as_bytes(),
    ])
}

/// Returns the path from a folder to a file, the same on every machine.
fn relative(folder: &Path, file: &Path) -> String {
    let shared = folder.components().zip(file.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(shared).map(|_| "..".to_owned());
    let down = file.components().skip(shared);
    let down = down.map(|component: Component<'_>| component.as_os_str().to_string_lossy().into());
    up.chain(down).collect::<Vec<String>>().join("/")
}
