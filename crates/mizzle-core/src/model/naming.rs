//! Names of a project's tables in an environment.

use std::borrow::Cow;

/// The mapping from a table's name in the schema to its name in an environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableNaming {
    /// The part before the name.
    pub prefix: String,
    /// The part after the name.
    pub suffix: String,
}

impl TableNaming {
    /// True if names are unchanged.
    pub fn is_plain(&self) -> bool {
        self.prefix.is_empty() && self.suffix.is_empty()
    }

    /// Returns the name in the environment: `staging-Shop` for `Shop`.
    pub fn physical<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if self.is_plain() {
            return Cow::Borrowed(name);
        }
        Cow::Owned(format!("{}{name}{}", self.prefix, self.suffix))
    }

    /// Returns the name in the schema; `None` for a table whose name does not match the
    /// environment's naming.
    pub fn logical<'a>(&self, name: &'a str) -> Option<&'a str> {
        let name = name.strip_prefix(self.prefix.as_str())?.strip_suffix(self.suffix.as_str())?;
        (!name.is_empty()).then_some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_there_and_back() {
        let naming = TableNaming { prefix: "staging-".to_owned(), suffix: ".v2".to_owned() };
        assert_eq!(naming.physical("Shop"), "staging-Shop.v2");
        assert_eq!(naming.logical("staging-Shop.v2"), Some("Shop"));
        for other in ["Shop", "staging-Shop", "Shop.v2", "staging-.v2", "staging.v2"] {
            assert_eq!(naming.logical(other), None, "{other}");
        }
        let plain = TableNaming::default();
        assert!(plain.is_plain() && !naming.is_plain());
        assert_eq!(
            (plain.physical("Shop").as_ref(), plain.logical("Shop")),
            ("Shop", Some("Shop"))
        );
    }
}
