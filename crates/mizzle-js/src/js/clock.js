// Timers. The host calls `run` when no promise job is left, and sleeps for the returned time.
//
// Timers run in the order of their due times; at the same time, the older one first.
(function ({ host }) {
  let lastId = 0;
  /** The total time that was skipped instead of waited for. */
  let skipped = 0;
  const now = () => host.now() + skipped;
  const timers = new Map();
  /** A heap of all timers, and of stale entries: those are skipped when they are reached. */
  const queue = [];

  const isBefore = (a, b) => a.at < b.at || (a.at === b.at && a.id < b.id);
  const isCurrent = ({ timer, at }) => timers.get(timer.id) === timer && timer.waitedFor && timer.at === at;

  function enqueue(timer) {
    let index = queue.length;
    const entry = { timer, at: timer.at, id: timer.id };
    while (index > 0) {
      const above = (index - 1) >> 1;
      if (!isBefore(entry, queue[above])) break;
      queue[index] = queue[above];
      index = above;
    }
    queue[index] = entry;
  }

  /** Removes the first entry. */
  function dequeue() {
    const last = queue.pop();
    const { length } = queue;
    if (length === 0) return;
    let index = 0;
    for (;;) {
      let below = index * 2 + 1;
      if (below >= length) break;
      if (below + 1 < length && isBefore(queue[below + 1], queue[below])) below += 1;
      if (!isBefore(queue[below], last)) break;
      queue[index] = queue[below];
      index = below;
    }
    queue[index] = last;
  }

  /** Starts a timer and returns its id. `values` are the arguments of the callback. */
  function start(callback, delay, values, repeats) {
    const id = ++lastId;
    const timer = { id, at: now() + delay, delay, callback, values, repeats, waitedFor: true };
    timers.set(id, timer);
    enqueue(timer);
    return id;
  }

  const clear = (id) => void timers.delete(id);

  /** True if the host waits for a timer. */
  const isWaitedFor = (id) => timers.get(id)?.waitedFor ?? false;
  function setWaitedFor(id, waitedFor) {
    const timer = timers.get(id);
    if (timer === undefined || timer.waitedFor === waitedFor) return;
    timer.waitedFor = waitedFor;
    if (waitedFor) enqueue(timer);
  }

  /** Restarts the time of a timer. */
  function refresh(id) {
    const timer = timers.get(id);
    if (timer === undefined) return;
    timer.at = now() + timer.delay;
    enqueue(timer);
  }

  const call = ({ callback, values }) => Reflect.apply(callback, undefined, values);

  /**
   * Runs a timer that is due, or the next one immediately. Returns the milliseconds until the next
   * one, -1 if there is none.
   */
  function run(atOnce) {
    while (queue.length > 0 && !isCurrent(queue[0])) dequeue();
    if (queue.length === 0) return -1;
    const { timer } = queue[0];
    const wait = timer.at - now();
    if (wait > 0 && !atOnce) return wait;
    if (wait > 0) skipped += wait;
    dequeue();
    if (timer.repeats) {
      timer.at = now() + timer.delay;
      enqueue(timer);
    } else timers.delete(timer.id);
    call(timer);
    return 0;
  }

  /** Returns a mark for `runRest`, which skips the timers that exist at this point. */
  const mark = () => lastId;

  /** Runs the timers since a mark once, without waiting. Returns true if there were any. */
  function runRest(since) {
    const rest = [...timers.values()].filter(({ id, waitedFor }) => id > since && waitedFor);
    for (const timer of rest) {
      timers.delete(timer.id);
      call(timer);
    }
    return rest.length > 0;
  }

  return { start, clear, isWaitedFor, setWaitedFor, refresh, run, mark, runRest };
});
