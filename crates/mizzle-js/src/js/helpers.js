// The helper functions that transpiled code calls (`babelHelpers.…`).
(function () {
  /** Applies legacy decorators of a class or of a member. */
  function decorate(decorators, target, key, descriptor) {
    const onClass = arguments.length < 3;
    const onMember = arguments.length > 3;
    let result = descriptor;
    if (onClass) result = target;
    else if (descriptor === null)
      result = descriptor = Object.getOwnPropertyDescriptor(target, key);
    for (const decorator of decorators.toReversed()) {
      if (!decorator) continue;
      const replaced = onClass
        ? decorator(result)
        : onMember
          ? decorator(target, key, result)
          : decorator(target, key);
      result = replaced || result;
    }
    if (onMember && result) Object.defineProperty(target, key, result);
    return result;
  }

  const decorateParam = (index, decorator) => (target, key) => decorator(target, key, index);

  function decorateMetadata(key, value) {
    if (typeof Reflect.metadata === "function") return Reflect.metadata(key, value);
  }

  function defineProperty(object, key, value) {
    return Object.defineProperty(object, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }

  /** Tracks the resources of a block with `using`, disposed of in reverse order. */
  function usingCtx() {
    const resources = [];
    const none = {};
    function add(isAsync, value) {
      if (value === null || value === undefined) {
        if (isAsync) resources.push({ isAsync });
        return value;
      }
      let dispose = isAsync
        ? value[Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose")]
        : undefined;
      dispose ??= value[Symbol.dispose ?? Symbol.for("Symbol.dispose")];
      if (typeof dispose !== "function")
        throw new TypeError("a resource of `using` must have [Symbol.dispose]()");
      resources.push({ value, dispose, isAsync });
      return value;
    }
    function fail(context, error) {
      context.e = context.e === none ? error : new SuppressedFailure(error, context.e);
    }
    return {
      e: none,
      u: (value) => add(false, value),
      a: (value) => add(true, value),
      d() {
        const context = this;
        function next() {
          while (resources.length > 0) {
            const { value, dispose, isAsync } = resources.pop();
            try {
              const result = dispose?.call(value);
              if (isAsync) {
                return Promise.resolve(result).then(next, (error) => {
                  fail(context, error);
                  return next();
                });
              }
            } catch (error) {
              fail(context, error);
            }
          }
          if (context.e !== none) throw context.e;
        }
        return next();
      },
    };
  }

  class SuppressedFailure extends Error {
    name = "SuppressedError";
    constructor(error, suppressed) {
      super("an error was suppressed during disposal");
      this.error = error;
      this.suppressed = suppressed;
    }
  }

  const helpers = { decorate, decorateParam, decorateMetadata, defineProperty, usingCtx };
  return new Proxy(helpers, {
    get(target, name) {
      if (name in target) return target[name];
      throw new Error(
        `the syntax that needs the helper "${String(name)}" is not supported in schema files`,
      );
    },
  });
});
