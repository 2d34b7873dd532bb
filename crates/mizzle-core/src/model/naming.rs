//! What an environment calls the tables of a project.

use std::borrow::Cow;

/// How the name of a table in the schema becomes its name in an environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableNaming {
    /// What comes before the name.
    pub prefix: String,
    /// What comes after it.
    pub suffix: String,
}

impl TableNaming {
    /// Whether names stay as they are.
    pub fn is_plain(&self) -> bool {
        self.prefix.is_empty() && self.suffix.is_empty()
    }

    /// The name in the environment: `Shop` is `staging-Shop`.
    pub fn physical<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if self.is_plain() {
            return Cow::Borrowed(name);
        }
        Cow::Owned(format!("{}{name}{}", self.prefix, self.suffix))
    }

    /// The name in the schema; `None` for a table that is not named like one of the environment.
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
