// What stands in for the ORM where it is not installed: enough to declare tables.

import { internal } from "mizzle:internal";
import { RelationConfig } from "mizzle:orm/symbols";

export * from "mizzle:orm/columns";
export { gsi, lsi } from "mizzle:orm/indexes";
export { PhysicalTable, dynamoTable } from "mizzle:orm/table";
export { Entity, dynamoEntity } from "mizzle:orm/entity";
export { compositeKey, prefixKey, staticKey } from "mizzle:orm/keys";
export { defineConfig } from "mizzle:orm/config";

/** Relations concern queries only: what they lead to is not looked at. */
export function defineRelations(subject, relations) {
  return { [RelationConfig]: { subject, relations } };
}

/** The client: it takes every call and does nothing. */
export const mizzle = () => internal.part("sdk").inert();

// Conditions of queries, which a schema file may hold in passing.
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
