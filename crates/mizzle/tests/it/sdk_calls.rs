//! Scripts and configs that use the AWS SDK are refused: their calls cannot appear to have
//! succeeded.

use crate::support::{CONFIG, with_schema};
use mizzle_test::{Boto3, DynamoDbLocal, TempProject};
use serde_json::json;

const REPOSITORY: &str = r#"import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";

const doc = DynamoDBDocumentClient.from(new DynamoDBClient({}));

export const putOrder = (id: string) => doc.send(new PutCommand({ TableName: "Orders", Item: { pk: id } }));
"#;

/// Creates a project whose second migration puts two orders by `put`.
fn seeded(put: &str) -> TempProject {
    let project = with_schema(
        "import { dynamoTable, string } from \"mizzle\";\nimport \"./repository\";\n\n\
         export const orders = dynamoTable(\"Orders\", { pk: string(\"pk\") });\n",
    );
    project.write("repository.ts", REPOSITORY);
    project.mizzle(["generate", "--name", "init"]).run().assert_code(0);
    project.mizzle(["generate", "--custom", "--name", "seed"]).run().assert_code(0);
    project.write(
        "migrations/0002_seed.ts",
        &format!(
            "import type {{ Database }} from \"mizzle-cli\";\n\
             import {{ putOrder }} from \"../repository\";\n\n\
             export async function up(db: Database): Promise<void> {{\n  \
               for (const id of [\"a\", \"b\"]) {put};\n  \
               db.log(\"seeded 2 orders\");\n\
             }}\n\n\
             export async function down(): Promise<void> {{}}\n"
        ),
    );
    project
}

#[test]
fn a_script_that_uses_the_sdk_is_not_applied() {
    let database = DynamoDbLocal::from_env().isolated();
    for (name, put) in [("awaited", "await putOrder(id)"), ("not_awaited", "putOrder(id)")] {
        let project = seeded(put);
        project.connect(&database);
        for (command, code) in
            [(&["check"][..], 3), (&["migrate", "--dry-run"], 2), (&["migrate"], 2)]
        {
            let output = project.mizzle(command).run().assert_code(code);
            let said = format!("{}{}", output.stdout, output.stderr);
            assert!(said.contains("repository.ts:6:"), "{command:?}: {said}");
            assert!(said.contains("use db.put"), "{command:?}: {said}");
        }
        let status = project.mizzle(["status", "--json"]).run().json();
        // Every script is recorded before the first one is run.
        assert_eq!(status["applied"], json!([]), "{status:#}");
        let output = project.mizzle(["migrate"]).run().assert_code(2);
        insta::assert_snapshot!(name, output.snapshot());
    }

    let project = seeded("await db.put({ TableName: \"Orders\", Item: { pk: id } })");
    project.connect(&database);
    project.mizzle(["migrate"]).run().assert_code(0);
    let ids =
        r#"result = sorted(item["pk"]["S"] for item in client.scan(TableName="Orders")["Items"])"#;
    assert_eq!(Boto3::from_env().run(&database, ids), json!(["a", "b"]));
}

#[test]
fn a_config_cannot_ask_aws() {
    for (name, import, fields) in [
        (
            "parameter",
            "import { GetParameterCommand, SSMClient } from \"@aws-sdk/client-ssm\";\n\
             const found = await new SSMClient({}).send(new GetParameterCommand({ Name: \"/app/endpoint\" }));\n",
            "endpoint: found.Parameter?.Value",
        ),
        (
            "credentials",
            "import { fromIni } from \"@aws-sdk/credential-providers\";\n",
            "credentials: await fromIni({ profile: \"x\" })()",
        ),
        (
            "provider",
            "import { fromNodeProviderChain } from \"@aws-sdk/credential-providers\";\n",
            "credentials: fromNodeProviderChain()",
        ),
    ] {
        let project = with_schema("");
        let config = CONFIG.replace("  endpoint: \"local\",\n", &format!("  {fields},\n"));
        project.write("mizzle.config.ts", &format!("{import}\n{config}"));
        let output = project.mizzle(["list"]).run().assert_code(2);
        insta::assert_snapshot!(name, output.snapshot());
    }
}
