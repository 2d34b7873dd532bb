//! The condition of a table under which a call is still made.

use super::Facts;

/// What has to be true of a table at the moment of a call; otherwise the call is not made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guard {
    /// It is still the table that the plan was made for: the one with this id.
    pub table_id: Option<String>,
    /// It holds no item.
    pub is_empty: bool,
}

impl Guard {
    /// Returns the condition for deleting a table; `None` when nothing is known of it.
    pub(super) fn of(facts: &Facts) -> Option<Self> {
        let guard =
            Self { table_id: facts.table_id.clone(), is_empty: facts.is_empty == Some(true) };
        (guard != Self::default()).then_some(guard)
    }
}
