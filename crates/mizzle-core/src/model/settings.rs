//! Settings of a table beside its keys and indexes, in DynamoDB's own vocabulary.
//!
//! The shapes are those of the `CreateTable` request; what that request does not take (time to
//! live, point-in-time recovery) has the shape that CloudFormation gives it.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html>.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, fmt};

/// How reads and writes are paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum BillingMode {
    /// On demand.
    #[serde(rename = "PAY_PER_REQUEST")]
    PayPerRequest,
    /// Provisioned capacity; the table and every GSI then carry numbers.
    #[serde(rename = "PROVISIONED")]
    Provisioned,
}

impl BillingMode {
    /// DynamoDB's own word.
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

/// Provisioned capacity, in capacity units a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ProvisionedThroughput {
    /// Strongly consistent reads of up to 4 KB a second.
    pub read_capacity_units: i64,
    /// Writes of up to 1 KB a second.
    pub write_capacity_units: i64,
}

impl ProvisionedThroughput {
    /// Whether it is less than `other` in reads or in writes.
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

/// `5 reads, 1 write`; a negative number is no limit.
fn reads_and_writes(reads: i64, writes: i64) -> String {
    let words = |units: i64, singular: &str| match units {
        1 => format!("1 {singular}"),
        0.. => format!("{units} {singular}s"),
        _ => format!("unlimited {singular}s"),
    };
    format!("{}, {}", words(reads, "read"), words(writes, "write"))
}

/// What an on-demand table or index serves at most, in request units a second; beyond it requests
/// are throttled. -1 is no limit, which is also the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct OnDemandThroughput {
    /// Reads a second.
    pub max_read_request_units: i64,
    /// Writes a second.
    pub max_write_request_units: i64,
}

impl OnDemandThroughput {
    /// No limit.
    pub const UNLIMITED: Self = Self { max_read_request_units: -1, max_write_request_units: -1 };

    /// Whether it allows less than `other` in reads or in writes; a limit that is not known counts as
    /// none.
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

/// What a table or index is ready to serve at once, in units a second. DynamoDB raises it as
/// traffic grows, and never lets it be lowered.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct WarmThroughput {
    /// Reads a second.
    pub read_units_per_second: i64,
    /// Writes a second.
    pub write_units_per_second: i64,
}

impl WarmThroughput {
    /// Whether it is less than `other` in reads or in writes.
    pub fn is_below(&self, other: &Self) -> bool {
        self.read_units_per_second < other.read_units_per_second
            || self.write_units_per_second < other.write_units_per_second
    }

    /// The greater of both in reads and in writes.
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

/// What a record of a stream shows of the changed item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StreamViewType {
    /// Its key.
    KeysOnly,
    /// The item as it is after the change.
    NewImage,
    /// The item as it was before the change.
    OldImage,
    /// Both.
    NewAndOldImages,
}

impl StreamViewType {
    /// All of them, by DynamoDB's own words.
    pub const ALL: [(&'static str, Self); 4] = [
        ("KEYS_ONLY", Self::KeysOnly),
        ("NEW_IMAGE", Self::NewImage),
        ("OLD_IMAGE", Self::OldImage),
        ("NEW_AND_OLD_IMAGES", Self::NewAndOldImages),
    ];

    /// DynamoDB's own word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::KeysOnly => "KEYS_ONLY",
            Self::NewImage => "NEW_IMAGE",
            Self::OldImage => "OLD_IMAGE",
            Self::NewAndOldImages => "NEW_AND_OLD_IMAGES",
        }
    }
}

/// The stream of changes of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StreamSpecification {
    /// Whether there is one.
    pub stream_enabled: bool,
    /// What its records show; there when it is enabled, and only then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream_view_type: Option<StreamViewType>,
}

impl StreamSpecification {
    /// No stream: the default.
    pub const DISABLED: Self = Self { stream_enabled: false, stream_view_type: None };

    /// A stream with records of this kind.
    pub fn of(view: StreamViewType) -> Self {
        Self { stream_enabled: true, stream_view_type: Some(view) }
    }
}

