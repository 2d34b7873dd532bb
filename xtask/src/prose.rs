//! The English of comments: the openings and words that `docs/style.md` rules out.

use crate::{
    sources::Source,
    workspace::{announce, refuse},
};
use std::path::Path;

/// The first words of a doc comment that is an indirect question or has no subject. A type is described
/// by a noun phrase, a function by a verb in the third person, a flag by "True if".
const OPENINGS: [&str; 13] = [
    "How",
    "It",
    "Nobody",
    "Somebody",
    "Something",
    "Somewhere",
    "That",
    "They",
    "What",
    "Where",
    "Who",
    "Whoever",
    "Why",
];

/// Words that comments do without, and the words to use.
const WORDS: [(&str, &str); 6] = [
    ("anew", "again"),
    ("mend", "fix"),
    ("mended", "fixed"),
    ("nobody", "the role: no run, no other process"),
    ("somebody", "the role: the user, another run"),
    ("whoever", "the role: the caller, the reader"),
];

/// Checks the comments of every source file.
///
/// # Errors
///
/// When a comment breaks a rule.
pub(crate) fn run(sources: &[Source]) -> anyhow::Result<()> {
    announce("English of comments");
    refuse(&sources.iter().map(problems).collect::<String>())
}

/// Returns a line for each problem of a file.
fn problems(Source { path, content }: &Source) -> String {
    let text = String::from_utf8_lossy(content);
    let (mut problems, mut is_within_doc) = (String::new(), false);
    for (number, line) in (1..).zip(text.lines()) {
        let Some(Comment { text, is_doc }) = Comment::of(line, path) else {
            is_within_doc = false;
            continue;
        };
        let words = text.split(|character: char| !character.is_alphanumeric());
        if is_doc
            && !is_within_doc
            && let Some(opening) = words.clone().next().filter(|word| OPENINGS.contains(word))
        {
            problems += &format!(
                "{}:{number}: a doc comment opens with {opening:?}: say the subject first\n",
                path.display()
            );
        }
        for (word, better) in words.filter_map(avoided) {
            problems += &format!("{}:{number}: instead of {word:?} say {better}\n", path.display());
        }
        is_within_doc = is_doc;
    }
    problems
}

/// Returns a word to avoid, with the words to use.
fn avoided(word: &str) -> Option<(&'static str, &'static str)> {
    WORDS.into_iter().find(|(avoided, _)| word.eq_ignore_ascii_case(avoided))
}

/// A line of a comment.
struct Comment<'a> {
    text: &'a str,
    /// True for the documentation of an item.
    is_doc: bool,
}

impl<'a> Comment<'a> {
    /// Returns the comment that a line consists of.
    fn of(line: &'a str, path: &Path) -> Option<Self> {
        let line = line.trim_start();
        let is_rust = path.extension().is_some_and(|extension| extension == "rs");
        let docs: &[&str] = if is_rust { &["///", "//!"] } else { &["/**"] };
        if let Some(text) = docs.iter().find_map(|doc| line.strip_prefix(doc)) {
            return Some(Self { text: text.trim(), is_doc: true });
        }
        let text = line.strip_prefix("//")?;
        Some(Self { text: text.trim(), is_doc: false })
    }
}

#[cfg(test)]
mod tests {
    use super::problems;
    use crate::sources::Source;

    fn found(path: &str, text: &str) -> String {
        problems(&Source { path: path.into(), content: text.into() })
    }

    #[test]
    fn openings_and_words_are_found() {
        let text = "//! What it is.\n\n/// Returns a name.\n/// What follows is no opening.\nfn a() {}\n\n    /// Why not.\n// Nobody reads this anew.\nlet somebody = \"anew\";\n";
        assert_eq!(
            found("a.rs", text),
            "a.rs:1: a doc comment opens with \"What\": say the subject first\n\
             a.rs:7: a doc comment opens with \"Why\": say the subject first\n\
             a.rs:8: instead of \"nobody\" say the role: no run, no other process\n\
             a.rs:8: instead of \"anew\" say again\n"
        );
        assert_eq!(found("a.rs", "/// Whether it is on.\n/// `What` is a type.\n"), "");
    }

    #[test]
    fn javascript_has_comments_of_its_own() {
        let text = "// Whatever runs.\n/** What it gives. */\n/** A name. */\n";
        assert_eq!(
            found("a.js", text),
            "a.js:2: a doc comment opens with \"What\": say the subject first\n"
        );
    }
}
