//! The decision for each table: dropped, or skipped for a reason.

use super::failure::UNPROTECT;
use crate::report::{Skip, SkippedTable};
use mizzle_core::{
    diff::diff,
    model::TableDescription,
    plan::{Blocked, Context, Facts, Plan, plan},
    text,
};
use mizzle_engine::Environment;
use std::collections::BTreeMap;

/// The request, and facts that the table descriptions do not contain.
#[derive(Debug, Clone, Copy)]
pub(super) struct DropRequest<'a> {
    /// The environment.
    pub(super) environment: &'a Environment,
    /// True if protected tables are dropped too.
    pub(super) unprotect: bool,
    /// True if the server counts items at once.
    pub(super) is_counted_now: bool,
    /// Emptiness of the tables by name; `None` if unknown.
    pub(super) empty: &'a BTreeMap<String, Option<bool>>,
    /// The existing tables of the environment that were not named; one of them may be the intended
    /// one.
    pub(super) others: &'a [String],
}

/// Returns the plan that deletes the allowed tables, and the tables that are skipped.
pub(super) fn sort(
    names: &[String],
    tables: &[TableDescription],
    wish: DropRequest<'_>,
) -> (Plan, Vec<SkippedTable>) {
    let name = |table: &TableDescription| table.definition.table_name.clone();
    let facts = tables.iter().map(|table| {
        let is_counted_now = wish.is_counted_now;
        let is_empty = wish.empty.get(&name(table)).copied().flatten();
        (name(table), Facts { is_counted_now, is_empty, ..Facts::of(table) })
    });
    let context = Context { facts: facts.collect(), ..Context::default() };
    let present = tables.iter().map(|table| &table.definition);
    let Plan { mut steps, blocked } = plan(&diff(present, []), &context);
    let skipped: Vec<SkippedTable> = names
        .iter()
        .filter_map(|name| {
            let table = tables.iter().find(|table| table.definition.table_name == *name);
            let blocked = blocked.iter().find(|blocked| blocked.table == *name);
            verdict(name, table, blocked, wish)
        })
        .collect();
    steps.retain(|step| skipped.iter().all(|skipped| skipped.name != step.table()));
    (Plan { steps, blocked: Vec::new() }, skipped)
}

/// Returns the reason for skipping a table; `None` if it is dropped. `blocked` is the planner's
/// objection.
fn verdict(
    name: &str,
    table: Option<&TableDescription>,
    blocked: Option<&Blocked>,
    wish: DropRequest<'_>,
) -> Option<SkippedTable> {
    let skipped =
        |skip, reason, hint| Some(SkippedTable { name: name.to_owned(), reason, hint, skip });
    let Environment { name: environment, naming, .. } = wish.environment;
    if naming.logical(name).is_none() {
        let environment = environment.as_deref().unwrap_or_default();
        let reason = format!("{name} is not named like a table of {environment}");
        let meant = naming.physical(name);
        let hint = match wish.others.iter().any(|other| *other == meant) {
            true => format!("did you mean {meant:?}?"),
            false => "choose its environment with --env, or leave --env out".to_owned(),
        };
        return skipped(Skip::OtherEnvironment, reason, Some(hint));
    }
    let Some(table) = table else {
        let others = || wish.others.iter().map(String::as_str);
        let reason = format!("There is no table {name}");
        return match others().find(|other| text::is_slip(name, other)) {
            Some(meant) => {
                skipped(Skip::Misspelt, reason, Some(format!("did you mean {meant:?}?")))
            }
            None => skipped(Skip::Gone, reason, text::did_you_mean(name, others())),
        };
    };
    if let Some(Blocked { reason, hint, .. }) = blocked {
        return skipped(Skip::NotPossible, reason.clone(), Some(hint.clone()));
    }
    let is_protected = table.definition.deletion_protection_enabled == Some(true);
    if is_protected && !wish.unprotect {
        let reason = format!("{name} is protected against being deleted");
        return skipped(Skip::Protected, reason, Some(UNPROTECT.to_owned()));
    }
    None
}

/// A skipped table that cannot be backed up.
pub(super) fn no_backups(table: &str, server: &str) -> SkippedTable {
    SkippedTable {
        name: table.to_owned(),
        reason: format!("{table} cannot be backed up: {server} knows no backups"),
        hint: Some("leave out --backup to delete it without one".to_owned()),
        skip: Skip::NoBackups,
    }
}

