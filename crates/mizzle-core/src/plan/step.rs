//! A plan: API calls in order, the conditions between them, and their hazards.

use super::{Blocked, Call, Guard, Hazard, hazard};
use crate::{diff::TableDiff, settings::View};
use serde::{Serialize, Serializer, ser::SerializeStruct};
use std::fmt;

/// The steps from one state of the tables to another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The steps: in order within a table. Tables are independent of each other, except that
    /// deletions wait for all other steps.
    pub steps: Vec<Step>,
    /// Tables that cannot be brought to the desired state in place. They have no steps.
    pub blocked: Vec<Blocked>,
}

impl Plan {
    /// Returns the steps table by table, in the plan's order.
    pub fn by_table(&self) -> impl Iterator<Item = &[Step]> {
        self.steps.chunk_by(|a, b| a.table() == b.table())
    }
}

/// The name of a step within its plan: `Shop:create-index:byStatus`; `step-3` is the third call of
/// a script.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct StepId(String);

impl StepId {
    pub(super) fn new(table: &str, action: &str) -> Self {
        Self(format!("{table}:{action}"))
    }

    /// Returns the ID of a script's step at a position. Steps of scripts have numbers, because a
    /// script may make the same call twice.
    fn of_script(position: usize) -> Self {
        Self(format!("step-{}", position + 1))
    }
}

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One API call, and the condition for the next one on its table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The step's name.
    pub id: StepId,
    /// The call.
    pub call: Call,
    /// A one-line description of the call: `Add GSI byStatus (status S) ALL`.
    pub title: String,
    /// Further lines, which the title omits: the keys and indexes of a new table.
    pub details: Vec<String>,
    /// The steps that have to be done first.
    pub after: Vec<StepId>,
    /// The condition on the table at the moment of the call.
    pub guard: Option<Guard>,
    /// The condition for completion.
    pub wait: Wait,
    /// The losses and interruptions.
    pub hazards: Vec<Hazard>,
}

impl Step {
    /// Creates the step of a script's call, without any other information. `position` is the number
    /// of calls of the script before it. Its hazards contain no numbers, and exclude those that
    /// depend on the present table (a lower capacity that throttles, an index that is deleted to be
    /// rebuilt).
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

    /// Returns the table that the step changes.
    pub fn table(&self) -> &str {
        self.call.table()
    }
}

impl Serialize for Step {
    /// Serializes the shape of `--json`: `{ id, table, call, input, after, hazards }`.
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

/// The condition to wait for after a call was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// The table and all its indexes are `ACTIVE`, and the effect is visible.
    Settled,
    /// The table is gone.
    Gone,
}
