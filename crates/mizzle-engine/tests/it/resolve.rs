//! Changing the ledger's entry of a migration.

use crate::world::{Project, Setup, TestOutcome, completed, failure, table};
use mizzle_core::ledger::{RecordState, ResolutionKind, Unresolvable};
use mizzle_engine::Error;

fn setup() -> Setup {
    let project = Project::default()
        .generated("0001_init", &[table("Orders", &[])])
        .generated("0002_users", &[table("Orders", &[]), table("Users", &[])]);
    Setup::new(project)
}

fn resolve(setup: &Setup, migration: &str, kind: ResolutionKind) -> TestOutcome {
    setup.with(async |migrate| migrate.resolve(migration, kind).await).unwrap()
}

#[test]
fn a_migration_is_marked_and_the_tables_stay() {
    let setup = setup();
    completed(resolve(&setup, "1", ResolutionKind::Applied));
    assert_eq!(setup.memory.state().records["0001_init"].state, RecordState::Applied);
    assert!(setup.memory.tables().is_empty());
    assert_eq!(setup.memory.state().resolutions.len(), 1);
    completed(resolve(&setup, "0001_init", ResolutionKind::RolledBack));
    assert!(setup.memory.state().records.is_empty());
}

#[test]
fn an_earlier_pending_migration_comes_first() {
    let setup = setup();
    let error = failure(resolve(&setup, "2", ResolutionKind::Applied));
    let Error::Unresolvable { reason, kind } = error else { panic!("{error:?}") };
    assert!(matches!(reason, Unresolvable::EarlierPending { .. }));
    assert_eq!(kind, ResolutionKind::Applied);
}

#[test]
fn nothing_is_changed_without_approval_or_after_a_change_by_somebody_else() {
    let mut setup = setup();
    setup.policy.yes = false;
    let outcome = resolve(&setup, "1", ResolutionKind::Applied);
    assert!(matches!(failure(outcome), Error::Declined));
    assert!(setup.memory.state().records.is_empty());

    setup.policy.yes = true;
    completed(setup.with(async |migrate| migrate.run(Some("1")).await).unwrap());
    let calls = setup.memory.state().port_calls;
    setup.memory.after(calls + 2, |state, _| {
        state.records.get_mut("0001_init").unwrap().by = "grace@elsewhere".to_owned();
    });
    let outcome = resolve(&setup, "1", ResolutionKind::RolledBack);
    assert!(matches!(failure(outcome), Error::LedgerChanged));
    assert_eq!(setup.memory.state().records.len(), 1);
}

#[test]
fn an_unknown_migration_is_named_with_those_that_exist() {
    let error = failure(resolve(&setup(), "0003", ResolutionKind::Forget));
    let Error::UnknownMigration { known, .. } = error else { panic!("{error:?}") };
    assert_eq!(known, ["0001_init", "0002_users"]);
}
