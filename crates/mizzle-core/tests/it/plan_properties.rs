//! Properties of all plans, on the simulator: a plan is accepted, reaches the desired state, also
//! after any interruption, and changes no other setting.

pub(crate) mod expectations;

use crate::{
    fake::{Fake, Fault, ManualClock, asked},
    states::{NAME, any_foundation, any_table, contradicts, desired, shuffled},
};
use expectations::{cools, created, dropped, fixed, hazards_of, projected, unmanaged_is_kept};
use mizzle_core::{
    apply::{Event, Observer, Options, Report, ServiceErrorKind, apply},
    diff::{Diff, TableDiff, diff},
    model::{
        AuxiliarySettings, GlobalSecondaryIndex, TableDefinition,
        rules::{MAX_GLOBAL_INDEXES, MAX_PROJECTED_PER_TABLE},
    },
    plan::{Call, Context, Facts, HazardKind, Plan, Simulator, Step, plan},
};
use proptest::{
    prelude::*,
    sample::{Index, select},
};
use std::collections::BTreeSet;
use tokio_util::sync::CancellationToken;

fn difference(simulator: &Simulator, desired: &[TableDefinition]) -> Diff {
    let present: Vec<TableDefinition> = simulator
        .tables()
        .filter_map(|name| {
            let table = simulator.describe(name)?;
            Some(match desired.iter().find(|desired| desired.table_name == name) {
                Some(desired) => {
                    asked(table, AuxiliarySettings::managed_by(desired)).compared_with(desired)
                }
                None => asked(table, AuxiliarySettings::NONE).definition,
            })
        })
        .collect();
    diff(&present, desired)
}

/// Returns the plan of `push` for the present tables. It reads the managed settings, and all
/// settings of a table that has to be replaced.
fn push(simulator: &Simulator, desired: &[TableDefinition], accept_data_loss: bool) -> Plan {
    let mut diff = difference(simulator, desired);
    let mut context = Context { accept_data_loss, ..Context::default() };
    for name in simulator.tables() {
        let wanted = desired.iter().find(|desired| desired.table_name == name);
        let extras = wanted.map_or(AuxiliarySettings::NONE, AuxiliarySettings::managed_by);
        let facts = simulator.describe(name).map(|table| Facts::of(&asked(table, extras)));
        context.facts.extend(facts.map(|facts| (name.to_owned(), facts)));
    }
    for table in &mut diff.tables {
        if let TableDiff::Update(update) = table
            && update.needs_replacement()
        {
            let whole = simulator.describe(&update.after.table_name).unwrap();
            update.before = whole.compared_with(&update.after);
            let facts = context.facts.get_mut(&update.after.table_name).unwrap();
            facts.is_empty = Some(whole.item_count == Some(0));
        }
    }
    plan(&diff, &context)
}

/// Returns a server with one table: `definition` with defaults, and a number of items.
fn remote(definition: &TableDefinition, items: u64) -> Simulator {
    let mut simulator = Simulator::holding([definition.clone()]);
    simulator.put_items(NAME, items);
    simulator
}

fn present(simulator: &Simulator) -> TableDefinition {
    simulator.describe(NAME).unwrap().definition
}

/// Returns two states of one table; the first can be changed to the second in place.
fn in_place() -> impl Strategy<Value = (TableDefinition, TableDefinition)> {
    (any_foundation(), desired(), desired())
        .prop_map(|(foundation, a, b)| (foundation.under(a), foundation.under(b)))
        .prop_filter("limits are of a table on demand", |(a, b)| !contradicts(a, b))
}

fn words(plan: &Plan) -> String {
    let steps = plan.steps.iter().map(|step| format!("{} {}", step.id, step.call.input()));
    steps.collect::<Vec<_>>().join("\n")
}

fn run(simulator: &mut Simulator, plan: &Plan) -> Result<(), TestCaseError> {
    simulator.run(plan).map_err(|halt| TestCaseError::fail(format!("{halt} of\n{}", words(plan))))
}

/// Runs the first steps of a plan.
fn run_some(simulator: &mut Simulator, plan: &Plan, steps: usize) -> Result<(), TestCaseError> {
    let some = Plan { steps: plan.steps[..steps].to_vec(), ..Plan::default() };
    run(simulator, &some)
}

fn reached(simulator: &Simulator, desired: &TableDefinition) -> Result<(), TestCaseError> {
    let desired = std::slice::from_ref(desired);
    let left = difference(simulator, desired);
    let left: Vec<String> = left.tables.iter().flat_map(TableDiff::details).collect();
    prop_assert_eq!(left, [""; 0]);
    prop_assert_eq!(push(simulator, desired, true), Plan::default());
    Ok(())
}

/// An observer that ignores all events.
struct Deaf;

