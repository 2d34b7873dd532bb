//! The lock of a ledger, with runners that die, sleep and come too late, and how scripts stand to it.

use crate::fake::ManualClock;
use mizzle_core::{
    apply::{Clock, Fence, Fenced, ServiceError, ServiceErrorKind},
    ledger::{
        AppliedBy, Change, ChangedFile, Displaced, Effects, FileChange, Forward, Guard, Lease,
        Ledger, LedgerProblem, Lock, LockError, Loss, Migration, NotOurs, Owner, Patience, Record,
        RecordState, Resolution, ResolutionKind, Standing, Unlocked, Unresolvable, WayBack,
        resolve, standings, unlock, unlock_damaged,
    },
    plan::Call,
    snapshot::MigrationName,
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio_util::sync::CancellationToken;

const PATIENCE: Patience =
    Patience { limit: Duration::from_secs(60), lease: Duration::from_secs(9) };

/// A ledger in memory. Clones are the same ledger.
#[derive(Debug, Clone, Default)]
struct Memory {
    lock: Arc<Mutex<Option<Lock>>>,
    records: Arc<Mutex<BTreeMap<String, Record>>>,
    is_down: Arc<AtomicBool>,
    loses_answers: Arc<AtomicBool>,
    /// The unreadable lock, if there is one.
    rubbish: Arc<Mutex<Option<Displaced>>>,
}

impl Memory {
    fn reached(&self) -> Result<(), ServiceError> {
        if self.is_down.load(Ordering::SeqCst) { Err(broken()) } else { Ok(()) }
    }
}

fn broken() -> ServiceError {
    ServiceError {
        kind: ServiceErrorKind::Interrupted,
        operation: "PutItem",
        table: None,
        code: None,
        message: "broken".to_owned(),
        background: Box::default(),
    }
}

impl Ledger for Memory {
    async fn prepare(&self) -> Result<(), ServiceError> {
        self.reached()
    }

    async fn records(&self) -> Result<Option<Vec<Record>>, ServiceError> {
        self.reached()?;
        Ok(Some(self.records.lock().unwrap().values().cloned().collect()))
    }

    async fn lock(&self) -> Result<Option<Lock>, ServiceError> {
        self.reached()?;
        Ok(self.lock.lock().unwrap().clone())
    }

    async fn take(&self, lock: &Lock, seen: Option<&Lock>) -> Result<bool, ServiceError> {
        self.reached()?;
        let mut present = self.lock.lock().unwrap();
        let is_as_seen = present.as_ref() == seen;
        if is_as_seen {
            *present = Some(lock.clone());
        }
        // The SDK sends again what got no answer, and is told that it comes too late.
        Ok(is_as_seen && !self.loses_answers.load(Ordering::SeqCst))
    }

    async fn displace(&self, lock: &Lock) -> Result<Displaced, ServiceError> {
        self.reached()?;
        let displaced = self.rubbish.lock().unwrap().take().unwrap_or(Displaced::Nothing);
        if displaced != Displaced::Nothing {
            *self.lock.lock().unwrap() = Some(lock.clone());
        }
        Ok(displaced)
    }

    async fn release(&self, token: &str) -> Result<bool, ServiceError> {
        self.reached()?;
        let mut present = self.lock.lock().unwrap();
        let is_ours = present.as_ref().is_some_and(|lock| lock.token == token);
        if is_ours {
            *present = None;
        }
        Ok(is_ours)
    }

    async fn write(&self, record: &Record, token: &str) -> Result<bool, ServiceError> {
        let is_ours = self.lock().await?.is_some_and(|lock| lock.token == token);
        if is_ours {
            self.records.lock().unwrap().insert(record.name.clone(), record.clone());
        }
        Ok(is_ours)
    }

    async fn resolve(
        &self,
        change: &Change,
        resolution: &Resolution,
        token: &str,
    ) -> Result<bool, ServiceError> {
        match change {
            Change::Write(record) => self.write(record, token).await,
            Change::Rename { record, from } => {
                Ok(self.write(record, token).await? && self.remove(from, token).await?)
            }
            Change::Remove => self.remove(&resolution.migration, token).await,
        }
    }

    async fn resolutions(&self) -> Result<Vec<Resolution>, ServiceError> {
        Ok(Vec::new())
    }

    async fn remove(&self, migration: &str, token: &str) -> Result<bool, ServiceError> {
        let is_ours = self.lock().await?.is_some_and(|lock| lock.token == token);
        if is_ours {
            self.records.lock().unwrap().remove(migration);
        }
        Ok(is_ours)
    }
}

fn runner(name: &str) -> (String, Owner) {
    let owner = Owner {
        user: name.to_owned(),
        host: "host".to_owned(),
        pid: 1,
        process: None,
        command: "mizzle migrate".to_owned(),
        since: 0,
    };
    (name.to_owned(), owner)
}

fn acquire(ledger: &Memory, clock: &ManualClock, name: &str) -> Result<Lease, LockError> {
    let stop = CancellationToken::new();
    pollster::block_on(Lease::acquire(
        ledger,
        clock,
        runner(name),
        PATIENCE,
        &stop,
        |_| false,
        |_| {},
    ))
}

fn pass(clock: &ManualClock, seconds: u64) {
    pollster::block_on(clock.sleep(Duration::from_secs(seconds)));
}

fn check(lease: &Lease, ledger: &Memory, clock: &ManualClock) -> Result<(), LockError> {
    pollster::block_on(lease.check(ledger, clock))
}

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
    // It was only asleep: it finds out before it does anything.
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
    assert_eq!((held.token.as_str(), held.beat), ("ada", 20));
}

