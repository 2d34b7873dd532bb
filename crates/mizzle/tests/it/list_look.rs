//! The appearance of a list: in terminals of several widths, and in a pipe.

use crate::support::{BINARY, shop, with_schema};
use mizzle_test::{
    Boto3, Database, Fault, FaultProxy, Ministack, On, Screen, Serving, TempProject,
};
use std::time::Duration;

/// Typical tables of projects: one for all entities, one with rare features.
const SCHEMA: &str = r#"import { dynamoEntity, dynamoTable, gsi, lsi, number, string } from "mizzle";

export const shop = dynamoTable("Shop", {
  pk: string("pk"),
  sk: string("sk"),
  indexes: {
    byEmail: gsi("email", { projection: "KEYS_ONLY" }),
    byStatus: gsi("status", "placedAt", { projection: ["imageUrl", "name", "total"] }),
    byTotal: lsi("total"),
  },
});
export const orders = dynamoEntity(shop, "Order", {
  email: string(), status: string(), placedAt: number(), total: number(), name: string(), imageUrl: string(),
});
export const users = dynamoTable("Users", { pk: string("id") });
"#;

/// An embedded server, and a project whose requests go through a proxy to it.
struct Stage {
    project: TempProject,
    database: Database,
    proxy: FaultProxy,
    _server: (TempProject, Serving),
}

impl Stage {
    /// Creates the tables of a schema.
    fn new(schema: &str) -> Self {
        let host = TempProject::new(BINARY);
        let serving = host.mizzle(["local", "--port", "0", "--in-memory"]).serve();
        let proxy = FaultProxy::start(serving.endpoint());
        let project = with_schema(schema);
        let database = serving.database().through(&proxy);
        project.connect(&database);
        project.mizzle(["push", "--yes"]).run().assert_code(0);
        Self { project, database, proxy, _server: (host, serving) }
    }

    fn screen(&self, args: &[&str], columns: u16) -> (String, u32) {
        let Screen { code, text } = self.project.mizzle(args).in_terminal(columns, 120).finish();
        (text, code)
    }
}

#[test]
fn a_table_or_cards() {
    let stage = Stage::new(SCHEMA);
    for columns in [40, 100, 200] {
        let (text, code) = stage.screen(&["list"], columns);
        insta::assert_snapshot!(format!("terminal_{columns}"), text);
        assert_eq!(code, 0);
    }
    let output = stage.project.mizzle(["list"]).run().assert_code(0);
    insta::assert_snapshot!("plain", output.snapshot());
    let quiet = stage.project.mizzle(["list", "--quiet"]).run().assert_code(0);
    assert_eq!((quiet.stdout, quiet.stderr.as_str()), (output.stdout, ""));
}

/// The screen in the README is the real one.
#[test]
fn the_readme_shows_what_is_shown() {
    let project = TempProject::from_example(BINARY, "shop");
    project.mizzle(["push", "--yes"]).run().assert_code(0);
    let Screen { text, .. } = project.mizzle(["list"]).in_terminal(100, 40).finish();
    let readme = include_str!("../../../../README.md");
    assert!(readme.contains(&format!("$ mizzle list\n{text}\n```\n")), "{text}");
}

