// Converts the exports of a config file to JSON. Values that JSON cannot hold become
// `{ "$unsupported": "function" }`, so that the reader of the config can name them.
(function ({ realm, standIns }) {
  const maxDepth = 100;
  // A config is small; shared parts are written out for each reference.
  const maxParts = 100_000;
  let parts = 0;
  const unsupported = (what) => ({ $unsupported: what });

  function plain(value) {
    const prototype = Object.getPrototypeOf(value);
    return prototype === null || prototype === realm.objectPrototype;
  }

  function convert(value, above) {
    switch (typeof value) {
      case "string":
        return value.toWellFormed();
      case "boolean":
        return value;
      case "number":
        return Number.isFinite(value) ? value : unsupported(String(value));
      case "object":
        break;
      default:
        return unsupported(standIns.get(value) ?? typeof value);
    }
    if (value === null) return null;
    if (above.includes(value)) return unsupported("circular reference");
    if (++parts > maxParts) return unsupported(`value with more than ${maxParts} parts`);
    if (above.length === maxDepth)
      return unsupported(`value nested more than ${maxDepth} levels deep`);
    above.push(value);
    let converted;
    if (Array.isArray(value)) {
      converted = [];
      for (let index = 0; index < value.length; index++)
        converted.push(convert(value[index], above));
    } else if (plain(value)) {
      converted = Object.create(null);
      for (const key of Object.keys(value)) {
        const property = value[key];
        if (property !== undefined) converted[key.toWellFormed()] = convert(property, above);
      }
    } else {
      const name = value.constructor?.name;
      converted = unsupported(typeof name === "string" && name ? name : "class instance");
    }
    above.pop();
    return converted;
  }

  /**
   * Returns the default export, or the module itself; a function is called, a promise awaited. The
   * function may destructure its argument, as those of other tools do: it is an empty object.
   */
  return async function config(namespaces) {
    const namespace = namespaces[0];
    let value = "default" in namespace ? namespace.default : namespace;
    if (value?.__esModule && "default" in value) value = value.default;
    if (typeof value === "function") value = value(Object.create(realm.objectPrototype));
    value = await value;
    parts = 0;
    return JSON.stringify(convert(value, [])) ?? "null";
  };
});
