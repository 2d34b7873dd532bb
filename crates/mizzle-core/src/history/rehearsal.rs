//! Simulates the calls of a script on the tables of an environment, as `migrate` would make them
//! there.

use super::{
    History, Tables,
    chain::{Chain, Parent},
};
use crate::{
    apply::{EffectStatus, effect_status},
    model::{BillingMode, TableDefinition},
    plan::{Call, Fitted, Fitter, Managed, Simulator},
    snapshot::MigrationName,
};
use std::collections::BTreeMap;

/// A migration whose script leads from one known state of the tables to another.
#[derive(Debug, Clone, Copy)]
pub struct Passage<'a> {
    /// The name.
    pub name: &'a MigrationName,
    /// The tables before it.
    pub before: &'a Tables,
    /// The tables after it.
    pub after: &'a Tables,
}

/// Returns the migrations that have a script and two readable snapshots, in their order.
pub fn passages(history: &History) -> Vec<Passage<'_>> {
    let chain = Chain::of(history);
    let passage = |position: usize| {
        let migration = chain.migrations[position];
        let (Some(Ok(_)), Some(snapshot)) = (&migration.script, chain.snapshot(position)) else {
            return None;
        };
        let before = match chain.parent(snapshot) {
            Parent::Beginning(tables) => tables?,
            Parent::Snapshot(_, parent) => &parent.tables,
            Parent::Missing => return None,
        };
        Some(Passage { name: &migration.name, before, after: &snapshot.tables })
    };
    (0..chain.migrations.len()).filter_map(passage).collect()
}

/// A run of one script on the simulated tables of an environment.
#[derive(Debug, Clone)]
pub struct Rehearsal {
    /// The possible states of the tables: if the billing mode is unmanaged, both modes are
    /// possible.
    possible: Vec<(Simulator, Fitter)>,
    /// The managed settings of the tables after the script.
    managed: BTreeMap<String, Managed>,
}

impl Rehearsal {
    /// Starts from the tables of the environment before the script, and the managed settings after
    /// it.
    pub fn new(before: Vec<TableDefinition>, managed: BTreeMap<String, Managed>) -> Self {
        let provisioned = before.iter().cloned().map(|table| TableDefinition {
            billing_mode: table.billing_mode.or(Some(BillingMode::Provisioned)),
            ..table
        });
        let provisioned = Simulator::holding(provisioned);
        let possible =
            vec![(Simulator::holding(before), Fitter::default()), (provisioned, Fitter::default())];
        Self { possible, managed }
    }

    /// Makes the script's next call.
    ///
    /// # Errors
    ///
    /// The reason why DynamoDB would refuse the call in every possible billing mode.
    pub fn call(&mut self, call: &Call) -> Result<(), String> {
        let managed = self.managed.get(call.table());
        let mut first = None;
        let mut accepting = Vec::new();
        for (simulator, fitter) in &self.possible {
            let mut tables = (simulator.clone(), fitter.clone());
            match made(call, &mut tables, managed) {
                Ok(()) => accepting.push(tables),
                Err(refusal) => first = first.or(Some(refusal)),
            }
        }
        match first {
            Some(refusal) if accepting.is_empty() => Err(refusal),
            Some(_) | None => {
                self.possible = accepting;
                Ok(())
            }
        }
    }
}

fn made(
    call: &Call,
    (simulator, fitter): &mut (Simulator, Fitter),
    managed: Option<&Managed>,
) -> Result<(), String> {
    let present = simulator.describe(call.table()).map(|table| table.definition);
    let fitted = fitter.fit(&call.clone().without_revision(), present.as_ref(), managed);
    let Fitted { call, .. } = fitted.map_err(|misfit| misfit.to_string())?;
    let Some(call) = call else { return Ok(()) };
    if let Err(refusal) = simulator.call(&call) {
        let present = simulator.describe(call.table());
        if effect_status(&call, present.as_ref()) != EffectStatus::InEffect {
            return Err(refusal.to_string());
        }
    }
    simulator.settle(call.table());
    Ok(())
}
