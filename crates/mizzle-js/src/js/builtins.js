// The builtins of the realm of the evaluated code, captured before that code runs.
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
