// Converts the item values in requests and replies. Everything else is passed on as JSON.
(function ({ part }) {
  const {
    marshall,
    marshallMap,
    unmarshall,
    unmarshallMap,
    newObject,
    listOf,
    itemsOf,
    put,
    unfit,
    below,
    nameOf,
    isPlain,
    wellFormed,
    maxDepth,
  } = part("script/values");

  // --- Shapes: the positions of the values

  const value = { kind: "value" };
  /** An item, a key, or values by their placeholders. */
  const item = { kind: "item" };
  const plain = { kind: "struct", members: Object.create(null) };
  const struct = (members) => ({
    kind: "struct",
    members: Object.assign(Object.create(null), members),
  });
  const list = (of) => ({ kind: "list", of });
  /** An object whose properties all have the same shape. */
  const each = (of) => ({ kind: "each", of });

  const values = { ExpressionAttributeValues: item };
  // The legacy forms from before expressions, which the service still accepts.
  const conditions = each(struct({ Value: value, AttributeValueList: list(value) }));
  const collections = struct({ ItemCollectionKey: item });
  const reading = { ...values, ExclusiveStartKey: item };
  const page = struct({ Items: list(item), LastEvaluatedKey: item });
  const writes = each(
    list(struct({ PutRequest: struct({ Item: item }), DeleteRequest: struct({ Key: item }) })),
  );
  const written = struct({ Attributes: item, ItemCollectionMetrics: collections });

  /** The positions of the values in the request and the reply of each method with values. */
  const shapes = {
    get: { input: struct({ Key: item }), output: struct({ Item: item }) },
    put: { input: struct({ Item: item, ...values, Expected: conditions }), output: written },
    update: {
      input: struct({ Key: item, ...values, AttributeUpdates: conditions, Expected: conditions }),
      output: written,
    },
    delete: { input: struct({ Key: item, ...values, Expected: conditions }), output: written },
    query: {
      input: struct({ ...reading, KeyConditions: conditions, QueryFilter: conditions }),
      output: page,
    },
    scan: { input: struct({ ...reading, ScanFilter: conditions }), output: page },
    batchGet: {
      input: struct({ RequestItems: each(struct({ Keys: list(item) })) }),
      output: struct({
        Responses: each(list(item)),
        UnprocessedKeys: each(struct({ Keys: list(item) })),
      }),
    },
    batchWrite: {
      input: struct({ RequestItems: writes }),
      output: struct({
        UnprocessedItems: writes,
        ItemCollectionMetrics: each(list(collections)),
      }),
    },
    transactWrite: {
      input: struct({
        TransactItems: list(
          struct({
            ConditionCheck: struct({ Key: item, ...values }),
            Put: struct({ Item: item, ...values }),
            Update: struct({ Key: item, ...values }),
            Delete: struct({ Key: item, ...values }),
          }),
        ),
      }),
      output: struct({ ItemCollectionMetrics: each(list(collections)) }),
    },
  };
  const failure = struct({
    Item: item,
    CancellationReasons: list(struct({ Item: item })),
  });

  // --- Requests

  function encode(shape, given, path, above) {
    switch (shape.kind) {
      case "value":
        return marshall(given, path);
      case "item":
        return marshallMap(given, path);
      case "list":
        if (!Array.isArray(given)) throw unfit(path, `must be an array, but is ${nameOf(given)}`);
        return json(given, path, above, () => shape.of);
      case "each":
        if (!isPlain(given)) throw unfit(path, `must be an object, but is ${nameOf(given)}`);
        return json(given, path, above, () => shape.of);
      default:
        return json(given, path, above, (name) => shape.members[name] ?? plain);
    }
  }

  /** Converts a value that JSON can hold; `shapeOf` returns the shapes of its parts. */
  function json(given, path, above, shapeOf) {
    switch (typeof given) {
      case "string":
        return wellFormed(given, path);
      case "boolean":
        return given;
      case "number":
        if (!Number.isFinite(given))
          throw unfit(path, `is ${given}, which is not a number to send`);
        return given;
      case "undefined":
        throw unfit(path, "is undefined; leave it out");
      case "object":
        break;
      default:
        throw unfit(path, `is ${nameOf(given)}, which a request cannot hold`);
    }
    if (given === null) return null;
    if (above.includes(given)) throw unfit(path, "contains itself");
    if (above.length === maxDepth) throw unfit(path, `is nested more than ${maxDepth} levels deep`);
    above.push(given);
    let encoded;
    if (Array.isArray(given)) {
      encoded = itemsOf(given).map((one, index) =>
        below(path, index, () => encode(shapeOf(index), one, path, above)),
      );
    } else if (isPlain(given)) {
      encoded = Object.create(null);
      for (const name of Object.keys(given)) {
        const one = given[name];
        if (one === undefined) continue;
        encoded[wellFormed(name, path)] = below(path, name, () =>
          encode(shapeOf(name), one, path, above),
        );
      }
    } else throw unfit(path, `is ${nameOf(given)}, which a request cannot hold`);
    above.pop();
    return encoded;
  }

  /** Encodes the request of a method for the host. */
  function toWire(method, input) {
    if (!isPlain(input))
      throw unfit([], `of db.${method} must be an object, but is ${nameOf(input)}`);
    return encode(shapes[method]?.input ?? plain, input, [], []);
  }

  // --- Replies, as objects of the other realm

  function decode(shape, answer) {
    if (answer === null || typeof answer !== "object") return answer;
    switch (shape.kind) {
      case "value":
        return unmarshall(answer);
      case "item":
        return unmarshallMap(answer);
      case "list":
        return listOf(answer, (one) => decode(shape.of, one));
      case "each":
        return members(answer, () => shape.of);
      default:
        return members(answer, (name) => shape.members[name]);
    }
  }

  function members(answer, shapeOf) {
    const decoded = newObject();
    for (const name of Object.keys(answer)) {
      const shape = shapeOf(name);
      put(decoded, name, shape === undefined ? answer[name] : decode(shape, answer[name]));
    }
    return decoded;
  }

  /** Decodes the reply to a method, with native values. */
  const fromWire = (method, answer) =>
    answer === null
      ? undefined
      : shapes[method] === undefined
        ? answer
        : decode(shapes[method].output, answer);

  return { toWire, fromWire, failureFromWire: (fields) => decode(failure, fields) };
});
