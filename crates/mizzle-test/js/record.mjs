// Runs one function of migration scripts with a `db` that only writes down its calls; prints a list
// of calls for each script.
// Usage: record.mjs up|down SCRIPT...
import { pathToFileURL } from "node:url";

const [direction, ...scripts] = process.argv.slice(2);
const recorded = [];
for (const script of scripts) {
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
  recorded.push(calls);
}
console.log(JSON.stringify(recorded));
