//! Fingerprints of calls, which a ledger stores.

use super::Call;
use uuid::Uuid;

/// The namespace of the fingerprints; any fixed value would do.
const NAMESPACE: Uuid = Uuid::from_u128(0x6d69_7a7a_6c65_5f63_616c_6c73_5f69_6421);

impl Call {
    /// Returns the operation, the table, and a hash of the whole request: `CreateTable Shop 9a1c…`.
    /// Equal calls have equal fingerprints in all versions.
    pub fn fingerprint(&self) -> String {
        let id = Uuid::new_v5(&NAMESPACE, self.input().to_string().as_bytes());
        format!("{} {} {}", self.operation(), self.table(), id.simple())
    }
}

/// Returns the table that a call deletes or changes, by the call's fingerprint.
pub fn table(fingerprint: &str) -> Option<&str> {
    fingerprint.split(' ').nth(1)
}

/// Returns the table that a call deletes, by the call's fingerprint; `None` for other calls.
pub fn deleted_table(fingerprint: &str) -> Option<&str> {
    fingerprint.strip_prefix("DeleteTable ")?.split(' ').next()
}

/// Returns the table that a call creates, by the call's fingerprint; `None` for other calls.
pub fn created_table(fingerprint: &str) -> Option<&str> {
    fingerprint.strip_prefix("CreateTable ")?.split(' ').next()
}
