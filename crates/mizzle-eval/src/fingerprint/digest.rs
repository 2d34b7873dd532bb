//! Encodes a syntax tree as bytes; different trees have different bytes.
//!
//! The tree is read once and never held as a whole: for a script that creates thousands of tables
//! it takes a hundred times the memory of the text. Only the bytes read so far are kept, and the
//! few facts about each node that affect the encoding of its parent. A long list (of statements, as
//! a rule) is represented by its digest.

use super::imports::ASKING;
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

/// The length of a list, in bytes, above which its digest represents it.
const LONGEST_LIST: usize = 64 << 10;

/// The bytes of a tree.
pub(super) struct Canonical {
    pub(super) bytes: Vec<u8>,
    /// True if the tree imports other files, or may do so.
    pub(super) asks: bool,
}

/// Reads a syntax tree, as text or as a value.
pub(super) fn canonical<'de, D: Deserializer<'de>>(tree: D) -> Result<Canonical, D::Error> {
    let asks = Cell::new(false);
    let Piece { bytes, .. } = Reader { asks: &asks }.deserialize(tree)?;
    Ok(Canonical { bytes, asks: asks.get() })
}

/// Adds a text with its length, so that its end is unambiguous.
pub(super) fn add_text(bytes: &mut Vec<u8>, tag: u8, text: &str) {
    bytes.push(tag);
    bytes.extend((text.len() as u64).to_be_bytes());
    bytes.extend(text.as_bytes());
}

/// A part of the tree.
struct Piece {
    bytes: Vec<u8>,
    shape: Shape,
}

impl Piece {
    fn of(bytes: &[u8], shape: Shape) -> Self {
        Self { bytes: bytes.to_vec(), shape }
    }

    /// Returns the text of a [`Shape::Text`].
    fn text(&self) -> Option<&str> {
        const HEAD: usize = 1 + size_of::<u64>();
        matches!(self.shape, Shape::Text).then(|| str::from_utf8(self.bytes.get(HEAD..)?).ok())?
    }
}

/// The facts about a part that affect the encoding of its parent.
enum Shape {
    /// `null`, `false`, an empty list: the default value of a field.
    Default,
    True,
    Text,
    Node(Node),
    Other,
}

/// The facts about a node that affect the encoding of its parent.
#[derive(Default)]
struct Node {
    /// The name of an identifier, or the text of a string: the possible name of a property.
    name: Option<Box<str>>,
    is_identifier: bool,
    /// True for a statement without effect: a lone semicolon, or the `export {}` that replaces
    /// imports of types.
    does_nothing: bool,
}

