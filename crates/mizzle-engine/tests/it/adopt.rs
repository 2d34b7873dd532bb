//! Tables that already exist when a script is to create them.

use crate::world::{Ignored, Project, Setup, completed, failure, table};
use mizzle_core::{
    ledger::RecordState,
    model::{
        AuxiliarySetting, KeySchemaElement, PointInTimeRecoverySpecification, StreamSpecification,
        StreamViewType, TableClass, TableDefinition, Tag,
    },
};
use mizzle_engine::{Error, converge::Reason};

fn recoverable(table: TableDefinition) -> TableDefinition {
    let on = PointInTimeRecoverySpecification {
        point_in_time_recovery_enabled: true,
        recovery_period_in_days: None,
    };
    TableDefinition { point_in_time_recovery_specification: Some(on), ..table }
}

#[test]
fn a_table_gets_what_is_managed_and_missing_and_keeps_the_rest() {
    let wanted = recoverable(table("Orders", &["status"]));
    let wanted = TableDefinition { deletion_protection_enabled: Some(true), ..wanted };
    let setup = Setup::new(Project::default().generated("0001_init", &[wanted]));
    let tags = vec![Tag { key: "team".to_owned(), value: "shop".to_owned() }];
    let existing = TableDefinition { tags: Some(tags.clone()), ..table("Orders", &["status"]) };
    setup.memory.holding(&[existing]);
    setup.memory.put("Orders", &["1"]);
    completed(setup.run());
    let tables = setup.memory.tables();
    let orders = &tables["Orders"];
    assert_eq!(orders.deletion_protection_enabled, Some(true));
    assert_eq!(orders.tags, Some(tags), "tags are not managed");
    assert!(orders.point_in_time_recovery_specification.unwrap().point_in_time_recovery_enabled);
    assert_eq!(setup.memory.keys("Orders"), ["1"]);
    assert_eq!(setup.memory.state().records["0001_init"].adopted, ["Orders"]);
    assert!(setup.screen.has("Adopted"));
}

#[test]
fn a_table_with_another_key_is_refused_before_anything_is_run() {
    let users = table("Users", &[]);
    let setup =
        Setup::new(Project::default().generated("0001_init", &[table("Orders", &[]), users]));
    let mut other =
        TableDefinition { key_schema: vec![KeySchemaElement::hash("id")], ..table("Users", &[]) };
    other.attribute_definitions[0].attribute_name = "id".to_owned();
    setup.memory.holding(&[other]);
    let error = failure(setup.run());
    assert!(matches!(error, Error::Blocked(_)), "{error:?}");
    assert!(setup.memory.state().changes.is_empty());
}

#[test]
fn a_destructive_change_of_an_adopted_table_takes_approval() {
    let with =
        |stream| TableDefinition { stream_specification: Some(stream), ..table("Orders", &[]) };
    let streaming = with(StreamSpecification::of(StreamViewType::NewImage));
    let wanted = with(StreamSpecification::DISABLED);
    for (approves, changes) in [(true, true), (false, false)] {
        let mut setup =
            Setup::new(Project::default().generated("0001_init", std::slice::from_ref(&wanted)));
        setup.policy.yes = false;
        setup.screen.approves = approves;
        setup.memory.holding(std::slice::from_ref(&streaming));
        setup.memory.put("Orders", &["1"]);
        let outcome = setup.run();
        assert!(setup.screen.has("Run([\"0001_init\"])"), "it asks");
        let stream = setup.memory.tables()["Orders"].stream_specification.unwrap();
        assert_eq!(!stream.stream_enabled, changes);
        match approves {
            true => {
                completed(outcome);
            }
            false => {
                let error = failure(outcome);
                assert!(matches!(error, Error::AdoptionNotApproved(None)), "{error:?}");
                assert!(setup.memory.state().records.is_empty());
            }
        }
    }
}

#[test]
fn a_setting_that_the_server_cannot_change_is_left_out_and_told_with_its_reason() {
    let wanted = TableDefinition {
        table_class: Some(TableClass::StandardInfrequentAccess),
        ..recoverable(table("Orders", &[]))
    };
    let mut setup = Setup::new(Project::default().generated("0001_init", &[wanted]));
    setup.ignored = Some(Ignored::default());
    setup.memory.holding(&[table("Orders", &[])]);
    setup.memory.state().unsupported.insert(AuxiliarySetting::PointInTimeRecovery);
    setup.memory.state().ignored.insert("UpdateTable");
    let outcome = completed(setup.run());
    let reasons: Vec<Reason> =
        outcome.migrations[0].unapplied.iter().map(|unapplied| unapplied.reason).collect();
    assert_eq!(reasons, [Reason::Ignored, Reason::Unsupported]);
    assert_eq!(setup.memory.state().records["0001_init"].state, RecordState::Applied);
}
