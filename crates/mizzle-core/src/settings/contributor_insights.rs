//! CloudWatch Contributor Insights of a table and of its GSIs: the most accessed and throttled
//! keys. They consist of rules and graphs only.
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/contributorinsights_HowItWorks.html>.

mod request;

use super::{Listed, Registered, Setting};
use crate::{
    config::Fields,
    diff::ValueChange,
    export::TerraformTable,
    history::Merger,
    model::TableDefinition,
    plan::{Call, Phase, SettingStep, Situation},
};
pub use request::{ContributorInsightsAction, UpdateContributorInsights};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fmt};

/// The events that contributor insights count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ContributorInsightsMode {
    /// Every request, and those that are throttled: the default.
    AccessedAndThrottledKeys,
    /// Requests that are throttled.
    ThrottledKeys,
}

impl ContributorInsightsMode {
    const WORDS: [(&'static str, Self); 2] = [
        ("ACCESSED_AND_THROTTLED_KEYS", Self::AccessedAndThrottledKeys),
        ("THROTTLED_KEYS", Self::ThrottledKeys),
    ];

    /// Returns DynamoDB's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessedAndThrottledKeys => "ACCESSED_AND_THROTTLED_KEYS",
            Self::ThrottledKeys => "THROTTLED_KEYS",
        }
    }
}

/// The contributor insights of a table or of a GSI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ContributorInsightsSpecification {
    /// True if they are enabled.
    pub enabled: bool,
    /// The events that are counted. `None` leaves the choice to DynamoDB, whose default is all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<ContributorInsightsMode>,
}

impl ContributorInsightsSpecification {
    /// Disabled: the default.
    pub const DISABLED: Self = Self { enabled: false, mode: None };

    /// Returns enabled insights, with a mode if one is given.
    pub fn enabled(mode: Option<ContributorInsightsMode>) -> Self {
        Self { enabled: true, mode }
    }

    /// Returns the mode, if it is not the default one.
    fn chosen_mode(self) -> Option<ContributorInsightsMode> {
        self.mode.filter(|mode| *mode != ContributorInsightsMode::AccessedAndThrottledKeys)
    }

    /// True if these are as `wanted`, which accepts any mode if it has none.
    fn is_as(self, wanted: Self) -> bool {
        self.enabled == wanted.enabled
            && (!wanted.enabled || wanted.mode.is_none() || self.mode == wanted.mode)
    }

    fn pull(self) -> Option<Value> {
        self.enabled.then(|| match self.chosen_mode() {
            Some(mode) => json!({ "mode": mode }),
            None => true.into(),
        })
    }

    fn listed(self) -> Listed {
        let shown = Self { mode: self.chosen_mode(), ..self };
        Listed { text: shown.to_string(), is_default: !self.enabled }
    }
}

impl fmt::Display for ContributorInsightsSpecification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mode.filter(|_| self.enabled) {
            Some(mode) => write!(f, "on ({})", mode.as_str()),
            None => f.write_str(if self.enabled { "on" } else { "off" }),
        }
    }
}

/// The contributor insights of a table and of its GSIs. Absent parts are unmanaged, or not known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Written", try_from = "Written")]
pub struct ContributorInsights {
    /// The insights of the table.
    pub table: Option<ContributorInsightsSpecification>,
    /// The insights of its GSIs, by name.
    pub indexes: BTreeMap<String, ContributorInsightsSpecification>,
}

/// The serialized shape of the insights: those of the table as in CloudFormation, and an additional
/// field for those of the GSIs.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    enabled: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mode: Option<ContributorInsightsMode>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    indexes: BTreeMap<String, ContributorInsightsSpecification>,
}

impl From<ContributorInsights> for Written {
    fn from(ContributorInsights { table, indexes }: ContributorInsights) -> Self {
        Self {
            enabled: table.map(|table| table.enabled),
            mode: table.and_then(|table| table.mode),
            indexes,
        }
    }
}

