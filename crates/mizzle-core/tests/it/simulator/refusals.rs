//! Every rule that the simulator enforces, each broken by one call.

use super::{
    CAPACITY, add, adjust, back_up, capacity, create, delete, delete_policy, drop, drop_index,
    expire, limit, new_index, policy, provisioned, put_policy, shop, tag, tags, update, warm,
};
use mizzle_core::{
    model::{
        AttributeDefinition, BillingMode, OnDemandThroughput, Projection, ResourcePolicy,
        ScalarType, SseSpecification, StreamSpecification, StreamViewType, TableClass,
        TableDefinition, TimeToLiveSpecification,
    },
    plan::{Call, CreateIndex, GlobalSecondaryIndexUpdate, NO_POLICY, Simulator},
};

/// Returns the refusals of calls on `table`.
fn refusals(table: Option<&TableDefinition>, calls: Vec<(&str, Call)>) -> String {
    let lines = calls.into_iter().map(|(label, call)| {
        let mut simulator = Simulator::holding(table.cloned());
        let before = simulator.describe("Shop");
        let line = match simulator.call(&call) {
            Ok(()) => format!("{label}: ACCEPTED"),
            Err(refusal) => format!("{label}: {refusal}"),
        };
        assert_eq!(simulator.describe("Shop"), before, "{label}: a refusal changes nothing");
        line
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn create_table_is_checked() {
    let refusals = refusals(
        None,
        vec![
            ("capacity is missing", create(|r| r.billing_mode = None)),
            ("capacity on demand", create(|r| r.provisioned_throughput = Some(CAPACITY))),
            (
                "index without capacity",
                create(|r| {
                    r.billing_mode = Some(BillingMode::Provisioned);
                    r.provisioned_throughput = Some(CAPACITY);
                }),
            ),
            (
                "index with capacity on demand",
                create(|r| {
                    r.global_secondary_indexes[0].provisioned_throughput = Some(CAPACITY);
                }),
            ),
            (
                "limits of a provisioned table",
                create(|r| {
                    r.billing_mode = Some(BillingMode::Provisioned);
                    r.provisioned_throughput = Some(CAPACITY);
                    r.on_demand_throughput = Some(limit(5));
                }),
            ),
            ("limit of zero", create(|r| r.on_demand_throughput = Some(limit(0)))),
            ("cold", create(|r| r.warm_throughput = Some(warm(12_000, 3_999)))),
            (
                "colder than its capacity",
                create(|r| {
                    r.billing_mode = Some(BillingMode::Provisioned);
                    r.provisioned_throughput = Some(capacity(20_000));
                    r.warm_throughput = Some(warm(12_000, 20_000));
                }),
            ),
            ("unused attribute", create(|r| r.global_secondary_indexes.clear())),
            ("missing attribute", create(|r| r.attribute_definitions.clear())),
            (
                "repeated attribute",
                create(|r| {
                    let first = r.attribute_definitions[0].clone();
                    r.attribute_definitions.push(first);
                }),
            ),
            (
                "two partition keys",
                create(|r| {
                    r.key_schema[1].key_type = r.key_schema[0].key_type;
                    r.local_secondary_indexes.clear();
                }),
            ),
            ("sort key first", create(|r| r.key_schema.reverse())),
            (
                "foreign partition key of an LSI",
                create(|r| r.local_secondary_indexes[0].key_schema[0].attribute_name = "a".into()),
            ),
            (
                "one name for two indexes",
                create(|r| r.global_secondary_indexes[0].index_name = "localB".to_owned()),
            ),
            (
                "attributes of an ALL projection",
                create(|r| {
                    r.global_secondary_indexes[0].projection.non_key_attributes = vec!["x".into()];
                }),
            ),
            (
                "21 projected attributes",
                create(|r| {
                    r.global_secondary_indexes[0].projection =
                        Projection::include((0..21).map(|n| format!("p{n}")));
                }),
            ),
            (
                "stream without a view type",
                create(|r| {
                    r.stream_specification =
                        Some(StreamSpecification { stream_enabled: true, stream_view_type: None });
                }),
            ),
            (
                "key without encryption",
                create(|r| {
                    r.sse_specification = Some(SseSpecification {
                        enabled: false,
                        kms_master_key_id: Some("1234".to_owned()),
                    });
                }),
            ),
            ("tag of AWS", create(|r| r.tags = tags(["aws:x"]))),
        ],
    );
    insta::assert_snapshot!(refusals, @r#"
    capacity is missing: ProvisionedThroughput is not specified for the table (ValidationException)
    capacity on demand: ProvisionedThroughput should not be specified for the table when BillingMode is PAY_PER_REQUEST (ValidationException)
    index without capacity: ProvisionedThroughput is not specified for index: byA (ValidationException)
    index with capacity on demand: ProvisionedThroughput should not be specified for index: byA when BillingMode is PAY_PER_REQUEST (ValidationException)
    limits of a provisioned table: OnDemandThroughput of the table needs PAY_PER_REQUEST (ValidationException)
    limit of zero: the on-demand maximum of the table is at least 1, or -1 (ValidationException)
    cold: warm throughput of the table is less than the minimum (ValidationException)
    colder than its capacity: warm throughput of the table is less than the minimum (ValidationException)
    unused attribute: Some AttributeDefinitions are not used (ValidationException)
    missing attribute: Some index key attributes are not defined in AttributeDefinitions (ValidationException)
    repeated attribute: an attribute is defined twice (ValidationException)
    two partition keys: a table has one HASH key and at most one RANGE key (ValidationException)
    sort key first: HASH elements come before RANGE ones (ValidationException)
    foreign partition key of an LSI: LSI localB has another partition key than its table (ValidationException)
    one name for two indexes: Table "Shop" has two indexes named "localB" (ValidationException)
    attributes of an ALL projection: the projection of byA names attributes if it is INCLUDE, and only then (ValidationException)
    21 projected attributes: Index "byA" of table "Shop" projects 21 attributes (ValidationException)
    stream without a view type: a stream has a view type if it is enabled, and only then (ValidationException)
    key without encryption: KMSMasterKeyId needs SSE to be enabled (ValidationException)
    tag of AWS: tag aws:x: the prefix aws: is reserved (ValidationException)
    "#);
}

#[test]
fn update_table_is_checked() {
    let mut streaming = shop();
    streaming.stream_specification = Some(StreamSpecification::of(StreamViewType::KeysOnly));
    let refusals = [
        refusals(
            Some(&shop()),
            vec![
                ("nothing", update(|_| {})),
                (
                    "two kinds of change",
                    update(|r| {
                        r.table_class = Some(TableClass::StandardInfrequentAccess);
                        r.deletion_protection_enabled = Some(true);
                    }),
                ),
                (
                    "two index changes",
                    update(|r| {
                        r.global_secondary_index_updates = vec![
                            drop("byA"),
                            GlobalSecondaryIndexUpdate::Create(new_index("byC", "b")),
                        ];
                    }),
                ),
                ("no such index", drop_index("byZ")),
                (
                    "no such index to adjust",
                    update(|r| {
                        r.global_secondary_index_updates = vec![adjust(|index| {
                            index.index_name = "byZ".to_owned();
                            index.on_demand_throughput = Some(limit(5));
                        })];
                    }),
                ),
                (
                    "index without its attributes",
                    update(|r| {
                        r.global_secondary_index_updates =
                            vec![GlobalSecondaryIndexUpdate::Create(new_index("byC", "a"))];
                    }),
                ),
                (
                    "index with an unused attribute",
                    match add(new_index("byC", "c")) {
                        Call::UpdateTable(mut r) => {
                            r.attribute_definitions.push(AttributeDefinition {
                                attribute_name: "unused".to_owned(),
                                attribute_type: ScalarType::S,
                            });
                            Call::UpdateTable(r)
                        }
                        other => other,
                    },
                ),
                (
                    "index with another type",
                    match add(new_index("byC", "c")) {
                        Call::UpdateTable(mut r) => {
                            r.attribute_definitions[0].attribute_type = ScalarType::N;
                            Call::UpdateTable(r)
                        }
                        other => other,
                    },
                ),
                ("index of a name that is taken", add(new_index("byA", "c"))),
                ("index of an LSI's name", add(new_index("localB", "c"))),
                (
                    "index with capacity",
                    add(CreateIndex {
                        provisioned_throughput: Some(CAPACITY),
                        ..new_index("byC", "c")
                    }),
                ),
                ("capacity on demand", update(|r| r.provisioned_throughput = Some(CAPACITY))),
                (
                    "on demand already",
                    update(|r| r.billing_mode = Some(BillingMode::PayPerRequest)),
                ),
                (
                    "provisioned without numbers",
                    update(|r| r.billing_mode = Some(BillingMode::Provisioned)),
                ),
                (
                    "provisioned without numbers of an index",
                    update(|r| {
                        r.billing_mode = Some(BillingMode::Provisioned);
                        r.provisioned_throughput = Some(CAPACITY);
                    }),
                ),
                (
                    "same limits",
                    update(|r| r.on_demand_throughput = Some(OnDemandThroughput::UNLIMITED)),
                ),
                ("colder", update(|r| r.warm_throughput = Some(warm(20_000, 3_999)))),
                ("as warm", update(|r| r.warm_throughput = Some(warm(12_000, 4_000)))),
                (
                    "no stream",
                    update(|r| r.stream_specification = Some(StreamSpecification::DISABLED)),
                ),
                (
                    "encrypted already",
                    update(|r| r.sse_specification = Some(SseSpecification::OWNED)),
                ),
                ("same class", update(|r| r.table_class = Some(TableClass::Standard))),
                ("same protection", update(|r| r.deletion_protection_enabled = Some(false))),
            ],
        ),
        refusals(
            Some(&provisioned()),
            vec![
                ("same capacity", update(|r| r.provisioned_throughput = Some(CAPACITY))),
                (
                    "same capacity of an index",
                    update(|r| {
                        r.global_secondary_index_updates =
                            vec![adjust(|index| index.provisioned_throughput = Some(CAPACITY))];
                    }),
                ),
                ("no capacity", update(|r| r.provisioned_throughput = Some(capacity(0)))),
                (
                    "provisioned already",
                    update(|r| r.billing_mode = Some(BillingMode::Provisioned)),
                ),
                ("limits", update(|r| r.on_demand_throughput = Some(limit(5)))),
                ("index without capacity", add(new_index("byC", "c"))),
            ],
        ),
        refusals(
            Some(&streaming),
            vec![(
                "another view",
                update(|r| {
                    r.stream_specification =
                        Some(StreamSpecification::of(StreamViewType::NewImage));
                }),
            )],
        ),
    ];
    insta::assert_snapshot!(refusals.join("\n"));
}

#[test]
fn the_other_calls_are_checked() {
    let expiring = |mut table: TableDefinition| {
        table.time_to_live_specification = Some(TimeToLiveSpecification::by("expiresAt"));
        table.deletion_protection_enabled = Some(true);
        table.resource_policy = Some(policy("one"));
        table.tags = Some(tags((0..50).map(|number| format!("tag{number}"))));
        table
    };
    let refusals = [
        refusals(None, vec![("no table", delete())]),
        refusals(
            Some(&shop()),
            vec![
                ("there already", create(|_| {})),
                ("nothing expires", expire(false, Some("expiresAt"))),
                ("no attribute", expire(true, None)),
                ("no days", back_up(true, Some(0))),
                ("36 days", back_up(true, Some(36))),
                ("days of nothing", back_up(false, Some(7))),
                ("no tags", tag(Vec::new())),
                ("tag of AWS", tag(tags(["aws:x"]))),
                ("a tag twice", tag(tags(["x", "x"]))),
                ("a long key", tag(tags(["x".repeat(129)]))),
                ("an empty policy", put_policy(ResourcePolicy::NONE, None)),
                ("a long policy", put_policy(policy(&"x".repeat(20 * 1024)), None)),
                ("another revision", put_policy(policy("one"), Some("7"))),
                ("another revision to delete", delete_policy(Some("7"))),
            ],
        ),
        refusals(
            Some(&expiring(shop())),
            vec![
                ("expires already", expire(true, Some("expiresAt"))),
                ("expires by another", expire(true, Some("endsAt"))),
                ("expires by another to disable", expire(false, Some("endsAt"))),
                ("a 51st tag", tag(tags(["one more"]))),
                ("a policy is there", put_policy(policy("two"), Some(NO_POLICY))),
                ("protected", delete()),
            ],
        ),
    ];
    insta::assert_snapshot!(refusals.join("\n"));
}
