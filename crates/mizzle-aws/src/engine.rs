//! Implements the engine's port.

use crate::{DynamoDb, DynamoDbLedger};
use mizzle_core::apply::Fence;
use mizzle_engine::ports::Server;
use std::sync::Arc;

impl Server for DynamoDb {
    type Ledger = DynamoDbLedger;

    fn fenced(&self, fence: Arc<dyn Fence>) -> Self {
        Self::fenced(self, fence)
    }
}
