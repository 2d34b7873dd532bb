//! The Kinesis destination of a table, from the config to the calls and back.

use crate::support::table;
use mizzle_core::{
    diff::diff,
    export::{ExportedTable, Format, export},
    model::{KinesisDestination, KinesisDestinations, TableDefinition, TimestampPrecision},
    plan::{Call, Context, HazardKind, Plan, Simulator, plan},
    pull,
};
use serde_json::{Value, json};

const MICROSECOND: Option<TimestampPrecision> = Some(TimestampPrecision::Microsecond);

fn arn(name: &str) -> String {
    format!("arn:aws:kinesis:eu-central-1:123456789012:stream/{name}")
}

fn to(name: &str, precision: Option<TimestampPrecision>) -> KinesisDestination {
    KinesisDestination {
        stream_arn: arn(name),
        approximate_creation_date_time_precision: precision,
    }
}

fn shop(destinations: impl IntoIterator<Item = KinesisDestination>) -> TableDefinition {
    TableDefinition {
        kinesis_destinations: Some(KinesisDestinations::new(destinations)),
        ..table("Shop")
    }
}

fn planned(before: &TableDefinition, after: &TableDefinition) -> Plan {
    plan(&diff([before], [after]), &Context::default())
}

/// Returns the steps, each with the kinds of its hazards.
fn steps(before: &TableDefinition, after: &TableDefinition) -> Vec<String> {
    let plan = planned(before, after);
    assert_eq!(plan.blocked, []);
    let steps = plan.steps.iter().map(|step| {
        let hazards: Vec<HazardKind> = step.hazards.iter().map(|hazard| hazard.kind).collect();
        format!("{}: {} {hazards:?}", step.id, step.title)
    });
    steps.collect()
}

#[test]
fn a_stream_begins_changes_its_precision_and_ends() {
    let none = shop([]);
    assert_eq!(
        steps(&none, &shop([to("a", MICROSECOND)])),
        [
            "Shop:enable-kinesis-destination:a: Send changes to the Kinesis data stream a (MICROSECOND) []"
        ]
    );
    let milliseconds = Some(TimestampPrecision::Millisecond);
    let (slow, fast) = (shop([to("a", milliseconds)]), shop([to("a", MICROSECOND)]));
    assert_eq!(
        steps(&slow, &fast),
        [
            "Shop:update-kinesis-destination:a: Set the timestamp precision of the Kinesis destination a to MICROSECOND []"
        ]
    );
    assert_eq!(
        steps(&fast, &none),
        [
            "Shop:disable-kinesis-destination:a: Stop sending changes to the Kinesis data stream a [DisablesStream]"
        ]
    );
    // Any precision is accepted if none is wanted.
    assert_eq!(steps(&fast, &shop([to("a", None)])), [""; 0]);
}

#[test]
fn another_stream_takes_the_place_of_the_first_one() {
    let plan = planned(&shop([to("a", None)]), &shop([to("b", MICROSECOND)]));
    let calls: Vec<(&str, Value)> =
        plan.steps.iter().map(|step| (step.call.operation(), step.call.input())).collect();
    assert_eq!(
        calls,
        [
            (
                "DisableKinesisStreamingDestination",
                json!({ "TableName": "Shop", "StreamArn": arn("a") }),
            ),
            (
                "EnableKinesisStreamingDestination",
                json!({
                    "TableName": "Shop",
                    "StreamArn": arn("b"),
                    "EnableKinesisStreamingConfiguration": {
                        "ApproximateCreationDateTimePrecision": "MICROSECOND",
                    },
                }),
            ),
        ]
    );
    // The second one waits for the first.
    assert_eq!(plan.steps[1].after, [plan.steps[0].id.clone()]);
    let gap = plan.steps[0].call.gap().unwrap();
    assert_eq!(gap, "changes of Shop go to no Kinesis data stream");
    for step in &plan.steps {
        assert_eq!(Call::parse(step.call.method(), &step.call.input()).unwrap(), step.call);
    }
}

#[test]
fn further_streams_end_where_one_is_managed() {
    let both = shop([to("a", None), to("b", None)]);
    let ends = |name| {
        format!(
            "Shop:disable-kinesis-destination:{name}: Stop sending changes to the Kinesis data stream {name} [DisablesStream]"
        )
    };
    assert_eq!(steps(&both, &shop([to("b", None)])), [ends("a")]);
    assert_eq!(steps(&both, &shop([])), [ends("a"), ends("b")]);
    assert_eq!(steps(&both, &table("Shop")), [""; 0]);
}

