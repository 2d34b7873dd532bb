//! Items and the ledger in MiniStack. Every test has a database of its own.

use crate::{
    connect,
    support::{
        data::{self, Traits},
        ledger,
    },
};
use mizzle_aws::DynamoDb;
use mizzle_test::Ministack;

async fn start() -> DynamoDb {
    connect(Ministack::from_env().isolated()).await
}

#[tokio::test]
async fn items_go_there_and_back() {
    data::items_go_there_and_back(&start().await).await;
}

#[tokio::test]
async fn pages_are_pages() {
    data::pages_are_pages(&start().await).await;
}

#[tokio::test]
async fn conditions_fail_with_what_is_there() {
    data::conditions_fail_with_what_is_there(&start().await, Traits::FAITHFUL).await;
}

#[tokio::test]
async fn batches_of_any_length() {
    data::batches_of_any_length(&start().await).await;
}

#[tokio::test]
async fn a_ledger_is_made_by_several_at_once() {
    ledger::is_made_by_several_at_once(&start().await).await;
}

#[tokio::test]
async fn a_ledger_is_not_made_of_another_table() {
    ledger::is_not_made_of_another_table(&start().await).await;
}

#[tokio::test]
async fn a_lock_has_one_holder() {
    ledger::lock_has_one_holder(&start().await).await;
}

#[tokio::test]
async fn records_are_fenced() {
    ledger::records_are_fenced(&start().await).await;
}

#[tokio::test]
async fn every_page_of_records_is_read() {
    ledger::every_page_of_records_is_read(&start().await).await;
}

#[tokio::test]
async fn signs_of_life_and_writes_do_not_hurt_each_other() {
    ledger::signs_of_life_and_writes_do_not_hurt_each_other(&start().await).await;
}
