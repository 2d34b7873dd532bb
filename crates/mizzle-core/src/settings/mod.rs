//! The settings of a table, one file per setting: all code of a setting is in its file.
//!
//! The stages (config, diff, plan, simulator, executor, export, pull) iterate over the list in this
//! module and call each setting for its part, so that a new setting needs no changes there. The
//! planner still orders the calls as DynamoDB requires; a setting only names the `Phase` of its
//! steps.
//!
//! Throughput (billing mode, capacity, on-demand maximum, warm throughput) is not in the list. Its
//! values depend on each other and on the indexes, and each stage handles them separately.
//!
//! # Adding a setting
//!
//! 1. A file beside this one: the value, and an implementation of `Setting`; of
//!    `UpdateTableSetting` if `UpdateTable` changes it, or of `SettingRequest` and `Request` for
//!    each call of its own.
//! 2. A line in the list, and its names in the items below the list.
//! 3. A field of [`TableDefinition`], and, if `UpdateTable` changes it, of [`UpdateTable`] and
//!    [`CreateTable`].
//! 4. Its request and its description in `mizzle-aws`; a call of its own also in the list of
//!    methods of a script's `db`.
//! 5. `docs/settings.md`.
//!
//! A setting that GSIs have, too, keeps their values beside that of the table, and sets
//! `IS_OF_INDEXES`; `contributor_insights.rs` is an example. A setting with resources that are
//! deleted with a table sets `ATTACHED`, so that a plan names them where they are unmanaged.
//!
//! The compiler reports everything else that is missing.

mod interface;
mod registry;

use crate::{
    config::Fields,
    diff::{Owner, ValueChange},
    model::{
        BillingMode, OnDemandThroughput, ProvisionedThroughput, TableDefinition, WarmThroughput,
    },
    plan::{CreateTable, DeleteTable, UpdateTable, parse::Method},
};
pub use interface::Effect;
pub(crate) use interface::{
    InRequests, Registered, Request, Setting, SettingRequest, UpdateTableSetting, View,
};
use schemars::SchemaGenerator;
use serde::Serialize;
use serde_json::Value;

registry::registry! { $
    update {
        Stream(ValueChange<stream::StreamSpecification>) = stream::StreamSetting in stream_specification,
        Encryption(ValueChange<encryption::SseSpecification>) = encryption::EncryptionSetting
            in sse_specification,
        TableClass(ValueChange<table_class::TableClass>) = table_class::TableClassSetting in table_class,
        DeletionProtection(ValueChange<bool>) = deletion_protection::DeletionProtectionSetting
            in deletion_protection_enabled,
    }
    own {
        TimeToLive(ValueChange<time_to_live::TimeToLiveSpecification>) = time_to_live::TimeToLiveSetting
            in time_to_live_specification by UpdateTimeToLive,
        PointInTimeRecovery(ValueChange<point_in_time_recovery::PointInTimeRecoverySpecification>)
            = point_in_time_recovery::PointInTimeRecoverySetting
            in point_in_time_recovery_specification by UpdateContinuousBackups,
        Tags(tags::TagChanges) = tags::TagsSetting in tags by TagResource | UntagResource,
        ResourcePolicy(ValueChange<resource_policy::ResourcePolicy>)
            = resource_policy::ResourcePolicySetting
            in resource_policy by PutResourcePolicy | DeleteResourcePolicy,
        KinesisDestination(ValueChange<kinesis_destination::KinesisDestinations>)
            = kinesis_destination::KinesisDestinationSetting
            in kinesis_destinations by EnableKinesisStreamingDestination
                | UpdateKinesisStreamingDestination | DisableKinesisStreamingDestination,
        ContributorInsights(contributor_insights::ContributorInsightsChanges)
            = contributor_insights::ContributorInsightsSetting
            in contributor_insights by UpdateContributorInsights,
    }
}

