//! The ordered steps that lead from one state of the tables to another.

mod call;
mod planner;
mod step;

pub use call::{
    Call, CreateIndex, DeleteIndex, DeleteTable, GlobalSecondaryIndexUpdate, UpdateTable,
};
pub use planner::plan;
pub use step::{Blocked, Hazard, HazardKind, Plan, Step, StepId, Wait};
