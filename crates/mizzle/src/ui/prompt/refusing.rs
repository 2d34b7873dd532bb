//! A prompter without a terminal: every question is an error that names the flag which answers it.

use super::{Check, Choice, Prompter, Question};
use crate::errors::{CommandError, ErrorKind};

/// A prompter that refuses every question.
#[derive(Debug)]
pub(in crate::ui) struct NonInteractive;

fn refuse<T>(question: Question<'_>) -> Result<T, CommandError> {
    let Question { text, flag } = question;
    let message = format!("No terminal to ask on: {text}");
    Err(CommandError::new(ErrorKind::Refused, "needs-confirmation", message)
        .hint(format!("answer with {flag}")))
}

impl Prompter for NonInteractive {
    fn can_ask(&self) -> bool {
        false
    }

    fn confirm(&self, question: Question<'_>, _: bool) -> Result<bool, CommandError> {
        refuse(question)
    }

    fn text(&self, question: Question<'_>, _: &str, _: Check) -> Result<String, CommandError> {
        refuse(question)
    }

    fn pick(&self, question: Question<'_>, _: &[Choice], _: usize) -> Result<usize, CommandError> {
        refuse(question)
    }

    fn pick_many(&self, question: Question<'_>, _: &[Choice]) -> Result<Vec<usize>, CommandError> {
        refuse(question)
    }
}
