// Runs one function of a migration script with a `db` that only writes down its calls.
// Usage: record.mjs SCRIPT up|down
import { pathToFileURL } from "node:url";

const [script, direction] = process.argv.slice(2);
const calls = [];
const db = new Proxy(
  {},
  {
    get: (_, call) => async (...inputs) => {
      if (inputs.length !== 1) throw new TypeError(`${String(call)} takes one request`);
      calls.push({ call, input: inputs[0] });
    },
  },
);
const migration = await import(pathToFileURL(script).href);
await migration[direction](db);
console.log(JSON.stringify(calls));
