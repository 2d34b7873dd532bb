//! `mizzle pull`: existing tables are converted to a project, and the project matches them.

mod config;
mod entities;
mod files;
mod terminal;
mod zoo;

use crate::support::{BINARY, CONFIG};
use mizzle_test::{Boto3, Database, DynamoDbLocal, FaultProxy, TempProject};
use serde_json::{Value, json};

/// Python that creates tables from a short notation:
/// `create("Shop", "pk:S sk:N", gsis={"byMail": "mail:S"})`.
pub(crate) const CREATE: &str = r#"
def key(words):
    return [
        {"AttributeName": word.rsplit(":", 1)[0], "KeyType": "RANGE" if place else "HASH"}
        for place, word in enumerate(words.split("|"))
    ]

def projection(value):
    if isinstance(value, list):
        return {"ProjectionType": "INCLUDE", "NonKeyAttributes": value}
    return {"ProjectionType": value}

def create(name, own, gsis={}, lsis={}, **more):
    types = {}
    def learn(words):
        types.update(word.rsplit(":", 1) for word in words.split("|"))
    learn(own)
    fields = {}
    def indexes(field, given, before=""):
        made = []
        for index, value in given.items():
            words, what, *rest = value if isinstance(value, tuple) else (value, "ALL")
            learn(words)
            made.append({
                "IndexName": index,
                "KeySchema": key(before + words),
                "Projection": projection(what),
                **(rest[0] if rest else {}),
            })
        if made:
            fields[field] = made
    indexes("GlobalSecondaryIndexes", gsis)
    indexes("LocalSecondaryIndexes", lsis, own.split("|")[0] + "|")
    if "BillingMode" not in more:
        more["BillingMode"] = "PAY_PER_REQUEST"
    client.create_table(
        TableName=name,
        KeySchema=key(own),
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": type} for name, type in types.items()
        ],
        **fields,
        **more,
    )
    while client.describe_table(TableName=name)["Table"]["TableStatus"] != "ACTIVE":
        pass

def units(read, write):
    return {"ProvisionedThroughput": {"ReadCapacityUnits": read, "WriteCapacityUnits": write}}

result = None
"#;

pub(crate) fn python(database: &Database, snippet: &str) -> Value {
    Boto3::from_env().run(database, &format!("{CREATE}\n{snippet}"))
}

/// A database, a proxy in front of it, and a project with only a config.
struct Stage {
    project: TempProject,
    database: Database,
    proxy: FaultProxy,
}

impl Stage {
    fn at(database: Database) -> Self {
        let proxy = FaultProxy::start(&database.endpoint);
        let project = TempProject::new(BINARY);
        project.write("mizzle.config.ts", CONFIG);
        project.connect(&database.through(&proxy));
        Self { project, database, proxy }
    }

    /// Creates two tables.
    fn small() -> Self {
        let stage = Self::at(DynamoDbLocal::from_env().isolated());
        python(
            &stage.database,
            r#"
create("Shop", "pk:S|sk:S", gsis={"byMail": "mail:S", "byAge": ("age:N|pk:S", "KEYS_ONLY")}, lsis={"byDay": ("day:B", ["total"])},
       StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}, Tags=[{"Key": "team", "Value": "shop"}])
create("Users", "id:N")
"#,
        );
        stage
    }

    fn pull(&self, args: &[&str]) -> Value {
        let args = [&["pull", "--json"], args].concat();
        self.project.mizzle(args).run().assert_code(0).json()
    }

    /// Asserts that all commands find nothing to do and write nothing.
    #[track_caller]
    fn assert_settled(&self) {
        let json = |args: &[&str]| self.project.mizzle(args).run().assert_code(0).json();
        self.proxy.forget_requests();
        let generated = json(&["generate", "--json"]);
        assert_eq!(generated["migration"], Value::Null, "{generated:#}");
        let pushed = json(&["push", "--yes", "--json"]);
        assert_eq!(pushed["plan"]["steps"], json!([]), "{pushed:#}");
        assert_eq!(pushed["outcome"], "in_sync");
        let migrated = json(&["migrate", "--json"]);
        assert_eq!(migrated["outcome"], "in_sync", "{migrated:#}");
        let status = json(&["status", "--exit-code", "--json"]);
        assert_eq!(status["drift"], json!([]));
        json(&["check", "--json"]);
        assert_eq!(self.proxy.writes(), []);
    }
}