#[test]
fn who_waits_too_long_is_told_who_holds_it() {
    let (ledger, clock) = (Memory::default(), ManualClock::default());
    let (token, owner) = runner("ada");
    // A holder that beats faster than anybody looks.
    let held = Lock { token, beat: 0, lease_ms: 1_000_000, owner: owner.clone() };
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

fn guard(lease: &Lease, ledger: &Memory, clock: &ManualClock) -> Guard<Memory, ManualClock> {
    Guard::new(lease.clone(), ledger.clone(), clock.clone())
}

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
    // It was asleep; nobody has noticed.
    pass(&clock, 1);
    assert!(!guard.is_open());
    assert_eq!(open(&guard), Ok(()));
    assert!(guard.is_open());
    assert_eq!(ledger.lock.lock().unwrap().as_ref().unwrap().beat, 1, "it gave a sign of life");
    // Now somebody has.
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
fn who_waits_does_not_take_his_own_sleep_for_the_holders() {
    let (ledger, clock) = (Memory::default(), ManualClock::default());
    let _alive = acquire(&ledger, &clock, "ada").unwrap();
    let before = clock.now();
    let stop = CancellationToken::new();
    // He may have given signs of life all the time.
    let asleep = |_: &Owner| clock.suspend(Duration::from_secs(3600));
    let acquired =
        Lease::acquire(&ledger, &clock, runner("bob"), PATIENCE, &stop, |_| false, asleep);
    pollster::block_on(acquired).unwrap();
    assert!(clock.now() - before > PATIENCE.lease);
}

/// A process that is known to have ended renews nothing: nobody waits for it.
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
    // Nobody else's lock goes that way.
    let carol =
        Lease::acquire(&ledger, &clock, runner("carol"), PATIENCE, &stop, has_ended, |_| {});
    pollster::block_on(carol).unwrap();
    assert!(clock.now() - before >= PATIENCE.lease);
}

