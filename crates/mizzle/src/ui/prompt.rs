//! Questions. Without a terminal every question is an error that names the flag which answers it.

use super::Ui;
use crate::error::{CommandError, ErrorKind};
use std::io;

impl Ui {
    /// Asks yes or no; no is the default.
    ///
    /// # Errors
    ///
    /// When nobody can be asked, or the user cancels.
    pub(crate) fn confirm(&self, question: &str, flag: &str) -> Result<bool, CommandError> {
        self.expect_somebody(question, flag)?;
        cliclack::confirm(question)
            .initial_value(false)
            .interact()
            .map_err(|error| cancelled(&error))
    }

    /// Asks for a line of text, with an answer to start from.
    ///
    /// # Errors
    ///
    /// When nobody can be asked, or the user cancels.
    pub(crate) fn text(
        &self,
        question: &str,
        default: &str,
        flag: &str,
    ) -> Result<String, CommandError> {
        self.expect_somebody(question, flag)?;
        cliclack::input(question)
            .default_input(default)
            .placeholder(default)
            .interact()
            .map_err(|error| cancelled(&error))
    }

    fn expect_somebody(&self, question: &str, flag: &str) -> Result<(), CommandError> {
        if self.can_ask() {
            return Ok(());
        }
        Err(CommandError::new(
            ErrorKind::Refused,
            "needs-confirmation",
            format!("Nobody is there to answer: {question}"),
        )
        .hint(format!("answer with {flag}")))
    }
}

fn cancelled(error: &io::Error) -> CommandError {
    match error.kind() {
        io::ErrorKind::Interrupted => CommandError::cancelled(),
        _ => CommandError::new(ErrorKind::Failed, "terminal", format!("Could not ask: {error}")),
    }
}