/// MiniStack supports every setting.
#[test]
fn everything_that_there_is_to_know() {
    let database = Ministack::from_env().isolated();
    let project = with_schema(SCHEMA);
    project.connect(&database);
    project.replace(
        "mizzle.config.ts",
        "};\n",
        r#"  tables: {
    Shop: {
      onDemandMaximum: { reads: 100, writes: 50 },
      timeToLive: "expires",
      stream: "NEW_AND_OLD_IMAGES",
      pointInTimeRecovery: { days: 7 },
      deletionProtection: true,
      tableClass: "STANDARD_INFREQUENT_ACCESS",
      encryption: { kmsKey: "arn:aws:kms:us-east-1:111122223333:key/3b1d" },
      tags: { team: "shop", cost: "42" },
      resourcePolicy: { Version: "2012-10-17", Statement: [] },
    },
    Users: { readCapacity: 5, writeCapacity: 1 },
  },
};
"#,
    );
    project.mizzle(["push", "--yes"]).run().assert_code(0);
    for columns in [40, 100] {
        let long = project.mizzle(["list", "--long"]).in_terminal(columns, 120);
        let Screen { code, text } = long.finish();
        insta::assert_snapshot!(format!("long_{columns}"), text);
        assert_eq!(code, 0);
    }
    let output = project.mizzle(["list", "--long"]).run().assert_code(0);
    insta::assert_snapshot!("long_plain", output.snapshot());
    let output = project.mizzle(["list", "--long", "--json", "Shop"]).run().assert_code(0);
    insta::assert_snapshot!("long_json", output.snapshot());
}

