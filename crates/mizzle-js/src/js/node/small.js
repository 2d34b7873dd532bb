// Small Node modules.
(function ({ part, blocked }) {
  const timers = part("timers");
  const timersPromises = {
    setTimeout: (delay, value) =>
      new Promise((resolve) => timers.setTimeout(resolve, delay, value)),
    setImmediate: (value) => new Promise((resolve) => timers.setImmediate(resolve, value)),
    async *setInterval(delay, value) {
      for (;;) {
        await timersPromises.setTimeout(delay);
        yield value;
      }
    },
    scheduler: {
      wait: (delay) => timersPromises.setTimeout(delay),
      yield: () => timersPromises.setImmediate(),
    },
  };

  const channel = {
    hasSubscribers: false,
    publish() {},
    subscribe() {},
    unsubscribe() {},
    bindStore() {},
    runStores: (_, callee, self, ...values) => callee.apply(self, values),
  };
  const tracing = {
    hasSubscribers: false,
    traceSync: (callee, _, self, ...values) => callee.apply(self, values),
    tracePromise: (callee, _, self, ...values) => callee.apply(self, values),
  };

  return {
    timersPromises,
    diagnosticsChannel: {
      channel: () => channel,
      hasSubscribers: () => false,
      tracingChannel: () => tracing,
      subscribe() {},
      unsubscribe() {},
      Channel: class Channel {},
    },
    perfHooks: {
      performance,
      constants: {},
      PerformanceObserver: class PerformanceObserver {
        observe() {}
        disconnect() {}
      },
      monitorEventLoopDelay: blocked("perf_hooks.monitorEventLoopDelay"),
    },
    tty: {
      isatty: () => false,
      ReadStream: blocked("tty.ReadStream"),
      WriteStream: blocked("tty.WriteStream"),
    },
    workerThreads: {
      isMainThread: true,
      threadId: 0,
      parentPort: null,
      workerData: null,
      Worker: blocked("worker_threads.Worker"),
      MessageChannel: blocked("worker_threads.MessageChannel"),
    },
  };
});
