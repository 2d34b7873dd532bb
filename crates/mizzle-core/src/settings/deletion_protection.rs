//! Deletion protection: while it is enabled, DynamoDB refuses `DeleteTable`.

use super::{Effect, Setting, UpdateTableSetting};
use crate::{
    config::Fields,
    diff::ValueChange,
    export::TerraformTable,
    plan::{
        Hazard, HazardKind, Phase, Refusal, SettingStep, Situation,
        parse::{Read, boolean},
        simulator::require,
    },
};
use schemars::JsonSchema;
use serde_json::Value;

/// While it is on, DynamoDB refuses to delete the table.
#[derive(JsonSchema)]
#[schemars(inline)]
pub(crate) struct Form(#[expect(dead_code, reason = "a shape")] bool);

pub(crate) enum DeletionProtectionSetting {}

impl Setting for DeletionProtectionSetting {
    type Value = bool;
    type Change = ValueChange<bool>;
    type Form = Form;

    const NAME: &'static str = "deletion protection";
    const CONFIG: &'static str = "deletionProtection";
    const WIRE: &'static str = "DeletionProtectionEnabled";
    const LABEL: &'static str = "Protection";
    const IN_CREATION: bool = true;

    fn default() -> bool {
        false
    }

    fn read(fields: &mut Fields<'_>) -> Option<bool> {
        fields.boolean(Self::CONFIG)
    }

    fn pull(is_on: &bool, _notes: &mut Vec<String>) -> Option<Value> {
        is_on.then(|| true.into())
    }

    fn difference(before: Option<&bool>, after: &bool) -> Option<ValueChange<bool>> {
        ValueChange::between(before, after)
    }

    fn words(change: &ValueChange<bool>) -> String {
        let ValueChange { before, after } = change;
        ValueChange { before: before.map(on_off), after: on_off(*after) }.words(Self::NAME)
    }

    fn shown(is_on: &bool) -> String {
        on_off(*is_on).to_owned()
    }

    fn steps(change: ValueChange<bool>, situation: Situation<'_>) -> Vec<SettingStep> {
        let (is_on, call) = (change.after, situation.update::<Self>(change.after));
        let action =
            if is_on { "enable-deletion-protection" } else { "disable-deletion-protection" };
        let hazard = Self::hazard(situation.table, change.before.as_ref(), &is_on);
        vec![SettingStep::new(Phase::DeletionProtection, action, call).hazards(hazard)]
    }

    fn steps_after_creation(_is_on: &bool, _situation: Situation<'_>) -> Vec<SettingStep> {
        Vec::new()
    }

    fn cloudformation(is_on: &bool) -> Option<Value> {
        Some((*is_on).into())
    }

    fn terraform(is_on: &bool, table: &mut TerraformTable) {
        table.attribute("deletion_protection_enabled", *is_on);
    }
}

impl UpdateTableSetting for DeletionProtectionSetting {
    /// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-CoreConcepts.html>.
    const IS_REGIONAL: bool = true;

    fn parse(value: &Value, path: &str) -> Read<bool> {
        boolean(value, path)
    }

    fn title(is_on: &bool) -> String {
        if *is_on { "Turn on deletion protection" } else { "Lift deletion protection" }.to_owned()
    }

    fn effect(is_on: &bool) -> Effect {
        Effect::of_switch(*is_on)
    }

    fn hazard(table: &str, present: Option<&bool>, is_on: &bool) -> Option<Hazard> {
        let is_lifted = !is_on && present != Some(&false);
        is_lifted.then(|| {
            let message = format!("{table} can be deleted from now on.");
            Hazard::new(HazardKind::LiftsProtection, message)
        })
    }

    fn updated(present: &bool, wanted: &bool) -> Result<bool, Refusal> {
        require(present != wanted, || "deletion protection will not change".to_owned())?;
        Ok(*wanted)
    }
}

fn on_off(is_on: bool) -> &'static str {
    if is_on { "on" } else { "off" }
}
