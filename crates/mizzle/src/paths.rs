//! Paths in messages.

use mizzle_core::text;
use std::path::Path;

/// Returns a path as the user would write it, [printable](text::printable): relative to the working
/// directory if that has fewer components.
pub(crate) fn shown(path: &Path, directory: &Path) -> String {
    let shown = match path.strip_prefix(directory) {
        Ok(relative) if relative.as_os_str().is_empty() => ".".to_owned(),
        Ok(relative) => relative.display().to_string(),
        Err(_) => pathdiff::diff_paths(path, directory)
            .filter(|relative| relative.components().count() < path.components().count())
            .unwrap_or_else(|| path.to_owned())
            .display()
            .to_string(),
    };
    text::printable(&shown).into_owned()
}
