//! A prompter for tests, with prepared answers and a record of the questions.

use super::{Check, Choice, Prompter, Question};
use crate::errors::CommandError;
use std::{cell::RefCell, collections::VecDeque, rc::Rc};

/// An answer to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Yes or no.
    Is(bool),
    /// A typed line; an empty one takes the default.
    Typed(&'static str),
    /// The choice with this label.
    Picked(&'static str),
    /// The choices with these labels.
    PickedMany(&'static [&'static str]),
    /// The default answer.
    Default,
    /// Esc.
    Leave,
}

/// A prompter that returns its answers one after another. A question that does not match its
/// answer, or has none, fails the test.
#[derive(Debug, Clone)]
pub(crate) struct Scripted {
    answers: Rc<RefCell<VecDeque<Answer>>>,
    asked: Rc<RefCell<Vec<String>>>,
}

impl Scripted {
    /// Creates a prompter with these answers.
    pub(crate) fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { answers: Rc::new(RefCell::new(answers.into_iter().collect())), asked: Rc::default() }
    }

    /// Returns the questions so far. Panics if an answer is left.
    pub(crate) fn asked(&self) -> Vec<String> {
        assert_eq!(*self.answers.borrow(), [], "questions that were never asked");
        self.asked.borrow().clone()
    }

    fn next(&self, question: Question<'_>) -> Result<Answer, CommandError> {
        self.asked.borrow_mut().push(question.text.to_owned());
        match self.answers.borrow_mut().pop_front() {
            Some(Answer::Leave) => Err(CommandError::cancelled()),
            Some(answer) => Ok(answer),
            None => panic!("nobody expects {question:?}"),
        }
    }
}

fn position(choices: &[Choice], label: &str) -> usize {
    let found = choices.iter().position(|choice| choice.label == label);
    found.unwrap_or_else(|| panic!("{label:?} is none of {choices:?}"))
}

impl Prompter for Scripted {
    fn can_ask(&self) -> bool {
        true
    }

    fn confirm(&self, question: Question<'_>, default: bool) -> Result<bool, CommandError> {
        match self.next(question)? {
            Answer::Is(answer) => Ok(answer),
            Answer::Default => Ok(default),
            other => panic!("{other:?} does not answer {question:?}"),
        }
    }

    fn text(
        &self,
        question: Question<'_>,
        default: &str,
        check: Check,
    ) -> Result<String, CommandError> {
        let text = match self.next(question)? {
            Answer::Typed(text) if !text.is_empty() => text,
            Answer::Typed(_) | Answer::Default => default,
            other => panic!("{other:?} does not answer {question:?}"),
        };
        if let Err(problem) = check(text) {
            panic!("{text:?} is not accepted by {question:?}: {problem}");
        }
        Ok(text.to_owned())
    }

    fn pick(
        &self,
        question: Question<'_>,
        choices: &[Choice],
        initial: usize,
    ) -> Result<usize, CommandError> {
        match self.next(question)? {
            Answer::Picked(label) => Ok(position(choices, label)),
            Answer::Default => Ok(initial),
            other => panic!("{other:?} does not answer {question:?}"),
        }
    }

    fn pick_many(
        &self,
        question: Question<'_>,
        choices: &[Choice],
    ) -> Result<Vec<usize>, CommandError> {
        match self.next(question)? {
            Answer::PickedMany(labels) => {
                Ok(labels.iter().map(|label| position(choices, label)).collect())
            }
            other => panic!("{other:?} does not answer {question:?}"),
        }
    }
}
