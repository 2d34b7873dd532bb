// Runs one function of migration scripts with a `db` that does not execute anything, like a dry run
// of mizzle; prints a list of their control-plane calls for each script. Usage: record.mjs up|down
// SCRIPT...
import { pathToFileURL } from "node:url";

const [direction, ...scripts] = process.argv.slice(2);

// Reads find no items.
const page = { Items: [], Count: 0, ScannedCount: 0 };
const nothing = {
  env: undefined,
  dryRun: true,
  log() {},
  async get() { return {}; },
  async put() { return {}; },
  async update() { return {}; },
  async delete() { return {}; },
  async query() { return page; },
  async scan() { return page; },
  async batchGet() { return { Responses: {}, UnprocessedKeys: {} }; },
  async batchWrite() { return { UnprocessedItems: {} }; },
  async transactWrite() { return {}; },
  async *scanItems() {},
  async *queryItems() {},
  async *scanPages() { yield page; },
  async *queryPages() { yield page; },
};

const recorded = [];
for (const script of scripts) {
  const calls = [];
  const db = new Proxy(nothing, {
    get: (target, call) =>
      call in target
        ? target[call]
        : async (...inputs) => {
            if (inputs.length !== 1) throw new TypeError(`${String(call)} takes one request`);
            calls.push({ call, input: inputs[0] });
          },
  });
  const migration = await import(pathToFileURL(script).href);
  await migration[direction](db);
  recorded.push(calls);
}
console.log(JSON.stringify(recorded));
