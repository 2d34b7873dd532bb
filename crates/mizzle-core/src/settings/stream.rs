//! The stream of changes of a table. Streams cannot change their view type: DynamoDB disables the
//! old one and enables a new one, with another ARN.
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html>.

use super::{Effect, Setting, UpdateTableSetting};
use crate::{
    config::{Fields, shape::False},
    diff::ValueChange,
    export::TerraformTable,
    plan::{
        Blocked, Facts, Hazard, HazardKind, Phase, Refusal, SettingStep, Situation, beyond,
        parse::{self, Read, boolean, word},
        simulator::require,
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

/// The parts of a changed item in the records of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
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
    /// All view types, with DynamoDB's names.
    pub const ALL: [(&'static str, Self); 4] = [
        ("KEYS_ONLY", Self::KeysOnly),
        ("NEW_IMAGE", Self::NewImage),
        ("OLD_IMAGE", Self::OldImage),
        ("NEW_AND_OLD_IMAGES", Self::NewAndOldImages),
    ];

    /// Returns DynamoDB's name.
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
    /// True if the stream is enabled.
    pub stream_enabled: bool,
    /// The view type of its records; present if and only if it is enabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream_view_type: Option<StreamViewType>,
}

impl StreamSpecification {
    /// No stream: the default.
    pub const DISABLED: Self = Self { stream_enabled: false, stream_view_type: None };

    /// Returns an enabled stream with this view type.
    pub fn of(view: StreamViewType) -> Self {
        Self { stream_enabled: true, stream_view_type: Some(view) }
    }

    /// Returns the view type, if the stream is enabled.
    fn view(self) -> Option<StreamViewType> {
        self.stream_view_type.filter(|_| self.stream_enabled)
    }
}

impl fmt::Display for StreamSpecification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.view().map_or("off", StreamViewType::as_str))
    }
}

/// The contents of the records of the stream of changes; `false`: there is no stream.
#[derive(JsonSchema)]
#[schemars(inline)]
#[serde(untagged)]
#[expect(dead_code, reason = "a shape")]
pub(crate) enum Form {
    On(StreamViewType),
    Off(False),
}

pub(crate) enum StreamSetting {}

impl Setting for StreamSetting {
    type Value = StreamSpecification;
    type Change = ValueChange<StreamSpecification>;
    type Form = Form;

    const NAME: &'static str = "stream";
    const CONFIG: &'static str = "stream";
    const WIRE: &'static str = "StreamSpecification";
    const LABEL: &'static str = "Stream";
    const IN_CREATION: bool = true;

    fn default() -> StreamSpecification {
        StreamSpecification::DISABLED
    }

    fn is_default(stream: &StreamSpecification) -> bool {
        !stream.stream_enabled
    }

    fn read(fields: &mut Fields<'_>) -> Option<StreamSpecification> {
        if fields.get(Self::CONFIG)? == &Value::Bool(false) {
            return Some(StreamSpecification::DISABLED);
        }
        let view = fields.word(Self::CONFIG, &StreamViewType::ALL, &["false"]);
        view.map(StreamSpecification::of)
    }

    fn pull(stream: &StreamSpecification, _notes: &mut Vec<String>) -> Option<Value> {
        stream.view().map(|view| view.as_str().into())
    }

    fn difference(
        before: Option<&StreamSpecification>,
        after: &StreamSpecification,
    ) -> Option<ValueChange<StreamSpecification>> {
        ValueChange::between(before, after)
    }

    fn words(change: &ValueChange<StreamSpecification>) -> String {
        change.words(Self::NAME)
    }

    fn shown(stream: &StreamSpecification) -> String {
        stream.to_string()
    }

    fn steps(change: ValueChange<StreamSpecification>, situation: Situation<'_>) -> Vec<SettingStep> {
        let ValueChange { before, after } = change;
        let mut steps = Vec::new();
        if before.is_some_and(|before| before.stream_enabled) || !after.stream_enabled {
            let hazard = if after.stream_enabled { exchanges_stream() } else { ends_stream() };
            let call = situation.update::<Self>(StreamSpecification::DISABLED);
            let step = SettingStep::new(Phase::Settings, "disable-stream", call);
            steps.push(step.hazards(Some(hazard)));
        }
        if after.stream_enabled {
            let call = situation.update::<Self>(after);
            steps.push(SettingStep::new(Phase::Settings, "enable-stream", call));
        }
        steps
    }

