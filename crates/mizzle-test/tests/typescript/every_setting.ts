// Compiles only while the config's types accept every form of every setting.
import { defineConfig, type TableSettings } from "mizzle-cli";

const policy = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: "*", Action: "dynamodb:GetItem", Resource: "*" }],
};

export const forms: TableSettings[] = [
  {},
  { billingMode: "PAY_PER_REQUEST" },
  { billingMode: "PROVISIONED" },
  { readCapacity: 5, writeCapacity: 5 },
  { billingMode: "PROVISIONED", readCapacity: 5, writeCapacity: 5 },
  { capacity: "autoscaled" },
  { capacity: "autoscaled", readCapacity: 5, writeCapacity: 5 },
  { onDemandMaximum: { reads: 1000, writes: "unlimited" } },
  { onDemandMaximum: { writes: 5 } },
  { billingMode: "PAY_PER_REQUEST", onDemandMaximum: false },
  { warmThroughput: { reads: 15000, writes: 5000 } },
  { timeToLive: "expiresAt" },
  { timeToLive: false },
  { stream: "KEYS_ONLY" },
  { stream: "NEW_IMAGE" },
  { stream: "OLD_IMAGE" },
  { stream: "NEW_AND_OLD_IMAGES" },
  { stream: false },
  { pointInTimeRecovery: true },
  { pointInTimeRecovery: { days: 7 } },
  { tableClass: "STANDARD" },
  { tableClass: "STANDARD_INFREQUENT_ACCESS" },
  { encryption: "owned" },
  { encryption: "managed" },
  { encryption: { kmsKey: "0000-1111" } },
  { deletionProtection: true },
  { tags: { team: "shop", "cost centre": "7" } },
  { resourcePolicy: policy },
  { resourcePolicy: JSON.stringify(policy) },
  { resourcePolicy: false },
  { stream: undefined, tags: undefined, billingMode: undefined, indexes: undefined },
  {
    readCapacity: 5,
    writeCapacity: 5,
    indexes: {
      "*": { capacity: "autoscaled" },
      byEmail: { readCapacity: 1, writeCapacity: 1, projection: ["total"] },
      byDate: { projection: "KEYS_ONLY" },
      byStatus: { warmThroughput: { reads: 15000, writes: 5000 }, projection: "ALL" },
    },
  },
  { indexes: { byEmail: { onDemandMaximum: { reads: 1000 } }, byDate: {} } },
];

export default defineConfig(() => ({
  schema: "./schema.ts",
  tables: {
    "*": { pointInTimeRecovery: true, deletionProtection: true, tags: { team: "shop" } },
    Shop: { billingMode: "PROVISIONED", readCapacity: 5, writeCapacity: 5 },
    [computed()]: { stream: false },
  },
}));

function computed(): string {
  return "Computed";
}
