//! Time to live: the attribute by which items expire. DynamoDB accepts one change per hour, and
//! must disable one attribute before it enables another.
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html>.

use super::{Effect, Request, Setting, SettingRequest};
use crate::{
    config::{Fields, shape::False},
    diff::ValueChange,
    export::TerraformTable,
    model::TableDefinition,
    plan::{
        Blocked, Call, Facts, Hazard, HazardKind, Phase, Refusal, SettingStep, Situation, beyond,
        parse::{self, Read, boolean, string, table_name},
        simulator::{Table, require},
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// The longest name of the attribute, in bytes.
const MAX_BYTES: usize = 255;

/// The attribute that contains the time, in seconds since 1970, when an item expires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TimeToLiveSpecification {
    /// The attribute: present if items expire, and, in a request that disables it, the former one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute_name: Option<String>,
    /// True if items expire.
    pub enabled: bool,
}

impl TimeToLiveSpecification {
    /// No item expires: the default.
    pub const DISABLED: Self = Self { attribute_name: None, enabled: false };

    /// Returns time to live that is enabled for this attribute.
    pub fn by(attribute: impl Into<String>) -> Self {
        Self { attribute_name: Some(attribute.into()), enabled: true }
    }

    /// Returns the attribute, if items expire.
    fn active(&self) -> Option<&str> {
        self.attribute_name.as_deref().filter(|_| self.enabled)
    }
}

impl fmt::Display for TimeToLiveSpecification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.active().unwrap_or("off"))
    }
}

/// The `UpdateTimeToLive` request.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateTimeToLive {
    /// The table.
    pub table_name: String,
    /// The specification: enabled with an attribute, or disabled with the former attribute.
    pub time_to_live_specification: TimeToLiveSpecification,
}

/// The attribute with the time (in seconds since 1970) at which an item expires; `false`: off.
#[derive(JsonSchema)]
#[schemars(inline)]
#[serde(untagged)]
#[expect(dead_code, reason = "a shape")]
pub(crate) enum Form {
    By(#[schemars(length(min = 1, max = MAX_BYTES))] String),
    Off(False),
}

pub(crate) enum TimeToLiveSetting {}

impl Setting for TimeToLiveSetting {
    type Value = TimeToLiveSpecification;
    type Change = ValueChange<TimeToLiveSpecification>;
    type Form = Form;

    const NAME: &'static str = "time to live";
    const CONFIG: &'static str = "timeToLive";
    const WIRE: &'static str = "TimeToLiveSpecification";
    const LABEL: &'static str = "TTL";
    const IN_CREATION: bool = false;

    fn default() -> TimeToLiveSpecification {
        TimeToLiveSpecification::DISABLED
    }

    fn is_default(expiry: &TimeToLiveSpecification) -> bool {
        !expiry.enabled
    }

    fn read(fields: &mut Fields<'_>) -> Option<TimeToLiveSpecification> {
        match fields.get(Self::CONFIG)? {
            Value::Bool(false) => Some(TimeToLiveSpecification::DISABLED),
            Value::String(attribute) if attribute.len() > MAX_BYTES => {
                let length = attribute.len();
                let message = format!("must have up to {MAX_BYTES} bytes, but has {length}");
                fields.complain(Self::CONFIG, message, None);
                None
            }
            Value::String(attribute) if !attribute.is_empty() => {
                Some(TimeToLiveSpecification::by(attribute))
            }
            other => {
                fields.wrong(Self::CONFIG, "the name of an attribute, or false", other);
                None
            }
        }
    }

    fn pull(expiry: &TimeToLiveSpecification, _notes: &mut Vec<String>) -> Option<Value> {
        expiry.active().map(Into::into)
    }

