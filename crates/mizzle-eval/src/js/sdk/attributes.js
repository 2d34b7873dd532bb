// `@aws-sdk/util-dynamodb`: converts native values to attribute values and back, with the options
// and messages of that package. (`db` converts by its own rules, in script/values.js.)
(function ({ part }) {
  const { NumberValue } = part("script/number");

  const put = (object, name, value) =>
    Object.defineProperty(object, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });

  const undefinedValue =
    "Pass options.removeUndefinedValues=true to remove undefined values from map/array/set.";
  const binaryTypes = new Set([
    "ArrayBuffer",
    "Blob",
    "Buffer",
    "DataView",
    "File",
    "Int8Array",
    "Uint8Array",
    "Uint8ClampedArray",
    "Int16Array",
    "Uint16Array",
    "Int32Array",
    "Uint32Array",
    "Float32Array",
    "Float64Array",
    "BigInt64Array",
    "BigUint64Array",
  ]);
  // The package checks the names of constructors: values may come from another realm.
  const kindOf = (value) => value.constructor?.name;
  const isBinary = (value) => binaryTypes.has(kindOf(value));
  const nothing = () => ({ NULL: true });

  // --- To attribute values

  const isKept = (value, options) =>
    typeof value !== "function" && (value !== undefined || !options?.removeUndefinedValues);

  function convertToAttr(value, options) {
    if (value === undefined) throw new Error(undefinedValue);
    if (value === null) return nothing();
    if (Array.isArray(value)) {
      const kept = value.filter((one) => isKept(one, options));
      return { L: kept.map((one) => convertToAttr(one, options)) };
    }
    const kind = kindOf(value);
    const isEmpty = value.length === 0 && options?.convertEmptyValues;
    if (kind === "Set") return setToAttr(value, options);
    if (kind === "Map") return mapToAttr(value, options);
    if (kind === "Object" || (!value.constructor && typeof value === "object"))
      return mapToAttr(properties(value), options);
    if (isBinary(value)) return isEmpty ? nothing() : { B: value };
    if (typeof value === "boolean" || kind === "Boolean") return { BOOL: value.valueOf() };
    if (typeof value === "number" || kind === "Number") return { N: numberText(value, options) };
    if (value instanceof NumberValue) return value.toAttributeValue();
    if (typeof value === "bigint") return { N: String(value) };
    if (typeof value === "string" || kind === "String")
      return isEmpty ? nothing() : { S: value.toString() };
    if (options?.convertClassInstanceToMap && typeof value === "object")
      return mapToAttr(properties(value), options);
    throw new Error(
      `Unsupported type passed: ${value}. Pass options.convertClassInstanceToMap=true to marshall typeof object as map attribute.`,
    );
  }

  /** Yields the properties of an object, including inherited ones. */
  function* properties(object) {
    for (const name in object) yield [name, object[name]];
  }

  function mapToAttr(entries, options) {
    const map = {};
    for (const [name, value] of entries) {
      if (isKept(value, options)) put(map, name, convertToAttr(value, options));
    }
    return { M: map };
  }

  /** Converts a set; it has the type of its first value. */
  function setToAttr(set, options) {
    const values = [...set].filter((one) => one !== undefined || !options?.removeUndefinedValues);
    if (values.includes(undefined)) throw new Error(undefinedValue);
    if (values.length === 0) {
      if (options?.convertEmptyValues) return nothing();
      throw new Error("Pass a non-empty set, or options.convertEmptyValues=true.");
    }
    const [first] = values;
    if (first instanceof NumberValue || typeof first === "bigint")
      return { NS: values.map((one) => one.toString()) };
    if (typeof first === "number") return { NS: values.map((one) => numberText(one, options)) };
    if (typeof first === "string") return { SS: values.map((one) => one.toString()) };
    if (first !== null && isBinary(first)) return { BS: values };
    throw new Error("Only Number Set (NS), Binary Set (BS) or String Set (SS) are allowed.");
  }

  function numberText(number, options) {
    const text = number.toString();
    if (["NaN", "Infinity", "-Infinity"].includes(text))
      throw new Error(`Special numeric value ${text} is not allowed`);
    const beyond =
      Number(number) > Number.MAX_SAFE_INTEGER
        ? "greater than Number.MAX_SAFE_INTEGER"
        : Number(number) < Number.MIN_SAFE_INTEGER
          ? "lesser than Number.MIN_SAFE_INTEGER"
          : undefined;
    if (beyond !== undefined && !options?.allowImpreciseNumbers)
      throw new Error(`Number ${text} is ${beyond}. Use NumberValue from @aws-sdk/lib-dynamodb.`);
    return text;
  }

  function marshall(value, options) {
    const attribute = convertToAttr(value, options);
    return options?.convertTopLevelContainer
      ? attribute
      : (attribute.M ?? attribute.L ?? attribute);
  }

  // --- To native values

  function convertToNative(attribute, options) {
    const found = Object.entries(attribute).find(([, value]) => value !== undefined);
    if (found === undefined) throw new Error(`No value defined: ${JSON.stringify(attribute)}`);
    const [type, value] = found;
    switch (type) {
      case "NULL":
        return null;
      case "BOOL":
        return Boolean(value);
      case "N":
        return toNumber(value, options);
      case "B":
      case "S":
        return value;
      case "L":
        return value.map((one) => convertToNative(one, options));
      case "M": {
        const map = {};
        for (const [name, one] of Object.entries(value))
          put(map, name, convertToNative(one, options));
        return map;
      }
      case "NS":
        return new Set(value.map((one) => toNumber(one, options)));
      case "BS":
      case "SS":
        return new Set(value);
      default:
        throw new Error(`Unsupported type passed: ${type}`);
    }
  }

  function toNumber(text, options) {
    if (typeof options?.wrapNumbers === "function") return options.wrapNumbers(text);
    if (options?.wrapNumbers) return NumberValue.from(text);
    const number = Number(text);
    const isImprecise = Number.isFinite(number) && Math.abs(number) > Number.MAX_SAFE_INTEGER;
    if (!isImprecise) return number;
    try {
      return BigInt(text);
    } catch {
      throw new Error(
        `${text} can't be converted to BigInt. Set options.wrapNumbers to get string value.`,
      );
    }
  }

  const unmarshall = (item, options) =>
    convertToNative(options?.convertWithoutMapWrapper ? item : { M: item }, options);

  return {
    NumberValue,
    NumberValueImpl: NumberValue,
    convertToAttr,
    convertToNative,
    marshall,
    unmarshall,
  };
});