    fn steps_after_creation(
        _stream: &StreamSpecification,
        _situation: Situation<'_>,
    ) -> Vec<SettingStep> {
        Vec::new()
    }

    /// Refuses changes to the stream of a global table, which DynamoDB needs for replication.
    /// Strongly consistent replicas do not need it.
    /// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-CoreConcepts.html>.
    fn refusal(
        change: &ValueChange<StreamSpecification>,
        table: &str,
        facts: &Facts,
    ) -> Option<Blocked> {
        let is_needed = !facts.is_strongly_consistent
            && change.before.is_none_or(|before| before.stream_enabled);
        let replicas = beyond::replicas(facts).filter(|_| is_needed)?;
        let reason = format!(
            "{table} is a global table, with replicas in {replicas}: its stream carries the changes there, and DynamoDB neither ends nor changes it ({})",
            Self::words(change)
        );
        let hint = "remove `stream` for this table from the config, which leaves it alone; or remove the replicas first, with the console or the CLI of AWS";
        Some(Blocked::not_possible(table, reason, hint))
    }

    fn cloudformation(stream: &StreamSpecification) -> Option<Value> {
        // The presence of the property enables the stream.
        stream.view().map(|view| json!({ "StreamViewType": view }))
    }

    fn terraform(stream: &StreamSpecification, table: &mut TerraformTable) {
        table.attribute("stream_enabled", stream.stream_enabled);
        if let Some(view) = stream.view() {
            table.attribute("stream_view_type", view.as_str());
        }
    }
}

impl UpdateTableSetting for StreamSetting {
    const IS_REGIONAL: bool = false;

    fn parse(value: &Value, path: &str) -> Read<StreamSpecification> {
        let known = ["StreamEnabled", "StreamViewType"];
        let fields = parse::Fields::of(value, path, &known, &[])?;
        Ok(StreamSpecification {
            stream_enabled: fields.required("StreamEnabled", boolean)?,
            stream_view_type: fields.optional("StreamViewType", word(&StreamViewType::ALL))?,
        })
    }

    fn title(stream: &StreamSpecification) -> String {
        if stream.stream_enabled {
            format!("Turn on the stream ({stream})")
        } else {
            "Turn off the stream".to_owned()
        }
    }

    fn effect(stream: &StreamSpecification) -> Effect {
        Effect::of_switch(stream.stream_enabled)
    }

    fn hazard(
        _table: &str,
        present: Option<&StreamSpecification>,
        wanted: &StreamSpecification,
    ) -> Option<Hazard> {
        let had_stream = present.is_none_or(|stream| stream.stream_enabled);
        (had_stream && !wanted.stream_enabled).then(ends_stream)
    }

    /// Checks that there is a view type if and only if the stream is enabled.
    /// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_StreamSpecification.html>.
    fn check(stream: &StreamSpecification) -> Result<(), Refusal> {
        require(stream.stream_enabled == stream.stream_view_type.is_some(), || {
            "a stream has a view type if it is enabled, and only then".to_owned()
        })
    }

    /// Enables or disables the stream. Another view type needs both.
    fn updated(
        present: &StreamSpecification,
        wanted: &StreamSpecification,
    ) -> Result<StreamSpecification, Refusal> {
        Self::check(wanted)?;
        match (present.stream_enabled, wanted.stream_enabled) {
            (true, true) => Err(Refusal::validation("Table already has an enabled stream")),
            (false, false) => Err(Refusal::validation("Table has no stream to disable")),
            (true, false) | (false, true) => Ok(*wanted),
        }
    }
}

/// Returns the hazard of disabling the stream for good.
pub(crate) fn ends_stream() -> Hazard {
    Hazard::new(
        HazardKind::DisablesStream,
        "The stream ends: what reads it gets nothing new. Records that are there can be read for 24 hours.",
    )
}

/// Returns the hazard of replacing the stream by one with another view type.
fn exchanges_stream() -> Hazard {
    Hazard::new(
        HazardKind::DisablesStream,
        "The stream ends and another begins, under another ARN: what reads it (Lambda triggers, pipes) has to be attached to the new one. Changes in between are in neither; records that are there can be read for 24 hours.",
    )
}