impl Observer for Deaf {
    fn event(&self, _: &Event<'_>) {}
}

pub(crate) fn execute(fake: &Fake, plan: &Plan) -> Report {
    let (clock, stop, options) =
        (ManualClock::default(), CancellationToken::new(), Options::default());
    pollster::block_on(apply(plan, fake, &clock, &Deaf, &stop, options))
}

/// Returns a fault that is temporary, or only seems to be a failure.
fn any_fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        1 => select(vec![
            ServiceErrorKind::Throttled,
            ServiceErrorKind::LimitExceeded,
            ServiceErrorKind::InUse,
            ServiceErrorKind::Interrupted,
            ServiceErrorKind::Server,
        ])
        .prop_map(Fault::Refused),
        1 => Just(Fault::AnswerLost),
    ]
}

fn replaces(step: &Step) -> bool {
    step.hazards.iter().any(|hazard| hazard.kind == HazardKind::ReplacesTable)
}

proptest! {
    #[test]
    fn a_plan_is_accepted_leads_to_the_desired_state_and_touches_nothing_else(
        (a, b) in in_place(),
        items in prop_oneof![Just(0_u64), Just(1000)],
    ) {
        let mut simulator = remote(&a, items);
        let before = present(&simulator);
        let plan = push(&simulator, std::slice::from_ref(&b), false);
        prop_assert_eq!(&plan.blocked, &[]);
        run(&mut simulator, &plan)?;
        reached(&simulator, &b)?;
        unmanaged_is_kept(&before, &present(&simulator), &b)?;
        prop_assert_eq!(simulator.describe(NAME).unwrap().item_count, Some(items));
    }

    #[test]
    fn planning_again_after_a_crash_leads_to_the_desired_state(
        (a, b) in in_place(),
        stop in any::<Index>(),
        is_filling in any::<bool>(),
    ) {
        let mut simulator = remote(&a, 1000);
        let first = push(&simulator, std::slice::from_ref(&b), false);
        let done = stop.index(first.steps.len() + 1);
        run_some(&mut simulator, &first, done)?;
        let settled = simulator.clone();
        // The call in progress at the time of the crash completes by itself.
        if let Some(step) = first.steps.get(done) {
            simulator.call(&step.call).map_err(|refusal| TestCaseError::fail(refusal.to_string()))?;
            if is_filling {
                simulator.start_backfill(NAME);
            }
            simulator.settle(NAME);
        }
        for mut simulator in [settled, simulator] {
            let second = push(&simulator, std::slice::from_ref(&b), false);
            run(&mut simulator, &second)?;
            reached(&simulator, &b)?;
        }
    }

    #[test]
    fn a_changed_mind_after_a_crash_leads_to_the_new_desired_state(
        foundation in any_foundation(),
        [a, b, c] in [desired(), desired(), desired()],
        stop in any::<Index>(),
    ) {
        let [a, b, c] = [a, b, c].map(|table| foundation.under(table));
        prop_assume!(!contradicts(&a, &b) && !contradicts(&a, &c) && !contradicts(&b, &c));
        let mut simulator = remote(&a, 1000);
        let first = push(&simulator, std::slice::from_ref(&b), false);
        let done = stop.index(first.steps.len() + 1);
        run_some(&mut simulator, &first, done)?;
        if let Some(step) = first.steps.get(done) {
            simulator.call(&step.call).map_err(|refusal| TestCaseError::fail(refusal.to_string()))?;
            simulator.start_backfill(NAME);
            let table = simulator.describe(NAME).unwrap();
            // An index that is no longer wanted is not waited for.
            if !table.is_settled_without(|index| c.global_index(index).is_none()) {
                simulator.settle(NAME);
            }
        }
        let second = push(&simulator, std::slice::from_ref(&c), false);
        run(&mut simulator, &second)?;
        reached(&simulator, &c)?;
    }

    #[test]
    fn nothing_that_the_service_answers_differs_from_itself(
        (a, b) in in_place(),
        seed in any::<u64>(),
    ) {
        let mut simulator = remote(&a, 0);
        let plan = push(&simulator, std::slice::from_ref(&b), false);
        let mut answers = vec![present(&simulator)];
        for step in &plan.steps {
            simulator.call(&step.call).map_err(|refusal| TestCaseError::fail(refusal.to_string()))?;
            answers.push(present(&simulator));
            simulator.settle(NAME);
        }
        answers.push(present(&simulator));
        for answer in answers {
            prop_assert_eq!(diff([&answer], [&answer]), Diff::default());
            prop_assert_eq!(diff([&answer], [&shuffled(answer.clone(), seed)]), Diff::default());
        }
        prop_assert_eq!(diff([&b], [&shuffled(b.clone(), seed)]), Diff::default());
    }

    #[test]
    fn order_never_matters((a, b) in in_place(), seed in any::<u64>()) {
        let plan_of = |a: &TableDefinition, b: &TableDefinition| {
            plan(&diff([a], [b]), &Context::default())
        };
        let shuffled = |table: &TableDefinition| shuffled(table.clone(), seed);
        prop_assert_eq!(plan_of(&a, &b), plan_of(&shuffled(&a), &shuffled(&b)));
    }

    /// New indexes come first, so that queries can move to them before an old one is deleted.
    #[test]
    fn an_index_goes_before_another_comes_only_where_it_has_to(a in any_table(), b in any_table()) {
        let mut simulator = remote(&a, 0);
        let plan = push(&simulator, std::slice::from_ref(&b), false);
        for (position, step) in plan.steps.iter().enumerate() {
            let to_come: Vec<&GlobalSecondaryIndex> = plan.steps[position + 1..]
                .iter()
                .filter_map(|later| b.global_index(created(&later.call)?))
                .collect();
            let table = present(&simulator);
            if let Some(gone) = dropped(&step.call).filter(|name| b.global_index(name).is_none())
                && !to_come.is_empty()
            {
                let gone = table.global_index(gone).unwrap();
                let is_full = table.global_secondary_indexes.len() == MAX_GLOBAL_INDEXES;
                let is_crowded = !gone.projection.non_key_attributes.is_empty()
                    && to_come.iter().any(|index| {
                        let new = index.projection.non_key_attributes.len();
                        new > 0 && projected(&table) + new > MAX_PROJECTED_PER_TABLE
                    });
                let changes_type = gone.key_schema.iter().any(|key| {
                    let after = b.attribute_type(&key.attribute_name);
                    after.is_some() && after != a.attribute_type(&key.attribute_name)
                });
                prop_assert!(is_full || is_crowded || changes_type, "{} is too early", step.id);
            }
            simulator.call(&step.call).map_err(|refusal| TestCaseError::fail(refusal.to_string()))?;
            simulator.settle(NAME);
        }
    }

    /// Queries on a rebuilt index fail until it is created again: no other index is added before.
    #[test]
    fn an_index_that_is_built_anew_comes_back_before_another_is_added((a, b) in in_place()) {
        let plan = push(&remote(&a, 0), std::slice::from_ref(&b), false);
        let mut gone = BTreeSet::new();
        for step in &plan.steps {
            if let Some(name) = dropped(&step.call).filter(|name| b.global_index(name).is_some()) {
                gone.insert(name);
            }
            if let Some(name) = created(&step.call) {
                prop_assert!(gone.is_empty() || gone.remove(name), "{} in\n{}", step.id, words(&plan));
            }
        }
    }

    #[test]
    fn steps_have_names_of_their_own_and_say_what_they_cost((a, b) in in_place()) {
        let mut simulator = remote(&a, 1000);
        let plan = push(&simulator, std::slice::from_ref(&b), false);
        let ids: BTreeSet<_> = plan.steps.iter().map(|step| &step.id).collect();
        prop_assert_eq!(ids.len(), plan.steps.len());
        let mut previous = None;
        for step in &plan.steps {
            prop_assert_eq!(step.after.first(), previous, "one step of a table after the other");
            previous = Some(&step.id);
            let kinds: Vec<HazardKind> = step.hazards.iter().map(|hazard| hazard.kind).collect();
            let wanted = hazards_of(&step.call, &present(&simulator));
            prop_assert!(
                wanted.is_empty() || kinds.iter().any(|kind| wanted.contains(kind)),
                "{} carries {:?} and none of {:?}", step.id, kinds, wanted
            );
            simulator.call(&step.call).map_err(|refusal| TestCaseError::fail(refusal.to_string()))?;
            simulator.settle(NAME);
        }
    }

    /// A snapshot contains only managed settings. Its script runs on a table with other settings,
    /// too, and the executor skips effects that are already there.
    #[test]
    fn a_script_between_two_snapshots_is_accepted_by_a_table_like_the_first((a, b) in in_place()) {
        let script = plan(&diff([&a], [&b]), &Context::default());
        if cools(&a, &b) {
            prop_assert_eq!(script.blocked.len(), 1);
            return Ok(());
        }
        prop_assert_eq!(&script.blocked, &[]);
        let fake = Fake::holding(std::slice::from_ref(&a));
        let report = execute(&fake, &script);
        prop_assert_eq!(&report.failures, &[], "{}", words(&script));
        reached(&fake.simulator.into_inner().unwrap(), &b)
            .map_err(|error| TestCaseError::fail(format!("{error} after\n{}", words(&script))))?;
    }

    #[test]
    fn a_plan_gets_through_whatever_passes(
        (a, b) in in_place(),
        faults in prop::collection::vec(any_fault(), 0..12),
        busy_looks in 0..3_usize,
        stale_looks in 0..3_usize,
    ) {
        let simulator = remote(&a, 1000);
        let plan = push(&simulator, std::slice::from_ref(&b), false);
        // A limit that lasts an hour is not waited for.
        let expiries = plan.steps.iter().filter(|step| matches!(step.call, Call::UpdateTimeToLive(_)));
        prop_assume!(expiries.count() < 2);
        let fake = Fake { busy_looks, stale_looks, ..Fake::of(simulator).failing(&faults) };
        let report = execute(&fake, &plan);
        prop_assert_eq!(&report.failures, &[], "{}", words(&plan));
        prop_assert_eq!(report.applied.len(), plan.steps.len());
        reached(&fake.simulator.into_inner().unwrap(), &b)?;
    }

    #[test]
    fn a_table_is_replaced_only_where_that_is_allowed(
        a in desired(),
        b in desired(),
        old in any_foundation(),
        new in any_foundation(),
        accept_data_loss in any::<bool>(),
        items in prop_oneof![Just(0_u64), Just(1000)],
    ) {
        let (a, b) = (old.under(a), new.under(b));
        prop_assume!(!contradicts(&a, &b));
        let mut simulator = remote(&a, items);
        let plan = push(&simulator, std::slice::from_ref(&b), accept_data_loss);
        let is_new = diff([&fixed(&a)], [&fixed(&b)]) != Diff::default();
        let has_key = a.sse_specification.as_ref().is_some_and(|key| key.enabled);
        if is_new && (accept_data_loss || items == 0) && has_key && b.sse_specification.is_none() {
            prop_assert_eq!(&plan.steps, &[], "nobody knows whose key it is");
            prop_assert_eq!(plan.blocked.len(), 1);
            return Ok(());
        }
        prop_assert_eq!(plan.steps.iter().any(replaces), is_new && (accept_data_loss || items == 0));
        if is_new && !accept_data_loss && items > 0 {
            prop_assert_eq!(&plan.steps, &[], "a table that is blocked is left alone");
            prop_assert_eq!(plan.blocked.len(), 1);
        } else {
            prop_assert_eq!(&plan.blocked, &[]);
            let before = present(&simulator);
            run(&mut simulator, &plan)?;
            reached(&simulator, &b)?;
            if is_new {
                let after = present(&simulator);
                // The new table has less warm throughput than the old one had reached.
                let mut fixed_anew = TableDefinition {
                    key_schema: after.key_schema.clone(),
                    local_secondary_indexes: after.local_secondary_indexes.clone(),
                    warm_throughput: None,
                    ..before
                };
                for index in &mut fixed_anew.global_secondary_indexes {
                    index.warm_throughput = None;
                }
                unmanaged_is_kept(&fixed_anew, &after, &b)?;
            }
        }
    }

    /// A plan for an empty table is not applied once the table has an item.
    #[test]
    fn a_table_that_was_empty_is_not_replaced_once_it_is_not(
        a in desired(),
        b in desired(),
        old in any_foundation(),
        new in any_foundation(),
    ) {
        let (a, b) = (old.under(a), new.under(b));
        let mut simulator = remote(&a, 0);
        let plan = push(&simulator, std::slice::from_ref(&b), false);
        prop_assume!(plan.steps.iter().any(replaces));
        simulator.put_items(NAME, 1);
        prop_assert!(simulator.run(&plan).is_err());
        prop_assert_eq!(simulator.describe(NAME).unwrap().item_count, Some(1));
    }

    #[test]
    fn deletions_come_last_and_side_by_side_tables_do_not_disturb_each_other(
        states in prop::collection::vec((any_foundation(), desired(), 0..3_usize), 1..=4),
    ) {
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for (position, (foundation, table, fate)) in states.into_iter().enumerate() {
            let mut table = foundation.under(table);
            table.table_name = format!("Table{position}");
            match fate {
                0 => before.push(table),
                1 => after.push(table),
                _ => {
                    before.push(foundation.under(TableDefinition {
                        table_name: table.table_name.clone(),
                        ..crate::support::table("Other")
                    }));
                    after.push(table);
                }
            }
        }
        let mut simulator = Simulator::holding(before.clone());
        let plan = push(&simulator, &after, false);
        prop_assert_eq!(&plan.blocked, &[]);
        run(&mut simulator, &plan)?;
        let left: Vec<&str> = simulator.tables().collect();
        let mut wanted: Vec<&str> = after.iter().map(|table| table.table_name.as_str()).collect();
        wanted.sort_unstable();
        prop_assert_eq!(left, wanted);
        prop_assert_eq!(difference(&simulator, &after), Diff::default());
        let is_deletion = |step: &&Step| after.iter().all(|table| table.table_name != step.table());
        let first = plan.steps.iter().position(|step| is_deletion(&step));
        prop_assert!(plan.steps[first.unwrap_or(plan.steps.len())..].iter().all(|step| is_deletion(&step)));
    }
}
