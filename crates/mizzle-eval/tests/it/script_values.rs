//! Item values, to DynamoDB and back.

use crate::project::Project;
use indoc::indoc;
use mizzle_eval::Direction;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use std::fmt::Write as _;

#[test]
fn native_values_become_attribute_values() {
    let nested = format!("{}{{\"L\":[]}}{}", "{\"L\":[".repeat(48), "]}".repeat(48));
    let table = [
        ("''", r#"{"S":""}"#),
        ("'grüße \u{1F600}'", "{\"S\":\"grüße \u{1F600}\"}"),
        ("true", r#"{"BOOL":true}"#),
        ("null", r#"{"NULL":true}"#),
        ("0", r#"{"N":"0"}"#),
        ("-0", r#"{"N":"0"}"#),
        ("-1.5", r#"{"N":"-1.5"}"#),
        ("1e100", r#"{"N":"1e+100"}"#),
        ("2 ** 53", r#"{"N":"9007199254740992"}"#),
        ("12345678901234567890n", r#"{"N":"12345678901234567890"}"#),
        ("new NumberValue('1.2345678901234567890123')", r#"{"N":"1.2345678901234567890123"}"#),
        ("NumberValue.from(7n)", r#"{"N":"7"}"#),
        ("new NumberValue({ N: '-0.5' })", r#"{"N":"-0.5"}"#),
        ("{ value: '1.5' }", r#"{"M":{"value":{"S":"1.5"}}}"#),
        ("new Uint8Array([0, 255, 7])", r#"{"B":"AP8H"}"#),
        ("new Uint8Array([1, 2, 3, 4]).subarray(1, 3)", r#"{"B":"AgM="}"#),
        ("new Uint8Array([1, 2]).buffer", r#"{"B":"AQI="}"#),
        ("new DataView(new ArrayBuffer(1))", r#"{"B":"AA=="}"#),
        ("Buffer.from('mizzle')", r#"{"B":"bWl6emxl"}"#),
        ("new Set(['b', 'a'])", r#"{"SS":["b","a"]}"#),
        ("new Set([1, 2n, NumberValue.from('3.0')])", r#"{"NS":["1","2","3.0"]}"#),
        ("new Set([new Uint8Array([1]), Buffer.from('a')])", r#"{"BS":["AQ==","YQ=="]}"#),
        ("[]", r#"{"L":[]}"#),
        ("[1, ['a'], {}]", r#"{"L":[{"N":"1"},{"L":[{"S":"a"}]},{"M":{}}]}"#),
        (
            "{ z: 1, a: { b: null }, gone: undefined }",
            r#"{"M":{"z":{"N":"1"},"a":{"M":{"b":{"NULL":true}}}}}"#,
        ),
        ("new Map<string, any>([['k', 1], ['gone', undefined]])", r#"{"M":{"k":{"N":"1"}}}"#),
        ("Object.create(null)", r#"{"M":{}}"#),
        ("nest(49)", &nested),
        ("JSON.parse('{\"__proto__\": 1}')", r#"{"M":{"__proto__":{"N":"1"}}}"#),
    ];
    let body: String = table
        .iter()
        .map(|(value, _)| format!("  await db.put({{ Item: {{ v: {value} }} }});\n"))
        .collect();
    let nest = "  const nest = (n: number): any => (n === 1 ? [] : [nest(n - 1)]);\n";
    let project = project_with_numbers(&format!("{nest}{body}"));
    let run = project.up();
    assert!(run.outcome.is_ok(), "{}", run.failure(&project));
    for ((value, expected), call) in table.iter().zip(&run.calls) {
        assert_eq!(*call, format!("put {{\"Item\":{{\"v\":{expected}}}}}"), "{value}");
    }
    assert_eq!(run.calls.len(), table.len());
}

#[test]
fn what_cannot_be_stored_is_an_error_that_names_it() {
    let mut body = String::from(
        "  const cycle: any = { a: [] }; cycle.a.push(cycle);\n  class Own { a = 1 }\n  let deep: any = 1; for (let i = 0; i < 200; i++) deep = [deep];\n",
    );
    let values = [
        "[1, undefined]",
        "[1, , 2]",
        "{ a: { 'b c': [0, NaN] } }",
        "-Infinity",
        "new Set()",
        "new Set([1, 'a'])",
        "new Set([true])",
        "new Set(['\\ud800'])",
        "new Set([NaN])",
        "'\\ud83d half'",
        "{ '\\ud800': 1 }",
        "Symbol('s')",
        "() => 1",
        "function named() {}",
        "new Date(0)",
        "/x/",
        "new Own()",
        "new Map([[1, 2]])",
        "Promise.resolve(1)",
        "cycle",
        "deep",
    ];
    for value in values {
        writeln!(body, "  await db.put({{ Item: {{ v: {value} }} }} as any).catch((e: any) => db.log(e.name, e.message));").unwrap();
    }
    for request in [
        "put({ Item: 'a' })",
        "put({ Item: [1] })",
        "put({ Item: null })",
        "put({ Item: {}, ReturnValues: 1n })",
        "put({ Item: {}, ExpressionAttributeValues: { ':a': [undefined] } })",
        "batchWrite({ RequestItems: { T: {} } })",
        "batchWrite({ RequestItems: { T: [{ PutRequest: { Item: { a: [new Set()] } } }] } })",
        "transactWrite({ TransactItems: [{ Put: { Item: {} } }, { Update: { Key: { a: Infinity } } }] })",
        "createTable({ Tags: [{ Key: undefined }, undefined] })",
        "createTable({ Tags: new Set() })",
        "createTable({ ProvisionedThroughput: { ReadCapacityUnits: 1 / 0 } })",
        "createTable({ a: cycle })",
        "createTable({ a: deep })",
        "createTable(new Own())",
        "createTable(null)",
    ] {
        writeln!(
            body,
            "  await (db as any).{request}.catch((e: any) => db.log(e.name, e.message));"
        )
        .unwrap();
    }
    let project = project_with_numbers(&body);
    let run = project.up();
    assert_eq!(run.calls, [] as [&str; 0]);
    insta::assert_snapshot!(run.logs_of(&project).join("\n"));
}

#[test]
fn numbers_come_back_exactly() {
    let table = [
        ("0", "number 0"),
        ("-0", "number 0"),
        ("0.1", "number 0.1"),
        ("1.10", "number 1.1"),
        ("-12.5e3", "number -12500"),
        ("1E2", "number 100"),
        ("9007199254740991", "number 9007199254740991"),
        ("9007199254740992", "bigint 9007199254740992"),
        ("9007199254740993", "bigint 9007199254740993"),
        (
            "-12345678901234567890123456789012345678",
            "bigint -12345678901234567890123456789012345678",
        ),
        ("1.2345678901234567890e30", "bigint 1234567890123456789000000000000"),
        ("1.23456789012345678901e30", "bigint 1234567890123456789010000000000"),
        ("100000000000000000000000", "bigint 100000000000000000000000"),
        ("0.12345678901234567890", "object 0.12345678901234567890"),
        ("3.14159265358979323846", "object 3.14159265358979323846"),
        ("1e-130", "number 1e-130"),
        (
            "9.9999999999999999999999999999999999999E+125",
            &format!("bigint {}{}", "9".repeat(38), "0".repeat(88)),
        ),
    ];
    let project = Project::of_up(indoc! {"
        const { Item } = await db.get({ Key: {} });
        for (const n of Item!.list) db.log(typeof n, String(n));
    "});
    let list: Vec<_> = table.iter().map(|(text, _)| json!({ "N": text })).collect();
    let run = project.migrate("0001_test.ts", Direction::Up, |_| {
        Ok(json!({ "Item": { "list": { "L": list } } }))
    });
    let expected: Vec<_> = table.iter().map(|(_, native)| (*native).to_owned()).collect();
    // JavaScript's own shortest form of the number.
    let logs = run.logs_of(&project);
    for ((text, _), (log, expected)) in table.iter().zip(logs.iter().zip(&expected)) {
        assert_eq!(log, expected, "{text}");
    }
    assert_eq!(logs.len(), expected.len());
}

#[test]
fn attribute_values_become_native_values() {
    let project = Project::of_up(indoc! {"
        const { Item } = await db.get({ Key: {} });
        db.log(Item);
        db.log(Item.binary instanceof Uint8Array, Object.getPrototypeOf(Item) === Object.prototype);
        db.log(Object.keys(Item).includes('__proto__'));
    "});
    let run = project.migrate("0001_test.ts", Direction::Up, |_| {
        Ok(json!({ "Item": {
            "text": { "S": "a" }, "no": { "BOOL": false }, "nothing": { "NULL": true },
            "binary": { "B": "AP8H" }, "texts": { "SS": ["a", "b"] },
            "numbers": { "NS": ["1", "9007199254740993"] }, "binaries": { "BS": ["AQ==", ""] },
            "list": { "L": [{ "S": "x" }, { "M": { "n": { "N": "1" } } }] },
            "__proto__": { "S": "own" },
        } }))
    });
    insta::assert_snapshot!(run.logs_of(&project).join("\n"), @"
    {
      text: 'a',
      no: false,
      nothing: null,
      binary: Uint8Array(3) [ 0, 255, 7 ],
      texts: Set(2) { 'a', 'b' },
      numbers: Set(2) { 1, 9007199254740993n },
      binaries: Set(2) { Uint8Array(1) [ 1 ], Uint8Array(0) [] },
      list: [ 'x', { n: 1 } ],
      __proto__: 'own'
    }
    true true
    true
    ");
}

/// The properties of requests and replies that hold item values.
#[test]
fn values_are_converted_wherever_they_stand() {
    let project = Project::of_up(indoc! {r##"
        const log = (answer: unknown) => db.log(JSON.stringify(answer));
        const k = { pk: "a" }, v = { ":v": 1 };
        log(await db.get({ TableName: "T", Key: k, ExpressionAttributeNames: { "#p": "pk" } }));
        log(await db.put({ TableName: "T", Item: k, ExpressionAttributeValues: v, Expected: { pk: { Exists: false }, n: { Value: 1, AttributeValueList: [1] } } }));
        log(await db.update({ TableName: "T", Key: k, ExpressionAttributeValues: v, AttributeUpdates: { n: { Action: "PUT", Value: 1 } } }));
        log(await db.delete({ TableName: "T", Key: k, ExpressionAttributeValues: v, ReturnValues: "ALL_OLD" }));
        log(await db.query({ TableName: "T", ExpressionAttributeValues: v, ExclusiveStartKey: k, KeyConditions: { pk: { AttributeValueList: ["a"], ComparisonOperator: "EQ" } }, Limit: 1 }));
        log(await db.scan({ TableName: "T", ExpressionAttributeValues: v, ExclusiveStartKey: k, ScanFilter: { n: { AttributeValueList: [1], ComparisonOperator: "GT" } } }));
        log(await db.batchGet({ RequestItems: { T: { Keys: [k, k], ConsistentRead: true } } }));
        log(await db.batchWrite({ RequestItems: { T: [{ PutRequest: { Item: k } }, { DeleteRequest: { Key: k } }] } }));
        log(await db.transactWrite({ ClientRequestToken: "t", TransactItems: [
          { ConditionCheck: { TableName: "T", Key: k, ExpressionAttributeValues: v } },
          { Put: { TableName: "T", Item: k, ExpressionAttributeValues: v } },
          { Update: { TableName: "T", Key: k, ExpressionAttributeValues: v } },
          { Delete: { TableName: "T", Key: k, ExpressionAttributeValues: v } },
        ] }));
    "##});
    let item = json!({ "n": { "N": "1" } });
    let run = project.migrate("0001_test.ts", Direction::Up, |_| {
        Ok(json!({
            "Item": item, "Attributes": item, "Items": [item], "LastEvaluatedKey": item,
            "Responses": { "T": [item] },
            "UnprocessedKeys": { "T": { "Keys": [item], "ConsistentRead": true } },
            "UnprocessedItems": { "T": [{ "PutRequest": { "Item": item } }, { "DeleteRequest": { "Key": item } }] },
            "ConsumedCapacity": { "CapacityUnits": 0.5 },
        }))
    });
    let calls = run.calls.join("\n");
    let report = format!("{calls}\n\n{}", run.logs_of(&project).join("\n"));
    insta::assert_snapshot!(report, @r##"
    get {"TableName":"T","Key":{"pk":{"S":"a"}},"ExpressionAttributeNames":{"#p":"pk"}}
    put {"TableName":"T","Item":{"pk":{"S":"a"}},"ExpressionAttributeValues":{":v":{"N":"1"}},"Expected":{"pk":{"Exists":false},"n":{"Value":{"N":"1"},"AttributeValueList":[{"N":"1"}]}}}
    update {"TableName":"T","Key":{"pk":{"S":"a"}},"ExpressionAttributeValues":{":v":{"N":"1"}},"AttributeUpdates":{"n":{"Action":"PUT","Value":{"N":"1"}}}}
    delete {"TableName":"T","Key":{"pk":{"S":"a"}},"ExpressionAttributeValues":{":v":{"N":"1"}},"ReturnValues":"ALL_OLD"}
    query {"TableName":"T","ExpressionAttributeValues":{":v":{"N":"1"}},"ExclusiveStartKey":{"pk":{"S":"a"}},"KeyConditions":{"pk":{"AttributeValueList":[{"S":"a"}],"ComparisonOperator":"EQ"}},"Limit":1}
    scan {"TableName":"T","ExpressionAttributeValues":{":v":{"N":"1"}},"ExclusiveStartKey":{"pk":{"S":"a"}},"ScanFilter":{"n":{"AttributeValueList":[{"N":"1"}],"ComparisonOperator":"GT"}}}
    batchGet {"RequestItems":{"T":{"Keys":[{"pk":{"S":"a"}},{"pk":{"S":"a"}}],"ConsistentRead":true}}}
    batchWrite {"RequestItems":{"T":[{"PutRequest":{"Item":{"pk":{"S":"a"}}}},{"DeleteRequest":{"Key":{"pk":{"S":"a"}}}}]}}
    transactWrite {"ClientRequestToken":"t","TransactItems":[{"ConditionCheck":{"TableName":"T","Key":{"pk":{"S":"a"}},"ExpressionAttributeValues":{":v":{"N":"1"}}}},{"Put":{"TableName":"T","Item":{"pk":{"S":"a"}},"ExpressionAttributeValues":{":v":{"N":"1"}}}},{"Update":{"TableName":"T","Key":{"pk":{"S":"a"}},"ExpressionAttributeValues":{":v":{"N":"1"}}}},{"Delete":{"TableName":"T","Key":{"pk":{"S":"a"}},"ExpressionAttributeValues":{":v":{"N":"1"}}}}]}

    {"Item":{"n":1},"Attributes":{"n":{"N":"1"}},"Items":[{"n":{"N":"1"}}],"LastEvaluatedKey":{"n":{"N":"1"}},"Responses":{"T":[{"n":{"N":"1"}}]},"UnprocessedKeys":{"T":{"Keys":[{"n":{"N":"1"}}],"ConsistentRead":true}},"UnprocessedItems":{"T":[{"PutRequest":{"Item":{"n":{"N":"1"}}}},{"DeleteRequest":{"Key":{"n":{"N":"1"}}}}]},"ConsumedCapacity":{"CapacityUnits":0.5}}
    {"Item":{"n":{"N":"1"}},"Attributes":{"n":1},"Items":[{"n":{"N":"1"}}],"LastEvaluatedKey":{"n":{"N":"1"}},"Responses":{"T":[{"n":{"N":"1"}}]},"UnprocessedKeys":{"T":{"Keys":[{"n":{"N":"1"}}],"ConsistentRead":true}},"UnprocessedItems":{"T":[{"PutRequest":{"Item":{"n":{"N":"1"}}}},{"DeleteRequest":{"Key":{"n":{"N":"1"}}}}]},"ConsumedCapacity":{"CapacityUnits":0.5}}
    {"Item":{"n":{"N":"1"}},"Attributes":{"n":1},"Items":[{"n":{"N":"1"}}],"LastEvaluatedKey":{"n":{"N":"1"}},"Responses":{"T":[{"n":{"N":"1"}}]},"UnprocessedKeys":{"T":{"Keys":[{"n":{"N":"1"}}],"ConsistentRead":true}},"UnprocessedItems":{"T":[{"PutRequest":{"Item":{"n":{"N":"1"}}}},{"DeleteRequest":{"Key":{"n":{"N":"1"}}}}]},"ConsumedCapacity":{"CapacityUnits":0.5}}
    {"Item":{"n":{"N":"1"}},"Attributes":{"n":1},"Items":[{"n":{"N":"1"}}],"LastEvaluatedKey":{"n":{"N":"1"}},"Responses":{"T":[{"n":{"N":"1"}}]},"UnprocessedKeys":{"T":{"Keys":[{"n":{"N":"1"}}],"ConsistentRead":true}},"UnprocessedItems":{"T":[{"PutRequest":{"Item":{"n":{"N":"1"}}}},{"DeleteRequest":{"Key":{"n":{"N":"1"}}}}]},"ConsumedCapacity":{"CapacityUnits":0.5}}
    {"Item":{"n":{"N":"1"}},"Attributes":{"n":{"N":"1"}},"Items":[{"n":1}],"LastEvaluatedKey":{"n":1},"Responses":{"T":[{"n":{"N":"1"}}]},"UnprocessedKeys":{"T":{"Keys":[{"n":{"N":"1"}}],"ConsistentRead":true}},"UnprocessedItems":{"T":[{"PutRequest":{"Item":{"n":{"N":"1"}}}},{"DeleteRequest":{"Key":{"n":{"N":"1"}}}}]},"ConsumedCapacity":{"CapacityUnits":0.5}}
    {"Item":{"n":{"N":"1"}},"Attributes":{"n":{"N":"1"}},"Items":[{"n":1}],"LastEvaluatedKey":{"n":1},"Responses":{"T":[{"n":{"N":"1"}}]},"UnprocessedKeys":{"T":{"Keys":[{"n":{"N":"1"}}],"ConsistentRead":true}},"UnprocessedItems":{"T":[{"PutRequest":{"Item":{"n":{"N":"1"}}}},{"DeleteRequest":{"Key":{"n":{"N":"1"}}}}]},"ConsumedCapacity":{"CapacityUnits":0.5}}
    {"Item":{"n":{"N":"1"}},"Attributes":{"n":{"N":"1"}},"Items":[{"n":{"N":"1"}}],"LastEvaluatedKey":{"n":{"N":"1"}},"Responses":{"T":[{"n":1}]},"UnprocessedKeys":{"T":{"Keys":[{"n":1}],"ConsistentRead":true}},"UnprocessedItems":{"T":[{"PutRequest":{"Item":{"n":{"N":"1"}}}},{"DeleteRequest":{"Key":{"n":{"N":"1"}}}}]},"ConsumedCapacity":{"CapacityUnits":0.5}}
    {"Item":{"n":{"N":"1"}},"Attributes":{"n":{"N":"1"}},"Items":[{"n":{"N":"1"}}],"LastEvaluatedKey":{"n":{"N":"1"}},"Responses":{"T":[{"n":{"N":"1"}}]},"UnprocessedKeys":{"T":{"Keys":[{"n":{"N":"1"}}],"ConsistentRead":true}},"UnprocessedItems":{"T":[{"PutRequest":{"Item":{"n":1}}},{"DeleteRequest":{"Key":{"n":1}}}]},"ConsumedCapacity":{"CapacityUnits":0.5}}
    {"Item":{"n":{"N":"1"}},"Attributes":{"n":{"N":"1"}},"Items":[{"n":{"N":"1"}}],"LastEvaluatedKey":{"n":{"N":"1"}},"Responses":{"T":[{"n":{"N":"1"}}]},"UnprocessedKeys":{"T":{"Keys":[{"n":{"N":"1"}}],"ConsistentRead":true}},"UnprocessedItems":{"T":[{"PutRequest":{"Item":{"n":{"N":"1"}}}},{"DeleteRequest":{"Key":{"n":{"N":"1"}}}}]},"ConsumedCapacity":{"CapacityUnits":0.5}}
    "##);
}

fn attribute_value() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(|n| n.to_string()),
        any::<i32>().prop_map(|n| n.to_string()),
        // 38 digits, as many as DynamoDB keeps, with a point somewhere.
        (any::<bool>(), "[1-9][0-9]{0,37}", 0_usize..40).prop_map(|(negative, digits, point)| {
            let sign = if negative { "-" } else { "" };
            match digits.split_at(digits.len().saturating_sub(point)) {
                (whole, "") => format!("{sign}{whole}"),
                ("", fraction) => format!("{sign}0.{fraction}"),
                (whole, fraction) => format!("{sign}{whole}.{fraction}"),
            }
        }),
        any::<f64>()
            .prop_filter("DynamoDB's range", |n| (1e-130..1e125).contains(&n.abs()))
            .prop_map(|n| format!("{n:e}")),
    ]
    .boxed();
    let binary = prop::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| base64(&bytes)).boxed();
    let leaf = prop_oneof![
        any::<String>().prop_map(|text| json!({ "S": text })),
        any::<bool>().prop_map(|value| json!({ "BOOL": value })),
        Just(json!({ "NULL": true })),
        number.clone().prop_map(|number| json!({ "N": number })),
        binary.clone().prop_map(|binary| json!({ "B": binary })),
        prop::collection::btree_set(any::<String>(), 1..5).prop_map(|set| json!({ "SS": set })),
        prop::collection::vec(number, 1..5).prop_map(|set| {
            // A set contains each value once.
            let mut seen = std::collections::BTreeSet::new();
            let set: Vec<_> = set.into_iter().filter(|n| seen.insert(decimal(n))).collect();
            json!({ "NS": set })
        }),
        prop::collection::btree_set(binary, 1..5).prop_map(|set| json!({ "BS": set })),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|list| json!({ "L": list })),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|map| json!({ "M": map })),
        ]
    })
}

/// Every value returns from a script unchanged; and its native value in the script is the same the
/// second time.
#[test]
fn values_go_through_a_script_unchanged() {
    let mut runner = TestRunner::new(Config::default());
    let values: Vec<Value> =
        (0..2000).map(|_| attribute_value().new_tree(&mut runner).unwrap().current()).collect();
    let project = Project::of_up(indoc! {"
        const { deepStrictEqual } = await import('node:assert');
        let before: any;
        for (;;) {
          const { Item } = await db.get({ Key: {} });
          if (Item === undefined) break;
          if (before !== undefined) { deepStrictEqual(Item, before); before = undefined; }
          else before = Item;
          await db.put({ Item });
        }
    "});
    let mut given = values.iter().flat_map(|value| [value, value]);
    let mut last = Value::Null;
    let mut count = 0;
    let run = project.migrate("0001_test.ts", Direction::Up, |call| {
        if call.method() == "put" {
            assert_eq!(normal(&call.input()["Item"]["v"]), normal(&last));
            count += 1;
            return Ok(json!({}));
        }
        Ok(match given.next() {
            Some(value) => {
                last = value.clone();
                json!({ "Item": { "v": value } })
            }
            None => json!({}),
        })
    });
    assert!(run.outcome.is_ok(), "{}", run.failure(&project));
    assert_eq!(count, values.len() * 2);
}

/// Normalizes the spelling of the numbers in a value.
fn normal(value: &Value) -> Value {
    match value {
        Value::Object(object) => object
            .iter()
            .map(|(name, inner)| {
                let inner = match (name.as_str(), inner) {
                    ("N", Value::String(number)) => decimal(number).into(),
                    ("NS", Value::Array(numbers)) => {
                        numbers.iter().filter_map(Value::as_str).map(decimal).collect()
                    }
                    _ => normal(inner),
                };
                (name.clone(), inner)
            })
            .collect(),
        Value::Array(items) => items.iter().map(normal).collect(),
        other => other.clone(),
    }
}

/// Normalizes a decimal number to its digits and the power of ten of the last one.
fn decimal(text: &str) -> String {
    let (number, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let power: i64 = power.parse().unwrap();
    let (sign, number) = match number.strip_prefix('-') {
        Some(number) => ("-", number),
        None => ("", number),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{fraction}");
    let short = digits.trim_end_matches('0');
    let power = power - fraction.len() as i64 + (digits.len() - short.len()) as i64;
    match short.trim_start_matches('0') {
        "" => "0".to_owned(),
        digits => format!("{sign}{digits}e{power}"),
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for index in 0..4 {
            if index > chunk.len() {
                text.push('=');
            } else {
                text.push(char::from(LETTERS[(bits >> (18 - 6 * index) & 63) as usize]));
            }
        }
    }
    text
}

fn project_with_numbers(body: &str) -> Project {
    let text = format!(
        "import {{ NumberValue }} from \"@aws-sdk/lib-dynamodb\";\n\
         export async function up(db: any) {{\n{body}}}\n"
    );
    Project::new(&[("0001_test.ts", &text)])
}
