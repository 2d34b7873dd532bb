// The first thing that runs in the engine. Everything else of the prelude is a part that is made
// when somebody asks for it: a schema that imports nothing pays for nothing.
(function (host) {
  const made = new Map();

  /** A part of the prelude, made on first use. A part is a function of `internal`. */
  function part(name) {
    if (!made.has(name)) made.set(name, host.script(name)(internal));
    return made.get(name);
  }

  // What to do instead of what is not available, by the error that says so.
  const advice = new WeakMap();
  // What values are that stand in for those of a package that is not loaded.
  const standIns = new WeakMap();

  /**
   * The error for what evaluation does not offer. `more` may have `advice`, another `activity` than
   * the host's, and `remember`, which is given the error.
   */
  function unavailable(what, more = {}) {
    const activity = more.activity ?? host.activity;
    const error = new Error(`${what} is not available while mizzle ${activity}`);
    error.code = "ERR_MIZZLE_NOT_AVAILABLE";
    if (more.advice !== undefined) advice.set(error, more.advice);
    more.remember?.(error);
    return error;
  }

  /** A function, or a class, that may be imported, passed on and extended, but not called. */
  function blocked(name, more) {
    function notAvailable() {
      throw unavailable(name, more);
    }
    Object.defineProperty(notAvailable, "name", { value: name.split(".").at(-1) });
    return notAvailable;
  }

  // The tables that were made, each with the stack of the call.
  const madeTables = [];

  const internal = { host, part, unavailable, blocked, advice, standIns, madeTables };

  function define(name, value) {
    Object.defineProperty(globalThis, name, {
      value,
      writable: true,
      configurable: true,
      enumerable: false,
    });
  }

  /** A global that is made when it is first read. */
  function defineLazy(name, make) {
    Object.defineProperty(globalThis, name, {
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
  internal.sdkNames = (module) => part("sdk").namesOf(module);
  internal.runTimers = () => (made.has("timers") ? part("timers").run() : -1);
  internal.config = (namespace) => part("config")(namespace);
  internal.schema = (namespaces, files) => part("walk")(namespaces, files, madeTables);
  internal.script = (...given) => part("script/run")(...given);
  internal.describe = (value) => part("describe")(value);
  return internal;
});
