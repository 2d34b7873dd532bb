// The values of items: native ones in scripts, DynamoDB's `AttributeValue` (`{ N: "…" }`) between
// prelude and host. The forms are those of `DynamoDBDocument` of the AWS SDK, but no number loses a
// digit, and values that cannot be stored are errors: neither dropped nor guessed.
//
// The values come from another realm, whose builtins may have been replaced: none of their methods
// is called, and values for that realm are created with its original builtins.
(function ({ part, realm, outer, standIns, places }) {
  const { NumberValue } = outer.part("script/number");
  // DynamoDB's own limit is 32.
  const maxDepth = 50;
  /** The maximum number of steps of a path in a message. */
  const maxSteps = 10;

  /**
   * Creates the error for a value that cannot be sent. It is shown at the user's own call: `path`
   * leads from the request to the value.
   */
  function unfit(path, message) {
    const error = new TypeError(`${path.length > 0 ? spell(path) : "the request"} ${message}`);
    // An array index ends the part of the path that can be followed in the source.
    places.set(error, ["0", ...path.map(String)]);
    return error;
  }

  /** Formats a path as in JavaScript: `Item.tags[2]`. */
  function spell(path) {
    let text = "";
    for (const [index, step] of path.entries()) {
      if (path.length > maxSteps && index === maxSteps - 1) return `${text}…`;
      if (typeof step === "number") text += `[${step}]`;
      else if (!/^[A-Za-z_$][\w$]*$/.test(step)) text += `[${JSON.stringify(step)}]`;
      else text += text === "" ? step : `.${step}`;
    }
    return text;
  }

  /** Describes a value for a message. */
  function nameOf(value) {
    if (value === null) return "null";
    if (Array.isArray(value)) return "an array";
    if (typeof value === "function") {
      const standIn = standIns.get(value);
      if (standIn !== undefined) return `a ${standIn}`;
      const { name } = value;
      return typeof name === "string" && name !== "" ? `the function ${name}` : "a function";
    }
    if (typeof value === "object") {
      const name = value.constructor?.name;
      return typeof name !== "string" || name === "Object" || name === ""
        ? "an object"
        : `an instance of ${name}`;
    }
    return typeof value === "undefined" ? "undefined" : `a ${typeof value}`;
  }

  /** Calls `work` with `path` one step longer. (One array for all of the many values.) */
  function below(path, step, work) {
    path.push(step);
    const result = work();
    path.pop();
    return result;
  }

  const isPlain = (value) => {
    if (value === null || typeof value !== "object") return false;
    const prototype = Object.getPrototypeOf(value);
    return prototype === null || prototype === realm.objectPrototype;
  };

  /** Returns the items of an array, by their indexes. */
  function itemsOf(array) {
    const items = [];
    for (let index = 0; index < array.length; index++) items.push(array[index]);
    return items;
  }

  const { entries: entriesOfMap } = Map.prototype;
  const { values: valuesOfSet } = Set.prototype;

  // --- Numbers

  /**
   * Parses a decimal number to its sign, its digits without surrounding zeros, and the power of ten
   * of the last digit. `undefined` if it is not a number.
   */
  function decimal(text) {
    const parts = /^([+-]?)(?=\.?\d)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,9}))?$/.exec(text);
    if (parts === null) return undefined;
    const [, sign, whole, fraction, power] = parts;
    const significant = (whole + fraction).replace(/^0+/, "");
    const digits = significant.replace(/0+$/, "");
    if (digits === "") return { sign: "", digits: "0", power: 0 };
    const shift = significant.length - digits.length - fraction.length;
    return { sign: sign === "-" ? "-" : "", digits, power: Number(power ?? 0) + shift };
  }

  /**
   * Converts a number from DynamoDB exactly: to a number if it is a safe one, to a bigint if it is
   * whole, otherwise to a NumberValue. Whole numbers beyond 2^53 are always bigints, so that their
   * type does not depend on their digits.
   */
  function toNumber(text) {
    const exact = decimal(text);
    if (exact === undefined) throw new TypeError(`${JSON.stringify(text)} is not a number`);
    const number = Number(text);
    const kept = decimal(String(number));
    const isExact =
      kept?.sign === exact.sign && kept.digits === exact.digits && kept.power === exact.power;
    if (isExact && (exact.power < 0 || Number.isSafeInteger(number))) return number === 0 ? 0 : number;
    // DynamoDB's own numbers end at 10 to the power of 126.
    if (exact.power >= 0 && exact.power <= 126)
      return BigInt(exact.sign + exact.digits + "0".repeat(exact.power));
    const value = new NumberValue(text);
    set(value, "value", text);
    return value;
  }

  const isNumeric = (value) =>
    typeof value === "number" || typeof value === "bigint" || value instanceof NumberValue;

  function numberText(value, path) {
    if (typeof value === "number" && !Number.isFinite(value))
      throw unfit(path, `is ${value}, which DynamoDB cannot store`);
    if (!(value instanceof NumberValue)) return String(Object.is(value, -0) ? 0 : value);
    if (decimal(value.value) === undefined)
      throw unfit(
        path,
        `is a NumberValue of ${JSON.stringify(value.value)}, which is not a number`,
      );
    return value.value;
  }

  // --- Text and bytes

  function wellFormed(text, path) {
    if (!text.isWellFormed())
      throw unfit(path, "holds half of a surrogate pair, which UTF-8 cannot express");
    return text;
  }

  const isBinary = (value) => value instanceof realm.ArrayBuffer || ArrayBuffer.isView(value);

  const getters = (prototype) => {
    const getter = (name) => Object.getOwnPropertyDescriptor(prototype, name).get;
    return { buffer: getter("buffer"), start: getter("byteOffset"), length: getter("byteLength") };
  };
  const ofArrays = getters(Object.getPrototypeOf(Uint8Array.prototype));
  const ofViews = getters(DataView.prototype);
  const { get: tagOf } = Object.getOwnPropertyDescriptor(
    Object.getPrototypeOf(Uint8Array.prototype),
    Symbol.toStringTag,
  );

  /** Returns the bytes of a buffer or view of the other realm. */
  function bytesOf(value) {
    if (!ArrayBuffer.isView(value)) return new Uint8Array(value);
    const { buffer, start, length } = tagOf.call(value) === undefined ? ofViews : ofArrays;
    return new Uint8Array(buffer.call(value), start.call(value), length.call(value));
  }

  const toBase64 = (value) => btoa(part("encoding").toBinary(bytesOf(value)));

  function fromBase64(text) {
    const binary = atob(text);
    const bytes = new realm.Uint8Array(binary.length);
    for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
    return bytes;
  }

  // --- Native values to attribute values

  function marshall(value, path, above = []) {
    switch (typeof value) {
      case "string":
        return { S: wellFormed(value, path) };
      case "boolean":
        return { BOOL: value };
      case "number":
      case "bigint":
        return { N: numberText(value, path) };
      case "object":
        break;
      case "undefined":
        throw unfit(path, "is undefined, which DynamoDB cannot store; leave it out, or use null");
      default:
        throw unfit(path, `is ${nameOf(value)}, which DynamoDB cannot store`);
    }
    if (value === null) return { NULL: true };
    if (value instanceof NumberValue) return { N: numberText(value, path) };
    if (isBinary(value)) return { B: toBase64(value) };
    if (value instanceof realm.Set) return marshallSet(value, path);
    if (above.includes(value)) throw unfit(path, "contains itself");
    if (above.length === maxDepth) throw unfit(path, `is nested more than ${maxDepth} levels deep`);
    above.push(value);
    const marshalled = Array.isArray(value)
      ? {
          L: itemsOf(value).map((item, index) =>
            below(path, index, () => marshall(item, path, above)),
          ),
        }
      : { M: marshallMap(value, path, above) };
    above.pop();
    return marshalled;
  }

  /** Converts the attributes of an object or a Map. */
  function marshallMap(value, path, above = []) {
    const isMap = value instanceof realm.Map;
    if (!isPlain(value) && !isMap) throw unfit(path, notAMap(value));
    const attributes = Object.create(null);
    for (const [key, item] of isMap ? entriesOfMap.call(value) : Object.entries(value)) {
      if (typeof key !== "string")
        throw unfit(path, `is a Map with ${nameOf(key)} as a key; names of attributes are strings`);
      if (item === undefined) continue;
      attributes[wellFormed(key, path)] = below(path, key, () => marshall(item, path, above));
    }
    return attributes;
  }

  function notAMap(value) {
    if (value instanceof realm.Date)
      return "is a Date, which DynamoDB has no type for; store .toISOString() or .getTime() of it";
    if (value instanceof realm.Promise) return "is a Promise, which DynamoDB cannot store; await it";
    if (value !== null && typeof value === "object" && !Array.isArray(value))
      return `is ${nameOf(value)}, which DynamoDB cannot store; make a plain object of it`;
    return `must be an object, but is ${nameOf(value)}`;
  }

  function marshallSet(set, path) {
    const items = [...valuesOfSet.call(set)];
    if (items.length === 0)
      throw unfit(path, "is an empty Set, which DynamoDB cannot store; leave it out");
    if (items.every((item) => typeof item === "string"))
      return { SS: items.map((item) => wellFormed(item, path)) };
    if (items.every(isNumeric)) return { NS: items.map((item) => numberText(item, path)) };
    if (items.every(isBinary)) return { BS: items.map(toBase64) };
    const odd = items.find(
      (item) => typeof item !== "string" && !isNumeric(item) && !isBinary(item),
    );
    throw unfit(
      path,
      odd === undefined
        ? "is a Set of values of several types; DynamoDB's sets have one"
        : `is a Set with ${nameOf(odd)} in it; sets hold strings, numbers or binary values`,
    );
  }

  // --- Attribute values to native values

  function unmarshall(attribute) {
    const [type] = Object.keys(attribute);
    const value = attribute[type];
    switch (type) {
      case "S":
      case "BOOL":
        return value;
      case "NULL":
        return null;
      case "N":
        return toNumber(value);
      case "B":
        return fromBase64(value);
      case "SS":
        return setOf(value, (item) => item);
      case "NS":
        return setOf(value, toNumber);
      case "BS":
        return setOf(value, fromBase64);
      case "L":
        return listOf(value, unmarshall);
      case "M":
        return unmarshallMap(value);
      default:
        throw new TypeError(`DynamoDB's answer holds a value of the unknown type "${type}"`);
    }
  }

  function unmarshallMap(attributes) {
    const object = newObject();
    for (const name of Object.keys(attributes)) put(object, name, unmarshall(attributes[name]));
    return object;
  }

  // --- Objects of the other realm

  const newObject = () => Object.create(realm.objectPrototype);

  const { add } = Set.prototype;
  function setOf(array, convert) {
    const made = new realm.Set();
    for (let index = 0; index < array.length; index++) add.call(made, convert(array[index]));
    return made;
  }

  function listOf(array, convert) {
    const made = new realm.Array();
    const { length } = array;
    for (let index = 0; index < length; index++) {
      const item = convert(array[index]);
      if (index in realm.arrayPrototype) set(made, index, item);
      else made[index] = item;
    }
    return made;
  }

  const set = (object, name, value) =>
    Object.defineProperty(object, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });

  /** Sets a property, even with an inherited name: `__proto__` is a valid attribute name. */
  function put(object, name, value) {
    if (name in realm.objectPrototype) set(object, name, value);
    else object[name] = value;
  }

  return {
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
  };
});
