//! The part of a setting in each stage, and its places, which follow from its line in the list.

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
    /// The value, as definitions hold it.
    type Value: Clone + PartialEq;
    /// The difference between a present value and a desired one.
    type Change;
    /// The shape of the field of the config. Its comment is what users read of the setting.
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
    /// True if `CreateTable` takes the setting, so that a new table needs no step for it.
    const IN_CREATION: bool;
    /// True if GSIs have the setting, too, each in its own entry of the config.
    const IS_OF_INDEXES: bool = false;
    /// The plural name of what hangs on a table and ends with it, managed or not: a server that does
    /// not tell it of a table where it is unmanaged is no failure. `None` for other settings.
    const ATTACHED: Option<&'static str> = None;

    /// The value of a table for which nobody chooses one.
    fn default() -> Self::Value;

    /// True if a value means what the default means.
    fn is_default(value: &Self::Value) -> bool {
        *value == Self::default()
    }

    /// Reads the field of the config, and notes what is wrong with it.
    fn read(fields: &mut Fields<'_>) -> Option<Self::Value>;

    /// Returns the value of a table's own entry where both the entry and the defaults have one.
    fn over(own: Self::Value, _defaults: Self::Value) -> Self::Value {
        own
    }

    /// Returns the config's value for a table as it is, and notes what the config cannot say. `None`
    /// leaves the setting unmanaged: it is at its default, or has no form in the config.
    fn pull(value: &Self::Value, notes: &mut Vec<String>) -> Option<Value>;

    /// Compares the present value, if it is known, with the desired one.
    fn difference(before: Option<&Self::Value>, after: &Self::Value) -> Option<Self::Change>;

    /// Compares two tables, of which the second one has a desired value. `is_new` tells of its GSIs
    /// which are built first.
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

    /// The value in a description of a new table.
    fn shown(value: &Self::Value) -> String;

    /// The value in `mizzle list --long`.
    fn listed(value: &Self::Value) -> String {
        Self::shown(value)
    }

    /// Replaces what the server names in another way than `desired`, where both may be the same.
    fn settle(_present: &mut Self::Value, _desired: &Self::Value) {}

    /// Merges what two branches make of the setting.
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

    /// Brings the value to the GSIs that its table has: leaves out what belongs to others, and, where
    /// it `is_complete`, adds the default of those it leaves out.
    fn follow_indexes(_table: &mut TableDefinition, _is_complete: bool) {}

    /// Returns the config's value for a GSI, as [`pull`](Self::pull) does for its table.
    fn pull_index(_value: &Self::Value, _index: &str) -> Option<Value> {
        None
    }

    /// Returns the value of a GSI in `mizzle list --long`.
    fn listed_of_index(_value: &Self::Value, _index: &str) -> Option<Listed> {
        None
    }

    /// Describes what ends with the table: `Kinesis destination orders-changes`.
    fn attached(_value: &Self::Value) -> Vec<String> {
        Vec::new()
    }

    /// Returns the steps that make a change in place.
    fn steps(change: Self::Change, situation: Situation<'_>) -> Vec<SettingStep>;

    /// Returns the steps that a new table needs for a value that is not the default: none where
    /// `CreateTable` takes it.
    fn steps_after_creation(value: &Self::Value, situation: Situation<'_>) -> Vec<SettingStep>;

    /// Returns why DynamoDB does not make a change to a table of which this is known.
    fn refusal(_change: &Self::Change, _table: &str, _facts: &Facts) -> Option<Blocked> {
        None
    }

    /// Returns what of a managed value an existing table is to have when a script creates it. `asked`
    /// is the value in the script's request.
    ///
    /// A later call of the script brings what the request does not take; what turns something off has
    /// no call at all in a script that creates a table.
    fn adopted(managed: Self::Value, asked: Option<Self::Value>) -> Option<Self::Value> {
        if Self::IN_CREATION {
            (managed == asked.unwrap_or_else(Self::default)).then_some(managed)
        } else {
            Self::is_default(&managed).then_some(managed)
        }
    }

    /// Returns the value as the service answers with it.
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

/// A setting that `UpdateTable` changes and `CreateTable` takes, in a field of the name
/// [`WIRE`](Setting::WIRE).
pub(crate) trait UpdateTableSetting: Setting {
    /// True if a change made in one region of a global table leaves the others alone.
    const IS_REGIONAL: bool;

    /// Reads the field of a request in a script.
    fn parse(value: &Value, path: &str) -> Read<Self::Value>;

    /// Describes what a request with this value does.
    fn title(value: &Self::Value) -> String;

    /// Returns what a request with this value does to the table.
    fn effect(_value: &Self::Value) -> Effect {
        Effect::Changes
    }

    /// Returns what a request for `wanted` loses; `present` is `None` where the value is not known.
    fn hazard(
        _table: &str,
        _present: Option<&Self::Value>,
        _wanted: &Self::Value,
    ) -> Option<Hazard> {
        None
    }

    /// True if a table that a server describes has the wanted value.
    fn is_in_effect(present: &Self::Value, wanted: &Self::Value) -> bool {
        let mut present = present.clone();
        Self::settle(&mut present, wanted);
        present == *wanted
    }

    /// Refuses what DynamoDB takes for no table.
    fn check(_value: &Self::Value) -> Result<(), Refusal> {
        Ok(())
    }

    /// Returns the value after an update, or why DynamoDB refuses it.
    fn updated(present: &Self::Value, wanted: &Self::Value) -> Result<Self::Value, Refusal>;
}

/// The request of a call that belongs to a setting alone.
pub(crate) trait SettingRequest {
    /// Describes what the call does.
    fn title(&self) -> String;

    /// Returns what the call does to the setting.
    fn effect(&self) -> Effect;

    /// Returns what the call loses or interrupts. `present` is the table right before it; `None` where
    /// nothing is known of the table.
    fn hazards(&self, present: Option<&TableDefinition>, facts: Option<&Facts>) -> Vec<Hazard>;

    /// True if the call's effect shows in the definition that a server describes.
    fn is_in_effect(&self, present: &TableDefinition) -> bool;

    /// The part of the setting that the call is about: a GSI, a stream. `None` for all of it.
    fn part(&self) -> Option<&str> {
        None
    }

    /// Carries the call out in the simulator.
    fn simulate(&self, table: &mut Table) -> Result<(), Refusal>;

    /// True if the call reaches one region of a global table and leaves the others alone.
    fn is_regional(&self) -> bool;

    /// True if it matters to the call whether its table holds items.
    fn depends_on_items(&self) -> bool {
        false
    }

    /// Describes what the table lacks between this call and a later one of the same setting, when the
    /// two make one change: `items of Shop do not expire`.
    fn gap(&self) -> Option<String> {
        None
    }

    /// The field of the AWS CLI's `create-table` that says the same, for a call that no shell script
    /// can make.
    fn in_creation(&self) -> Option<(&'static str, Value)> {
        None
    }

    /// Forgets what is known only while a plan is made.
    fn forget_revision(&mut self) {}
}

/// The static part of a [`SettingRequest`].
pub(crate) trait Request: SettingRequest + Serialize + Sized {
    /// The method of the AWS SDK for JavaScript, and of a migration script's `db`.
    const METHOD: &'static str;

    /// Reads the request from a script.
    fn parse(request: &Value) -> Read<Self>;
}

/// The effect of a call on its setting, or on its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Creates something, or turns it on.
    Adds,
    /// Changes a value.
    Changes,
    /// Deletes something, or turns it off.
    Removes,
}

impl Effect {
    /// The effect of a switch.
    pub(crate) fn of_switch(is_on: bool) -> Self {
        if is_on { Self::Adds } else { Self::Removes }
    }
}

/// A [`Call`], with the calls of settings behind one interface.
#[derive(Clone, Copy)]
pub(crate) enum View<'a> {
    CreateTable(&'a CreateTable),
    UpdateTable(&'a UpdateTable),
    DeleteTable(&'a DeleteTable),
    Setting(&'a dyn SettingRequest),
}

/// The places of a setting. The list of settings implements it.
pub(crate) trait Registered: Setting {
    /// The value in a definition.
    fn of(table: &TableDefinition) -> &Option<Self::Value>;

    /// The value in a definition.
    fn of_mut(table: &mut TableDefinition) -> &mut Option<Self::Value>;

    /// A copy of the value in a definition.
    fn copied(table: &TableDefinition) -> Option<Self::Value> {
        Self::of(table).clone()
    }

    /// The value in a config's entry.
    fn stated(values: &mut SettingValues) -> &mut Option<Self::Value>;

    /// The difference among those of all settings.
    fn changed(change: Self::Change) -> SettingChange;
}

/// The places of a setting in the requests for whole tables. The list of settings implements it.
pub(crate) trait InRequests: UpdateTableSetting + Registered {
    /// Its kind.
    const KIND: SettingKind;

    /// The value in an update.
    fn of_update(request: &UpdateTable) -> &Option<Self::Value>;

    /// The value in an update.
    fn of_update_mut(request: &mut UpdateTable) -> &mut Option<Self::Value>;

    /// The value in a creation.
    fn of_creation_mut(request: &mut CreateTable) -> &mut Option<Self::Value>;
}
