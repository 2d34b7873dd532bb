//! Fits a script's call to the table in the environment.
//!
//! A script is the same in all environments, but the throughput of a table is not: an environment
//! may override the billing mode and the numbers, and unmanaged settings may have any value.
//! Therefore the throughput of a call is filled in or left out according to the table's state when
//! the call is sent, as in a plan for that table. Where a script deviates from its snapshot, the
//! script's numbers are kept.

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

/// A table after a script has run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Managed {
    /// The table in the script's snapshot, the same in all environments.
    pub everywhere: TableDefinition,
    /// The table in the environment, with the environment's settings.
    pub here: TableDefinition,
}

/// A call that is fitted to its table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fitted {
    /// The call to send; `None` if nothing is left of it.
    pub call: Option<Call>,
    /// The parts that were left out.
    pub left_out: Vec<LeftOut>,
    /// The hazards of the call for the present table.
    pub hazards: Vec<Hazard>,
}

/// A part of a call that the table cannot accept, or that the environment overrides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The setting: `capacity of byEmail`.
    pub setting: String,
    /// The reason.
    pub reason: String,
}

impl fmt::Display for LeftOut {
    /// Formats it as `capacity of byEmail: Shop is PAY_PER_REQUEST`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.setting, self.reason)
    }
}

/// A call that is invalid for every table with its billing mode.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{table} cannot become PROVISIONED without ReadCapacityUnits and WriteCapacityUnits")]
pub struct Misfit {
    /// The table.
    pub table: String,
}

/// Fits the calls of one script, in order, to their tables.
#[derive(Debug, Clone, Default)]
pub struct Fitter {
    /// The indexes that the script has deleted. An index that it creates again keeps its former
    /// throughput, unless that is managed.
    dropped: Dropped,
}

/// The deleted indexes, by table and name.
type Dropped = BTreeMap<(String, String), GlobalSecondaryIndex>;

impl Fitter {
    /// True if fitting the call needs the present table.
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

    /// Fits the call to the present table; `present` is `None` if there is none. `managed` is the
    /// table after the script has run, if known.
    ///
    /// # Errors
    ///
    /// When the table needs capacity that is stated nowhere.
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

/// Returns the creation with the environment's throughput, where the script's throughput is that of
/// its snapshot.
fn create_here(request: &CreateTable, managed: &Managed) -> CreateTable {
    let (everywhere, here) = (create_request(&managed.everywhere), create_request(&managed.here));
    let mode = request.billing_mode.unwrap_or(BillingMode::Provisioned);
    if everywhere.billing_mode != Some(mode) {
        return request.clone();
    }
    // Numbers of another billing mode cannot stay.
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
