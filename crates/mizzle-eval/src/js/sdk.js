// The AWS SDK, as if it were there: classes that can be made, extended and passed on, and that do
// nothing. A schema may create a client on its way; it has no use for one.
(function ({ host, part }) {
  const modules = new Map();

  // Enumerations that a schema may well spell its keys with.
  const enumerations = {
    AttributeAction: "ADD DELETE PUT",
    BillingMode: "PAY_PER_REQUEST PROVISIONED",
    IndexStatus: "ACTIVE CREATING DELETING UPDATING",
    KeyType: "HASH RANGE",
    ProjectionType: "ALL INCLUDE KEYS_ONLY",
    ReturnConsumedCapacity: "INDEXES NONE TOTAL",
    ReturnValue: "ALL_NEW ALL_OLD NONE UPDATED_NEW UPDATED_OLD",
    ScalarAttributeType: "B N S",
    StreamViewType: "KEYS_ONLY NEW_AND_OLD_IMAGES NEW_IMAGE OLD_IMAGE",
    TableClass: "STANDARD STANDARD_INFREQUENT_ACCESS",
    TableStatus: "ACTIVE ARCHIVED CREATING DELETING UPDATING",
  };

  // What is exported to those who take a whole module and name nothing.
  const commonNames = [
    ...Object.keys(enumerations),
    ..."BatchGet BatchGetItem BatchWrite BatchWriteItem CreateTable Delete DeleteItem DeleteTable DescribeTable Get GetItem ListTables Put PutItem Query Scan TransactGet TransactWrite Update UpdateItem UpdateTable"
      .split(" ")
      .map((name) => `${name}Command`),
    ..."DynamoDB DynamoDBClient DynamoDBDocument DynamoDBDocumentClient NumberValue fromEnv fromIni fromNodeProviderChain fromSSO marshall unmarshall".split(
      " ",
    ),
  ];

  /** A value that takes every call and every property, and stays what it is. */
  function inert() {
    const value = new Proxy(function () {}, {
      get: (target, key) => {
        if (key === Symbol.toPrimitive) return () => "";
        if (typeof key === "symbol" || key === "then" || key === "toJSON") return undefined;
        return key === "prototype" ? target.prototype : value;
      },
      apply: () => value,
      construct: () => value,
    });
    return value;
  }

  function makeClass(name) {
    // A plain function, because it may be called with and without `new`.
    function Inert(input) {
      if (new.target === undefined) return new Inert(input);
      this.config = inert();
      this.middlewareStack = inert();
      this.input = input;
    }
    Object.defineProperty(Inert, "name", { value: name });
    Inert.from = function () {
      return new this();
    };
    Inert.prototype.send = async () => ({ $metadata: {} });
    Inert.prototype.destroy = () => {};
    return Inert;
  }

  function make(name) {
    if (Object.hasOwn(enumerations, name)) {
      return Object.freeze(
        Object.fromEntries(enumerations[name].split(" ").map((word) => [word, word])),
      );
    }
    // Migration scripts store values with it.
    if (name === "NumberValue" && host.migrates) return part("script/values").NumberValue;
    if (/^[A-Z]/.test(name)) return makeClass(name);
    const { [name]: made } = { [name]: () => inert() };
    return made;
  }

  /** What the module exports under a name; the same value each time. */
  function member(module, name) {
    if (!modules.has(module)) modules.set(module, new Map());
    const members = modules.get(module);
    if (!members.has(name)) members.set(name, make(name));
    return members.get(name);
  }

  /** The module for those who `require` it: it has every name. */
  function whole(module) {
    return new Proxy(Object.create(null), {
      get: (_, key) =>
        typeof key === "symbol" || key === "then" || key === "__esModule"
          ? undefined
          : member(module, key),
      has: () => true,
    });
  }

  return { member, whole, commonNames, inert };
});
