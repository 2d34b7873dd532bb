//! Items and the ledger in the embedded server, one per test.

use crate::{
    embedded::start,
    support::{
        data::{self, Traits},
        ledger,
    },
};

#[tokio::test]
async fn items_go_there_and_back() {
    let (embedded, server) = start().await;
    data::items_go_there_and_back(&server).await;
    embedded.shutdown().await;
}

#[tokio::test]
async fn pages_are_pages() {
    let (embedded, server) = start().await;
    data::pages_are_pages(&server).await;
    embedded.shutdown().await;
}

#[tokio::test]
async fn conditions_fail_with_what_is_there() {
    let (embedded, server) = start().await;
    data::conditions_fail_with_what_is_there(&server, Traits::FAITHFUL).await;
    embedded.shutdown().await;
}

#[tokio::test]
async fn batches_of_any_length() {
    let (embedded, server) = start().await;
    data::batches_of_any_length(&server).await;
    embedded.shutdown().await;
}

#[tokio::test]
async fn a_ledger_is_made_by_several_at_once() {
    let (embedded, server) = start().await;
    ledger::is_made_by_several_at_once(&server).await;
    embedded.shutdown().await;
}

#[tokio::test]
async fn a_ledger_is_not_made_of_another_table() {
    let (embedded, server) = start().await;
    ledger::is_not_made_of_another_table(&server).await;
    embedded.shutdown().await;
}

#[tokio::test]
async fn a_lock_has_one_holder() {
    let (embedded, server) = start().await;
    ledger::lock_has_one_holder(&server).await;
    embedded.shutdown().await;
}

#[tokio::test]
async fn records_are_fenced() {
    let (embedded, server) = start().await;
    ledger::records_are_fenced(&server).await;
    embedded.shutdown().await;
}

#[tokio::test]
async fn every_page_of_records_is_read() {
    let (embedded, server) = start().await;
    ledger::every_page_of_records_is_read(&server).await;
    embedded.shutdown().await;
}

#[tokio::test]
async fn signs_of_life_and_writes_do_not_hurt_each_other() {
    let (embedded, server) = start().await;
    ledger::signs_of_life_and_writes_do_not_hurt_each_other(&server).await;
    embedded.shutdown().await;
}
