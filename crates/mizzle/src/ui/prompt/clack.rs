//! Questions in Clack's style.

use super::{super::wrapped, Check, Choice, Prompter, Question, pick_many};
use crate::errors::{CommandError, ErrorKind};
use std::io;

/// A prompter on the terminal.
#[derive(Debug)]
pub(in crate::ui) struct Clack;

/// The rows beside those of the choices: the question, the end, and some previous output.
const OTHER_ROWS: u16 = 6;

/// The maximum number of choices without a filter: among more, typing is faster than the arrow
/// keys.
const FEW: usize = 10;

/// Returns the number of choices that are visible at once; others are scrolled to.
pub(super) fn visible_rows() -> usize {
    let (rows, _) = console::Term::stderr().size();
    usize::from(rows.saturating_sub(OTHER_ROWS).clamp(3, 20))
}

impl Prompter for Clack {
    fn can_ask(&self) -> bool {
        true
    }

    fn confirm(&self, question: Question<'_>, default: bool) -> Result<bool, CommandError> {
        let mut prompt = cliclack::confirm(wrapped(question.text)).initial_value(default);
        prompt.interact().map_err(|error| unanswered(&error))
    }

    fn text(
        &self,
        question: Question<'_>,
        default: &str,
        check: Check,
    ) -> Result<String, CommandError> {
        let check = move |typed: &String| check(typed);
        let mut prompt = cliclack::input(wrapped(question.text)).validate(check);
        if !default.is_empty() {
            prompt = prompt.default_input(default).placeholder(default);
        }
        prompt.interact().map_err(|error| unanswered(&error))
    }

    fn pick(
        &self,
        question: Question<'_>,
        choices: &[Choice],
        initial: usize,
    ) -> Result<usize, CommandError> {
        let mut prompt = cliclack::select(wrapped(question.text)).max_rows(visible_rows());
        for (position, Choice { label, hint }) in choices.iter().enumerate() {
            prompt = prompt.item(position, label, hint);
        }
        if choices.len() > FEW {
            prompt = prompt.filter_mode();
        }
        prompt.initial_value(initial).interact().map_err(|error| unanswered(&error))
    }

    fn pick_many(
        &self,
        question: Question<'_>,
        choices: &[Choice],
    ) -> Result<Vec<usize>, CommandError> {
        let rows = visible_rows();
        pick_many::ask(&wrapped(question.text), choices, rows).map_err(|error| unanswered(&error))
    }
}

fn unanswered(error: &io::Error) -> CommandError {
    match error.kind() {
        io::ErrorKind::Interrupted => CommandError::cancelled(),
        _ => {
            CommandError::new(ErrorKind::Failed, "prompt-failed", format!("Could not ask: {error}"))
                .hint("answer by options instead: --help lists them")
        }
    }
}
