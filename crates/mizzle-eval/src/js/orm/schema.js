// The schema functions: what `mizzle-cli/schema` exports, here as in the npm package.
//
// The files beside this one are both: the engine serves them, and the npm package is made of them.
// So they import each other as files, and nothing else.

import { RelationConfig } from "./symbols.js";

export {
  binary,
  binarySet,
  boolean,
  date,
  json,
  list,
  map,
  number,
  numberSet,
  string,
  stringSet,
  uuid,
} from "./columns.js";
export { dynamoTable } from "./table.js";
export { gsi, lsi } from "./indexes.js";
export { dynamoEntity } from "./entity.js";
export { compositeKey, prefixKey, staticKey } from "./keys.js";

/** Relations concern queries only: what they lead to is not looked at. */
export function defineRelations(subject, relations) {
  return { [RelationConfig]: { subject, relations } };
}
