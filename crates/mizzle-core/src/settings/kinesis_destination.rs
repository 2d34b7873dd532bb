//! The Kinesis data stream that receives the changes of a table's items.
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds.html>.
//!
//! A config names one stream, which is the only one of a managed table. DynamoDB supports more;
//! such a table is managed elsewhere.

mod request;

use super::Setting;
use crate::{
    config::{
        Fields,
        shape::{False, Text},
    },
    diff::ValueChange,
    export::TerraformTable,
    plan::{Call, Hazard, HazardKind, Phase, SettingStep, Situation},
    text,
};
pub use request::{
    DisableKinesisStreamingDestination, EnableKinesisStreamingDestination,
    KinesisStreamingConfiguration, UpdateKinesisStreamingDestination,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

/// The allowed lengths of a stream's ARN.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_EnableKinesisStreamingDestination.html>.
const ARN_BYTES: std::ops::RangeInclusive<usize> = 37..=1024;

/// The precision of the time that a record says its change was made at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TimestampPrecision {
    /// Milliseconds: the default.
    Millisecond,
    /// Microseconds.
    Microsecond,
}

impl TimestampPrecision {
    const WORDS: [(&'static str, Self); 2] =
        [("MILLISECOND", Self::Millisecond), ("MICROSECOND", Self::Microsecond)];

    /// Returns DynamoDB's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Millisecond => "MILLISECOND",
            Self::Microsecond => "MICROSECOND",
        }
    }
}

/// A stream that receives the changes of a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct KinesisDestination {
    /// The ARN of the stream.
    pub stream_arn: String,
    /// The precision of the times in its records. `None` leaves the choice to DynamoDB, whose
    /// default is milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approximate_creation_date_time_precision: Option<TimestampPrecision>,
}

impl KinesisDestination {
    /// Returns the precision, if it is not the default one.
    fn chosen_precision(&self) -> Option<TimestampPrecision> {
        let is_chosen = |precision: &TimestampPrecision| *precision != TimestampPrecision::Millisecond;
        self.approximate_creation_date_time_precision.filter(is_chosen)
    }

    /// Returns the name of the stream, the last part of its ARN.
    fn name(&self) -> &str {
        name(&self.stream_arn)
    }

    /// True if this destination is as `wanted`, which accepts any precision if it has none.
    fn is_as(&self, wanted: &Self) -> bool {
        let precision = wanted.approximate_creation_date_time_precision;
        self.stream_arn == wanted.stream_arn
            && (precision.is_none() || self.approximate_creation_date_time_precision == precision)
    }
}

/// Returns the name of a stream, the last part of its ARN.
fn name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

impl fmt::Display for KinesisDestination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.chosen_precision() {
            Some(precision) => write!(f, "{} ({})", self.name(), precision.as_str()),
            None => f.write_str(self.name()),
        }
    }
}

/// The streams that receive the changes of a table, by their ARNs: at most one in a config.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KinesisDestinations(Vec<KinesisDestination>);

impl KinesisDestinations {
    /// No stream: the default.
    pub const NONE: Self = Self(Vec::new());

    /// Creates the list of these streams.
    pub fn new(destinations: impl IntoIterator<Item = KinesisDestination>) -> Self {
        let mut destinations: Vec<KinesisDestination> = destinations.into_iter().collect();
        destinations.sort();
        Self(destinations)
    }

    /// Returns an iterator over the streams.
    pub fn iter(&self) -> impl Iterator<Item = &KinesisDestination> {
        self.0.iter()
    }

    fn get(&self, arn: &str) -> Option<&KinesisDestination> {
        self.0.iter().find(|destination| destination.stream_arn == arn)
    }

    /// Returns the streams that `other` does not have.
    fn missing_in<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a KinesisDestination> {
        self.0.iter().filter(|destination| other.get(&destination.stream_arn).is_none())
    }

}

impl fmt::Display for KinesisDestinations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("none");
        }
        let names: Vec<String> = self.0.iter().map(KinesisDestination::to_string).collect();
        f.write_str(&names.join(", "))
    }
}

/// The Kinesis data stream that takes the changes of the items: its ARN; `false`: there is none.
#[derive(JsonSchema)]
#[schemars(inline)]
#[serde(untagged)]
#[expect(dead_code, reason = "a shape")]
pub(crate) enum Form {
    Stream(Text),
    Destination(FormDestination),
    Off(False),
}

