//! The resource policy: the permissions of other principals on a table.

mod document;

use super::{Effect, Request, Setting, SettingRequest};
use crate::{
    config::{
        Fields,
        shape::{False, OneOrMany, Text},
        unsupported_within,
    },
    diff::ValueChange,
    export::TerraformTable,
    model::{
        Problem, Rule, Schema, TableDefinition,
        declaration::{Subject, TableDeclaration},
    },
    plan::{
        Call, Facts, Hazard, HazardKind, Phase, Refusal, SettingStep, Situation,
        parse::{self, Read, DecodeError, resource, string},
        simulator::{Table, require},
    },
    text,
};
pub use document::ResourcePolicy;
use hcl::expr::FuncCall;
use schemars::{JsonSchema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::{Value, json};
use std::{borrow::Cow, collections::BTreeMap};

/// The longest policy in bytes, white space included.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html>.
const MAX_SIZE: usize = 20 << 10;

/// The `PutResourcePolicy` request.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutResourcePolicy.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct PutResourcePolicy {
    /// The table's name.
    #[serde(rename = "ResourceArn")]
    pub table_name: String,
    /// The whole policy.
    pub policy: ResourcePolicy,
    /// The revision to replace, or [`NO_POLICY`]: DynamoDB refuses the request if the present one
    /// differs. `None` replaces any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_revision_id: Option<String>,
}

/// The revision of a table without a policy.
pub const NO_POLICY: &str = "NO_POLICY";

/// The `DeleteResourcePolicy` request.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteResourcePolicy.html>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeleteResourcePolicy {
    /// The table's name.
    #[serde(rename = "ResourceArn")]
    pub table_name: String,
    /// The revision to delete; `None` deletes any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_revision_id: Option<String>,
}

/// The resource policy, which lets other principals use the table: a policy document or its JSON, up to
/// 20 KB; `false`: no policy.
#[derive(JsonSchema)]
#[schemars(inline)]
#[serde(untagged)]
#[expect(dead_code, reason = "a shape")]
pub(crate) enum Form {
    Document(PolicyDocument),
    Json(Text),
    Off(False),
}

/// A resource-based policy in AWS's own form.
#[derive(JsonSchema)]
#[serde(rename_all = "PascalCase")]
#[expect(dead_code, reason = "a shape")]
pub(crate) struct PolicyDocument {
    /// The version of the language: `2012-10-17`.
    version: Option<String>,
    /// A name for the policy.
    id: Option<String>,
    /// The statements: who may do what.
    statement: OneOrMany<Statement>,
}

pub(crate) struct Statement;

impl JsonSchema for Statement {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Statement".into()
    }

    fn json_schema(_generator: &mut SchemaGenerator) -> schemars::Schema {
        json_schema!({ "type": "object" })
    }
}

pub(crate) enum ResourcePolicySetting {}

impl Setting for ResourcePolicySetting {
    type Value = ResourcePolicy;
    type Change = ValueChange<ResourcePolicy>;
    type Form = Form;

    const NAME: &'static str = "resource policy";
    const CONFIG: &'static str = "resourcePolicy";
    const WIRE: &'static str = "ResourcePolicy";
    const LABEL: &'static str = "Policy";
    /// `CreateTable` accepts a policy, too, but emulators lose it.
    const IN_CREATION: bool = false;

    fn default() -> ResourcePolicy {
        ResourcePolicy::NONE
    }

