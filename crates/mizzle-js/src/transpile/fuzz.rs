//! A fuzz target: the depth scan, the parser, and the uses of the syntax tree.

use super::{Format, Refusal, source_map, syntax_tree, transpile};
use crate::location::offset_in_map;
use crate::stack::on_own_stack;
use std::path::Path;

/// Each way to read a text: the combinations of file extension and package format.
const FILES: [(&str, Option<Format>); 8] = [
    ("schema.ts", None),
    ("schema.tsx", None),
    ("schema.cts", Some(Format::CommonJs)),
    ("schema.js", None),
    ("schema.mjs", Some(Format::Module)),
    ("schema.cjs", Some(Format::CommonJs)),
    ("node_modules/package/index.js", None),
    ("node_modules/package/index.ts", Some(Format::Module)),
];

/// The first byte chooses how the rest is read.
#[test]
fn transpiling() {
    bolero::check!(name = "transpiling").for_each(|bytes: &[u8]| {
        let [first, rest @ ..] = bytes else { return };
        let Ok(source) = str::from_utf8(rest) else { return };
        let (file, hint) = FILES[usize::from(*first) % FILES.len()];
        // On a stack of the evaluation's size: an overflow would abort the process.
        on_own_stack("fuzz", || read(Path::new(file), source, hint))
            .expect("a thread can be made, and nothing panics");
    });
}

fn read(file: &Path, source: &str, hint: Option<Format>) {
    match transpile(file, source, hint) {
        Err(refusal) => assert_placed(source, &refusal),
        Ok(unit) => {
            unit.computed_imports
                .iter()
                .for_each(|place| assert!(source.get(place.clone()).is_some()));
            let map = source_map(file, source, hint).expect("what was read once is read again");
            let lines = unit.code.iter().flat_map(|code| code.lines()).enumerate();
            for (number, line) in lines {
                for column in [0, line.len()] {
                    let Some((line, column)) = map.original(number, column) else { continue };
                    let place = offset_in_map(source, line, column);
                    assert!(source.is_char_boundary(place), "{line}:{column} of {source:?}");
                }
            }
        }
    }
    if let Err(refusal) = syntax_tree(file, source) {
        assert_placed(source, &refusal);
    }
}

/// Asserts that a refusal can be shown: its span is a part of the source.
fn assert_placed(source: &str, Refusal { span, message, .. }: &Refusal) {
    assert!(!message.is_empty());
    assert!(source.get(span.clone()).is_some(), "{span:?} in {} bytes: {message}", source.len());
}