/// The values of settings, which [`model`](crate::model) re-exports.
pub mod values {
    pub use super::{
        contributor_insights::{
            ContributorInsights, ContributorInsightsMode, ContributorInsightsSpecification,
        },
        encryption::SseSpecification,
        kinesis_destination::{KinesisDestination, KinesisDestinations, TimestampPrecision},
        point_in_time_recovery::PointInTimeRecoverySpecification,
        resource_policy::ResourcePolicy,
        stream::{StreamSpecification, StreamViewType},
        table_class::TableClass,
        tags::Tag,
        time_to_live::TimeToLiveSpecification,
    };
}

/// The requests of settings, which [`plan`](crate::plan) re-exports.
pub mod requests {
    pub use super::{
        contributor_insights::{ContributorInsightsAction, UpdateContributorInsights},
        kinesis_destination::{
            DisableKinesisStreamingDestination, EnableKinesisStreamingDestination,
            KinesisStreamingConfiguration, UpdateKinesisStreamingDestination,
        },
        point_in_time_recovery::UpdateContinuousBackups,
        resource_policy::{DeleteResourcePolicy, NO_POLICY, PutResourcePolicy},
        tags::{TagResource, UntagResource},
        time_to_live::UpdateTimeToLive,
    };
}

const COUNT: usize = SettingKind::ALL.len();

/// The order of fields in the config and in generated output.
pub const CONFIG_ORDER: [SettingKind; COUNT] = [
    SettingKind::TimeToLive,
    SettingKind::Stream,
    SettingKind::PointInTimeRecovery,
    SettingKind::TableClass,
    SettingKind::Encryption,
    SettingKind::DeletionProtection,
    SettingKind::Tags,
    SettingKind::ResourcePolicy,
    SettingKind::KinesisDestination,
    SettingKind::ContributorInsights,
];

/// The order of lines in `mizzle list --long`.
pub const LIST_ORDER: [SettingKind; COUNT] = [
    SettingKind::TimeToLive,
    SettingKind::Stream,
    SettingKind::PointInTimeRecovery,
    SettingKind::DeletionProtection,
    SettingKind::TableClass,
    SettingKind::Encryption,
    SettingKind::ResourcePolicy,
    SettingKind::Tags,
    SettingKind::KinesisDestination,
    SettingKind::ContributorInsights,
];

/// The order of properties in a CloudFormation template.
pub(crate) const CLOUDFORMATION_ORDER: [SettingKind; COUNT] = [
    SettingKind::TimeToLive,
    SettingKind::Stream,
    SettingKind::PointInTimeRecovery,
    SettingKind::TableClass,
    SettingKind::Encryption,
    SettingKind::DeletionProtection,
    SettingKind::ResourcePolicy,
    SettingKind::Tags,
    SettingKind::KinesisDestination,
    SettingKind::ContributorInsights,
];

/// A value in `mizzle list --long`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The value as text.
    pub text: String,
    /// True if it is the default.
    pub is_default: bool,
}

/// Returns the shapes of the fields of the config.
pub(crate) fn forms(generator: &mut SchemaGenerator) -> Vec<(String, Value)> {
    CONFIG_ORDER.into_iter().map(|kind| form(kind, generator)).collect()
}

/// Returns the shapes of the fields of an index's entry in the config.
pub(crate) fn index_forms(generator: &mut SchemaGenerator) -> Vec<(String, Value)> {
    of_indexes().map(|kind| form(kind, generator)).collect()
}

fn form(kind: SettingKind, generator: &mut SchemaGenerator) -> (String, Value) {
    with_setting!(kind, S => {
        (S::CONFIG.to_owned(), generator.subschema_for::<<S as Setting>::Form>().to_value())
    })
}

/// Returns the settings that GSIs have, too, in the order of the config.
fn of_indexes() -> impl Iterator<Item = SettingKind> {
    CONFIG_ORDER.into_iter().filter(|kind| with_setting!(*kind, S => S::IS_OF_INDEXES))
}

/// Returns the JSON of a value, as in definitions.
fn to_value(value: &impl Serialize) -> Value {
    serde_json::to_value(value)
        .expect("values hold strings, numbers and lists only, which JSON can always express")
}

