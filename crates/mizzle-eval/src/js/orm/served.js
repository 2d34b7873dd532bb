// What `mizzle-cli/schema` is in the engine.

export * from "./schema.js";
export { dynamoTable } from "./made.js";
