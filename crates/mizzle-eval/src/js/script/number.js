// The evaluated code's class for numbers that neither a number nor a bigint can hold.
(function () {
  /**
   * A number as its exact text, if neither a number nor a bigint can hold it: like the class of the
   * same name of the AWS SDK.
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

  return { NumberValue };
});
