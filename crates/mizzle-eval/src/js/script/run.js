// Runs `up` or `down` of a migration script.
(function (internal) {
  const { part } = internal;

  /**
   * Calls the function of that name with a `db`.
   *
   * Returns an object: `kind` is the type of the export; if that is not a function, the object has
   * no other property. Otherwise it also has the `promise` of the script's result, and the
   * functions for the host's replies; `runRest` runs timers that the script has not awaited.
   */
  return function run(namespace, name, facts, host) {
    // CommonJS exports whose names are unknown from the text are only in the default export.
    const found = namespace[name] ?? namespace.default?.[name];
    const kind = found === undefined ? "undefined" : part("script/values").nameOf(found);
    if (typeof found !== "function") return { kind };
    const { db, settle, close } = part("script/database")(facts, host);
    const { mark, runRest } = part("clock");
    const start = mark();
    internal.refusedCall = undefined;
    const promise = (async () => {
      await found(db);
      if (internal.refusedCall !== undefined) throw internal.refusedCall;
    })();
    return { kind: "function", promise, settle, close, runRest: () => runRest(start) };
  };
});
