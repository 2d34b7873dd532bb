//! Replays a script in the simulator, from the snapshot before it to its own.
//!
//! The simulator has a value for every setting; a snapshot has only managed ones. Unmanaged
//! settings may have any value, so they never count against a script: they start with DynamoDB's
//! defaults; a call whose effect already exists is skipped, as the executor does; and if the
//! billing mode is unmanaged, the other mode is tried as well.

use super::{HistoryProblem, HistoryProblemKind, Migration, Tables, words};
use crate::{
    apply::{EffectStatus, effect_status},
    diff::diff,
    model::{BillingMode, SseSpecification, TableDefinition, TableDescription},
    plan::{Call, Refusal, Simulator},
    settings::{View, encryption::may_be_same_key},
};
use std::collections::BTreeMap;

/// Returns the problems that keep a script from leading from one snapshot to the other, by table.
pub(super) fn check(
    migration: &Migration,
    before: &Tables,
    calls: &[Call],
    after: &Tables,
) -> Vec<HistoryProblem> {
    let name = &migration.name;
    let tables = before.keys().chain(after.keys());
    let mut tables: BTreeMap<&str, Vec<(usize, &Call)>> =
        tables.map(|table| (table.as_str(), Vec::new())).collect();
    for (position, call) in calls.iter().enumerate() {
        tables.entry(call.table()).or_default().push((position, call));
    }
    let mut problems = Vec::new();
    for (table, own) in tables {
        let wanted = after.get(table);
        let (kind, message, hint) = match run(before.get(table), &own) {
            Err(Refused { position, call, refusal }) => (
                HistoryProblemKind::RefusedCall,
                format!(
                    "Call {} of {name}, db.{} on {table} ({}), would be refused: {refusal}",
                    position + 1,
                    call.method(),
                    call.title()
                ),
                "fix the call, so that it fits the tables as they are before it",
            ),
            Ok(end) => {
                let end = end.map(|end| end.compared_with(wanted));
                let left = diff(end.as_ref(), wanted);
                let Some(left) = left.tables.first() else { continue };
                (
                    HistoryProblemKind::WrongSnapshot,
                    format!(
                        "{name} does not lead to its own snapshot. After its calls there would be left to do: {}",
                        words(left)
                    ),
                    "change the script back, so that its calls do what the snapshot says; for another change, change the schema and run `mizzle generate`",
                )
            }
        };
        let (file, hint) = (name.script_file(), hint.to_owned());
        problems.push(HistoryProblem { kind, file, message, hint });
    }
    problems
}

/// A call that DynamoDB would refuse.
struct Refused<'a> {
    position: usize,
    call: &'a Call,
    refusal: Refusal,
}

/// The final state of a table.
struct End {
    description: TableDescription,
    /// The encryption as requested: DynamoDB always reports a key's ARN, whether AWS or the
    /// customer manages the key.
    encryption: SseSpecification,
}

/// Makes the calls on one table; each takes effect before the next.
fn run<'a>(
    start: Option<&TableDefinition>,
    calls: &[(usize, &'a Call)],
) -> Result<Option<End>, Refused<'a>> {
    run_from(start, calls).or_else(|refused| {
        let Some(start) = start.filter(|start| start.billing_mode.is_none()) else {
            return Err(refused);
        };
        let provisioned =
            TableDefinition { billing_mode: Some(BillingMode::Provisioned), ..start.clone() };
        run_from(Some(&provisioned), calls).map_err(|_| refused)
    })
}

fn run_from<'a>(
    start: Option<&TableDefinition>,
    calls: &[(usize, &'a Call)],
) -> Result<Option<End>, Refused<'a>> {
    let mut simulator = Simulator::holding(start.cloned());
    let mut encryption = start.and_then(|start| start.sse_specification.clone());
    for (position, call) in calls {
        let anonymous = (*call).clone().without_revision();
        if let Err(refusal) = simulator.call(&anonymous) {
            let present = simulator.describe(call.table());
            if effect_status(&anonymous, present.as_ref()) != EffectStatus::InEffect {
                return Err(Refused { position: *position, call, refusal });
            }
        }
        simulator.settle(call.table());
        match call.view() {
            View::CreateTable(request) => encryption.clone_from(&request.sse_specification),
            View::UpdateTable(request) if request.sse_specification.is_some() => {
                encryption.clone_from(&request.sse_specification);
            }
            View::UpdateTable(_) | View::DeleteTable(_) | View::Setting(_) => {}
        }
    }
    let name = start.map(|start| start.table_name.as_str());
    let name = name.or_else(|| calls.first().map(|(_, call)| call.table()));
    Ok(name.and_then(|name| simulator.describe(name)).map(|description| End {
        description,
        encryption: encryption.unwrap_or(SseSpecification::OWNED),
    }))
}

impl End {
    /// Returns the definition in a form that can be compared with a snapshot's.
    fn compared_with(self, wanted: Option<&TableDefinition>) -> TableDefinition {
        let Self { description, encryption } = self;
        let Some(wanted) = wanted else { return description.definition };
        let is_wanted = wanted.sse_specification.as_ref().is_some_and(|wanted| {
            *wanted == encryption
                || wanted.kms_master_key_id.as_deref().is_some_and(|key| {
                    encryption
                        .kms_master_key_id
                        .as_deref()
                        .is_some_and(|other| may_be_same_key(key, other))
                })
        });
        let mut definition = description.compared_with(wanted);
        definition.sse_specification =
            if is_wanted { wanted.sse_specification.clone() } else { Some(encryption) };
        definition
    }
}
