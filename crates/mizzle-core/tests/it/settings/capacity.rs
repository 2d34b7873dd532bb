//! The billing of a table and its indexes, with all combinations of settings.

use super::shop;
use mizzle_core::model::ProvisionedThroughput;
use serde_json::{Value, json};

fn units(both: i64) -> ProvisionedThroughput {
    ProvisionedThroughput { read_capacity_units: both, write_capacity_units: both }
}

/// Returns the capacity of the table and of its GSIs, with `~` if auto scaling sets it.
fn capacities(tables: &Value) -> String {
    let table = shop(tables);
    let word = |name: &str, autoscaled: bool, capacity: Option<ProvisionedThroughput>| {
        let mark = if autoscaled { "~" } else { "" };
        let capacity = capacity.map_or("-".to_owned(), |capacity| {
            let ProvisionedThroughput { read_capacity_units, write_capacity_units } = capacity;
            format!("{read_capacity_units}/{write_capacity_units}")
        });
        format!("{name} {mark}{capacity}")
    };
    let mode = table.billing_mode.map_or("unmanaged", |mode| mode.as_str());
    let mut words = vec![word(mode, table.autoscaled, table.provisioned_throughput)];
    words.extend(
        table
            .global_secondary_indexes
            .iter()
            .map(|index| word(&index.index_name, index.autoscaled, index.provisioned_throughput)),
    );
    words.join(", ")
}

#[test]
fn how_a_table_is_paid_for_is_decided_as_a_whole() {
    let five = json!({ "readCapacity": 5, "writeCapacity": 5 });
    let one = json!({ "readCapacity": 1, "writeCapacity": 1 });
    let autoscaled = json!({ "capacity": "autoscaled" });
    let autoscaled_five =
        json!({ "capacity": "autoscaled", "readCapacity": 5, "writeCapacity": 5 });
    let on_demand = json!({ "billingMode": "PAY_PER_REQUEST" });
    let limited = json!({ "onDemandMaximum": { "reads": 9 } });
    let with_index = |table: &Value, index: &Value| {
        let mut table = table.clone();
        table["indexes"] = json!({ "byEmail": index });
        table
    };
    for (case, defaults, own, expected) in [
        ("nothing said", json!({}), json!({}), "unmanaged -, byEmail -, byStatus -"),
        (
            "an index takes the table's",
            json!({}),
            five.clone(),
            "PROVISIONED 5/5, byEmail 5/5, byStatus 5/5",
        ),
        (
            "or has its own",
            json!({}),
            with_index(&five, &one),
            "PROVISIONED 5/5, byEmail 1/1, byStatus 5/5",
        ),
        (
            "or is autoscaled alone",
            json!({}),
            with_index(&five, &autoscaled),
            "PROVISIONED 5/5, byEmail ~5/5, byStatus 5/5",
        ),
        (
            "autoscaled, with its indexes",
            json!({}),
            autoscaled.clone(),
            "PROVISIONED ~-, byEmail ~-, byStatus ~-",
        ),
        (
            "autoscaled from numbers",
            json!({}),
            autoscaled_five.clone(),
            "PROVISIONED ~5/5, byEmail ~5/5, byStatus ~5/5",
        ),
        (
            "but an index is fixed",
            json!({}),
            with_index(&autoscaled_five, &one),
            "PROVISIONED ~5/5, byEmail 1/1, byStatus ~5/5",
        ),
        ("defaults count", five.clone(), json!({}), "PROVISIONED 5/5, byEmail 5/5, byStatus 5/5"),
        (
            "on demand beats their numbers",
            with_index(&five, &one),
            on_demand.clone(),
            "PAY_PER_REQUEST -, byEmail -, byStatus -",
        ),
        (
            "numbers beat on demand",
            on_demand.clone(),
            five.clone(),
            "PROVISIONED 5/5, byEmail 5/5, byStatus 5/5",
        ),
        (
            "numbers beat a maximum",
            with_index(&limited, &limited),
            five.clone(),
            "PROVISIONED 5/5, byEmail 5/5, byStatus 5/5",
        ),
        (
            "numbers beat autoscaling",
            autoscaled.clone(),
            five.clone(),
            "PROVISIONED 5/5, byEmail 5/5, byStatus 5/5",
        ),
        (
            "autoscaling starts with the defaults",
            five.clone(),
            autoscaled.clone(),
            "PROVISIONED ~5/5, byEmail ~5/5, byStatus ~5/5",
        ),
        (
            "a stated mode takes them too",
            five.clone(),
            json!({ "billingMode": "PROVISIONED" }),
            "PROVISIONED 5/5, byEmail 5/5, byStatus 5/5",
        ),
        (
            "an index's defaults stay",
            with_index(&json!({}), &one),
            five.clone(),
            "PROVISIONED 5/5, byEmail 1/1, byStatus 5/5",
        ),
    ] {
        assert_eq!(capacities(&json!({ "*": defaults, "Shop": own })), expected, "{case}");
    }
    let table = shop(&json!({ "*": limited, "Shop": five }));
    assert_eq!(table.on_demand_throughput, None, "a default that a provisioned table cannot have");
    assert_eq!(table.provisioned_throughput, Some(units(5)));
}
