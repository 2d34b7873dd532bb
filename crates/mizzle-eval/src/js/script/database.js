// `db`: what a migration script is given. Each method is a request to the host and a promise of its
// answer.
//
// The evaluated code is given objects of its own realm only: functions with its prototype of functions,
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

  /** A function as one of the other realm. */
  const given = (method) => Object.setPrototypeOf(method, realm.functionPrototype);

  const rejected = (error) => new realm.Promise(given((_, reject) => reject(error)));

  /** An error of the other realm, with the stack of the call that it is about. */
  function errorOf(kind, message, stack) {
    const error = new kind(message);
    for (const [name, value] of [
      ["message", message],
      ["stack", stack],
    ])
      Object.defineProperty(error, name, { value, writable: true, configurable: true });
    return error;
  }

  /** What code of ours has thrown, as an error of the other realm. */
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
   * `db`, and what the host needs to answer it.
   *
   * `facts` are `env`, `dryRun` and the methods of the `controlPlane`; `host` has `request(id, method, json)` and `log(line)`.
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
    /** The calls of the promises. */
    const steps = new WeakMap();

    /** Sends a request. `stack` is that of the user's call; `look` is given the answer first. */
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

    /** Settles a call with the host's answer, which comes as JSON. */
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
      // A promise asks what it is resolved with for `then`, which all objects may have by now.
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

    for (const method of [...facts.controlPlane, ...dataPlane]) {
      define(method, (...values) => {
        const { stack } = new Error();
        try {
          return request(method, encoded(method, values, stack), stack);
        } catch (error) {
          return rejected(foreign(error));
        }
      });
    }

    /** Gives the promises of the pages, each asked for when the one before it has been used. */
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

    /** Ends it: later calls are errors. Gives the calls that nobody waited for. */
    function close() {
      over = true;
      const forgotten = new Set([...unawaited, ...underWay.values()]);
      return [...forgotten]
        .sort((a, b) => a.id - b.id)
        .map(({ id, method, stack }) => [method, stack, underWay.has(id)]);
    }

    return { db: new Proxy(database, { get: given(member) }), settle, close };
  };

  /** The request of a method, as the host sends it. */
  function encoded(method, values, stack) {
    try {
      return toWire(method, inputOf(method, values));
    } catch (error) {
      // A stack has only so many calls: those of a deep value would push out the user's own.
      if (places.has(error)) error.stack = stack;
      throw error;
    }
  }

  /** A request that goes on where a page has ended. */
  function startingAt(key) {
    const request = newObject();
    return Object.defineProperty(request, "ExclusiveStartKey", { value: key, enumerable: true });
  }

  /** The request in the arguments of a method. */
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

  /** A member of `db`; one that it does not have is a mistake to be told at once. */
  function member(database, name) {
    if (name in database) return database[name];
    // What the language, or whoever prints or compares a value, asks every object for.
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
