// Indexes: gsi and lsi, with our option for the projection.

import { isColumn } from "./columns.js";
import { isPlain, kindOf, misuse, own } from "./misuse.js";

const isOptions = (value) => isPlain(value) && !isColumn(value);

/** Splits our options from the other arguments. Not into an array: its methods may be replaced. */
function takeOptions(args) {
  const last = args.length - 1;
  const hasOptions = last >= 0 && isOptions(args[last]);
  const rest = Object.create(null);
  rest.length = hasOptions ? last : args.length;
  for (let index = 0; index < rest.length; index++) rest[index] = args[index];
  return { rest, options: hasOptions ? args[last] : {} };
}

function checkKey(value, what, argument) {
  if (value === undefined) return;
  const keys = Array.isArray(value) ? value : [value];
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index];
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
  let isUsable = projection === undefined || typeof projection === "string";
  if (Array.isArray(projection)) {
    isUsable = true;
    for (let index = 0; index < projection.length; index++)
      if (typeof projection[index] !== "string") isUsable = false;
  }
  if (!isUsable) {
    throw misuse(
      `${what}: the projection must be "ALL", "KEYS_ONLY" or a list of attribute names, but is ${kindOf(projection)}`,
      [...argument, "projection"],
    );
  }
}

/**
 * Creates an index. `key` has `pk` and `sk`, or one of them; `places` are the positions of these
 * and of the options in the arguments of the user's call.
 */
export function makeIndex(type, key, options, places) {
  checkKey(own(key, "pk"), `the partition key of ${type}`, places.pk);
  checkKey(own(key, "sk"), `the sort key of ${type}`, places.sk);
  const names = Object.keys(options);
  for (let index = 0; index < names.length; index++) {
    if (names[index] !== "projection")
      throw misuse(`${type} has no option "${names[index]}"; there is { projection }`, [
        ...places.options,
        names[index],
      ]);
  }
  checkProjection(own(options, "projection"), type, places.options);
  const given = { ...key, ...options };
  const members = Object.keys(given);
  for (let index = 0; index < members.length; index++)
    if (given[members[index]] === undefined) delete given[members[index]];
  return { type, config: given };
}

/** Creates a global secondary index: gsi(pk, sk?, { projection }?). */
export function gsi(...args) {
  const { rest, options } = takeOptions(args);
  const { 0: pk, 1: sk, length } = rest;
  if (length > 2)
    throw misuse(
      "gsi takes a partition key, a sort key and options; several attributes of a key go into an array",
      [2],
    );
  return makeIndex("gsi", { pk, sk }, options, { pk: [0], sk: [1], options: [args.length - 1] });
}

/** Creates a local secondary index: lsi(sk, { projection }?). */
export function lsi(...args) {
  const { rest, options } = takeOptions(args);
  const { 0: sk, length } = rest;
  if (length > 1)
    throw misuse("lsi takes a sort key and options; its partition key is the table's", [1]);
  return makeIndex("lsi", { sk }, options, { sk: [0], options: [args.length - 1] });
}

/** Adds our option to the `gsi` or `lsi` of an installed ORM. */
export function withProjection(make, what) {
  if (typeof make !== "function") return make;
  const added = function (...args) {
    const { rest, options } = takeOptions(args);
    if (!Object.hasOwn(options, "projection")) return Reflect.apply(make, this, args);
    checkProjection(options.projection, what, [args.length - 1]);
    const index = Reflect.apply(make, this, rest);
    return {
      ...index,
      type: index.type,
      config: { ...index.config, projection: options.projection },
    };
  };
  // The user's call is located by this name.
  return Object.defineProperty(added, "name", { value: what });
}
