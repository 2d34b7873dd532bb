//! An excerpt of the user's source with a marked place, drawn by miette.

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};
use mizzle_eval::{Excerpt, SourceLocation, speaks_of_credentials};
use std::{fmt, path::Path};

/// Wide enough that miette never wraps: the terminal wraps.
const WIDTH: usize = 400;

/// Draws the frame, without a headline.
pub(super) fn render(location: &SourceLocation, directory: &Path, colors: bool) -> String {
    let name = crate::paths::shown(&location.file, directory);
    let place = format!("   at {name}:{}:{}", location.line(), location.column());
    if speaks_of_credentials(&location.source) {
        return format!("{place} (not shown: the file speaks of credentials)");
    }
    let theme = if colors { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let excerpt = Excerpt::new(location, name);
    let label = LabeledSpan::new_with_span(None, excerpt.span());
    let frame = Frame { excerpt, label };
    let mut text = String::new();
    let drawn = GraphicalReportHandler::new_themed(theme)
        .with_width(WIDTH)
        .with_context_lines(1)
        .render_report(&mut text, &frame);
    match drawn {
        // The first line is the headline, which the caller has already written.
        Ok(()) => text.lines().skip(1).collect::<Vec<_>>().join("\n").trim_end().to_owned(),
        Err(fmt::Error) => place,
    }
}

#[derive(Debug)]
struct Frame {
    excerpt: Excerpt,
    label: LabeledSpan,
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("headline")
    }
}

impl std::error::Error for Frame {}

impl Diagnostic for Frame {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.excerpt)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(self.label.clone())))
    }
}