/// A missing operation of the embedded server is neither an error nor a setting.
#[test]
fn what_a_server_does_not_know() {
    let stage = Stage::new(SCHEMA);
    let (text, code) = stage.screen(&["list", "--long", "Users"], 100);
    insta::assert_snapshot!(text, @"
    ┌   mizzle list
    │
    Users
      Status      ACTIVE
      PK          id S
      Billing     PAY_PER_REQUEST
      Items       0 (0 B)
      Maximum     none
      TTL         off
      Stream      off
      PITR        unsupported
      Protection  off
      Class       STANDARD
      Encryption  owned key
      Policy      unsupported
      Tags        0
      Created     [timestamp]
      Kinesis     unsupported
      Insights    unsupported
    └  1 of 2 tables at http://127.0.0.1:[port] (us-east-1)
    ");
    assert_eq!(code, 0);
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let stage = Stage::new(SCHEMA);
    let styled = |name: &str, value: &str, args: &[&str]| {
        let list = stage.project.mizzle(args).env(name, value);
        list.in_terminal(100, 40).is_styled()
    };
    assert!(styled("OTHER", "1", &["list"]));
    for args in [&["list"][..], &["list", "--long"]] {
        assert!(!styled("NO_COLOR", "1", args));
        assert!(!styled("CI", "true", args));
        assert!(!styled("OTHER", "1", &[args, &["--color", "never"]].concat()));
    }
    let output = stage.project.mizzle(["list", "--color", "always"]).run().assert_code(0);
    assert!(!output.stdout.contains('\u{1b}'), "{}", output.stdout);
}

#[test]
fn progress_is_seen_while_it_takes_its_time() {
    let stage = Stage::new(SCHEMA);
    stage.proxy.inject(On::operation("ListTables"), Fault::Delay(Duration::from_secs(2)));
    let describing = On::operation("DescribeTable").table("Shop");
    stage.proxy.inject(describing, Fault::Delay(Duration::from_secs(2)));
    let mut terminal = stage.project.mizzle(["list"]).in_terminal(100, 40);
    terminal.wait_for("Listing tables").wait_for("Describing tables: 1 of 2");
    let Screen { code, text } = terminal.finish();
    assert!(!text.contains("ing tables"), "{text}");
    assert!(text.ends_with("└  2 tables at http://127.0.0.1:[port] (us-east-1)"));
    assert_eq!(code, 0);
}

#[test]
fn tables_and_indexes_that_are_not_ready() {
    let stage = Stage::new(SCHEMA);
    let hold = Fault::Hold { looks: usize::MAX };
    stage.proxy.inject(On::operation("UpdateTable"), hold.clone());
    stage.proxy.inject(On::operation("CreateTable"), hold);
    Boto3::from_env().run(
        &stage.database,
        r#"
        client.update_table(
            TableName="Users",
            AttributeDefinitions=[{"AttributeName": "email", "AttributeType": "S"}],
            GlobalSecondaryIndexUpdates=[{"Create": {
                "IndexName": "byEmail",
                "KeySchema": [{"AttributeName": "email", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }}],
        )
        client.create_table(
            TableName="Carts",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        result = None
        "#,
    );
    for columns in [40, 120] {
        let (text, code) = stage.screen(&["list", "{Carts,Users}"], columns);
        insta::assert_snapshot!(format!("not_ready_{columns}"), text);
        assert_eq!(code, 0);
    }
    let output = stage.project.mizzle(["list", "{Carts,Users}"]).run().assert_code(0);
    insta::assert_snapshot!("not_ready_plain", output.snapshot());
}

/// Names of 255 characters, with little space.
#[test]
fn the_longest_names_in_a_narrow_terminal() {
    let (table, index) =
        ("LongTable".repeat(29)[..255].to_owned(), "longIndex".repeat(29)[..255].to_owned());
    let schema = format!(
        "import {{ dynamoEntity, dynamoTable, gsi, string }} from \"mizzle\";\n\
         export const t = dynamoTable({table:?}, {{ pk: string(\"pk\"), indexes: {{ {index}: gsi(\"email\") }} }});\n\
         export const e = dynamoEntity(t, \"E\", {{ email: string() }});\n"
    );
    let stage = Stage::new(&schema);
    let (text, code) = stage.screen(&["list"], 40);
    insta::assert_snapshot!("longest_40", text);
    assert_eq!(code, 0);
    let (text, _) = stage.screen(&["list"], 140);
    insta::assert_snapshot!(text, @"
    ┌   mizzle list
    │
    NAME                                                                    KIND   PK       SK  PROJECTION  STATUS  BILLING          ITEMS  SIZE
    LongTableLongTableLongTableLongTableLongTableLongTableLongTableLongTab  table  pk S                     ACTIVE  PAY_PER_REQUEST      0   0 B
    leLongTableLongTableLongTableLongTableLongTableLongTableLongTableLongT
    ableLongTableLongTableLongTableLongTableLongTableLongTableLongTableLon
    gTableLongTableLongTableLongTableLongTableLon
      longIndexlongIndexlongIndexlongIndexlongIndexlongIndexlongIndexlongI  GSI    email S      ALL         ACTIVE                       0   0 B
      ndexlongIndexlongIndexlongIndexlongIndexlongIndexlongIndexlongIndexl
      ongIndexlongIndexlongIndexlongIndexlongIndexlongIndexlongIndexlongIn
      dexlongIndexlongIndexlongIndexlongIndexlongIndexlon
    └  1 table at http://127.0.0.1:[port] (us-east-1)
    ");
    let output = stage.project.mizzle(["list"]).run().assert_code(0);
    assert!(output.stdout.contains(&format!("\n{table}\t{index}\tGSI\temail S\t-\tALL\t")));
}

#[test]
fn nothing_that_matches_and_nothing_at_all() {
    let stage = Stage::new(SCHEMA);
    for (pattern, name) in [("Shpo*", "near"), ("Invoices", "far")] {
        let output = stage.project.mizzle(["list", pattern]).run().assert_code(0);
        insta::assert_snapshot!(format!("{name}_plain"), output.snapshot());
        let (text, code) = stage.screen(&["list", pattern], 100);
        insta::assert_snapshot!(name, text);
        assert_eq!(code, 0);
    }
    let empty = TempProject::new(BINARY);
    let list = empty.mizzle(["list", "--endpoint", "local"]);
    insta::assert_snapshot!(list.in_terminal(100, 20).finish().text, @"
    ┌   mizzle list
    │
    └  0 tables at embedded DynamoDB (.mizzle/local.db)
    ");
}

/// A table without the permission to describe it does not hide the others.
#[test]
fn what_the_credentials_may_not_see() {
    let stage = Stage::new(SCHEMA);
    let denied = On::operation("DescribeTable").table("Shop").every();
    stage.proxy.inject(denied, Fault::access_denied("dynamodb:DescribeTable"));
    for columns in [40, 100] {
        let (text, code) = stage.screen(&["list"], columns);
        insta::assert_snapshot!(format!("denied_{columns}"), text);
        assert_eq!(code, 1);
    }
    let output = stage.project.mizzle(["list"]).run().assert_code(1);
    insta::assert_snapshot!("denied_plain", output.snapshot());
    let mut json = stage.project.mizzle(["list", "--json"]).run().assert_code(1).json();
    json["tables"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .for_each(|table| *table = table["TableName"].take());
    insta::assert_snapshot!("denied_json", stage.project.redact(&format!("{json:#}")));

    stage.proxy.heal();
    let tags = On::operation("ListTagsOfResource").every();
    stage.proxy.inject(tags, Fault::access_denied("dynamodb:ListTagsOfResource"));
    let (text, code) = stage.screen(&["list", "--long"], 100);
    insta::assert_snapshot!("denied_tags", text);
    assert_eq!(code, 1);
    // Tables that are not requested cause no error.
    stage.project.mizzle(["list"]).run().assert_code(0);
}

/// An error that affects every table ends the list; a transient one is reported for its table.
#[test]
fn what_ends_a_list_and_what_does_not() {
    let stage = Stage::new(SCHEMA);
    stage.project.replace("mizzle.config.ts", "endpoint:", "maxAttempts: 1,\n  endpoint:");
    let describing = || On::operation("DescribeTable").table("Shop");
    for (fault, kind) in [
        (Fault::throttle(), "throttled"),
        (Fault::internal_error(), "service"),
        (Fault::refuse(400, "ValidationException", "No"), "service"),
    ] {
        stage.proxy.inject(describing(), fault);
        let output = stage.project.mizzle(["list"]).run().assert_code(1);
        assert!(output.stdout.contains(&format!("\nShop\t-\ttable\t?\t?\t-\t{kind}\t")));
        assert!(output.stdout.contains("\nUsers\t-\ttable\tid S\t"), "{}", output.stdout);
    }
    for fault in [Fault::expired_token(), Fault::CutBefore] {
        stage.proxy.inject(describing(), fault);
        let output = stage.project.mizzle(["list"]).run().assert_code(1);
        assert_eq!(output.stdout, "");
        assert!(
            output.stderr.starts_with("error: DescribeTable of Shop failed: "),
            "{}",
            output.stderr
        );
    }
}

/// The ledger is marked as such.
#[test]
fn the_table_of_the_ledger() {
    let project = shop();
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    project.mizzle(["migrate", "--yes"]).run().assert_code(0);
    for columns in [40, 100] {
        let list = project.mizzle(["list", "mizzle*"]).in_terminal(columns, 40);
        insta::assert_snapshot!(format!("ledger_{columns}"), list.finish().text);
    }
    let output = project.mizzle(["list"]).run().assert_code(0);
    let kinds: Vec<&str> =
        output.stdout.lines().skip(1).map(|line| line.split('\t').nth(2).unwrap()).collect();
    assert_eq!(kinds, ["table", "GSI", "GSI", "LSI", "ledger"]);
}

/// In an environment every table is shown, found by either name, and counted by environment.
#[test]
fn the_tables_of_an_environment() {
    let project = shop();
    let environments =
        "  environments: { staging: { tableName: { prefix: \"staging-\" } } },\n};\n";
    project.replace("mizzle.config.ts", "};\n", environments);
    project.mizzle(["push", "--yes"]).run().assert_code(0);
    project.mizzle(["push", "--yes", "--env", "staging"]).run().assert_code(0);
    for (args, name) in [
        (&["list", "--env", "staging"][..], "environment"),
        (&["list", "--env", "staging", "Sh?p"], "environment_by_name"),
        (&["list", "--env", "staging", "Shpo"], "environment_near"),
    ] {
        let Screen { code, text } = project.mizzle(args).in_terminal(100, 40).finish();
        insta::assert_snapshot!(name, text);
        assert_eq!(code, 0);
    }
}
