//! Our own errors, thrown through JavaScript.
//!
//! A missing module or a syntax error is found outside of the engine, with its location. It is
//! thrown as an exception that evaluated code may catch; if it is not caught, the number on the
//! exception identifies the complete error.
//! the exception carries leads back to the whole of the error.

use crate::error::{EvalError, EvalErrorKind};
use crate::extension::Activity;
use rquickjs::{Ctx, Error, Exception};
use std::cell::RefCell;

/// The errors that were thrown so far.
#[derive(Default)]
pub(super) struct HostErrors(RefCell<Vec<EvalError>>);

impl HostErrors {
    /// Throws an error with a code of Node (or of ours, if Node has none).
    pub(super) fn throw(&self, ctx: &Ctx<'_>, error: EvalError, code: &str) -> Error {
        let number = self.0.borrow().len();
        let thrown = Exception::from_message(ctx.clone(), error.message()).and_then(|exception| {
            exception.set("code", code)?;
            exception.set("mizzleFault", number)?;
            Ok(exception)
        });
        self.0.borrow_mut().push(error);
        match thrown {
            Ok(exception) => exception.throw(),
            Err(error) => error,
        }
    }

    /// Throws for a built-in module that does not exist in Node, or is not available here.
    pub(super) fn throw_missing_node_module(
        &self,
        ctx: &Ctx<'_>,
        name: &str,
        activity: &Activity,
    ) -> Error {
        let error = EvalError::new(
            EvalErrorKind::NotAvailable,
            format!("the module node:{name} is not available while mizzle {}", activity.phrase),
        );
        self.throw(ctx, error, "ERR_UNKNOWN_BUILTIN_MODULE")
    }

    /// Returns the error of that number.
    pub(super) fn get(&self, number: usize) -> Option<EvalError> {
        self.0.borrow().get(number).cloned()
    }
}
