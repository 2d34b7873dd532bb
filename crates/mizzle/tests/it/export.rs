//! `mizzle export`: the schema for other tools, which check it themselves: cfn-lint, a parser of
//! Terraform's language, and the CLI of AWS, which creates the tables.

use crate::support::{BINARY, shop, with_schema};
use mizzle_test::{Boto3, Database, Ministack, Readers, TempProject};
use serde_json::{Value, json};

/// Three tables that together have every setting.
const SCHEMA: &str = r#"import { dynamoEntity, dynamoTable, gsi, lsi, number, string } from "mizzle";

export const shop = dynamoTable("Shop", {
  pk: string("pk"),
  sk: string("sk"),
  indexes: {
    byEmail: gsi("email"),
    byPlace: gsi(["country", "city"], ["street", "number"], { projection: "KEYS_ONLY" }),
    byDate: lsi("createdAt", { projection: ["total", "status"] }),
  },
});

export const log = dynamoTable("log-entries.v2", {
  pk: string("source"),
  sk: number("at"),
  indexes: { byLevel: gsi("level", "at", { projection: ["message"] }) },
});

export const counters = dynamoTable("Counters", {
  pk: string("name"),
  indexes: { byShard: gsi("shard") },
});

export const entities = [
  dynamoEntity(shop, "Order", {
    email: string(), country: string(), city: string(), street: string(), number: number(), createdAt: number(),
  }),
  dynamoEntity(log, "Entry", { level: number() }),
  dynamoEntity(counters, "Counter", { shard: number() }),
];
"#;

const CONFIG: &str = r#"export default {
  schema: "./schema.ts",
  endpoint: "local",
  tables: {
    "*": { deletionProtection: true, tags: { team: "shop", "cost:center": "${12} 'a' \"b\"" } },
    Shop: {
      readCapacity: 5,
      writeCapacity: 4,
      warmThroughput: { reads: 13000, writes: 5000 },
      timeToLive: "expiresAt",
      stream: "NEW_AND_OLD_IMAGES",
      pointInTimeRecovery: { days: 7 },
      tableClass: "STANDARD_INFREQUENT_ACCESS",
      encryption: { kmsKey: "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab" },
      indexes: { byEmail: { readCapacity: 2, writeCapacity: 1, warmThroughput: { reads: 12500, writes: 4500 } } },
      POLICY
    },
    "log-entries.v2": {
      billingMode: "PAY_PER_REQUEST",
      onDemandMaximum: { reads: 1000 },
      warmThroughput: { reads: 15000, writes: 6000 },
      pointInTimeRecovery: true,
      encryption: "managed",
      tableClass: "STANDARD",
      timeToLive: false,
      stream: false,
      tags: { team: "platform" },
      indexes: { "*": { onDemandMaximum: { reads: 500, writes: 100 }, warmThroughput: { reads: 14000, writes: 4000 } } },
    },
    Counters: {
      capacity: "autoscaled",
      readCapacity: 3,
      writeCapacity: 2,
      warmThroughput: { reads: 200, writes: 100 },
      encryption: "owned",
      deletionProtection: false,
      pointInTimeRecovery: false,
      resourcePolicy: false,
    },
  },
};
"#;

const POLICY: &str = r#"resourcePolicy: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { AWS: "123456789012" },
            Action: ["dynamodb:GetItem", "dynamodb:Query"],
            Resource: "arn:aws:dynamodb:us-east-1:123456789012:table/Shop",
            Condition: { StringEquals: { "aws:PrincipalTag/team": "${aws:username}" } },
          },
        ],
      },"#;

fn everything() -> TempProject {
    let project = with_schema(SCHEMA);
    project.write("mizzle.config.ts", &CONFIG.replace("POLICY", POLICY));
    project
}

#[test]
fn every_setting_in_every_format() {
    let project = everything();
    for (name, args) in [
        ("cloudformation_yaml", &["cloudformation"][..]),
        ("cloudformation_json", &["cfn", "--syntax", "json"]),
        ("terraform", &["terraform"]),
        ("aws_cli_json", &["aws-cli"]),
        ("aws_cli_sh", &["aws-cli", "--syntax", "sh"]),
    ] {
        let output = project.mizzle([&["export"], args].concat()).run().assert_code(0);
        insta::assert_snapshot!(name, output.snapshot());
    }
    // No server was called.
    assert!(!project.exists(".mizzle"));
}

