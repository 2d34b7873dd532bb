// node:path, in both variants.
(function ({ host }) {
  function make(windows) {
    const sep = windows ? "\\" : "/";
    const isSep = windows ? (c) => c === "/" || c === "\\" : (c) => c === "/";

    const check = (value, name = "path") => {
      if (typeof value !== "string") {
        const error = new TypeError(
          `the "${name}" argument must be a string, but is ${value === null ? "null" : typeof value}`,
        );
        error.code = "ERR_INVALID_ARG_TYPE";
        throw error;
      }
      return value;
    };
    const split = (path) => path.split(windows ? /[\\/]+/ : /\/+/);

    /** Returns the root of a path: `/`, `C:\`, `C:`, `\\server\share\` or nothing. */
    function rootOf(path) {
      if (!windows) return path.startsWith("/") ? "/" : "";
      const unc = /^[\\/]{2}[^\\/]+[\\/]+[^\\/]+[\\/]*/.exec(path);
      if (unc) return unc[0];
      const drive = /^[A-Za-z]:[\\/]*/.exec(path);
      if (drive) return drive[0];
      return isSep(path[0]) ? path[0] : "";
    }
    const tidyRoot = (root) => {
      if (!windows || root === "") return root;
      if (/^[A-Za-z]:/.test(root)) return root.length > 2 ? `${root.slice(0, 2)}\\` : root;
      return root.length > 1 ? `\\\\${split(root).filter(Boolean).join("\\")}\\` : "\\";
    };
    const isAbsolute = (path) => isSep(rootOf(check(path)).at(-1));

    function normalize(path) {
      if (check(path).length === 0) return ".";
      const root = rootOf(path);
      const absolute = isSep(root.at(-1));
      const parts = [];
      for (const segment of split(path.slice(root.length))) {
        if (segment === "" || segment === ".") continue;
        if (segment !== "..") parts.push(segment);
        else if (parts.length > 0 && parts.at(-1) !== "..") parts.pop();
        else if (!absolute) parts.push("..");
      }
      let tail = parts.join(sep);
      if (tail !== "" && isSep(path.at(-1))) tail += sep;
      return tidyRoot(root) + tail || (isSep(path.at(-1)) ? `.${sep}` : ".");
    }

    function join(...paths) {
      const joined = paths
        .map((path) => check(path))
        .filter((path) => path !== "")
        .join(sep);
      return joined === "" ? "." : normalize(joined);
    }

    function resolve(...paths) {
      let resolved = "";
      for (const path of [...paths.map((path) => check(path)).reverse(), host.cwd]) {
        if (path === "") continue;
        resolved = resolved === "" ? path : `${path}${sep}${resolved}`;
        if (isAbsolute(path)) break;
      }
      const normal = normalize(resolved);
      return normal.length > rootOf(normal).length && isSep(normal.at(-1))
        ? normal.slice(0, -1)
        : normal;
    }

    function relative(from, to) {
      const parts = (path) => {
        const whole = resolve(path);
        const root = rootOf(whole);
        return [root, ...split(whole.slice(root.length)).filter(Boolean)];
      };
      const same = windows ? (a, b) => a.toLowerCase() === b.toLowerCase() : (a, b) => a === b;
      const [a, b] = [parts(check(from, "from")), parts(check(to, "to"))];
      if (!same(a[0], b[0])) return resolve(to);
      let common = 0;
      while (common < a.length && common < b.length && same(a[common], b[common])) common++;
      return [...a.slice(common).map(() => ".."), ...b.slice(common)].join(sep);
    }

    /** Returns the root, the rest without trailing separators, and its last segment's start. */
    function cut(path) {
      const root = rootOf(check(path));
      let rest = path.slice(root.length);
      while (rest !== "" && isSep(rest.at(-1))) rest = rest.slice(0, -1);
      let start = rest.length;
      while (start > 0 && !isSep(rest[start - 1])) start--;
      return { root, rest, start };
    }

    function dirname(path) {
      const { root, rest, start } = cut(path);
      let dir = rest.slice(0, start);
      while (dir !== "" && isSep(dir.at(-1))) dir = dir.slice(0, -1);
      return root + dir || ".";
    }

    function basename(path, suffix) {
      const { rest, start } = cut(path);
      const base = rest.slice(start);
      return suffix !== undefined && base !== suffix && base.endsWith(check(suffix, "suffix"))
        ? base.slice(0, -suffix.length)
        : base;
    }

    function extname(path) {
      const base = basename(path);
      const dot = base.lastIndexOf(".");
      return dot <= 0 || base === ".." ? "" : base.slice(dot);
    }

    function parse(path) {
      const { root, rest, start } = cut(path);
      const base = rest.slice(start);
      const ext = extname(path);
      let dir = rest.slice(0, start);
      while (dir !== "" && isSep(dir.at(-1))) dir = dir.slice(0, -1);
      return {
        root,
        dir: root + dir,
        base,
        ext,
        name: ext === "" ? base : base.slice(0, -ext.length),
      };
    }

    function format({ root = "", dir = "", base, name = "", ext = "" }) {
      const last = base ?? name + (ext === "" || ext.startsWith(".") ? ext : `.${ext}`);
      if (dir === "") return root + last;
      return dir === root ? dir + last : dir + sep + last;
    }

    return {
      sep,
      delimiter: windows ? ";" : ":",
      normalize,
      join,
      resolve,
      relative,
      isAbsolute,
      dirname,
      basename,
      extname,
      parse,
      format,
      toNamespacedPath: (path) => path,
    };
  }

  const posix = make(false);
  const win32 = make(true);
  for (const path of [posix, win32]) Object.assign(path, { posix, win32 });
  return host.platform === "win32" ? win32 : posix;
});
