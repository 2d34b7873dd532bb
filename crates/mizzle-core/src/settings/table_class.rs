//! The storage class of a table. DynamoDB accepts a limited number of changes in 30 days.

use super::{Setting, UpdateTableSetting};
use crate::{
    config::Fields,
    diff::ValueChange,
    export::TerraformTable,
    plan::{
        Phase, Refusal, SettingStep, Situation,
        parse::{Read, word},
        simulator::require,
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// The storage class of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TableClass {
    /// The default.
    Standard,
    /// Cheaper to keep, dearer to read and write.
    StandardInfrequentAccess,
}

impl TableClass {
    const WORDS: [(&'static str, Self); 2] = [
        (Self::Standard.as_str(), Self::Standard),
        (Self::StandardInfrequentAccess.as_str(), Self::StandardInfrequentAccess),
    ];

    /// Returns DynamoDB's name.
    pub const fn as_str(self) -> &'static str {
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

/// `STANDARD_INFREQUENT_ACCESS` is cheaper to keep, dearer to read and write.
#[derive(JsonSchema)]
#[schemars(inline)]
pub(crate) struct Form(#[expect(dead_code, reason = "a shape")] TableClass);

pub(crate) enum TableClassSetting {}

impl Setting for TableClassSetting {
    type Value = TableClass;
    type Change = ValueChange<TableClass>;
    type Form = Form;

    const NAME: &'static str = "table class";
    const CONFIG: &'static str = "tableClass";
    const WIRE: &'static str = "TableClass";
    const LABEL: &'static str = "Class";
    const IN_CREATION: bool = true;

    fn default() -> TableClass {
        TableClass::Standard
    }

    fn read(fields: &mut Fields<'_>) -> Option<TableClass> {
        fields.word(Self::CONFIG, &TableClass::WORDS, &[])
    }

    fn pull(class: &TableClass, _notes: &mut Vec<String>) -> Option<Value> {
        (!Self::is_default(class)).then(|| class.as_str().into())
    }

    fn difference(before: Option<&TableClass>, after: &TableClass) -> Option<ValueChange<TableClass>> {
        ValueChange::between(before, after)
    }

    fn words(change: &ValueChange<TableClass>) -> String {
        change.words(Self::NAME)
    }

    fn shown(class: &TableClass) -> String {
        class.to_string()
    }

    fn steps(change: ValueChange<TableClass>, situation: Situation<'_>) -> Vec<SettingStep> {
        let call = situation.update::<Self>(change.after);
        vec![SettingStep::new(Phase::Settings, "set-table-class", call)]
    }

    fn steps_after_creation(_class: &TableClass, _situation: Situation<'_>) -> Vec<SettingStep> {
        Vec::new()
    }

    fn cloudformation(class: &TableClass) -> Option<Value> {
        Some(class.as_str().into())
    }

    fn terraform(class: &TableClass, table: &mut TerraformTable) {
        table.attribute("table_class", class.as_str());
    }
}

impl UpdateTableSetting for TableClassSetting {
    const IS_REGIONAL: bool = false;

    fn parse(value: &Value, path: &str) -> Read<TableClass> {
        word(&TableClass::WORDS)(value, path)
    }

    fn title(class: &TableClass) -> String {
        format!("Set table class: {class}")
    }

    fn updated(present: &TableClass, wanted: &TableClass) -> Result<TableClass, Refusal> {
        require(present != wanted, || format!("the table class is {wanted} already"))?;
        Ok(*wanted)
    }
}