    fn read(fields: &mut Fields<'_>) -> Option<ResourcePolicy> {
        const NAME: &str = ResourcePolicySetting::CONFIG;
        const WANTED: &str = "a policy document, as an object or as JSON, or false";
        let document = match fields.get(NAME)? {
            Value::Bool(false) => return Some(ResourcePolicy::NONE),
            Value::String(text) if !text.trim().is_empty() => match serde_json::from_str(text) {
                Ok(document) => document,
                Err(error) => {
                    let (line, column) = (error.line(), error.column());
                    let message = format!("is not valid JSON (line {line}, column {column})");
                    fields.complain(NAME, message, None);
                    return None;
                }
            },
            other => other.clone(),
        };
        if let Some(what) = unsupported_within(&document) {
            let message = format!("must be {WANTED}, but holds {what}");
            fields.complain(NAME, message, None);
            return None;
        }
        let Value::Object(object) = &document else {
            fields.wrong(NAME, WANTED, &document);
            return None;
        };
        if !object.contains_key("Statement") {
            let help = "it is in AWS's own form: { Version: \"2012-10-17\", Statement: [...] }";
            fields.complain(NAME, "has no Statement", Some(help));
            return None;
        }
        let policy = ResourcePolicy::new(document);
        let size = policy.size();
        if size > MAX_SIZE {
            let message = format!("has {size} bytes, but DynamoDB takes {MAX_SIZE}");
            let help = "grant access to fewer, or in fewer statements";
            fields.complain(NAME, message, Some(help));
        }
        Some(policy)
    }

    fn pull(policy: &ResourcePolicy, notes: &mut Vec<String>) -> Option<Value> {
        match policy.document().cloned() {
            None => None,
            Some(mut document @ Value::Object(_)) if document.get("Statement").is_some() => {
                // A single statement may stand without a list, which is unusual.
                if let Some(statement @ Value::Object(_)) = document.get_mut("Statement") {
                    *statement = json!([statement.take()]);
                }
                notes.push("its resource policy names accounts and ARNs: another environment may need another one".to_owned());
                Some(document)
            }
            Some(_) => {
                notes.push("its resource policy has no form that the config knows, so it stays unmanaged".to_owned());
                None
            }
        }
    }

    fn difference(
        before: Option<&ResourcePolicy>,
        after: &ResourcePolicy,
    ) -> Option<ValueChange<ResourcePolicy>> {
        ValueChange::between(before, after)
    }

    fn words(ValueChange { before, after }: &ValueChange<ResourcePolicy>) -> String {
        let verb = match before {
            _ if after.is_none() => "remove",
            Some(policy) if !policy.is_none() => "change",
            Some(_) | None => "set",
        };
        format!("{verb} {}", Self::NAME)
    }

    fn shown(_policy: &ResourcePolicy) -> String {
        "of its own".to_owned()
    }

    fn listed(policy: &ResourcePolicy) -> String {
        if policy.is_none() { "none" } else { "attached" }.to_owned()
    }

    /// Returns the steps, which replace only the revision that the plan was made for.
    fn steps(change: ValueChange<ResourcePolicy>, situation: Situation<'_>) -> Vec<SettingStep> {
        let ValueChange { before, after } = change;
        let expected_revision_id = before.as_ref().and_then(|before| {
            let none = || before.is_none().then(|| NO_POLICY.to_owned());
            situation.facts?.policy_revision.clone().or_else(none)
        });
        let may_replace = before.is_none_or(|before| !before.is_none());
        let step = if after.is_none() {
            let table_name = situation.table.to_owned();
            let call = DeleteResourcePolicy { table_name, expected_revision_id };
            let call = Call::DeleteResourcePolicy(call);
            SettingStep::new(Phase::Settings, "delete-resource-policy", call)
        } else {
            put(after, expected_revision_id, situation)
        };
        vec![step.hazards(may_replace.then(changes_access))]
    }

    fn steps_after_creation(
        policy: &ResourcePolicy,
        situation: Situation<'_>,
    ) -> Vec<SettingStep> {
        vec![put(policy.clone(), None, situation)]
    }

    fn cloudformation(policy: &ResourcePolicy) -> Option<Value> {
        policy.document().map(|document| json!({ "PolicyDocument": document }))
    }