/// A skipped table whose deletion was not started.
pub(super) fn not_begun(table: &str) -> SkippedTable {
    SkippedTable {
        name: table.to_owned(),
        reason: format!("{table} is still there: interrupted before it was begun"),
        hint: None,
        skip: Skip::NotBegun,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::settings::{environment_of, no_environment};
    use mizzle_core::{
        config,
        model::{Status, StreamSpecification, StreamViewType, TableDefinition, Unmanaged},
    };
    use std::collections::BTreeSet;

    pub(in super::super) fn table(name: &str) -> TableDescription {
        TableDescription {
            definition: TableDefinition {
                table_name: name.to_owned(),
                ..TableDefinition::default()
            },
            status: Status::Active,
            indexes: BTreeMap::new(),
            index_sizes: BTreeMap::new(),
            item_count: Some(3),
            size_bytes: Some(120),
            created: None,
            table_id: Some(format!("id of {name}")),
            replicas: Vec::new(),
            region: None,
            is_warming: false,
            unmanaged: Unmanaged::default(),
            policy_revision: None,
            unsupported: BTreeSet::new(),
            transitions: Vec::new(),
        }
    }

    fn protected(name: &str) -> TableDescription {
        let mut table = table(name);
        table.definition.deletion_protection_enabled = Some(true);
        table
    }

    fn staging() -> Environment {
        let json = serde_json::json!({
            "schema": "schema.ts",
            "environments": { "staging": { "tableName": { "prefix": "staging-" } } },
        });
        let config = config::read(&json).unwrap().in_environment("staging").unwrap();
        environment_of(&config)
    }

    /// Returns the steps, and the reasons for the skipped tables.
    fn sorted(names: &[&str], tables: &[TableDescription], wish: DropRequest<'_>) -> String {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let (plan, skipped) = sort(&names, tables, wish);
        assert!(plan.blocked.is_empty());
        let steps = plan.steps.iter().map(|step| {
            let guard = step.guard.as_ref().and_then(|guard| guard.table_id.as_deref());
            assert_eq!(guard, Some(format!("id of {}", step.table()).as_str()));
            step.id.to_string()
        });
        let skipped = skipped.into_iter().map(|skipped| {
            let SkippedTable { name, reason, hint, skip } = skipped;
            let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
            format!("{name} {skip:?}: {reason}{hint}")
        });
        steps.chain(skipped).collect::<Vec<_>>().join("\n")
    }

    fn wish<'a>(environment: &'a Environment, others: &'a [String]) -> DropRequest<'a> {
        // The tables' emptiness is unknown.
        const UNKNOWN: &BTreeMap<String, Option<bool>> = &BTreeMap::new();
        DropRequest { environment, unprotect: false, is_counted_now: true, empty: UNKNOWN, others }
    }

    #[test]
    fn each_table_has_its_verdict() {
        let none = no_environment();
        let others = ["Orders".to_owned(), "Stock".to_owned()];
        let mut global = protected("Global");
        global.replicas = vec!["eu-west-1".to_owned(), "us-east-1".to_owned()];
        let archived =
            TableDescription { status: Status::Other("ARCHIVED".to_owned()), ..table("Archive") };
        let deleting = TableDescription { status: Status::Deleting, ..table("Going") };
        let tables = [table("Shop"), protected("Users"), global, archived, deleting];
        let names = ["Users", "Shop", "Global", "Archive", "Going", "Ordres", "Storks", "Nowhere"];
        let wish = wish(&none, &others);
        insta::assert_snapshot!(sorted(&names, &tables, wish), @r#"
        Going:delete-table
        Shop:delete-table
        Users Protected: Users is protected against being deleted; --unprotect lifts the protection and deletes it
        Global NotPossible: Global is a global table, with replicas in eu-west-1 and us-east-1. Deleting it here would leave those behind; remove the replicas first, with the console or the CLI of AWS
        Archive NotPossible: Archive is ARCHIVED, in which DynamoDB does not change a table; see the table in the console of AWS
        Ordres Misspelt: There is no table Ordres; did you mean "Orders"?
        Storks Gone: There is no table Storks; did you mean "Stock"?
        Nowhere Gone: There is no table Nowhere
        "#);
        let unprotecting = DropRequest { unprotect: true, ..wish };
        insta::assert_snapshot!(sorted(&names[..2], &tables[..2], unprotecting), @r"
        Shop:delete-table
        Users:disable-deletion-protection
        Users:delete-table
        ");
    }

    #[test]
    fn a_table_of_another_environment_is_left_alone() {
        let staging = staging();
        let others = ["staging-Shop".to_owned()];
        let tables = [table("Shop"), table("Carts"), table("staging-Users")];
        let names = ["Shop", "Carts", "staging-Users", "staging-Shpo"];
        insta::assert_snapshot!(sorted(&names, &tables, wish(&staging, &others)), @r#"
        staging-Users:delete-table
        Shop OtherEnvironment: Shop is not named like a table of staging; did you mean "staging-Shop"?
        Carts OtherEnvironment: Carts is not named like a table of staging; choose its environment with --env, or leave --env out
        staging-Shpo Misspelt: There is no table staging-Shpo; did you mean "staging-Shop"?
        "#);
    }

    #[test]
    fn what_is_lost_is_counted_as_exactly_as_the_server_does() {
        let none = no_environment();
        let mut streaming = table("Shop");
        streaming.definition.stream_specification = Some(StreamSpecification {
            stream_enabled: true,
            stream_view_type: Some(StreamViewType::NewImage),
        });
        for (is_counted_now, items) in [(true, ": 3 items"), (false, ": about 3 items")] {
            let wish = DropRequest { is_counted_now, ..wish(&none, &[]) };
            let (plan, _) = sort(&["Shop".to_owned()], std::slice::from_ref(&streaming), wish);
            let [deleted, stream] = plan.steps[0].hazards.as_slice() else { panic!("{plan:?}") };
            assert!(deleted.message.contains(items), "{deleted:?}");
            assert!(stream.message.starts_with("The stream ends"), "{stream:?}");
        }
    }
}