impl TryFrom<Written> for ContributorInsights {
    type Error = &'static str;

    fn try_from(Written { enabled, mode, indexes }: Written) -> Result<Self, Self::Error> {
        let table = match (enabled, mode) {
            (Some(enabled), mode) => Some(ContributorInsightsSpecification { enabled, mode }),
            (None, None) => None,
            (None, Some(_)) => return Err("a Mode without Enabled"),
        };
        Ok(Self { table, indexes })
    }
}

impl ContributorInsights {
    /// Returns the insights of a table without those of GSIs.
    pub fn of_table(specification: ContributorInsightsSpecification) -> Self {
        Self { table: Some(specification), indexes: BTreeMap::new() }
    }

    /// Returns the insights of the table, and of each GSI.
    fn parts(&self) -> impl Iterator<Item = (Option<&str>, ContributorInsightsSpecification)> {
        let table = self.table.map(|table| (None, table));
        let indexes = self.indexes.iter().map(|(name, index)| (Some(name.as_str()), *index));
        table.into_iter().chain(indexes)
    }

    /// Returns the insights of the table, or of one of its GSIs.
    fn part(&self, index: Option<&str>) -> Option<ContributorInsightsSpecification> {
        match index {
            None => self.table,
            Some(index) => self.indexes.get(index).copied(),
        }
    }

    fn set(&mut self, index: Option<&str>, specification: ContributorInsightsSpecification) {
        match index {
            None => self.table = Some(specification),
            Some(index) => {
                self.indexes.insert(index.to_owned(), specification);
            }
        }
    }
}

/// Changes of contributor insights; at least one of the fields is not empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContributorInsightsChanges {
    /// The change for the table.
    pub table: Option<ValueChange<ContributorInsightsSpecification>>,
    /// The changes for its GSIs, by name.
    pub indexes: BTreeMap<String, ValueChange<ContributorInsightsSpecification>>,
}

impl ContributorInsightsChanges {
    fn between(
        before: Option<&ContributorInsights>,
        after: &ContributorInsights,
        is_new: &dyn Fn(&str) -> bool,
    ) -> Option<Self> {
        let mut changes = Self { table: None, indexes: BTreeMap::new() };
        for (part, wanted) in after.parts() {
            // A new index has none.
            let before = match part {
                Some(index) if is_new(index) => Some(ContributorInsightsSpecification::DISABLED),
                Some(_) | None => before.and_then(|before| before.part(part)),
            };
            if before.is_some_and(|before| before.is_as(wanted)) {
                continue;
            }
            let shift = ValueChange { before, after: wanted };
            match part {
                None => changes.table = Some(shift),
                Some(index) => {
                    changes.indexes.insert(index.to_owned(), shift);
                }
            }
        }
        (changes.table.is_some() || !changes.indexes.is_empty()).then_some(changes)
    }
}

/// CloudWatch Contributor Insights: the keys that are asked for most, and those that are throttled.
/// `true` leaves the mode as it is: DynamoDB starts with `ACCESSED_AND_THROTTLED_KEYS`.
#[derive(JsonSchema)]
#[schemars(inline)]
#[serde(untagged)]
#[expect(dead_code, reason = "a shape")]
pub(crate) enum Form {
    Switch(bool),
    Mode(FormMode),
}

#[derive(JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a shape")]
pub(crate) struct FormMode {
    /// The requests that are counted: all, or those that are throttled.
    mode: ContributorInsightsMode,
}

pub(crate) enum ContributorInsightsSetting {}

impl Setting for ContributorInsightsSetting {
    type Value = ContributorInsights;
    type Change = ContributorInsightsChanges;
    type Form = Form;

    const NAME: &'static str = "contributor insights";
    const CONFIG: &'static str = "contributorInsights";
    const WIRE: &'static str = "ContributorInsightsSpecification";
    const LABEL: &'static str = "Insights";
    const IN_CREATION: bool = false;
    const IS_OF_INDEXES: bool = true;
    const ATTACHED: Option<&'static str> = Some("contributor insights");

