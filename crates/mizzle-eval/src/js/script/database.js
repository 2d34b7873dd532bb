// `db`: what a migration script is given. Each method is a request to the host and a promise of its
// answer.
(function (internal) {
  const { part } = internal;
  const { toWire, fromWire, failureFromWire } = part("script/requests");

  const controlPlane = [
    "createTable",
    "updateTable",
    "deleteTable",
    "updateTimeToLive",
    "updateContinuousBackups",
    "tagResource",
    "untagResource",
    "putResourcePolicy",
    "deleteResourcePolicy",
  ];
  const dataPlane = [
    "get",
    "put",
    "update",
    "delete",
    "query",
    "scan",
    "batchGet",
    "batchWrite",
    "transactWrite",
  ];
  // What people may look for here, and what does it.
  const elsewhere = {
    send: "call the method of the operation, such as db.put({ … })",
    putItem: "use db.put, which takes native values",
    getItem: "use db.get, which gives native values",
    updateItem: "use db.update, which takes native values",
    deleteItem: "use db.delete, which takes native values",
    batchGetItem: "use db.batchGet, which gives native values",
    batchWriteItem: "use db.batchWrite, which takes native values",
    transactWriteItems: "use db.transactWrite, which takes native values",
  };

  // What the host says with an error that it makes of a call, beside the error itself: for errors
  // that nobody catches.
  internal.failedCalls = new WeakMap();

  /**
   * `db`, and what the host needs to answer it.
   *
   * `facts` are `env` and `dryRun`; `host` has `request(id, method, json)` and `log(line)`.
   */
  return function open(facts, host) {
    /** The calls that the host has not answered, by their ids. */
    const underWay = new Map();
    /** The calls that nobody has begun to await. */
    const unawaited = new Set();
    let calls = 0;
    let over = false;

    /**
     * The promise of a call. It knows whether somebody awaits it: the engine looks into promises of
     * its own class, but asks those of any other for `then`.
     */
    class Step extends Promise {
      static get [Symbol.species]() {
        return Promise;
      }
      then(...handlers) {
        unawaited.delete(this.call);
        return super.then(...handlers);
      }
    }

    /** Sends a request. `trace` is an error made where the user's code called. */
    function request(method, wire, trace) {
      if (over) {
        trace.message = `db.${method} was called after the script had come to its end`;
        return Promise.reject(trace);
      }
      const call = { id: ++calls, method, trace };
      const step = new Step((resolve, reject) => Object.assign(call, { resolve, reject }));
      // Of no concern to those who print a step.
      Object.defineProperty(step, "call", { value: call });
      underWay.set(call.id, call);
      unawaited.add(call);
      host.request(call.id, method, JSON.stringify(wire));
      return step;
    }

    /** Settles a call with the host's answer, which comes as JSON. */
    function settle(id, succeeded, json) {
      const call = underWay.get(id);
      underWay.delete(id);
      if (!succeeded) return call.reject(failureOf(call, JSON.parse(json)));
      let answer;
      try {
        answer = fromWire(call.method, JSON.parse(json));
      } catch (error) {
        return call.reject(error);
      }
      call.resolve(answer);
    }

    function failureOf({ method, trace }, { name, message, fields, hints }) {
      const define = (key, value) =>
        Object.defineProperty(trace, key, { value, writable: true, configurable: true });
      define("name", name);
      define("message", message);
      Object.assign(trace, failureFromWire(fields));
      internal.failedCalls.set(trace, { method, hints });
      return trace;
    }

    const database = Object.create(null);
    const define = (name, method) => {
      Object.defineProperty(method, "name", { value: name });
      database[name] = method;
    };

    for (const method of [...controlPlane, ...dataPlane]) {
      define(method, (...given) => {
        const trace = new Error();
        try {
          return request(method, encoded(method, given, trace), trace);
        } catch (error) {
          return Promise.reject(error);
        }
      });
    }

    /** All pages of a scan or query, each asked for when the one before it has been used. */
    async function* pages(method, wire, trace) {
      for (;;) {
        // Each call has an error of its own, but all of them have the place of the first.
        const own = new Error();
        own.stack = trace.stack;
        const page = await request(method, wire, own);
        yield page;
        if (page?.LastEvaluatedKey === undefined) return;
        wire.ExclusiveStartKey = toWire(method, {
          ExclusiveStartKey: page.LastEvaluatedKey,
        }).ExclusiveStartKey;
      }
    }
    async function* items(method, wire, trace) {
      for await (const page of pages(method, wire, trace)) yield* page?.Items ?? [];
    }
    for (const method of ["scan", "query"]) {
      define(`${method}Pages`, (...given) => {
        const trace = new Error();
        return pages(method, encoded(method, given, trace), trace);
      });
      define(`${method}Items`, (...given) => {
        const trace = new Error();
        return items(method, encoded(method, given, trace), trace);
      });
    }

    define("log", (...values) => host.log(part("format").format(...values)));
    database.env = facts.env;
    database.dryRun = facts.dryRun;
    Object.freeze(database);

    /** Ends it: later calls are errors. Gives the calls that nobody waited for. */
    function close() {
      over = true;
      const forgotten = new Set([...unawaited, ...underWay.values()]);
      return [...forgotten]
        .sort((a, b) => a.id - b.id)
        .map(({ id, method, trace }) => [method, trace.stack, underWay.has(id)]);
    }

    return { db: new Proxy(database, { get: member }), settle, close };
  };

  /** The request of a method, as the host sends it. */
  function encoded(method, given, trace) {
    try {
      return toWire(method, inputOf(method, given));
    } catch (error) {
      // A stack has only so many calls: those of a deep value would push out the user's own.
      if (error.argument !== undefined) error.stack = trace.stack;
      throw error;
    }
  }

  /** The request in the arguments of a method. */
  function inputOf(method, given) {
    const [first, second] = given;
    // The form of the first CLI's scripts: the table's name before the request.
    const named =
      typeof first === "string" && (method === "createTable" || method === "deleteTable");
    if (!named) return first;
    if (second !== undefined && (second === null || typeof second !== "object")) return second;
    if (second?.TableName !== undefined && second.TableName !== first) {
      const names = [first, second.TableName].map((name) => JSON.stringify(name)).join(" and ");
      throw new TypeError(`db.${method} is given two names for one table: ${names}`);
    }
    return { ...second, TableName: first };
  }

  /** A member of `db`; one that it does not have is a mistake to be told at once. */
  function member(database, name) {
    if (name in database) return database[name];
    // What the language, or whoever prints or compares a value, asks every object for.
    if (
      typeof name === "symbol" ||
      name === "then" ||
      name === "toJSON" ||
      name in Object.prototype
    )
      return Object.prototype[name];
    const known = Object.keys(database);
    const advice = Object.hasOwn(elsewhere, name) ? elsewhere[name] : closest(name, known);
    throw new TypeError(`db has no "${name}"; ${advice}`);
  }

  function closest(name, known) {
    const ranked = known
      .map((candidate) => [distance(name.toLowerCase(), candidate.toLowerCase()), candidate])
      .sort(([a], [b]) => a - b);
    const [edits, candidate] = ranked[0];
    if (edits <= Math.max(2, name.length / 3)) return `did you mean db.${candidate}?`;
    return `it has ${known.join(", ")}`;
  }

  /** How many characters have to be put in, taken out or changed to make one text of another. */
  function distance(from, to) {
    let row = Array.from({ length: to.length + 1 }, (_, index) => index);
    for (let i = 1; i <= from.length; i++) {
      const next = [i];
      for (let j = 1; j <= to.length; j++) {
        const change = row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1);
        next.push(Math.min(change, row[j] + 1, next[j - 1] + 1));
      }
      row = next;
    }
    return row[to.length];
  }
});
