// node:fs, for reading. Paths are resolved against the host's working directory.
(function ({ host, part, unavailable, blocked }) {
  const path = part("node/path");
  const { Buffer } = part("node/buffer");

  function toPath(value) {
    if (typeof value === "string") return path.resolve(value);
    if (value instanceof URL) return part("node/url").fileURLToPath(value);
    if (ArrayBuffer.isView(value)) return path.resolve(Buffer.from(value).toString());
    const error = new TypeError("the path must be a string, a Buffer or a file: URL");
    error.code = "ERR_INVALID_ARG_TYPE";
    throw error;
  }

  const encodingOf = (options) => (typeof options === "string" ? options : options?.encoding);

  function readFileSync(file, options) {
    const encoding = encodingOf(options);
    const bytes = Buffer.from(host.readFile(toPath(file)).buffer);
    return encoding && encoding !== "buffer" ? bytes.toString(encoding) : bytes;
  }

  class Stats {
    #kind;
    constructor([kind, size, mtimeMs, mode]) {
      this.#kind = kind;
      this.size = size;
      this.mode = mode;
      for (const name of ["atime", "mtime", "ctime", "birthtime"]) {
        this[`${name}Ms`] = mtimeMs;
        this[name] = new Date(mtimeMs);
      }
    }
    isFile() {
      return this.#kind === "file";
    }
    isDirectory() {
      return this.#kind === "directory";
    }
    isSymbolicLink() {
      return this.#kind === "link";
    }
    isBlockDevice() {
      return false;
    }
    isCharacterDevice() {
      return false;
    }
    isFIFO() {
      return false;
    }
    isSocket() {
      return false;
    }
  }

  class Dirent extends Stats {
    constructor(kind, name, parentPath) {
      super([kind, 0, 0, 0]);
      for (const key of Object.keys(this)) delete this[key];
      Object.assign(this, { name, parentPath, path: parentPath });
    }
  }

  function statOf(name, follow, file, options) {
    try {
      return new Stats(host.stat(toPath(file), follow, name));
    } catch (error) {
      if (options?.throwIfNoEntry === false && error.code === "ENOENT") return undefined;
      throw error;
    }
  }
  const statSync = (file, options) => statOf("stat", true, file, options);
  const lstatSync = (file, options) => statOf("lstat", false, file, options);

  function readdirSync(directory, options) {
    const root = toPath(directory);
    const found = [];
    const visit = (inner) => {
      for (const [name, kind] of host.readDirectory(path.join(root, inner))) {
        const relative = inner === "" ? name : path.join(inner, name);
        found.push(
          options?.withFileTypes ? new Dirent(kind, name, path.join(root, inner)) : relative,
        );
        if (options?.recursive && kind === "directory") visit(relative);
      }
    };
    visit("");
    return found;
  }

  function existsSync(file) {
    try {
      return host.exists(toPath(file));
    } catch {
      return false;
    }
  }

  const accessSync = (file, mode = 0) => {
    if (mode & 2) throw unavailable("fs.access for writing");
    host.stat(toPath(file), true, "access");
  };
  const realpathSync = (file) => host.realPath(toPath(file));
  realpathSync.native = realpathSync;
  const readlinkSync = (file) => host.readLink(toPath(file));

  const reading = {
    readFile: readFileSync,
    stat: statSync,
    lstat: lstatSync,
    readdir: readdirSync,
    access: accessSync,
    realpath: realpathSync,
    readlink: readlinkSync,
  };
  const writing =
    "appendFile chmod chown copyFile cp fchmod fchown fsync ftruncate futimes lchmod lchown link lutimes mkdir mkdtemp open opendir rename rm rmdir symlink truncate unlink utimes write writeFile writev".split(
      " ",
    );
  const others =
    "close createReadStream createWriteStream fstat fstatSync openAsBlob read readSync readv unwatchFile watch watchFile".split(
      " ",
    );

  const fs = { existsSync, Stats, Dirent };
  const promises = {};
  for (const [name, sync] of Object.entries(reading)) {
    fs[`${name}Sync`] = sync;
    promises[name] = async (...values) => sync(...values);
    fs[name] = (...values) => {
      const callback = values.pop();
      if (typeof callback !== "function")
        throw new TypeError(`the last argument of fs.${name} must be a function`);
      promises[name](...values).then((value) => callback(null, value), callback);
    };
  }
  fs.exists = (file, callback) => queueMicrotask(() => callback(existsSync(file)));

  const refuse = (name) => blocked(`fs.${name}`);
  for (const name of writing) {
    fs[name] = refuse(name);
    fs[`${name}Sync`] = refuse(`${name}Sync`);
    // Named, so that a stack shows which call it was.
    promises[name] = { [name]: async () => refuse(`promises.${name}`)() }[name];
  }
  for (const name of others) fs[name] = refuse(name);

  const constants = { F_OK: 0, X_OK: 1, W_OK: 2, R_OK: 4, O_RDONLY: 0, O_WRONLY: 1, O_RDWR: 2 };
  promises.constants = constants;
  return Object.assign(fs, constants, { constants, promises });
});
