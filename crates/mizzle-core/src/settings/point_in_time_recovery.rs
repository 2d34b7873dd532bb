//! Point-in-time recovery: continuous backups, from which a table can be restored to any second.

use super::{Effect, Request, Setting, SettingRequest};
use crate::{
    config::Fields,
    diff::ValueChange,
    export::TerraformTable,
    model::TableDefinition,
    plan::{
        Call, Facts, Hazard, HazardKind, Phase, Refusal, SettingStep, Situation,
        parse::{self, Read, DecodeError, boolean, integer, table_name},
        simulator::{Table, require},
    },
    text,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{fmt, ops::RangeInclusive};

/// The allowed number of days for which backups are kept.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PointInTimeRecoverySpecification.html>.
const DAYS: RangeInclusive<i32> = 1..=DEFAULT_DAYS;

/// DynamoDB's default number of days.
const DEFAULT_DAYS: i32 = 35;

/// Continuous backups, from which a table can be restored to any second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PointInTimeRecoverySpecification {
    /// True if backups are kept.
    pub point_in_time_recovery_enabled: bool,
    /// The number of days: 1 to 35. `None` leaves the choice to DynamoDB, whose default is 35.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_period_in_days: Option<i32>,
}

impl PointInTimeRecoverySpecification {
    /// No backups: the default.
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

/// The `UpdateContinuousBackups` request.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContinuousBackups.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateContinuousBackups {
    /// The table.
    pub table_name: String,
    /// The specification: enabled, optionally with a number of days, or disabled.
    pub point_in_time_recovery_specification: PointInTimeRecoverySpecification,
}

/// Continuous backups, from which the table can be restored to any second of the last `days`, 1 to 35.
/// `true` leaves the days as they are: DynamoDB starts with 35.
#[derive(JsonSchema)]
#[schemars(inline)]
#[serde(untagged)]
#[expect(dead_code, reason = "a shape")]
pub(crate) enum Form {
    Switch(bool),
    Days(FormDays),
}

#[derive(JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a shape")]
pub(crate) struct FormDays {
    /// The days for which backups are kept: 1 to 35.
    #[schemars(range(min = 1, max = DEFAULT_DAYS))]
    days: i32,
}

pub(crate) enum PointInTimeRecoverySetting {}

impl Setting for PointInTimeRecoverySetting {
    type Value = PointInTimeRecoverySpecification;
    type Change = ValueChange<PointInTimeRecoverySpecification>;
    type Form = Form;

    const NAME: &'static str = "point-in-time recovery";
    const CONFIG: &'static str = "pointInTimeRecovery";
    const WIRE: &'static str = "PointInTimeRecoverySpecification";
    const LABEL: &'static str = "PITR";
    const IN_CREATION: bool = false;

    fn default() -> PointInTimeRecoverySpecification {
        PointInTimeRecoverySpecification::DISABLED
    }

    fn is_default(recovery: &PointInTimeRecoverySpecification) -> bool {
        !recovery.point_in_time_recovery_enabled
    }

    fn read(fields: &mut Fields<'_>) -> Option<PointInTimeRecoverySpecification> {
        if let Value::Bool(is_on) = fields.get(Self::CONFIG)? {
            return Some(PointInTimeRecoverySpecification {
                point_in_time_recovery_enabled: *is_on,
                recovery_period_in_days: None,
            });
        }
        let mut days = None;
        fields.object_or(Self::CONFIG, "true, false or an object with days", |fields| {
            fields.require("days");
            let range = u64::from(DAYS.start().unsigned_abs())..=DAYS.end().unsigned_abs().into();
            days = fields.integer("days", range);
        });
        Some(PointInTimeRecoverySpecification {
            point_in_time_recovery_enabled: true,
            recovery_period_in_days: days.and_then(|days| i32::try_from(days).ok()),
        })
    }

    fn pull(
        recovery: &PointInTimeRecoverySpecification,
        _notes: &mut Vec<String>,
    ) -> Option<Value> {
        recovery.point_in_time_recovery_enabled.then(|| match recovery.recovery_period_in_days {
            Some(days) if days != DEFAULT_DAYS => json!({ "days": days }),
            Some(_) | None => true.into(),
        })
    }

