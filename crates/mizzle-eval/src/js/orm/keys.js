// Key strategies: the sources of the keys of an entity's items.

import { isColumn } from "./columns.js";
import { kindOf, misuse } from "./misuse.js";

function checkSegment(value, what, argument) {
  if (typeof value === "string" || isColumn(value)) return value;
  const misspelt = value === undefined ? " (is the name of the column right?)" : "";
  throw misuse(`${what} must be a column or a string, but is ${kindOf(value)}${misspelt}`, [
    argument,
  ]);
}

function checkText(value, what) {
  if (typeof value !== "string")
    throw misuse(`${what} must be a string, but is ${kindOf(value)}`, [0]);
  return value;
}

/** A constant text. */
export const staticKey = (value) => ({
  type: "static",
  segments: [checkText(value, "the argument of staticKey")],
});

/** A prefix followed by the value of a column. */
export function prefixKey(prefix, column) {
  checkText(prefix, "the first argument of prefixKey");
  return {
    type: "prefix",
    segments: [
      prefix,
      checkSegment(column, `prefixKey(${JSON.stringify(prefix)}, …): the second argument`, 1),
    ],
  };
}

/** Several values joined by a separator. */
export function compositeKey(separator, ...segments) {
  checkText(separator, "the first argument of compositeKey, the separator,");
  for (let index = 0; index < segments.length; index++)
    checkSegment(segments[index], `compositeKey: argument ${index + 2}`, index + 1);
  return { type: "composite", separator, segments };
}

const isStrategy = (value) =>
  typeof value === "string" ||
  isColumn(value) ||
  (typeof value?.type === "string" && Array.isArray(value.segments));

/** Throws unless the value can fill a key: `["pk"]`, or `["byEmail", "pk"]` of an index. */
export function checkStrategy(entity, key, value) {
  const values = Array.isArray(value) ? value : [value];
  for (let index = 0; index < values.length; index++) {
    const one = values[index];
    if (one !== undefined && !isStrategy(one)) {
      throw misuse(
        `dynamoEntity("${entity}"): the strategy of "${key.join(".")}" must be a column, a string, or made by prefixKey, staticKey or compositeKey, but is ${kindOf(one)}`,
        [3, ...key],
      );
    }
  }
}

/** True if the value fills a key itself, rather than listing those of an index. */
export const fillsKey = (value) => isStrategy(value) || Array.isArray(value);
