//! Tags of a table, at most 50, matched by key. Tags of AWS (`aws:…`) are excluded.
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Tagging.html>.

use super::{Effect, Registered, Request, Setting, SettingRequest};
use crate::{
    config::Fields,
    export::TerraformTable,
    history::Merger,
    model::{TableDefinition, rules},
    plan::{
        Call, Facts, Hazard, HazardKind, Phase, Refusal, SettingStep, Situation,
        parse::{self, Read, any_string, list, resource, string},
        simulator::{Table, require},
    },
    text,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A tag of a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tag {
    /// Up to 128 characters; keys with the prefix `aws:` belong to AWS.
    pub key: String,
    /// Up to 256 characters.
    pub value: String,
}

/// Changes of tags; at least one of the lists is not empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TagChanges {
    /// Tags to add or to change.
    pub set: Vec<Tag>,
    /// The keys of tags to remove.
    pub removed: Vec<String>,
}

/// The `TagResource` request.
///
/// Like other requests for settings, it names the table where AWS needs its ARN, because a plan
/// must not depend on an account. The client fills in the ARN.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TagResource.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TagResource {
    /// The table's name.
    #[serde(rename = "ResourceArn")]
    pub table_name: String,
    /// Tags to add or to change.
    pub tags: Vec<Tag>,
}

/// The `UntagResource` request.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UntagResource.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UntagResource {
    /// The table's name.
    #[serde(rename = "ResourceArn")]
    pub table_name: String,
    /// The keys of the tags to remove.
    pub tag_keys: Vec<String>,
}

