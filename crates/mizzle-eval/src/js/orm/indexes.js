// Indexes: gsi and lsi, with our option for the projection.

import { isColumn } from "mizzle:orm/columns";
import { isPlain, kindOf, misuse } from "mizzle:orm/misuse";

const isOptions = (value) => isPlain(value) && !isColumn(value);

/** The arguments without our options, and these. */
export function takeOptions(args) {
  const last = args.at(-1);
  return isOptions(last) ? [args.slice(0, -1), last] : [args, {}];
}

function checkKey(value, what, most) {
  const keys = Array.isArray(value) ? value : [value];
  if (keys.length === 0 || keys.length > most)
    throw misuse(
      `${what} must be ${most === 1 ? "one attribute" : `1 to ${most} attributes`}, but is ${kindOf(value)}`,
    );
  for (const key of keys) {
    if (isColumn(key)) {
      const name = key.name || key.config?.name;
      if (!name) throw misuse(`${what} needs a name: give it to the column, as in string("email")`);
    } else if (typeof key !== "string" || key === "") {
      throw misuse(`${what} must be the name of an attribute, but is ${kindOf(key)}`);
    }
  }
  return value;
}

export function checkProjection(projection, what) {
  const names = Array.isArray(projection) && projection.every((name) => typeof name === "string");
  if (projection !== undefined && typeof projection !== "string" && !names) {
    throw misuse(
      `${what}: the projection must be "ALL", "KEYS_ONLY" or a list of attribute names, but is ${kindOf(projection)}`,
    );
  }
}

function config(what, key, options) {
  const unknown = Object.keys(options).find((name) => name !== "projection");
  if (unknown !== undefined)
    throw misuse(`${what} has no option "${unknown}"; there is { projection }`);
  checkProjection(options.projection, what);
  return options.projection === undefined ? key : { ...key, projection: options.projection };
}

/** A global secondary index: gsi(pk, sk?, { projection }?). */
export function gsi(...args) {
  const [[pk, sk, ...rest], options] = takeOptions(args);
  if (rest.length > 0)
    throw misuse(
      "gsi takes a partition key, a sort key and options; several attributes of a key go into an array",
    );
  checkKey(pk, "the partition key of gsi", 4);
  if (sk !== undefined) checkKey(sk, "the sort key of gsi", 4);
  return { type: "gsi", config: config("gsi", sk === undefined ? { pk } : { pk, sk }, options) };
}

/** A local secondary index: lsi(sk, { projection }?). */
export function lsi(...args) {
  const [[sk, ...rest], options] = takeOptions(args);
  if (rest.length > 0)
    throw misuse("lsi takes a sort key and options; its partition key is the table's");
  return {
    type: "lsi",
    config: config("lsi", { sk: checkKey(sk, "the sort key of lsi", 1) }, options),
  };
}

/** Adds our option to the `gsi` or `lsi` of an installed ORM. */
export function withProjection(make, what) {
  if (typeof make !== "function") return make;
  return function (...args) {
    const [rest, options] = takeOptions(args);
    if (!("projection" in options)) return make.apply(this, args);
    checkProjection(options.projection, what);
    const index = make.apply(this, rest);
    return {
      ...index,
      type: index.type,
      config: { ...index.config, projection: options.projection },
    };
  };
}
