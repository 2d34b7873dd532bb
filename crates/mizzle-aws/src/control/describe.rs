//! Describes a table: `DescribeTable`, and the requests for the settings that it leaves out.

use super::convert::{
    description,
    extras::{self, Policy},
};
use crate::{
    client::{DynamoDb, look},
    errors::Unreadable,
    limits::Pages,
};
use aws_sdk_dynamodb::types as sdk;
use futures_util::future::{join, join_all, join5};
use mizzle_core::{
    apply::{ServiceError, ServiceErrorKind},
    model::{
        AuxiliarySetting, AuxiliarySettings, ContributorInsights, IndexState, KinesisDestinations,
        PointInTimeRecoverySpecification, TableDescription, Tag, TimeToLiveSpecification,
        Transition,
    },
    text,
};
use std::collections::{BTreeMap, BTreeSet};

/// The code for a table without a resource policy, and for one whose policy has another revision.
pub(crate) const POLICY_NOT_FOUND: &str = "PolicyNotFoundException";

/// A table with those extras that could be read.
#[derive(Debug, Clone)]
pub struct PartialDescription {
    /// The table, without the extras that are missing.
    pub table: TableDescription,
    /// The extras that could not be read, and the errors.
    pub missing: Vec<(AuxiliarySetting, ServiceError)>,
}

impl DynamoDb {
    /// Returns the table with the wanted extras; `None` when there is no such table.
    pub(crate) async fn describe(
        &self,
        table: &str,
        wanted: AuxiliarySettings,
    ) -> Result<Option<TableDescription>, ServiceError> {
        let Some(description) = self.describe_in_part(table, wanted).await? else {
            return Ok(None);
        };
        match description.missing.into_iter().next() {
            Some((_, error)) => Err(error),
            None => Ok(Some(description.table)),
        }
    }

    /// Returns the table with those of the wanted extras that can be read; `None` when there is no
    /// such table.
    ///
    /// # Errors
    /// When the table itself cannot be described.
    pub async fn describe_in_part(
        &self,
        table: &str,
        wanted: AuxiliarySettings,
    ) -> Result<Option<PartialDescription>, ServiceError> {
        let Some(answer) = self.describe_present(table).await? else { return Ok(None) };
        let description = self.read_description(table, answer)?;
        if !description.tells_extras() {
            return Ok(Some(PartialDescription { table: description, missing: Vec::new() }));
        }
        let described = self.with_extras(table, description, wanted).await;
        let Some((_, error)) = described.missing.first() else { return Ok(Some(described)) };
        match self.doubted(table, error).await {
            Doubt::Gone => Ok(None),
            Doubt::Changing(description) => {
                Ok(Some(PartialDescription { table: *description, missing: Vec::new() }))
            }
            Doubt::NotYet => {
                let mut described = described;
                if let Some((_, error)) = described.missing.first_mut() {
                    error.kind = ServiceErrorKind::InUse;
                }
                Ok(Some(described))
            }
            Doubt::None => Ok(Some(described)),
        }
    }

    /// Converts the response of `DescribeTable` to the core's type.
    fn read_description(
        &self,
        table: &str,
        answer: sdk::TableDescription,
    ) -> Result<TableDescription, ServiceError> {
        let request = self.request("DescribeTable", Some(table));
        let description = request.read(description::description(answer))?;
        Ok(TableDescription { region: Some(self.target().region.clone()), ..description })
    }

    /// Adds the extras, with concurrent requests.
    async fn with_extras(
        &self,
        table: &str,
        mut description: TableDescription,
        wanted: AuxiliarySettings,
    ) -> PartialDescription {
        let AuxiliarySettings {
            time_to_live,
            point_in_time_recovery,
            tags,
            resource_policy,
            contributor_insights,
            kinesis_destination,
            attachments,
        } = wanted;
        let insights = self.contributor_insights(table, &description.indexes);
        let extras = join5(
            asked(time_to_live, self.time_to_live(table)),
            asked(point_in_time_recovery, self.point_in_time_recovery(table)),
            asked(tags, self.tags(table)),
            asked(resource_policy, self.resource_policy(table)),
            asked(contributor_insights || attachments, insights),
        );
        let destinations = self.kinesis_destinations(table);
        let destinations = asked(kinesis_destination || attachments, destinations);
        let (extras, destinations) = join(extras, destinations).await;
        let (time_to_live, point_in_time_recovery, tags, policy, insights) = extras;

        let mut unknown = Unknown { wanted, ..Unknown::default() };
        let definition = &mut description.definition;
        definition.time_to_live_specification =
            unknown.but(AuxiliarySetting::TimeToLive, time_to_live);
        definition.point_in_time_recovery_specification =
            unknown.but(AuxiliarySetting::PointInTimeRecovery, point_in_time_recovery);
        definition.tags = unknown.but(AuxiliarySetting::Tags, tags);
        if let Some(policy) = unknown.but(AuxiliarySetting::ResourcePolicy, policy) {
            definition.resource_policy = Some(policy.policy);
            description.policy_revision = policy.revision;
        }
        if let Some((insights, transitions)) =
            unknown.but(AuxiliarySetting::ContributorInsights, insights)
        {
            definition.contributor_insights = Some(insights);
            description.transitions.extend(transitions);
        }
        let destinations = unknown.but(AuxiliarySetting::KinesisDestination, destinations);
        if let Some((destinations, transitions)) = destinations {
            definition.kinesis_destinations = Some(destinations);
            description.transitions.extend(transitions);
        }
        let Unknown { wanted: _, unsupported, withheld, missing } = unknown;
        description.unsupported = unsupported;
        description.unmanaged.withheld = withheld;
        PartialDescription { table: description, missing }
    }

