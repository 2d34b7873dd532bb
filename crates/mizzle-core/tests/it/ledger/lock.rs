//! The lock moves from one runner to the next: by hand, or because its holder was killed, is asleep
//! or cut off.

use super::{Memory, PATIENCE, acquire, check, pass, record, runner};
use crate::fake::ManualClock;
use mizzle_core::{
    apply::Clock,
    ledger::{Lease, Ledger, Lock, LockError, Loss, Owner},
};
use std::{sync::atomic::Ordering, time::Duration};
use tokio_util::sync::CancellationToken;

#[test]
fn the_lock_goes_from_one_to_the_next() {
    let (ledger, clock) = (Memory::default(), ManualClock::default());
    let first = acquire(&ledger, &clock, "ada").unwrap();
    check(&first, &ledger, &clock).unwrap();
    pollster::block_on(first.release(&ledger)).unwrap();
    assert_eq!(acquire(&ledger, &clock, "bob").unwrap().token(), "bob");
}

#[test]
fn a_dead_runners_lock_is_taken_over_after_its_lease_and_not_before() {
    let (ledger, clock) = (Memory::default(), ManualClock::default());
    let dead = acquire(&ledger, &clock, "ada").unwrap();
    let before = clock.now();
    let heir = acquire(&ledger, &clock, "bob").unwrap();
    let waited = clock.now() - before;
    assert!(waited > PATIENCE.lease && waited < PATIENCE.lease * 2, "{waited:?}");
    check(&heir, &ledger, &clock).unwrap();
    // The holder was only asleep: it notices the loss before its next change.
    let lost = Err(LockError::Lost(Loss::To(runner("bob").1)));
    assert_eq!(check(&dead, &ledger, &clock), lost);
    assert_eq!(check(&dead, &ledger, &clock), lost, "for good");
}

#[test]
fn signs_of_life_keep_the_lock() {
    let (ledger, clock) = (Memory::default(), ManualClock::default());
    let lease = acquire(&ledger, &clock, "ada").unwrap();
    for _ in 0..20 {
        pass(&clock, 7);
        check(&lease, &ledger, &clock).unwrap();
    }
    let held = ledger.lock.lock().unwrap().clone().unwrap();
    assert_eq!((held.token.as_str(), held.heartbeat), ("ada", 20));
}

#[test]
fn who_waits_too_long_is_told_who_holds_it() {
    let (ledger, clock) = (Memory::default(), ManualClock::default());
    let (token, owner) = runner("ada");
    // A holder that sends heartbeats faster than a waiter polls.
    let held = Lock { token, heartbeat: 0, lease_ms: 1_000_000, owner: owner.clone() };
    *ledger.lock.lock().unwrap() = Some(held);
    let error = acquire(&ledger, &clock, "bob").unwrap_err();
    assert_eq!(error, LockError::Held(owner));
    assert_eq!(
        error.to_string(),
        "another runner holds the lock: mizzle migrate of ada on host (process 1)"
    );
    assert!(clock.now() >= PATIENCE.limit);
}

#[test]
fn a_network_that_is_down_loses_the_lock_only_after_the_lease() {
    let (ledger, clock) = (Memory::default(), ManualClock::default());
    let lease = acquire(&ledger, &clock, "ada").unwrap();
    ledger.is_down.store(true, Ordering::SeqCst);
    pass(&clock, 5);
    check(&lease, &ledger, &clock).unwrap();
    pass(&clock, 3);
    assert!(matches!(check(&lease, &ledger, &clock), Err(LockError::Service(_))));
    ledger.is_down.store(false, Ordering::SeqCst);
    check(&lease, &ledger, &clock).unwrap();
    ledger.is_down.store(true, Ordering::SeqCst);
    pass(&clock, 10);
    assert_eq!(check(&lease, &ledger, &clock), Err(LockError::Lost(Loss::Unreached)));
}

#[test]
fn a_sign_of_life_whose_answer_got_lost_was_given() {
    let (ledger, clock) = (Memory::default(), ManualClock::default());
    let lease = acquire(&ledger, &clock, "ada").unwrap();
    ledger.loses_answers.store(true, Ordering::SeqCst);
    pass(&clock, 8);
    check(&lease, &ledger, &clock).unwrap();
}

#[test]
fn who_waits_does_not_take_his_own_sleep_for_the_holders() {
    let (ledger, clock) = (Memory::default(), ManualClock::default());
    let _alive = acquire(&ledger, &clock, "ada").unwrap();
    let before = clock.now();
    let stop = CancellationToken::new();
    // The holder may have sent heartbeats all the time.
    let asleep = |_: &Owner| clock.suspend(Duration::from_secs(3600));
    let acquired =
        Lease::acquire(&ledger, &clock, runner("bob"), PATIENCE, &stop, |_| false, asleep);
    pollster::block_on(acquired).unwrap();
    assert!(clock.now() - before > PATIENCE.lease);
}

/// A process that is known to have ended sends no heartbeats, so its lock is not waited for.
#[test]
fn a_holder_that_has_ended_is_not_waited_for() {
    let (ledger, clock, stop) =
        (Memory::default(), ManualClock::default(), CancellationToken::new());
    acquire(&ledger, &clock, "ada").unwrap();
    let before = clock.now();
    let has_ended = |owner: &Owner| owner.user == "ada";
    let waiting = |owner: &Owner| panic!("waited for {owner}");
    let acquired =
        Lease::acquire(&ledger, &clock, runner("bob"), PATIENCE, &stop, has_ended, waiting);
    pollster::block_on(acquired).unwrap();
    assert_eq!(clock.now(), before);
    // Locks of other owners are waited for.
    let carol =
        Lease::acquire(&ledger, &clock, runner("carol"), PATIENCE, &stop, has_ended, |_| {});
    pollster::block_on(carol).unwrap();
    assert!(clock.now() - before >= PATIENCE.lease);
}

#[test]
fn a_refused_write_tells_who_has_the_lock() {
    let (ledger, clock) = (Memory::default(), ManualClock::default());
    let dead = acquire(&ledger, &clock, "ada").unwrap();
    acquire(&ledger, &clock, "bob").unwrap();
    let lost = LockError::Lost(Loss::To(runner("bob").1));
    assert_eq!(pollster::block_on(dead.lose(&ledger)), lost);
    assert!(!dead.is_sure(&clock));
    assert_eq!(check(&dead, &ledger, &clock), Err(lost));
}

#[test]
fn the_ledger_takes_nothing_from_who_has_lost_the_lock() {
    let (ledger, clock) = (Memory::default(), ManualClock::default());
    let dead = acquire(&ledger, &clock, "ada").unwrap();
    acquire(&ledger, &clock, "bob").unwrap();
    let written = pollster::block_on(ledger.write(&record("0001_init", 'a'), &dead.token()));
    assert_eq!(written, Ok(false));
}