    /// Compares time to live. A request that disables it names the attribute, so an unknown one
    /// cannot be disabled.
    fn difference(
        before: Option<&TimeToLiveSpecification>,
        after: &TimeToLiveSpecification,
    ) -> Option<ValueChange<TimeToLiveSpecification>> {
        ValueChange::between(before, after).filter(|shift| shift.before.is_some() || shift.after.enabled)
    }

    fn words(change: &ValueChange<TimeToLiveSpecification>) -> String {
        change.words(Self::NAME)
    }

    fn shown(expiry: &TimeToLiveSpecification) -> String {
        expiry.to_string()
    }

    /// Returns the steps. Another attribute needs two calls. The second one comes after all steps
    /// that do not have to wait for an hour.
    fn steps(change: ValueChange<TimeToLiveSpecification>, situation: Situation<'_>) -> Vec<SettingStep> {
        let ValueChange { before, after } = change;
        let was_on = before.filter(|before| before.enabled);
        let enable = after.enabled.then(|| {
            let phase = if was_on.is_some() { Phase::AnHourLater } else { Phase::Settings };
            let hazard = hazard(&after, situation.facts);
            step(phase, after.clone(), situation).hazards(hazard)
        });
        let disable = was_on.map(|before| {
            let off = TimeToLiveSpecification { enabled: false, ..before };
            step(Phase::Settings, off, situation)
        });
        disable.into_iter().chain(enable).collect()
    }

    fn steps_after_creation(
        expiry: &TimeToLiveSpecification,
        situation: Situation<'_>,
    ) -> Vec<SettingStep> {
        vec![step(Phase::Settings, expiry.clone(), situation)]
    }

    /// Refuses to enable time to live in a strongly consistent global table.
    /// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-global-table-design.prescriptive-guidance.throughput.html>.
    fn refusal(
        change: &ValueChange<TimeToLiveSpecification>,
        table: &str,
        facts: &Facts,
    ) -> Option<Blocked> {
        let is_refused = change.after.enabled && facts.is_strongly_consistent;
        let replicas = beyond::replicas(facts).filter(|_| is_refused)?;
        let reason = format!(
            "{table} is a global table, strongly consistent with {replicas}, of which DynamoDB lets no item expire"
        );
        let hint = "remove `timeToLive` for this table from the config";
        Some(Blocked::not_possible(table, reason, hint))
    }

    fn answered(expiry: TimeToLiveSpecification) -> TimeToLiveSpecification {
        if expiry.enabled { expiry } else { TimeToLiveSpecification::DISABLED }
    }

    fn cloudformation(expiry: &TimeToLiveSpecification) -> Option<Value> {
        Some(super::to_value(expiry))
    }

    fn terraform(expiry: &TimeToLiveSpecification, table: &mut TerraformTable) {
        let mut block = TerraformTable::block("ttl");
        if let Some(attribute) = expiry.active() {
            block = block.add_attribute(("attribute_name", attribute));
        }
        table.nested(block.add_attribute(("enabled", expiry.enabled)).build());
    }
}

/// Returns the step that enables time to live for an attribute, or disables it.
fn step(
    phase: Phase,
    specification: TimeToLiveSpecification,
    situation: Situation<'_>,
) -> SettingStep {
    let action = if specification.enabled { "enable-time-to-live" } else { "disable-time-to-live" };
    let call = Call::UpdateTimeToLive(UpdateTimeToLive {
        table_name: situation.table.to_owned(),
        time_to_live_specification: specification,
    });
    SettingStep::new(phase, action, call)
}

/// Returns the hazard of items that start to expire. An empty table has none.
fn hazard(wanted: &TimeToLiveSpecification, facts: Option<&Facts>) -> Option<Hazard> {
    let is_empty = facts.is_some_and(|facts| facts.is_empty == Some(true));
    let attribute = wanted.attribute_name.as_deref().unwrap_or_default();
    (wanted.enabled && !is_empty).then(|| {
        let message = format!(
            "Items whose {attribute:?} is a time in the past are deleted, in the background and for good."
        );
        Hazard::new(HazardKind::ExpiresItems, message)
    })
}

impl SettingRequest for UpdateTimeToLive {
    fn title(&self) -> String {
        let TimeToLiveSpecification { attribute_name, enabled } = &self.time_to_live_specification;
        let attribute = attribute_name.as_deref().unwrap_or_default();
        if *enabled {
            format!("Let items expire by {attribute:?}")
        } else {
            format!("Stop letting items expire by {attribute:?}")
        }
    }

