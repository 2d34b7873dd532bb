//! Questions, behind a port with three versions: [`Clack`] asks on a terminal, [`Refusing`] stands
//! where there is none and names the flag that answers, and the tests' `Scripted` has its answers
//! ready.

mod clack;
mod pick_many;
mod refusing;
#[cfg(test)]
mod scripted;

pub(super) use clack::Clack;
pub(super) use refusing::Refusing;
#[cfg(test)]
pub(crate) use scripted::{Answer, Scripted};

use super::Ui;
use crate::errors::CommandError;
use mizzle_core::text;
use std::fmt::Debug;

/// A question, with what answers it on the command line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    /// What is asked.
    pub(crate) text: &'a str,
    /// The flag or argument that answers it where nobody can be asked: `--yes`, `--name`.
    pub(crate) flag: &'a str,
}

/// One of several things to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    /// What it is called. What is typed filters by it.
    pub(crate) label: String,
    /// What to know of it, shown beside it.
    pub(crate) hint: String,
}

impl Choice {
    /// A choice with a hint, which may be empty.
    pub(crate) fn new(label: impl Into<String>, hint: impl Into<String>) -> Self {
        let printable = |text: String| text::printable(&text).into_owned();
        Self { label: printable(label.into()), hint: printable(hint.into()) }
    }
}

/// What makes a text an answer; otherwise it says what is wrong with it.
pub(crate) type Check = Box<dyn Fn(&str) -> Result<(), String>>;

/// Somebody, or nobody, to answer questions.
///
/// Every method fails when nobody can be asked, or when the user leaves.
pub(super) trait Prompter: Debug {
    /// Whether anybody can be asked.
    fn can_ask(&self) -> bool;

    /// Yes or no.
    fn confirm(&self, question: Question<'_>, default: bool) -> Result<bool, CommandError>;

    /// A line of text. An empty one stands for `default`; where that is empty too, it is no answer.
    fn text(
        &self,
        question: Question<'_>,
        default: &str,
        check: Check,
    ) -> Result<String, CommandError>;

    /// The position of one of the choices.
    fn pick(
        &self,
        question: Question<'_>,
        choices: &[Choice],
        initial: usize,
    ) -> Result<usize, CommandError>;

    /// The positions of some of the choices, at least one, in their order.
    fn pick_many(
        &self,
        question: Question<'_>,
        choices: &[Choice],
    ) -> Result<Vec<usize>, CommandError>;
}

impl Ui {
    /// Whether questions can be asked.
    pub(crate) fn can_ask(&self) -> bool {
        self.prompter.can_ask()
    }

    /// Asks yes or no; no is the default.
    ///
    /// # Errors
    ///
    /// When nobody can be asked, or the user leaves.
    pub(crate) fn confirm(&self, text: &str, flag: &str) -> Result<bool, CommandError> {
        self.prompter.confirm(Question { text, flag }, false)
    }

    /// Asks yes or no about something that does no harm; yes is the default.
    ///
    /// # Errors
    ///
    /// When nobody can be asked, or the user leaves.
    pub(crate) fn offer(&self, text: &str, flag: &str) -> Result<bool, CommandError> {
        self.prompter.confirm(Question { text, flag }, true)
    }

    /// Asks for a word to be typed, so that nobody agrees by a slip of the finger.
    ///
    /// # Errors
    ///
    /// When nobody can be asked, or the user leaves instead of typing it.
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

    /// Asks for a line of text, with an answer to start from.
    ///
    /// # Errors
    ///
    /// When nobody can be asked, or the user leaves.
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

    /// Asks for one of several things.
    ///
    /// # Errors
    ///
    /// When nobody can be asked, or the user leaves.
    pub(crate) fn pick(
        &self,
        text: &str,
        choices: &[Choice],
        initial: usize,
        flag: &str,
    ) -> Result<usize, CommandError> {
        self.prompter.pick(Question { text, flag }, choices, initial)
    }

    /// Asks for some of several things, at least one; typing filters them.
    ///
    /// # Errors
    ///
    /// When nobody can be asked, or the user leaves.
    pub(crate) fn pick_many(
        &self,
        text: &str,
        choices: &[Choice],
        flag: &str,
    ) -> Result<Vec<usize>, CommandError> {
        self.prompter.pick_many(Question { text, flag }, choices)
    }
}
