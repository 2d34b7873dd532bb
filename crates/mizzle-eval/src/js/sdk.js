// A stand-in for the AWS SDK. Clients and commands can be created, extended and passed on, because
// code does that when it is loaded. Calls that would connect to AWS throw: no call can appear to
// have succeeded.
(function (internal) {
  const { host, part, blocked, unavailable, standIns } = internal;
  const packages = part("sdk/packages");
  const { adviceFor, adviceForHelpers, adviceForProviders } = part("sdk/advice");

  /** Returns the package of a module: files inside a package export the same as its entry. */
  function packageOf(module) {
    const steps = module.startsWith("@") ? 2 : 1;
    return module.split("/").slice(0, steps).join("/");
  }

  const words = (text) => text.split(" ");
  const providers = words(
    "fromCognitoIdentity fromCognitoIdentityPool fromContainerMetadata fromEnv fromHttp fromIni fromInstanceMetadata fromNodeProviderChain fromProcess fromSSO fromTemporaryCredentials fromTokenFile fromWebToken",
  );
  const ofVersion2 = words(
    "CognitoIdentityCredentials Credentials DynamoDB DynamoDBStreams EnvironmentCredentials Lambda S3 SNS SQS SSM STS SecretsManager SharedIniFileCredentials TemporaryCredentials config",
  );
  const isOfProviders = (name) =>
    /^@(aws-sdk\/(credential|token)-providers?|smithy\/(credential-provider|property-provider))\b/.test(
      name,
    );

  const activity = host.methods ? host.activity : "evaluates configs and schemas";
  /** Creates the error for a call that would connect to AWS. */
  const refusal = (call, advice) => unavailable(call, { advice, activity, remember });
  const refusing = (call, advice) => blocked(call, { advice, activity, remember });
  // Code that catches every error continues as if the call had been made: such a script must fail.
  const remember = internal.refuse;

  // --- Parts of clients

  /** Creates a value that accepts every call and every property access, and stays the same. */
  function inert(label) {
    const unknown = refusing(label, "the stand-in for the AWS SDK does not know its value");
    const value = new Proxy(function () {}, {
      get(target, key) {
        if (key === Symbol.toPrimitive || key === "toJSON") return unknown;
        if (key === "name") return label;
        if (typeof key === "symbol" || key === "then") return undefined;
        return key === "prototype" ? target.prototype : value;
      },
      apply: () => value,
      construct: () => value,
    });
    standIns.set(value, `value of the AWS SDK that is not known here (${label})`);
    return value;
  }

  /** Creates the client of the stand-in ORM, or a query that is built with it. */
  function ormClient(isQuery = false) {
    const refuse = refusing("a query of the ORM", adviceFor("", ""));
    return new Proxy(function () {}, {
      get(target, key) {
        if (key === "execute" || (key === "then" && isQuery)) return refuse;
        if (key === "name") return "mizzle";
        if (typeof key === "symbol" || key === "then" || key === "toJSON") return undefined;
        return key === "prototype" ? target.prototype : ormClient(isQuery);
      },
      apply: () => ormClient(true),
      construct: () => ormClient(true),
    });
  }

  function middlewareStack(client) {
    return {
      add() {},
      addRelativeTo() {},
      use() {},
      remove: () => false,
      removeByTag: () => false,
      clone: () => middlewareStack(client),
      concat: () => middlewareStack(client),
      applyToStack() {},
      identify: () => [],
      identifyOnResolve: () => false,
      resolve: () => refusing(`${client}.middlewareStack.resolve`, adviceFor("", "")),
    };
  }

  // Clients convert these to functions, whatever their values.
  const functionsOfConfigs = words(
    "credentials endpoint maxAttempts region retryMode useDualstackEndpoint useFipsEndpoint",
  );

  /** Returns the config of a client: its given values, and values without effect for the rest. */
  function configOf(client, given) {
    const config = { ...given };
    for (const name of functionsOfConfigs) {
      const value = config[name];
      if (value !== undefined && typeof value !== "function") config[name] = async () => value;
    }
    const { env } = part("node/process");
    const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
    if (region !== undefined) config.region ??= async () => region;
    config.credentials ??= refusing(`${client}.config.credentials`, adviceForProviders);
    config.requestHandler ??= {
      handle: refusing(`${client}.config.requestHandler.handle`, adviceFor("", "")),
      destroy() {},
    };
    return new Proxy(config, {
      get(target, key) {
        if (typeof key === "symbol" || key in target || key === "then" || key === "toJSON")
          return target[key];
        return (target[key] = inert(`${client}.config.${key}`));
      },
    });
  }

  // --- Classes

  const rename = (value, name) => Object.defineProperty(value, "name", { value: name });

  function makeCommand(name) {
    // A plain function, because it may be called with and without `new`.
    function Command(input) {
      if (new.target === undefined) return new Command(input);
      this.input = input;
      this.middlewareStack = middlewareStack(name);
    }
    return rename(Command, name);
  }

  function makeException(name) {
    class Exception extends Error {
      constructor(given = {}) {
        super(given.message);
        Object.assign(this, { name, $fault: "client", $metadata: {} }, given);
      }
      /** Errors of `db` are instances of the service's errors, by their names. */
      static [Symbol.hasInstance](value) {
        if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
        const isOfService = internal.failedCalls.has(value);
        return this === Exception && isOfService && (isBase || value.name === name);
      }
    }
    const isBase = /ServiceException$/.test(name);
    return rename(Exception, name);
  }

  // Members that printing, comparisons and the language read from every object.
  const isProbe = (key) =>
    typeof key === "symbol" ||
    /^[_$]|^(asymmetricMatch|default|inspect|nodeType|then|toJSON)$/.test(key);

  /** Creates a class that is none of the above: a client, or any other class of a package. */
  function makeClient(name, pack) {
    function Client(...given) {
      if (new.target === undefined) return new Client(...given);
      const [input] = given;
      this.config = input?.config ?? configOf(name, input);
      this.middlewareStack = middlewareStack(name);
    }
    const refuse = (method) => refusing(`${name}.${method}`, adviceFor(pack, method));
    const from = function (...given) {
      return new this(...given);
    };
    Object.defineProperties(Client, { from: { value: from }, create: { value: from } });
    Client.prototype.send = function send(command) {
      const commandName = command?.constructor?.name ?? "";
      throw refusal(`${name}.send(${commandName})`, adviceFor(pack, commandName));
    };
    Client.prototype.destroy = () => {};
    for (const exported of words(packages[pack]?.names ?? "")) {
      const [, operation] = /^(.*)Command$/.exec(exported) ?? [];
      const method = operation ? operation[0].toLowerCase() + operation.slice(1) : exported;
      if (/^[a-z]/.test(method)) Client.prototype[method] = refuse(method);
    }
    // Unknown methods. A class that extends this one has its own members: all others are
    // `undefined` there.
    const unknown = new Proxy(Object.create(Object.prototype), {
      get(target, key, receiver) {
        if (isProbe(key) || key in target) return Reflect.get(target, key, receiver);
        return receiver.constructor === made ? refuse(key) : undefined;
      },
    });
    Object.setPrototypeOf(Client.prototype, unknown);
    rename(Client, name);

    // The class may also be used as an enumeration.
    const made = new Proxy(Client, {
      get(target, key, receiver) {
        if (receiver !== made || isProbe(key) || key in target)
          return Reflect.get(target, key, receiver);
        if (pack !== "aws-sdk") return unknownMember(`${name}.${key}`, pack);
        // Version 2 has nested classes: `AWS.DynamoDB.DocumentClient`.
        return (target[key] = /^[A-Z]/.test(key)
          ? makeClient(`${name}.${key}`, pack)
          : refuse(key));
      },
    });
    Client.prototype.constructor = made;
    return made;
  }

  /** Creates a member of a possible enumeration: it can be passed on, but not used. */
  function unknownMember(label, pack) {
    const [, value] = label.split(".");
    const refuse = refusing(
      `the value of ${label} (${pack})`,
      `mizzle knows the enumerations of @aws-sdk/client-dynamodb only; write the value itself instead: perhaps ${JSON.stringify(value)}`,
    );
    const member = new Proxy(rename(refuse, label), {
      get(target, key, receiver) {
        const isRead = ["toJSON", "toString", "valueOf", Symbol.toPrimitive].includes(key);
        if (isRead) return refuse;
        if (["name", "prototype", "constructor"].includes(key) || !(key in String.prototype))
          return Reflect.get(target, key, receiver);
        return refuse();
      },
    });
    standIns.set(member, `value that is not known here (${label} of ${pack})`);
    return member;
  }

  // --- Functions

  /** Creates a function for credential providers, which throw when they are called. */
  function makeProviders(name) {
    function make() {
      const provider = refusing(`the credential provider ${name}`, adviceForProviders);
      provider.expireAfter = () => provider;
      standIns.set(provider, `credential provider of the AWS SDK (${name})`);
      return provider;
    }
    return rename(make, name);
  }

  /** Creates the `AWS.config` of version 2. */
  function makeGlobalConfig() {
    const refuse = (method) => refusing(`AWS.config.${method}`, adviceForProviders);
    return {
      update(given) {
        Object.assign(this, given);
      },
      getCredentials: refuse("getCredentials"),
      loadFromPath: refuse("loadFromPath"),
    };
  }

  const clients = /^@aws-sdk\/client-dynamodb\b/;
  const attributes = words("@aws-sdk/util-dynamodb @aws-sdk/lib-dynamodb");

  function make(pack, name) {
    const enumerations = clients.test(pack)
      ? packages["@aws-sdk/client-dynamodb"].enumerations
      : {};
    if (Object.hasOwn(enumerations, name))
      return Object.fromEntries(words(enumerations[name]).map((word) => [word, word]));
    if (attributes.includes(pack) && Object.hasOwn(part("sdk/attributes"), name))
      return part("sdk/attributes")[name];
    if (pack === "aws-sdk")
      return name === "config" ? makeGlobalConfig() : makeClient(`AWS.${name}`, pack);
    if (/^[_$]*[A-Z]/.test(name)) {
      if (/Command$/.test(name)) return makeCommand(name);
      if (/(Exception|Error|LimitExceeded)$/.test(name)) return makeException(name);
      return makeClient(name, pack);
    }
    if (isOfProviders(pack) && /^(from|create|default|chain|memoize)/.test(name))
      return makeProviders(name);
    // The arguments of `middlewareStack.use`.
    if (/^get\w+Plugin$/.test(name)) return () => ({ applyToStack() {} });
    return refusing(name, /\/util-/.test(pack) ? adviceForHelpers : adviceFor(pack, name));
  }

  const made = new Map();

  /** Returns the export of a package under a name; the same value each time. */
  function member(pack, name) {
    if (!made.has(pack)) made.set(pack, new Map());
    const members = made.get(pack);
    if (!members.has(name)) members.set(name, make(pack, name));
    return members.get(name);
  }

  /** Creates the module as one object: it has every name. */
  function whole(module) {
    const pack = packageOf(module);
    const [, service] = /^aws-sdk\/clients\/(\w+)/.exec(module) ?? [];
    if (service !== undefined) return member(pack, service === "dynamodb" ? "DynamoDB" : service);
    return new Proxy(Object.create(null), {
      get: (_, key) =>
        typeof key === "symbol" || key === "then" || key === "__esModule"
          ? undefined
          : member(pack, key),
      has: () => true,
    });
  }

  /** Returns the exported names for imports without names. */
  function namesOf(module) {
    const pack = packageOf(module);
    if (isOfProviders(pack)) return providers;
    if (pack === "aws-sdk") return ofVersion2;
    const { enumerations = {}, names = "" } = packages[pack] ?? {};
    return [...Object.keys(enumerations), ...words(names).filter((name) => name !== "")];
  }

  return { whole, namesOf, ormClient };
});
