// node:assert.
(function ({ part }) {
  class AssertionError extends Error {
    constructor({ message, actual, expected, operator }) {
      const { inspect } = part("format");
      super(message ?? `Expected ${inspect(actual)} ${operator} ${inspect(expected)}`);
      this.name = "AssertionError";
      this.code = "ERR_ASSERTION";
      Object.assign(this, { actual, expected, operator, generatedMessage: message === undefined });
    }
  }

  function isDeepEqual(a, b, strict, above = []) {
    if (strict ? Object.is(a, b) : a == b || (a !== a && b !== b)) return true;
    if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return false;
    if (strict && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
    if (above.some(([x, y]) => x === a && y === b)) return true;
    const inside = [...above, [a, b]];
    const equal = (x, y) => isDeepEqual(x, y, strict, inside);
    if (a instanceof Date && b instanceof Date) return +a === +b;
    if (a instanceof RegExp && b instanceof RegExp) return String(a) === String(b);
    if (a instanceof Map && b instanceof Map)
      return (
        a.size === b.size && [...a].every(([key, value]) => b.has(key) && equal(value, b.get(key)))
      );
    if (a instanceof Set && b instanceof Set)
      return (
        a.size === b.size &&
        [...a].every((item) => b.has(item) || [...b].some((other) => equal(item, other)))
      );
    if (Array.isArray(a) !== Array.isArray(b)) return false;
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]))
    );
  }

  function fail(operator, actual, expected, message) {
    if (message instanceof Error) throw message;
    throw new AssertionError({ message, actual, expected, operator });
  }
  const check = (operator, test) => (actual, expected, message) =>
    test(actual, expected) || fail(operator, actual, expected, message);

  function assert(value, message) {
    if (!value) fail("==", value, true, message ?? "The expression evaluated to a falsy value");
  }

  function matches(error, expected) {
    if (expected === undefined) return true;
    if (expected instanceof RegExp) return expected.test(String(error));
    if (typeof expected === "function")
      return expected.prototype !== undefined && error instanceof expected
        ? true
        : expected.prototype === undefined && expected(error) === true;
    return Object.keys(expected).every((key) =>
      expected[key] instanceof RegExp
        ? expected[key].test(error[key])
        : isDeepEqual(error[key], expected[key], true),
    );
  }

  function throws(callee, expected, message) {
    try {
      callee();
    } catch (error) {
      if (typeof expected === "string" || matches(error, expected)) return;
      throw error;
    }
    fail("throws", undefined, expected, message ?? "Missing expected exception.");
  }

  async function rejects(promise, expected, message) {
    try {
      await (typeof promise === "function" ? promise() : promise);
    } catch (error) {
      if (typeof expected === "string" || matches(error, expected)) return;
      throw error;
    }
    fail("rejects", undefined, expected, message ?? "Missing expected rejection.");
  }

  const strictChecks = {
    equal: check("===", Object.is),
    notEqual: check("!==", (a, b) => !Object.is(a, b)),
    deepEqual: check("deepEqual", (a, b) => isDeepEqual(a, b, true)),
    notDeepEqual: check("notDeepEqual", (a, b) => !isDeepEqual(a, b, true)),
  };
  const shared = {
    AssertionError,
    ok: (value, message) => assert(value, message),
    strictEqual: strictChecks.equal,
    notStrictEqual: strictChecks.notEqual,
    deepStrictEqual: strictChecks.deepEqual,
    notDeepStrictEqual: strictChecks.notDeepEqual,
    fail: (message = "Failed") => fail("fail", undefined, undefined, message),
    ifError: (error) => {
      if (error !== null && error !== undefined) throw error;
    },
    match: (text, pattern, message) => pattern.test(text) || fail("match", text, pattern, message),
    doesNotMatch: (text, pattern, message) =>
      !pattern.test(text) || fail("doesNotMatch", text, pattern, message),
    throws,
    doesNotThrow: (callee) => void callee(),
    rejects,
    doesNotReject: async (promise) =>
      void (await (typeof promise === "function" ? promise() : promise)),
    isDeepEqual,
  };
  Object.assign(assert, shared, {
    equal: check("==", (a, b) => a == b || (a !== a && b !== b)),
    notEqual: check("!=", (a, b) => a != b),
    deepEqual: check("deepEqual", (a, b) => isDeepEqual(a, b, false)),
    notDeepEqual: check("notDeepEqual", (a, b) => !isDeepEqual(a, b, false)),
  });
  assert.strict = Object.assign((value, message) => assert(value, message), shared, strictChecks);
  assert.strict.strict = assert.strict;
  return assert;
});
