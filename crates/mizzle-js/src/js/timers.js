// The timers of the evaluated code. `clock.js` keeps and runs them.
(function ({ clock, realm }) {
  const timers = clock();

  class Timeout {
    constructor(id) {
      this.id = id;
    }
    ref() {
      timers.setWaitedFor(this.id, true);
      return this;
    }
    unref() {
      timers.setWaitedFor(this.id, false);
      return this;
    }
    hasRef() {
      return timers.isWaitedFor(this.id);
    }
    refresh() {
      timers.refresh(this.id);
      return this;
    }
    close() {
      timers.clear(this.id);
      return this;
    }
    [Symbol.toPrimitive]() {
      return this.id;
    }
    [Symbol.dispose]() {
      timers.clear(this.id);
    }
  }

  function start(callback, delay, values, repeats) {
    if (typeof callback !== "function")
      throw new realm.TypeError("the callback of a timer must be a function");
    return new Timeout(timers.start(callback, delay, values, repeats));
  }
  const milliseconds = (delay) => (delay >= 1 && delay <= 2 ** 31 - 1 ? +delay : 1);
  const setTimeout = (callback, delay, ...values) =>
    start(callback, milliseconds(delay), values, false);
  const setInterval = (callback, delay, ...values) =>
    start(callback, milliseconds(delay), values, true);
  const setImmediate = (callback, ...values) => start(callback, 0, values, false);
  const clear = (timer) => {
    if (timer !== null && timer !== undefined) timers.clear(+timer);
  };

  return {
    setTimeout,
    setInterval,
    setImmediate,
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
  };
});
