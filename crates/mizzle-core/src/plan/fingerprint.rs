//! What a call is, in a line that a ledger can keep.

use super::Call;
use uuid::Uuid;

/// Namespace of the fingerprints; any fixed value would do.
const NAMESPACE: Uuid = Uuid::from_u128(0x6d69_7a7a_6c65_5f63_616c_6c73_5f69_6421);

impl Call {
    /// `CreateTable Shop 9a1c…`: the operation, the table, and what stands for the whole request.
    /// Equal calls have equal fingerprints, in whatever version.
    pub fn fingerprint(&self) -> String {
        let id = Uuid::new_v5(&NAMESPACE, self.input().to_string().as_bytes());
        format!("{} {} {}", self.operation(), self.table(), id.simple())
    }
}

/// The table that a call deletes or changes, by the call's fingerprint.
pub fn table(fingerprint: &str) -> Option<&str> {
    fingerprint.split(' ').nth(1)
}

/// The table that a call deletes, by the call's fingerprint; `None` when it is another call.
pub fn deleted_table(fingerprint: &str) -> Option<&str> {
    fingerprint.strip_prefix("DeleteTable ")?.split(' ').next()
}

/// The table that a call creates, by the call's fingerprint; `None` when it is another call.
pub fn created_table(fingerprint: &str) -> Option<&str> {
    fingerprint.strip_prefix("CreateTable ")?.split(' ').next()
}
