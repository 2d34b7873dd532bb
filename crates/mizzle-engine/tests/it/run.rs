//! Running pending migrations.

use crate::world::{Project, Setup, completed, table};
use mizzle_core::ledger::RecordState;

#[test]
fn pending_migrations_are_run_once_in_order() {
    let tables = [table("Orders", &[]), table("Users", &["email"])];
    let setup = Setup::new(
        Project::default().generated("0001_orders", &tables[..1]).generated("0002_users", &tables),
    );
    let outcome = completed(setup.run());
    let names: Vec<&str> = outcome.migrations.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["0001_orders", "0002_users"]);
    let state = setup.memory.state();
    assert_eq!(
        state.changes,
        [
            "record 0001_orders Running",
            "record 0001_orders Running",
            "CreateTable Orders",
            "record 0001_orders Running",
            "record 0001_orders Applied",
            "record 0002_users Running",
            "record 0002_users Running",
            "CreateTable Users",
            "record 0002_users Running",
            "record 0002_users Applied",
        ]
    );
    assert!(state.lock.is_none(), "the lock is released");
    assert!(state.records.values().all(|record| record.state == RecordState::Applied));
    drop(state);
    let before = setup.memory.state().port_calls;
    assert!(completed(setup.run()).migrations.is_empty());
    assert_eq!(
        setup.memory.state().changes.len(),
        10,
        "nothing is written when nothing is pending"
    );
    assert!(setup.memory.state().port_calls > before);
}
