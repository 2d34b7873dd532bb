// node:string_decoder. An incomplete character is kept until its remaining bytes arrive.
(function ({ part }) {
  const { Buffer } = part("node/buffer");

  /** Counts the bytes at the end that belong to an incomplete UTF-8 character. */
  function incomplete(bytes) {
    for (let back = 1; back <= Math.min(3, bytes.length); back++) {
      const byte = bytes[bytes.length - back];
      if ((byte & 0xc0) === 0x80) continue;
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
      return needed > back ? back : 0;
    }
    return 0;
  }

  class StringDecoder {
    #rest = Buffer.alloc(0);
    constructor(encoding = "utf8") {
      this.encoding = encoding;
    }
    write(chunk) {
      const bytes = Buffer.concat([this.#rest, Buffer.from(chunk)]);
      const isUtf8 = /^utf-?8$/i.test(this.encoding);
      const end = bytes.length - (isUtf8 ? incomplete(bytes) : 0);
      this.#rest = bytes.subarray(end);
      return bytes.toString(this.encoding, 0, end);
    }
    end(chunk) {
      const text = chunk === undefined ? "" : this.write(chunk);
      const rest = this.#rest.toString(this.encoding);
      this.#rest = Buffer.alloc(0);
      return text + rest;
    }
  }

  return { StringDecoder };
});
