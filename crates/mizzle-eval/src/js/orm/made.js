// Which tables were made, and by which call: so that one that nothing exports can be named.
//
// The engine alone has this file; the npm package is made of the others.

import { internal } from "mizzle:internal";
import { dynamoTable as builtIn } from "./table.js";

/** The stack of a call, whatever the code has made of stacks. */
function stackHere() {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.prepareStackTrace = undefined;
    Error.stackTraceLimit = 50;
    return new Error().stack;
  } catch {
    // `Error` is frozen.
    return undefined;
  } finally {
    try {
      Error.prepareStackTrace = prepareStackTrace;
      Error.stackTraceLimit = stackTraceLimit;
    } catch {
      // Nothing was changed, then.
    }
  }
}

/** A `dynamoTable` that remembers the tables that it makes. */
export function remembering(make) {
  if (typeof make !== "function") return make;
  const added = function (...args) {
    const table = Reflect.apply(make, this, args);
    const stack = stackHere();
    if (typeof stack === "string") internal.notes.push({ table, stack });
    return table;
  };
  // The user's call is found by the name.
  return Object.defineProperty(added, "name", { value: "dynamoTable" });
}

export const dynamoTable = remembering(builtIn);
