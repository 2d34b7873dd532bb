// aws_sdk.mjs <node_modules> [<cases>]
//
// With cases, prints the results of `@aws-sdk/util-dynamodb` for them: a module whose `results` is
// called with the package. Without, prints the exports of the AWS SDK's packages for DynamoDB, in
// the format of `crates/mizzle-eval/src/js/sdk/packages.json`: the members of the enumerations,
// each of which has its name as its value, and the names of everything else that code may use.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, cases] = process.argv.slice(2);
const require = createRequire(join(modules, "x.js"));

const isEnumeration = (value) =>
  Object.getPrototypeOf(value) === Object.prototype &&
  Object.keys(value).length > 0 &&
  Object.entries(value).every(([name, member]) => name === member);

function exported() {
  const packages = {};
  for (const name of [
    "@aws-sdk/client-dynamodb",
    "@aws-sdk/lib-dynamodb",
    "@aws-sdk/util-dynamodb",
  ]) {
    const enumerations = {};
    const names = [];
    for (const [key, value] of Object.entries(require(name)).sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (typeof value === "object" && isEnumeration(value))
        enumerations[key] = Object.keys(value).join(" ");
      // Descriptions of requests (`GetItemInput$`) are for generated code only.
      else if (typeof value === "function") names.push(key);
    }
    packages[name] = { enumerations, names: names.join(" ") };
  }
  return packages;
}

async function converted() {
  const { results } = await import(pathToFileURL(cases));
  return results(require("@aws-sdk/util-dynamodb"));
}

console.log(JSON.stringify(cases === undefined ? exported() : await converted(), null, 1));
