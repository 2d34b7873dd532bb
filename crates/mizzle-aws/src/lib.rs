//! DynamoDB's control plane on the AWS SDK for Rust.
//!
//! [`DynamoDb`] is the [`ControlPlane`](mizzle_core::apply::ControlPlane) of real servers: AWS,
//! Amazon's DynamoDB Local, the embedded server, other emulators. No type of the SDK shows in the
//! public interface. [`DynamoDb::account`] tells whose tables they are.
//!
//! Every method is one logical request. The SDK's standard retry repeats what was throttled,
//! broken or answered with a 5xx; dropping a method's future abandons the request and leaves
//! nothing behind on this side. Whether an abandoned request took effect, only a description of
//! the table can tell, as for one whose answer got lost.

mod account;
mod arns;
mod call;
mod client;
mod connect;
mod connection;
mod convert;
mod describe;
mod failure;

pub use client::DynamoDb;
pub use connection::{ConnectError, Connection, StaticCredentials, Target};
