// Errors of those who use the schema functions wrongly.

/** An error that says what was expected; it is shown at the user's own line. */
export function misuse(message) {
  return Object.assign(new TypeError(message), { code: "ERR_MIZZLE_SCHEMA" });
}

/** What a value is, for the end of a message. */
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

export function checkName(value, what) {
  if (typeof value !== "string" || value === "")
    throw misuse(`${what} must be a name, but is ${kindOf(value)}`);
  return value;
}

export const isPlain = (value) => {
  if (value === null || typeof value !== "object") return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
};