#[test]
fn an_example_in_every_format() {
    let project = TempProject::from_example(BINARY, "shop");
    for format in ["cloudformation", "terraform", "aws-cli"] {
        let output = project.mizzle(["export", format]).run().assert_code(0);
        insta::assert_snapshot!(format!("example_{format}"), output.snapshot());
    }
}

#[test]
fn nothing_is_said_against_the_templates() {
    let projects = [everything(), TempProject::from_example(BINARY, "shop")];
    let mut templates = Vec::new();
    for project in &projects {
        for file in ["tables.yaml", "tables.json"] {
            project.mizzle(["export", "cloudformation", "-o", file]).run().assert_code(0);
            templates.push(project.path().join(file));
        }
    }
    let readers = Readers::from_env();
    readers.lint(&templates.iter().map(std::path::PathBuf::as_path).collect::<Vec<_>>());
}

#[test]
fn the_linter_is_listened_to() {
    let project = everything();
    project.mizzle(["export", "cloudformation", "-o", "tables.yaml"]).run().assert_code(0);
    project.replace("tables.yaml", "BillingMode: PAY_PER_REQUEST", "BilingMode: PAY_PER_REQUEST");
    let template = project.path().join("tables.yaml");
    let judged = std::panic::catch_unwind(|| Readers::from_env().lint(&[&template]));
    let message = judged.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains("BilingMode"), "{message}");
}

/// Removes the quotes that python-hcl2 leaves around strings.
fn unquoted(value: &Value) -> &str {
    value.as_str().unwrap().trim_matches('"')
}

#[test]
fn terraform_is_read_by_others() {
    let project = everything();
    project.mizzle(["export", "terraform", "-o", "tables.tf"]).run().assert_code(0);
    let read = Readers::from_env().terraform(&project.path().join("tables.tf"));
    let mut resources = Vec::new();
    for resource in read["resource"].as_array().unwrap() {
        for (kind, named) in resource.as_object().unwrap() {
            for (name, body) in named.as_object().unwrap() {
                resources
                    .push((format!("{}.{}", kind.trim_matches('"'), name.trim_matches('"')), body));
            }
        }
    }
    let names: Vec<&str> = resources.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "aws_dynamodb_table.counters",
            "aws_dynamodb_table.shop",
            "aws_dynamodb_resource_policy.shop",
            "aws_dynamodb_table.log_entries_v2",
        ]
    );
    let shop = resources[1].1;
    assert_eq!(unquoted(&shop["name"]), "Shop");
    assert_eq!(shop["read_capacity"], 5);
    assert_eq!(shop["global_secondary_index"].as_array().unwrap().len(), 2);
    assert_eq!(shop["global_secondary_index"][1]["key_schema"].as_array().unwrap().len(), 4);
    assert_eq!(shop["lifecycle"][0]["prevent_destroy"], true);
}

/// Describes the tables with boto3.
fn described(project: &TempProject, database: &Database) -> Value {
    let described = Boto3::from_env().describe(database);
    // The ARNs of AWS managed keys contain the account.
    serde_json::from_str(&project.redact(&described.to_string())).unwrap()
}

/// Returns the settings without those that MiniStack does not store: the days of a recovery, the
/// warm throughput of tables (other than indexes), and a policy in CreateTable.
fn kept_by_ministack() -> String {
    let is_kept =
        |line: &&str| !line.starts_with("      warmThroughput") && line.trim() != "POLICY";
    let kept: Vec<&str> = CONFIG.lines().filter(is_kept).collect();
    kept.join("\n").replace("{ days: 7 }", "true")
}

#[test]
fn the_cli_of_aws_makes_the_tables_of_a_push() {
    let project = everything();
    let by_push = Ministack::from_env().isolated();
    let copy = project.copy();
    copy.connect(&by_push);
    copy.mizzle(["push", "--yes"]).run().assert_code(0);
    let mut expected = described(&project, &by_push);
    // MiniStack accepts a policy in CreateTable, like DynamoDB, but does not store it.
    assert!(expected["Shop"].as_object_mut().unwrap().remove("ResourcePolicy").is_some());

    let readers = Readers::from_env();
    let made_by: [fn(&Readers, &TempProject, &Database); 2] = [
        |readers, project, database| {
            project.mizzle(["export", "aws-cli", "-o", "tables.json"]).run().assert_code(0);
            let commands: Value = serde_json::from_str(&project.read("tables.json")).unwrap();
            for command in commands.as_array().unwrap() {
                let line = command["command"].as_str().unwrap();
                readers.aws(database, line, &command["input"]).assert_code(0);
            }
        },
        |readers, project, database| {
            project.mizzle(["export", "aws-cli", "-o", "tables.sh"]).run().assert_code(0);
            readers.script(database, &project.path().join("tables.sh")).assert_code(0);
        },
    ];
    for make in made_by {
        let database = Ministack::from_env().isolated();
        make(&readers, &project, &database);
        assert_eq!(described(&project, &database), expected);
        let project = project.copy();
        project.write("mizzle.config.ts", &kept_by_ministack());
        project.connect(&database);
        let pushed = project.mizzle(["push", "--yes", "--json"]).run().assert_code(0).json();
        assert_eq!((&pushed["outcome"], &pushed["plan"]["steps"]), (&json!("in_sync"), &json!([])));
    }
}

