//! Fuzzing of snapshot files: any bytes, and any tables with a matching ID.

use crate::assert_short;
use mizzle_core::{
    diff::diff,
    model::TableDefinition,
    plan::{Context, plan},
    script,
    snapshot::{Snapshot, read_first_format},
};
use std::collections::BTreeMap;

#[test]
fn snapshot() {
    bolero::check!(name = "snapshot").for_each(|bytes: &[u8]| {
        let Ok(text) = str::from_utf8(bytes) else { return };
        if let Err(error) = Snapshot::from_text(text) {
            assert_short(&error);
            assert_short(&error.hint());
        }
        match read_first_format(text) {
            Ok(tables) => assert_usable(&tables),
            Err(error) => assert_short(&error),
        }
        // Random text never has the ID of its content, so compute it here.
        if let Ok(tables) = serde_json::from_str(text) {
            assert_usable(&tables);
        }
    });
}

/// Asserts that any tables of a snapshot can be written, read and planned.
fn assert_usable(tables: &BTreeMap<String, TableDefinition>) {
    let snapshot = Snapshot::new(None, tables.values());
    assert_eq!(Snapshot::from_text(&snapshot.to_text()).unwrap(), snapshot);

    let tables: Vec<&TableDefinition> = snapshot.tables.values().collect();
    assert!(diff(tables.iter().copied(), tables.iter().copied()).is_empty());
    let context = Context { accept_data_loss: true, ..Context::default() };
    let none: [&TableDefinition; 0] = [];
    let (before, after) = tables.split_at(tables.len() / 2);
    for (before, after) in [(&none[..], &tables[..]), (&tables, &none), (before, after)] {
        let ways = [(before, after), (after, before)];
        let [up, down] = ways.map(|(before, after)| {
            plan(&diff(before.iter().copied(), after.iter().copied()), &context)
        });
        script::write(&up, &down);
        serde_json::to_string(&[up, down]).unwrap();
    }
}
