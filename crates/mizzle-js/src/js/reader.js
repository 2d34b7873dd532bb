// The realm in which exports, configs, exceptions and the calls of scripts are read. It has its own
// builtins, which the evaluated code cannot reach: builtins that a file replaces in its own realm
// (`Array.prototype.map`, `JSON.stringify`, `Symbol.for`) do not affect the results read here.
//
// So no value of this realm may be passed to the evaluated code: values for that code are created
// with the builtins of its realm, which `realm` holds as they were before it ran.
(function (host) {
  const made = Object.create(null);

  /** Returns a part of the prelude, created on first use. A part is a function of `internal`. */
  function part(name) {
    return (made[name] ??= host.script(name)(internal));
  }

  const internal = {
    host,
    part,
    // The builtins of the evaluated code; set once its realm has started.
    realm: undefined,
    // The access to the parts in the realm of the evaluated code, for those here.
    outer: undefined,
    // The alternatives to unavailable APIs, by their errors.
    advice: new WeakMap(),
    // The descriptions of values that stand in for those of a package that is not loaded.
    standIns: new WeakMap(),
    // The host's details of a failed call, by the error that is thrown for it: for errors that are
    // not caught.
    failedCalls: new WeakMap(),
    // The parts of a call that errors are about, by the error.
    places: new WeakMap(),
    // Notes of our modules while the evaluated code runs, for the parts that read its results.
    notes: [],
    // The first call that a stand-in has refused, as its error.
    refusedCall: undefined,
  };

  return {
    internal,
    start(realm, outer) {
      internal.realm = realm;
      internal.outer = outer;
    },
    runTimers: (atOnce) => (made.clock === undefined ? -1 : part("clock").run(atOnce)),
    part,
    describe: (value) => part("describe")(value),
  };
});
