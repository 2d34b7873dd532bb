//! A plan: API calls in their order, what has to be true between them, and what they cost.

use super::{Blocked, Call, Guard, Hazard, hazard};
use crate::{diff::TableDiff, settings::View};
use serde::{Serialize, Serializer, ser::SerializeStruct};
use std::fmt;

/// Everything that leads from one state of the tables to another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The steps: in order within a table. Tables do not wait for each other, except that deletions
    /// wait for everything else.
    pub steps: Vec<Step>,
    /// Tables that cannot be brought to the desired state in place. They have no steps.
    pub blocked: Vec<Blocked>,
}

impl Plan {
    /// The steps table by table, in the plan's order.
    pub fn by_table(&self) -> impl Iterator<Item = &[Step]> {
        self.steps.chunk_by(|a, b| a.table() == b.table())
    }
}

/// Names a step within its plan: `Shop:create-index:byStatus`; `step-3` is the third call of a
/// script.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct StepId(String);

impl StepId {
    pub(super) fn new(table: &str, action: &str) -> Self {
        Self(format!("{table}:{action}"))
    }

    /// The step of a script after so many others. A script may do the same thing twice, so that its
    /// steps have numbers.
    fn of_script(position: usize) -> Self {
        Self(format!("step-{}", position + 1))
    }
}

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One API call, and what must be true before the next one on its table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The step's name.
    pub id: StepId,
    /// The call.
    pub call: Call,
    /// What the call does to its table, in one line: `Add GSI byStatus (status S) ALL`.
    pub title: String,
    /// What the title leaves out, a line each: the keys and indexes of a new table.
    pub details: Vec<String>,
    /// The steps that have to be done before.
    pub after: Vec<StepId>,
    /// What has to be true of the table at the moment of the call.
    pub guard: Option<Guard>,
    /// When the step is done.
    pub wait: Wait,
    /// What the step costs or interrupts.
    pub hazards: Vec<Hazard>,
}

impl Step {
    /// The step of a call that a script makes, of which nothing else is known: `position` calls of
    /// the script come before it. Its hazards state no numbers, and leave out what only the present
    /// table tells (that a lower capacity throttles, that an index is dropped to be built anew).
    pub fn of(call: Call, position: usize) -> Self {
        let (details, wait) = match call.view() {
            View::CreateTable(request) => {
                (TableDiff::Create(request.clone().into()).details(), Wait::Settled)
            }
            View::DeleteTable(_) => (Vec::new(), Wait::Gone),
            View::UpdateTable(_) | View::Setting(_) => (Vec::new(), Wait::Settled),
        };
        Self {
            id: StepId::of_script(position),
            title: call.title(),
            details,
            after: position.checked_sub(1).map(StepId::of_script).into_iter().collect(),
            guard: None,
            wait,
            hazards: hazard::of_call(&call, None),
            call,
        }
    }

    /// The table that the step changes.
    pub fn table(&self) -> &str {
        self.call.table()
    }
}

impl Serialize for Step {
    /// The shape of `--json`: `{ id, table, call, input, after, hazards }`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_struct("Step", 6)?;
        json.serialize_field("id", &self.id)?;
        json.serialize_field("table", self.table())?;
        json.serialize_field("call", self.call.operation())?;
        json.serialize_field("input", &self.call.input())?;
        json.serialize_field("after", &self.after)?;
        json.serialize_field("hazards", &self.hazards)?;
        json.end()
    }
}

/// What a step waits for after its call was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// The table and all its indexes are `ACTIVE`, and the effect shows.
    Settled,
    /// The table is gone.
    Gone,
}
