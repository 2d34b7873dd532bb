//! Rules of AWS that no server on this machine has, simulated by the fault proxy, and resources
//! that depend on a table, on servers that support them.

use crate::support::BINARY;
use mizzle_test::{
    Boto3, Database, Fault, FaultProxy, Ministack, Moto, On, Output, Serving, TempProject,
};
use serde_json::{Value, json};

/// A project with the table `Shop` and these settings for it, and a proxy in front of its database.
struct Stage {
    database: Database,
    proxy: FaultProxy,
    project: TempProject,
}

impl Stage {
    fn at(database: Database, settings: &str) -> Self {
        let proxy = FaultProxy::start(&database.endpoint);
        let stage = Self { database, proxy, project: TempProject::new(BINARY) };
        stage.describe("pk: string(\"pk\")");
        stage.settle(settings);
        stage
    }

    /// Sets the attributes of the table's key in the schema.
    fn describe(&self, key: &str) {
        self.project.write(
            "schema.ts",
            &format!(
                "import {{ dynamoTable, string }} from \"mizzle\";\nexport const shop = dynamoTable(\"Shop\", {{ {key} }});\n"
            ),
        );
    }

    /// Sets the settings of the table in the config.
    fn settle(&self, settings: &str) {
        let fields = self.database.through(&self.proxy).config_fields();
        self.project.write(
            "mizzle.config.ts",
            &format!(
                "export default {{\n  schema: \"./schema.ts\",\n  {fields}\n  tables: {{ Shop: {{ {settings} }} }},\n}};\n"
            ),
        );
    }

    #[track_caller]
    fn run(&self, args: &[&str], code: i32) -> Output {
        self.project.mizzle(args).run().assert_code(code)
    }

    #[track_caller]
    fn json(&self, args: &[&str], code: i32) -> Value {
        let args: Vec<&str> = args.iter().copied().chain(["--json"]).collect();
        self.run(&args, code).json()
    }

    #[track_caller]
    fn push(&self) {
        self.run(&["push", "--yes"], 0);
    }

    /// Overlays the matching descriptions of the table with these fields.
    fn overlay(&self, on: On, fields: &Value) {
        self.proxy.inject(on, Fault::Overlay(json!({ "Table": fields })));
    }

    fn boto3(&self, snippet: &str) -> Value {
        Boto3::from_env().run(&self.database, snippet)
    }
}

/// Starts an embedded server for the duration of a test.
fn embedded() -> (TempProject, Serving) {
    let host = TempProject::new(BINARY);
    let serving = host.mizzle(["local", "--port", "0", "--in-memory"]).serve();
    (host, serving)
}

fn described() -> On {
    On::operation("DescribeTable").table("Shop")
}