    /// Returns the table's ARN, from the cache or the server.
    pub(crate) async fn arn(&self, table: &str) -> Result<String, ServiceError> {
        if let Some(arn) = self.arns.get(table) {
            return Ok(arn);
        }
        let arn = self.describe_itself(table).await?.table_arn;
        let request = self.request("DescribeTable", Some(table));
        request.read(arn.ok_or(Unreadable::missing("TableArn")))
    }

    /// Returns the response of `DescribeTable`, or `None` if there is no such table.
    async fn describe_present(
        &self,
        table: &str,
    ) -> Result<Option<sdk::TableDescription>, ServiceError> {
        match self.describe_itself(table).await {
            Err(error) if error.kind == ServiceErrorKind::NotFound => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// Returns the response of `DescribeTable`.
    async fn describe_itself(&self, table: &str) -> Result<sdk::TableDescription, ServiceError> {
        let request = self.request("DescribeTable", Some(table));
        let question = self.client.describe_table().table_name(table);
        let answer = question.customize().config_override(look()).send().await;
        let answer = request.answered(answer).inspect_err(|error| {
            if error.kind == ServiceErrorKind::NotFound {
                self.arns.forget(table);
            }
        })?;
        let described = request.read(answer.table.ok_or(Unreadable::missing("Table")))?;
        // Later calls change the requested table, so the description must be of that table.
        if let Some(other) = described.table_name.as_deref().filter(|name| *name != table) {
            let other = text::excerpt(other);
            return Err(request.refused(format!("the server answered with the table {other}")));
        }
        if let Some(arn) = &described.table_arn {
            self.arns.learn(table, arn);
        }
        Ok(described)
    }

    /// Finds out why an extra could not be read.
    ///
    /// For a table that does not exist `ListTagsOfResource` returns `AccessDeniedException`, and
    /// for one that is being created or deleted `DescribeTimeToLive` returns a
    /// `ValidationException`, so neither error is conclusive by itself.
    async fn doubted(&self, table: &str, error: &ServiceError) -> Doubt {
        let is_missing = error.kind == ServiceErrorKind::NotFound;
        let is_doubtful =
            [ServiceErrorKind::AccessDenied, ServiceErrorKind::Validation].contains(&error.kind);
        if !is_missing && !is_doubtful {
            return Doubt::None;
        }
        let Ok(answer) = self.describe_present(table).await else { return Doubt::None };
        let Some(answer) = answer else { return Doubt::Gone };
        match self.read_description(table, answer) {
            Ok(description) if !description.tells_extras() => {
                Doubt::Changing(Box::new(description))
            }
            // Other requests do not find the table yet, but will soon.
            Ok(_) if is_missing => Doubt::NotYet,
            Ok(_) | Err(_) => Doubt::None,
        }
    }

    async fn time_to_live(&self, table: &str) -> Result<TimeToLiveSpecification, ServiceError> {
        let request = self.request("DescribeTimeToLive", Some(table));
        let question = self.client.describe_time_to_live().table_name(table);
        let answer = question.customize().config_override(look()).send().await;
        request.read(extras::time_to_live(request.answered(answer)?))
    }

    async fn point_in_time_recovery(
        &self,
        table: &str,
    ) -> Result<PointInTimeRecoverySpecification, ServiceError> {
        let request = self.request("DescribeContinuousBackups", Some(table));
        self.turns.backups.wait().await;
        let question = self.client.describe_continuous_backups().table_name(table);
        let answer = question.customize().config_override(look()).send().await;
        request.read(extras::point_in_time_recovery(request.answered(answer)?))
    }

    async fn tags(&self, table: &str) -> Result<Vec<Tag>, ServiceError> {
        let request = self.request("ListTagsOfResource", Some(table));
        let arn = self.arn(table).await?;
        let (mut tags, mut pages) = (Vec::new(), Pages::new());
        loop {
            self.turns.tags.wait().await;
            let page = self.client.list_tags_of_resource().resource_arn(&arn);
            let page = page.set_next_token(pages.start());
            let page = request.answered(page.customize().config_override(look()).send().await)?;
            tags.extend(page.tags.unwrap_or_default());
            let next = page.next_token.filter(|token| !token.is_empty());
            if !request.bounded(pages.go_on(next))? {
                return Ok(extras::tags(tags));
            }
        }
    }

    async fn kinesis_destinations(
        &self,
        table: &str,
    ) -> Result<(KinesisDestinations, Vec<Transition>), ServiceError> {
        let request = self.request("DescribeKinesisStreamingDestination", Some(table));
        let question = self.client.describe_kinesis_streaming_destination().table_name(table);
        let answer = question.customize().config_override(look()).send().await;
        let answer = request.answered(answer)?;
        let (destinations, states) = request.read(extras::kinesis_destinations(answer))?;
        let transitions = states.into_iter().map(|(stream, state)| Transition {
            extra: AuxiliarySetting::KinesisDestination,
            part: Some(stream),
            state,
        });
        Ok((destinations, transitions.collect()))
    }

    /// Reads the insights of the table, and of each index that is not being created or deleted.
    async fn contributor_insights(
        &self,
        table: &str,
        indexes: &BTreeMap<String, IndexState>,
    ) -> Result<(ContributorInsights, Vec<Transition>), ServiceError> {
        let request = self.request("DescribeContributorInsights", Some(table));
        let there = indexes.iter().filter(|(_, index)| index.status.tells_extras());
        let parts = [None].into_iter().chain(there.map(|(name, _)| Some(name)));
        let answers = join_all(parts.map(async |part| {
            let question = self.client.describe_contributor_insights().table_name(table);
            let question = question.set_index_name(part.cloned());
            let answer = question.customize().config_override(look()).send().await;
            let answer = request.read(extras::contributor_insights(request.answered(answer)?))?;
            Ok((part, answer))
        }));
        let (mut insights, mut transitions) = (ContributorInsights::default(), Vec::new());
        for answer in answers.await {
            let (part, (specification, state)) = answer?;
            match part {
                None => insights.table = Some(specification),
                Some(index) => {
                    insights.indexes.insert(index.clone(), specification);
                }
            }
            let (extra, part) = (AuxiliarySetting::ContributorInsights, part.cloned());
            transitions.extend(state.map(|state| Transition { extra, part, state }));
        }
        Ok((insights, transitions))
    }

    pub(crate) async fn resource_policy(&self, table: &str) -> Result<Policy, ServiceError> {
        let request = self.request("GetResourcePolicy", Some(table));
        let arn = self.arn(table).await?;
        let question = self.client.get_resource_policy().resource_arn(arn);
        let answer = question.customize().config_override(look()).send().await;
        match request.answered(answer) {
            Ok(answer) => request.read(extras::resource_policy(answer)),
            Err(error) if error.code.as_deref() == Some(POLICY_NOT_FOUND) => Ok(Policy::NONE),
            Err(error) => Err(error),
        }
    }
}

/// A reason for which an extra could not be read.
enum Doubt {
    /// The table has been deleted.
    Gone,
    /// The table is being created or deleted, and has only this description.
    Changing(Box<TableDescription>),
    /// The table exists, but some requests do not find it yet.
    NotYet,
    /// There is no such reason: the error is real.
    None,
}

/// The result of a request for an extra.
enum Answer<T> {
    NotAsked,
    Unsupported,
    Known(T),
}

/// The wanted extras without a value.
#[derive(Default)]
struct Unknown {
    /// The extras that were requested.
    wanted: AuxiliarySettings,
    /// AuxiliarySettings that were requested only as attachments and failed, with the errors.
    withheld: BTreeMap<AuxiliarySetting, String>,
    /// The extras for which the server has no operation.
    unsupported: BTreeSet<AuxiliarySetting>,
    /// The extras whose requests failed.
    missing: Vec<(AuxiliarySetting, ServiceError)>,
}

impl Unknown {
    /// Returns the extra if it was read; otherwise records the reason.
    fn but<T>(
        &mut self,
        extra: AuxiliarySetting,
        answer: Result<Answer<T>, ServiceError>,
    ) -> Option<T> {
        match answer {
            Ok(Answer::Known(value)) => return Some(value),
            Ok(Answer::NotAsked) => {}
            Ok(Answer::Unsupported) => {
                self.unsupported.insert(extra);
            }
            Err(error) if self.wanted.union(extra.into()) != self.wanted => {
                self.withheld.insert(extra, error.to_string());
            }
            Err(error) => self.missing.push((extra, error)),
        }
        None
    }
}

/// Reads an extra if it is wanted. A missing operation is a result, not an error.
async fn asked<T>(
    is_wanted: bool,
    question: impl Future<Output = Result<T, ServiceError>>,
) -> Result<Answer<T>, ServiceError> {
    if !is_wanted {
        return Ok(Answer::NotAsked);
    }
    match question.await {
        Ok(value) => Ok(Answer::Known(value)),
        Err(error) if error.kind == ServiceErrorKind::Unsupported => Ok(Answer::Unsupported),
        Err(error) => Err(error),
    }
}