    fn default() -> ContributorInsights {
        ContributorInsights::of_table(ContributorInsightsSpecification::DISABLED)
    }

    fn is_default(insights: &ContributorInsights) -> bool {
        insights.parts().all(|(_, part)| !part.enabled)
    }

    fn read(fields: &mut Fields<'_>) -> Option<ContributorInsights> {
        if let Value::Bool(is_on) = fields.get(Self::CONFIG)? {
            let specification = ContributorInsightsSpecification { enabled: *is_on, mode: None };
            return Some(ContributorInsights::of_table(specification));
        }
        let mut mode = None;
        fields.object_or(Self::CONFIG, "true, false or an object with mode", |fields| {
            fields.require("mode");
            mode = fields.word("mode", &ContributorInsightsMode::WORDS, &[]);
        });
        Some(ContributorInsights::of_table(ContributorInsightsSpecification::enabled(mode)))
    }

    fn over(own: ContributorInsights, defaults: ContributorInsights) -> ContributorInsights {
        let mut indexes = defaults.indexes;
        indexes.extend(own.indexes);
        ContributorInsights { table: own.table.or(defaults.table), indexes }
    }

    fn with_index(
        table: Option<ContributorInsights>,
        index: &str,
        value: ContributorInsights,
    ) -> Option<ContributorInsights> {
        let Some(specification) = value.table else { return table };
        let mut table = table.unwrap_or_default();
        table.set(Some(index), specification);
        Some(table)
    }

    fn follow_indexes(table: &mut TableDefinition, is_complete: bool) {
        let indexes = table.global_secondary_indexes.iter().map(|index| index.index_name.clone());
        let indexes: Vec<String> = indexes.collect();
        let Some(insights) = Self::of_mut(table) else { return };
        insights.indexes.retain(|name, _| indexes.contains(name));
        if is_complete {
            for index in indexes {
                let off = ContributorInsightsSpecification::DISABLED;
                insights.indexes.entry(index).or_insert(off);
            }
        }
    }

    fn pull(insights: &ContributorInsights, _notes: &mut Vec<String>) -> Option<Value> {
        insights.table?.pull()
    }

    fn pull_index(insights: &ContributorInsights, index: &str) -> Option<Value> {
        insights.part(Some(index))?.pull()
    }

    fn difference(
        before: Option<&ContributorInsights>,
        after: &ContributorInsights,
    ) -> Option<ContributorInsightsChanges> {
        ContributorInsightsChanges::between(before, after, &|_| false)
    }

    fn difference_of_tables(
        before: &TableDefinition,
        after: &TableDefinition,
        is_new: &dyn Fn(&str) -> bool,
    ) -> Option<ContributorInsightsChanges> {
        let (before, after) = (Self::of(before).as_ref(), Self::of(after).as_ref()?);
        ContributorInsightsChanges::between(before, after, is_new)
    }

    fn words(ContributorInsightsChanges { table, indexes }: &ContributorInsightsChanges) -> String {
        let table = table.as_ref().map(|shift| shift.words(Self::NAME));
        let indexes = indexes
            .iter()
            .map(|(name, shift)| shift.words(&format!("{} of {name}", Self::NAME)));
        table.into_iter().chain(indexes).collect::<Vec<_>>().join(", ")
    }

    fn shown(insights: &ContributorInsights) -> String {
        let parts = insights.parts().filter(|(_, part)| part.enabled);
        let words = parts.map(|(index, part)| match index {
            None => part.to_string(),
            Some(index) => format!("{part} for {index}"),
        });
        words.collect::<Vec<_>>().join(", ")
    }

    fn listed(insights: &ContributorInsights) -> String {
        insights.table.unwrap_or(ContributorInsightsSpecification::DISABLED).listed().text
    }