#[derive(JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "a shape")]
pub(crate) struct FormDestination {
    /// The ARN of the stream.
    stream_arn: Text,
    /// The precision of the times in its records: `MILLISECOND` unless stated.
    timestamp_precision: Option<TimestampPrecision>,
}

/// The form of a stream's ARN, for error messages.
const WANTED_ARN: &str =
    "the ARN of a Kinesis data stream (arn:aws:kinesis:eu-central-1:123456789012:stream/name)";

/// True if the text is an ARN such as `arn:aws:kinesis:eu-central-1:123456789012:stream/name`.
fn is_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, "kinesis", region, account, stream] = parts[..] else { return false };
    let is_account = account.len() == 12 && account.bytes().all(|digit| digit.is_ascii_digit());
    let has_name = stream.strip_prefix("stream/").is_some_and(|name| !name.is_empty());
    let is_complete = !partition.is_empty() && !region.is_empty() && is_account && has_name;
    is_complete && ARN_BYTES.contains(&text.len())
}

pub(crate) enum KinesisDestinationSetting {}

impl Setting for KinesisDestinationSetting {
    type Value = KinesisDestinations;
    type Change = ValueChange<KinesisDestinations>;
    type Form = Form;

    const NAME: &'static str = "Kinesis destination";
    const CONFIG: &'static str = "kinesisDestination";
    const WIRE: &'static str = "KinesisDataStreamDestinations";
    const CLOUDFORMATION: &'static str = "KinesisStreamSpecification";
    const LABEL: &'static str = "Kinesis";
    const IN_CREATION: bool = false;
    const ATTACHED: Option<&'static str> = Some("Kinesis destinations");

    fn default() -> KinesisDestinations {
        KinesisDestinations::NONE
    }

    fn read(fields: &mut Fields<'_>) -> Option<KinesisDestinations> {
        let destination = match fields.get(Self::CONFIG)? {
            Value::Bool(false) => return Some(KinesisDestinations::NONE),
            Value::String(_) => {
                let stream_arn = fields.text_that(Self::CONFIG, WANTED_ARN, is_arn)?;
                KinesisDestination { stream_arn, approximate_creation_date_time_precision: None }
            }
            _ => {
                let (mut arn, mut precision) = (None, None);
                let wanted = "the ARN of a stream, false or an object with streamArn";
                fields.object_or(Self::CONFIG, wanted, |fields| {
                    fields.require("streamArn");
                    arn = fields.text_that("streamArn", WANTED_ARN, is_arn);
                    let words = &TimestampPrecision::WORDS;
                    precision = fields.word("timestampPrecision", words, &[]);
                });
                KinesisDestination {
                    stream_arn: arn?,
                    approximate_creation_date_time_precision: precision,
                }
            }
        };
        Some(KinesisDestinations::new([destination]))
    }

    fn pull(destinations: &KinesisDestinations, notes: &mut Vec<String>) -> Option<Value> {
        match destinations.0.as_slice() {
            [] => None,
            [only] => Some(match only.chosen_precision() {
                Some(precision) => json!({
                    "streamArn": only.stream_arn,
                    "timestampPrecision": precision,
                }),
                None => only.stream_arn.as_str().into(),
            }),
            several => {
                let names: Vec<&str> = several.iter().map(KinesisDestination::name).collect();
                notes.push(format!(
                    "its changes go to the Kinesis data streams {}: a config names one, and mizzle leaves them alone",
                    text::list(&names)
                ));
                None
            }
        }
    }

    /// Compares the streams. A request that disables a destination names it, so no unknown
    /// destination can be disabled.
    fn difference(
        before: Option<&KinesisDestinations>,
        after: &KinesisDestinations,
    ) -> Option<ValueChange<KinesisDestinations>> {
        const NONE: &KinesisDestinations = &KinesisDestinations::NONE;
        let known = before.unwrap_or(NONE);
        let is_met = |wanted: &KinesisDestination| {
            known.get(&wanted.stream_arn).is_some_and(|present| present.is_as(wanted))
        };
        let differs = known.missing_in(after).next().is_some() || !after.iter().all(is_met);
        differs.then(|| ValueChange { before: before.cloned(), after: after.clone() })
    }

    fn words(change: &ValueChange<KinesisDestinations>) -> String {
        change.words(Self::NAME)
    }

    fn shown(destinations: &KinesisDestinations) -> String {
        destinations.to_string()
    }