#[test]
fn a_fence_stays_closed_while_the_ledger_is_down_and_then_for_good() {
    let (ledger, clock) = (Memory::default(), ManualClock::default());
    let lease = acquire(&ledger, &clock, "ada").unwrap();
    let guard = guard(&lease, &ledger, &clock);
    ledger.is_down.store(true, Ordering::SeqCst);
    pass(&clock, 7);
    assert!(!guard.is_open());
    // It is tried for as long as the lease may still be ours.
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

/// Takes the lock away from this holder; gives what came of it and who had it meanwhile.
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
    // He gives a sign of life between the look and the deed.
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

/// The outcome of removing an unreadable lock, and the time that was waited for its holder.
fn remove(ledger: &Memory, clock: &ManualClock) -> (Unlocked, Duration) {
    let (token, owner) = runner("eve");
    let ours = Lock { token, beat: 0, lease_ms: 9_000, owner };
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
    // It is gone by then.
    assert_eq!(remove(&ledger, &clock), (Unlocked::GivenBack, Duration::ZERO));
    // There is a lock by then.
    let lease = acquire(&ledger, &clock, "ada").unwrap();
    let (_, ada) = runner("ada");
    assert_eq!(remove(&ledger, &clock), (Unlocked::Changed(ada), Duration::ZERO));
    assert_eq!(check(&lease, &ledger, &clock), Ok(()));
    // It is ours: the answer was lost.
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
    let mark = Lock { token, beat: 0, owner, ..holder.clone() };
    assert_eq!(pollster::block_on(ledger.take(&mark, Some(&holder))), Ok(true));
    let before = clock.now();
    acquire(&ledger, &clock, "bob").unwrap();
    assert!(clock.now() - before > PATIENCE.lease, "as long as his victim may be at work");
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

fn record(name: &str, checksum: char) -> Record {
    Record {
        name: name.to_owned(),
        checksum: checksum.to_string(),
        files: BTreeMap::new(),
        state: RecordState::Applied,
        steps: Vec::new(),
        deleting: None,
        held: Vec::new(),
        creating: None,
        adopted: Vec::new(),
        forward: None,
        project: None,
        tool: "0.1.0".to_owned(),
        by: "ada@host".to_owned(),
        started_at: 0,
        finished_at: None,
        error: None,
    }
}

fn migration(name: &str, checksum: char) -> Migration {
    let name = MigrationName::parse(name).unwrap();
    Migration { name, checksum: checksum.to_string(), files: BTreeMap::new() }
}

#[test]
fn scripts_stand_to_the_ledger_as_it_says() {
    let scripts =
        ["0001_a", "0002_b", "0003_c", "0004_d"].map(|name| migration(name, 'x')).to_vec();
    let with = |name: &str, state| Record { state, ..record(name, 'x') };
    let records = [
        with("0001_a", RecordState::Applied),
        with("0002_b", RecordState::Failed),
        with("0003_c", RecordState::Running),
    ];
    let (found, problems) = standings(&scripts, &records, None);
    assert_eq!(
        found,
        [Standing::Applied, Standing::Failed, Standing::Unfinished, Standing::Pending]
    );
    assert_eq!(problems, []);
}

#[test]
fn what_does_not_fit_is_named() {
    let scripts =
        [migration("0001_a", 'a'), migration("0002_b", 'b'), migration("0003_c", 'c')].to_vec();
    let name = |name: &str| MigrationName::parse(name).unwrap();
    let with = |state, steps: usize| Record {
        state,
        steps: vec!["DeleteTable A 1".to_owned(); steps],
        ..record("0007_gone", 'x')
    };
    let missing =
        |state, steps| LedgerProblem::Missing { name: "0007_gone".to_owned(), state, steps };
    let abandoned = || LedgerProblem::Abandoned("0007_gone".to_owned());
    let begun =
        Record { creating: Some("CreateTable A 1".to_owned()), ..with(RecordState::Running, 0) };
    for (last, expected) in [
        (with(RecordState::Applied, 0), missing(RecordState::Applied, 0)),
        (with(RecordState::Failed, 2), missing(RecordState::Failed, 2)),
        (with(RecordState::Failed, 0), abandoned()),
        (with(RecordState::Running, 1), missing(RecordState::Running, 1)),
        (with(RecordState::Running, 0), abandoned()),
        (begun, missing(RecordState::Running, 1)),
        (with(RecordState::Undoing, 0), missing(RecordState::Undoing, 0)),
    ] {
        let is_abandoned = expected == abandoned();
        let records = [record("0001_a", 'y'), record("0003_c", 'c'), last];
        let (pending, later) = (name("0002_b"), name("0003_c"));
        let order = LedgerProblem::OutOfOrder { pending, later, standing: Standing::Applied };
        let problems = standings(&scripts, &records, None).1;
        let changed = LedgerProblem::Changed {
            name: name("0001_a"),
            files: vec![ChangedFile { name: "0001_a.ts".to_owned(), change: FileChange::Differs }],
            applied: AppliedBy { at: 0, by: "ada@host".to_owned() },
        };
        assert_eq!(problems, [changed, order, expected]);
        let in_the_way: Vec<bool> = problems.iter().map(LedgerProblem::is_in_the_way).collect();
        assert_eq!(in_the_way, [true, true, !is_abandoned]);
    }
}

/// A set of files with their fingerprints.
fn files(files: &[(&str, char)]) -> BTreeMap<String, String> {
    files.iter().map(|(name, checksum)| ((*name).to_owned(), checksum.to_string())).collect()
}

#[test]
fn the_file_that_changed_is_named() {
    let (script, names, more) = ("0002_b.ts", "../src/names.ts", "../src/more.ts");
    for (before, now, words) in [
        (&[][..], &[][..], ": 0002_b.ts differs"),
        (
            &[(script, 's'), (names, 'n')],
            &[(script, 's'), (names, 'm')],
            ": ../src/names.ts differs",
        ),
        (
            &[(script, 's'), (names, 'n')],
            &[(script, 't'), (names, 'n'), (more, 'm')],
            ": 0002_b.ts differs; ../src/more.ts was not imported then",
        ),
        (
            &[(script, 's'), (names, 'n'), (more, 'm')],
            &[(script, 't'), (names, 'o')],
            ": ../src/names.ts and 0002_b.ts differ; ../src/more.ts is gone or not imported any more",
        ),
        // A script that imports nothing is one file, whose fingerprint is that of the whole.
        (&[], &[(script, 'y'), (names, 'n')], ": ../src/names.ts was not imported then"),
        (
            &[(script, 'x'), (names, 'n'), (more, 'm')],
            &[],
            ": ../src/more.ts and ../src/names.ts are gone or not imported any more",
        ),
    ] {
        let scripts = [Migration { files: files(now), ..migration("0002_b", 'x') }];
        let record = Record {
            files: files(before),
            finished_at: Some(1_764_324_672),
            ..record("0002_b", 'y')
        };
        let problems = standings(&scripts, &[record], None).1;
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let expected = format!(
            "0002_b was changed after it was applied (2025-11-28T10:11:12Z by ada@host){words}"
        );
        assert_eq!(problems, [expected]);
    }
}

#[test]
fn a_renamed_script_is_recognised() {
    let problems = |scripts: &[Migration], records: &[Record]| {
        let problems = standings(scripts, records, None).1;
        problems.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let scripts = [migration("0001_a", 'a'), migration("0002_new", 'b'), migration("0003_c", 'c')];
    let records = [record("0001_a", 'a'), record("0002_old", 'b'), record("0003_c", 'c')];
    assert_eq!(
        problems(&scripts, &records),
        [
            "0002_new is the migration that was applied as 0002_old (1970-01-01T00:00:00Z by ada@host)"
        ]
    );
    // Two scripts that do the same (empty ones) cannot be told apart.
    let twins = [&scripts[..2], &[migration("0004_d", 'b')]].concat();
    let named = problems(&twins, &records[..2]);
    assert!(!named.iter().any(|problem| problem.contains("applied as")), "{named:?}");
    let failed = Record { state: RecordState::Failed, ..record("0002_old", 'b') };
    let named = problems(&scripts[..2], &[records[0].clone(), failed]);
    assert!(!named.iter().any(|problem| problem.contains("applied as")), "{named:?}");
}

#[test]
fn a_ledger_of_another_project_is_recognised() {
    let of = |record: Record, project: &str| Record { project: Some(project.to_owned()), ..record };
    let own = [migration("0001_init", 'a'), migration("0002_b", 'b')];
    let other = [record("0001_init", 'x'), record("0002_users", 'y')];
    let foreign = |scripts: &[Migration], records: &[Record], project: Option<&str>| {
        let (standings, problems) = standings(scripts, records, project);
        match problems.as_slice() {
            [LedgerProblem::Foreign { project, migrations }] => {
                assert_eq!(*migrations, records.len());
                assert!(standings.iter().all(|standing| *standing == Standing::Pending));
                Some(project.clone())
            }
            _ => None,
        }
    };
    assert_eq!(foreign(&own, &other, None), Some(None));
    let named = other.clone().map(|record| of(record, "billing"));
    assert_eq!(foreign(&own, &named, Some("shop")), Some(Some("billing".to_owned())));
    assert_eq!(foreign(&[], &named, Some("shop")), Some(Some("billing".to_owned())));
    // Names that are the same by chance.
    let init = [of(record("0001_init", 'x'), "billing")];
    assert_eq!(foreign(&own, &init, Some("shop")), Some(Some("billing".to_owned())));
    // A project without a name has written no records that name one.
    assert_eq!(foreign(&own, &init, None), Some(Some("billing".to_owned())));
    for (scripts, records, project) in [
        (&own[..], &[][..], None),
        // A script in common.
        (&own, &[record("0001_init", 'a'), record("0002_users", 'y')], None),
        // Scripts that were changed.
        (&own, &[record("0001_init", 'x'), record("0002_b", 'y')], None),
        // The project's own, whatever became of its scripts.
        (&own, &other.clone().map(|record| of(record, "shop")), Some("shop")),
        // The package was renamed.
        (&own, &[of(record("0001_init", 'a'), "old")], Some("shop")),
        // No scripts, and no names to compare.
        (&[], &other, Some("shop")),
    ] {
        assert_eq!(foreign(scripts, records, project), None, "{records:?}");
    }
}

#[test]
fn a_migration_is_resolved_by_hand() {
    use ResolutionKind::{AcceptChange, Applied, Forget, RolledBack};
    let scripts = [migration("0001_a", 'a'), migration("0002_b", 'b'), migration("0003_c", 'c')];
    let name = |name: &str| MigrationName::parse(name).unwrap();
    let steps = || vec!["CreateTable A 1".to_owned(), "CreateTable B 2".to_owned()];
    let new = |migration: &Migration| record(&migration.name.to_string(), 'b');
    let resolve = |kind, name: &str, records: &[Record]| {
        resolve(
            kind,
            name,
            (&scripts, records),
            Effects { steps: steps(), created: Vec::new() },
            new,
        )
    };
    let with = |name: &str, checksum, state| Record { state, ..record(name, checksum) };
    let a = || record("0001_a", 'a');
    let failed = Record {
        steps: vec!["CreateTable A 1".to_owned()],
        error: Some("no".to_owned()),
        creating: Some("CreateTable B 2".to_owned()),
        ..with("0002_b", 'y', RecordState::Failed)
    };

    // Accept a change.
    let changed = Record { steps: steps(), ..record("0002_b", 'y') };
    let Ok(Change::Write(accepted)) = resolve(AcceptChange, "0002_b", &[a(), changed.clone()])
    else {
        panic!("it was changed")
    };
    assert_eq!(*accepted, Record { checksum: "b".to_owned(), ..changed });
    // Mark as applied: what the run has created is its own, the rest was there.
    let Ok(Change::Write(applied)) = resolve(Applied, "0002_b", &[a(), failed.clone()]) else {
        panic!("it failed")
    };
    let expected =
        Record { steps: steps(), adopted: vec!["B".to_owned()], ..record("0002_b", 'b') };
    assert_eq!(*applied, expected);
    let Ok(Change::Write(applied)) = resolve(Applied, "0002_b", &[a()]) else {
        panic!("it is pending")
    };
    let adopted = vec!["A".to_owned(), "B".to_owned()];
    assert_eq!(*applied, Record { steps: steps(), adopted, ..record("0002_b", 'b') });
    // A script that cannot be recorded: its snapshot tells which tables are not its own.
    let effects = Effects { steps: Vec::new(), created: vec!["A".to_owned(), "B".to_owned()] };
    let unrecorded = mizzle_core::ledger::resolve(
        Applied,
        "0002_b",
        (&scripts, &[a(), failed.clone()]),
        effects,
        new,
    );
    let adopted = vec!["B".to_owned()];
    let expected = Record { adopted, ..record("0002_b", 'b') };
    assert_eq!(unrecorded, Ok(Change::Write(Box::new(expected))));
    // A renamed script takes its record along.
    let renamed = resolve(AcceptChange, "0002_b", &[a(), record("0002_old", 'b')]);
    let record_of = Box::new(record("0002_b", 'b'));
    assert_eq!(renamed, Ok(Change::Rename { record: record_of, from: "0002_old".to_owned() }));
    // Roll back, forget.
    assert_eq!(resolve(RolledBack, "0002_b", &[a(), failed.clone()]), Ok(Change::Remove));
    assert_eq!(resolve(RolledBack, "0001_a", &[a()]), Ok(Change::Remove));
    assert_eq!(resolve(Forget, "0009_x", &[record("0009_x", 'x')]), Ok(Change::Remove));

    for (kind, migration, records, refusal) in [
        (AcceptChange, "0001_a", &[a()][..], Unresolvable::NotChanged("0001_a".to_owned())),
        (AcceptChange, "0001_a", &[], Unresolvable::NotRecorded("0001_a".to_owned())),
        (
            AcceptChange,
            "0002_b",
            std::slice::from_ref(&failed),
            Unresolvable::NotApplied("0002_b".to_owned()),
        ),
        (
            AcceptChange,
            "0009_x",
            &[record("0009_x", 'x')],
            Unresolvable::NoScript("0009_x".to_owned()),
        ),
        (Applied, "0001_a", &[a()], Unresolvable::AlreadyApplied("0001_a".to_owned())),
        (
            Applied,
            "0003_c",
            &[a()],
            Unresolvable::EarlierPending { name: "0003_c".to_owned(), earlier: name("0002_b") },
        ),
        (Applied, "0009_x", &[], Unresolvable::NoScript("0009_x".to_owned())),
        (
            RolledBack,
            "0001_a",
            &[a(), failed.clone()],
            Unresolvable::LaterApplied { name: "0001_a".to_owned(), later: name("0002_b") },
        ),
        (RolledBack, "0002_b", &[a()], Unresolvable::NotRecorded("0002_b".to_owned())),
        (Forget, "0001_a", &[a()], Unresolvable::HasScript("0001_a".to_owned())),
        (Forget, "0009_x", &[], Unresolvable::NotRecorded("0009_x".to_owned())),
    ] {
        assert_eq!(resolve(kind, migration, records), Err(refusal));
    }
}

#[test]
fn a_script_before_one_that_was_begun_is_out_of_order() {
    let scripts = ["0001_a", "0002_b"].map(|name| migration(name, 'x')).to_vec();
    for (state, words) in [
        (
            RecordState::Applied,
            "0001_a comes before 0002_b, which was applied, and was not applied itself",
        ),
        (
            RecordState::Failed,
            "0001_a comes before 0002_b, which failed, and was not applied itself",
        ),
        (
            RecordState::Running,
            "0001_a comes before 0002_b, which was begun, and was not applied itself",
        ),
        (
            RecordState::Undoing,
            "0001_a comes before 0002_b, which is being undone, and was not applied itself",
        ),
    ] {
        let records = [Record { state, ..record("0002_b", 'x') }];
        let problems: Vec<String> =
            standings(&scripts, &records, None).1.iter().map(ToString::to_string).collect();
        assert_eq!(problems, [words]);
    }
}

fn call(method: &str, input: &serde_json::Value) -> Call {
    Call::parse(method, input).unwrap()
}

fn create(table: &str) -> Call {
    let attribute = serde_json::json!([{ "AttributeName": "pk", "AttributeType": "S" }]);
    let key = serde_json::json!([{ "AttributeName": "pk", "KeyType": "HASH" }]);
    let input = serde_json::json!({
        "TableName": table, "AttributeDefinitions": attribute, "KeySchema": key, "BillingMode": "PAY_PER_REQUEST",
    });
    call("createTable", &input)
}

fn delete(table: &str) -> Call {
    call("deleteTable", &serde_json::json!({ "TableName": table }))
}

fn unprotect(table: &str) -> Call {
    let input = serde_json::json!({ "TableName": table, "DeletionProtectionEnabled": false });
    call("updateTable", &input)
}

/// Goes through the calls of a `down`, and tells which are left out, and why.
fn left_out(record: &Record, up: &[Call], down: &[Call]) -> Vec<Option<NotOurs>> {
    let steps = |calls: &[Call]| calls.iter().map(Call::fingerprint).collect::<Vec<_>>();
    let (forward, back) = (steps(up), steps(down));
    let mut way = WayBack::new(
        Forward::of(record),
        forward.iter().map(String::as_str).zip(up),
        back.iter().map(String::as_str),
    );
    let judge = |(step, call): (&String, &Call)| {
        let reason = way.leaves_out(step, call);
        match reason {
            Some(_) => way.left_out(step),
            None => way.done(step, false),
        }
        reason
    };
    back.iter().zip(down).map(judge).collect()
}

#[test]
fn an_undoing_takes_away_what_was_made_and_nothing_else() {
    let (never, adopted) = (Some(NotOurs::NeverMade), Some(NotOurs::Adopted));
    let steps = |calls: &[Call]| calls.iter().map(Call::fingerprint).collect::<Vec<_>>();
    let with = |state, done: &[Call], adopted: &[&str]| Record {
        state,
        steps: steps(done),
        adopted: adopted.iter().map(ToString::to_string).collect(),
        ..record("0002_b", 'x')
    };
    let (failed, whole) = (RecordState::Failed, RecordState::Applied);
    let up = [create("New"), delete("Old")];
    let down = [create("Old"), unprotect("New"), delete("New")];
    for (record, expected) in [
        (with(whole, &up, &[]), [None, None, None]),
        // One that was marked without its steps being known.
        (with(whole, &[], &[]), [None, None, None]),
        (with(failed, &up[..1], &[]), [None, None, None]),
        (with(failed, &[], &[]), [None, never, never]),
        (with(whole, &up, &["New"]), [None, adopted, adopted]),
        (with(failed, &up[..1], &["New"]), [None, adopted, adopted]),
    ] {
        assert_eq!(left_out(&record, &up, &down), expected, "{record:?}");
        // Killed on the way back, it is the same way.
        let undoing = Record {
            state: RecordState::Undoing,
            forward: Some(Forward::of(&record)),
            steps: steps(&down[..1]),
            adopted: Vec::new(),
            ..record
        };
        assert_eq!(left_out(&undoing, &up, &down), expected, "{undoing:?}");
    }
    // Killed while it was made.
    let begun = Record { creating: Some(up[0].fingerprint()), ..with(failed, &[], &[]) };
    assert_eq!(left_out(&begun, &up, &down), [None, None, None]);
    // A table that is replaced: the old one stays until the new one was made.
    let (up, down) =
        ([delete("A"), create("A")], [delete("A"), create("A"), unprotect("A"), delete("A")]);
    assert_eq!(left_out(&with(failed, &[], &[]), &up, &down), [never, None, None, None]);
    assert_eq!(left_out(&with(failed, &up, &[]), &up, &down), [None; 4]);
    // One that only the way back needs.
    assert_eq!(left_out(&with(failed, &[], &[]), &[], &[create("T"), delete("T")]), [None; 2]);
}

#[test]
fn an_index_that_was_not_made_is_not_dropped() {
    let add = call(
        "updateTable",
        &serde_json::json!({
            "TableName": "A",
            "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
            "GlobalSecondaryIndexUpdates": [{ "Create": {
                "IndexName": "byPk",
                "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
                "Projection": { "ProjectionType": "ALL" },
            } }],
        }),
    );
    let drop = |index: &str| {
        let update = serde_json::json!([{ "Delete": { "IndexName": index } }]);
        let input = serde_json::json!({ "TableName": "A", "GlobalSecondaryIndexUpdates": update });
        call("updateTable", &input)
    };
    let (up, down) = ([add], [drop("byPk"), drop("another")]);
    for (state, done, expected) in [
        (RecordState::Failed, 0, [Some(NotOurs::NeverMade), None]),
        (RecordState::Failed, 1, [None, None]),
        (RecordState::Applied, 0, [None, None]),
    ] {
        let steps = up[..done].iter().map(Call::fingerprint).collect();
        let record = Record { state, steps, ..record("0002_b", 'x') };
        assert_eq!(left_out(&record, &up, &down), expected, "{record:?}");
    }
}
