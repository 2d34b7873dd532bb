// The first script that runs in the engine. All other parts of the prelude are created on first
// use: a file without imports does not pay for them.
//
// `reader` is the realm in which results are read. Its values must not reach the evaluated code.
(function (host, reader) {
  const { defineProperty } = Object;
  const made = Object.create(null);

  /** Returns a part of the prelude, created on first use. A part is a function of `internal`. */
  function part(name) {
    return (made[name] ??= host.script(name)(internal));
  }

  const { advice, standIns, failedCalls, notes } = reader.internal;
  const realm = host.script("builtins")();

  /**
   * Creates the error for an unavailable API. `more` may have `advice`, an `activity` that replaces
   * the host's, and `remember`, which is called with the error.
   */
  function unavailable(what, more = {}) {
    const activity = more.activity ?? host.activity;
    const error = new realm.Error(`${what} is not available while mizzle ${activity}`);
    error.code = "ERR_MIZZLE_NOT_AVAILABLE";
    if (more.advice !== undefined) advice.set(error, more.advice);
    more.remember?.(error);
    return error;
  }

  /** Creates a function or class that may be imported, re-exported and extended, but not called. */
  function blocked(name, more) {
    function notAvailable() {
      throw unavailable(name, more);
    }
    defineProperty(notAvailable, "name", { value: name.split(".").at(-1) });
    return notAvailable;
  }

  /** Records the first call that a stand-in refuses: the code may catch the error. */
  function refuse(error) {
    reader.internal.refusedCall ??= error;
  }

  const internal = {
    host,
    part,
    unavailable,
    blocked,
    refuse,
    advice,
    standIns,
    failedCalls,
    notes,
    realm,
    clock: () => reader.internal.part("clock"),
    primordials: primordials(),
  };
  reader.start(realm, { part });

  /** The static functions for our own modules, out of reach of the evaluated code. */
  function primordials() {
    const statics = (of, names) => {
      const kept = Object.create(null);
      for (const name of names) kept[name] = of[name];
      return kept;
    };
    return {
      Array: statics(Array, ["isArray"]),
      JSON: statics(JSON, ["stringify"]),
      Object: statics(Object, [
        "assign",
        "create",
        "defineProperty",
        "getPrototypeOf",
        "hasOwn",
        "keys",
        "prototype",
      ]),
      Reflect: statics(Reflect, ["apply"]),
      String,
      TypeError,
    };
  }

  // The marks of values are symbols that every copy of a package gets from `Symbol.for`: it must
  // not change.
  for (const [object, name] of [
    [Symbol, "for"],
    [globalThis, "Symbol"],
  ]) {
    const value = object[name];
    defineProperty(object, name, {
      get: () => value,
      set() {},
      enumerable: false,
      configurable: false,
    });
  }

  function define(name, value) {
    defineProperty(globalThis, name, {
      value,
      writable: true,
      configurable: true,
      enumerable: false,
    });
  }

  /** Defines a global that is created when it is first read. */
  function defineLazy(name, make) {
    defineProperty(globalThis, name, {
      configurable: true,
      enumerable: false,
      get() {
        const value = make();
        define(name, value);
        return value;
      },
      set(value) {
        define(name, value);
      },
    });
  }

  define("global", globalThis);
  const globals = {
    "console": ["console"],
    "timers": [
      "setTimeout",
      "setInterval",
      "setImmediate",
      "clearTimeout",
      "clearInterval",
      "clearImmediate",
    ],
    "encoding": ["TextEncoder", "TextDecoder"],
    "events": ["Event", "CustomEvent", "EventTarget", "AbortSignal", "AbortController"],
    "clone": ["structuredClone"],
    "node/buffer": ["Buffer", "Blob", "File"],
    "node/url": ["URL", "URLSearchParams"],
  };
  for (const [source, names] of Object.entries(globals)) {
    for (const name of names) defineLazy(name, () => part(source)[name]);
  }
  defineLazy("process", () => part("node/process"));
  defineLazy("crypto", () => part("node/crypto").webcrypto);
  defineLazy("babelHelpers", () => part("helpers"));
  for (const name of [
    "fetch",
    "WebSocket",
    "EventSource",
    "XMLHttpRequest",
    "Worker",
    "BroadcastChannel",
    "Request",
    "Response",
    "Headers",
    "FormData",
  ]) {
    defineLazy(name, () => blocked(name));
  }

  internal.node = (name) => part("modules").node(name);
  internal.nodeNames = (name) => part("modules").names(name);
  internal.commonjs = (path) => part("commonjs").load(path);
  internal.json = (path) => part("commonjs").load(path);
  internal.standInNames = (module) => part(host.standIns).namesOf(module);
  internal.standIn = (module) => part(host.standIns).whole(module);
  return internal;
});
