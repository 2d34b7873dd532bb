//! DynamoDB's control plane and data plane on the AWS SDK for Rust, and the ledger of migrations.
//!
//! [`DynamoDb`] is the [`ControlPlane`](mizzle_core::apply::ControlPlane), the
//! [`BackupPlane`](mizzle_core::apply::BackupPlane) and the
//! [`DataPlane`](mizzle_core::apply::DataPlane) of real servers: AWS, Amazon's DynamoDB Local, the
//! embedded server, other emulators. The public interface has no types of the SDK.
//! [`DynamoDb::account`] returns the AWS account, [`DynamoDb::ledger`] returns a
//! [`Ledger`](mizzle_core::ledger::Ledger) in one of its tables.
//!
//! [`DynamoDb::fenced`] puts a [`Fence`](mizzle_core::apply::Fence) before all writes.
//!
//! Every method is one logical request. The SDK's standard retry repeats requests that were
//! throttled, interrupted or answered with a 5xx. Dropping a method's future abandons the request
//! and leaves nothing behind on the client. Only a description of the table shows whether an
//! abandoned request took effect, as for one whose response was lost.

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
