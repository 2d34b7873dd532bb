//! A script's call, as the table that it meets can take it.
//!
//! A script says the same in every environment, and how a table is paid for is not the same
//! everywhere: an environment may have its own billing mode and numbers, and what is unmanaged may be
//! anything. So the throughput of a call is filled in or left out by what the table is when the call is
//! sent, as a plan for that table would have it. Where a script says something else than its snapshot,
//! the script is meant, and its numbers stay.

mod throughputs;
mod update;

use super::{
    Call, CreateIndex, CreateTable, Hazard, planner::create_request, throughput::settle_new_index,
};
use crate::{
    model::{BillingMode, GlobalSecondaryIndex, TableDefinition},
    settings::View,
};
use std::{collections::BTreeMap, fmt};
use throughputs::Throughputs;
use update::Update;

/// A table as a script is to leave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Managed {
    /// By the script's snapshot, which holds everywhere.
    pub everywhere: TableDefinition,
    /// In the environment, with the settings that it has of its own.
    pub here: TableDefinition,
}

/// A call that fits its table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fitted {
    /// The call to send; `None` when nothing of it is left.
    pub call: Option<Call>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
    /// What the call costs beside the table as it is.
    pub hazards: Vec<Hazard>,
}

/// A part of a call that the table cannot take, or is not to have here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The setting: `capacity of byEmail`.
    pub setting: String,
    /// Why it is left out.
    pub reason: String,
}

impl fmt::Display for LeftOut {
    /// `capacity of byEmail: Shop is PAY_PER_REQUEST`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.setting, self.reason)
    }
}

/// A call that no table of its billing mode can take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{table} cannot become PROVISIONED without ReadCapacityUnits and WriteCapacityUnits")]
pub struct Misfit {
    /// The table.
    pub table: String,
}

/// Fits the calls of one script, in their order, to the tables that they meet.
#[derive(Debug, Clone, Default)]
pub struct Fitter {
    /// The indexes that the script has dropped: one that it builds anew gets the throughput that it
    /// had, where that is not managed.
    dropped: Dropped,
}

/// Indexes that were dropped, by table and name.
type Dropped = BTreeMap<(String, String), GlobalSecondaryIndex>;

impl Fitter {
    /// Whether fitting the call needs the table as it is.
    pub fn needs_table(call: &Call) -> bool {
        match call.view() {
            View::UpdateTable(request) => {
                request.billing_mode.is_some()
                    || request.provisioned_throughput.is_some()
                    || request.on_demand_throughput.is_some()
                    || request.warm_throughput.is_some()
                    || !request.global_secondary_index_updates.is_empty()
            }
            View::CreateTable(_) | View::DeleteTable(_) | View::Setting(_) => false,
        }
    }

    /// The call for the table as it is at this moment; `present` is `None` when there is none.
    /// `managed` is what is known of the table once the script has run.
    ///
    /// # Errors
    ///
    /// When the table has to have numbers that nobody states.
    pub fn fit(
        &mut self,
        call: &Call,
        present: Option<&TableDefinition>,
        managed: Option<&Managed>,
    ) -> Result<Fitted, Misfit> {
        let unchanged =
            || Fitted { call: Some(call.clone()), left_out: Vec::new(), hazards: Vec::new() };
        match (call.view(), present) {
            (View::CreateTable(request), _) => {
                let request = managed.map(|managed| create_here(request, managed));
                let call = request.map_or_else(|| call.clone(), Call::CreateTable);
                Ok(Fitted { call: Some(call), ..unchanged() })
            }
            (View::UpdateTable(request), Some(present)) => {
                let Some(before) = present.billing_mode else { return Ok(unchanged()) };
                Update::new(request.clone(), (present, before), managed).fit(&mut self.dropped)
            }
            (View::UpdateTable(_) | View::DeleteTable(_) | View::Setting(_), _) => Ok(unchanged()),
        }
    }
}

/// The creation with the throughput that the environment wants, as far as the script's is the one of
/// its snapshot.
fn create_here(request: &CreateTable, managed: &Managed) -> CreateTable {
    let (everywhere, here) = (create_request(&managed.everywhere), create_request(&managed.here));
    let mode = request.billing_mode.unwrap_or(BillingMode::Provisioned);
    if everywhere.billing_mode != Some(mode) {
        return request.clone();
    }
    // What another mode has no use for cannot stay.
    let switches = here.billing_mode != Some(mode);
    let adjusted = |own: Throughputs, everywhere: Throughputs, here: Throughputs| {
        let kept = own.unlike(everywhere);
        if switches { here } else { kept.or(here) }
    };
    let table = adjusted(
        Throughputs::of_table(request),
        Throughputs::of_table(&everywhere),
        Throughputs::of_table(&here),
    );
    let mut request = CreateTable {
        billing_mode: here.billing_mode,
        provisioned_throughput: table.capacity,
        on_demand_throughput: table.limit,
        warm_throughput: table.warm,
        ..request.clone()
    };
    let table = TableDefinition::from(CreateTable {
        global_secondary_indexes: Vec::new(),
        ..request.clone()
    });
    for index in &mut request.global_secondary_indexes {
        let of = |request: &CreateTable| {
            let mut indexes = request.global_secondary_indexes.iter();
            indexes.find(|other| other.index_name == index.index_name).map(Throughputs::of_index)
        };
        let mut new = GlobalSecondaryIndex::from(index.clone());
        if let (Some(everywhere), Some(here)) = (of(&everywhere), of(&here)) {
            let own = adjusted(Throughputs::of_index(index), everywhere, here);
            new.provisioned_throughput = own.capacity;
            new.on_demand_throughput = own.limit;
            new.warm_throughput = own.warm;
        }
        settle_new_index(&mut new, &table, false);
        *index = CreateIndex::from(new);
    }
    request
}
