// Columns: the attributes of an item.

const notes = [
  "default",
  "$default",
  "defaultFn",
  "$defaultFn",
  "defaultRandom",
  "$onUpdate",
  "$onUpdateFn",
  "$type",
  "notNull",
  "nullable",
  "optional",
  "partitionKey",
  "sortKey",
  "primaryKey",
  "length",
  "email",
  "url",
  "min",
  "max",
  "regex",
  "pattern",
  "int",
  "positive",
  "negative",
  "enum",
  "describe",
];

/** A column under construction: every method of the chain returns it. */
export class ColumnBuilder {
  config;
  constructor(name, columnType) {
    this.config = { name, columnType, notNull: false, partitionKey: false, sortKey: false };
  }
  build(name) {
    return new Column(this.config.name || name, this.config);
  }
}
for (let index = 0; index < notes.length; index++) {
  const note = notes[index];
  ColumnBuilder.prototype[note] = function () {
    if (note in this.config) this.config[note] = true;
    return this;
  };
}

/** A column of a table or an entity. */
export class Column {
  name;
  config;
  columnType;
  notNull;
  constructor(name, config) {
    this.name = name;
    this.config = config;
    this.columnType = config.columnType;
    this.notNull = config.notNull;
  }
  getDynamoType() {
    return this.columnType;
  }
  // In a template string: `USER#${c.id}`.
  toString() {
    return `{${this.name}}`;
  }
}

export const isColumn = (value) =>
  value !== null &&
  typeof value === "object" &&
  (typeof value.getDynamoType === "function" || typeof value.build === "function");

const columnOf = (type) => (name) => new ColumnBuilder(typeof name === "string" ? name : "", type);

export const string = columnOf("S");
export const uuid = columnOf("S");
export const json = columnOf("S");
export const date = columnOf("S");
export const number = columnOf("N");
export const binary = columnOf("B");
export const boolean = columnOf("BOOL");
export const list = columnOf("L");
export const map = columnOf("M");
export const stringSet = columnOf("SS");
export const numberSet = columnOf("NS");
export const binarySet = columnOf("BS");

export const builders = {
  string,
  uuid,
  json,
  date,
  number,
  binary,
  boolean,
  list,
  map,
  stringSet,
  numberSet,
  binarySet,
};
