// Text and bytes. The host takes bytes as strings of one character per byte ("binary strings").
(function ({ host }) {
  const chunk = 8192;

  /** Returns the bytes of a buffer or view. */
  function bytesOf(source) {
    if (source instanceof Uint8Array) return source;
    if (ArrayBuffer.isView(source))
      return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
    return new Uint8Array(source);
  }

  function toBinary(bytes) {
    let text = "";
    for (let start = 0; start < bytes.length; start += chunk) {
      text += String.fromCharCode.apply(null, bytes.subarray(start, start + chunk));
    }
    return text;
  }

  function fromBinary(text) {
    const bytes = new Uint8Array(text.length);
    for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
    return bytes;
  }

  const encodeUtf8 = (text) => host.utf8(text.toWellFormed());

  class TextEncoder {
    get encoding() {
      return "utf-8";
    }
    encode(text = "") {
      return encodeUtf8(String(text));
    }
    encodeInto(text, target) {
      let read = 0;
      let written = 0;
      for (const character of String(text)) {
        const bytes = encodeUtf8(character);
        if (written + bytes.length > target.length) break;
        target.set(bytes, written);
        written += bytes.length;
        read += character.length;
      }
      return { read, written };
    }
  }

  class TextDecoder {
    #label;
    #fatal;
    #keepMark;
    constructor(label = "utf-8", { fatal = false, ignoreBOM = false } = {}) {
      const known = {
        "utf-8": "utf-8",
        "utf8": "utf-8",
        "latin1": "windows-1252",
        "ascii": "windows-1252",
        "iso-8859-1": "windows-1252",
        "windows-1252": "windows-1252",
        "utf-16le": "utf-16le",
        "utf16le": "utf-16le",
      };
      this.#label = known[String(label).toLowerCase()];
      if (this.#label === undefined)
        throw new RangeError(`the encoding "${label}" is not supported`);
      this.#fatal = fatal;
      this.#keepMark = ignoreBOM;
    }
    get encoding() {
      return this.#label;
    }
    get fatal() {
      return this.#fatal;
    }
    get ignoreBOM() {
      return this.#keepMark;
    }
    decode(source) {
      if (source === undefined) return "";
      const bytes = bytesOf(source);
      if (this.#label === "windows-1252") return toBinary(bytes);
      if (this.#label === "utf-16le") return fromUtf16(bytes);
      const text = host.fromUtf8(toBinary(bytes), this.#fatal);
      if (text === undefined) throw new TypeError("the bytes are not valid UTF-8");
      return this.#keepMark || !text.startsWith("\ufeff") ? text : text.slice(1);
    }
  }

  function fromUtf16(bytes) {
    let text = "";
    for (let index = 0; index + 1 < bytes.length; index += 2) {
      text += String.fromCharCode(bytes[index] | (bytes[index + 1] << 8));
    }
    return text;
  }

  const decodeUtf8 = (bytes) => host.fromUtf8(toBinary(bytes), false);

  return {
    TextEncoder,
    TextDecoder,
    bytesOf,
    toBinary,
    fromBinary,
    encodeUtf8,
    decodeUtf8,
    fromUtf16,
  };
});
