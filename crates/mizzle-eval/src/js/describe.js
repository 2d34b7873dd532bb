// What was thrown, in a form that the host reads without running foreign code a second time.
(function (internal) {
  const { part } = internal;
  const text = (value) => (typeof value === "string" ? value.toWellFormed() : undefined);

  return function describe(value) {
    const isError =
      value instanceof Error ||
      (typeof value === "object" &&
        value !== null &&
        typeof value.stack === "string" &&
        "message" in value);
    if (!isError) return { isError, shown: part("format").inspect(value).toWellFormed() };
    return {
      isError,
      name: text(value.name) ?? "Error",
      message: text(value.message) ?? "",
      stack: text(value.stack),
      code: text(value.code),
      argument: Array.isArray(value.argument) ? value.argument.map(String) : undefined,
      call: internal.failedCalls?.get(value),
      advice: internal.advice.get(value),
      fault: typeof value.mizzleFault === "number" ? value.mizzleFault : undefined,
    };
  };
});
