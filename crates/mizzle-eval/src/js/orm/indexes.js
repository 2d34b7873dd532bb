// Indexes: gsi and lsi, with our option for the projection.

import { isColumn } from "./columns.js";
import { isPlain, kindOf, misuse } from "./misuse.js";

const isOptions = (value) => isPlain(value) && !isColumn(value);

/** The arguments without our options, and these. */
function takeOptions(args) {
  const last = args.at(-1);
  return isOptions(last) ? [args.slice(0, -1), last] : [args, {}];
}

function checkKey(value, what, argument) {
  if (value === undefined) return;
  for (const key of Array.isArray(value) ? value : [value]) {
    if (isColumn(key)) {
      const name = key.name || key.config?.name;
      if (!name)
        throw misuse(
          `${what} needs a name: give it to the column, as in string("email")`,
          argument,
        );
    } else if (typeof key !== "string") {
      throw misuse(`${what} must be the name of an attribute, but is ${kindOf(key)}`, argument);
    }
  }
}

function checkProjection(projection, what, argument) {
  const names = Array.isArray(projection) && projection.every((name) => typeof name === "string");
  if (projection !== undefined && typeof projection !== "string" && !names) {
    throw misuse(
      `${what}: the projection must be "ALL", "KEYS_ONLY" or a list of attribute names, but is ${kindOf(projection)}`,
      [...argument, "projection"],
    );
  }
}

/**
 * An index. `key` has `pk` and `sk`, or one of them; `places` says which arguments of the user's call
 * these and the options are.
 */
export function makeIndex(type, key, options, places) {
  checkKey(key.pk, `the partition key of ${type}`, places.pk);
  checkKey(key.sk, `the sort key of ${type}`, places.sk);
  const unknown = Object.keys(options).find((name) => name !== "projection");
  if (unknown !== undefined)
    throw misuse(`${type} has no option "${unknown}"; there is { projection }`, [
      ...places.options,
      unknown,
    ]);
  checkProjection(options.projection, type, places.options);
  const given = Object.entries({ ...key, ...options }).filter(([, value]) => value !== undefined);
  return { type, config: Object.fromEntries(given) };
}

/** A global secondary index: gsi(pk, sk?, { projection }?). */
export function gsi(...args) {
  const [[pk, sk, ...rest], options] = takeOptions(args);
  if (rest.length > 0)
    throw misuse(
      "gsi takes a partition key, a sort key and options; several attributes of a key go into an array",
      [2],
    );
  return makeIndex("gsi", { pk, sk }, options, { pk: [0], sk: [1], options: [args.length - 1] });
}

/** A local secondary index: lsi(sk, { projection }?). */
export function lsi(...args) {
  const [[sk, ...rest], options] = takeOptions(args);
  if (rest.length > 0)
    throw misuse("lsi takes a sort key and options; its partition key is the table's", [1]);
  return makeIndex("lsi", { sk }, options, { sk: [0], options: [args.length - 1] });
}

/** Adds our option to the `gsi` or `lsi` of an installed ORM. */
export function withProjection(make, what) {
  if (typeof make !== "function") return make;
  const added = function (...args) {
    const [rest, options] = takeOptions(args);
    if (!("projection" in options)) return make.apply(this, args);
    checkProjection(options.projection, what, [args.length - 1]);
    const index = make.apply(this, rest);
    return {
      ...index,
      type: index.type,
      config: { ...index.config, projection: options.projection },
    };
  };
  // The user's call is found by the name.
  return Object.defineProperty(added, "name", { value: what });
}
