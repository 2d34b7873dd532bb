// validate.mjs <node_modules> <JSON schema> <documents>
//
// Prints, for each of the documents in a JSON file, true if it is valid according to the schema.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [modules, schema, documents] = process.argv.slice(2);
const Ajv = createRequire(join(modules, "x.js"))("ajv");
const read = (file) => JSON.parse(readFileSync(file, "utf8"));

// Strict: an unknown keyword in the schema is an error, too.
const ajv = new Ajv.default({ strict: true, allowUnionTypes: true, strictTypes: false });
const validate = ajv.compile(read(schema));
console.log(JSON.stringify(read(documents).map((document) => validate(document))));
