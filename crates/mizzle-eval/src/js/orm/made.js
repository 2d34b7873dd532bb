// Records the created tables with the calls that created them, to report tables without an export.
//
// Only the engine has this file; the npm package consists of the others.

import { internal } from "mizzle:internal";
import { dynamoTable as builtIn } from "./table.js";

/** Returns the stack of a call, even if the code has changed the format of stacks. */
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
      // Then nothing was changed.
    }
  }
}

/** Wraps `dynamoTable` to record the tables that it creates. */
export function remembering(make) {
  if (typeof make !== "function") return make;
  const added = function (...args) {
    const table = Reflect.apply(make, this, args);
    const stack = stackHere();
    if (typeof stack === "string") internal.notes.push({ table, stack });
    return table;
  };
  // The user's call is located by this name.
  return Object.defineProperty(added, "name", { value: "dynamoTable" });
}

export const dynamoTable = remembering(builtIn);
