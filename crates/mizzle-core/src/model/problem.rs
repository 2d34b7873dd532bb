//! Problems of a schema, each with a fix.

use super::declaration::Subject;
use serde::Serialize;
use std::fmt;

/// A rule that a schema breaks. Its kebab-case name is stable, because `--json` contains it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Table names have 3–255 characters of `[a-zA-Z0-9_.-]`.
    TableName,
    /// Index names have 3–255 characters of `[a-zA-Z0-9_.-]`.
    IndexName,
    /// A name does not contain the text of a missing value, such as `undefined`.
    NamePart,
    /// A table that is created is also exported.
    NotExported,
    /// A table name belongs to one table.
    DuplicateTable,
    /// Index names are unique among all indexes of a table.
    DuplicateIndex,
    /// Every table has a partition key.
    MissingPartitionKey,
    /// Key attribute names have 1–255 bytes.
    KeyAttributeName,
    /// Keys are strings, numbers or binary values.
    KeyType,
    /// The attributes of one key are all different.
    RepeatedKeyAttribute,
    /// The type of every index key follows from the schema.
    UnresolvedKeyType,
    /// An attribute has one type in all keys that use it.
    ConflictingKeyTypes,
    /// A GSI has one to four partition key attributes and up to four sort key attributes.
    GlobalIndexKey,
    /// An LSI has exactly one sort key, in a table that has one too.
    LocalIndexKey,
    /// At most 20 GSIs per table.
    GlobalIndexLimit,
    /// At most 5 LSIs per table.
    LocalIndexLimit,
    /// A projection is `ALL`, `KEYS_ONLY` or a list of attributes.
    Projection,
    /// At most 20 projected attributes per index and 100 per table.
    ProjectionLimit,
    /// A strategy fills a key or an index that the table has.
    UnknownStrategyTarget,
    /// A strategy fills a key with a value of the key's type.
    StrategyType,
    /// The config has settings for tables of the schema only.
    UnknownTable,
    /// The config has settings for indexes of the table only.
    UnknownIndex,
    /// Capacity is for provisioned tables, an on-demand maximum for on-demand tables.
    BillingMode,
    /// A provisioned table has capacity.
    MissingCapacity,
    /// An LSI shares the throughput of its table.
    LocalIndexThroughput,
    /// Config and schema do not contradict each other on a projection.
    ConflictingProjections,
    /// At most 50 tags per table.
    TagLimit,
    /// A resource policy contains the version of the policy language.
    PolicyVersion,
}

/// A problem of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The rule that is broken.
    pub rule: Rule,
    /// The subject of the problem, and its location in the source.
    pub subject: Subject,
    /// Other locations that are needed to understand the problem.
    pub related: Vec<Subject>,
    /// The problem.
    pub message: String,
    /// The suggested fix.
    pub help: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
