//! The ordered steps that lead from one state of the tables to another.

mod adoption;
mod agreement;
pub(crate) mod beyond;
mod blocked;
mod call;
mod context;
pub mod fingerprint;
mod fit;
mod forecast;
mod guard;
mod hazard;
mod indexes;
pub(crate) mod parse;
mod phase;
mod planner;
pub(crate) mod simulator;
mod step;
mod table_planner;
mod throughput;
mod title;

pub use adoption::{Adoption, AdoptionPlan, adoption, adoption_extras};
pub use agreement::Agreement;
pub use blocked::{Blocked, BlockedKind};
pub use call::{
    CreateIndex, CreateTable, DeleteIndex, DeleteTable, GlobalSecondaryIndexUpdate, UpdateIndex,
    UpdateTable,
};
pub use context::{Aim, Context, Facts, Origins};
pub use fit::{Fitted, Fitter, LeftOut, Managed, Misfit};
pub use forecast::Forecast;
pub use guard::Guard;
pub use hazard::{Hazard, HazardKind};
pub use parse::CallProblem;
pub(crate) use phase::{Phase, SettingStep, Situation};
pub(crate) use planner::create_request;
pub use planner::plan;
pub use simulator::{Exception, Halt, HaltReason, Refusal, Simulator};
pub use step::{Plan, Step, StepId, Wait};

pub use crate::settings::{Call, Effect, requests::*};
