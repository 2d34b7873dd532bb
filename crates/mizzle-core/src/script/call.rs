//! The layout of a call of `db`.

use crate::typescript::Doc;
use pretty::{DocAllocator, RcAllocator};

/// Prints `await db.method(argument);`.
pub(super) fn call<'a>(method: &str, argument: Doc<'a>) -> Doc<'a> {
    RcAllocator.text(format!("await db.{method}(")).append(argument).append(RcAllocator.text(");"))
}

/// Prints an object with one property per line.
pub(super) fn object<'a>(properties: impl IntoIterator<Item = Doc<'a>>) -> Doc<'a> {
    let properties = properties.into_iter().map(|property| property.append(RcAllocator.text(",")));
    RcAllocator
        .text("{")
        .append(
            RcAllocator
                .hardline()
                .append(RcAllocator.intersperse(properties, RcAllocator.hardline()))
                .nest(2),
        )
        .append(RcAllocator.hardline())
        .append(RcAllocator.text("}"))
}