    fn terraform(policy: &ResourcePolicy, table: &mut TerraformTable) {
        let Some(document) = policy.document() else { return };
        let document =
            hcl::to_expression(document).expect("what JSON can say, Terraform's language can");
        let encoded = FuncCall::builder("jsonencode").arg(document).build();
        let arn = ("resource_arn", table.reference("arn"));
        table.attached("aws_dynamodb_resource_policy", [arn, ("policy", encoded.into())]);
    }
}

fn put(
    policy: ResourcePolicy,
    expected_revision_id: Option<String>,
    situation: Situation<'_>,
) -> SettingStep {
    let table_name = situation.table.to_owned();
    let call = PutResourcePolicy { table_name, policy, expected_revision_id };
    SettingStep::new(Phase::Settings, "put-resource-policy", Call::PutResourcePolicy(call))
}

/// Returns the hazard of replacing or deleting a policy.
fn changes_access() -> Hazard {
    Hazard::new(
        HazardKind::ChangesAccess,
        "Principals that have access by the present policy alone lose it.",
    )
}

/// Returns the hazard of a request if the table has another policy than the requested one. If the
/// table is not known, the expected revision tells whether it may have one.
fn hazards(
    present: Option<&TableDefinition>,
    wanted: &ResourcePolicy,
    expected_revision_id: Option<&str>,
) -> Vec<Hazard> {
    let may_replace = match present {
        Some(table) => table.resource_policy.as_ref().is_none_or(|present| {
            let is_same = !wanted.is_none() && present == wanted;
            !present.is_none() && !is_same
        }),
        None => expected_revision_id != Some(NO_POLICY),
    };
    may_replace.then(changes_access).into_iter().collect()
}

/// Returns a warning about policies without a version, which have an old one by default that is
/// rarely intended.
pub(crate) fn version_warning(
    schema: &Schema,
    declared: &BTreeMap<&str, &TableDeclaration>,
) -> Option<Problem> {
    let is_unstated = |table: &&TableDefinition| {
        let policy = table.resource_policy.as_ref();
        policy.is_some_and(|policy| !policy.is_none() && policy.version().is_none())
    };
    let tables: Vec<&str> =
        schema.tables.iter().filter(is_unstated).map(|table| table.table_name.as_str()).collect();
    let first = tables.first()?;
    Some(Problem {
        rule: Rule::PolicyVersion,
        subject: Subject {
            sites: declared.get(first).map(|table| table.sites.clone()).unwrap_or_default(),
            table: Some((*first).to_owned()),
            ..Subject::default()
        },
        related: Vec::new(),
        message: format!(
            "The resource policy of {} states no Version, so AWS takes it for one of 2008-10-17, which has no policy variables",
            text::list(&tables)
        ),
        help: "add Version: \"2012-10-17\" to `resourcePolicy` in the config; or \"2008-10-17\" if that one is meant".to_owned(),
    })
}

fn parse_policy(value: &Value, path: &str) -> Read<ResourcePolicy> {
    const WANTED: &str = "a policy document as JSON text";
    if value.is_object() {
        let wrong = DecodeError::kind(path, WANTED, value);
        return Err(wrong.hint("write JSON.stringify(…) around the document"));
    }
    let text = string(value, path).map_err(|_| {
        DecodeError::kind(path, WANTED, value).hint("db.deleteResourcePolicy removes a policy")
    })?;
    ResourcePolicy::try_from(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        DecodeError::new(path, format!("is not valid JSON (line {line}, column {column})"))
    })
}

/// Keeps only the revision for no policy: the others are known only for a present table.
fn known_anywhere(revision: &mut Option<String>) {
    revision.take_if(|revision| revision != NO_POLICY);
}

fn check_revision(table: &Table, expected: Option<&str>) -> Result<(), Refusal> {
    let present = table.policy_revision();
    let present = present.as_deref().unwrap_or(NO_POLICY);
    match expected {
        Some(expected) if expected != present => Err(Refusal::policy_not_found(format!(
            "the policy has revision {present}, and not {expected}"
        ))),
        Some(_) | None => Ok(()),
    }
}

impl SettingRequest for PutResourcePolicy {
    fn title(&self) -> String {
        "Set the resource policy".to_owned()
    }

