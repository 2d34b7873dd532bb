// Compiles only while `Database` takes every request about items, with what the answers hold.
import type {
  Condition,
  Database,
  ExpectedAttributeValue,
  Item,
  NativeAttributeValue,
  NumberValue,
  QueryOutput,
  ScanInput,
} from "mizzle-cli";

interface User {
  pk: string;
  sk: string;
  visits: number | bigint;
  tags?: Set<string>;
}

const Key = { pk: "user#1", sk: "profile" };
const told = {
  ReturnConsumedCapacity: "INDEXES",
  ReturnItemCollectionMetrics: "SIZE",
} as const;
const conditional = {
  ConditionExpression: "attribute_exists(#pk) AND visits > :visits",
  ExpressionAttributeNames: { "#pk": "pk" },
  ExpressionAttributeValues: { ":visits": 9007199254740993n },
  ReturnValuesOnConditionCheckFailure: "ALL_OLD",
} as const;

export async function up(db: Database): Promise<void> {
  await oneItem(db);
  await pages(db);
  await everyPage(db);
  await batches(db);
  await transaction(db);
  await olderForms(db);
  const environment: string | undefined = db.env;
  const dryRun: boolean = db.dryRun;
  db.log("done", { environment, dryRun }, 1n, undefined);
}

async function oneItem(db: Database): Promise<void> {
  const { Item, ConsumedCapacity } = await db.get({
    TableName: "Users",
    Key,
    ConsistentRead: true,
    ProjectionExpression: "#pk, visits",
    ExpressionAttributeNames: { "#pk": "pk" },
    ReturnConsumedCapacity: "TOTAL",
  });
  // Without a type of their own, items hold anything.
  const name: string = Item?.name.first.toLowerCase();
  const units: number | undefined = ConsumedCapacity?.GlobalSecondaryIndexes?.byName?.CapacityUnits;
  db.log(name, units);

  const { Item: user } = await db.get<User>({ TableName: "Users", Key });
  const tags: Set<string> = user?.tags ?? new Set();
  const everyType = {
    ...Key,
    string: "a",
    number: 1.5,
    bigint: 2n ** 64n,
    boolean: true,
    nothing: null,
    absent: undefined,
    binary: new Uint8Array([1, 2]),
    tags,
    numbers: new Set([1, 2n]),
    binaries: new Set([new Uint8Array()]),
    list: ["a", 1, [null]],
    map: { nested: { deeper: new Map([["a", 1]]) } },
  };
  const put = await db.put<User>({
    TableName: "Users",
    Item: everyType,
    ...conditional,
    ...told,
    ReturnValues: "ALL_OLD",
  });
  const visits: number | bigint | undefined = put.Attributes?.visits;
  // An interface has no index signature, and is an item all the same.
  if (user !== undefined) await db.put({ TableName: "Users", Item: user });
  const update = await db.update<Pick<User, "visits">>({
    TableName: "Users",
    Key,
    UpdateExpression: "SET visits = :visits",
    ...conditional,
    ...told,
    ReturnValues: "UPDATED_NEW",
  });
  db.log(visits, update.Attributes?.visits, update.ItemCollectionMetrics?.SizeEstimateRangeGB?.[1]);
  const deleted = await db.delete({
    TableName: "Users",
    Key,
    ...conditional,
    ...told,
    ReturnValues: "ALL_OLD",
  });
  db.log(deleted.Attributes?.anything);
}

