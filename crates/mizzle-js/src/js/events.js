// The events of the web platform: EventTarget, AbortController.
(function ({ part }) {
  class Event {
    constructor(type, options = {}) {
      this.type = String(type);
      this.cancelable = Boolean(options.cancelable);
      this.defaultPrevented = false;
      this.target = null;
      this.timeStamp = performance.now();
    }
    preventDefault() {
      this.defaultPrevented = this.cancelable;
    }
    stopPropagation() {}
    stopImmediatePropagation() {
      this.stopped = true;
    }
  }

  class CustomEvent extends Event {
    constructor(type, options = {}) {
      super(type, options);
      this.detail = options.detail ?? null;
    }
  }

  class EventTarget {
    #listeners = new Map();
    addEventListener(type, listener, options) {
      if (!listener) return;
      const listeners = this.#listeners.get(type) ?? [];
      if (listeners.some((one) => one.listener === listener)) return;
      listeners.push({ listener, once: typeof options === "object" && Boolean(options?.once) });
      this.#listeners.set(type, listeners);
    }
    removeEventListener(type, listener) {
      const listeners = this.#listeners.get(type) ?? [];
      this.#listeners.set(
        type,
        listeners.filter((one) => one.listener !== listener),
      );
    }
    dispatchEvent(event) {
      event.target = this;
      const handler = this[`on${event.type}`];
      if (typeof handler === "function") handler.call(this, event);
      for (const { listener, once } of [...(this.#listeners.get(event.type) ?? [])]) {
        if (once) this.removeEventListener(event.type, listener);
        if (typeof listener === "function") listener.call(this, event);
        else listener.handleEvent(event);
        if (event.stopped) break;
      }
      return !event.defaultPrevented;
    }
  }

  class AbortSignal extends EventTarget {
    aborted = false;
    reason = undefined;
    onabort = null;
    throwIfAborted() {
      if (this.aborted) throw this.reason;
    }
    static abort(reason) {
      const signal = new AbortSignal();
      abort(signal, reason);
      return signal;
    }
    static timeout(delay) {
      const signal = new AbortSignal();
      const expire = () =>
        abort(signal, new DOMException("The operation timed out", "TimeoutError"));
      part("timers").setTimeout(expire, delay).unref();
      return signal;
    }
    static any(signals) {
      const signal = new AbortSignal();
      for (const one of signals) {
        if (one.aborted) abort(signal, one.reason);
        else one.addEventListener("abort", () => abort(signal, one.reason), { once: true });
      }
      return signal;
    }
  }

  function abort(signal, reason = new DOMException("The operation was aborted", "AbortError")) {
    if (signal.aborted) return;
    signal.aborted = true;
    signal.reason = reason;
    signal.dispatchEvent(new Event("abort"));
  }

  class AbortController {
    signal = new AbortSignal();
    abort(reason) {
      abort(this.signal, reason);
    }
  }

  return { Event, CustomEvent, EventTarget, AbortSignal, AbortController };
});
