// Compiles only while `Database` takes every request that mizzle writes into a script.
import type { Database } from "mizzle-cli";

export async function up(db: Database): Promise<void> {
  await db.createTable({
    TableName: "Shop",
    AttributeDefinitions: [
      { AttributeName: "pk", AttributeType: "S" },
      { AttributeName: "sk", AttributeType: "S" },
    ],
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: "bySk",
        KeySchema: [{ AttributeName: "sk", KeyType: "HASH" }],
        Projection: { ProjectionType: "ALL" },
        OnDemandThroughput: { MaxReadRequestUnits: 10, MaxWriteRequestUnits: -1 },
        WarmThroughput: { ReadUnitsPerSecond: 12000, WriteUnitsPerSecond: 4000 },
      },
    ],
    LocalSecondaryIndexes: [
      {
        IndexName: "byPk",
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
        Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["total"] },
      },
    ],
    BillingMode: "PAY_PER_REQUEST",
    OnDemandThroughput: { MaxReadRequestUnits: 10, MaxWriteRequestUnits: 10 },
    WarmThroughput: { ReadUnitsPerSecond: 12000, WriteUnitsPerSecond: 4000 },
    StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
    SSESpecification: { Enabled: true, KMSMasterKeyId: "0000-1111" },
    TableClass: "STANDARD",
    DeletionProtectionEnabled: true,
    Tags: [{ Key: "team", Value: "shop" }],
    ResourcePolicy: "{}",
  });
  await db.updateTable({
    TableName: "Shop",
    BillingMode: "PROVISIONED",
    ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
    GlobalSecondaryIndexUpdates: [
      {
        Update: {
          IndexName: "bySk",
          ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
        },
      },
      { Update: { IndexName: "bySk", OnDemandThroughput: { MaxReadRequestUnits: -1 } } },
      { Update: { IndexName: "bySk", WarmThroughput: { ReadUnitsPerSecond: 13000 } } },
    ],
  });
  await db.updateTable({
    TableName: "Shop",
    AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
    GlobalSecondaryIndexUpdates: [
      {
        Create: {
          IndexName: "byPkAgain",
          KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
          Projection: { ProjectionType: "KEYS_ONLY" },
          ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
        },
      },
    ],
  });
  await db.updateTable({
    TableName: "Shop",
    GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: "bySk" } }],
  });
  await db.updateTable({
    TableName: "Shop",
    OnDemandThroughput: { MaxReadRequestUnits: -1, MaxWriteRequestUnits: -1 },
    WarmThroughput: { ReadUnitsPerSecond: 13000, WriteUnitsPerSecond: 5000 },
    StreamSpecification: { StreamEnabled: false },
    SSESpecification: { Enabled: false },
    TableClass: "STANDARD_INFREQUENT_ACCESS",
    DeletionProtectionEnabled: false,
  });
  await db.updateTimeToLive({
    TableName: "Shop",
    TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
  });
  await db.updateTimeToLive({
    TableName: "Shop",
    TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: false },
  });
  await db.updateContinuousBackups({
    TableName: "Shop",
    PointInTimeRecoverySpecification: {
      PointInTimeRecoveryEnabled: true,
      RecoveryPeriodInDays: 7,
    },
  });
  await db.updateContinuousBackups({
    TableName: "Shop",
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
  });
  await db.tagResource({ ResourceArn: "Shop", Tags: [{ Key: "team", Value: "shop" }] });
  await db.untagResource({ ResourceArn: "Shop", TagKeys: ["team"] });
  await db.putResourcePolicy({ ResourceArn: "Shop", Policy: "{}" });
  await db.putResourcePolicy({
    ResourceArn: "Shop",
    Policy: "{}",
    ExpectedRevisionId: "NO_POLICY",
  });
  await db.deleteResourcePolicy({ ResourceArn: "Shop" });
  await db.deleteResourcePolicy({ ResourceArn: "Shop", ExpectedRevisionId: "1" });
  await db.deleteTable({ TableName: "Shop" });
}

export async function down(_: Database): Promise<void> {}
