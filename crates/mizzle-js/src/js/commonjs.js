// CommonJS: `require`, for files that use it.
(function (internal) {
  const { host, node, part } = internal;
  const cache = Object.create(null);

  class Module {
    constructor(path) {
      this.id = path;
      this.path = part("node/path").dirname(path);
      this.filename = path;
      this.exports = {};
      this.loaded = false;
      this.children = [];
      this.paths = [];
    }
    require(specifier) {
      return createRequire(this.filename)(specifier);
    }
  }

  /** Returns the exports of a CommonJS or JSON file. */
  function load(path) {
    if (cache[path]) return cache[path].exports;
    const module = new Module(path);
    cache[path] = module;
    try {
      if (path.endsWith(".json")) module.exports = JSON.parse(host.dataText(path));
      else
        host
          .compile(path)
          .call(module.exports, module.exports, createRequire(path), module, path, module.path);
      module.loaded = true;
    } catch (error) {
      delete cache[path];
      throw error;
    }
    return module.exports;
  }

  /** Creates the `require` function of the file `from`. */
  function createRequire(from) {
    function require(specifier) {
      if (typeof specifier !== "string")
        throw new TypeError("the argument of require must be a string");
      const [kind, name] = host.resolve(from, specifier);
      switch (kind) {
        case "node":
          return node(name) ?? host.missingNodeModule(name);
        case "stand-in":
          return internal.standIn(name);
        case "module":
          return host.requireModule(name);
        default:
          return load(name);
      }
    }
    require.resolve = (specifier) => {
      const [kind, name] = host.resolve(from, specifier);
      return kind === "node" ? specifier : name;
    };
    require.cache = cache;
    require.extensions = Object.create(null);
    require.main = undefined;
    return require;
  }

  return { load, createRequire, Module };
});
