//! Text and bytes. JavaScript passes bytes as strings of one character per byte, which needs no
//! unsafe access to the engine's memory.

use super::set;
use rquickjs::{Ctx, Object, Result, TypedArray};

pub(super) fn add<'js>(host: &Object<'js>) -> Result<()> {
    set(host, "utf8", |ctx: Ctx<'js>, text: String| TypedArray::<u8>::new_copy(ctx, text))?;
    set(host, "fromUtf8", |binary: String, strict: bool| from_utf8(&binary, strict))
}

/// Decodes UTF-8; `None` if `strict` and the bytes are invalid.
fn from_utf8(binary: &str, strict: bool) -> Option<String> {
    let bytes = bytes(binary);
    if strict {
        String::from_utf8(bytes).ok()
    } else {
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// Decodes a binary string to bytes.
pub(super) fn bytes(binary: &str) -> Vec<u8> {
    // Characters above 255 do not occur: the prelude creates these strings from bytes.
    binary.chars().map(|character| (u32::from(character) & 0xFF) as u8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_binary_strings() {
        assert_eq!(bytes("a\u{e4}\u{ff}\0"), [0x61, 0xe4, 0xff, 0]);
        assert_eq!(from_utf8("\u{c3}\u{a4}", true).as_deref(), Some("ä"));
        assert_eq!(from_utf8("\u{ff}", true), None);
        assert_eq!(from_utf8("\u{ff}", false).as_deref(), Some("\u{fffd}"));
    }
}