#[derive(Clone, Copy)]
struct Reader<'a> {
    asks: &'a Cell<bool>,
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Piece;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Piece, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Piece;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a syntax tree")
    }

    fn visit_unit<E: Error>(self) -> Result<Piece, E> {
        Ok(Piece::of(b"n", Shape::Default))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Piece, E> {
        Ok(if value { Piece::of(b"t", Shape::True) } else { Piece::of(b"f", Shape::Default) })
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Piece, E> {
        let mut bytes = vec![b'd'];
        bytes.extend(number.to_bits().to_be_bytes());
        Ok(Piece { bytes, shape: Shape::Other })
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers of JavaScript are of this kind")]
    fn visit_u64<E: Error>(self, number: u64) -> Result<Piece, E> {
        self.visit_f64(number as f64)
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers of JavaScript are of this kind")]
    fn visit_i64<E: Error>(self, number: i64) -> Result<Piece, E> {
        self.visit_f64(number as f64)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Piece, E> {
        let mut bytes = Vec::with_capacity(text.len() + 9);
        add_text(&mut bytes, b's', text);
        Ok(Piece { bytes, shape: Shape::Text })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Piece, A::Error> {
        let mut bytes = vec![b'['];
        let mut is_empty = true;
        let mut long: Option<Sha256> = None;
        while let Some(item) = items.next_element_seed(self)? {
            is_empty = false;
            if !matches!(item.shape, Shape::Node(Node { does_nothing: true, .. })) {
                bytes.extend(item.bytes);
            }
            if bytes.len() > LONGEST_LIST {
                long.get_or_insert_default().update(&bytes);
                bytes.clear();
            }
        }
        bytes.push(b']');
        if let Some(mut long) = long {
            long.update(&bytes);
            bytes = [b"h", long.finalize().as_slice()].concat();
        }
        Ok(Piece { bytes, shape: if is_empty { Shape::Default } else { Shape::Other } })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Piece, A::Error> {
        let mut fields = Fields(Vec::new());
        while let Some(Name(name)) = map.next_key::<Name<'de>>()? {
            fields.0.push((name, map.next_value_seed(self)?));
        }
        if fields.ask() {
            self.asks.set(true);
        }
        Ok(fields.into_piece())
    }
}

/// The name of a field, borrowed if possible.
#[derive(Deserialize)]
#[serde(transparent)]
struct Name<'t>(#[serde(borrow)] Cow<'t, str>);

/// The fields of a node.
struct Fields<'de>(Vec<(Cow<'de, str>, Piece)>);

impl Fields<'_> {
    fn get(&self, name: &str) -> Option<&Piece> {
        self.0.iter().find(|(field, _)| field == name).map(|(_, piece)| piece)
    }

    fn kind(&self) -> Option<&str> {
        self.get("type")?.text()
    }

    /// True if a field exists and differs from its default.
    fn says(&self, name: &str) -> bool {
        self.get(name).is_some_and(|piece| !matches!(piece.shape, Shape::Default))
    }

    /// True if a field is part of the digest.
    fn counts(&self, name: &str) -> bool {
        match name {
            "start" | "end" | "range" | "loc" | "hashbang" => false,
            // The spelling; in a template it is part of the value.
            "raw" => self.get("cooked").is_some(),
            // `null` and `false` are literals too.
            "value" => self.says(name) || self.kind() == Some("Literal"),
            _ => self.says(name),
        }
    }

    /// True if the node imports another file.
    fn ask(&self) -> bool {
        match self.kind() {
            Some(kind) if ASKING.contains(&kind) => self.says("source"),
            Some("CallExpression") => self.get("callee").is_some_and(|callee| {
                matches!(&callee.shape, Shape::Node(Node { name: Some(name), is_identifier: true, .. }) if **name == *"require")
            }),
            _ => false,
        }
    }

    fn node(&self) -> Node {
        let kind = self.kind();
        let named_by = match kind {
            Some("Identifier") => self.get("name"),
            Some("Literal") => self.get("value"),
            _ => None,
        };
        let does_nothing = match kind {
            Some("EmptyStatement") => true,
            Some("ExportNamedDeclaration") => {
                !["declaration", "source", "specifiers"].iter().any(|field| self.says(field))
            }
            _ => false,
        };
        Node {
            name: named_by.and_then(Piece::text).map(Into::into),
            is_identifier: kind == Some("Identifier"),
            does_nothing,
        }
    }

    fn into_piece(mut self) -> Piece {
        let node = self.node();
        let is_computed = matches!(self.get("computed"), Some(Piece { shape: Shape::True, .. }));
        let counted: Vec<bool> = self.0.iter().map(|(name, _)| self.counts(name)).collect();
        let mut counted = counted.into_iter();
        self.0.retain(|_| counted.next() == Some(true));
        self.0.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut bytes = vec![b'{'];
        for (field, piece) in self.0 {
            add_text(&mut bytes, b'k', &field);
            match piece.shape {
                // The name of a property, which may be quoted or not.
                Shape::Node(Node { name: Some(name), .. }) if field == "key" && !is_computed => {
                    add_text(&mut bytes, b'p', &name);
                }
                _ => bytes.extend(piece.bytes),
            }
        }
        bytes.push(b'}');
        Piece { bytes, shape: Shape::Node(node) }
    }
}
