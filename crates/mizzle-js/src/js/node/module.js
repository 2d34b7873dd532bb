// node:module.
(function ({ part }) {
  const { createRequire, Module } = part("commonjs");
  const { fileURLToPath } = part("node/url");
  const fileOf = (from) =>
    from instanceof URL || String(from).startsWith("file:") ? fileURLToPath(from) : String(from);
  const builtinModules = part("modules").all();
  return Object.assign(Module, {
    Module,
    builtinModules,
    isBuiltin: (name) => builtinModules.includes(String(name).replace(/^node:/, "")),
    createRequire: (from) => createRequire(fileOf(from)),
    register: () => {},
    enableCompileCache: () => ({}),
    _extensions: Object.create(null),
  });
});