/// Fields of a config for two environments.
const ENVIRONMENTS: &str = r#"  environments: {
    staging: {
      tableName: { prefix: "staging-" },
      tables: { "*": { deletionProtection: true }, Shop: { timeToLive: "expires" } },
    },
    production: { tableName: { suffix: ".prod" } },
  },
};
"#;

#[test]
fn an_environment_has_its_names_and_settings() {
    let project = shop();
    project.replace("mizzle.config.ts", "};\n", ENVIRONMENTS);
    let output = project
        .mizzle(["export", "cloudformation", "--env", "staging", "--syntax", "json"])
        .run()
        .assert_code(0);
    let properties = |id: &str, template: &Value| template["Resources"][id]["Properties"].clone();
    let staging = properties("Shop", &output.json());
    assert_eq!(staging["TableName"], "staging-Shop");
    assert_eq!(staging["DeletionProtectionEnabled"], true);
    assert_eq!(staging["TimeToLiveSpecification"]["AttributeName"], "expires");
    // In every environment, a resource is named after the schema; and a table can be selected by
    // either of its names.
    for pattern in ["Shop", "Shop.prod", "S*"] {
        let args = ["export", "cfn", "--syntax", "json", "--tables", pattern];
        let output = project.mizzle(args).env("MIZZLE_ENV", "production").run().assert_code(0);
        let production = properties("Shop", &output.json());
        assert_eq!(production["TableName"], "Shop.prod");
        assert_eq!(production.get("DeletionProtectionEnabled"), None);
    }
}

#[test]
fn a_document_says_it_all() {
    let project = everything();
    let args = ["export", "terraform", "--json", "--tables", "Count*", "--output", "out/tables.tf"];
    let output = project.mizzle(args).run().assert_code(0);
    insta::assert_snapshot!("document", output.snapshot());
    assert_eq!(output.json()["text"], project.read("out/tables.tf"));
}

