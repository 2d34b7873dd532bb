//! Encryption at rest: the key that a table is encrypted with.
//!
//! DynamoDB returns the ARN of a KMS key for all owners, so the key that AWS manages cannot be
//! distinguished from a key of the account.
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_SSEDescription.html>.

use super::{Setting, UpdateTableSetting};
use crate::{
    config::Fields,
    diff::{ValueChange, TableUpdate},
    export::TerraformTable,
    plan::{
        Blocked, Facts, Phase, Refusal, SettingStep, Situation, beyond,
        parse::{self, Read, boolean, string, word},
        simulator::require,
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::fmt;

/// The alias of the key that AWS manages for DynamoDB.
const MANAGED_ALIAS: &str = "alias/aws/dynamodb";

/// The key that a table is encrypted with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SseSpecification {
    /// `false`: the key that DynamoDB owns, which is the default. `true`: a key of AWS KMS.
    pub enabled: bool,
    /// The KMS key's ARN or id; without one, the key that AWS manages for DynamoDB.
    #[serde(rename = "KMSMasterKeyId", default, skip_serializing_if = "Option::is_none")]
    pub kms_master_key_id: Option<String>,
}

impl SseSpecification {
    /// The key that DynamoDB owns.
    pub const OWNED: Self = Self { enabled: false, kms_master_key_id: None };
    /// The key that AWS manages for DynamoDB in the account.
    pub const MANAGED: Self = Self { enabled: true, kms_master_key_id: None };

    /// Returns a KMS key of the account.
    pub fn key(key: impl Into<String>) -> Self {
        Self { enabled: true, kms_master_key_id: Some(key.into()) }
    }

    /// Returns the KMS key that is named.
    fn named_key(&self) -> Option<&str> {
        self.kms_master_key_id.as_deref().filter(|_| self.enabled)
    }
}

impl fmt::Display for SseSpecification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kms_master_key_id {
            Some(key) if self.enabled => f.write_str(key),
            None if self.enabled => f.write_str("managed key"),
            Some(_) | None => f.write_str("owned key"),
        }
    }
}

/// True if two names may refer to the same KMS key: an ID, and an ARN that ends with it.
pub(crate) fn may_be_same_key(one: &str, other: &str) -> bool {
    let ends_in = |arn: &str, id: &str| arn.rsplit('/').next() == Some(id);
    ends_in(one, other) || ends_in(other, one)
}

/// Returns the reason not to replace a table whose key is known only from its description. The key
/// that AWS manages must not be named when a table is created.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_SSESpecification.html>.
pub(crate) fn blocks_replacement(update: &TableUpdate) -> Option<Blocked> {
    let present = update.before.sse_specification.as_ref()?;
    let is_unclear =
        present.kms_master_key_id.is_some() && update.after.sse_specification.is_none();
    let table = &update.after.table_name;
    is_unclear.then(|| {
        let reason = format!(
            "{table} would have to be replaced, and it is encrypted with a KMS key of which DynamoDB does not tell whose it is"
        );
        let hint = "state `encryption` for it in the config: \"managed\", or { kmsKey }";
        Blocked::not_possible(table, reason, hint)
    })
}

/// The key of the encryption at rest: one that DynamoDB owns, the one that AWS manages in the account,
/// or a KMS key by its ARN or id (an alias is refused: it could not be compared).
#[derive(JsonSchema)]
#[schemars(inline)]
#[serde(untagged)]
#[expect(dead_code, reason = "a shape")]
pub(crate) enum Form {
    Word(FormWord),
    Key(FormKey),
}

#[derive(JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "a shape")]
pub(crate) enum FormWord {
    Owned,
    Managed,
}

#[derive(JsonSchema)]
#[schemars(inline)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "a shape")]
pub(crate) struct FormKey {
    /// The key's ARN or id. An alias could not be compared.
    #[schemars(regex(pattern = r"\S"), extend("not" = { "pattern": "(^|:)alias/" }))]
    kms_key: String,
}

