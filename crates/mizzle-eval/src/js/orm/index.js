// The replacement for the ORM if it is not installed: enough to declare tables.

import { internal } from "mizzle:internal";

export * from "./served.js";
export { Column, ColumnBuilder } from "./columns.js";
export { PhysicalTable } from "./table.js";
export { Entity } from "./entity.js";
export { defineConfig } from "./config.js";

/** The client. Like the ORM's own, it can build queries, but not run them. */
export const mizzle = () => internal.part("sdk").ormClient();

// Conditions of queries, which a schema file may also contain.
const condition =
  (operator) =>
  (...operands) => ({ operator, operands });
export const eq = condition("=");
export const ne = condition("<>");
export const lt = condition("<");
export const lte = condition("<=");
export const gt = condition(">");
export const gte = condition(">=");
export const between = condition("between");
export const inList = condition("in");
export const beginsWith = condition("begins_with");
export const contains = condition("contains");
export const attributeExists = condition("attribute_exists");
export const attributeNotExists = condition("attribute_not_exists");
export const and = condition("and");
export const or = condition("or");
export const not = condition("not");
