//! Unlocking: the lock is released only if its holder is the given one.

use super::{Memory, PATIENCE, acquire, check, guard, pass, runner};
use crate::fake::ManualClock;
use mizzle_core::{
    apply::{Clock, Fence},
    ledger::{Displaced, Ledger, Lock, LockError, Loss, Owner, Unlocked, unlock, unlock_damaged},
};
use std::time::Duration;

/// Unlocks for this holder; returns the outcome, and the owner and duration meanwhile.
fn take_away(
    ledger: &Memory,
    clock: &ManualClock,
    holder: &Lock,
) -> (Unlocked, Option<(Owner, Duration)>) {
    let mut meanwhile = None;
    let waiting = |time| {
        let holder = ledger.lock.lock().unwrap().clone();
        meanwhile = holder.map(|lock| (lock.owner, time));
    };
    let unlocked = unlock(ledger, clock, runner("eve"), holder, waiting);
    (pollster::block_on(unlocked).unwrap(), meanwhile)
}

#[test]
fn a_lock_that_is_taken_away_is_free_when_its_holder_must_have_noticed() {
    let (ledger, clock) = (Memory::default(), ManualClock::default());
    let lease = acquire(&ledger, &clock, "ada").unwrap();
    let guard = guard(&lease, &ledger, &clock);
    let holder = ledger.lock.lock().unwrap().clone().unwrap();
    // The holder sends a heartbeat after the lock was read.
    pass(&clock, 7);
    check(&lease, &ledger, &clock).unwrap();
    assert!(guard.is_open(), "he trusts it");
    let (unlocked, meanwhile) = take_away(&ledger, &clock, &holder);
    assert_eq!(unlocked, Unlocked::Done);
    assert_eq!(meanwhile, Some((runner("eve").1, PATIENCE.lease)), "nobody else can begin");
    assert_eq!(*ledger.lock.lock().unwrap(), None);
    assert!(!guard.is_open(), "without that anybody has told him");
    assert_eq!(check(&lease, &ledger, &clock), Err(LockError::Lost(Loss::Gone)));
}

#[test]
fn who_is_unlocked_is_told_by_whom() {
    let (ledger, clock) = (Memory::default(), ManualClock::default());
    let lease = acquire(&ledger, &clock, "ada").unwrap();
    let holder = ledger.lock.lock().unwrap().clone().unwrap();
    let waiting = |_| {
        pass(&clock, 7);
        let error = check(&lease, &ledger, &clock).unwrap_err();
        let (_, eve) = runner("eve");
        assert_eq!(error.to_string(), format!("the lock was lost to {eve}"));
    };
    let unlocked = unlock(&ledger, &clock, runner("eve"), &holder, waiting);
    assert_eq!(pollster::block_on(unlocked), Ok(Unlocked::Done));
}

#[test]
fn a_lock_is_taken_away_from_who_was_meant_and_nobody_else() {
    let (ledger, clock) = (Memory::default(), ManualClock::default());
    let first = acquire(&ledger, &clock, "ada").unwrap();
    let holder = ledger.lock.lock().unwrap().clone().unwrap();
    pollster::block_on(first.release(&ledger)).unwrap();
    assert_eq!(take_away(&ledger, &clock, &holder), (Unlocked::GivenBack, None));
    let second = acquire(&ledger, &clock, "bob").unwrap();
    let (_, bob) = runner("bob");
    assert_eq!(take_away(&ledger, &clock, &holder), (Unlocked::Changed(bob), None));
    assert_eq!(check(&second, &ledger, &clock), Ok(()));
}

/// Returns the outcome of removing an unreadable lock, and the time of the wait for its holder.
fn remove(ledger: &Memory, clock: &ManualClock) -> (Unlocked, Duration) {
    let (token, owner) = runner("eve");
    let ours = Lock { token, heartbeat: 0, lease_ms: 9_000, owner };
    let before = clock.now();
    let unlocked = pollster::block_on(unlock_damaged(ledger, clock, &ours, |_| {})).unwrap();
    (unlocked, clock.now() - before)
}

#[test]
fn what_is_no_lock_is_removed_and_nobody_is_at_work_then() {
    let (ledger, clock) = (Memory::default(), ManualClock::default());
    for (rubbish, waited) in [(Displaced::Rubbish, 0), (Displaced::Lock, 9)] {
        *ledger.rubbish.lock().unwrap() = Some(rubbish);
        let waited = Duration::from_secs(waited);
        assert_eq!(remove(&ledger, &clock), (Unlocked::Done, waited), "{rubbish:?}");
        assert_eq!(*ledger.lock.lock().unwrap(), None);
    }
    // The lock is gone by then.
    assert_eq!(remove(&ledger, &clock), (Unlocked::GivenBack, Duration::ZERO));
    // There is a readable lock by then.
    let lease = acquire(&ledger, &clock, "ada").unwrap();
    let (_, ada) = runner("ada");
    assert_eq!(remove(&ledger, &clock), (Unlocked::Changed(ada), Duration::ZERO));
    assert_eq!(check(&lease, &ledger, &clock), Ok(()));
    // The lock is our own: the response was lost.
    pollster::block_on(lease.release(&ledger)).unwrap();
    acquire(&ledger, &clock, "eve").unwrap();
    assert_eq!(remove(&ledger, &clock), (Unlocked::Done, Duration::from_secs(9)));
}

#[test]
fn the_lock_of_who_died_unlocking_ends_by_itself() {
    let (ledger, clock) = (Memory::default(), ManualClock::default());
    acquire(&ledger, &clock, "ada").unwrap();
    let holder = ledger.lock.lock().unwrap().clone().unwrap();
    let (token, owner) = runner("eve");
    let mark = Lock { token, heartbeat: 0, owner, ..holder.clone() };
    assert_eq!(pollster::block_on(ledger.take(&mark, Some(&holder))), Ok(true));
    let before = clock.now();
    acquire(&ledger, &clock, "bob").unwrap();
    assert!(clock.now() - before > PATIENCE.lease, "as long as his victim may be at work");
}