pub(crate) enum EncryptionSetting {}

impl Setting for EncryptionSetting {
    type Value = SseSpecification;
    type Change = ValueChange<SseSpecification>;
    type Form = Form;

    const NAME: &'static str = "encryption";
    const CONFIG: &'static str = "encryption";
    const WIRE: &'static str = "SSESpecification";
    const LABEL: &'static str = "Encryption";
    const IN_CREATION: bool = true;

    fn default() -> SseSpecification {
        SseSpecification::OWNED
    }

    fn is_default(encryption: &SseSpecification) -> bool {
        !encryption.enabled
    }

    fn read(fields: &mut Fields<'_>) -> Option<SseSpecification> {
        if let Value::Object(_) = fields.get(Self::CONFIG)? {
            let mut key = None;
            let wanted = "\"owned\", \"managed\" or an object with kmsKey";
            fields.object_or(Self::CONFIG, wanted, |fields| {
                key = fields.required_text("kmsKey");
                // In an ARN the alias comes after the account.
                if key.iter().any(|key| key.starts_with("alias/") || key.contains(":alias/")) {
                    let help = "name the key itself, by its ARN or its id: DynamoDB never answers \
                                with an alias, so it could not be compared";
                    fields.complain("kmsKey", "must not be an alias", Some(help));
                }
            });
            return key.map(SseSpecification::key);
        }
        let words = [("owned", false), ("managed", true)];
        let is_managed = fields.word(Self::CONFIG, &words, &["an object with kmsKey"])?;
        Some(if is_managed { SseSpecification::MANAGED } else { SseSpecification::OWNED })
    }

    fn pull(encryption: &SseSpecification, notes: &mut Vec<String>) -> Option<Value> {
        match &encryption.kms_master_key_id {
            _ if !encryption.enabled => None,
            None => Some("managed".into()),
            // Some servers return the alias of the key that AWS manages.
            Some(key) if key.ends_with(MANAGED_ALIAS) => Some("managed".into()),
            Some(key) => {
                notes.push("it is encrypted with a key of this account and region; if that is the one that AWS manages, write encryption: \"managed\"".to_owned());
                Some(json!({ "kmsKey": key }))
            }
        }
    }

    fn difference(
        before: Option<&SseSpecification>,
        after: &SseSpecification,
    ) -> Option<ValueChange<SseSpecification>> {
        ValueChange::between(before, after)
    }

    fn words(change: &ValueChange<SseSpecification>) -> String {
        change.words(Self::NAME)
    }

    fn shown(encryption: &SseSpecification) -> String {
        encryption.to_string()
    }

    /// Replaces the key's ARN, as servers return it, by the form in `desired`, if both may refer to
    /// the same key: the ID at the end of the ARN, or no key at all.
    fn settle(present: &mut SseSpecification, desired: &SseSpecification) {
        let may_be_same = match (&present.kms_master_key_id, &desired.kms_master_key_id) {
            (Some(arn), Some(id)) => arn.rsplit('/').next() == Some(id),
            (Some(_), None) => true,
            (None, _) => false,
        };
        if present.enabled && desired.enabled && may_be_same {
            present.kms_master_key_id.clone_from(&desired.kms_master_key_id);
        }
    }

    fn steps(change: ValueChange<SseSpecification>, situation: Situation<'_>) -> Vec<SettingStep> {
        let call = situation.update::<Self>(change.after);
        vec![SettingStep::new(Phase::Settings, "set-encryption", call)]
    }

    fn steps_after_creation(
        _encryption: &SseSpecification,
        _situation: Situation<'_>,
    ) -> Vec<SettingStep> {
        Vec::new()
    }