    fn effect(&self) -> Effect {
        Effect::Changes
    }

    fn hazards(&self, present: Option<&TableDefinition>, _facts: Option<&Facts>) -> Vec<Hazard> {
        hazards(present, &self.policy, self.expected_revision_id.as_deref())
    }

    fn is_in_effect(&self, present: &TableDefinition) -> bool {
        present.resource_policy.as_ref() == Some(&self.policy)
    }

    /// Replaces the policy, if the present one is expected.
    fn simulate(&self, table: &mut Table) -> Result<(), Refusal> {
        require(!self.policy.is_none(), || "a policy is not empty".to_owned())?;
        require(self.policy.size() <= MAX_SIZE, || {
            format!("a policy has at most {MAX_SIZE} bytes")
        })?;
        check_revision(table, self.expected_revision_id.as_deref())?;
        if table.definition.resource_policy.as_ref() != Some(&self.policy) {
            table.policy_revision += 1;
            table.definition.resource_policy = Some(self.policy.clone());
        }
        Ok(())
    }

    /// Returns true.
    /// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-CoreConcepts.html>.
    fn is_regional(&self) -> bool {
        true
    }

    /// Returns the field of `CreateTable`, because `PutResourcePolicy` needs an ARN, and therefore
    /// an account.
    fn in_creation(&self) -> Option<(&'static str, Value)> {
        Some((ResourcePolicySetting::WIRE, String::from(self.policy.clone()).into()))
    }

    fn forget_revision(&mut self) {
        known_anywhere(&mut self.expected_revision_id);
    }
}

impl Request for PutResourcePolicy {
    const METHOD: &'static str = "putResourcePolicy";

    fn parse(request: &Value) -> Read<Self> {
        let fields = parse::Fields::of(
            request,
            "",
            &["ResourceArn", "Policy", "ExpectedRevisionId"],
            &[(
                "ConfirmRemoveSelfResourceAccess",
                "mizzle never lets a policy lock out the principal that sets it: leave it out",
            )],
        )?;
        Ok(Self {
            table_name: fields.required("ResourceArn", resource)?,
            policy: fields.required("Policy", parse_policy)?,
            expected_revision_id: fields.optional("ExpectedRevisionId", string)?,
        })
    }
}

impl SettingRequest for DeleteResourcePolicy {
    fn title(&self) -> String {
        "Remove the resource policy".to_owned()
    }

    fn effect(&self) -> Effect {
        Effect::Removes
    }

    fn hazards(&self, present: Option<&TableDefinition>, _facts: Option<&Facts>) -> Vec<Hazard> {
        hazards(present, &ResourcePolicy::NONE, self.expected_revision_id.as_deref())
    }

    fn is_in_effect(&self, present: &TableDefinition) -> bool {
        present.resource_policy.as_ref().is_some_and(ResourcePolicy::is_none)
    }

    /// Deletes the policy, if the present one is expected. A missing policy is an error only if one
    /// is expected.
    fn simulate(&self, table: &mut Table) -> Result<(), Refusal> {
        check_revision(table, self.expected_revision_id.as_deref())?;
        table.definition.resource_policy = Some(ResourcePolicy::NONE);
        Ok(())
    }

    /// Returns true.
    /// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-CoreConcepts.html>.
    fn is_regional(&self) -> bool {
        true
    }

    fn forget_revision(&mut self) {
        known_anywhere(&mut self.expected_revision_id);
    }
}

impl Request for DeleteResourcePolicy {
    const METHOD: &'static str = "deleteResourcePolicy";

    fn parse(request: &Value) -> Read<Self> {
        let fields =
            parse::Fields::of(request, "", &["ResourceArn", "ExpectedRevisionId"], &[])?;
        Ok(Self {
            table_name: fields.required("ResourceArn", resource)?,
            expected_revision_id: fields.optional("ExpectedRevisionId", string)?,
        })
    }
}