impl SettingKind {
    /// Returns the name in sentences: `table class`.
    pub fn name(self) -> &'static str {
        with_setting!(self, S => S::NAME)
    }

    /// Returns the field of definitions: `TableClass`.
    pub fn field(self) -> &'static str {
        with_setting!(self, S => S::WIRE)
    }

    /// Returns the property of CloudFormation.
    pub(crate) fn property(self) -> &'static str {
        with_setting!(self, S => S::CLOUDFORMATION)
    }

    /// Returns the label in `mizzle list --long`.
    pub fn label(self) -> &'static str {
        with_setting!(self, S => S::LABEL)
    }

    /// Returns the value of a table; `None` if it is not known.
    pub fn listed(self, table: &TableDefinition) -> Option<Listed> {
        with_setting!(self, S => S::of(table).as_ref().map(|value| Listed {
            text: S::listed(value),
            is_default: S::is_default(value),
        }))
    }

    /// Returns the value of a GSI; `None` if it is not known, or an index has no such setting.
    pub fn listed_of_index(self, table: &TableDefinition, index: &str) -> Option<Listed> {
        with_setting!(self, S => {
            S::of(table).as_ref().and_then(|value| S::listed_of_index(value, index))
        })
    }

    /// Returns the plural name of resources that are attached to a table and deleted with it,
    /// managed or not; `None` for other settings.
    pub fn attached(self) -> Option<&'static str> {
        with_setting!(self, S => S::ATTACHED)
    }
}

impl SettingValues {
    /// Returns the settings of a table.
    pub(crate) fn of(table: &TableDefinition) -> Self {
        let mut values = Self::default();
        for_each_setting!(S => S::stated(&mut values).clone_from(S::of(table)));
        values
    }

    /// Reads the fields of a config's entry.
    pub(crate) fn read(fields: &mut Fields<'_>) -> Self {
        Self::read_all(CONFIG_ORDER, fields)
    }

    /// Reads the fields of an index's entry in a config.
    pub(crate) fn read_index(fields: &mut Fields<'_>) -> Self {
        Self::read_all(of_indexes(), fields)
    }

    fn read_all(kinds: impl IntoIterator<Item = SettingKind>, fields: &mut Fields<'_>) -> Self {
        let mut values = Self::default();
        for kind in kinds {
            with_setting!(kind, S => *S::stated(&mut values) = S::read(fields));
        }
        values
    }

    /// Returns the names of the fields that have values.
    pub(crate) fn fields(&mut self) -> Vec<&'static str> {
        let mut fields = Vec::new();
        for kind in CONFIG_ORDER {
            with_setting!(kind, S => fields.extend(S::stated(self).is_some().then_some(S::CONFIG)));
        }
        fields
    }

    /// Adds the values of a GSI to those of its table.
    pub(crate) fn add_index(&mut self, index: &str, mut values: Self) {
        for_each_setting!(S => {
            if let Some(value) = S::stated(&mut values).take() {
                let table = S::stated(self);
                *table = S::with_index(table.take(), index, value);
            }
        });
    }

    /// Returns these values, and those of `defaults` where they are absent.
    pub(crate) fn over(mut self, mut defaults: Self) -> Self {
        for_each_setting!(S => {
            let default = S::stated(&mut defaults).take();
            let own = S::stated(&mut self);
            *own = match (own.take(), default) {
                (Some(own), Some(default)) => Some(S::over(own, default)),
                (own, default) => own.or(default),
            }
        });
        self
    }

    /// Sets these settings of a table.
    pub fn apply(mut self, table: &mut TableDefinition) {
        for_each_setting!(S => *S::of_mut(table) = S::stated(&mut self).take());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_order_has_every_setting() {
        for order in [CONFIG_ORDER, LIST_ORDER, CLOUDFORMATION_ORDER] {
            let kinds: BTreeSet<SettingKind> = order.into_iter().collect();
            assert_eq!(kinds.len(), SettingKind::ALL.len(), "{order:?}");
        }
    }

    #[test]
    fn definitions_have_every_setting_under_its_name() {
        let mut table = TableDefinition::default();
        for_each_setting!(S => *S::of_mut(&mut table) = Some(S::default()));
        let json = to_value(&table);
        for kind in SettingKind::ALL {
            assert!(json.get(kind.field()).is_some(), "{kind:?}");
        }
    }
}
