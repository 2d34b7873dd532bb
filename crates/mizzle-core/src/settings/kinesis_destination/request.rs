//! `EnableKinesisStreamingDestination`, `UpdateKinesisStreamingDestination` and
//! `DisableKinesisStreamingDestination`.

use super::{
    KinesisDestination, KinesisDestinationSetting, KinesisDestinations, TimestampPrecision,
    ends_destination, name,
};
use crate::{
    model::TableDefinition,
    plan::{
        Facts, Hazard, Refusal,
        parse::{self, Read, string, table_name, word},
        simulator::{Table, require},
    },
    settings::{Effect, Request, Setting, SettingRequest},
};
use serde::Serialize;
use serde_json::Value;

/// The configuration of a destination in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct KinesisStreamingConfiguration {
    /// The precision of the times in the stream's records.
    pub approximate_creation_date_time_precision: TimestampPrecision,
}

impl KinesisStreamingConfiguration {
    pub(super) fn of(precision: TimestampPrecision) -> Self {
        Self { approximate_creation_date_time_precision: precision }
    }

    fn parse(value: &Value, path: &str) -> Read<Self> {
        const PRECISION: &str = "ApproximateCreationDateTimePrecision";
        let fields = parse::Fields::of(value, path, &[PRECISION], &[])?;
        fields.required(PRECISION, word(&TimestampPrecision::WORDS)).map(Self::of)
    }
}

/// The `EnableKinesisStreamingDestination` request.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_EnableKinesisStreamingDestination.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct EnableKinesisStreamingDestination {
    /// The table.
    pub table_name: String,
    /// The ARN of the stream.
    pub stream_arn: String,
    /// The precision; `None` leaves the choice to DynamoDB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_kinesis_streaming_configuration: Option<KinesisStreamingConfiguration>,
}

/// The `UpdateKinesisStreamingDestination` request.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateKinesisStreamingDestination.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateKinesisStreamingDestination {
    /// The table.
    pub table_name: String,
    /// The ARN of the stream.
    pub stream_arn: String,
    /// The precision.
    pub update_kinesis_streaming_configuration: KinesisStreamingConfiguration,
}

/// The `DisableKinesisStreamingDestination` request.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DisableKinesisStreamingDestination.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DisableKinesisStreamingDestination {
    /// The table.
    pub table_name: String,
    /// The ARN of the stream.
    pub stream_arn: String,
}

/// Returns the destination in the service's response, with the default precision if none was
/// requested.
pub(super) fn answered(destination: KinesisDestination) -> KinesisDestination {
    let precision = destination.approximate_creation_date_time_precision;
    let precision = precision.unwrap_or(TimestampPrecision::Millisecond);
    KinesisDestination { approximate_creation_date_time_precision: Some(precision), ..destination }
}

/// True if the table has the wanted destination.
fn is_there(present: &TableDefinition, wanted: KinesisDestination) -> bool {
    let wanted = KinesisDestinations::new([wanted]);
    let present = present.kinesis_destinations.as_ref();
    present.is_some() && KinesisDestinationSetting::difference(present, &wanted).is_none()
}

/// Returns the destinations of a table in the simulator.
fn destinations(table: &mut Table) -> &mut Vec<KinesisDestination> {
    &mut table.definition.kinesis_destinations.get_or_insert_default().0
}

/// Returns the active destination of a table in the simulator.
fn active<'a>(table: &'a mut Table, arn: &str) -> Result<&'a mut KinesisDestination, Refusal> {
    let mut all = destinations(table).iter_mut();
    all.find(|destination| destination.stream_arn == arn).ok_or_else(|| {
        Refusal::validation(format!("the Kinesis destination {} has to be ACTIVE", name(arn)))
    })
}

impl EnableKinesisStreamingDestination {
    /// Returns the request that enables a destination.
    pub(super) fn of(table: &str, destination: &KinesisDestination) -> Self {
        let precision = destination.approximate_creation_date_time_precision;
        Self {
            table_name: table.to_owned(),
            stream_arn: destination.stream_arn.clone(),
            enable_kinesis_streaming_configuration: precision.map(KinesisStreamingConfiguration::of),
        }
    }

    /// Returns the requested destination.
    fn wanted(&self) -> KinesisDestination {
        let configuration = self.enable_kinesis_streaming_configuration;
        KinesisDestination {
            stream_arn: self.stream_arn.clone(),
            approximate_creation_date_time_precision: configuration
                .map(|configuration| configuration.approximate_creation_date_time_precision),
        }
    }
}

impl SettingRequest for EnableKinesisStreamingDestination {
    fn title(&self) -> String {
        format!("Send changes to the Kinesis data stream {}", self.wanted())
    }

    fn effect(&self) -> Effect {
        Effect::Adds
    }

    fn is_in_effect(&self, present: &TableDefinition) -> bool {
        is_there(present, self.wanted())
    }

    fn part(&self) -> Option<&str> {
        Some(&self.stream_arn)
    }

