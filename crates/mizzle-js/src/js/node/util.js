// node:util.
(function ({ part }) {
  const { inspect, format } = part("format");
  const customPromisify = Symbol.for("nodejs.util.promisify.custom");

  function promisify(callee) {
    if (typeof callee !== "function") throw new TypeError("promisify takes a function");
    if (callee[customPromisify]) return callee[customPromisify];
    return function (...values) {
      return new Promise((resolve, reject) => {
        callee.call(this, ...values, (error, value) => (error ? reject(error) : resolve(value)));
      });
    };
  }
  promisify.custom = customPromisify;

  function callbackify(callee) {
    return function (...values) {
      const callback = values.pop();
      callee.apply(this, values).then((value) => callback(null, value), callback);
    };
  }

  function inherits(constructor, parent) {
    Object.defineProperty(constructor, "super_", {
      value: parent,
      writable: true,
      configurable: true,
    });
    Object.setPrototypeOf(constructor.prototype, parent.prototype);
  }

  function deprecate(callee) {
    return callee;
  }

  function isDeepStrictEqual(a, b) {
    return part("node/assert").isDeepEqual(a, b, true);
  }

  function parseArgs({ args = [], options = {}, strict = true } = {}) {
    const values = {};
    const positionals = [];
    for (const [name, option] of Object.entries(options)) {
      if (option.default !== undefined) values[name] = option.default;
    }
    if (strict && args.length > 0) throw new Error("util.parseArgs has no arguments to parse here");
    return { values, positionals };
  }

  const styles = new Proxy({}, { get: () => [0, 0], has: () => true });
  const is = (constructor) => (value) => value instanceof constructor;
  const AsyncFunction = (async () => {}).constructor;
  const GeneratorFunction = function* () {}.constructor;
  const types = {
    isArrayBuffer: is(ArrayBuffer),
    isArrayBufferView: ArrayBuffer.isView,
    isAsyncFunction: is(AsyncFunction),
    isBoxedPrimitive: (value) =>
      [Boolean, Number, String, Symbol, BigInt].some((one) => value instanceof one),
    isDate: is(Date),
    isGeneratorFunction: is(GeneratorFunction),
    isMap: is(Map),
    isNativeError: is(Error),
    isPromise: is(Promise),
    isProxy: () => false,
    isRegExp: is(RegExp),
    isSet: is(Set),
    isSymbolObject: is(Symbol),
    isTypedArray: (value) => ArrayBuffer.isView(value) && !(value instanceof DataView),
    isUint8Array: is(Uint8Array),
    isWeakMap: is(WeakMap),
    isWeakSet: is(WeakSet),
  };

  return {
    inspect,
    format,
    formatWithOptions: (_, ...values) => format(...values),
    promisify,
    callbackify,
    inherits,
    deprecate,
    debuglog: () => Object.assign(() => {}, { enabled: false }),
    debug: () => Object.assign(() => {}, { enabled: false }),
    isDeepStrictEqual,
    parseArgs,
    stripVTControlCharacters: (text) => text.replace(/\u001b\[[0-9;]*[A-Za-z]/g, ""),
    styleText: (_, text) => text,
    toUSVString: (text) => String(text).toWellFormed(),
    types,
    isArray: Array.isArray,
    TextEncoder,
    TextDecoder,
    MIMEType: undefined,
    _extend: Object.assign,
    inspectStyles: styles,
  };
});