    /// Compares the backups. If the desired state has no number of days, any number is accepted.
    fn difference(
        before: Option<&PointInTimeRecoverySpecification>,
        after: &PointInTimeRecoverySpecification,
    ) -> Option<ValueChange<PointInTimeRecoverySpecification>> {
        let is_same = before.is_some_and(|before| match after.recovery_period_in_days {
            _ if before.point_in_time_recovery_enabled != after.point_in_time_recovery_enabled => {
                false
            }
            Some(days) if after.point_in_time_recovery_enabled => {
                before.recovery_period_in_days == Some(days)
            }
            Some(_) | None => true,
        });
        (!is_same).then(|| ValueChange { before: before.copied(), after: *after })
    }

    fn words(change: &ValueChange<PointInTimeRecoverySpecification>) -> String {
        change.words(Self::NAME)
    }

    fn shown(recovery: &PointInTimeRecoverySpecification) -> String {
        recovery.to_string()
    }

    fn steps(
        change: ValueChange<PointInTimeRecoverySpecification>,
        situation: Situation<'_>,
    ) -> Vec<SettingStep> {
        let hazard = hazard(change.before, change.after);
        vec![step(change.after, situation).hazards(hazard)]
    }

    fn steps_after_creation(
        recovery: &PointInTimeRecoverySpecification,
        situation: Situation<'_>,
    ) -> Vec<SettingStep> {
        vec![step(*recovery, situation)]
    }

    /// Returns the service's response, in which the default number of days is 35.
    fn answered(wanted: PointInTimeRecoverySpecification) -> PointInTimeRecoverySpecification {
        let PointInTimeRecoverySpecification {
            point_in_time_recovery_enabled: is_on,
            recovery_period_in_days: days,
        } = wanted;
        PointInTimeRecoverySpecification {
            point_in_time_recovery_enabled: is_on,
            recovery_period_in_days: is_on.then(|| days.unwrap_or(DEFAULT_DAYS)),
        }
    }

    fn cloudformation(recovery: &PointInTimeRecoverySpecification) -> Option<Value> {
        Some(super::to_value(recovery))
    }

    fn terraform(recovery: &PointInTimeRecoverySpecification, table: &mut TerraformTable) {
        let mut block = TerraformTable::block("point_in_time_recovery")
            .add_attribute(("enabled", recovery.point_in_time_recovery_enabled));
        if let Some(days) = recovery.recovery_period_in_days {
            block = block.add_attribute(("recovery_period_in_days", days));
        }
        table.nested(block.build());
    }
}

/// Returns the step that enables or disables the backups.
fn step(
    specification: PointInTimeRecoverySpecification,
    situation: Situation<'_>,
) -> SettingStep {
    let (phase, action) = if specification.point_in_time_recovery_enabled {
        (Phase::BackupsOn, "enable-point-in-time-recovery")
    } else {
        (Phase::BackupsOff, "disable-point-in-time-recovery")
    };
    let call = Call::UpdateContinuousBackups(UpdateContinuousBackups {
        table_name: situation.table.to_owned(),
        point_in_time_recovery_specification: specification,
    });
    SettingStep::new(phase, action, call)
}

/// Returns the hazard of a change of the continuous backups; `present` is `None` if they are not
/// known.
fn hazard(
    present: Option<PointInTimeRecoverySpecification>,
    wanted: PointInTimeRecoverySpecification,
) -> Option<Hazard> {
    let days = |recovery: PointInTimeRecoverySpecification| recovery.recovery_period_in_days;
    if present.is_some_and(|present| !present.point_in_time_recovery_enabled) {
        return None;
    }
    if !wanted.point_in_time_recovery_enabled {
        return Some(ends_backups());
    }
    let fewer = present.and_then(days).zip(days(wanted));
    let fewer = fewer.filter(|(present, wanted)| wanted < present);
    fewer.map(|(_, wanted)| shortens_backups(wanted))
}

