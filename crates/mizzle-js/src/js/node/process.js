// node:process and the global `process`.
(function ({ host, part, blocked }) {
  const onWindows = host.platform === "win32";
  const key = (name) => (onWindows && typeof name === "string" ? name.toUpperCase() : name);
  const variables = Object.create(Object.prototype);
  for (const [name, value] of host.environment) variables[key(name)] = value;
  const env = new Proxy(variables, {
    get: (target, name) => target[key(name)],
    has: (target, name) => key(name) in target,
    deleteProperty: (target, name) => delete target[key(name)],
    set(target, name, value) {
      target[key(name)] = String(value);
      return true;
    },
    defineProperty: (target, name, descriptor) =>
      Reflect.defineProperty(target, key(name), { ...descriptor, value: String(descriptor.value) }),
  });

  const exitError = (message) => Object.assign(new Error(message), { code: "ERR_MIZZLE_EXIT" });
  function exit(code = 0) {
    throw exitError(`process.exit(${code}) was called`);
  }

  function hrtime(previous) {
    const nanoseconds = Math.round(host.now() * 1e6);
    const [seconds, rest] = [Math.floor(nanoseconds / 1e9), nanoseconds % 1e9];
    if (previous === undefined) return [seconds, rest];
    const difference = (seconds - previous[0]) * 1e9 + rest - previous[1];
    return [Math.floor(difference / 1e9), difference % 1e9];
  }
  hrtime.bigint = () => BigInt(Math.round(host.now() * 1e6));

  const stream = () => {
    let line = "";
    return {
      isTTY: false,
      columns: 80,
      writable: true,
      write(text) {
        const lines = (line + text).split("\n");
        line = lines.pop();
        for (const one of lines) host.print(one);
        return true;
      },
      end() {},
      on() {
        return this;
      },
      once() {
        return this;
      },
    };
  };

  const { EventEmitter } = part("node/events");
  const process = Object.assign(new EventEmitter(), {
    env,
    argv: ["mizzle", "mizzle"],
    argv0: "mizzle",
    execArgv: [],
    execPath: "mizzle",
    title: "mizzle",
    pid: 1,
    ppid: 0,
    platform: host.platform,
    arch: host.arch,
    version: "v22.0.0",
    versions: { node: "22.0.0", modules: "127" },
    release: { name: "node" },
    config: {},
    features: {},
    allowedNodeEnvironmentFlags: new Set(),
    stdout: stream(),
    stderr: stream(),
    stdin: { isTTY: false, fd: 0 },
    cwd: () => host.cwd,
    exit,
    reallyExit: exit,
    abort: exit,
    nextTick: (callback, ...values) => queueMicrotask(() => callback(...values)),
    hrtime,
    uptime: () => host.now() / 1000,
    memoryUsage: Object.assign(
      () => ({ rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 }),
      { rss: () => 0 },
    ),
    cpuUsage: () => ({ user: 0, system: 0 }),
    emitWarning: (warning) => host.print(`Warning: ${warning?.message ?? warning}`),
    umask: () => 0o22,
    getuid: () => 0,
    getgid: () => 0,
  });
  // Code reports a failure by setting it.
  Object.defineProperty(process, "exitCode", {
    enumerable: true,
    configurable: true,
    get: () => undefined,
    set(code) {
      if (Number(code ?? 0) !== 0) throw exitError(`process.exitCode was set to ${code}`);
    },
  });
  for (const name of [
    "binding",
    "_linkedBinding",
    "chdir",
    "dlopen",
    "kill",
    "setuid",
    "setgid",
    "loadEnvFile",
  ]) {
    process[name] = blocked(`process.${name}`);
  }
  return process;
});