#[test]
fn a_file_is_only_written_anew_with_force() {
    let project = everything();
    let export = |args: &[&str]| project.mizzle([&["export"], args].concat()).run();
    let terraform = ["terraform", "-o", "tables.tf"];
    insta::assert_snapshot!(export(&terraform).assert_code(0).snapshot(), @"
    $ mizzle export terraform -o tables.tf
    [exit code: 0]
    [stdout]
    tables.tf
    [stderr]
    warning: Counters, capacity: it is autoscaled, and Terraform leaves the numbers alone once the table is there: add an aws_appautoscaling_target and an aws_appautoscaling_policy for reads and for writes
    warning: Counters, indexes.byShard.capacity: it is autoscaled, and Terraform would set the numbers back whenever it is run: add global_secondary_index to ignore_changes once the index is there, and an aws_appautoscaling_target and an aws_appautoscaling_policy for reads and for writes
    warning: Counters, warmThroughput: it is left out, since Terraform takes no less than 12000 reads, 4000 writes a second, and 200 reads, 100 writes are wanted
    warning: Shop, indexes.byEmail.warmThroughput: DynamoDB raises it as traffic grows, and Terraform would then plan to lower it, which AWS refuses: add global_secondary_index to ignore_changes once the index is there
    warning: log-entries.v2, indexes.byLevel.warmThroughput: DynamoDB raises it as traffic grows, and Terraform would then plan to lower it, which AWS refuses: add global_secondary_index to ignore_changes once the index is there
    Wrote 3 tables for Terraform
    ");
    let text = project.read("tables.tf");
    assert_eq!(text, export(&["terraform"]).assert_code(0).stdout);
    // The same content again is not refused.
    insta::assert_snapshot!(export(&terraform).assert_code(0).snapshot(), @"
    $ mizzle export terraform -o tables.tf
    [exit code: 0]
    [stdout]
    tables.tf
    [stderr]
    warning: Counters, capacity: it is autoscaled, and Terraform leaves the numbers alone once the table is there: add an aws_appautoscaling_target and an aws_appautoscaling_policy for reads and for writes
    warning: Counters, indexes.byShard.capacity: it is autoscaled, and Terraform would set the numbers back whenever it is run: add global_secondary_index to ignore_changes once the index is there, and an aws_appautoscaling_target and an aws_appautoscaling_policy for reads and for writes
    warning: Counters, warmThroughput: it is left out, since Terraform takes no less than 12000 reads, 4000 writes a second, and 200 reads, 100 writes are wanted
    warning: Shop, indexes.byEmail.warmThroughput: DynamoDB raises it as traffic grows, and Terraform would then plan to lower it, which AWS refuses: add global_secondary_index to ignore_changes once the index is there
    warning: log-entries.v2, indexes.byLevel.warmThroughput: DynamoDB raises it as traffic grows, and Terraform would then plan to lower it, which AWS refuses: add global_secondary_index to ignore_changes once the index is there
    Nothing to write: the file says all of it for 3 tables
    ");

    project.write("tables.tf", "mine");
    insta::assert_snapshot!(export(&terraform).assert_code(4).snapshot(), @"
    $ mizzle export terraform -o tables.tf
    [exit code: 4]
    [stderr]
    error: tables.tf already exists with other content
      help: overwrite it with --force, or name another file with --output
    ");
    assert_eq!(project.read("tables.tf"), "mine");
    export(&["terraform", "-o", "tables.tf", "--force"]).assert_code(0);
    assert_eq!(project.read("tables.tf"), text);

    project.write("out/tables.tf", "mine");
    insta::assert_snapshot!(export(&["terraform", "-o", "out"]).assert_code(2).snapshot(), @"
    $ mizzle export terraform -o out
    [exit code: 2]
    [stderr]
    error: out is a folder
      help: name a file: --output out/tables
    ");
    let below_a_file = ["terraform", "-o", "tables.tf/tables.tf", "--force"];
    insta::assert_snapshot!(export(&below_a_file).assert_code(1).snapshot(), @"
    $ mizzle export terraform -o tables.tf/tables.tf --force
    [exit code: 1]
    [stderr]
    error: Could not write tables.tf/tables.tf: tables.tf is a file
      help: let this user write there, or name another file with --output
    ");
    assert_eq!(project.files(), ["mizzle.config.ts", "out/tables.tf", "schema.ts", "tables.tf"]);
}

#[test]
fn standard_output_has_a_name_too() {
    let project = everything();
    let printed = project.mizzle(["export", "terraform"]).run().assert_code(0).stdout;
    let named = project.mizzle(["export", "terraform", "--output", "-"]).run().assert_code(0);
    assert_eq!(named.stdout, printed);
    assert!(!project.exists("-"));
}

#[cfg(unix)]
#[test]
fn only_files_are_written_anew() {
    let project = everything();
    let args = ["export", "terraform", "--output", "/dev/null", "--force"];
    let output = project.mizzle(args).run().assert_code(2);
    assert!(output.stderr.contains("/dev/null is a device"), "{}", output.stderr);
}

#[test]
fn what_makes_no_sense_is_said() {
    let project = everything();
    for (name, args) in [
        ("unknown_table", &["terraform", "--tables", "Shp", "--tables", "Counters"][..]),
        ("invalid_pattern", &["terraform", "--tables", "{"]),
        ("unknown_format", &["cloudformatio"]),
        ("no_format", &[]),
        ("terraform_in_json", &["terraform", "-o", "tables.tf.json"]),
        ("cloudformation_as_script", &["cloudformation", "--syntax", "sh"]),
        ("force_without_a_file", &["terraform", "--force"]),
    ] {
        let output = project.mizzle([&["export"], args].concat()).run().assert_code(2);
        insta::assert_snapshot!(name, output.snapshot());
    }
    let project = with_schema("export {};\n");
    let output = project.mizzle(["export", "terraform"]).run().assert_code(2);
    insta::assert_snapshot!(output.snapshot(), @r#"
    $ mizzle export terraform
    [exit code: 2]
    [stderr]
    warning: No table is exported by schema.ts
    error: The schema has no table to export
      help: export a table from one of the schema files: dynamoTable("Shop", …)
    "#);
}