/// Returns the hazard of disabling continuous backups.
fn ends_backups() -> Hazard {
    Hazard::new(
        HazardKind::DeletesBackups,
        "The continuous backups are deleted: the table can no longer be restored to an earlier moment.",
    )
}

/// Returns the hazard of keeping continuous backups for fewer days.
fn shortens_backups(days: i32) -> Hazard {
    let days = text::count(usize::try_from(days).unwrap_or(0), "day", "days");
    Hazard::new(HazardKind::DeletesBackups, format!("Backups older than {days} are deleted."))
}

/// Returns the hazard of losing continuous backups with their table.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html>.
pub(crate) fn ends_with_table() -> Hazard {
    Hazard::new(
        HazardKind::DeletesBackups,
        "The continuous backups go with the table: it can no longer be restored to an earlier moment. AWS itself keeps its last state for 35 days.",
    )
}

impl SettingRequest for UpdateContinuousBackups {
    fn title(&self) -> String {
        let specification = self.point_in_time_recovery_specification;
        match specification.recovery_period_in_days {
            _ if !specification.point_in_time_recovery_enabled => {
                "Turn off point-in-time recovery".to_owned()
            }
            Some(_) => format!("Turn on point-in-time recovery ({specification})"),
            None => "Turn on point-in-time recovery".to_owned(),
        }
    }

    fn effect(&self) -> Effect {
        Effect::of_switch(self.point_in_time_recovery_specification.point_in_time_recovery_enabled)
    }

    fn hazards(&self, present: Option<&TableDefinition>, _facts: Option<&Facts>) -> Vec<Hazard> {
        let present = present.and_then(|table| table.point_in_time_recovery_specification);
        hazard(present, self.point_in_time_recovery_specification).into_iter().collect()
    }

    fn is_in_effect(&self, present: &TableDefinition) -> bool {
        let present = present.point_in_time_recovery_specification.as_ref();
        let wanted = &self.point_in_time_recovery_specification;
        PointInTimeRecoverySetting::difference(present, wanted).is_none()
    }

    /// Applies the request, if the number of days is 1 to 35, and given only when enabling.
    fn simulate(&self, table: &mut Table) -> Result<(), Refusal> {
        let wanted = self.point_in_time_recovery_specification;
        let is_on = wanted.point_in_time_recovery_enabled;
        let days = wanted.recovery_period_in_days;
        require(days.is_none_or(|days| is_on && DAYS.contains(&days)), || {
            "RecoveryPeriodInDays is 1 to 35, and only where recovery is on".to_owned()
        })?;
        table.definition.point_in_time_recovery_specification =
            Some(PointInTimeRecoverySetting::answered(wanted));
        Ok(())
    }

    /// Returns true.
    /// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-CoreConcepts.html>.
    fn is_regional(&self) -> bool {
        true
    }
}

impl Request for UpdateContinuousBackups {
    const METHOD: &'static str = "updateContinuousBackups";

    fn parse(request: &Value) -> Read<Self> {
        const SPECIFICATION: &str = PointInTimeRecoverySetting::WIRE;
        let fields = parse::Fields::of(request, "", &["TableName", SPECIFICATION], &[])?;
        let specification = |value: &Value, path: &str| {
            let known = ["PointInTimeRecoveryEnabled", "RecoveryPeriodInDays"];
            let fields = parse::Fields::of(value, path, &known, &[])?;
            let days = |value: &Value, path: &str| {
                let days = integer(value, path)?;
                i32::try_from(days).map_err(|_| DecodeError::new(path, format!("cannot be {days}")))
            };
            Ok(PointInTimeRecoverySpecification {
                point_in_time_recovery_enabled: fields
                    .required("PointInTimeRecoveryEnabled", boolean)?,
                recovery_period_in_days: fields.optional("RecoveryPeriodInDays", days)?,
            })
        };
        Ok(Self {
            table_name: fields.required("TableName", table_name)?,
            point_in_time_recovery_specification: fields.required(SPECIFICATION, specification)?,
        })
    }
}
