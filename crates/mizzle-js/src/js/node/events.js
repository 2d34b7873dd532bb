// node:events.
(function ({ part }) {
  class EventEmitter {
    #listeners = new Map();
    static defaultMaxListeners = 10;

    #add(name, listener, original, first) {
      if (typeof listener !== "function") throw new TypeError("the listener must be a function");
      const listeners = this.#listeners.get(name) ?? [];
      const entry = { listener, original };
      this.#listeners.set(name, first ? [entry, ...listeners] : [...listeners, entry]);
      return this;
    }
    #once(name, listener, first) {
      const wrapped = (...values) => {
        this.off(name, listener);
        return listener.apply(this, values);
      };
      return this.#add(name, wrapped, listener, first);
    }
    on(name, listener) {
      return this.#add(name, listener, listener, false);
    }
    addListener(name, listener) {
      return this.on(name, listener);
    }
    prependListener(name, listener) {
      return this.#add(name, listener, listener, true);
    }
    once(name, listener) {
      return this.#once(name, listener, false);
    }
    prependOnceListener(name, listener) {
      return this.#once(name, listener, true);
    }
    off(name, listener) {
      const listeners = this.#listeners.get(name) ?? [];
      const index = listeners.findLastIndex((entry) => entry.original === listener);
      if (index !== -1) this.#listeners.set(name, listeners.toSpliced(index, 1));
      return this;
    }
    removeListener(name, listener) {
      return this.off(name, listener);
    }
    removeAllListeners(name) {
      if (name === undefined) this.#listeners.clear();
      else this.#listeners.delete(name);
      return this;
    }
    emit(name, ...values) {
      const listeners = this.#listeners.get(name) ?? [];
      if (name === "error" && listeners.length === 0) {
        throw values[0] instanceof Error ? values[0] : new Error(`Unhandled error. (${values[0]})`);
      }
      for (const { listener } of listeners) listener.apply(this, values);
      return listeners.length > 0;
    }
    listeners(name) {
      return (this.#listeners.get(name) ?? []).map((entry) => entry.original);
    }
    rawListeners(name) {
      return (this.#listeners.get(name) ?? []).map((entry) => entry.listener);
    }
    listenerCount(name) {
      return (this.#listeners.get(name) ?? []).length;
    }
    eventNames() {
      return [...this.#listeners.keys()];
    }
    setMaxListeners() {
      return this;
    }
    getMaxListeners() {
      return EventEmitter.defaultMaxListeners;
    }
  }

  // Older code calls `EventEmitter.call(this)`: a private field requires a real construction, so
  // one emitter is kept for each such object.
  const beside = new WeakMap();
  const methods = Object.getOwnPropertyNames(EventEmitter.prototype).filter(
    (name) => name !== "constructor",
  );
  function Emitter() {
    if (new.target !== undefined) return Reflect.construct(EventEmitter, [], new.target);
    beside.set(this, new EventEmitter());
  }
  Emitter.prototype = EventEmitter.prototype;
  Object.defineProperty(Emitter.prototype, "constructor", {
    value: Emitter,
    writable: true,
    configurable: true,
  });
  for (const name of methods) {
    const method = EventEmitter.prototype[name];
    EventEmitter.prototype[name] = function (...values) {
      const emitter = beside.get(this);
      if (emitter === undefined) return method.apply(this, values);
      const result = method.apply(emitter, values);
      return result === emitter ? this : result;
    };
  }

  const once = (emitter, name) =>
    new Promise((resolve, reject) => {
      emitter.once(name, (...values) => resolve(values));
      if (name !== "error") emitter.once("error", reject);
    });

  return Object.assign(Emitter, {
    EventEmitter: Emitter,
    once,
    defaultMaxListeners: EventEmitter.defaultMaxListeners,
    setMaxListeners: () => {},
    getEventListeners: (emitter, name) => emitter.listeners(name),
    listenerCount: (emitter, name) => emitter.listenerCount(name),
    errorMonitor: Symbol("events.errorMonitor"),
    captureRejectionSymbol: Symbol.for("nodejs.rejection"),
    EventTarget: part("events").EventTarget,
  });
});
