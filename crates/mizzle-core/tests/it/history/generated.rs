//! Histories of random tables: generated ones are valid, and modifications are found.

use super::{calls, id, migration, tables};
use crate::states::{any_foundation, contradicts, desired};
use mizzle_core::{
    diff::{TableDiff, diff},
    history::{History, HistoryProblem, HistoryProblemKind, check},
    model::TableDefinition,
    plan::{Call, Context, ContributorInsightsAction, GlobalSecondaryIndexUpdate, plan},
};
use proptest::{prelude::*, sample::Index};

/// Returns two states of a table, of which at most one is absent.
fn any_change() -> impl Strategy<Value = (Vec<TableDefinition>, Vec<TableDefinition>)> {
    (any_foundation(), desired(), desired(), 0..8_usize).prop_filter_map(
        "limits are of a table on demand",
        |(foundation, a, b, what)| {
            let (a, b) = (foundation.under(a), foundation.under(b));
            match what {
                0 => Some((vec![], vec![b])),
                1 => Some((vec![a], vec![])),
                _ => (!contradicts(&a, &b)).then(|| (vec![a], vec![b])),
            }
        },
    )
}

/// Returns the problems of a history whose calls lead from one state to the other.
fn problems(a: &[TableDefinition], b: &[TableDefinition], calls: &[Call]) -> Vec<HistoryProblem> {
    let first = migration(1, None, self::calls(&[], a), a);
    let second = migration(2, id(&first), calls.to_vec(), b);
    check(&History { baseline: None, migrations: vec![first, second], schema: tables(b) })
}

proptest! {
    #[test]
    fn what_is_generated_is_sound((a, b) in any_change()) {
        let plan = plan(&diff(&a, &b), &Context::default());
        // Warm throughput that would have to be lowered.
        prop_assume!(plan.blocked.is_empty());
        let calls: Vec<Call> = plan.steps.into_iter().map(|step| step.call).collect();
        prop_assert_eq!(problems(&a, &b, &calls), []);
    }

    /// A missing call is found, unless its effect may already be there.
    #[test]
    fn a_call_too_few_is_found((a, b) in any_change(), at in any::<Index>()) {
        let plan = plan(&diff(&a, &b), &Context::default());
        prop_assume!(plan.blocked.is_empty() && !plan.steps.is_empty());
        let mut calls: Vec<Call> = plan.steps.into_iter().map(|step| step.call).collect();
        let removed = calls.remove(at.index(calls.len()));
        let found = problems(&a, &b, &calls);
        prop_assert!(!found.is_empty() || only_makes_sure(&removed, &a, &b), "{:?}", removed);
        for problem in found {
            prop_assert!(matches!(
                problem.kind,
                HistoryProblemKind::RefusedCall | HistoryProblemKind::WrongSnapshot
            ), "{:?}", problem);
            prop_assert_eq!(problem.file, "0002_two.ts");
        }
    }

    #[test]
    fn a_snapshot_is_sound_by_itself((a, _) in any_change()) {
        prop_assert_eq!(problems(&a, &a, &[]), []);
    }

    /// A script of other calls has another result, unless both states are the same in all managed
    /// settings.
    #[test]
    fn the_script_of_another_change_is_found(
        foundation in any_foundation(),
        [a, b, c] in [desired(), desired(), desired()],
    ) {
        let [a, b, c] = [a, b, c].map(|table| foundation.under(table));
        let plan = plan(&diff([&a], [&b]), &Context::default());
        if contradicts(&a, &b) || contradicts(&b, &c) || !plan.blocked.is_empty() {
            return Ok(());
        }
        let structure = |table: &TableDefinition| table.structure();
        prop_assume!(!diff([&structure(&b)], [&structure(&c)]).is_empty());
        let calls: Vec<Call> = plan.steps.into_iter().map(|step| step.call).collect();
        let found = problems(std::slice::from_ref(&a), std::slice::from_ref(&c), &calls);
        prop_assert_eq!(found.len(), 1);
        let left = diff([&structure(&b)], [&structure(&c)]);
        let lines = left.tables.iter().flat_map(TableDiff::details);
        for line in lines {
            prop_assert!(found[0].message.contains(&line), "{} is not in {}", line, found[0].message);
        }
    }
}

/// True if a call sets only values that the first state leaves unmanaged, and that may already be
/// set.
fn only_makes_sure(call: &Call, a: &[TableDefinition], b: &[TableDefinition]) -> bool {
    let ([a], [b]) = (a, b) else { return false };
    let request = match call {
        Call::UpdateTable(request) => request,
        Call::UpdateContinuousBackups(_) => {
            let present = a.point_in_time_recovery_specification;
            return present.is_none_or(|present| present.recovery_period_in_days.is_none());
        }
        Call::DeleteResourcePolicy(_) => return a.resource_policy.is_none(),
        Call::UpdateContributorInsights(update) => {
            let insights = a.contributor_insights.clone().unwrap_or_default();
            let is_open = match &update.index_name {
                None => insights.table.is_none(),
                Some(index) => !insights.indexes.contains_key(index),
            };
            return is_open
                && update.contributor_insights_action == ContributorInsightsAction::Disable;
        }
        _ => return false,
    };
    let is_open_of_index = |update: &GlobalSecondaryIndexUpdate| {
        let GlobalSecondaryIndexUpdate::Update(update) = update else { return false };
        let Some(index) = a.global_index(&update.index_name) else { return false };
        (update.provisioned_throughput.is_none()
            || index.provisioned_throughput.is_none()
            || index.autoscaled)
            && (update.on_demand_throughput.is_none() || index.on_demand_throughput.is_none())
            && (update.warm_throughput.is_none() || index.warm_throughput.is_none())
    };
    let key = |table: &TableDefinition| {
        let key = table.sse_specification.clone()?.kms_master_key_id?;
        key.rsplit('/').next().map(str::to_owned)
    };
    (request.billing_mode.is_none() || a.billing_mode.is_none())
        && (request.billing_mode.is_some()
            || request.provisioned_throughput.is_none()
            || a.provisioned_throughput.is_none()
            || a.autoscaled)
        && (request.on_demand_throughput.is_none() || a.on_demand_throughput.is_none())
        && (request.warm_throughput.is_none() || a.warm_throughput.is_none())
        && (request.stream_specification.is_none() || a.stream_specification.is_none())
        && (request.sse_specification.is_none()
            || a.sse_specification.is_none()
            || (key(a).is_some() && key(a) == key(b)))
        && (request.table_class.is_none() || a.table_class.is_none())
        && (request.deletion_protection_enabled.is_none()
            || a.deletion_protection_enabled.is_none())
        && request.global_secondary_index_updates.iter().all(is_open_of_index)
}
