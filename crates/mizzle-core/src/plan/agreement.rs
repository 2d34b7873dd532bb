//! The parts of a plan that need confirmation: one rule for all commands.

use super::{Call, Hazard, Step};
use std::collections::BTreeSet;

/// The parts of a plan that need confirmation, each as its steps in the plan's order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agreement<'a> {
    /// The steps that destroy or throttle something. `--yes` confirms them.
    pub destructive: Vec<&'a Step>,
    /// The destructive steps that delete a table which holds items, or may hold some. They need
    /// `--accept-data-loss`, too.
    pub data_loss: Vec<&'a Step>,
}

impl<'a> Agreement<'a> {
    /// Classifies the steps of a plan, or of several plans that are confirmed together.
    ///
    /// A deletion is free of data loss only if the step's [guard](super::Guard) verifies at the
    /// moment of the call that the table is empty. A step whose table is known not to exist has no
    /// hazards, and needs no confirmation.
    pub fn of(steps: impl IntoIterator<Item = &'a Step>) -> Self {
        let destructive: Vec<&Step> =
            steps.into_iter().filter(|step| step.is_destructive()).collect();
        let data_loss = destructive.iter().copied().filter(|step| step.loses_items()).collect();
        Self { destructive, data_loss }
    }

    /// True if the plan needs no confirmation.
    pub fn is_needless(&self) -> bool {
        self.destructive.is_empty()
    }

    /// Returns the tables that hold items and are deleted, by name.
    pub fn tables_with_items(&self) -> BTreeSet<&'a str> {
        self.data_loss.iter().map(|step| step.table()).collect()
    }
}

impl Step {
    /// True if the step has a hazard that needs confirmation.
    pub fn is_destructive(&self) -> bool {
        self.hazards.iter().any(|hazard| hazard.kind.is_destructive())
    }

    /// True if the step deletes a table with the items that it holds or may hold.
    pub fn loses_items(&self) -> bool {
        let deletes_items = |hazard: &Hazard| hazard.kind.deletes_table();
        let is_certainly_empty = self.guard.as_ref().is_some_and(|guard| guard.is_empty);
        matches!(self.call, Call::DeleteTable(_))
            && self.hazards.iter().any(deletes_items)
            && !is_certainly_empty
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        diff::diff,
        model::{StreamSpecification, StreamViewType, TableDefinition},
        plan::{Context, Facts, plan},
    };
    use std::collections::BTreeMap;

    fn table(name: &str) -> TableDefinition {
        TableDefinition { table_name: name.to_owned(), ..TableDefinition::default() }
    }

    fn context(facts: Facts) -> Context {
        Context { facts: BTreeMap::from([("Shop".to_owned(), facts)]), ..Context::default() }
    }

    #[test]
    fn a_deletion_loses_items_unless_the_table_is_certainly_empty() {
        for (is_empty, loses_items) in [(None, true), (Some(false), true), (Some(true), false)] {
            let facts = Facts { is_empty, ..Facts::default() };
            let plan = plan(&diff([&table("Shop")], []), &context(facts));
            let agreement = Agreement::of(&plan.steps);
            assert_eq!(agreement.destructive.len(), 1, "{is_empty:?}");
            let tables: Vec<&str> = agreement.tables_with_items().into_iter().collect();
            assert_eq!(tables == ["Shop"], loses_items, "{is_empty:?}");
        }
    }

    #[test]
    fn creations_and_harmless_changes_need_no_agreement() {
        let stream = StreamSpecification {
            stream_enabled: true,
            stream_view_type: Some(StreamViewType::NewImage),
        };
        let with_stream = TableDefinition { stream_specification: Some(stream), ..table("Shop") };
        let without = TableDefinition {
            stream_specification: Some(StreamSpecification::DISABLED),
            ..table("Shop")
        };
        let new = plan(&diff([], [&with_stream]), &Context::default());
        assert!(Agreement::of(&new.steps).is_needless());
        let on = plan(&diff([&without], [&with_stream]), &context(Facts::default()));
        assert!(Agreement::of(&on.steps).is_needless());
        let off = plan(&diff([&with_stream], [&without]), &context(Facts::default()));
        let agreement = Agreement::of(&off.steps);
        assert!(!agreement.is_needless() && agreement.data_loss.is_empty());
    }
}
