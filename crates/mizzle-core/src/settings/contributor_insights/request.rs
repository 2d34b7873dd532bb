//! `UpdateContributorInsights`.

use super::{
    ContributorInsights, ContributorInsightsMode, ContributorInsightsSetting,
    ContributorInsightsSpecification,
};
use crate::{
    model::TableDefinition,
    plan::{
        Refusal,
        parse::{self, Read, string, table_name, word},
        simulator::{Table, require},
    },
    settings::{Effect, Request, Setting, SettingRequest},
};
use serde::Serialize;
use serde_json::Value;

/// The action: enable or disable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ContributorInsightsAction {
    /// Enables the insights.
    Enable,
    /// Disables the insights.
    Disable,
}

/// The `UpdateContributorInsights` request.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContributorInsights.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateContributorInsights {
    /// The table.
    pub table_name: String,
    /// The GSI; `None` for the table itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index_name: Option<String>,
    /// The action.
    pub contributor_insights_action: ContributorInsightsAction,
    /// The events that are counted. `None` leaves them unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contributor_insights_mode: Option<ContributorInsightsMode>,
}

impl UpdateContributorInsights {
    /// Returns the request that sets the insights of a table, or of one of its GSIs.
    pub(super) fn of(
        table: &str,
        index: Option<&str>,
        wanted: ContributorInsightsSpecification,
    ) -> Self {
        Self {
            table_name: table.to_owned(),
            index_name: index.map(str::to_owned),
            contributor_insights_action: match wanted.enabled {
                true => ContributorInsightsAction::Enable,
                false => ContributorInsightsAction::Disable,
            },
            contributor_insights_mode: wanted.mode.filter(|_| wanted.enabled),
        }
    }

    /// Returns the requested insights.
    fn specification(&self) -> ContributorInsightsSpecification {
        match self.contributor_insights_action {
            ContributorInsightsAction::Enable => {
                ContributorInsightsSpecification::enabled(self.contributor_insights_mode)
            }
            ContributorInsightsAction::Disable => ContributorInsightsSpecification::DISABLED,
        }
    }

    /// Returns the requested insights as the setting of the table.
    fn wanted(&self) -> ContributorInsights {
        let mut wanted = ContributorInsights::default();
        wanted.set(self.index_name.as_deref(), self.specification());
        wanted
    }
}

/// Returns the insights in the service's response, with the default mode if none was requested.
pub(super) fn answered(
    wanted: ContributorInsightsSpecification,
) -> ContributorInsightsSpecification {
    let mode = wanted.mode.unwrap_or(ContributorInsightsMode::AccessedAndThrottledKeys);
    ContributorInsightsSpecification { mode: wanted.enabled.then_some(mode), ..wanted }
}

/// The request has no hazard: only rules and graphs are lost, which return with the next requests.
impl SettingRequest for UpdateContributorInsights {
    fn title(&self) -> String {
        let specification = self.specification();
        let verb = if specification.enabled { "on" } else { "off" };
        let index = self.index_name.as_ref().map(|name| format!(" of {name}")).unwrap_or_default();
        let mode = specification.mode.map(|mode| format!(" ({})", mode.as_str()));
        format!("Turn {verb} contributor insights{index}{}", mode.unwrap_or_default())
    }

    fn effect(&self) -> Effect {
        Effect::of_switch(self.specification().enabled)
    }

    fn is_in_effect(&self, present: &TableDefinition) -> bool {
        let present = present.contributor_insights.as_ref();
        present.is_some()
            && ContributorInsightsSetting::difference(present, &self.wanted()).is_none()
    }

    fn part(&self) -> Option<&str> {
        self.index_name.as_deref()
    }

    /// Applies the request to the table or to one of its GSIs. AWS does not document whether a call
    /// without changes is refused. It is accepted here, and a plan has none where the present state
    /// is known.
    fn simulate(&self, table: &mut Table) -> Result<(), Refusal> {
        let index = self.index_name.as_deref();
        require(index.is_none_or(|index| table.definition.global_index(index).is_some()), || {
            format!("{} has no GSI of that name", self.table_name)
        })?;
        let mut wanted = self.specification();
        let insights = table.definition.contributor_insights.get_or_insert_default();
        if let Some(present) = insights.part(index) {
            wanted.mode = wanted.mode.or(present.mode);
        }
        insights.set(index, answered(wanted));
        Ok(())
    }

    /// Returns true.
    /// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-dynamodb-globaltable-replicaspecification.html>.
    fn is_regional(&self) -> bool {
        true
    }
}

impl Request for UpdateContributorInsights {
    const METHOD: &'static str = "updateContributorInsights";

    fn parse(request: &Value) -> Read<Self> {
        const ACTIONS: [(&str, ContributorInsightsAction); 2] = [
            ("ENABLE", ContributorInsightsAction::Enable),
            ("DISABLE", ContributorInsightsAction::Disable),
        ];
        let known =
            ["TableName", "IndexName", "ContributorInsightsAction", "ContributorInsightsMode"];
        let fields = parse::Fields::of(request, "", &known, &[])?;
        let mode = word(&ContributorInsightsMode::WORDS);
        Ok(Self {
            table_name: fields.required("TableName", table_name)?,
            index_name: fields.optional("IndexName", string)?,
            contributor_insights_action: fields
                .required("ContributorInsightsAction", word(&ACTIONS))?,
            contributor_insights_mode: fields.optional("ContributorInsightsMode", mode)?,
        })
    }
}
