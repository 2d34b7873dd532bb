// node:os: useful values, without revealing anything about this machine except its platform.
(function ({ host, part }) {
  const windows = host.platform === "win32";
  const { env } = part("node/process");
  const type = { win32: "Windows_NT", darwin: "Darwin" }[host.platform] ?? "Linux";
  return {
    EOL: windows ? "\r\n" : "\n",
    devNull: windows ? "\\\\.\\nul" : "/dev/null",
    arch: () => host.arch,
    availableParallelism: () => 1,
    constants: { signals: {}, errno: {}, priority: {} },
    cpus: () => [],
    endianness: () => "LE",
    freemem: () => 0,
    homedir: () => (windows ? env.USERPROFILE : env.HOME) ?? "/",
    hostname: () => "localhost",
    loadavg: () => [0, 0, 0],
    machine: () => host.arch,
    networkInterfaces: () => ({}),
    platform: () => host.platform,
    release: () => "",
    tmpdir: () => (windows ? (env.TEMP ?? env.TMP) : env.TMPDIR) ?? "/tmp",
    totalmem: () => 0,
    type: () => type,
    uptime: () => 0,
    userInfo: () => ({
      username: env.USER ?? env.USERNAME ?? "",
      homedir: env.HOME ?? "",
      shell: null,
      uid: -1,
      gid: -1,
    }),
    version: () => "",
  };
});