    /// Enables the destination, unless it is already active.
    fn simulate(&self, table: &mut Table) -> Result<(), Refusal> {
        let destinations = destinations(table);
        let is_new = destinations.iter().all(|one| one.stream_arn != self.stream_arn);
        require(is_new, || {
            format!("the Kinesis destination {} is ACTIVE already", name(&self.stream_arn))
        })?;
        destinations.push(answered(self.wanted()));
        destinations.sort();
        Ok(())
    }

    /// Returns true.
    /// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-dynamodb-globaltable-replicaspecification.html>.
    fn is_regional(&self) -> bool {
        true
    }
}

impl Request for EnableKinesisStreamingDestination {
    const METHOD: &'static str = "enableKinesisStreamingDestination";

    fn parse(request: &Value) -> Read<Self> {
        const CONFIGURATION: &str = "EnableKinesisStreamingConfiguration";
        let known = ["TableName", "StreamArn", CONFIGURATION];
        let fields = parse::Fields::of(request, "", &known, &[])?;
        Ok(Self {
            table_name: fields.required("TableName", table_name)?,
            stream_arn: fields.required("StreamArn", string)?,
            enable_kinesis_streaming_configuration: fields
                .optional(CONFIGURATION, KinesisStreamingConfiguration::parse)?,
        })
    }
}

impl UpdateKinesisStreamingDestination {
    fn precision(&self) -> TimestampPrecision {
        self.update_kinesis_streaming_configuration.approximate_creation_date_time_precision
    }
}

impl SettingRequest for UpdateKinesisStreamingDestination {
    fn title(&self) -> String {
        let (stream, precision) = (name(&self.stream_arn), self.precision().as_str());
        format!("Set the timestamp precision of the Kinesis destination {stream} to {precision}")
    }

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn is_in_effect(&self, present: &TableDefinition) -> bool {
        let wanted = KinesisDestination {
            stream_arn: self.stream_arn.clone(),
            approximate_creation_date_time_precision: Some(self.precision()),
        };
        is_there(present, wanted)
    }

    fn part(&self) -> Option<&str> {
        Some(&self.stream_arn)
    }

    /// Changes the precision, unless it is already set.
    fn simulate(&self, table: &mut Table) -> Result<(), Refusal> {
        let wanted = Some(self.precision());
        let destination = active(table, &self.stream_arn)?;
        require(destination.approximate_creation_date_time_precision != wanted, || {
            format!("the precision is {} already", self.precision().as_str())
        })?;
        destination.approximate_creation_date_time_precision = wanted;
        Ok(())
    }

    fn is_regional(&self) -> bool {
        true
    }
}

impl Request for UpdateKinesisStreamingDestination {
    const METHOD: &'static str = "updateKinesisStreamingDestination";

    fn parse(request: &Value) -> Read<Self> {
        const CONFIGURATION: &str = "UpdateKinesisStreamingConfiguration";
        let known = ["TableName", "StreamArn", CONFIGURATION];
        let fields = parse::Fields::of(request, "", &known, &[])?;
        Ok(Self {
            table_name: fields.required("TableName", table_name)?,
            stream_arn: fields.required("StreamArn", string)?,
            update_kinesis_streaming_configuration: fields
                .required(CONFIGURATION, KinesisStreamingConfiguration::parse)?,
        })
    }
}

impl SettingRequest for DisableKinesisStreamingDestination {
    fn title(&self) -> String {
        format!("Stop sending changes to the Kinesis data stream {}", name(&self.stream_arn))
    }

    fn effect(&self) -> Effect {
        Effect::Removes
    }

    fn hazards(&self, present: Option<&TableDefinition>, _facts: Option<&Facts>) -> Vec<Hazard> {
        let present = present.and_then(|table| table.kinesis_destinations.as_ref());
        let is_on = present.is_none_or(|present| present.get(&self.stream_arn).is_some());
        is_on.then(|| ends_destination(name(&self.stream_arn))).into_iter().collect()
    }

    fn is_in_effect(&self, present: &TableDefinition) -> bool {
        let present = present.kinesis_destinations.as_ref();
        present.is_some_and(|present| present.get(&self.stream_arn).is_none())
    }

    fn part(&self) -> Option<&str> {
        Some(&self.stream_arn)
    }

    fn simulate(&self, table: &mut Table) -> Result<(), Refusal> {
        active(table, &self.stream_arn)?;
        destinations(table).retain(|destination| destination.stream_arn != self.stream_arn);
        Ok(())
    }

    fn is_regional(&self) -> bool {
        true
    }

    fn gap(&self) -> Option<String> {
        Some(format!("changes of {} go to no Kinesis data stream", self.table_name))
    }
}

impl Request for DisableKinesisStreamingDestination {
    const METHOD: &'static str = "disableKinesisStreamingDestination";

    fn parse(request: &Value) -> Read<Self> {
        let fields = parse::Fields::of(request, "", &["TableName", "StreamArn"], &[])?;
        Ok(Self {
            table_name: fields.required("TableName", table_name)?,
            stream_arn: fields.required("StreamArn", string)?,
        })
    }
}
