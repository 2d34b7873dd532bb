//! Questions, behind a port with three implementations: [`Clack`] asks on a terminal, [`NonInteractive`]
//! fails without one and names the flag that answers, and the tests' `Scripted` has prepared
//! answers.

mod clack;
mod pick_many;
mod refusing;
#[cfg(test)]
mod scripted;

pub(super) use clack::Clack;
pub(super) use refusing::NonInteractive;
#[cfg(test)]
pub(crate) use scripted::{Answer, Scripted};

use super::Ui;
use crate::errors::CommandError;
use mizzle_core::text;
use std::fmt::Debug;

/// A question, and the flag that answers it on the command line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    /// The text of the question.
    pub(crate) text: &'a str,
    /// The flag or argument that answers it without a terminal: `--yes`, `--name`.
    pub(crate) flag: &'a str,
}

/// One of several choices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    /// The label. Typing filters by it.
    pub(crate) label: String,
    /// Details, shown beside the label.
    pub(crate) hint: String,
}

impl Choice {
    /// Creates a choice with a hint, which may be empty.
    pub(crate) fn new(label: impl Into<String>, hint: impl Into<String>) -> Self {
        let printable = |text: String| text::printable(&text).into_owned();
        Self { label: printable(label.into()), hint: printable(hint.into()) }
    }
}

/// A validation of a typed text; the error is the problem.
pub(crate) type Check = Box<dyn Fn(&str) -> Result<(), String>>;

/// A port for answers to questions.
///
/// Every method fails if questions cannot be asked, or the user cancels.
pub(super) trait Prompter: Debug {
    /// True if questions can be asked.
    fn can_ask(&self) -> bool;

    /// Asks yes or no.
    fn confirm(&self, question: Question<'_>, default: bool) -> Result<bool, CommandError>;

    /// Asks for a line of text. An empty one stands for `default`; if that is empty too, it is no
    /// answer.
    fn text(
        &self,
        question: Question<'_>,
        default: &str,
        check: Check,
    ) -> Result<String, CommandError>;

    /// Asks for one of the choices. Returns its position.
    fn pick(
        &self,
        question: Question<'_>,
        choices: &[Choice],
        initial: usize,
    ) -> Result<usize, CommandError>;

    /// Asks for one or more of the choices. Returns their positions in order.
    fn pick_many(
        &self,
        question: Question<'_>,
        choices: &[Choice],
    ) -> Result<Vec<usize>, CommandError>;
}

impl Ui {
    /// True if questions can be asked.
    pub(crate) fn can_ask(&self) -> bool {
        self.prompter.can_ask()
    }

    /// Asks yes or no; no is the default.
    ///
    /// # Errors
    ///
    /// When questions cannot be asked, or the user cancels.
    pub(crate) fn confirm(&self, text: &str, flag: &str) -> Result<bool, CommandError> {
        self.prompter.confirm(Question { text, flag }, false)
    }

    /// Asks yes or no about a harmless action; yes is the default.
    ///
    /// # Errors
    ///
    /// When questions cannot be asked, or the user cancels.
    pub(crate) fn offer(&self, text: &str, flag: &str) -> Result<bool, CommandError> {
        self.prompter.confirm(Question { text, flag }, true)
    }

    /// Asks the user to type a word, so that nothing is confirmed by mistake.
    ///
    /// # Errors
    ///
    /// When questions cannot be asked, or the user cancels.
    pub(crate) fn confirm_by_typing(
        &self,
        text: &str,
        word: &str,
        flag: &str,
    ) -> Result<(), CommandError> {
        let wanted = word.to_owned();
        let check = Box::new(move |typed: &str| match typed.trim() == wanted {
            true => Ok(()),
            false => Err(format!("type {wanted} to agree, or press Esc to leave")),
        });
        self.prompter.text(Question { text, flag }, "", check).map(drop)
    }

    /// Asks for a line of text, with a default answer.
    ///
    /// # Errors
    ///
    /// When questions cannot be asked, or the user cancels.
    pub(crate) fn text(
        &self,
        text: &str,
        default: &str,
        flag: &str,
        check: impl Fn(&str) -> Result<(), String> + 'static,
    ) -> Result<String, CommandError> {
        let answer = self.prompter.text(Question { text, flag }, default, Box::new(check))?;
        Ok(answer.trim().to_owned())
    }

    /// Asks for one of several choices.
    ///
    /// # Errors
    ///
    /// When questions cannot be asked, or the user cancels.
    pub(crate) fn pick(
        &self,
        text: &str,
        choices: &[Choice],
        initial: usize,
        flag: &str,
    ) -> Result<usize, CommandError> {
        self.prompter.pick(Question { text, flag }, choices, initial)
    }

    /// Asks for one or more of several choices; typing filters them.
    ///
    /// # Errors
    ///
    /// When questions cannot be asked, or the user cancels.
    pub(crate) fn pick_many(
        &self,
        text: &str,
        choices: &[Choice],
        flag: &str,
    ) -> Result<Vec<usize>, CommandError> {
        self.prompter.pick_many(Question { text, flag }, choices)
    }
}