    /// Refuses to change the key of a global table. The type of the key is the same in all regions,
    /// but each has its own key.
    /// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateReplicationGroupMemberAction.html>.
    fn refusal(change: &ValueChange<SseSpecification>, table: &str, facts: &Facts) -> Option<Blocked> {
        let has_key = |encryption: &SseSpecification| encryption.kms_master_key_id.is_some();
        let is_of_own_key = has_key(&change.after) || change.before.as_ref().is_some_and(has_key);
        let replicas = beyond::replicas(facts).filter(|_| is_of_own_key)?;
        let reason = format!(
            "{table} is a global table, with replicas in {replicas}, each with a KMS key of its own region: DynamoDB does not change the key of one of them alone ({})",
            Self::words(change)
        );
        let hint = "remove `encryption` for this table from the config, which leaves it alone; the keys of all replicas are changed with the console or the CLI of AWS";
        Some(Blocked::not_possible(table, reason, hint))
    }

    /// Returns the service's response, in which every key is an ARN, also that of AWS.
    fn answered(wanted: SseSpecification) -> SseSpecification {
        if !wanted.enabled {
            return SseSpecification::OWNED;
        }
        let key = wanted.kms_master_key_id.unwrap_or_else(|| "managed-by-aws".to_owned());
        SseSpecification::key(if key.starts_with("arn:") {
            key
        } else {
            format!("arn:aws:kms:eu-central-1:111122223333:key/{key}")
        })
    }

    fn cloudformation(encryption: &SseSpecification) -> Option<Value> {
        let mut property = Map::new();
        property.insert("SSEEnabled".to_owned(), encryption.enabled.into());
        if encryption.enabled {
            property.insert("SSEType".to_owned(), "KMS".into());
        }
        if let Some(key) = encryption.named_key() {
            property.insert("KMSMasterKeyId".to_owned(), key.into());
        }
        Some(property.into())
    }

    fn terraform(encryption: &SseSpecification, table: &mut TerraformTable) {
        let mut block = TerraformTable::block("server_side_encryption")
            .add_attribute(("enabled", encryption.enabled));
        if let Some(key) = encryption.named_key() {
            let arn = match key.starts_with("arn:") {
                true => key.into(),
                // Terraform needs the ARN of a key, and looks it up by the ID.
                false => table.data("aws_kms_key", "key_id", key, "arn"),
            };
            block = block.add_attribute(("kms_key_arn", arn));
        }
        table.nested(block.build());
    }
}

impl UpdateTableSetting for EncryptionSetting {
    const IS_REGIONAL: bool = false;

    /// Parses the setting, which is disabled by default. `SSEType` has only one value, which is
    /// checked but not stored.
    /// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_SSESpecification.html>.
    fn parse(value: &Value, path: &str) -> Read<SseSpecification> {
        let known = ["Enabled", "SSEType", "KMSMasterKeyId"];
        let fields = parse::Fields::of(value, path, &known, &[])?;
        fields.optional("SSEType", word(&[("KMS", ())]))?;
        Ok(SseSpecification {
            enabled: fields.optional("Enabled", boolean)?.unwrap_or(false),
            kms_master_key_id: fields.optional("KMSMasterKeyId", string)?,
        })
    }

    fn title(encryption: &SseSpecification) -> String {
        match encryption.named_key() {
            Some(key) => format!("Encrypt with the key {key}"),
            None => format!("Encrypt with the {encryption}"),
        }
    }

    /// Checks that a key is given only if it is used.
    /// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_SSESpecification.html>.
    fn check(encryption: &SseSpecification) -> Result<(), Refusal> {
        require(encryption.enabled || encryption.kms_master_key_id.is_none(), || {
            "KMSMasterKeyId needs SSE to be enabled".to_owned()
        })
    }

    fn updated(
        present: &SseSpecification,
        wanted: &SseSpecification,
    ) -> Result<SseSpecification, Refusal> {
        Self::check(wanted)?;
        let wanted = Self::answered(wanted.clone());
        require(*present != wanted, || "Table is already encrypted like that".to_owned())?;
        Ok(wanted)
    }
}
