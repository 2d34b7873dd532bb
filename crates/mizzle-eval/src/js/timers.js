// Timers. The host calls `run` when no promise job is left, and sleeps as long as it answers.
(function ({ host }) {
  let nextId = 0;
  const timers = new Map();

  class Timeout {
    constructor(id) {
      this.id = id;
    }
    ref() {
      const timer = timers.get(this.id);
      if (timer) timer.waitedFor = true;
      return this;
    }
    unref() {
      const timer = timers.get(this.id);
      if (timer) timer.waitedFor = false;
      return this;
    }
    hasRef() {
      return timers.get(this.id)?.waitedFor ?? false;
    }
    refresh() {
      const timer = timers.get(this.id);
      if (timer) timer.at = host.now() + timer.delay;
      return this;
    }
    close() {
      timers.delete(this.id);
      return this;
    }
    [Symbol.toPrimitive]() {
      return this.id;
    }
    [Symbol.dispose]() {
      timers.delete(this.id);
    }
  }

  function start(callback, delay, values, repeats) {
    if (typeof callback !== "function")
      throw new TypeError("the callback of a timer must be a function");
    const id = ++nextId;
    timers.set(id, { at: host.now() + delay, delay, callback, values, repeats, waitedFor: true });
    return new Timeout(id);
  }
  const milliseconds = (delay) => (delay >= 1 && delay <= 2 ** 31 - 1 ? Number(delay) : 1);
  const setTimeout = (callback, delay, ...values) =>
    start(callback, milliseconds(delay), values, false);
  const setInterval = (callback, delay, ...values) =>
    start(callback, milliseconds(delay), values, true);
  const setImmediate = (callback, ...values) => start(callback, 0, values, false);
  const clear = (timer) => {
    if (timer !== null && timer !== undefined) timers.delete(Number(timer));
  };

  /** Runs a timer that is due. Answers the milliseconds until the next, -1 when there is none. */
  function run() {
    let due, dueId;
    for (const [id, timer] of timers) {
      if (timer.waitedFor && (due === undefined || timer.at < due.at)) {
        due = timer;
        dueId = id;
      }
    }
    if (due === undefined) return -1;
    const wait = due.at - host.now();
    if (wait > 0) return wait;
    if (due.repeats) due.at = host.now() + due.delay;
    else timers.delete(dueId);
    due.callback(...due.values);
    return 0;
  }

  /** What `runRest` is given to leave alone the timers that there are by now. */
  const mark = () => nextId;

  /** Runs what is left of the timers since a mark, once and without waiting. Answers whether any was. */
  function runRest(since) {
    const rest = [...timers].filter(([id, timer]) => id > since && timer.waitedFor);
    for (const [id, timer] of rest) {
      timers.delete(id);
      timer.callback(...timer.values);
    }
    return rest.length > 0;
  }

  return {
    mark,
    runRest,
    setTimeout,
    setInterval,
    setImmediate,
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
    run,
  };
});