#[test]
fn what_is_not_known_cannot_be_ended() {
    assert_eq!(steps(&table("Shop"), &shop([])), [""; 0]);
    assert_eq!(steps(&table("Shop"), &shop([to("a", None)])).len(), 1);
}

#[test]
fn a_replaced_table_sends_its_changes_where_it_sent_them_before() {
    let before = shop([to("a", MICROSECOND), to("b", None)]);
    let mut after = table("Shop");
    after.key_schema[0].attribute_name = "other".to_owned();
    after.attribute_definitions[0].attribute_name = "other".to_owned();
    let context = Context { accept_data_loss: true, ..Context::default() };
    let plan = plan(&diff([&before], [&after]), &context);
    let titles: Vec<&str> = plan.steps.iter().map(|step| step.title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "Delete table",
            "Create table",
            "Send changes to the Kinesis data stream a (MICROSECOND)",
            "Send changes to the Kinesis data stream b",
        ]
    );
}

#[test]
fn other_tools_get_the_stream() {
    let definition = shop([to("orders", MICROSECOND)]);
    let tables = [ExportedTable { name: "Shop".to_owned(), definition }];
    let text = |format| export(format, &tables, |_| true).text;
    let template: Value = serde_json::from_str(&text(Format::CloudFormationJson)).unwrap();
    assert_eq!(
        template["Resources"]["Shop"]["Properties"]["KinesisStreamSpecification"],
        json!({
            "StreamArn": arn("orders"),
            "ApproximateCreationDateTimePrecision": "MICROSECOND",
        })
    );
    let terraform = text(Format::Terraform);
    let kind = "resource \"aws_dynamodb_kinesis_streaming_destination\"";
    insta::assert_snapshot!(terraform.split_once(kind).unwrap().1, @r#"
     "shop" {
      table_name                               = aws_dynamodb_table.shop.name
      stream_arn                               = "arn:aws:kinesis:eu-central-1:123456789012:stream/orders"
      approximate_creation_date_time_precision = "MICROSECOND"
    }
    "#);
    let commands = text(Format::AwsCliScript);
    assert_eq!(commands.matches("aws dynamodb enable-kinesis-streaming-destination").count(), 1);
}

#[test]
fn the_stream_is_pulled_and_several_are_named() {
    let pulled = |destinations: Vec<KinesisDestination>| {
        let simulator = Simulator::holding([shop(destinations)]);
        let pulled = pull::settings(&simulator.describe("Shop").unwrap());
        (pulled.entry.get("kinesisDestination").cloned(), pulled.notes)
    };
    assert_eq!(pulled(vec![]), (None, vec![]));
    assert_eq!(pulled(vec![to("a", None)]), (Some(json!(arn("a"))), vec![]));
    let chosen = json!({ "streamArn": arn("a"), "timestampPrecision": "MICROSECOND" });
    assert_eq!(pulled(vec![to("a", MICROSECOND)]), (Some(chosen), vec![]));
    let (entry, notes) = pulled(vec![to("a", None), to("b", None)]);
    assert_eq!(entry, None);
    insta::assert_snapshot!(
        notes.join("\n"),
        @"its changes go to the Kinesis data streams a and b: a config names one, and mizzle leaves them alone"
    );
}

#[test]
fn a_call_is_refused_that_dynamodb_refuses() {
    let (a, b) = (arn("a"), arn("b"));
    for (method, input, is_accepted) in [
        ("enableKinesisStreamingDestination", json!({ "StreamArn": b }), true),
        ("enableKinesisStreamingDestination", json!({ "StreamArn": a }), false),
        ("disableKinesisStreamingDestination", json!({ "StreamArn": a }), true),
        ("disableKinesisStreamingDestination", json!({ "StreamArn": b }), false),
        ("updateKinesisStreamingDestination", precision(&a, "MICROSECOND"), true),
        ("updateKinesisStreamingDestination", precision(&a, "MILLISECOND"), false),
        ("updateKinesisStreamingDestination", precision(&b, "MICROSECOND"), false),
    ] {
        let mut input = input;
        input["TableName"] = json!("Shop");
        let call = Call::parse(method, &input).unwrap();
        let answer = Simulator::holding([shop([to("a", None)])]).call(&call);
        assert_eq!(answer.is_ok(), is_accepted, "{method} {input}");
    }
    let problem = Call::parse(
        "updateKinesisStreamingDestination",
        &json!({ "TableName": "Shop", "StreamArn": a }),
    );
    assert!(problem.is_err());
}

fn precision(arn: &str, precision: &str) -> Value {
    json!({
        "StreamArn": arn,
        "UpdateKinesisStreamingConfiguration": { "ApproximateCreationDateTimePrecision": precision },
    })
}
