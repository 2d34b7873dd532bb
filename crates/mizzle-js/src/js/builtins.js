// The builtins of the realm that the evaluated code runs in, taken before it runs.
(function () {
  return {
    objectPrototype: Object.prototype,
    functionPrototype: Function.prototype,
    arrayPrototype: Array.prototype,
    Array,
    ArrayBuffer,
    Date,
    Error,
    InternalError,
    Map,
    Promise,
    RangeError,
    RegExp,
    Set,
    SyntaxError,
    TypeError,
    Uint8Array,
    parse: JSON.parse,
  };
});
