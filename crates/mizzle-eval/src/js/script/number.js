// The class for numbers that neither a number nor a bigint can hold, as the evaluated code sees it.
(function () {
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

  return { NumberValue };
});
