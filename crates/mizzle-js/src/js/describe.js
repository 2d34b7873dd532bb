// Describes a thrown value in a form that the host reads without running foreign code again.
(function ({ part, realm, failedCalls, advice, places }) {
  // In characters: the beginning of an error is enough for readers.
  const maxLength = 4096;

  /** Truncates a very long text. */
  function cut(text) {
    // The margin leaves texts unchanged that are already truncated.
    if (text.length <= maxLength + 100) return text.toWellFormed();
    const more = text.length - maxLength;
    const size =
      more < 1e4
        ? `${more} characters`
        : more < 1e6
          ? `${Math.round(more / 1e3)} kB`
          : `${Math.round(more / 1e6)} MB`;
    return `${text.slice(0, maxLength).toWellFormed()}… (${size} more)`;
  }
  const text = (value) => (typeof value === "string" ? cut(value) : undefined);

  /** Returns the texts of an array, without its methods, which may have been replaced. */
  function texts(array) {
    if (!Array.isArray(array)) return undefined;
    const found = [];
    for (let index = 0; index < array.length; index++) found.push(String(array[index]));
    return found;
  }

  return function describe(value) {
    const isError =
      value instanceof Error ||
      value instanceof realm.Error ||
      (typeof value === "object" &&
        value !== null &&
        typeof value.stack === "string" &&
        "message" in value);
    if (!isError) {
      const isPrimitive = value === null || !["object", "function"].includes(typeof value);
      const shown = typeof value === "string" ? cut(value) : value;
      return { isError, isPrimitive, shown: cut(part("format").inspect(shown)) };
    }
    return {
      isError,
      isSyntaxError: value instanceof SyntaxError || value instanceof realm.SyntaxError,
      name: text(value.name) ?? "Error",
      message: text(value.message) ?? "",
      stack: typeof value.stack === "string" ? value.stack.slice(0, 65536).toWellFormed() : undefined,
      code: text(value.code),
      argument: places.get(value) ?? texts(value.argument),
      call: failedCalls.get(value),
      advice: advice.get(value),
      fault: typeof value.mizzleFault === "number" ? value.mizzleFault : undefined,
    };
  };
});
