//! The condition of a table under which a call is still made.

use super::Facts;

/// The conditions on a table at the moment of a call; otherwise the call is not made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guard {
    /// The table's ID is still that of the plan.
    pub table_id: Option<String>,
    /// The table holds no item.
    pub is_empty: bool,
}

impl Guard {
    /// Returns the condition for deleting a table; `None` if nothing is known about it.
    pub(super) fn of(facts: &Facts) -> Option<Self> {
        let guard =
            Self { table_id: facts.table_id.clone(), is_empty: facts.is_empty == Some(true) };
        (guard != Self::default()).then_some(guard)
    }
}