    fn effect(&self) -> Effect {
        Effect::of_switch(self.time_to_live_specification.enabled)
    }

    fn hazards(&self, present: Option<&TableDefinition>, facts: Option<&Facts>) -> Vec<Hazard> {
        let wanted = &self.time_to_live_specification;
        let present = present.and_then(|table| table.time_to_live_specification.as_ref());
        hazard(wanted, facts).filter(|_| present != Some(wanted)).into_iter().collect()
    }

    fn is_in_effect(&self, present: &TableDefinition) -> bool {
        let wanted = &self.time_to_live_specification;
        present.time_to_live_specification.as_ref().is_some_and(|present| match wanted.enabled {
            true => present == wanted,
            false => !present.enabled,
        })
    }

    /// Applies the request, unless it changes nothing, switches directly from one attribute to
    /// another, or is the second one within an hour, which is simulated as: before the table is
    /// settled.
    fn simulate(&self, table: &mut Table) -> Result<(), Refusal> {
        require(!table.expiry_changed, || {
            "Time to live has been modified multiple times within a fixed interval".to_owned()
        })?;
        let wanted = &self.time_to_live_specification;
        let Some(attribute) = &wanted.attribute_name else {
            return Err(Refusal::validation(
                "AttributeName is required, also while time to live is being disabled",
            ));
        };
        require((1..=MAX_BYTES).contains(&attribute.len()), || {
            "the name of a time-to-live attribute has 1 to 255 bytes".to_owned()
        })?;
        let expiry = &mut table.definition.time_to_live_specification;
        let present = expiry.as_ref().and_then(TimeToLiveSpecification::active);
        match (present, wanted.enabled) {
            (None, false) => {
                return Err(Refusal::validation("TimeToLive is already disabled"));
            }
            (Some(present), _) if present != attribute => {
                return Err(Refusal::validation(format!(
                    "TimeToLive is active on a different AttributeName: current AttributeName is {present}"
                )));
            }
            (Some(_), true) => {
                return Err(Refusal::validation("TimeToLive is already enabled"));
            }
            (Some(_), false) => *expiry = Some(TimeToLiveSpecification::DISABLED),
            (None, true) => *expiry = Some(wanted.clone()),
        }
        table.expiry_changed = true;
        Ok(())
    }

    fn is_regional(&self) -> bool {
        false
    }

    fn depends_on_items(&self) -> bool {
        self.time_to_live_specification.enabled
    }

    fn gap(&self) -> Option<String> {
        let is_off = !self.time_to_live_specification.enabled;
        is_off.then(|| format!("items of {} do not expire", self.table_name))
    }
}

impl Request for UpdateTimeToLive {
    const METHOD: &'static str = "updateTimeToLive";

    fn parse(request: &Value) -> Read<Self> {
        let known = ["TableName", TimeToLiveSetting::WIRE];
        let fields = parse::Fields::of(request, "", &known, &[])?;
        let specification = |value: &Value, path: &str| {
            let known = ["AttributeName", "Enabled"];
            let fields = parse::Fields::of(value, path, &known, &[])?;
            Ok(TimeToLiveSpecification {
                attribute_name: Some(fields.required("AttributeName", string)?),
                enabled: fields.required("Enabled", boolean)?,
            })
        };
        Ok(Self {
            table_name: fields.required("TableName", table_name)?,
            time_to_live_specification: fields.required(TimeToLiveSetting::WIRE, specification)?,
        })
    }
}
