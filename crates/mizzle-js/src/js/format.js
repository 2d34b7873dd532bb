// Formats values: console.log, util.inspect, util.format.
(function ({ realm }) {
  const custom = Symbol.for("nodejs.util.inspect.custom");
  const maxItems = 100;
  const maxText = 10_000;
  const secrets = ["secretaccesskey", "sessiontoken", "awssecretaccesskey", "awssessiontoken"];

  function quote(text) {
    const more = text.length - maxText;
    if (more > 0) return `${quote(text.slice(0, maxText))}... ${more} more characters`;
    return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
  }

  function primitive(value) {
    switch (typeof value) {
      case "string":
        return quote(value);
      case "bigint":
        return `${value}n`;
      case "number":
        return Object.is(value, -0) ? "-0" : String(value);
      default:
        return String(value);
    }
  }

  function key(name) {
    if (typeof name === "symbol") return `[${String(name)}]`;
    return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name);
  }

  /** True for the fields of credentials, which are never shown. */
  function isSecret(name) {
    return typeof name === "string" && secrets.includes(name.replaceAll("_", "").toLowerCase());
  }

  function wrap(prefix, open, parts, close) {
    if (parts.length === 0) return `${prefix}${open}${close}`;
    const line = parts.join(", ");
    if (line.length <= 72 && !line.includes("\n")) return `${prefix}${open} ${line} ${close}`;
    return `${prefix}${open}\n  ${parts.join(",\n").replaceAll("\n", "\n  ")}\n${close}`;
  }

  // Read by index, not by the values' own iterators, which may have been replaced.
  function list(items, show) {
    const parts = [];
    for (let index = 0; index < items.length; index++) {
      if (index === maxItems) {
        parts.push("...");
        break;
      }
      parts.push(show(items[index]));
    }
    return parts;
  }

  const { forEach: eachOfMap } = Map.prototype;
  const { forEach: eachOfSet } = Set.prototype;
  const { toISOString } = Date.prototype;

  /** Returns the entries of a Map or the values of a Set. */
  function entries(value) {
    const found = [];
    if (value instanceof realm.Map)
      eachOfMap.call(value, (item, name) => found.push([name, item]));
    else eachOfSet.call(value, (item) => found.push(item));
    return found;
  }

  function inspect(value, options) {
    const depthLimit = options?.depth === null ? Infinity : (options?.depth ?? 2);
    const above = [];

    function show(value, depth) {
      if (typeof value === "function") {
        const kind = /^class\b/.test(Function.prototype.toString.call(value))
          ? "class"
          : "Function";
        return kind === "class"
          ? `[class ${value.name || "(anonymous)"}]`
          : `[Function: ${value.name || "(anonymous)"}]`;
      }
      if (value === null || typeof value !== "object") return primitive(value);
      if (above.includes(value)) return "[Circular]";
      if (typeof value[custom] === "function") {
        const shown = value[custom](depthLimit - depth, options ?? {}, inspect);
        return typeof shown === "string" ? shown : show(shown, depth);
      }
      if (value instanceof Error || value instanceof realm.Error)
        return value.stack
          ? `${value.name}: ${value.message}\n${value.stack}`.trimEnd()
          : `[${value}]`;
      if (value instanceof realm.Date)
        return Number.isNaN(+value) ? "Invalid Date" : toISOString.call(value);
      if (value instanceof realm.RegExp) return String(value);
      const name = value.constructor?.name ?? "[Object: null prototype]";
      const array = Array.isArray(value) || ArrayBuffer.isView(value);
      if (depth > depthLimit) return array ? "[Array]" : `[${name}]`;
      above.push(value);
      const inner = (item) => show(item, depth + 1);
      let text;
      if (array) {
        const prefix = Array.isArray(value) ? "" : `${name}(${value.length}) `;
        text = wrap(prefix, "[", list(value, inner), "]");
      } else if (value instanceof realm.Map) {
        const items = entries(value);
        text = wrap(
          `Map(${items.length}) `,
          "{",
          list(items, ([k, v]) => `${inner(k)} => ${inner(v)}`),
          "}",
        );
      } else if (value instanceof realm.Set) {
        const items = entries(value);
        text = wrap(`Set(${items.length}) `, "{", list(items, inner), "}");
      } else if (value instanceof realm.Promise || value instanceof Promise) {
        text = "Promise { ... }";
      } else {
        const names = [
          ...Object.keys(value),
          ...Object.getOwnPropertySymbols(value).filter(
            (one) => Object.getOwnPropertyDescriptor(value, one).enumerable,
          ),
        ];
        const property = (one) => {
          const { get, set } = Object.getOwnPropertyDescriptor(value, one) ?? {};
          if (isSecret(one)) return `${key(one)}: [redacted]`;
          const shown =
            get || set
              ? `[${[get && "Getter", set && "Setter"].filter(Boolean).join("/")}]`
              : inner(value[one]);
          return `${key(one)}: ${shown}`;
        };
        text = wrap(name === "Object" ? "" : `${name} `, "{", list(names, property), "}");
      }
      above.pop();
      return text;
    }

    return show(value, 0);
  }
  inspect.custom = custom;
  inspect.defaultOptions = {};

  function format(first, ...rest) {
    if (typeof first !== "string") {
      return [first, ...rest]
        .map((value) => (typeof value === "string" ? value : inspect(value)))
        .join(" ");
    }
    let next = 0;
    const text = first.replace(/%([sdifjoOc%])/g, (all, kind) => {
      if (kind === "%") return "%";
      if (next >= rest.length) return all;
      const value = rest[next++];
      switch (kind) {
        case "s":
          return typeof value === "object" && value !== null
            ? inspect(value, { depth: 0 })
            : String(value);
        case "d":
          return String(Number(value));
        case "i":
          return String(Number.parseInt(value, 10));
        case "f":
          return String(Number.parseFloat(value));
        case "j":
          return JSON.stringify(value);
        case "c":
          return "";
        default:
          return inspect(value);
      }
    });
    const left = rest
      .slice(next)
      .map((value) => (typeof value === "string" ? value : inspect(value)));
    return [text, ...left].join(" ");
  }

  return { inspect, format };
});
