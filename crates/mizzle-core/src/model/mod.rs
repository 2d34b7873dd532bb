//! Tables, keys, indexes and entities, and the rules that DynamoDB has for them.

pub mod declaration;
mod definition;
mod description;
mod problem;
mod resolve;
pub mod rules;
mod schema;

pub use definition::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
    LocalSecondaryIndex, Projection, ProjectionType, ProvisionedThroughput, ScalarType,
    TableDefinition,
};
pub use description::{IndexState, Status, TableDescription};
pub use problem::{Problem, Rule};
pub use resolve::resolve;
pub use schema::{Entity, Schema};
