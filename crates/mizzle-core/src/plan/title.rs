//! What a call does to its table, in one line.

use super::{Call, CreateIndex, DeleteIndex, GlobalSecondaryIndexUpdate, UpdateIndex, UpdateTable};
use crate::{
    model::{
        BillingMode, GlobalSecondaryIndex, PointInTimeRecoverySpecification, SseSpecification,
        StreamSpecification, TableDefinition, Tag, TimeToLiveSpecification,
    },
    text,
};
use std::fmt;

impl Call {
    /// What the call does to its table, in one line: `Add GSI byStatus (status S) ALL`.
    /// Names of attributes and tags in it may hold any character, so it is [printable](text::printable).
    pub fn title(&self) -> String {
        text::printable(&self.words()).into_owned()
    }

    fn words(&self) -> String {
        match self {
            Self::CreateTable(_) => "Create table".to_owned(),
            Self::UpdateTable(request) => update(request),
            Self::DeleteTable(_) => "Delete table".to_owned(),
            Self::UpdateTimeToLive(request) => time_to_live(&request.time_to_live_specification),
            Self::UpdateContinuousBackups(request) => {
                recovery(request.point_in_time_recovery_specification)
            }
            Self::TagResource(request) => {
                let word = |tag: &Tag| format!("{}={}", tag.key, tag.value);
                let words: Vec<String> = request.tags.iter().map(word).collect();
                format!("Set tags: {}", words.join(", "))
            }
            Self::UntagResource(request) => {
                format!("Remove tags: {}", text::list(&request.tag_keys))
            }
            Self::PutResourcePolicy(_) => "Set the resource policy".to_owned(),
            Self::DeleteResourcePolicy(_) => "Remove the resource policy".to_owned(),
        }
    }
}

/// DynamoDB takes one kind of change a call, so that there is one part; a request written by hand may
/// hold more.
fn update(request: &UpdateTable) -> String {
    let UpdateTable {
        table_name: _,
        attribute_definitions,
        billing_mode,
        provisioned_throughput,
        global_secondary_index_updates: updates,
        on_demand_throughput,
        warm_throughput,
        stream_specification,
        sse_specification,
        table_class,
        deletion_protection_enabled,
    } = request;
    let mut parts = Vec::new();
    match (billing_mode, provisioned_throughput) {
        // The new mode brings the numbers of all indexes along.
        (Some(BillingMode::Provisioned), Some(units)) => {
            parts.push(format!("Switch to PROVISIONED ({units})"));
        }
        (Some(mode), _) => parts.push(format!("Switch to {mode}")),
        (None, units) => {
            let of_index = |index: &UpdateIndex| index.provisioned_throughput;
            parts.extend(numbers("Set capacity", *units, updates, of_index));
        }
    }
    let of_index = |index: &UpdateIndex| index.on_demand_throughput;
    parts.extend(numbers("Set on-demand maximum", *on_demand_throughput, updates, of_index));
    let of_index = |index: &UpdateIndex| index.warm_throughput;
    parts.extend(numbers("Set warm throughput", *warm_throughput, updates, of_index));
    for update in updates {
        match update {
            GlobalSecondaryIndexUpdate::Create(index) => parts.push(add(index, request)),
            GlobalSecondaryIndexUpdate::Delete(DeleteIndex { index_name }) => {
                parts.push(format!("Drop GSI {index_name}"));
            }
            GlobalSecondaryIndexUpdate::Update(_) => {}
        }
    }
    parts.extend(stream_specification.map(stream));
    parts.extend(sse_specification.as_ref().map(encryption));
    parts.extend(table_class.map(|class| format!("Set table class: {class}")));
    parts.extend(deletion_protection_enabled.map(|is_on| {
        if is_on { "Turn on deletion protection" } else { "Lift deletion protection" }.to_owned()
    }));
    match parts.as_slice() {
        [] if attribute_definitions.is_empty() => "Change nothing".to_owned(),
        [] => "Set attribute definitions".to_owned(),
        parts => parts.join("; "),
    }
}

/// `Set capacity: 5 reads, 5 writes; byEmail 1 reads, 1 writes`.
fn numbers<T: fmt::Display>(
    title: &str,
    table: Option<T>,
    updates: &[GlobalSecondaryIndexUpdate],
    of_index: impl Fn(&UpdateIndex) -> Option<T>,
) -> Option<String> {
    let indexes = updates.iter().filter_map(|update| match update {
        GlobalSecondaryIndexUpdate::Update(index) => {
            Some(format!("{} {}", index.index_name, of_index(index)?))
        }
        GlobalSecondaryIndexUpdate::Create(_) | GlobalSecondaryIndexUpdate::Delete(_) => None,
    });
    let words: Vec<String> =
        table.map(|units| units.to_string()).into_iter().chain(indexes).collect();
    (!words.is_empty()).then(|| format!("{title}: {}", words.join("; ")))
}

fn add(index: &CreateIndex, request: &UpdateTable) -> String {
    let types = TableDefinition {
        attribute_definitions: request.attribute_definitions.clone(),
        ..TableDefinition::default()
    };
    format!("Add {}", GlobalSecondaryIndex::from(index.clone()).words(&types))
}

fn stream(stream: StreamSpecification) -> String {
    if stream.stream_enabled {
        format!("Turn on the stream ({stream})")
    } else {
        "Turn off the stream".to_owned()
    }
}

fn encryption(encryption: &SseSpecification) -> String {
    match &encryption.kms_master_key_id {
        Some(key) if encryption.enabled => format!("Encrypt with the key {key}"),
        Some(_) | None => format!("Encrypt with the {encryption}"),
    }
}

fn time_to_live(specification: &TimeToLiveSpecification) -> String {
    let attribute = specification.attribute_name.as_deref().unwrap_or_default();
    if specification.enabled {
        format!("Let items expire by {attribute:?}")
    } else {
        format!("Stop letting items expire by {attribute:?}")
    }
}

fn recovery(specification: PointInTimeRecoverySpecification) -> String {
    match specification.recovery_period_in_days {
        _ if !specification.point_in_time_recovery_enabled => {
            "Turn off point-in-time recovery".to_owned()
        }
        Some(_) => format!("Turn on point-in-time recovery ({specification})"),
        None => "Turn on point-in-time recovery".to_owned(),
    }
}
