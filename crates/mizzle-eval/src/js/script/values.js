// The values of items: native ones in scripts, DynamoDB's `AttributeValue` (`{ S: … }`, `{ N: "…" }`)
// on the way to and from the host. The forms are those of `DynamoDBDocument` of the AWS SDK, but no
// number loses a digit, and what cannot be stored is neither dropped nor guessed at.
(function ({ part, standIns }) {
  // DynamoDB's own limit is 32.
  const maxDepth = 50;
  /** The most steps of a path that are spelled out. */
  const maxSteps = 10;

  /**
   * The error for a value that cannot be sent. It is shown at the user's own call: `path` leads from
   * the request to the value.
   */
  function unfit(path, message) {
    const error = new TypeError(`${path.length > 0 ? spell(path) : "the request"} ${message}`);
    // An array index ends the way that can be followed in the source.
    const argument = ["0", ...path.map(String)];
    return Object.defineProperty(error, "argument", { value: argument });
  }

  /** A path as it is written in JavaScript: `Item.tags[2]`. */
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

  /** What a value is, for a message. */
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
      return name === "Object" || !name ? "an object" : `an instance of ${name}`;
    }
    return typeof value === "undefined" ? "undefined" : `a ${typeof value}`;
  }

  /** Does something with `path` a step longer. (One array for all values: there are many of them.) */
  function below(path, step, work) {
    path.push(step);
    const result = work();
    path.pop();
    return result;
  }

  const isPlain = (value) => {
    if (value === null || typeof value !== "object") return false;
    const prototype = Object.getPrototypeOf(value);
    return prototype === null || prototype === Object.prototype;
  };

  // --- Numbers

  /**
   * A decimal number as its sign, its digits without zeros around them, and the power of ten of the
   * last of them. `undefined` when it is none.
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
   * A number as its exact text, for those that neither a number nor a bigint can hold: the class of
   * that name of the AWS SDK.
   */
  class NumberValue {
    constructor(value) {
      this.value = String(typeof value === "object" && "N" in value ? value.N : value);
      const number = value.valueOf();
      if (typeof number === "number" && !(Math.abs(number) <= Number.MAX_SAFE_INTEGER))
        throw new Error(
          `NumberValue should not be initialized with an imprecise number=${number}. Use a string instead.`,
        );
    }
    static from(value) {
      return new NumberValue(value);
    }
    toAttributeValue() {
      return { N: this.value };
    }
    toBigInt() {
      return BigInt(this.value);
    }
    toString() {
      return this.value;
    }
    valueOf() {
      return this.value;
    }
  }

  /**
   * A number from DynamoDB, exactly: a number where it is a safe one, a bigint where it is whole, a
   * NumberValue otherwise. Whole numbers beyond 2^53 are always bigints, so that their type does not
   * depend on their digits.
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
    return new NumberValue(text);
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

  const isBinary = (value) => value instanceof ArrayBuffer || ArrayBuffer.isView(value);

  function toBase64(value) {
    const { bytesOf, toBinary } = part("encoding");
    return btoa(toBinary(bytesOf(value)));
  }

  const fromBase64 = (text) => part("encoding").fromBinary(atob(text));

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
    if (value instanceof Set) return marshallSet(value, path);
    if (above.includes(value)) throw unfit(path, "contains itself");
    if (above.length === maxDepth) throw unfit(path, `is nested more than ${maxDepth} levels deep`);
    above.push(value);
    const marshalled = Array.isArray(value)
      ? {
          L: Array.from(value, (item, index) =>
            below(path, index, () => marshall(item, path, above)),
          ),
        }
      : { M: marshallMap(value, path, above) };
    above.pop();
    return marshalled;
  }

  /** The attributes of an object or a Map. */
  function marshallMap(value, path, above = []) {
    if (!isPlain(value) && !(value instanceof Map)) throw unfit(path, notAMap(value));
    const attributes = Object.create(null);
    for (const [key, item] of value instanceof Map ? value : Object.entries(value)) {
      if (typeof key !== "string")
        throw unfit(path, `is a Map with ${nameOf(key)} as a key; names of attributes are strings`);
      if (item === undefined) continue;
      attributes[wellFormed(key, path)] = below(path, key, () => marshall(item, path, above));
    }
    return attributes;
  }

  function notAMap(value) {
    if (value instanceof Date)
      return "is a Date, which DynamoDB has no type for; store .toISOString() or .getTime() of it";
    if (value instanceof Promise) return "is a Promise, which DynamoDB cannot store; await it";
    if (value !== null && typeof value === "object" && !Array.isArray(value))
      return `is ${nameOf(value)}, which DynamoDB cannot store; make a plain object of it`;
    return `must be an object, but is ${nameOf(value)}`;
  }

  function marshallSet(set, path) {
    const items = [...set];
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
        return new Set(value);
      case "NS":
        return new Set(value.map(toNumber));
      case "BS":
        return new Set(value.map(fromBase64));
      case "L":
        return value.map(unmarshall);
      case "M":
        return unmarshallMap(value);
      default:
        throw new TypeError(`DynamoDB's answer holds a value of the unknown type "${type}"`);
    }
  }

  function unmarshallMap(attributes) {
    const object = {};
    for (const [name, attribute] of Object.entries(attributes))
      put(object, name, unmarshall(attribute));
    return object;
  }

  /** Sets a property, whatever its name: `__proto__` is the name of an attribute like any other. */
  function put(object, name, value) {
    if (name !== "__proto__") object[name] = value;
    else
      Object.defineProperty(object, name, {
        value,
        enumerable: true,
        configurable: true,
        writable: true,
      });
  }

  return {
    NumberValue,
    marshall,
    marshallMap,
    unmarshall,
    unmarshallMap,
    put,
    unfit,
    below,
    nameOf,
    isPlain,
    wellFormed,
    maxDepth,
  };
});
