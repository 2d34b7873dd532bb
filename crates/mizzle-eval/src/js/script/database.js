// `db`: the argument of a migration script. Each method sends a request to the host and returns a
// promise of its reply.
//
// The evaluated code receives objects of its own realm only: functions with its function prototype,
// promises and errors of its own classes.
(function ({ part, realm, outer, failedCalls, places }) {
  const { toWire, fromWire, failureFromWire } = part("script/requests");
  const { newObject } = part("script/values");
  const { pages, items } = outer.part("script/pages");

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
  // Names from other APIs that users may try here, and their alternatives.
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

  /** Converts a function to one of the other realm. */
  const given = (method) => Object.setPrototypeOf(method, realm.functionPrototype);

  const rejected = (error) => new realm.Promise(given((_, reject) => reject(error)));

  /** Creates an error of the other realm, with the stack of the call that it is about. */
  function errorOf(kind, message, stack) {
    const error = new kind(message);
    for (const [name, value] of [
      ["message", message],
      ["stack", stack],
    ])
      Object.defineProperty(error, name, { value, writable: true, configurable: true });
    return error;
  }

  /** Converts an error of our code to one of the other realm. */
  function foreign(error) {
    if (!(error instanceof Error)) return error;
    const kind =
      error instanceof TypeError
        ? realm.TypeError
        : error instanceof RangeError
          ? realm.RangeError
          : error instanceof InternalError
            ? realm.InternalError
            : realm.Error;
    const made = errorOf(kind, error.message, error.stack);
    if (places.has(error)) places.set(made, places.get(error));
    return made;
  }

  /**
   * Creates `db`, and the functions that the host needs to answer it.
   *
   * `facts` are `env` and `dryRun`; `host` has `request(id, method, json)`, `log(line)` and the
   * `methods` of the control plane.
   */
  return function open(facts, host) {
    /** The calls without a reply, by their ids. */
    const underWay = new Map();
    /** The calls that are not awaited yet. */
    const unawaited = new Set();
    let calls = 0;
    let over = false;

    /**
     * The promise of a call. It records whether it is awaited: the engine accesses promises of its
     * own class directly, but calls `then` of any other.
     */
    class Step extends realm.Promise {
      static get [Symbol.species]() {
        return realm.Promise;
      }
      then(...handlers) {
        unawaited.delete(steps.get(this));
        return super.then(...handlers);
      }
    }
    given(Step.prototype.then);
    /** The calls by their promises. */
    const steps = new WeakMap();

    /** Sends a request. `stack` is that of the user's call; `look` receives the answer first. */
    function request(method, wire, stack, look) {
      if (over) {
        const message = `db.${method} was called after the script had come to its end`;
        return rejected(errorOf(realm.Error, message, stack));
      }
      const call = { id: ++calls, method, stack, look };
      const step = new Step(
        given((resolve, reject) => void Object.assign(call, { resolve, reject })),
      );
      steps.set(step, call);
      host.request(call.id, method, JSON.stringify(wire));
      underWay.set(call.id, call);
      unawaited.add(call);
      return step;
    }

    /** Settles a call with the host's reply, which is JSON. */
    function settle(id, succeeded, json) {
      const call = underWay.get(id);
      underWay.delete(id);
      if (!succeeded) return call.reject(failureOf(call, realm.parse(json)));
      let answer;
      try {
        answer = fromWire(call.method, realm.parse(json));
        call.look?.(answer);
      } catch (error) {
        return call.reject(foreign(error));
      }
      // A promise reads `then` of its result, which all objects may have inherited by now.
      if (typeof answer === "object" && answer !== null && "then" in realm.objectPrototype)
        Object.defineProperty(answer, "then", { value: undefined, writable: true, configurable: true });
      call.resolve(answer);
    }

    function failureOf({ method, stack }, { name, message, fields, hints }) {
      const error = errorOf(realm.Error, message, stack);
      const define = (key, value, enumerable) =>
        Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable });
      define("name", name, false);
      const further = failureFromWire(fields);
      for (const key of Object.keys(further)) define(key, further[key], true);
      failedCalls.set(error, { method, hints });
      return error;
    }

    const database = Object.create(null);
    const define = (name, method) => {
      Object.defineProperty(method, "name", { value: name });
      database[name] = given(method);
    };

    for (const method of [...host.methods, ...dataPlane]) {
      define(method, (...values) => {
        const { stack } = new Error();
        try {
          return request(method, encoded(method, values, stack), stack);
        } catch (error) {
          return rejected(foreign(error));
        }
      });
    }

    /** Returns a function that requests the next page, once the previous one was used. */
    function paging(method, wire, stack) {
      let isLast = false;
      const look = (page) => {
        isLast = !page || !Object.hasOwn(page, "LastEvaluatedKey");
        if (isLast) return;
        const { LastEvaluatedKey: key } = page;
        wire.ExclusiveStartKey = toWire(method, startingAt(key)).ExclusiveStartKey;
      };
      return given(() => (isLast ? undefined : request(method, wire, stack, look)));
    }

    for (const method of ["scan", "query"]) {
      for (const [suffix, generator] of [
        ["Pages", pages],
        ["Items", items],
      ]) {
        define(`${method}${suffix}`, (...values) => {
          const { stack } = new Error();
          let wire;
          try {
            wire = encoded(method, values, stack);
          } catch (error) {
            throw foreign(error);
          }
          return generator(paging(method, wire, stack));
        });
      }
    }

    define("log", (...values) => {
      try {
        host.log(part("format").format(...values));
      } catch (error) {
        throw foreign(error);
      }
    });
    database.env = facts.env;
    database.dryRun = facts.dryRun;
    Object.freeze(database);

    /** Closes `db`: later calls are errors. Returns the calls that were not awaited. */
    function close() {
      over = true;
      const forgotten = new Set([...unawaited, ...underWay.values()]);
      return [...forgotten]
        .sort((a, b) => a.id - b.id)
        .map(({ id, method, stack }) => [method, stack, underWay.has(id)]);
    }

    return { db: new Proxy(database, { get: given(member) }), settle, close };
  };

  /** Encodes the request of a method for the host. */
  function encoded(method, values, stack) {
    try {
      return toWire(method, inputOf(method, values));
    } catch (error) {
      // A stack has a limited depth: the calls for a deep value would displace the user's own.
      if (places.has(error)) error.stack = stack;
      throw error;
    }
  }

  /** Creates a request that continues after the end of a page. */
  function startingAt(key) {
    const request = newObject();
    return Object.defineProperty(request, "ExclusiveStartKey", { value: key, enumerable: true });
  }

  /** Returns the request in the arguments of a method. */
  function inputOf(method, values) {
    const [first, second] = values;
    // The form of the first CLI's scripts: the table's name before the request.
    const named =
      typeof first === "string" && (method === "createTable" || method === "deleteTable");
    if (!named) return first;
    if (second !== undefined && (second === null || typeof second !== "object")) return second;
    if (second?.TableName !== undefined && second.TableName !== first) {
      const names = [first, second.TableName].map((name) => JSON.stringify(name)).join(" and ");
      throw new TypeError(`db.${method} is given two names for one table: ${names}`);
    }
    return Object.setPrototypeOf({ ...second, TableName: first }, realm.objectPrototype);
  }

  /** Returns a member of `db`; throws immediately for an unknown one. */
  function member(database, name) {
    if (name in database) return database[name];
    // Members that the language, and code that prints or compares a value, reads from every object.
    if (
      typeof name === "symbol" ||
      name === "then" ||
      name === "toJSON" ||
      name in realm.objectPrototype
    )
      return realm.objectPrototype[name];
    const known = Object.keys(database);
    const advice = Object.hasOwn(elsewhere, name) ? elsewhere[name] : closest(name, known);
    throw foreign(new TypeError(`db has no "${name}"; ${advice}`));
  }

  function closest(name, known) {
    const ranked = known
      .map((candidate) => [distance(name.toLowerCase(), candidate.toLowerCase()), candidate])
      .sort(([a], [b]) => a - b);
    const [edits, candidate] = ranked[0];
    if (edits <= Math.max(2, name.length / 3)) return `did you mean db.${candidate}?`;
    return `it has ${known.join(", ")}`;
  }

  /** Returns the edit distance: the number of characters to insert, delete or replace. */
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
