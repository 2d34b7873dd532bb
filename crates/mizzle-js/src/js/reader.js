// The realm in which exports, configs, exceptions and the calls of scripts are read. It has builtins
// of its own, to which the evaluated code has no way: whatever a file replaces among those that it
// sees (`Array.prototype.map`, `JSON.stringify`, `Symbol.for`), what is read here stays the same.
//
// So nothing of this realm may be handed to the evaluated code: what it is given is made with the
// builtins of its realm, which `realm` holds as they were before it ran.
(function (host) {
  const made = Object.create(null);

  /** A part of the prelude, made on first use. A part is a function of `internal`. */
  function part(name) {
    return (made[name] ??= host.script(name)(internal));
  }

  const internal = {
    host,
    part,
    // The builtins of the evaluated code; there once its realm has started.
    realm: undefined,
    // What the parts in the realm of the evaluated code hold for those here.
    outer: undefined,
    // What to do instead of what is not available, by the error that says so.
    advice: new WeakMap(),
    // What values are that stand in for those of a package that is not loaded.
    standIns: new WeakMap(),
    // What the host says with an error that it makes of a call, beside the error itself: for errors
    // that nobody catches.
    failedCalls: new WeakMap(),
    // Which part of a call an error is about, by the error.
    places: new WeakMap(),
    // What modules of ours note while the evaluated code runs, for the parts that read its results.
    notes: [],
    // The first call that a stand-in has refused, as the error that says so.
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