#[test]
fn what_a_person_sees() {
    let stage = Stage::small();
    let show = |name: &str, args: &[&str], code| {
        let output = stage.project.mizzle(args).run().assert_code(code);
        insta::assert_snapshot!(name, output.snapshot());
    };
    show("dry_run", &["pull", "--dry-run"], 0);
    assert_eq!(stage.project.files(), ["mizzle.config.ts"]);
    // Creating the ledger, a new table, was not confirmed.
    show("written", &["pull"], 0);
    assert_eq!(stage.proxy.writes(), []);
    insta::assert_snapshot!(stage.project.read("schema.ts"), @r#"
    import { binary, dynamoTable, number, string } from "mizzle-cli/schema";

    export const shop = dynamoTable("Shop", { pk: string("pk"), sk: string("sk") })
      .gsi("byAge", {
        pk: number("age"),
        sk: string("pk"),
        projection: "KEYS_ONLY",
      })
      .gsi("byMail", { pk: string("mail") })
      .lsi("byDay", { sk: binary("day"), projection: ["total"] });

    export const users = dynamoTable("Users", { pk: number("id") });
    "#);
    show("nothing_matches", &["pull", "--tables", "Shopp*"], 2);
    stage.project.mizzle(["migrate", "--baseline"]).run().assert_code(0);
    stage.assert_settled();
    // The existing files equal the output.
    show("again", &["pull"], 0);
    stage.assert_settled();
}

#[test]
fn a_document_says_it_all() {
    let stage = Stage::small();
    let report = stage.pull(&["--yes"]);
    let mut report = report;
    report["target"].take();
    insta::assert_snapshot!(stage.project.redact(&format!("{report:#}")));
    stage.assert_settled();
    let empty = Stage::at(DynamoDbLocal::from_env().isolated());
    let report = empty.pull(&["--yes"]);
    assert_eq!((&report["tables"], &report["files"]), (&json!([]), &json!([])));
    assert_eq!(empty.project.files(), ["mizzle.config.ts"]);
    // Without a config, the path of the schema is unknown.
    empty.project.remove("mizzle.config.ts");
    let args = ["pull", "--json", "--endpoint", "local"];
    let report = empty.project.mizzle(args).run().assert_code(2).json();
    assert_eq!(report["error"]["kind"], "config-not-found");
}

#[test]
fn the_embedded_server_can_be_pulled_too() {
    let source = crate::support::shop();
    source.mizzle(["push", "--yes"]).run().assert_code(0);
    let project = TempProject::new(BINARY);
    project.write("mizzle.config.ts", CONFIG);
    std::fs::create_dir(project.path().join(".mizzle")).unwrap();
    let database = source.path().join(".mizzle/local.db");
    std::fs::copy(database, project.path().join(".mizzle/local.db")).unwrap();
    project.mizzle(["pull", "--yes"]).run().assert_code(0);
    let report = project.mizzle(["generate", "--json"]).run().assert_code(0).json();
    assert_eq!(report["migration"], Value::Null);
    project.mizzle(["status", "--exit-code"]).run().assert_code(0);
    let report = project.mizzle(["push", "--json"]).run().assert_code(0).json();
    assert_eq!(report["outcome"], "in_sync");
}

/// Names in an environment are those of the schema with a prefix or suffix.
#[test]
fn an_environment_is_pulled_under_the_names_of_the_schema() {
    let stage = Stage::at(DynamoDbLocal::from_env().isolated());
    stage.project.replace(
        "mizzle.config.ts",
        "};\n",
        "  environments: {\n    staging: {\n      tableName: { prefix: \"stg-\" },\n      tables: { \"*\": { deletionProtection: true } },\n    },\n  },\n};\n",
    );
    python(
        &stage.database,
        r#"
create("stg-Shop", "pk:S", DeletionProtectionEnabled=True, StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
create("stg-mizzle_migrations", "id:S")
create("mizzle_migrations", "id:S")
create("Other", "pk:S")
client.delete_table(TableName="stg-mizzle_migrations")
"#,
    );
    let report = stage.pull(&["--env", "staging", "--yes"]);
    assert_eq!(report["tables"].as_array().unwrap().len(), 1, "{report:#}");
    let names = ["name", "table", "export"].map(|field| &report["tables"][0][field]);
    assert_eq!(names, ["Shop", "stg-Shop", "shop"]);
    assert_eq!(report["baseline"], "applied");
    // The environment already protects its tables.
    let config = stage.project.read("mizzle.config.ts");
    assert!(config.contains("Shop: { stream: \"KEYS_ONLY\" }"), "{config}");
    for args in [&["status", "--exit-code"][..], &["push", "--json"], &["migrate", "--json"]] {
        let args = [args, &["--env", "staging"]].concat();
        let output = stage.project.mizzle(args).run().assert_code(0);
        assert!(!output.stdout.contains("outcome") || output.json()["outcome"] == "in_sync");
    }
    let report = stage.project.mizzle(["generate", "--json"]).run().assert_code(0).json();
    assert_eq!(report["migration"], Value::Null);
}