async function pages(db: Database): Promise<void> {
  let start: Item | undefined;
  do {
    const page: QueryOutput<User> = await db.query<User>({
      TableName: "Users",
      IndexName: "byVisits",
      KeyConditionExpression: "#pk = :pk",
      FilterExpression: "visits > :visits",
      ProjectionExpression: "#pk, visits",
      ExpressionAttributeNames: { "#pk": "pk" },
      ExpressionAttributeValues: { ":pk": "user#1", ":visits": 1 },
      Select: "SPECIFIC_ATTRIBUTES",
      Limit: 100,
      ConsistentRead: false,
      ScanIndexForward: false,
      ExclusiveStartKey: start,
      ReturnConsumedCapacity: "NONE",
    });
    for (const user of page.Items ?? []) db.log(user.pk, user.visits);
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  const { Count = 0, ScannedCount } = await db.scan({ TableName: "Users", Select: "COUNT" });
  db.log(Count + 1, ScannedCount);
}

async function everyPage(db: Database): Promise<void> {
  const scan: ScanInput = {
    TableName: "Users",
    IndexName: "byVisits",
    FilterExpression: "visits > :visits",
    ExpressionAttributeValues: { ":visits": 1 },
    Limit: 25,
    Segment: 0,
    TotalSegments: 4,
  };
  for await (const item of db.scanItems(scan)) db.log(item.pk.length);
  for await (const { visits } of db.scanItems<User>(scan)) db.log(visits);
  for await (const { value } of db.scanItems<Record<string, NativeAttributeValue>>(scan)) {
    if (value !== undefined) db.log(kind(value));
  }
  for await (const { Items = [], Count } of db.scanPages<User>(scan)) db.log(Items[0]?.pk, Count);
  const query = { TableName: "Users", KeyConditionExpression: "pk = :pk" };
  for await (const { pk } of db.queryItems<User>(query)) db.log(pk.length);
  for await (const { Items = [] } of db.queryPages<User>(query)) db.log(Items[0]?.pk);
}

/** The type of a value can be found out by asking it. */
function kind(value: NativeAttributeValue): string {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  if (Array.isArray(value)) return `${value.length} values`;
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`;
  if (value instanceof Set) return `a set of ${value.size}`;
  return "a map or a number of many digits";
}

/** What is exact stays so. */
export function digits(number: number | bigint | NumberValue): string {
  return typeof number === "object" ? number.value : number.toString();
}

async function batches(db: Database): Promise<void> {
  const { Responses = {}, UnprocessedKeys } = await db.batchGet<User>({
    RequestItems: {
      Users: {
        Keys: [Key],
        ProjectionExpression: "#pk",
        ExpressionAttributeNames: { "#pk": "pk" },
        ConsistentRead: true,
      },
    },
    ReturnConsumedCapacity: "TOTAL",
  });
  const found: User[] | undefined = Responses.Users;
  db.log(found?.length, UnprocessedKeys?.Users?.Keys.length);
  const { UnprocessedItems, ItemCollectionMetrics, ConsumedCapacity } = await db.batchWrite({
    RequestItems: {
      Users: [{ PutRequest: { Item: { ...Key, visits: 1 } } }, { DeleteRequest: { Key } }],
    },
    ...told,
  });
  db.log(ItemCollectionMetrics?.Users?.[0]?.ItemCollectionKey, ConsumedCapacity?.[0]?.TableName);
  // What an answer has left can be asked for again as it is.
  if (UnprocessedItems !== undefined) await db.batchWrite({ RequestItems: UnprocessedItems });
  if (UnprocessedKeys !== undefined) await db.batchGet({ RequestItems: UnprocessedKeys });
}

async function transaction(db: Database): Promise<void> {
  const TableName = "Users";
  const { ConsumedCapacity } = await db.transactWrite({
    TransactItems: [
      { ConditionCheck: { TableName, Key, ...conditional } },
      { Put: { TableName, Item: { ...Key, visits: 1 }, ...conditional } },
      { Update: { TableName, Key, UpdateExpression: "REMOVE visits", ...conditional } },
      { Delete: { TableName, Key, ...conditional } },
    ],
    ClientRequestToken: "0001-users",
    ...told,
  });
  db.log(ConsumedCapacity?.length);
}

async function olderForms(db: Database): Promise<void> {
  const TableName = "Users";
  const Expected: Record<string, ExpectedAttributeValue> = {
    pk: { Exists: false },
    visits: { ComparisonOperator: "GT", AttributeValueList: [1] },
  };
  const conditions: Record<string, Condition> = {
    visits: { ComparisonOperator: "BETWEEN", AttributeValueList: [1, 2n] },
  };
  await db.get({ TableName, Key, AttributesToGet: ["pk"] });
  await db.put({ TableName, Item: Key, Expected, ConditionalOperator: "OR" });
  await db.update({
    TableName,
    Key,
    AttributeUpdates: { visits: { Action: "ADD", Value: 1 } },
    Expected,
  });
  await db.delete({ TableName, Key, Expected });
  await db.query({ TableName, KeyConditions: conditions, QueryFilter: conditions });
  await db.scan({ TableName, ScanFilter: conditions, ConditionalOperator: "AND" });
}

export async function down(_: Database): Promise<void> {}