impl fmt::Display for StreamSpecification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.stream_view_type {
            Some(view) if self.stream_enabled => f.write_str(view.as_str()),
            Some(_) | None => f.write_str("off"),
        }
    }
}

/// The key that a table is encrypted with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SseSpecification {
    /// `false`: the key that DynamoDB owns, which is the default. `true`: a key of AWS KMS.
    pub enabled: bool,
    /// The KMS key's ARN or id; without one, the key that AWS manages for DynamoDB.
    #[serde(rename = "KMSMasterKeyId", default, skip_serializing_if = "Option::is_none")]
    pub kms_master_key_id: Option<String>,
}

impl SseSpecification {
    /// The key that DynamoDB owns.
    pub const OWNED: Self = Self { enabled: false, kms_master_key_id: None };
    /// The key that AWS manages for DynamoDB in the account.
    pub const MANAGED: Self = Self { enabled: true, kms_master_key_id: None };

    /// A key of the account.
    pub fn key(key: impl Into<String>) -> Self {
        Self { enabled: true, kms_master_key_id: Some(key.into()) }
    }

    /// Writes the key, which a server names by its ARN, as `wanted` has it, where both may be the
    /// same: the id at the end of the ARN, or no key at all.
    pub(super) fn settle_key(&mut self, wanted: &Self) {
        let may_be_same = match (&self.kms_master_key_id, &wanted.kms_master_key_id) {
            (Some(arn), Some(id)) => arn.rsplit('/').next() == Some(id),
            (Some(_), None) => true,
            (None, _) => false,
        };
        if self.enabled && wanted.enabled && may_be_same {
            self.kms_master_key_id.clone_from(&wanted.kms_master_key_id);
        }
    }
}

impl fmt::Display for SseSpecification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kms_master_key_id {
            Some(key) if self.enabled => f.write_str(key),
            None if self.enabled => f.write_str("managed key"),
            Some(_) | None => f.write_str("owned key"),
        }
    }
}

/// The storage class of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TableClass {
    /// The default.
    Standard,
    /// Cheaper to keep, dearer to read and write.
    StandardInfrequentAccess,
}

impl TableClass {
    /// DynamoDB's own word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "STANDARD",
            Self::StandardInfrequentAccess => "STANDARD_INFREQUENT_ACCESS",
        }
    }
}

impl fmt::Display for TableClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The attribute whose time, in seconds since 1970, is the end of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TimeToLiveSpecification {
    /// The attribute: there when items expire, and, in a request that ends it, the one that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute_name: Option<String>,
    /// Whether items expire.
    pub enabled: bool,
}

impl TimeToLiveSpecification {
    /// No item expires: the default.
    pub const DISABLED: Self = Self { attribute_name: None, enabled: false };

    /// Items expire at the time that is in this attribute.
    pub fn by(attribute: impl Into<String>) -> Self {
        Self { attribute_name: Some(attribute.into()), enabled: true }
    }
}

impl fmt::Display for TimeToLiveSpecification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.attribute_name {
            Some(attribute) if self.enabled => f.write_str(attribute),
            Some(_) | None => f.write_str("off"),
        }
    }
}

/// Continuous backups, from which a table can be restored to any second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PointInTimeRecoverySpecification {
    /// Whether they are kept.
    pub point_in_time_recovery_enabled: bool,
    /// For how many days: 1 to 35. `None` leaves it to DynamoDB, whose default is 35.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_period_in_days: Option<i32>,
}

impl PointInTimeRecoverySpecification {
    /// None are kept: the default.
    pub const DISABLED: Self =
        Self { point_in_time_recovery_enabled: false, recovery_period_in_days: None };
}

impl fmt::Display for PointInTimeRecoverySpecification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.recovery_period_in_days {
            _ if !self.point_in_time_recovery_enabled => f.write_str("off"),
            Some(1) => f.write_str("1 day"),
            Some(days) => write!(f, "{days} days"),
            None => f.write_str("on"),
        }
    }
}

/// A tag of a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tag {
    /// Up to 128 characters; those that start with `aws:` belong to AWS.
    pub key: String,
    /// Up to 256 characters.
    pub value: String,
}

