#!/usr/bin/env node
// Finds the program for this machine and becomes it. It depends on nothing and looks at no more than
// a few files: all of its time is added to that of every command.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const { platform, arch } = process;
const executable = platform === "win32" ? "mizzle.exe" : "mizzle";

/** What is said instead of running anything: the problem, then what to do about it. */
class Missing extends Error {
  constructor(problem, ways) {
    super(`mizzle: ${problem}\n\n${ways.map((way) => `  - ${way}\n`).join("")}`);
  }
}

/** The names of the packages whose program runs here, the best one first. */
function candidates() {
  if (platform !== "linux") return [`${platform}-${arch}`];
  // The program for glibc is started by glibc's loader. The one for musl needs nothing, so that it
  // runs everywhere, also where neither is in its usual place.
  const [glibc, musl] = {
    x64: ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1"],
    arm64: ["/lib/ld-linux-aarch64.so.1", "/lib/ld-musl-aarch64.so.1"],
  }[arch] ?? ["", ""];
  const both = [`linux-${arch}-gnu`, `linux-${arch}-musl`];
  if (!fs.existsSync(glibc)) return both.slice(1);
  // A system of musl may have a loader that makes do as glibc's.
  return fs.existsSync(musl) ? both.reverse() : both;
}

/** The path of the program. */
function find() {
  const given = process.env.MIZZLE_BINARY;
  if (given) {
    if (fs.statSync(given, { throwIfNoEntry: false })?.isFile()) return path.resolve(given);
    throw new Missing(`MIZZLE_BINARY names ${given}, which is no file`, [
      "correct it, or unset it to run the program that was installed",
    ]);
  }
  const names = candidates();
  for (const name of names) {
    try {
      return require.resolve(`@mizzle-cli/${name}/bin/${executable}`);
    } catch (error) {
      if (error.code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  throw missing(names);
}

/** Why there is no program, as far as can be seen from here. */
function missing(names) {
  const { version, optionalDependencies = {} } = require("../package.json");
  const supported = Object.keys(optionalDependencies).map((name) => name.split("/")[1]);
  const byHand = "or build it from source, and name it in MIZZLE_BINARY";
  if (!names.some((name) => supported.includes(name))) {
    return new Missing(`there is no program for ${platform} on ${arch}`, [
      `run it on one of ${supported.join(", ")}`,
      byHand,
    ]);
  }
  const wanted = `@mizzle-cli/${names[0]}`;
  const others = supported.filter((name) => {
    try {
      return require.resolve(`@mizzle-cli/${name}/package.json`);
    } catch {
      return false;
    }
  });
  if (others.length > 0) {
    return new Missing(
      `the package ${wanted} is not installed, but the one of another system is (${others.join(", ")})`,
      [
        "install the packages on this machine: node_modules was made on another one",
        `in a project that is installed on one system for another, add ${wanted}@${version} to it`,
      ],
    );
  }
  return new Missing(`the package ${wanted} is not installed, which has the program`, [
    "install optional dependencies, too: without --omit=optional, --no-optional, or a setting that says so",
    "if the lock file was made on another system, and lacks the package, remove it together with node_modules and install again",
    `or add ${wanted}@${version} to the project`,
  ]);
}

/** What an error of starting the program means. */
function explained(error, program) {
  const problem = `cannot run ${program}: ${error.code ?? error.message}`;
  switch (error.code) {
    case "EACCES":
      return new Missing(problem, [`let this user run it: chmod +x ${program}`]);
    case "ENOENT":
    case "ENOEXEC":
    case "EBADARCH":
    case "UNKNOWN":
      return new Missing(problem, [
        "it seems to be made for another system: install the packages on this machine",
      ]);
    default:
      return new Missing(problem, ["install the packages again, or name another one in MIZZLE_BINARY"]);
  }
}

/** Says what is wrong, and ends. */
function fail(error) {
  if (!(error instanceof Missing)) throw error;
  fs.writeSync(2, error.message);
  process.exit(1);
}

/** Runs the program beside this one, and ends as it does. */
function accompany(program, args) {
  const { spawn } = require("node:child_process");
  const child = spawn(program, args, { stdio: "inherit" });
  // What is sent to this process is meant for the program. (A terminal sends Ctrl-C to both: the
  // program takes signals that come this close together for one.)
  const signals = platform === "win32" ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) {
    process.on(signal, () => {
      // On Windows the console tells every program, and to send a signal is to kill.
      if (platform !== "win32") child.kill(signal);
    });
  }
  child.on("error", (error) => fail(explained(error, program)));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    for (const one of signals) process.removeAllListeners(one);
    process.kill(process.pid, signal);
    // Where the signal does not end this process, the code says what it was, as in a shell.
    process.exit(128 + (require("node:os").constants.signals[signal] ?? 0));
  });
}

function main() {
  const program = find();
  const args = process.argv.slice(2);
  // Where Node can, it is replaced by the program: no process stands between the two any more, and
  // signals and the exit code are the program's own.
  if (process.execve && platform !== "win32") {
    try {
      // Some versions of Node end badly when this fails.
      fs.accessSync(program, fs.constants.X_OK);
      process.execve(program, [program, ...args], process.env);
    } catch (error) {
      throw explained(error, program);
    }
  }
  accompany(program, args);
}

try {
  main();
} catch (error) {
  fail(error);
}