/// All tags that the table is to have, those of `"*"` included; others are removed, except those of AWS
/// (`aws:…`). At most 50, with keys of up to 128 and values of up to 256 characters.
#[derive(JsonSchema)]
#[schemars(inline, extend("propertyNames" = {
    "minLength": 1,
    "maxLength": rules::MAX_TAG_KEY,
    "not": { "pattern": "^[aA][wW][sS]:" },
}))]
pub(crate) struct Form(#[expect(dead_code, reason = "a shape")] BTreeMap<String, FormValue>);

#[derive(JsonSchema)]
#[schemars(inline)]
pub(crate) struct FormValue(
    #[expect(dead_code, reason = "a shape")]
    #[schemars(length(max = rules::MAX_TAG_VALUE))]
    String,
);

pub(crate) enum TagsSetting {}

impl Setting for TagsSetting {
    type Value = Vec<Tag>;
    type Change = TagChanges;
    type Form = Form;

    const NAME: &'static str = "tags";
    const CONFIG: &'static str = "tags";
    const WIRE: &'static str = "Tags";
    const LABEL: &'static str = "Tags";
    const IN_CREATION: bool = true;

    fn default() -> Vec<Tag> {
        Vec::new()
    }

    fn read(fields: &mut Fields<'_>) -> Option<Vec<Tag>> {
        let tags = fields.texts(Self::CONFIG, wrong_tag)?;
        Some(tags.into_iter().map(|(key, value)| Tag { key, value }).collect())
    }

    fn over(own: Vec<Tag>, defaults: Vec<Tag>) -> Vec<Tag> {
        let is_own = |tag: &Tag| own.iter().any(|own| own.key == tag.key);
        let mut tags: Vec<Tag> = defaults.into_iter().filter(|tag| !is_own(tag)).collect();
        tags.extend(own);
        tags.sort();
        tags
    }

    fn pull(tags: &Vec<Tag>, _notes: &mut Vec<String>) -> Option<Value> {
        let entries = tags.iter().map(|tag| (tag.key.clone(), tag.value.as_str().into()));
        (!tags.is_empty()).then(|| entries.collect::<Map<String, Value>>().into())
    }

    fn difference(before: Option<&Vec<Tag>>, after: &Vec<Tag>) -> Option<TagChanges> {
        let present = before.map(Vec::as_slice).unwrap_or_default();
        let set: Vec<Tag> = after.iter().filter(|tag| !present.contains(tag)).cloned().collect();
        let is_gone = |tag: &&Tag| after.iter().all(|kept| kept.key != tag.key);
        let removed = present.iter().filter(is_gone).map(|tag| tag.key.clone());
        let changes = TagChanges { set, removed: removed.collect() };
        (!changes.set.is_empty() || !changes.removed.is_empty()).then_some(changes)
    }

    fn words(TagChanges { set, removed }: &TagChanges) -> String {
        let set = set.iter().map(|tag| format!("{}={}", tag.key, tag.value));
        let removed = removed.iter().map(|key| format!("no {key}"));
        format!("change tags: {}", set.chain(removed).collect::<Vec<_>>().join(", "))
    }

    fn shown(tags: &Vec<Tag>) -> String {
        let words: Vec<String> =
            tags.iter().map(|tag| format!("{}={}", tag.key, tag.value)).collect();
        words.join(", ")
    }

    fn listed(tags: &Vec<Tag>) -> String {
        tags.len().to_string()
    }

    /// Merges tag by tag, if both branches and their common state manage them.
    fn merge(merger: &mut Merger<'_>) -> Option<Vec<Tag>> {
        if !merger.sides().into_iter().all(|table| table.tags.is_some()) {
            return merger.pick(Self::NAME, Self::copied);
        }
        let keys = merger.names(|table| {
            table.tags.iter().flatten().map(|tag| tag.key.clone()).collect()
        });
        let tags = keys.into_iter().filter_map(|key| {
            merger.pick(Self::NAME, |table| {
                table.tags.iter().flatten().find(|tag| tag.key == key).cloned()
            })
        });
        Some(tags.collect())
    }

    /// Returns the steps. Tags are removed before others are added, because a table has at most 50.
    fn steps(change: TagChanges, situation: Situation<'_>) -> Vec<SettingStep> {
        let TagChanges { set: tags, removed: tag_keys } = change;
        let table_name = situation.table.to_owned();
        let mut steps = Vec::new();
        if !tag_keys.is_empty() {
            let hazard = removes_tags(&tag_keys);
            let call = UntagResource { table_name: table_name.clone(), tag_keys };
            let step = SettingStep::new(Phase::Settings, "untag", Call::UntagResource(call));
            steps.push(step.hazards(Some(hazard)));
        }
        if !tags.is_empty() {
            let call = Call::TagResource(TagResource { table_name, tags });
            steps.push(SettingStep::new(Phase::Settings, "tag", call));
        }
        steps
    }

    fn steps_after_creation(_tags: &Vec<Tag>, _situation: Situation<'_>) -> Vec<SettingStep> {
        Vec::new()
    }

    /// Returns the managed tags if the creation has the same ones. A creation without tags does not
    /// request their removal.
    fn adopted(managed: Vec<Tag>, asked: Option<Vec<Tag>>) -> Option<Vec<Tag>> {
        let is_asked = managed == asked.unwrap_or_default();
        Some(managed).filter(|tags| is_asked && !tags.is_empty())
    }

    fn cloudformation(tags: &Vec<Tag>) -> Option<Value> {
        Some(super::to_value(tags))
    }

    fn terraform(tags: &Vec<Tag>, table: &mut TerraformTable) {
        let tags = tags.iter().map(|Tag { key, value }| (key.clone(), value.clone()));
        table.attribute("tags", tags.collect::<hcl::Expression>());
    }
}

/// Adds the present tags of a table that its creation does not name, so that they are kept.
pub(crate) fn keep_others(desired: &mut TableDefinition, present: &TableDefinition) {
    if let (Some(tags), Some(present)) = (&mut desired.tags, &present.tags) {
        let others = present.iter().filter(|tag| tags.iter().all(|wanted| wanted.key != tag.key));
        let others: Vec<Tag> = others.cloned().collect();
        tags.extend(others);
    }
}

fn wrong_tag(key: &str, value: &str) -> Option<(String, &'static str)> {
    let (key_length, value_length) = (key.chars().count(), value.chars().count());
    if key.to_lowercase().starts_with("aws:") {
        return Some((
            "cannot be set".to_owned(),
            "tags that start with aws: belong to AWS, which keeps them: leave it out",
        ));
    }
    if !(1..=rules::MAX_TAG_KEY).contains(&key_length) {
        let most = rules::MAX_TAG_KEY;
        let message = format!("must have a key of 1 to {most} characters, but it has {key_length}");
        return Some((message, "give the tag another key"));
    }
    (value_length > rules::MAX_TAG_VALUE).then(|| {
        let most = rules::MAX_TAG_VALUE;
        let message = format!("must have up to {most} characters, but has {value_length}");
        (message, "shorten the tag's value")
    })
}

/// Parses a tag of a request in a script.
pub(crate) fn parse_tag(value: &Value, path: &str) -> Read<Tag> {
    let fields = parse::Fields::of(value, path, &["Key", "Value"], &[])?;
    Ok(Tag {
        key: fields.required("Key", string)?,
        value: fields.required("Value", any_string)?,
    })
}

/// Refuses tags that DynamoDB accepts for no table.
pub(crate) fn check(tags: &[Tag]) -> Result<(), Refusal> {
    let keys: BTreeSet<&str> = tags.iter().map(|tag| tag.key.as_str()).collect();
    require(keys.len() == tags.len(), || "a tag is there twice".to_owned())?;
    let most = rules::MAX_TAGS;
    require(tags.len() <= most, || format!("a table has at most {most} tags"))?;
    tags.iter().try_for_each(|tag| {
        let key = &tag.key;
        require(!key.to_ascii_lowercase().starts_with("aws:"), || {
            format!("tag {key}: the prefix aws: is reserved")
        })?;
        require((1..=rules::MAX_TAG_KEY).contains(&key.chars().count()), || {
            format!("tag {key}: a key has 1 to 128 characters")
        })?;
        require(tag.value.chars().count() <= rules::MAX_TAG_VALUE, || {
            format!("tag {key}: a value has up to 256 characters")
        })
    })
}

/// Returns the hazard of removing tags.
fn removes_tags(keys: &[String]) -> Hazard {
    let names = text::list(keys);
    let message = format!("What goes by {names} (costs, permissions) no longer finds it.");
    Hazard::new(HazardKind::RemovesTags, message)
}

impl SettingRequest for TagResource {
    fn title(&self) -> String {
        format!("Set tags: {}", TagsSetting::shown(&self.tags))
    }

    fn effect(&self) -> Effect {
        Effect::Adds
    }

    fn is_in_effect(&self, present: &TableDefinition) -> bool {
        let present = present.tags.as_deref();
        present.is_some_and(|present| self.tags.iter().all(|tag| present.contains(tag)))
    }

    /// Adds tags, and changes the values of present ones.
    fn simulate(&self, table: &mut Table) -> Result<(), Refusal> {
        require(!self.tags.is_empty(), || "there is no tag in the request".to_owned())?;
        check(&self.tags)?;
        let is_replaced = |tag: &Tag| self.tags.iter().any(|new| new.key == tag.key);
        let mut tags = table.definition.tags.clone().unwrap_or_default();
        tags.retain(|tag| !is_replaced(tag));
        tags.extend(self.tags.iter().cloned());
        tags.sort();
        check(&tags)?;
        table.definition.tags = Some(tags);
        Ok(())
    }

    /// Returns true.
    /// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-CoreConcepts.html>.
    fn is_regional(&self) -> bool {
        true
    }
}

impl Request for TagResource {
    const METHOD: &'static str = "tagResource";

    fn parse(request: &Value) -> Read<Self> {
        let fields = parse::Fields::of(request, "", &["ResourceArn", "Tags"], &[])?;
        Ok(Self {
            table_name: fields.required("ResourceArn", resource)?,
            tags: fields.required("Tags", list(parse_tag))?,
        })
    }
}

impl SettingRequest for UntagResource {
    fn title(&self) -> String {
        format!("Remove tags: {}", text::list(&self.tag_keys))
    }

    fn effect(&self) -> Effect {
        Effect::Removes
    }

    fn hazards(&self, present: Option<&TableDefinition>, _facts: Option<&Facts>) -> Vec<Hazard> {
        let Some(present) = present else { return vec![removes_tags(&self.tag_keys)] };
        let is_there = |key: &&String| {
            present.tags.as_ref().is_none_or(|tags| tags.iter().any(|tag| tag.key == **key))
        };
        let removed: Vec<String> = self.tag_keys.iter().filter(is_there).cloned().collect();
        (!removed.is_empty()).then(|| removes_tags(&removed)).into_iter().collect()
    }

    fn is_in_effect(&self, present: &TableDefinition) -> bool {
        let present = present.tags.as_deref();
        let is_gone =
            |key: &String| present.is_some_and(|tags| tags.iter().all(|tag| tag.key != *key));
        self.tag_keys.iter().all(is_gone)
    }

    /// Removes tags; missing ones are ignored.
    fn simulate(&self, table: &mut Table) -> Result<(), Refusal> {
        let keys = &self.tag_keys;
        require(!keys.is_empty(), || "there is no tag in the request".to_owned())?;
        require(keys.iter().all(|key| !key.to_ascii_lowercase().starts_with("aws:")), || {
            "tags of AWS cannot be removed".to_owned()
        })?;
        if let Some(tags) = &mut table.definition.tags {
            tags.retain(|tag| !keys.contains(&tag.key));
        }
        Ok(())
    }

    /// Returns true.
    /// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-CoreConcepts.html>.
    fn is_regional(&self) -> bool {
        true
    }
}

impl Request for UntagResource {
    const METHOD: &'static str = "untagResource";

    fn parse(request: &Value) -> Read<Self> {
        let fields = parse::Fields::of(request, "", &["ResourceArn", "TagKeys"], &[])?;
        Ok(Self {
            table_name: fields.required("ResourceArn", resource)?,
            tag_keys: fields.required("TagKeys", list(string))?,
        })
    }
}
