// Node's built-in modules, as far as reading needs them. Functions that write, listen or start
// processes can be imported and named, and throw when they are called.
(function ({ part, blocked }) {
  const parts = {
    "assert": "node/assert",
    "async_hooks": "node/async_hooks",
    "buffer": "node/buffer",
    "console": "console",
    "crypto": "node/crypto",
    "events": "node/events",
    "fs": "node/fs",
    "module": "node/module",
    "os": "node/os",
    "path": "node/path",
    "process": "node/process",
    "querystring": "node/querystring",
    "string_decoder": "node/string_decoder",
    "timers": "timers",
    "url": "node/url",
    "util": "node/util",
  };
  const derived = {
    "assert/strict": () => node("assert").strict,
    "fs/promises": () => node("fs").promises,
    "path/posix": () => node("path").posix,
    "path/win32": () => node("path").win32,
    "util/types": () => node("util").types,
    "sys": () => node("util"),
    "constants": () => ({}),
    "diagnostics_channel": () => part("node/small").diagnosticsChannel,
    "perf_hooks": () => part("node/small").perfHooks,
    "timers/promises": () => part("node/small").timersPromises,
    "tty": () => part("node/small").tty,
    "worker_threads": () => part("node/small").workerThreads,
  };
  // The members that get a name when the whole module is imported as a namespace.
  const closed = {
    "child_process": "ChildProcess exec execFile execFileSync execSync fork spawn spawnSync",
    "cluster": "fork setupPrimary",
    "dgram": "Socket createSocket",
    "dns": "Resolver lookup resolve resolve4 resolve6 resolveTxt",
    "dns/promises": "Resolver lookup resolve resolve4 resolve6 resolveTxt",
    "http":
      "Agent ClientRequest IncomingMessage Server ServerResponse createServer get globalAgent request",
    "http2": "connect createSecureServer createServer",
    "https": "Agent Server createServer get globalAgent request",
    "inspector": "Session open",
    "net": "Server Socket connect createConnection createServer isIP",
    "readline": "Interface createInterface",
    "readline/promises": "Interface createInterface",
    "repl": "start",
    "sqlite": "DatabaseSync",
    "stream": "Duplex PassThrough Readable Stream Transform Writable finished pipeline",
    "stream/promises": "finished pipeline",
    "stream/web": "ReadableStream TransformStream WritableStream",
    "tls": "Server TLSSocket connect createServer",
    "v8": "deserialize getHeapStatistics serialize setFlagsFromString",
    "vm": "Script createContext runInContext runInNewContext runInThisContext",
    "wasi": "WASI",
    "zlib": "createGunzip createGzip deflateSync gunzipSync gzip gzipSync inflateSync",
  };

  const known = new Map();

  function closedModule(name) {
    const members = Object.create(null);
    const member = (key) => (members[key] ??= blocked(`${name}.${key}`));
    for (const key of closed[name].split(" ")) member(key);
    return new Proxy(members, {
      get: (_, key) =>
        typeof key === "symbol" || key === "then" || key === "__esModule" || key === "default"
          ? undefined
          : member(key),
    });
  }

  /** Returns the exports of a module, `undefined` if there is none of that name. */
  function node(name) {
    if (!known.has(name)) {
      if (Object.hasOwn(parts, name)) {
        const made = part(parts[name]);
        known.set(name, name === "console" ? made.console : made);
      } else if (Object.hasOwn(derived, name)) known.set(name, derived[name]());
      else if (Object.hasOwn(closed, name)) known.set(name, closedModule(name));
      else return undefined;
    }
    return known.get(name);
  }

  function names(name) {
    const exports = node(name);
    return exports === undefined ? undefined : Object.keys(exports);
  }

  // Node has these under the prefixed name only.
  const prefixed = (name) => (name === "sqlite" ? `node:${name}` : name);

  return {
    node,
    names,
    all: () =>
      [...Object.keys(parts), ...Object.keys(derived), ...Object.keys(closed)].map(prefixed).sort(),
  };
});