/// "Cannot describe time to live while table is in CREATING state"
#[test]
fn a_table_that_is_being_created_is_waited_for_before_its_settings_are_read() {
    let (_host, serving) = embedded();
    let stage = Stage::at(serving.database(), "timeToLive: \"until\"");
    stage.push();
    stage.proxy.forget_requests();
    stage.overlay(described().times(3), &json!({ "TableStatus": "CREATING" }));
    assert_eq!(stage.json(&["push", "--yes"], 0)["outcome"], "in_sync");
    let requests = stage.proxy.requests();
    let operations: Vec<&str> = requests
        .iter()
        .map(|request| request.operation.as_str())
        .filter(|name| *name != "ListTables")
        .collect();
    assert_eq!(
        operations,
        ["DescribeTable", "DescribeTable", "DescribeTable", "DescribeTable", "DescribeTimeToLive"]
    );

    // A command that does not wait reports it.
    stage.overlay(described().every(), &json!({ "TableStatus": "CREATING" }));
    let refused = Fault::refuse(400, "ValidationException", "Cannot describe time to live");
    let met = stage.proxy.inject(On::operation("DescribeTimeToLive").every(), refused);
    insta::assert_snapshot!(stage.run(&["push", "--dry-run"], 0).snapshot(), @"
    $ mizzle push --dry-run
    [exit code: 0]
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    Shop is CREATING, and tells all of its settings only when it is ACTIVE: what is not told is not compared
    Everything is in sync
    ");
    insta::assert_snapshot!("list_while_creating", stage.run(&["list", "--long"], 0).snapshot());
    assert_eq!(stage.json(&["list", "--long"], 0)["tables"][0]["TableStatus"], "CREATING");
    assert_eq!(met.met(), 0);
}

#[test]
fn a_policy_without_a_version_is_kept() {
    let policy = json!({ "Effect": "Allow", "Principal": "*", "Action": "dynamodb:GetItem", "Resource": "*" });
    let stage = Stage::at(
        Ministack::from_env().isolated(),
        &format!("resourcePolicy: {{ Statement: [{policy}] }}"),
    );
    // AWS returns the original version.
    let stated = json!({ "Version": "2008-10-17", "Statement": [policy] }).to_string();
    let overlay = || Fault::Overlay(json!({ "Policy": stated }));
    stage.proxy.inject(On::operation("GetResourcePolicy").nth(1).every(), overlay());
    let output = stage.run(&["push", "--yes"], 0);
    insta::assert_snapshot!(output.snapshot(), @r#"
    $ mizzle push --yes
    [exit code: 0]
    [stderr]
    warning: The resource policy of Shop states no Version, so AWS takes it for one of 2008-10-17, which has no policy variables
       ╭─[schema.ts:2:33]
     1 │ import { dynamoTable, string } from "mizzle";
     2 │ export const shop = dynamoTable("Shop", { pk: string("pk") });
       ·                                 ──────
       ╰────
      help: add Version: "2012-10-17" to `resourcePolicy` in the config; or "2008-10-17" if that one is meant
    Target: http://127.0.0.1:[port] (us-east-1)
    + Shop: new table
      + Create table
          key (pk S)
      ~ Set the resource policy
    Shop: Create table
    Shop: Create table: done in [time]
    Shop: Set the resource policy
    Shop: Set the resource policy: done in [time]
    Applied 2 steps on 1 table in [time]
    "#);
    let again = stage.json(&["push", "--yes"], 0);
    assert_eq!((&again["outcome"], &again["remaining"]), (&json!("in_sync"), &json!([])));
}

#[test]
fn a_global_table_is_pushed_within_its_limits() {
    let (_host, serving) = embedded();
    let stage = Stage::at(serving.database(), "stream: \"NEW_AND_OLD_IMAGES\"");
    stage.push();
    stage.overlay(described().every(), &json!({ "Replicas": [{ "RegionName": "eu-west-1" }] }));
    stage.proxy.forget_requests();
    stage.settle("stream: false, deletionProtection: true");
    let refused = stage.run(&["push", "--yes"], 4);
    insta::assert_snapshot!(refused.snapshot(), @"
    $ mizzle push --yes
    [exit code: 4]
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    ■ Shop: cannot be changed
        Shop is a global table, with replicas in eu-west-1: its stream carries the changes there, and DynamoDB neither ends nor changes it (change stream: NEW_AND_OLD_IMAGES → off)
    error: DynamoDB cannot bring Shop to what the schema describes, so nothing is done
      help: remove `stream` for this table from the config, which leaves it alone; or remove the replicas first, with the console or the CLI of AWS
    Nothing was changed
    ");
    assert_eq!(stage.proxy.writes(), []);

    stage.settle("stream: \"NEW_AND_OLD_IMAGES\", deletionProtection: true");
    insta::assert_snapshot!(stage.run(&["push", "--dry-run"], 0).snapshot(), @"
    $ mizzle push --dry-run
    [exit code: 0]
    [stdout]
    ~ Shop: change
      + Turn on deletion protection
          global table with replicas in eu-west-1: set in us-east-1 only
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    1 step on 1 table to apply; nothing was changed (--dry-run)
    ");
}

/// Four to nine minutes on AWS, during which the table is ACTIVE.
#[test]
fn warm_throughput_is_waited_for() {
    let stage = Stage::at(Moto::from_env().isolated(), "");
    stage.push();
    let warm = |status: &str| {
        json!({ "WarmThroughput": {
            "ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000, "Status": status,
        } })
    };
    // The first read is before the change. The total pause between the others is longer than the
    // time for which a server on this machine may hide a change.
    let met = stage
        .proxy
        .inject(described().nth(2).times(12), Fault::Overlay(json!({ "Table": warm("UPDATING") })));
    stage.settle("warmThroughput: { reads: 15000, writes: 6000 }");
    let report = stage.json(&["push", "--yes"], 0);
    assert_eq!(met.met(), 12);
    assert_eq!((&report["outcome"], &report["remaining"]), (&json!("applied"), &json!([])));
}

/// moto does not enable a stream again, and always answers that the table is in use.
#[test]
fn a_server_that_refuses_for_ever_is_given_up_soon() {
    let stage = Stage::at(Moto::from_env().isolated(), "stream: \"NEW_IMAGE\"");
    stage.push();
    stage.settle("stream: \"KEYS_ONLY\"");
    let output = stage.run(&["push", "--yes"], 1);
    // The number of attempts is random.
    let said = output.snapshot();
    let lines: Vec<&str> = said.lines().filter(|line| !line.contains("trying again")).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    $ mizzle push --yes
    [exit code: 1]
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    ~ Shop: change
      - Turn off the stream
        ▲ The stream ends and another begins, under another ARN: what reads it (Lambda triggers, pipes) has to be attached to the new one. Changes in between are in neither; records that are there can be read for 24 hours.
      + Turn on the stream (KEYS_ONLY)
    Shop: Turn off the stream
    Shop: Turn off the stream: done in [time]
    Shop: Turn on the stream (KEYS_ONLY)
    Shop: Turn on the stream (KEYS_ONLY): UpdateTable of Shop failed: Cannot enable stream (ResourceInUseException), and so for [time], although nothing is changing the table
    error: Shop has no stream any more
    UpdateTable of Shop failed: Cannot enable stream (ResourceInUseException), and so for [time], although nothing is changing the table
      help: http://127.0.0.1:[port] (us-east-1) does not do this to a table that is there, and running the command again does not help: drop the table and push again, or use another server
    Applied 1 of 2 steps in [time]
    ");
}

/// The embedded server has vector indexes.
#[test]
fn vector_indexes_are_seen_and_kept() {
    let (_host, serving) = embedded();
    let stage = Stage::at(serving.database(), "");
    stage.push();
    stage.boto3(
        r#"
        client.update_table(TableName="Shop", VectorIndexUpdates=[{"Create": {
            "IndexName": "byMeaning", "VectorAttribute": {"AttributeName": "embedding"},
            "Dimensions": 3, "DistanceFunction": "COSINE", "Projection": {"ProjectionType": "KEYS_ONLY"},
        }}])
        result = None
        "#,
    );
    let vectors = r#"
        result = [index["IndexName"] for index in client.describe_table(TableName="Shop")["Table"].get("VectorIndexes", [])]
    "#;
    assert_eq!(stage.json(&["push", "--yes"], 0)["outcome"], "in_sync");
    let table = stage.json(&["list", "--long"], 0)["tables"][0].clone();
    let seen = &table["VectorIndexes"][0];
    assert_eq!((&seen["IndexName"], &seen["Dimensions"]), (&json!("byMeaning"), &json!(3)));
    let listed = stage.run(&["list", "--long"], 0).stdout;
    assert!(listed.contains("byMeaning (embedding, 3, COSINE)"), "{listed}");

    // Neither replaced nor provisioned.
    stage.describe("pk: string(\"pk\"), sk: string(\"sk\")");
    let refused = stage.run(&["push", "--yes", "--accept-data-loss"], 4);
    insta::assert_snapshot!(refused.snapshot(), @"
    $ mizzle push --yes --accept-data-loss
    [exit code: 4]
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    ■ Shop: cannot be changed
        Shop would have to be replaced, and it has vector index byMeaning, which mizzle does not manage and could not build again
    error: DynamoDB cannot bring Shop to what the schema describes, so nothing is done
      help: describe a table of another name, copy the items, and switch over; or delete the vector index first, with the console or the CLI of AWS
    Nothing was changed
    ");
    stage.describe("pk: string(\"pk\")");
    stage.settle("billingMode: \"PROVISIONED\", readCapacity: 1, writeCapacity: 1");
    insta::assert_snapshot!(stage.run(&["push", "--yes"], 4).snapshot(), @"
    $ mizzle push --yes
    [exit code: 4]
    [stderr]
    Target: http://127.0.0.1:[port] (us-east-1)
    ■ Shop: cannot be changed
        Shop cannot become PROVISIONED: it has vector index byMeaning, which DynamoDB has on demand only
    error: DynamoDB cannot bring Shop to what the schema describes, so nothing is done
      help: leave the table on demand in the config
    Nothing was changed
    ");
    assert_eq!(stage.boto3(vectors), json!(["byMeaning"]));

    let pulled = TempProject::new(BINARY);
    let fields = stage.database.config_fields();
    pulled.write(
        "mizzle.config.ts",
        &format!("export default {{\n  schema: \"./schema.ts\",\n  {fields}\n}};\n"),
    );
    let output = pulled.mizzle(["pull", "--yes"]).run().assert_code(0);
    let said = format!("{}{}", output.stdout, output.stderr);
    assert!(said.contains("it has vector index byMeaning"), "{said}");

    stage.settle("");
    let dropped = stage.run(&["drop", "Shop", "--yes"], 0);
    let said = format!("{}{}", dropped.stdout, dropped.stderr);
    assert!(said.contains("It takes vector index byMeaning with it."), "{said}");
}

/// MiniStack has Kinesis destinations and contributor insights.
#[test]
fn what_hangs_on_a_table_is_named_before_it_goes() {
    let stage = Stage::at(Ministack::from_env().isolated(), "");
    stage.push();
    stage.boto3(
        r#"
        arn = "arn:aws:kinesis:us-east-1:000000000000:stream/shop-changes"
        client.enable_kinesis_streaming_destination(TableName="Shop", StreamArn=arn)
        client.update_contributor_insights(TableName="Shop", ContributorInsightsAction="ENABLE")
        result = None
        "#,
    );
    let table = stage.json(&["list", "--long"], 0)["tables"][0].clone();
    let arn = table["KinesisDataStreamDestinations"][0]["StreamArn"].as_str().unwrap();
    assert!(arn.ends_with("stream/shop-changes"), "{table}");
    assert_eq!(table["ContributorInsightsSpecification"]["Enabled"], true);

    stage.describe("pk: string(\"pk\"), sk: string(\"sk\")");
    let takes = "Kinesis destination shop-changes and contributor insights";
    let planned = stage.run(&["push", "--dry-run"], 0);
    let said = format!("{}{}", planned.stdout, planned.stderr);
    assert!(said.split_whitespace().collect::<Vec<_>>().join(" ").contains(takes), "{said}");

    // A missing permission is not a failure, and is reported.
    for operation in ["DescribeKinesisStreamingDestination", "DescribeContributorInsights"] {
        let denied = Fault::access_denied(&format!("dynamodb:{operation}"));
        stage.proxy.inject(On::operation(operation).every(), denied);
    }
    let listed = stage.json(&["list", "--long"], 0);
    assert_eq!(listed["undescribed"][0]["setting"], "KinesisDataStreamDestinations");
    let output = stage.run(&["list", "--long"], 0);
    assert!(
        output.stderr.contains("The Kinesis destinations of Shop could not be seen: "),
        "{}",
        output.stderr
    );
    let dropped = stage.run(&["drop", "Shop", "--yes"], 0);
    let said = format!("{}{}", dropped.stdout, dropped.stderr);
    let unseen = "Whether it has Kinesis destinations or contributor insights could not be seen.";
    assert!(said.contains(unseen), "{said}");
}

/// Returns the operations of a push.
fn calls(report: &Value) -> Vec<String> {
    let steps = report["plan"]["steps"].as_array().into_iter().flatten();
    steps.map(|step| step["call"].as_str().unwrap().to_owned()).collect()
}

/// MiniStack has contributor insights, but does not store their mode.
#[test]
fn contributor_insights_are_turned_on_and_off() {
    let stage = Stage::at(Ministack::from_env().isolated(), "contributorInsights: true");
    let look = || {
        stage.boto3(
            r#"
            answer = client.describe_contributor_insights(TableName="Shop")
            result = answer["ContributorInsightsStatus"]
            "#,
        )
    };
    let created = stage.json(&["push", "--yes"], 0);
    assert_eq!(calls(&created), ["CreateTable", "UpdateContributorInsights"]);
    assert_eq!(look(), "ENABLED");
    assert_eq!(calls(&stage.json(&["push", "--yes"], 0)), [""; 0]);

    stage.settle("contributorInsights: false");
    let ended = stage.json(&["push", "--yes"], 0);
    assert_eq!(calls(&ended), ["UpdateContributorInsights"]);
    assert_eq!(look(), "DISABLED");
    assert_eq!(calls(&stage.json(&["push", "--yes"], 0)), [""; 0]);
}

#[test]
fn changes_go_to_a_kinesis_stream_to_another_and_to_none() {
    let arn = |name: &str| format!("arn:aws:kinesis:us-east-1:000000000000:stream/{name}");
    let to = |name: &str| format!("kinesisDestination: \"{}\"", arn(name));
    let stage = Stage::at(Ministack::from_env().isolated(), &to("orders"));
    let look = || {
        stage.boto3(
            r#"
            answer = client.describe_kinesis_streaming_destination(TableName="Shop")
            found = answer["KinesisDataStreamDestinations"]
            result = [[one["StreamArn"], one["ApproximateCreationDateTimePrecision"]]
                for one in found if one["DestinationStatus"] == "ACTIVE"]
            "#,
        )
    };
    let created = stage.json(&["push", "--yes"], 0);
    assert_eq!(calls(&created), ["CreateTable", "EnableKinesisStreamingDestination"]);
    assert_eq!(look(), json!([[arn("orders"), "MILLISECOND"]]));
    assert_eq!(calls(&stage.json(&["push", "--yes"], 0)), [""; 0]);

    let precise = format!(
        "kinesisDestination: {{ streamArn: \"{}\", timestampPrecision: \"MICROSECOND\" }}",
        arn("orders")
    );
    stage.settle(&precise);
    let changed = stage.json(&["push", "--yes"], 0);
    assert_eq!(calls(&changed), ["UpdateKinesisStreamingDestination"]);
    assert_eq!(look(), json!([[arn("orders"), "MICROSECOND"]]));

    stage.settle(&to("audit"));
    let refused = stage.json(&["push"], 4);
    assert_eq!(refused["plan"]["steps"][0]["hazards"][0]["kind"], "disables-stream");
    let exchanged = stage.json(&["push", "--yes"], 0);
    let both = ["DisableKinesisStreamingDestination", "EnableKinesisStreamingDestination"];
    assert_eq!(calls(&exchanged), both);
    assert_eq!(look(), json!([[arn("audit"), "MILLISECOND"]]));

    stage.settle("kinesisDestination: false");
    let ended = stage.json(&["push", "--yes"], 0);
    assert_eq!(calls(&ended), ["DisableKinesisStreamingDestination"]);
    assert_eq!(look(), json!([]));
    assert_eq!(calls(&stage.json(&["push", "--yes"], 0)), [""; 0]);
}
