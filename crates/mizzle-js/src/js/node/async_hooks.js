// node:async_hooks. A store exists only during the synchronous part of `run`: enough for modules
// that create one when they are loaded.
(function () {
  class AsyncLocalStorage {
    #store;
    run(store, callee, ...values) {
      const previous = this.#store;
      this.#store = store;
      try {
        return callee(...values);
      } finally {
        this.#store = previous;
      }
    }
    exit(callee, ...values) {
      return this.run(undefined, callee, ...values);
    }
    getStore() {
      return this.#store;
    }
    enterWith(store) {
      this.#store = store;
    }
    disable() {
      this.#store = undefined;
    }
    static bind(callee) {
      return callee;
    }
    static snapshot() {
      return (callee, ...values) => callee(...values);
    }
  }

  class AsyncResource {
    constructor(type) {
      this.type = type;
    }
    runInAsyncScope(callee, self, ...values) {
      return callee.apply(self, values);
    }
    bind(callee) {
      return callee.bind(this);
    }
    emitDestroy() {
      return this;
    }
    asyncId() {
      return 1;
    }
    triggerAsyncId() {
      return 0;
    }
    static bind(callee) {
      return callee;
    }
  }

  const hook = { enable: () => hook, disable: () => hook };
  return {
    AsyncLocalStorage,
    AsyncResource,
    createHook: () => hook,
    executionAsyncId: () => 1,
    executionAsyncResource: () => ({}),
    triggerAsyncId: () => 0,
  };
});