    fn listed_of_index(insights: &ContributorInsights, index: &str) -> Option<Listed> {
        insights.part(Some(index)).map(ContributorInsightsSpecification::listed)
    }

    fn attached(insights: &ContributorInsights) -> Vec<String> {
        (!Self::is_default(insights)).then(|| Self::NAME.to_owned()).into_iter().collect()
    }

    /// Merges part by part, if both branches and their common state manage them.
    fn merge(merger: &mut Merger<'_>) -> Option<ContributorInsights> {
        if !merger.sides().into_iter().all(|table| table.contributor_insights.is_some()) {
            return merger.pick(Self::NAME, Self::copied);
        }
        let of = |table: &TableDefinition, index: Option<&str>| {
            table.contributor_insights.as_ref().and_then(|insights| insights.part(index))
        };
        let names = merger.names(|table| {
            let insights = table.contributor_insights.iter();
            insights.flat_map(|insights| insights.indexes.keys().cloned()).collect()
        });
        let table = merger.pick(Self::NAME, |table| of(table, None));
        let indexes = names.into_iter().filter_map(|name| {
            let subject = format!("{} of {name}", Self::NAME);
            let index = merger.pick(&subject, |table| of(table, Some(&name)))?;
            Some((name, index))
        });
        Some(ContributorInsights { indexes: indexes.collect(), table })
    }

    fn steps(
        ContributorInsightsChanges { table, indexes }: ContributorInsightsChanges,
        situation: Situation<'_>,
    ) -> Vec<SettingStep> {
        let table = table.map(|shift| step(None, shift.after, situation));
        let indexes =
            indexes.iter().map(|(index, shift)| step(Some(index), shift.after, situation));
        table.into_iter().chain(indexes).collect()
    }

    fn steps_after_creation(
        insights: &ContributorInsights,
        situation: Situation<'_>,
    ) -> Vec<SettingStep> {
        let parts = insights.parts().filter(|(_, part)| part.enabled);
        parts.map(|(index, part)| step(index, part, situation)).collect()
    }

    fn answered(mut insights: ContributorInsights) -> ContributorInsights {
        let table = insights.table.unwrap_or(ContributorInsightsSpecification::DISABLED);
        insights.table = Some(request::answered(table));
        for index in insights.indexes.values_mut() {
            *index = request::answered(*index);
        }
        insights
    }

    fn cloudformation(insights: &ContributorInsights) -> Option<Value> {
        insights.table.as_ref().map(super::to_value)
    }

    fn cloudformation_of_index(insights: &ContributorInsights, index: &str) -> Option<Value> {
        insights.indexes.get(index).map(super::to_value)
    }

    /// Adds the Terraform resources.
    /// Source: <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/dynamodb_contributor_insights>.
    fn terraform(insights: &ContributorInsights, table: &mut TerraformTable) {
        const KIND: &str = "aws_dynamodb_contributor_insights";
        for (index, part) in insights.parts().filter(|(_, part)| part.enabled) {
            let name = ("table_name", table.reference("name"));
            let mode = part.mode.map(|mode| ("mode", mode.as_str().into()));
            match index {
                None => table.attached(KIND, [name].into_iter().chain(mode)),
                Some(index) => {
                    let attributes = [name, ("index_name", index.into())].into_iter().chain(mode);
                    table.attached_to_index(KIND, index, attributes);
                }
            }
        }
    }
}

/// Returns the step that enables insights with a mode, or disables them.
fn step(
    index: Option<&str>,
    specification: ContributorInsightsSpecification,
    situation: Situation<'_>,
) -> SettingStep {
    let verb = if specification.enabled { "enable" } else { "disable" };
    let action = match index {
        None => format!("{verb}-contributor-insights"),
        Some(index) => format!("{verb}-contributor-insights:{index}"),
    };
    let call = UpdateContributorInsights::of(situation.table, index, specification);
    SettingStep::new(Phase::Settings, action, Call::UpdateContributorInsights(call))
}
