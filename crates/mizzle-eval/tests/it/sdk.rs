//! The stand-in for the AWS SDK: harmless, working and failing calls.

use crate::project::{Project, fixtures, value_of};
use indoc::indoc;
use mizzle_eval::EvalErrorKind;
use serde_json::{Value, json};
use std::fs;

#[test]
fn making_clients_and_commands_is_harmless() {
    let project = Project::new(&[(
        "c.ts",
        indoc! {r#"
            import { DynamoDB, DynamoDBClient, type DynamoDBClientConfig, KeyType, ListTablesCommand } from "@aws-sdk/client-dynamodb";
            import { DynamoDBClient as Deep } from "@aws-sdk/client-dynamodb/dist-cjs/index.js";
            import * as lib from "@aws-sdk/lib-dynamodb";
            import { S3 } from "@aws-sdk/client-s3";
            import { Upload } from "@aws-sdk/lib-storage";
            import { createCredentialChain, fromEnv, fromIni } from "@aws-sdk/credential-providers";
            import { getRetryPlugin } from "@smithy/middleware-retry";
            import { NodeHttpHandler } from "@smithy/node-http-handler";
            import { NoSuchBase, thisIsNeverUsed } from "@aws-sdk/util-anything";
            import AWS from "aws-sdk";
            import { DocumentClient } from "aws-sdk/clients/dynamodb";
            const config: DynamoDBClientConfig = {
              region: "x",
              credentials: createCredentialChain(fromIni({ profile: "p" }), fromEnv()).expireAfter(1),
              requestHandler: new NodeHttpHandler(),
            };
            class Mine extends DynamoDBClient {
              cache?: Map<string, string>;
              constructor() { super(config) }
              own() { return this.later ??= 1 }
              later;
              lazy() { return (this as any).state ??= "made" }
            }
            const client = new Mine();
            const doc = lib.DynamoDBDocumentClient.from(client, {});
            client.middlewareStack.add(() => {}, { step: "initialize" });
            client.middlewareStack.use(getRetryPlugin(client.config));
            client.middlewareStack.clone().remove("x");
            client.config.logger.info("x");
            const { UpdateCommand } = require("@aws-sdk/lib-dynamodb");
            const { PutCommand } = await import("@aws-sdk/lib-dynamodb");
            class Traced extends PutCommand {}
            new DynamoDB({}); new S3(); new Upload({ client, params: {} });
            AWS.config.update({ region: "x" });
            new AWS.DynamoDB.DocumentClient(); new DocumentClient();
            class NotThere extends NoSuchBase {}
            client.destroy();
            doc.destroy();
            export default {
              own: [client.own(), client.lazy()],
              is: [
                client instanceof DynamoDBClient, client instanceof Deep, doc instanceof lib.DynamoDBDocumentClient,
                client.constructor === Mine, doc.constructor === lib.DynamoDBDocumentClient,
                new AWS.DynamoDB.DocumentClient() instanceof DocumentClient,
                (doc as any) instanceof DynamoDBClient, new Traced({}) instanceof PutCommand,
              ],
              names: [DynamoDBClient.name, UpdateCommand.name, new UpdateCommand({ a: 1 }).input.a, new Traced({ b: 2 }).input.b],
              key: KeyType.HASH,
              region: await client.config.region(),
              same: UpdateCommand === lib.UpdateCommand,
              looks: [typeof doc.send, typeof doc.config, "middlewareStack" in doc, doc.then, JSON.stringify({ c: new ListTablesCommand({}).input })],
            };
        "#},
    )]);
    let value = project.config("c.ts").unwrap_or_else(|error| panic!("{}", project.render(&error)));
    let expected = json!({
        "own": [1, "made"], "is": [true, true, true, true, true, true, false, true],
        "names": ["DynamoDBClient", "UpdateCommand", 1, 2],
        "key": "HASH", "region": "x", "same": true,
        "looks": ["function", "object", true, { "$unsupported": "undefined" }, "{\"c\":{}}"],
    });
    assert_eq!(value, expected);
}

/// Calls that would connect to AWS, each with its imports and its error.
const CALLS: [(&str, &str, &str); 28] = [
    (
        "{ PutItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'",
        "await new DynamoDBClient({}).send(new PutItemCommand({}))",
        "DynamoDBClient.send(PutItemCommand)",
    ),
    (
        "{ PutItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'",
        "new DynamoDBClient({}).send(new PutItemCommand({}), () => {})",
        "DynamoDBClient.send(PutItemCommand)",
    ),
    (
        "{ PutItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb/dist-cjs/index.js'",
        "new DynamoDBClient({}).send(new PutItemCommand({}))",
        "DynamoDBClient.send(PutItemCommand)",
    ),
    (
        "* as sdk from '@aws-sdk/client-dynamodb'",
        "class Mine extends sdk.DynamoDBClient {}; new Mine({}).send(new sdk.ScanCommand({}))",
        "DynamoDBClient.send(ScanCommand)",
    ),
    (
        "{ DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb'",
        "DynamoDBDocumentClient.from({} as any).send(new ScanCommand({}))",
        "DynamoDBDocumentClient.send(ScanCommand)",
    ),
    (
        "{ DynamoDBDocument } from '@aws-sdk/lib-dynamodb'",
        "DynamoDBDocument.from({} as any).put({})",
        "DynamoDBDocument.put",
    ),
    ("{ DynamoDB } from '@aws-sdk/client-dynamodb'", "new DynamoDB({}).scan({})", "DynamoDB.scan"),
    (
        "{ DynamoDB } from '@aws-sdk/client-dynamodb'",
        "(class extends DynamoDB {}).create({}).waitUntilTableExists({})",
        "DynamoDB.waitUntilTableExists",
    ),
    ("{ S3 } from '@aws-sdk/client-s3'", "new S3({}).getObject({})", "S3.getObject"),
    (
        "{ paginateScan } from '@aws-sdk/lib-dynamodb'",
        "for await (const page of paginateScan({} as any, {})) page",
        "paginateScan",
    ),
    (
        "* as sdk from '@aws-sdk/client-dynamodb'",
        "sdk.paginateQuery({} as any, {})",
        "paginateQuery",
    ),
    (
        "{ waitUntilTableExists } from '@aws-sdk/client-dynamodb'",
        "await waitUntilTableExists({} as any, {})",
        "waitUntilTableExists",
    ),
    ("{ Upload } from '@aws-sdk/lib-storage'", "await new Upload({}).done()", "Upload.done"),
    (
        "{ getSignedUrl } from '@aws-sdk/s3-request-presigner'",
        "await getSignedUrl({}, {})",
        "getSignedUrl",
    ),
    (
        "{ createPresignedPost } from '@aws-sdk/s3-presigned-post'",
        "await createPresignedPost({}, {})",
        "createPresignedPost",
    ),
    (
        "{ Signer } from '@aws-sdk/rds-signer'",
        "await new Signer({}).getAuthToken()",
        "Signer.getAuthToken",
    ),
    (
        "{ NodeHttpHandler } from '@smithy/node-http-handler'",
        "await new NodeHttpHandler().handle({})",
        "NodeHttpHandler.handle",
    ),
    (
        "{ fromIni } from '@aws-sdk/credential-providers'",
        "await fromIni({ profile: 'x' })()",
        "the credential provider fromIni",
    ),
    (
        "{ defaultProvider } from '@aws-sdk/credential-provider-node'",
        "await defaultProvider()()",
        "the credential provider defaultProvider",
    ),
    (
        "{ fromSSO } from '@aws-sdk/credential-providers'",
        "await new (class { credentials = fromSSO({}) })().credentials()",
        "the credential provider fromSSO",
    ),
    (
        "{ DynamoDBClient } from '@aws-sdk/client-dynamodb'",
        "await new DynamoDBClient({}).config.credentials()",
        "DynamoDBClient.config.credentials",
    ),
    (
        "{ DynamoDBClient } from '@aws-sdk/client-dynamodb'",
        "await new DynamoDBClient({}).config.requestHandler.handle({})",
        "DynamoDBClient.config.requestHandler.handle",
    ),
    (
        "{ StorageClass } from '@aws-sdk/client-s3'",
        "`${StorageClass.STANDARD}`",
        "the value of StorageClass.STANDARD (@aws-sdk/client-s3)",
    ),
    (
        "{ StorageClass } from '@aws-sdk/client-s3'",
        "JSON.stringify({ a: StorageClass.STANDARD })",
        "the value of StorageClass.STANDARD (@aws-sdk/client-s3)",
    ),
    (
        "AWS from 'aws-sdk'",
        "new AWS.DynamoDB.DocumentClient().put({}).promise()",
        "AWS.DynamoDB.DocumentClient.put",
    ),
    ("* as AWS from 'aws-sdk'", "new AWS.S3().getObject({}, () => {})", "AWS.S3.getObject"),
    (
        "DynamoDB from 'aws-sdk/clients/dynamodb'",
        "new DynamoDB().scan({}, () => {})",
        "AWS.DynamoDB.scan",
    ),
    ("AWS from 'aws-sdk'", "AWS.config.getCredentials(() => {})", "AWS.config.getCredentials"),
];

#[test]
fn whatever_would_talk_to_aws_throws() {
    for (import, call, name) in CALLS {
        let config = format!("import {import};\n{call};\nexport default {{}};\n");
        let project = Project::new(&[("c.ts", &config)]);
        let error = project.config("c.ts").expect_err(call);
        let text = project.render(&error);
        assert_eq!(error.kind(), EvalErrorKind::NotAvailable, "{text}");
        let message = format!("{name} is not available while mizzle evaluates configs and schemas");
        assert_eq!(error.message(), message, "{text}");
        assert!(text.contains("c.ts:2:"), "{text}");

        let script =
            format!("import {import};\nexport async function up(db: any) {{\n{call};\n}}\n");
        let project = Project::new(&[("0001_test.ts", &script)]);
        let run = project.up();
        let text = run.failure(&project);
        let error = run.outcome.unwrap_err();
        assert_eq!(error.kind(), EvalErrorKind::NotAvailable, "{text}");
        let message = format!("{name} is not available while mizzle runs a migration");
        assert_eq!(error.message(), message, "{text}");
        assert!(text.contains("0001_test.ts:3:"), "{text}");
    }
}

#[test]
fn what_to_do_instead_is_said() {
    let mut report = String::new();
    for (imports, call) in [
        (
            "{ DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb'",
            "DynamoDBDocumentClient.from({}).send(new PutCommand({}))",
        ),
        (
            "{ paginateScan } from '@aws-sdk/client-dynamodb'",
            "for await (const page of paginateScan({}, {})) page",
        ),
        (
            "{ DynamoDB } from '@aws-sdk/client-dynamodb'",
            "await new DynamoDB({}).describeTable({})",
        ),
        (
            "{ SSMClient, GetParameterCommand } from '@aws-sdk/client-ssm'",
            "await new SSMClient({}).send(new GetParameterCommand({}))",
        ),
        ("{ fromIni } from '@aws-sdk/credential-providers'", "await fromIni({ profile: 'x' })()"),
    ] {
        let script = format!("import {imports};\nexport async function up(db) {{\n  {call};\n}}\n");
        let project = Project::new(&[("0001_test.ts", &script)]);
        report += &format!("{}\n\n", project.up().failure(&project));
        let schema = format!("import {imports};\n{call};\n");
        report += &format!("{}\n\n", Project::of(&schema).failure());
    }
    insta::assert_snapshot!(report);
}

#[test]
fn a_call_that_nobody_awaits_fails_the_script() {
    let repository = indoc! {r#"
        import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
        import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
        const doc = DynamoDBDocumentClient.from(new DynamoDBClient({}));
        export async function putOrder(id: string) {
          await Promise.resolve();
          return doc.send(new PutCommand({ TableName: "Orders", Item: { pk: id } }));
        }
    "#};
    for up in [
        "await putOrder('a');",
        "putOrder('a');",
        "void putOrder('a'); await db.put({ TableName: 'T', Item: { pk: 'a' } });",
        "await Promise.all(['a', 'b'].map(putOrder));",
        "setTimeout(() => putOrder('a'), 1); await new Promise((done) => setTimeout(done, 20));",
    ] {
        let script = format!(
            "import {{ putOrder }} from './repository';\nexport async function up(db) {{ {up} }}\n"
        );
        let project = Project::new(&[("0001_test.ts", &script), ("repository.ts", repository)]);
        let run = project.up();
        let text = run.failure(&project);
        assert_eq!(run.outcome.unwrap_err().kind(), EvalErrorKind::NotAvailable, "{up}: {text}");
        assert!(text.contains("repository.ts:6:"), "{up}: {text}");
    }
}

#[test]
fn queries_of_the_orm_can_be_built_but_not_carried_out() {
    let schema = indoc! {r#"
        import { eq, mizzle } from "mizzle";
        export const orm = mizzle({ client: {} });
        export const query = orm.select().from({}).where(eq("a", 1));
        export const lazy = async () => orm;
        export const orders = { all: orm.query.orders, find: () => orm.query.orders.findMany({}) };
    "#};
    for (up, outcome) in [
        ("await lazy(); orm.select().from({}); db.log(typeof query);", Ok(())),
        ("await query;", Err(())),
        ("await orders.find();", Err(())),
        ("orm.insert({}).values({}).execute();", Err(())),
        ("orm.insert({}).values({}).then(() => {});", Err(())),
        ("await Promise.all([query]);", Err(())),
        ("query.catch(() => {}); await orm.transaction(async () => {});", Err(())),
    ] {
        let script = format!(
            "import {{ lazy, orders, orm, query }} from './schema';\nexport async function up(db) {{ {up} }}\n"
        );
        let project = Project::new(&[("0001_test.ts", &script), ("schema.ts", schema)]);
        let run = project.up();
        match outcome {
            Ok(()) => assert_eq!(run.logs_of(&project), ["function"]),
            Err(()) => {
                let text = run.failure(&project);
                let expected = "a query of the ORM is not available while mizzle runs a migration";
                assert_eq!(run.outcome.unwrap_err().message(), expected, "{up}: {text}");
            }
        }
    }
}

#[test]
fn a_refused_call_fails_the_script_also_when_it_is_caught() {
    let project = Project::of_up(
        "const { DynamoDBClient } = require('@aws-sdk/client-dynamodb');\n\
         try { await new DynamoDBClient({}).send({}) } catch (error) { db.log(error.code) }\n\
         await db.put({ TableName: 'T', Item: { pk: 'a' } });",
    );
    let run = project.up();
    let text = run.failure(&project);
    assert!(text.contains("DynamoDBClient.send(Object) is not available"), "{text}");
    assert_eq!(run.outcome.unwrap_err().kind(), EvalErrorKind::NotAvailable);
}

#[test]
fn enumerations_have_their_members() {
    let value = value_of(indoc! {r#"
        import { ComparisonOperator, Select, TimeToLiveStatus } from "@aws-sdk/client-dynamodb";
        import * as sdk from "@aws-sdk/client-dynamodb";
        import { ReturnValue } from "@aws-sdk/client-dynamodb/dist-es/models/enums";
        import { StorageClass } from "@aws-sdk/client-s3";
        class Mine extends StorageClass {}
        const options = { storageClass: StorageClass.STANDARD };
        export default {
          known: [Select.COUNT, ComparisonOperator.EQ, TimeToLiveStatus.ENABLED, ReturnValue.ALL_OLD, sdk.ProjectionType.ALL],
          absent: (Select as any).NOPE,
          options,
          mine: (Mine as any).anything,
        };
    "#});
    let expected = json!({
        "known": ["COUNT", "EQ", "ENABLED", "ALL_OLD", "ALL"],
        "options": { "storageClass": {
            "$unsupported": "value that is not known here (StorageClass.STANDARD of @aws-sdk/client-s3)"
        } },
    });
    assert_eq!(value, expected);
}

#[test]
fn attribute_values_are_converted_as_by_the_real_package() {
    let folder = fixtures().join("sdk");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let project = Project::new(&[
        (
            "c.ts",
            "import * as sdk from '@aws-sdk/util-dynamodb';\nimport { results } from './attributes.mjs';\n\
             export default JSON.stringify(results(sdk));\n",
        ),
        ("attributes.mjs", &read("attributes.mjs")),
    ]);
    let text = project.config("c.ts").unwrap_or_else(|error| panic!("{}", project.render(&error)));
    let found: Value = serde_json::from_str(text.as_str().unwrap()).unwrap();
    let expected: Value = serde_json::from_str(&read("attributes.json")).unwrap();
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&found[name], value, "{name}");
    }
    assert_eq!(found, expected);
}

#[test]
fn marshalled_values_and_stand_ins_in_items() {
    let import = "import { marshall, NumberValueImpl } from '@aws-sdk/util-dynamodb';\n\
                  import { fromIni } from '@aws-sdk/credential-providers';\n\
                  import { StorageClass, S3Client } from '@aws-sdk/client-s3';\n";
    let script = |item: &str| {
        let text = format!(
            "{import}export async function up(db) {{ await db.put({{ TableName: 'T', Item: {item} }}) }}"
        );
        Project::new(&[("0001_test.ts", &text)])
    };
    // The result is a plain object: its content is stored unchanged.
    let run = script("{ raw: marshall({ a: 1 }) }").up();
    assert_eq!(
        run.calls,
        [r#"put {"TableName":"T","Item":{"raw":{"M":{"a":{"M":{"N":{"S":"1"}}}}}}}"#]
    );
    for (item, message) in [
        ("{ raw: marshall }", "Item.raw is the function marshall, which DynamoDB cannot store"),
        (
            "{ raw: fromIni() }",
            "Item.raw is a credential provider of the AWS SDK (fromIni), which DynamoDB cannot store",
        ),
        (
            "{ raw: StorageClass.STANDARD }",
            "Item.raw is a value that is not known here (StorageClass.STANDARD of @aws-sdk/client-s3), which DynamoDB cannot store",
        ),
        (
            "{ raw: new S3Client({}).config.logger }",
            "Item.raw is a value of the AWS SDK that is not known here (S3Client.config.logger), which DynamoDB cannot store",
        ),
        ("{ raw: S3Client }", "Item.raw is the function S3Client, which DynamoDB cannot store"),
        (
            "{ raw: NumberValueImpl.from('abc') }",
            r#"Item.raw is a NumberValue of "abc", which is not a number"#,
        ),
        ("{ raw: (() => () => 1)() }", "Item.raw is a function, which DynamoDB cannot store"),
    ] {
        let project = script(item);
        let failure = project.up().outcome.unwrap_err();
        assert_eq!(failure.message(), format!("TypeError: {message}"), "{item}");
    }
}

#[test]
fn errors_of_db_are_those_of_the_service() {
    let text = indoc! {r#"
        import { ConditionalCheckFailedException, DynamoDBServiceException, ResourceNotFoundException } from "@aws-sdk/client-dynamodb";
        export async function up(db) {
          class Own extends ConditionalCheckFailedException {}
          try { await db.put({ TableName: "T", Item: {} }) } catch (error) {
            for (const kind of [ConditionalCheckFailedException, DynamoDBServiceException, ResourceNotFoundException, Own, Error])
              db.log(error instanceof kind);
          }
          db.log(new Own({ message: "x" }) instanceof ConditionalCheckFailedException, new Own({}) instanceof Error);
          db.log({ name: "ConditionalCheckFailedException" } instanceof ConditionalCheckFailedException);
        }
    "#};
    let project = Project::new(&[("0001_test.ts", text)]);
    let run = project.migrate("0001_test.ts", mizzle_eval::Direction::Up, |_| {
        Err(mizzle_eval::CallError::new("ConditionalCheckFailedException", "No"))
    });
    let logs = run.logs_of(&project);
    assert_eq!(logs, ["true", "true", "false", "false", "true", "true true", "false"]);
}
