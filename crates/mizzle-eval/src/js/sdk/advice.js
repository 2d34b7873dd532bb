// Alternatives to calls of the AWS SDK.
(function ({ host }) {
  const scripts = {
    get: "db.get",
    getItem: "db.get",
    put: "db.put",
    putItem: "db.put",
    update: "db.update",
    updateItem: "db.update",
    delete: "db.delete",
    deleteItem: "db.delete",
    query: "db.query, or db.queryItems for the items of every page",
    paginateQuery: "db.queryItems",
    scan: "db.scan, or db.scanItems for the items of every page",
    paginateScan: "db.scanItems",
    batchGet: "db.batchGet",
    batchGetItem: "db.batchGet",
    paginatedBatchGet: "db.batchGet",
    transactGet: "db.batchGet",
    transactGetItems: "db.batchGet",
    batchWrite: "db.batchWrite",
    batchWriteItem: "db.batchWrite",
    transactWrite: "db.transactWrite",
    transactWriteItems: "db.transactWrite",
    createTable: "db.createTable, which waits for the table",
    updateTable: "db.updateTable, which waits for the table",
    deleteTable: "db.deleteTable, which waits until the table is gone",
    waitForTableExists: "db.createTable, which waits for the table",
    waitForTableNotExists: "db.deleteTable, which waits until the table is gone",
    waitUntilTableExists: "db.createTable, which waits for the table",
    waitUntilTableNotExists: "db.deleteTable, which waits until the table is gone",
  };
  const scriptFor = (method) =>
    Object.hasOwn(scripts, method)
      ? scripts[method]
      : host.methods.includes(method)
        ? `db.${method}`
        : undefined;
  const evaluation =
    "mizzle does not talk to AWS while it evaluates configs and schemas; a client may be made there, but not used: hand over what is needed in environment variables, or write it down";

  /** Returns the advice for a call of a package, named by its method or command. */
  function adviceFor(pack, call) {
    if (!host.methods) return evaluation;
    const operation = call.replace(/Command$/, "");
    const method = operation.charAt(0).toLowerCase() + operation.slice(1);
    const isOfDynamoDb = /dynamodb|^aws-sdk$|^$/.test(pack);
    const script = isOfDynamoDb ? scriptFor(method) : undefined;
    if (script !== undefined)
      return `a migration reaches its tables through its db: use ${script}`;
    return "a migration reaches its tables through its db (db.put, db.update, db.scanItems, …), and nothing else of AWS; do the rest outside of it";
  }

  const adviceForProviders = host.methods
    ? "a migration has the connection of the config: name the profile there (`profile`), and use the script's db"
    : 'name the profile instead: `profile: "…"` in the config; mizzle looks the credentials up itself';

  const adviceForHelpers =
    "the AWS SDK is not loaded, and what stands in for it has no such function: use one of your own";

  return { adviceFor, adviceForHelpers, adviceForProviders };
});
