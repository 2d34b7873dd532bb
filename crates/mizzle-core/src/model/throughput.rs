//! Throughput of tables and indexes, in the shapes of the `CreateTable` request.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The billing mode of reads and writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum BillingMode {
    /// On demand.
    #[serde(rename = "PAY_PER_REQUEST")]
    PayPerRequest,
    /// Provisioned capacity, for the table and every GSI.
    #[serde(rename = "PROVISIONED")]
    Provisioned,
}

impl BillingMode {
    /// Returns DynamoDB's own word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PayPerRequest => "PAY_PER_REQUEST",
            Self::Provisioned => "PROVISIONED",
        }
    }
}

impl fmt::Display for BillingMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Provisioned capacity, in capacity units per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ProvisionedThroughput {
    /// Strongly consistent reads of up to 4 KB per second.
    pub read_capacity_units: i64,
    /// Writes of up to 1 KB per second.
    pub write_capacity_units: i64,
}

impl ProvisionedThroughput {
    /// True if the reads or the writes are lower than those of `other`.
    pub fn is_below(&self, other: &Self) -> bool {
        self.read_capacity_units < other.read_capacity_units
            || self.write_capacity_units < other.write_capacity_units
    }
}

impl fmt::Display for ProvisionedThroughput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&reads_and_writes(self.read_capacity_units, self.write_capacity_units))
    }
}

/// Formats both numbers, `5 reads, 1 write`; a negative number is no limit.
fn reads_and_writes(reads: i64, writes: i64) -> String {
    let words = |units: i64, singular: &str| match units {
        1 => format!("1 {singular}"),
        0.. => format!("{units} {singular}s"),
        _ => format!("unlimited {singular}s"),
    };
    format!("{}, {}", words(reads, "read"), words(writes, "write"))
}

/// The maximum throughput of an on-demand table or index, in request units per second; requests
/// beyond it are throttled. -1 is no limit, which is also the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct OnDemandThroughput {
    /// Reads per second.
    pub max_read_request_units: i64,
    /// Writes per second.
    pub max_write_request_units: i64,
}

impl OnDemandThroughput {
    /// No limit.
    pub const UNLIMITED: Self = Self { max_read_request_units: -1, max_write_request_units: -1 };

    /// True if the reads or the writes are lower than those of `other`; an unknown limit counts as
    /// no limit.
    pub fn is_below(&self, other: Option<Self>) -> bool {
        let is_lower = |before: i64, after: i64| after >= 0 && (before < 0 || after < before);
        let other = other.unwrap_or(Self::UNLIMITED);
        is_lower(other.max_read_request_units, self.max_read_request_units)
            || is_lower(other.max_write_request_units, self.max_write_request_units)
    }
}

impl fmt::Display for OnDemandThroughput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&reads_and_writes(self.max_read_request_units, self.max_write_request_units))
    }
}

/// The warm throughput of a table or index: the load that it can serve at once, in units per
/// second. DynamoDB raises it as traffic grows, and it can never be lowered.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct WarmThroughput {
    /// Reads per second.
    pub read_units_per_second: i64,
    /// Writes per second.
    pub write_units_per_second: i64,
}

impl WarmThroughput {
    /// True if the reads or the writes are lower than those of `other`.
    pub fn is_below(&self, other: &Self) -> bool {
        self.read_units_per_second < other.read_units_per_second
            || self.write_units_per_second < other.write_units_per_second
    }

    /// Returns the maximum of both in reads and in writes.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            read_units_per_second: self.read_units_per_second.max(other.read_units_per_second),
            write_units_per_second: self.write_units_per_second.max(other.write_units_per_second),
        }
    }
}

impl fmt::Display for WarmThroughput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&reads_and_writes(self.read_units_per_second, self.write_units_per_second))
    }
}
