//! The interface of a setting: its part in each stage, and its places, which the list of settings
//! implements.

use super::{Listed, SettingChange, SettingKind, SettingValues};
use crate::{
    config::Fields,
    export::TerraformTable,
    history::Merger,
    model::TableDefinition,
    plan::{
        Blocked, CreateTable, DeleteTable, Facts, Hazard, Refusal, SettingStep, Situation,
        UpdateTable, parse::Read, simulator::Table,
    },
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// A setting of tables: its part in each stage.
pub(crate) trait Setting {
    /// The type of values in definitions.
    type Value: Clone + PartialEq;
    /// The difference between a present value and a desired one.
    type Change;
    /// The shape of the config's field. Its comment is the setting's documentation for users.
    type Form: JsonSchema;

    /// The name in sentences: `table class`.
    const NAME: &'static str;
    /// The field of the config: `tableClass`.
    const CONFIG: &'static str;
    /// The field of definitions: `TableClass`.
    const WIRE: &'static str;
    /// The property of CloudFormation.
    const CLOUDFORMATION: &'static str = Self::WIRE;
    /// The label in `mizzle list --long`.
    const LABEL: &'static str;
    /// True if `CreateTable` accepts the setting, so that a new table needs no step for it.
    const IN_CREATION: bool;
    /// True if GSIs have the setting, too, each in its own config entry.
    const IS_OF_INDEXES: bool = false;
    /// The plural name of resources that are attached to a table and deleted with it, managed or
    /// not. It is not an error if a server does not return them for a table where they are
    /// unmanaged. `None` for other settings.
    const ATTACHED: Option<&'static str> = None;

    /// Returns the value of a table without an explicit one.
    fn default() -> Self::Value;

    /// True if a value is equivalent to the default.
    fn is_default(value: &Self::Value) -> bool {
        *value == Self::default()
    }

    /// Reads the field of the config, and records its errors.
    fn read(fields: &mut Fields<'_>) -> Option<Self::Value>;

    /// Returns the value of a table's own entry where both the entry and the defaults have one.
    fn over(own: Self::Value, _defaults: Self::Value) -> Self::Value {
        own
    }

    /// Returns the config's value for an existing table, and adds notes about parts that the config
    /// cannot express. `None` leaves the setting unmanaged: it is at its default, or has no form in
    /// the config.
    fn pull(value: &Self::Value, notes: &mut Vec<String>) -> Option<Value>;

    /// Compares the present value, if it is known, with the desired one.
    fn difference(before: Option<&Self::Value>, after: &Self::Value) -> Option<Self::Change>;

    /// Compares two tables, of which the second one has a desired value. `is_new` returns true for
    /// GSIs that are created first.
    fn difference_of_tables(
        before: &TableDefinition,
        after: &TableDefinition,
        _is_new: &dyn Fn(&str) -> bool,
    ) -> Option<Self::Change>
    where
        Self: Registered,
    {
        Self::of(after)
            .as_ref()
            .and_then(|after| Self::difference(Self::of(before).as_ref(), after))
    }

    /// Describes a difference: `change table class: STANDARD → STANDARD_INFREQUENT_ACCESS`.
    fn words(change: &Self::Change) -> String;

    /// Returns the value for a description of a new table.
    fn shown(value: &Self::Value) -> String;

    /// Returns the value for `mizzle list --long`.
    fn listed(value: &Self::Value) -> String {
        Self::shown(value)
    }

    /// Replaces parts that the server writes differently than `desired`, if both may mean the same.
    fn settle(_present: &mut Self::Value, _desired: &Self::Value) {}

    /// Merges the setting's values of two branches.
    fn merge(merger: &mut Merger<'_>) -> Option<Self::Value>
    where
        Self: Registered,
    {
        merger.pick(Self::NAME, Self::copied)
    }

    /// Adds the value of a GSI's entry to that of its table.
    fn with_index(
        table: Option<Self::Value>,
        _index: &str,
        _value: Self::Value,
    ) -> Option<Self::Value> {
        table
    }

    /// Adapts the value to the GSIs of its table: removes the values of others, and, if it
    /// `is_complete`, adds defaults for missing ones.
    fn follow_indexes(_table: &mut TableDefinition, _is_complete: bool) {}

    /// Returns the config's value for a GSI, as [`pull`](Self::pull) does for its table.
    fn pull_index(_value: &Self::Value, _index: &str) -> Option<Value> {
        None
    }

    /// Returns the value of a GSI in `mizzle list --long`.
    fn listed_of_index(_value: &Self::Value, _index: &str) -> Option<Listed> {
        None
    }

    /// Describes the resources that are deleted with the table:
    /// `Kinesis destination orders-changes`.
    fn attached(_value: &Self::Value) -> Vec<String> {
        Vec::new()
    }

    /// Returns the steps that make a change in place.
    fn steps(change: Self::Change, situation: Situation<'_>) -> Vec<SettingStep>;

    /// Returns the steps that a new table needs for a value that is not the default: none if
    /// `CreateTable` accepts it.
    fn steps_after_creation(value: &Self::Value, situation: Situation<'_>) -> Vec<SettingStep>;

    /// Returns the reason if DynamoDB does not support the change for a table with these facts.
    fn refusal(_change: &Self::Change, _table: &str, _facts: &Facts) -> Option<Blocked> {
        None
    }

    /// Returns the part of a managed value that an existing table gets when a script creates it.
    /// `asked` is the value in the script's request.
    ///
    /// A later call of the script sets values that the request does not accept. A value that
    /// disables a feature has no call at all in a script that creates a table.
    fn adopted(managed: Self::Value, asked: Option<Self::Value>) -> Option<Self::Value> {
        if Self::IN_CREATION {
            (managed == asked.unwrap_or_else(Self::default)).then_some(managed)
        } else {
            Self::is_default(&managed).then_some(managed)
        }
    }

    /// Returns the value as the service returns it.
    fn answered(value: Self::Value) -> Self::Value {
        value
    }

    /// Returns the value of the property of CloudFormation.
    fn cloudformation(value: &Self::Value) -> Option<Value>;

    /// Returns the value of the property of a GSI in CloudFormation.
    fn cloudformation_of_index(_value: &Self::Value, _index: &str) -> Option<Value> {
        None
    }

    /// Adds the value to a resource of Terraform.
    fn terraform(value: &Self::Value, table: &mut TerraformTable);
}

/// A setting that `UpdateTable` changes and `CreateTable` accepts, in a field with the name
/// [`WIRE`](Setting::WIRE).
pub(crate) trait UpdateTableSetting: Setting {
    /// True if a change in one region of a global table does not affect the others.
    const IS_REGIONAL: bool;

    /// Parses the field of a request in a script.
    fn parse(value: &Value, path: &str) -> Read<Self::Value>;

    /// Describes a request with this value.
    fn title(value: &Self::Value) -> String;

    /// Returns the effect of a request with this value on the table.
    fn effect(_value: &Self::Value) -> Effect {
        Effect::Changes
    }

    /// Returns the hazard of a request for `wanted`; `present` is `None` if the value is not known.
    fn hazard(
        _table: &str,
        _present: Option<&Self::Value>,
        _wanted: &Self::Value,
    ) -> Option<Hazard> {
        None
    }

    /// True if a table, as a server describes it, has the wanted value.
    fn is_in_effect(present: &Self::Value, wanted: &Self::Value) -> bool {
        let mut present = present.clone();
        Self::settle(&mut present, wanted);
        present == *wanted
    }

    /// Refuses values that DynamoDB accepts for no table.
    fn check(_value: &Self::Value) -> Result<(), Refusal> {
        Ok(())
    }

    /// Returns the value after an update, or DynamoDB's refusal.
    fn updated(present: &Self::Value, wanted: &Self::Value) -> Result<Self::Value, Refusal>;
}

/// The request of a call that changes only one setting.
pub(crate) trait SettingRequest {
    /// Describes the call.
    fn title(&self) -> String;

    /// Returns the effect of the call on the setting.
    fn effect(&self) -> Effect;

    /// Returns the hazards of the call. `present` is the table right before it; `None` if the table
    /// is not known.
    fn hazards(&self, _present: Option<&TableDefinition>, _facts: Option<&Facts>) -> Vec<Hazard> {
        Vec::new()
    }

    /// True if the call's effect is visible in the definition that a server describes.
    fn is_in_effect(&self, present: &TableDefinition) -> bool;

    /// Returns the part of the setting that the call changes: a GSI or a stream. `None` for the
    /// whole setting.
    fn part(&self) -> Option<&str> {
        None
    }

    /// Applies the call in the simulator.
    fn simulate(&self, table: &mut Table) -> Result<(), Refusal>;

    /// True if the call affects only one region of a global table.
    fn is_regional(&self) -> bool;

    /// True if the call depends on whether its table holds items.
    fn depends_on_items(&self) -> bool {
        false
    }

    /// Describes the gap between this call and a later one of the same setting, when the two make
    /// one change: `items of Shop do not expire`.
    fn gap(&self) -> Option<String> {
        None
    }

    /// Returns the equivalent field of the AWS CLI's `create-table`, for a call that no shell
    /// script can make.
    fn in_creation(&self) -> Option<(&'static str, Value)> {
        None
    }

    /// Removes values that are known only while a plan is made.
    fn forget_revision(&mut self) {}
}

/// The static part of a [`SettingRequest`].
pub(crate) trait Request: SettingRequest + Serialize + Sized {
    /// The method's name in the AWS SDK for JavaScript, which a migration script's `db` shares.
    const METHOD: &'static str;

    /// Parses the request of a script.
    fn parse(request: &Value) -> Read<Self>;
}

/// The effect of a call on its setting, or on its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The call creates a resource, or enables a feature.
    Adds,
    /// The call changes a value.
    Changes,
    /// The call deletes a resource, or disables a feature.
    Removes,
}

impl Effect {
    /// Returns the effect of a switch.
    pub(crate) fn of_switch(is_on: bool) -> Self {
        if is_on { Self::Adds } else { Self::Removes }
    }
}

/// A [`Call`] that hides the calls of settings behind one interface.
#[derive(Clone, Copy)]
pub(crate) enum View<'a> {
    CreateTable(&'a CreateTable),
    UpdateTable(&'a UpdateTable),
    DeleteTable(&'a DeleteTable),
    Setting(&'a dyn SettingRequest),
}

/// The places of a setting, which the list of settings implements.
pub(crate) trait Registered: Setting {
    /// Returns the value in a definition.
    fn of(table: &TableDefinition) -> &Option<Self::Value>;

    /// Returns the mutable value in a definition.
    fn of_mut(table: &mut TableDefinition) -> &mut Option<Self::Value>;

    /// Returns a copy of the value in a definition.
    fn copied(table: &TableDefinition) -> Option<Self::Value> {
        Self::of(table).clone()
    }

    /// Returns the mutable value in a config's entry.
    fn stated(values: &mut SettingValues) -> &mut Option<Self::Value>;

    /// Wraps a change in the enum of all settings.
    fn changed(change: Self::Change) -> SettingChange;
}

/// The places of a setting in the requests for whole tables, which the list of settings implements.
pub(crate) trait InRequests: UpdateTableSetting + Registered {
    /// The kind of the setting.
    const KIND: SettingKind;

    /// Returns the value in an update.
    fn of_update(request: &UpdateTable) -> &Option<Self::Value>;

    /// Returns the mutable value in an update.
    fn of_update_mut(request: &mut UpdateTable) -> &mut Option<Self::Value>;

    /// Returns the mutable value in a creation.
    fn of_creation_mut(request: &mut CreateTable) -> &mut Option<Self::Value>;
}
