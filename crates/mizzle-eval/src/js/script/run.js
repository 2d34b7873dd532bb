// Runs `up` or `down` of a migration script.
(function (internal) {
  const { part } = internal;

  /**
   * Calls the function of that name with a `db`.
   *
   * `kind` says what the module exports under the name; when that is no function, it is all that
   * there is. Otherwise there are the `promise` of the script's end, and what the host needs to
   * answer its calls; `runRest` runs timers that the script has not waited for.
   */
  return function run(namespace, name, facts, host) {
    // CommonJS exports whose names cannot be told from the text are in the default export only.
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
