//! The engine against the simulator, a ledger and items in memory, scripted scripts and a manual clock.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod adopt;
mod approval;
mod baseline;
mod converge;
mod crash;
mod items;
mod lock;
mod repair;
mod resolve;
mod rollback;
mod run;
mod settings;
mod world;
