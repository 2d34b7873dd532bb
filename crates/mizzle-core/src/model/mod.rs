//! Tables, keys, indexes and entities, and DynamoDB's rules for them.

pub mod declaration;
mod definition;
mod description;
mod naming;
mod problem;
mod resolve;
pub mod rules;
mod schema;
mod table_settings;
mod throughput;

pub use definition::{
    AttributeDefinition, GlobalSecondaryIndex, KeySchemaElement, KeyType, LocalSecondaryIndex,
    Projection, ProjectionType, ScalarType, TableDefinition,
};
pub use description::{
    IndexSize, IndexState, Status, TableDescription, Transition, TransitionState, Unmanaged,
    VectorIndex,
};
pub use naming::TableNaming;
pub use problem::{Problem, Rule};
pub use resolve::{missing_part, resolve};
pub use schema::{Entity, Schema};
pub use table_settings::{
    AllTableSettings, ByName, Capacity, IndexSettings, TableSettings, ThroughputSettings,
    WithOrigin,
};
pub use throughput::{BillingMode, OnDemandThroughput, ProvisionedThroughput, WarmThroughput};

pub use crate::settings::{AuxiliarySetting, AuxiliarySettings, values::*};
