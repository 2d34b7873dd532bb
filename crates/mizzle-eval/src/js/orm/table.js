// dynamoTable.

import { isColumn } from "./columns.js";
import { makeIndex } from "./indexes.js";
import { checkName, isPlain, kindOf, misuse, own } from "./misuse.js";
import { Indexes, PartitionKey, SortKey, TableName } from "./symbols.js";

const build = (value, name) => (typeof value.build === "function" ? value.build(name) : value);

/** A physical DynamoDB table. */
export class PhysicalTable {
  constructor(name, config) {
    this[TableName] = name;
    this[PartitionKey] = keyColumn(name, config, "pk", "partitionKey");
    this[SortKey] = keyColumn(name, config, "sk", "sortKey");
    // An index may be named `__proto__`.
    this[Indexes] = Object.create(null);
    const indexes = own(config, "indexes") ?? {};
    if (!isPlain(indexes))
      throw misuse(
        `dynamoTable("${name}"): "indexes" must be an object of gsi(…) and lsi(…), but is ${kindOf(indexes)}`,
        [1, "indexes"],
      );
    const names = Object.keys(indexes);
    for (let position = 0; position < names.length; position++) {
      const index = names[position];
      const value = indexes[index];
      if (value?.type !== "gsi" && value?.type !== "lsi") {
        throw misuse(
          `dynamoTable("${name}"): index "${index}" must be made by gsi(…) or lsi(…), but is ${kindOf(value)}`,
          [1, "indexes", index],
        );
      }
      this[Indexes][index] = value;
    }
  }

  /** Adds a GSI: .gsi("byEmail", { pk: string("email"), sk: … }). */
  gsi(name, config) {
    return this.#add("gsi", name, config, ({ pk: _, sk: __, ...options }) => ({
      key: { pk: own(config, "pk"), sk: own(config, "sk") },
      options,
    }));
  }

  /** Adds an LSI: .lsi("byDate", { sk: number("date") }). */
  lsi(name, config) {
    return this.#add("lsi", name, config, ({ sk: _, pk: __, ...options }) => ({
      key: { sk: own(config, "sk") },
      options,
    }));
  }

  #add(what, name, config, split) {
    checkName(name, `the first argument of .${what}(…) on table "${this[TableName]}"`, [0]);
    if (!isPlain(config))
      throw misuse(
        `.${what}("${name}"): the second argument must be an object with the key, but is ${kindOf(config)}`,
        [1],
      );
    const places = { pk: [1, "pk"], sk: [1, "sk"], options: [1] };
    const { key, options } = split(config);
    this[Indexes][name] = makeIndex(what, key, options, places);
    return this;
  }
}

/** Returns the key under `pk` or `sk`, or the column that is marked as this key. */
function keyColumn(table, config, key, mark) {
  const given = own(config, key);
  if (given !== undefined) {
    if (!isColumn(given))
      throw misuse(
        `dynamoTable("${table}"): "${key}" must be a column such as string("${key}"), but is ${kindOf(given)}`,
        [1, key],
      );
    return build(given, key);
  }
  const names = Object.keys(config);
  for (let position = 0; position < names.length; position++) {
    const value = config[names[position]];
    if (isColumn(value) && value.config && own(value.config, mark)) return build(value, names[position]);
  }
  return undefined;
}

/** Declares a table: its name, its key, its indexes. */
export function dynamoTable(name, config) {
  checkName(name, "the first argument of dynamoTable", [0]);
  if (!isPlain(config))
    throw misuse(
      `dynamoTable("${name}"): the second argument must be an object with "pk", but is ${kindOf(config)}`,
      [1],
    );
  return new PhysicalTable(name, config);
}
