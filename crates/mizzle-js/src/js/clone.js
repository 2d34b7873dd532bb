// structuredClone.
(function () {
  const refuse = (value) => {
    throw new DOMException(
      `${typeof value === "symbol" ? "a symbol" : String(value)} could not be cloned`,
      "DataCloneError",
    );
  };

  function structuredClone(root) {
    const copies = new Map();

    function copy(value) {
      if (typeof value === "function" || typeof value === "symbol") refuse(value);
      if (value === null || typeof value !== "object") return value;
      if (copies.has(value)) return copies.get(value);
      const keep = (made) => {
        copies.set(value, made);
        return made;
      };
      if (value instanceof Date) return keep(new Date(+value));
      if (value instanceof RegExp) return keep(new RegExp(value.source, value.flags));
      if (value instanceof ArrayBuffer) return keep(value.slice(0));
      if (value instanceof DataView)
        return keep(new DataView(copy(value.buffer), value.byteOffset, value.byteLength));
      if (ArrayBuffer.isView(value)) return keep(Uint8Array.prototype.slice.call(value));
      if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet)
        refuse(value);
      if (value instanceof Map) {
        const made = keep(new Map());
        for (const [key, item] of value) made.set(copy(key), copy(item));
        return made;
      }
      if (value instanceof Set) {
        const made = keep(new Set());
        for (const item of value) made.add(copy(item));
        return made;
      }
      if (value instanceof Error) {
        const made = keep(Object.create(Object.getPrototypeOf(value)));
        for (const name of ["message", "stack", "cause"]) {
          if (name in value)
            Object.defineProperty(made, name, {
              value: copy(value[name]),
              writable: true,
              configurable: true,
            });
        }
        return made;
      }
      const made = keep(Array.isArray(value) ? new Array(value.length) : {});
      for (const key of Object.keys(value)) made[key] = copy(value[key]);
      return made;
    }

    return copy(root);
  }

  return { structuredClone };
});
