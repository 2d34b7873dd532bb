//! DynamoDB's control plane and data plane on the AWS SDK for Rust, and the ledger of migrations.
//!
//! [`DynamoDb`] is the [`ControlPlane`](mizzle_core::apply::ControlPlane), the
//! [`BackupPlane`](mizzle_core::apply::BackupPlane) and the
//! [`DataPlane`](mizzle_core::apply::DataPlane) of real servers: AWS, Amazon's DynamoDB Local, the
//! embedded server, other emulators. No type of the SDK shows in the public interface.
//! [`DynamoDb::account`] tells whose tables they are, [`DynamoDb::ledger`] gives a
//! [`Ledger`](mizzle_core::ledger::Ledger) in one of them.
//!
//! [`DynamoDb::fenced`] puts a [`Fence`](mizzle_core::apply::Fence) before everything that writes.
//!
//! Every method is one logical request. The SDK's standard retry repeats what was throttled,
//! broken or answered with a 5xx; dropping a method's future abandons the request and leaves
//! nothing behind on this side. Whether an abandoned request took effect, only a description of
//! the table can tell, as for one whose answer got lost.

mod causes;
mod client;
mod connect;
mod control;
mod data;
mod engine;
mod errors;
#[cfg(test)]
mod fuzz;
mod ledger;
mod limits;

pub use client::DynamoDb;
pub use connect::{
    ConnectError, Connection, Profile, Profiles, ProfilesError, StaticCredentials, Target,
    check_endpoint, check_region, profiles,
};
pub use control::{PartialDescription, is_dynamodb};
pub use ledger::DynamoDbLedger;
