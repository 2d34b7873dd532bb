//! Tables, keys, indexes and entities, and the rules that DynamoDB has for them.

pub mod declaration;
mod definition;
mod description;
mod naming;
mod problem;
mod resolve;
pub mod rules;
mod schema;
mod settings;
mod table_settings;

pub use definition::{
    AttributeDefinition, GlobalSecondaryIndex, KeySchemaElement, KeyType, LocalSecondaryIndex,
    Projection, ProjectionType, ScalarType, TableDefinition,
};
pub use description::{
    Extra, Extras, IndexSize, IndexState, Status, TableDescription, Told, Unmanaged, VectorIndex,
};
pub use naming::TableNaming;
pub use problem::{Problem, Rule};
pub use resolve::{missing_part, resolve};
pub use schema::{Entity, Schema};
pub use settings::{
    BillingMode, OnDemandThroughput, PointInTimeRecoverySpecification, ProvisionedThroughput,
    ResourcePolicy, SseSpecification, StreamSpecification, StreamViewType, TableClass, Tag,
    TimeToLiveSpecification, WarmThroughput,
};
pub use table_settings::{
    AllTableSettings, ByName, Capacity, IndexSettings, Stated, TableSettings, ThroughputSettings,
};