    fn listed(destinations: &KinesisDestinations) -> String {
        let arns = destinations.iter().map(|destination| match destination.chosen_precision() {
            Some(precision) => format!("{} ({})", destination.stream_arn, precision.as_str()),
            None => destination.stream_arn.clone(),
        });
        let arns: Vec<String> = arns.collect();
        if arns.is_empty() { destinations.to_string() } else { arns.join(", ") }
    }

    fn attached(destinations: &KinesisDestinations) -> Vec<String> {
        let name = |one: &KinesisDestination| format!("{} {}", Self::NAME, one.name());
        destinations.iter().map(name).collect()
    }

    /// Returns the steps. A destination that is replaced is disabled first, because AWS does not
    /// document whether a table may have both at the same time.
    fn steps(change: ValueChange<KinesisDestinations>, situation: Situation<'_>) -> Vec<SettingStep> {
        let ValueChange { before, after } = change;
        let before = before.unwrap_or_default();
        let ending = before.missing_in(&after).map(|destination| disable(destination, situation));
        let wanted = after.iter().filter_map(|wanted| match before.get(&wanted.stream_arn) {
            None => Some(enable(wanted, situation)),
            Some(present) if present.is_as(wanted) => None,
            Some(_) => update(wanted, situation),
        });
        ending.chain(wanted).collect()
    }

    fn steps_after_creation(
        destinations: &KinesisDestinations,
        situation: Situation<'_>,
    ) -> Vec<SettingStep> {
        destinations.iter().map(|destination| enable(destination, situation)).collect()
    }

    fn answered(destinations: KinesisDestinations) -> KinesisDestinations {
        KinesisDestinations(destinations.0.into_iter().map(request::answered).collect())
    }

    /// Returns the property, which holds one stream.
    /// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-dynamodb-table-kinesisstreamspecification.html>.
    fn cloudformation(destinations: &KinesisDestinations) -> Option<Value> {
        destinations.0.first().map(super::to_value)
    }

    /// Adds the Terraform resources.
    /// Source: <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/dynamodb_kinesis_streaming_destination>.
    fn terraform(destinations: &KinesisDestinations, table: &mut TerraformTable) {
        for destination in destinations.iter() {
            let name = ("table_name", table.reference("name"));
            let arn = ("stream_arn", destination.stream_arn.as_str().into());
            let precision = destination.approximate_creation_date_time_precision.map(|precision| {
                ("approximate_creation_date_time_precision", precision.as_str().into())
            });
            let attributes = [name, arn].into_iter().chain(precision);
            table.attached("aws_dynamodb_kinesis_streaming_destination", attributes);
        }
    }
}

fn enable(destination: &KinesisDestination, situation: Situation<'_>) -> SettingStep {
    let call = EnableKinesisStreamingDestination::of(situation.table, destination);
    let action = format!("enable-kinesis-destination:{}", destination.name());
    SettingStep::new(Phase::Settings, action, Call::EnableKinesisStreamingDestination(call))
}

fn disable(destination: &KinesisDestination, situation: Situation<'_>) -> SettingStep {
    let call = DisableKinesisStreamingDestination {
        table_name: situation.table.to_owned(),
        stream_arn: destination.stream_arn.clone(),
    };
    let action = format!("disable-kinesis-destination:{}", destination.name());
    let hazard = ends_destination(destination.name());
    SettingStep::new(Phase::Settings, action, Call::DisableKinesisStreamingDestination(call))
        .hazards(Some(hazard))
}

/// Returns the step that changes the precision. A destination that differs always has a wanted one.
fn update(destination: &KinesisDestination, situation: Situation<'_>) -> Option<SettingStep> {
    let precision = destination.approximate_creation_date_time_precision?;
    let call = UpdateKinesisStreamingDestination {
        table_name: situation.table.to_owned(),
        stream_arn: destination.stream_arn.clone(),
        update_kinesis_streaming_configuration: KinesisStreamingConfiguration::of(precision),
    };
    let action = format!("update-kinesis-destination:{}", destination.name());
    let call = Call::UpdateKinesisStreamingDestination(call);
    Some(SettingStep::new(Phase::Settings, action, call))
}

/// Returns the hazard that the stream receives no further changes.
fn ends_destination(stream: &str) -> Hazard {
    let message = format!(
        "The Kinesis data stream {stream} gets no further changes of the items. The stream itself and the records that it holds are not touched."
    );
    Hazard::new(HazardKind::DisablesStream, message)
}
