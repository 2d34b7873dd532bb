//! Source files that have grown too long.

use crate::{
    sources::Source,
    workspace::{announce, refuse},
};

/// The maximum number of lines of a source file.
const MAX_LINES: usize = 500;

/// Checks every source file.
///
/// # Errors
///
/// When a file is too long.
pub(crate) fn run(sources: &[Source]) -> anyhow::Result<()> {
    announce("lengths of files");
    refuse(&sources.iter().filter_map(problem).collect::<String>())
}

/// Returns a line about a file that is too long.
fn problem(Source { path, content }: &Source) -> Option<String> {
    let lines = content.split_inclusive(|byte| *byte == b'\n').count();
    (lines > MAX_LINES).then(|| {
        format!("{} has {lines} lines, more than {MAX_LINES}: split it by topic\n", path.display())
    })
}

#[cfg(test)]
mod tests {
    use super::problem;
    use crate::sources;
    use std::fs;

    #[test]
    fn a_file_is_too_long_from_its_501st_line_on() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: String| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("crates/a/src/lib.rs", "\n".repeat(500));
        write("crates/a/src/more.rs", "\n".repeat(501));
        write("crates/a/src/js/run.js", "a;\n".repeat(500) + "the last line, without an end");
        write("crates/a/src/data.json", "\n".repeat(501));
        write("crates/a/node_modules/b/index.js", "\n".repeat(501));
        write("xtask/fuzz/target/c.rs", "\n".repeat(501));
        write("xtask/src/main.rs", "\n".repeat(700));
        write("docs/d.rs", "\n".repeat(501));
        let found: String =
            sources::read(root.path()).unwrap().iter().filter_map(problem).collect();
        assert_eq!(
            found,
            "crates/a/src/js/run.js has 501 lines, more than 500: split it by topic\n\
             crates/a/src/more.rs has 501 lines, more than 500: split it by topic\n\
             xtask/src/main.rs has 700 lines, more than 500: split it by topic\n"
        );
    }
}
