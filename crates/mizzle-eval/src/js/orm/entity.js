// dynamoEntity.

import { builders, isColumn } from "./columns.js";
import { checkStrategy, fillsKey } from "./keys.js";
import { checkName, isPlain, kindOf, misuse, own } from "./misuse.js";
import { Columns, EntityName, EntityStrategy, PhysicalTable, TableName } from "./symbols.js";

/** An item type in a table. */
export class Entity {
  constructor(table, name, columns, strategy) {
    this[EntityName] = name;
    this[PhysicalTable] = table;
    this[Columns] = columns;
    this[EntityStrategy] = strategy;
    Object.assign(this, columns);
  }
}

function buildColumns(entity, columns) {
  const given = typeof columns === "function" ? columns(builders) : columns;
  if (!isPlain(given))
    throw misuse(
      `dynamoEntity("${entity}"): the columns must be an object, but are ${kindOf(given)}`,
      [2],
    );
  const built = {};
  const names = Object.keys(given);
  for (let index = 0; index < names.length; index++) {
    const key = names[index];
    const column = given[key];
    if (!isColumn(column))
      throw misuse(
        `dynamoEntity("${entity}"): column "${key}" must be a column such as string(), but is ${kindOf(column)}`,
        [2, key],
      );
    built[key] = typeof column.build === "function" ? column.build(key) : column;
  }
  return built;
}

function strategyOf(entity, columns, strategy) {
  const given = (typeof strategy === "function" ? strategy(columns) : strategy) ?? {};
  if (!isPlain(given))
    throw misuse(
      `dynamoEntity("${entity}"): the key strategy must be an object such as { pk, sk }, but is ${kindOf(given)}`,
      [3],
    );
  const names = Object.keys(given);
  for (let index = 0; index < names.length; index++) {
    const key = names[index];
    const value = given[key];
    if (fillsKey(value) || !isPlain(value)) {
      checkStrategy(entity, [key], value);
      continue;
    }
    const parts = Object.keys(value);
    for (let part = 0; part < parts.length; part++) {
      if (parts[part] !== "pk" && parts[part] !== "sk")
        throw misuse(
          `dynamoEntity("${entity}"): the strategy of index "${key}" has "pk" and "sk", not "${parts[part]}"`,
          [3, key, parts[part]],
        );
    }
    checkStrategy(entity, [key, "pk"], own(value, "pk"));
    checkStrategy(entity, [key, "sk"], own(value, "sk"));
  }
  return given;
}

/** Declares an entity: its table, its name, its columns, and its key strategy. */
export function dynamoEntity(table, name, columns, strategy) {
  if (table === null || typeof table !== "object" || !(TableName in table)) {
    const circle = table === undefined ? " (do the files import each other in a circle?)" : "";
    throw misuse(
      `dynamoEntity: the first argument must be a table made by dynamoTable, but is ${kindOf(table)}${circle}`,
      [0],
    );
  }
  checkName(name, "the second argument of dynamoEntity", [1]);
  if (name === "") throw misuse("dynamoEntity: the name of an entity must not be empty", [1]);
  const built = buildColumns(name, columns);
  return new Entity(table, name, built, strategyOf(name, built, strategy));
}
