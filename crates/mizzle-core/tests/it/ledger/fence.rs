//! The fence of a lease: open only as long as no other runner may start.

use super::{Memory, PATIENCE, acquire, check, guard, pass, runner};
use crate::fake::ManualClock;
use mizzle_core::{
    apply::{Clock, Fence, Fenced},
    ledger::{LockError, Loss},
};
use std::{sync::atomic::Ordering, time::Duration};
use tokio_util::sync::CancellationToken;

fn open(guard: &impl Fence) -> Result<(), Fenced> {
    pollster::block_on(guard.open())
}

#[test]
fn the_fence_of_a_lease_closes_before_anybody_else_may_begin() {
    let (ledger, clock) = (Memory::default(), ManualClock::default());
    let lease = acquire(&ledger, &clock, "ada").unwrap();
    let guard = guard(&lease, &ledger, &clock);
    pass(&clock, 6);
    assert!(guard.is_open());
    // The machine was asleep, and no other runner has noticed.
    pass(&clock, 1);
    assert!(!guard.is_open());
    assert_eq!(open(&guard), Ok(()));
    assert!(guard.is_open());
    assert_eq!(ledger.lock.lock().unwrap().as_ref().unwrap().heartbeat, 1, "it sent a heartbeat");
    // Another runner has taken the lock over.
    acquire(&ledger, &clock, "bob").unwrap();
    assert!(!guard.is_open());
    assert!(open(&guard).unwrap_err().to_string().starts_with("not sent: the lock was lost"));
    assert!(!guard.is_open(), "for good");
    assert_eq!(guard.refusal(), Some(LockError::Lost(Loss::To(runner("bob").1))));
}

#[test]
fn a_machine_that_was_asleep_has_lost_time() {
    let (ledger, clock) = (Memory::default(), ManualClock::default());
    let lease = acquire(&ledger, &clock, "ada").unwrap();
    let guard = guard(&lease, &ledger, &clock);
    clock.suspend(Duration::from_secs(7));
    assert!(!guard.is_open());
    assert_eq!(open(&guard), Ok(()), "nobody has noticed");
    ledger.is_down.store(true, Ordering::SeqCst);
    clock.suspend(Duration::from_secs(10));
    assert_eq!(check(&lease, &ledger, &clock), Err(LockError::Lost(Loss::Unreached)));
}

#[test]
fn a_fence_stays_closed_while_the_ledger_is_down_and_then_for_good() {
    let (ledger, clock) = (Memory::default(), ManualClock::default());
    let lease = acquire(&ledger, &clock, "ada").unwrap();
    let guard = guard(&lease, &ledger, &clock);
    ledger.is_down.store(true, Ordering::SeqCst);
    pass(&clock, 7);
    assert!(!guard.is_open());
    // The heartbeat is retried as long as the lease may not have expired.
    assert!(open(&guard).is_err());
    assert_eq!(guard.refusal(), Some(LockError::Lost(Loss::Unreached)));
    assert!(clock.now() > PATIENCE.lease && clock.now() < PATIENCE.lease * 2);
}

#[test]
fn an_interrupt_closes_the_fence_that_waits_for_it_and_no_other() {
    let (ledger, clock) = (Memory::default(), ManualClock::default());
    let lease = acquire(&ledger, &clock, "ada").unwrap();
    let stop = CancellationToken::new();
    let deaf = guard(&lease, &ledger, &clock);
    let guard = guard(&lease, &ledger, &clock).until(stop.clone());
    assert!(guard.is_open());
    stop.cancel();
    assert!(!guard.is_open());
    assert_eq!(open(&guard), Err(Fenced { reason: "interrupted".to_owned() }));
    assert_eq!(guard.refusal(), None);
    assert!(deaf.is_open());
}
