// node:buffer.
(function ({ part, unavailable }) {
  const { bytesOf, toBinary, fromBinary, encodeUtf8, decodeUtf8, fromUtf16 } = part("encoding");

  const toBase64 = (bytes) => btoa(toBinary(bytes));
  const fromBase64 = (text) => {
    const clean = text
      .replaceAll("-", "+")
      .replaceAll("_", "/")
      .replace(/[^A-Za-z0-9+/]/g, "");
    return fromBinary(atob(clean.length % 4 === 1 ? clean.slice(0, -1) : clean));
  };
  const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const fromHex = (text) => {
    const digits = /^(?:[0-9a-f]{2})*/i.exec(text)[0];
    return Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
      Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16),
    );
  };
  const toUtf16 = (text) =>
    Uint8Array.from(
      { length: text.length * 2 },
      (_, index) => (text.charCodeAt(index >> 1) >> (index % 2 ? 8 : 0)) & 255,
    );

  const codecs = {
    "utf8": { encode: encodeUtf8, decode: decodeUtf8 },
    "hex": { encode: fromHex, decode: toHex },
    "base64": { encode: fromBase64, decode: toBase64 },
    "base64url": {
      encode: fromBase64,
      decode: (bytes) =>
        toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""),
    },
    "latin1": { encode: fromBinary, decode: toBinary },
    "ascii": { encode: fromBinary, decode: (bytes) => toBinary(bytes.map((byte) => byte & 127)) },
    "utf16le": { encode: toUtf16, decode: fromUtf16 },
  };
  Object.assign(codecs, {
    "utf-8": codecs.utf8,
    "binary": codecs.latin1,
    "ucs2": codecs.utf16le,
    "ucs-2": codecs.utf16le,
    "utf-16le": codecs.utf16le,
  });

  function codec(encoding = "utf8") {
    const found = codecs[String(encoding).toLowerCase()];
    if (found === undefined)
      throw Object.assign(new TypeError(`Unknown encoding: ${encoding}`), {
        code: "ERR_UNKNOWN_ENCODING",
      });
    return found;
  }

  const wrap = (bytes) => new Buffer(bytes.buffer, bytes.byteOffset, bytes.byteLength);

  class Buffer extends Uint8Array {
    static poolSize = 8192;
    static from(value, encoding, length) {
      if (typeof value === "string") return wrap(codec(encoding).encode(value));
      if (value instanceof ArrayBuffer) return new Buffer(value, encoding, length);
      if (value?.type === "Buffer" && Array.isArray(value.data))
        return wrap(Uint8Array.from(value.data));
      if (value === null || typeof value !== "object")
        throw new TypeError("a Buffer is made of a string, an array, a buffer or a view");
      return wrap(Uint8Array.from(value));
    }
    static of(...items) {
      return wrap(Uint8Array.from(items));
    }
    static alloc(size, fill, encoding) {
      const buffer = new Buffer(size);
      return fill === undefined ? buffer : buffer.fill(fill, 0, size, encoding);
    }
    static allocUnsafe(size) {
      return new Buffer(size);
    }
    static allocUnsafeSlow(size) {
      return new Buffer(size);
    }
    static isBuffer(value) {
      return value instanceof Buffer;
    }
    static isEncoding(encoding) {
      return Object.hasOwn(codecs, String(encoding).toLowerCase());
    }
    static byteLength(value, encoding) {
      return typeof value === "string" ? codec(encoding).encode(value).length : value.byteLength;
    }
    static compare(a, b) {
      for (let index = 0; index < a.length && index < b.length; index++) {
        if (a[index] !== b[index]) return a[index] < b[index] ? -1 : 1;
      }
      return Math.sign(a.length - b.length);
    }
    static concat(list, length = list.reduce((sum, one) => sum + one.length, 0)) {
      const whole = Buffer.alloc(length);
      let at = 0;
      for (const one of list) {
        whole.set(one.subarray(0, Math.max(0, length - at)), at);
        at += one.length;
      }
      return whole;
    }
    toString(encoding, start = 0, end = this.length) {
      return codec(encoding).decode(this.subarray(start, end));
    }
    toJSON() {
      return { type: "Buffer", data: [...this] };
    }
    equals(other) {
      return Buffer.compare(this, other) === 0;
    }
    compare(other) {
      return Buffer.compare(this, other);
    }
    slice(start, end) {
      return this.subarray(start, end);
    }
    subarray(start, end) {
      return wrap(super.subarray(start, end));
    }
    write(text, offset = 0, length = this.length - offset, encoding = "utf8") {
      if (typeof offset === "string") return this.write(text, 0, this.length, offset);
      const bytes = codec(typeof length === "string" ? length : encoding)
        .encode(text)
        .subarray(0, typeof length === "string" ? this.length - offset : length);
      this.set(bytes, offset);
      return bytes.length;
    }
    copy(target, targetStart = 0, start = 0, end = this.length) {
      const part = this.subarray(start, Math.min(end, start + target.length - targetStart));
      target.set(part, targetStart);
      return part.length;
    }
    fill(value, start = 0, end = this.length, encoding = "utf8") {
      const bytes =
        typeof value === "string"
          ? codec(encoding).encode(value)
          : ArrayBuffer.isView(value)
            ? bytesOf(value)
            : undefined;
      if (bytes === undefined) return super.fill(value, start, end);
      if (bytes.length > 0)
        for (let index = start; index < end; index++)
          this[index] = bytes[(index - start) % bytes.length];
      return this;
    }
    indexOf(value, start = 0, encoding = "utf8") {
      if (typeof value === "number") return super.indexOf(value & 255, start);
      return toBinary(this).indexOf(
        toBinary(typeof value === "string" ? codec(encoding).encode(value) : value),
        start,
      );
    }
    includes(value, start, encoding) {
      return this.indexOf(value, start, encoding) !== -1;
    }
  }

  // readUInt8, writeInt32BE, readDoubleLE, …
  const numbers = {
    UInt8: 1,
    Int8: 1,
    UInt16: 2,
    Int16: 2,
    UInt32: 4,
    Int32: 4,
    BigUInt64: 8,
    BigInt64: 8,
    Float: 4,
    Double: 8,
  };
  for (const [name, size] of Object.entries(numbers)) {
    const method =
      {
        UInt8: "Uint8",
        UInt16: "Uint16",
        UInt32: "Uint32",
        BigUInt64: "BigUint64",
        Float: "Float32",
        Double: "Float64",
      }[name] ?? name;
    for (const suffix of size === 1 ? [""] : ["LE", "BE"]) {
      const view = (buffer) => new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
      const read = function (offset = 0) {
        return view(this)[`get${method}`](offset, suffix === "LE");
      };
      const write = function (value, offset = 0) {
        view(this)[`set${method}`](offset, value, suffix === "LE");
        return offset + size;
      };
      for (const alias of [name, name.replace("UInt", "Uint")]) {
        Buffer.prototype[`read${alias}${suffix}`] = read;
        Buffer.prototype[`write${alias}${suffix}`] = write;
      }
    }
  }

  class Blob {
    #bytes;
    constructor(parts = [], { type = "" } = {}) {
      this.#bytes = Buffer.concat(
        parts.map((one) => (one instanceof Blob ? one.#bytes : Buffer.from(one))),
      );
      this.type = type;
    }
    get size() {
      return this.#bytes.length;
    }
    async text() {
      return this.#bytes.toString();
    }
    async arrayBuffer() {
      return this.#bytes.buffer.slice(0);
    }
    slice(start, end, type) {
      return new Blob([this.#bytes.subarray(start, end)], { type });
    }
    stream() {
      throw unavailable("Blob.stream");
    }
  }

  class File extends Blob {
    constructor(parts, name, options) {
      super(parts, options);
      this.name = name;
    }
  }

  const kMaxLength = 2 ** 31 - 1;
  return {
    Buffer,
    SlowBuffer: Buffer,
    Blob,
    File,
    atob,
    btoa,
    kMaxLength,
    constants: { MAX_LENGTH: kMaxLength, MAX_STRING_LENGTH: 2 ** 29 },
  };
});
