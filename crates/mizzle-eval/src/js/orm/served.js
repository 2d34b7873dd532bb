// `mizzle-cli/schema` in the engine.

export * from "./schema.js";
export { dynamoTable } from "./made.js";