/// A resource-based policy, or that there is none.
///
/// Two policies are equal when they say the same: neither the order of keys and of lists matters,
/// nor whether a list of one is written as a list, nor whether an account is named by its number
/// or by the ARN of its root, which is what AWS makes of the number, nor whether the version that
/// holds without a word is stated. In a request and in files it is a string of JSON, as AWS has it;
/// the empty string is no policy.
#[derive(Debug, Clone, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ResourcePolicy(Option<Value>);

impl ResourcePolicy {
    /// No policy: the default.
    pub const NONE: Self = Self(None);

    /// A policy document.
    pub fn new(document: Value) -> Self {
        Self(Some(canonical(document)))
    }

    /// The document; `None` when there is no policy.
    pub fn document(&self) -> Option<&Value> {
        self.0.as_ref()
    }

    /// Whether there is no policy.
    pub fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// The version of the policy language that the document states.
    pub fn version(&self) -> Option<&str> {
        self.document()?.get(VERSION)?.as_str()
    }
}

/// The field of a policy that states the version of its language.
const VERSION: &str = "Version";

/// The version that holds where none is stated. AWS writes it into the document.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html>.
const DEFAULT_VERSION: &str = "2008-10-17";

impl PartialEq for ResourcePolicy {
    fn eq(&self, other: &Self) -> bool {
        /// The fields but for the version, when that is the one that holds anyway.
        fn fields(document: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
            document.iter().filter(|(name, value)| {
                name.as_str() != VERSION || value.as_str() != Some(DEFAULT_VERSION)
            })
        }
        match (&self.0, &other.0) {
            (Some(Value::Object(own)), Some(Value::Object(other))) => fields(own).eq(fields(other)),
            (own, other) => own == other,
        }
    }
}

impl TryFrom<String> for ResourcePolicy {
    type Error = serde_json::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.is_empty() {
            return Ok(Self::NONE);
        }
        serde_json::from_str(&text).map(Self::new)
    }
}

impl From<ResourcePolicy> for String {
    fn from(policy: ResourcePolicy) -> Self {
        policy.0.map(|document| document.to_string()).unwrap_or_default()
    }
}

/// One form for everything that means the same.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>.
fn canonical(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let sorted: BTreeMap<String, Value> = object
                .into_iter()
                .map(|(key, value)| {
                    let value = match key.as_str() {
                        "AWS" => each(value, &account),
                        "Condition" => each(value, &text),
                        _ => value,
                    };
                    (key, canonical(value))
                })
                .collect();
            match sorted.get("AWS") {
                // Everybody, in either way of writing it.
                Some(Value::String(anybody)) if anybody == "*" && sorted.len() == 1 => "*".into(),
                Some(_) | None => Value::Object(sorted.into_iter().collect()),
            }
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(canonical).collect();
            items.sort_by_key(Value::to_string);
            items.dedup();
            // Lists of a policy are sets, and a set of one is written as its element.
            if items.len() == 1 { items.swap_remove(0) } else { Value::Array(items) }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

/// Changes every value within lists and objects.
fn each(value: Value, change: &impl Fn(Value) -> Value) -> Value {
    match value {
        Value::Array(items) => {
            Value::Array(items.into_iter().map(|item| each(item, change)).collect())
        }
        Value::Object(object) => Value::Object(
            object.into_iter().map(|(key, value)| (key, each(value, change))).collect(),
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => change(value),
    }
}

/// The root of an account, in whatever partition, is its number.
fn account(value: Value) -> Value {
    let Value::String(text) = &value else { return value };
    let root = text.strip_prefix("arn:").and_then(|rest| rest.strip_suffix(":root"));
    match root.and_then(|rest| rest.split_once(":iam::")) {
        Some((_, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => number.into(),
        Some(_) | None => value,
    }
}

/// Values of conditions are texts, whichever way they are written.
fn text(value: Value) -> Value {
    match value {
        Value::Bool(_) | Value::Number(_) => value.to_string().into(),
        Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) => value,
    }
}
