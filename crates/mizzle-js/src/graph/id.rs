//! The names of modules in the engine.

use std::fmt;
use std::path::{Path, PathBuf};

/// The engine's name for a module: in its cache, and in the stacks of exceptions.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ModuleId {
    /// A file; its absolute path.
    File(PathBuf),
    /// A built-in module of Node, without the `node:`.
    Node(String),
    /// A stand-in for a package that is never loaded; its specifier. Written as `sdk:`.
    StandIn(String),
    /// An installed module in its wrapper; the file of its specifier. Written as `orm:`.
    Wrapped(PathBuf),
    /// A module of the program itself: one of the extension, the entry. Written as `mizzle:`.
    Own(String),
}

impl ModuleId {
    /// Parses the output of [`fmt::Display`].
    pub fn parse(text: &str) -> Self {
        match text.split_once(':') {
            Some(("node", name)) => Self::Node(name.to_owned()),
            Some(("sdk", name)) => Self::StandIn(name.to_owned()),
            Some(("orm", path)) => Self::Wrapped(path.into()),
            Some(("mizzle", name)) => Self::Own(name.to_owned()),
            // `C:\…` is a path too.
            _ => Self::File(text.into()),
        }
    }

    /// Returns the path if the module is a file.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Node(_) | Self::StandIn(_) | Self::Wrapped(_) | Self::Own(_) => None,
        }
    }
}

impl fmt::Display for ModuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Node(name) => write!(f, "node:{name}"),
            Self::StandIn(name) => write!(f, "sdk:{name}"),
            Self::Wrapped(path) => write!(f, "orm:{}", path.display()),
            Self::Own(name) => write!(f, "mizzle:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_back() {
        for text in [
            "/a/b.ts",
            "C:\\a\\b.ts",
            "node:fs/promises",
            "sdk:@aws-sdk/client-dynamodb",
            "orm:/a/node_modules/mizzle/index.js",
            "orm:C:\\mizzle\\index.js",
            "mizzle:orm/index",
        ] {
            assert_eq!(ModuleId::parse(text).to_string(), text);
        }
        assert_eq!(ModuleId::parse("C:\\a.ts"), ModuleId::File("C:\\a.ts".into()));
    }
}
