//! The ordered steps that lead from one state of the tables to another.

mod call;
mod context;
mod hazard;
mod indexes;
mod planner;
mod simulator;
mod step;
mod table_planner;
mod throughput;

pub use call::{
    Call, CreateIndex, CreateTable, DeleteIndex, DeleteResourcePolicy, DeleteTable,
    GlobalSecondaryIndexUpdate, NO_POLICY, PutResourcePolicy, TagResource, UntagResource,
    UpdateContinuousBackups, UpdateIndex, UpdateTable, UpdateTimeToLive,
};
pub use context::{Context, Facts};
pub use hazard::{Hazard, HazardKind};
pub use planner::plan;
pub use simulator::{Exception, Halt, HaltReason, Refusal, Simulator};
pub use step::{Blocked, BlockedKind, Guard, Plan, Step, StepId, Wait};
