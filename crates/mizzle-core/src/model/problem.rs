//! What is wrong with a schema, said so that it can be mended.

use super::declaration::Subject;
use serde::Serialize;
use std::fmt;

/// The rule that a schema breaks. The kebab-case name is stable: `--json` carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Table names have 3–255 characters of `[a-zA-Z0-9_.-]`.
    TableName,
    /// Index names have 3–255 characters of `[a-zA-Z0-9_.-]`.
    IndexName,
    /// A name contains no text of a missing value, such as `undefined`.
    NamePart,
    /// A table that is made is exported, too.
    NotExported,
    /// A table name stands for one table.
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
    /// The type of every index key has to follow from the schema.
    UnresolvedKeyType,
    /// An attribute has one type in all keys that use it.
    ConflictingKeyTypes,
    /// A GSI has one to four partition key attributes and up to four sort key attributes.
    GlobalIndexKey,
    /// An LSI has exactly one sort key, in a table that has one too.
    LocalIndexKey,
    /// At most 20 GSIs a table.
    GlobalIndexLimit,
    /// At most 5 LSIs a table.
    LocalIndexLimit,
    /// A projection is `ALL`, `KEYS_ONLY` or a list of attributes.
    Projection,
    /// At most 20 projected attributes an index and 100 a table.
    ProjectionLimit,
    /// A strategy fills a key or an index that the table has.
    UnknownStrategyTarget,
    /// A strategy fills a key with a value of the key's type.
    StrategyType,
    /// The config has settings for tables of the schema only.
    UnknownTable,
    /// The config has settings for indexes of the table only.
    UnknownIndex,
    /// Capacity is for provisioned tables, an on-demand maximum for those on demand.
    BillingMode,
    /// A provisioned table has capacity.
    MissingCapacity,
    /// An LSI shares the throughput of its table.
    LocalIndexThroughput,
    /// Config and schema say the same of a projection, or only one of them says something.
    ConflictingProjections,
    /// At most 50 tags a table.
    TagLimit,
    /// A resource policy states the version of its language.
    PolicyVersion,
}

/// Something that a schema gets wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The rule that is broken.
    pub rule: Rule,
    /// What it is about, and where to look for it in the source.
    pub subject: Subject,
    /// The other places that take part, when one place alone does not show the problem.
    pub related: Vec<Subject>,
    /// What is wrong.
    pub message: String,
    /// The way out.
    pub help: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
