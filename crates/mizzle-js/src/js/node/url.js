// URL and URLSearchParams, parsed by the host; and node:url.
(function ({ host, part }) {
  // The order of the parts of a URL from the host.
  const names = [
    "href",
    "protocol",
    "username",
    "password",
    "host",
    "hostname",
    "port",
    "pathname",
    "search",
    "hash",
    "origin",
  ];

  class URLSearchParams {
    #pairs = [];
    #url;
    constructor(init = "", url = undefined) {
      if (typeof init === "string")
        this.#pairs = host.parseQuery(init.toWellFormed().replace(/^\?/, ""));
      else if (init !== null && typeof init === "object") {
        const pairs = typeof init[Symbol.iterator] === "function" ? init : Object.entries(init);
        for (const [name, value] of pairs) this.#pairs.push([String(name), String(value)]);
      }
      this.#url = url;
    }
    #changed() {
      this.#url?.(this.toString());
    }
    get size() {
      return this.#pairs.length;
    }
    get(name) {
      return this.#pairs.find(([key]) => key === String(name))?.[1] ?? null;
    }
    getAll(name) {
      return this.#pairs.filter(([key]) => key === String(name)).map(([, value]) => value);
    }
    has(name, value) {
      return this.#pairs.some(
        ([key, one]) => key === String(name) && (value === undefined || one === String(value)),
      );
    }
    append(name, value) {
      this.#pairs.push([String(name), String(value)]);
      this.#changed();
    }
    set(name, value) {
      const first = this.#pairs.find(([key]) => key === String(name));
      if (first === undefined) return this.append(name, value);
      first[1] = String(value);
      this.#pairs = this.#pairs.filter((pair) => pair === first || pair[0] !== String(name));
      this.#changed();
    }
    delete(name, value) {
      this.#pairs = this.#pairs.filter(
        ([key, one]) => key !== String(name) || (value !== undefined && one !== String(value)),
      );
      this.#changed();
    }
    sort() {
      this.#pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
      this.#changed();
    }
    forEach(callback, self) {
      for (const [name, value] of this.#pairs) callback.call(self, value, name, this);
    }
    *entries() {
      for (const [name, value] of this.#pairs) yield [name, value];
    }
    *keys() {
      for (const [name] of this.#pairs) yield name;
    }
    *values() {
      for (const [, value] of this.#pairs) yield value;
    }
    [Symbol.iterator]() {
      return this.entries();
    }
    toString() {
      return host.formatQuery(this.#pairs.map((pair) => pair.map((text) => text.toWellFormed())));
    }
  }

  class URL {
    #parts;
    #query;
    constructor(input, base) {
      const parts = host.parseUrl(
        String(input).toWellFormed(),
        base === undefined ? undefined : String(base).toWellFormed(),
      );
      if (parts === undefined) {
        const error = new TypeError("Invalid URL");
        throw Object.assign(error, { code: "ERR_INVALID_URL", input: String(input) });
      }
      this.#parts = parts;
    }
    static canParse(input, base) {
      return URL.parse(input, base) !== null;
    }
    static parse(input, base) {
      try {
        return new URL(input, base);
      } catch {
        return null;
      }
    }
    get searchParams() {
      this.#query ??= new URLSearchParams(this.search, (text) => {
        this.#parts = host.setUrl(this.href, "search", text);
      });
      return this.#query;
    }
    toString() {
      return this.href;
    }
    toJSON() {
      return this.href;
    }
    [Symbol.for("nodejs.util.inspect.custom")]() {
      return `URL { href: '${this.href}' }`;
    }
    static {
      names.forEach((name, index) => {
        const set = function (value) {
          const parts = host.setUrl(this.href, name, String(value).toWellFormed());
          if (parts === undefined) throw new TypeError("Invalid URL");
          this.#parts = parts;
          if (name === "search" || name === "href") this.#query = undefined;
        };
        Object.defineProperty(URL.prototype, name, {
          get() {
            return this.#parts[index];
          },
          set: name === "origin" ? undefined : set,
          enumerable: true,
          configurable: true,
        });
      });
    }
  }

  function fileURLToPath(url) {
    const { href, protocol } = typeof url === "string" ? new URL(url) : url;
    if (protocol !== "file:") {
      throw Object.assign(new TypeError("the URL must begin with file:"), {
        code: "ERR_INVALID_URL_SCHEME",
      });
    }
    const file = host.urlToPath(href);
    if (file === undefined) throw new TypeError(`the URL ${href} names no file`);
    return file;
  }

  const pathToFileURL = (file) => new URL(host.pathToUrl(part("node/path").resolve(file)));

  /** Parses a URL with the legacy API, on top of the new one. */
  function parse(text, parseQuery = false) {
    const url = URL.parse(text) ?? URL.parse(text, "relative:///");
    const relative = url?.protocol === "relative:";
    const or = (value) => (value ? value : null);
    const query = or(url?.search.slice(1));
    return {
      protocol: relative ? null : or(url?.protocol),
      slashes: !relative && text.includes("//"),
      auth: or([url?.username, url?.password].filter(Boolean).join(":")),
      host: or(url?.host),
      port: or(url?.port),
      hostname: or(url?.hostname),
      hash: or(url?.hash),
      search: or(url?.search),
      query: parseQuery ? Object.fromEntries(new URLSearchParams(query ?? "")) : query,
      pathname: or(url?.pathname),
      path: or((url?.pathname ?? "") + (url?.search ?? "")),
      href: relative ? text : (url?.href ?? text),
    };
  }

  return {
    URL,
    URLSearchParams,
    fileURLToPath,
    pathToFileURL,
    parse,
    format: (url) =>
      url instanceof URL
        ? url.href
        : new URL(
            url.href ??
              `${url.protocol}//${url.host ?? url.hostname}${url.pathname ?? ""}${url.search ?? ""}`,
          ).href,
    resolve: (from, to) => new URL(to, from).href,
    domainToASCII: (domain) => URL.parse(`http://${domain}`)?.hostname ?? "",
    domainToUnicode: (domain) => domain,
  };
});
