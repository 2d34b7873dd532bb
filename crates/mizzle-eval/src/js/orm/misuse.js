// Errors for wrong use of the schema functions.
//
// Only values that a declaration cannot hold are errors here. The host validates the declared
// tables, all at once: a key may be missing, an index may have too many attributes.

/**
 * Creates an error about an expected value; it is shown at the user's own call. `argument` is the
 * path in that call: the number of the argument, then the names of properties in it.
 */
export function misuse(message, argument = []) {
  return Object.assign(new TypeError(message), { code: "ERR_MIZZLE_SCHEMA", argument });
}

/** Describes a value, for the end of a message. */
export function kindOf(value) {
  if (value === undefined) return "undefined";
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function")
    return value.name ? `the function ${value.name} (is it to be called?)` : "a function";
  if (typeof value === "object")
    return value.constructor?.name === "Object"
      ? "an object"
      : `an instance of ${value.constructor?.name ?? "a class"}`;
  return `the ${typeof value} ${String(value)}`;
}

export function checkName(value, what, argument) {
  if (typeof value !== "string")
    throw misuse(`${what} must be a name, but is ${kindOf(value)}`, argument);
}

export const isPlain = (value) => {
  if (value === null || typeof value !== "object") return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
};

/** Returns an own property of an object literal, ignoring inherited ones. */
export const own = (object, key) => (Object.hasOwn(object, key) ? object[key] : undefined);
