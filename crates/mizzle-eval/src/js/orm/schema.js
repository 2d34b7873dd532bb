// The schema functions: the exports of `mizzle-cli/schema`, here as in the npm package.
//
// The engine serves this folder's files, and the npm package contains them too. So they import each
// other as files, and nothing else.

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

/** Defines relations, which concern queries only: their targets are ignored. */
export function defineRelations(subject, relations) {
  return { [RelationConfig]: { subject, relations } };
}
