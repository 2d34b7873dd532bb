// node:crypto and the global `crypto`: random values and digests, computed by the host.
(function ({ host, part, blocked }) {
  const { Buffer } = part("node/buffer");
  const { bytesOf, toBinary, encodeUtf8 } = part("encoding");

  function randomBytes(size, callback) {
    const bytes = Buffer.from(host.random(size).buffer);
    if (callback === undefined) return bytes;
    queueMicrotask(() => callback(null, bytes));
  }

  function getRandomValues(array) {
    if (!ArrayBuffer.isView(array)) throw new TypeError("getRandomValues takes a typed array");
    if (array.byteLength > 65536)
      throw new DOMException("getRandomValues fills 65536 bytes at most", "QuotaExceededError");
    bytesOf(array).set(host.random(array.byteLength));
    return array;
  }

  function randomUUID() {
    const bytes = randomBytes(16);
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  function randomInt(min, max, callback) {
    if (typeof max !== "number") [min, max, callback] = [0, min, max];
    if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || max <= min)
      throw new RangeError("randomInt takes a range of integers");
    const value =
      min +
      (randomBytes(6)
        .toString("hex")
        .match(/../g)
        .reduce((sum, byte) => sum * 256 + Number.parseInt(byte, 16), 0) %
        (max - min));
    if (callback === undefined) return value;
    queueMicrotask(() => callback(null, value));
  }

  const binary = (data, encoding) =>
    toBinary(typeof data === "string" ? Buffer.from(data, encoding) : bytesOf(data));
  const algorithms = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"];
  const algorithm = (name) => {
    const known = String(name).toLowerCase().replace(/^sha-/, "sha").replace(/^rsa-/, "");
    if (algorithms.includes(known)) return known;
    throw Object.assign(
      new Error(`the digest "${name}" is not supported; there are ${algorithms.join(", ")}`),
      { code: "ERR_CRYPTO_INVALID_DIGEST" },
    );
  };

  class Digest {
    #name;
    #key;
    #data = "";
    #done = false;
    constructor(name, key) {
      this.#name = algorithm(name);
      this.#key = key === undefined ? undefined : binary(key);
    }
    update(data, encoding) {
      if (this.#done)
        throw Object.assign(new Error("Digest already called"), {
          code: "ERR_CRYPTO_HASH_FINALIZED",
        });
      this.#data += binary(data, encoding);
      return this;
    }
    digest(encoding) {
      if (this.#done)
        throw Object.assign(new Error("Digest already called"), {
          code: "ERR_CRYPTO_HASH_FINALIZED",
        });
      this.#done = true;
      const bytes = Buffer.from(host.digest(this.#name, this.#key, this.#data).buffer);
      return encoding && encoding !== "buffer" ? bytes.toString(encoding) : bytes;
    }
    copy() {
      const other = new Digest(this.#name);
      other.#key = this.#key;
      other.#data = this.#data;
      return other;
    }
  }

  const createHash = (name) => new Digest(name);
  const createHmac = (name, key) => new Digest(name, key);
  const hash = (name, data, encoding = "hex") => createHash(name).update(data).digest(encoding);
  const subtle = {
    digest: async (name, data) =>
      createHash(name.name ?? name)
        .update(bytesOf(data))
        .digest().buffer,
  };
  for (const name of [
    "encrypt",
    "decrypt",
    "sign",
    "verify",
    "deriveBits",
    "deriveKey",
    "generateKey",
    "importKey",
    "exportKey",
  ]) {
    subtle[name] = blocked(`crypto.subtle.${name}`);
  }

  const webcrypto = { getRandomValues, randomUUID, subtle };
  const crypto = {
    webcrypto,
    subtle,
    getRandomValues,
    randomUUID,
    randomBytes,
    pseudoRandomBytes: randomBytes,
    randomInt,
    randomFillSync: (array) => {
      bytesOf(array).set(host.random(array.byteLength));
      return array;
    },
    createHash,
    createHmac,
    hash,
    getHashes: () => [...algorithms],
    timingSafeEqual: (a, b) => Buffer.compare(bytesOf(a), bytesOf(b)) === 0,
    constants: {},
  };
  const others =
    "createCipheriv createDecipheriv createDiffieHellman createECDH createPrivateKey createPublicKey createSecretKey createSign createVerify generateKeyPair generateKeyPairSync hkdf hkdfSync pbkdf2 pbkdf2Sync privateDecrypt publicEncrypt scrypt scryptSync sign verify";
  for (const name of others.split(" ")) crypto[name] = blocked(`crypto.${name}`);
  return crypto;
});
