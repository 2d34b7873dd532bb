// Converts the exports of the schema files to their declarations (the JSON of a SchemaDeclaration),
// and collects the created tables that are not exported.
//
// Tables and entities are recognized by their symbols, never by their class: several copies of the
// ORM may be loaded, and the built-in one has its own classes.
//
// The values come from another realm, whose builtins may have been replaced: only the ORM's own
// methods are called, and properties that all objects inherit do not count.
(function ({ realm, notes: madeTables }) {
  const symbol = (name) => Symbol.for(`mizzle:${name}`);
  const TABLE_NAME = symbol("TableName");
  const PARTITION_KEY = symbol("PartitionKey");
  const SORT_KEY = symbol("SortKey");
  const INDEXES = symbol("Indexes");
  const ENTITY_NAME = symbol("EntityName");
  const PHYSICAL_TABLE = symbol("PhysicalTable");
  const COLUMNS = symbol("Columns");
  const STRATEGY = symbol("EntityStrategy");
  /** The maximum number of paths to one object that are followed. */
  const maxPaths = 8;

  const isObject = (value) =>
    value !== null && (typeof value === "object" || typeof value === "function");

  const { objectPrototype, functionPrototype, arrayPrototype } = realm;
  const builtIn = new Set([objectPrototype, functionPrototype, arrayPrototype]);

  /** Reads a property, unless it was added to the prototype of all objects, functions or arrays. */
  function read(object, key) {
    if (!(key in functionPrototype || key in arrayPrototype)) return object[key];
    let holder = object;
    while (holder !== null && !builtIn.has(holder)) {
      if (Object.hasOwn(holder, key)) return object[key];
      holder = Object.getPrototypeOf(holder);
    }
    return undefined;
  }

  /** Returns the items of an array, else the value as the only one. */
  function itemsOf(value) {
    if (!Array.isArray(value)) return [value];
    const items = [];
    for (let index = 0; index < value.length; index++) items.push(value[index]);
    return items;
  }

  const has = (value, mark) => mark in value && read(value, mark) !== undefined;
  const isTable = (value) => isObject(value) && has(value, TABLE_NAME);
  // An object literal, or a namespace.
  const isPlain = (value) => {
    const prototype = Object.getPrototypeOf(value);
    return prototype === null || prototype === objectPrototype;
  };
  // Compilers and bundlers convert modules to objects, with getters for the exports.
  const isNamespace = (value) =>
    Object.hasOwn(value, "__esModule") ||
    Object.getOwnPropertyDescriptor(value, Symbol.toStringTag)?.value === "Module";
  const isColumn = (value) =>
    isObject(value) &&
    (typeof read(value, "getDynamoType") === "function" || typeof read(value, "build") === "function");

  function malformed(message) {
    return Object.assign(new TypeError(message), { code: "ERR_MIZZLE_SCHEMA" });
  }

  function text(value, what) {
    if (typeof value === "string") return value.toWellFormed();
    throw malformed(`${what} must be a string, but is ${value === null ? "null" : typeof value}`);
  }

  /** Describes a column, even one that is not built yet; `fallback` is its name if it has none. */
  function column(value, fallback, what) {
    const isUnbuilt =
      isObject(value) &&
      typeof read(value, "getDynamoType") !== "function" &&
      typeof read(value, "build") === "function";
    const built = isUnbuilt ? value.build(fallback) : value;
    if (!isObject(built) || typeof read(built, "getDynamoType") !== "function")
      throw malformed(`${what} must be a column`);
    const own = read(built, "name");
    const name = own === undefined || own === "" ? fallback : own;
    return {
      name: text(name, `the name of ${what}`),
      columnType: text(built.getDynamoType(), `the type of ${what}`),
    };
  }

  function indexKeys(value, what) {
    if (value === undefined || value === null) return [];
    return itemsOf(value).map((one) =>
      isColumn(one) ? column(one, undefined, what) : { name: text(one, what) },
    );
  }

  const isOptions = (value) => isObject(value) && isPlain(value) && !isColumn(value);

  function index(name, value, table) {
    const what = `index "${name}" of table "${table}"`;
    const kinds = { gsi: "global", lsi: "local" };
    const type = isObject(value) ? read(value, "type") : undefined;
    if (typeof type !== "string" || !Object.hasOwn(kinds, type))
      throw malformed(`${what} must be made by gsi(…) or lsi(…)`);
    const config = read(value, "config");
    const option = (from, key) => (isObject(from) ? read(from, key) : undefined);
    const [pk, sk] = [option(config, "pk"), option(config, "sk")];
    // An ORM without support for our option stores it as the sort key.
    const options = isOptions(sk) ? sk : config;
    const projection = option(options, "projection") ?? read(value, "projection");
    const declared = {
      name: text(name, "the name of an index"),
      kind: kinds[type],
      partitionKey: type === "lsi" ? [] : indexKeys(pk, `the partition key of ${what}`),
      sortKey: isOptions(sk) ? [] : indexKeys(sk, `the sort key of ${what}`),
    };
    if (projection !== undefined && projection !== null) {
      declared.projection = Array.isArray(projection)
        ? itemsOf(projection).map((one) => text(one, `a projected attribute of ${what}`))
        : text(projection, `the projection of ${what}`);
    }
    return declared;
  }

  function declareTable(table, sites) {
    const name = text(read(table, TABLE_NAME), "the name of a table");
    const key = (value, fallback, which) =>
      value === undefined || value === null
        ? null
        : column(value, fallback, `the ${which} key of table "${name}"`);
    return {
      name,
      partitionKey: key(read(table, PARTITION_KEY), "pk", "partition"),
      sortKey: key(read(table, SORT_KEY), "sk", "sort"),
      indexes: Object.entries(read(table, INDEXES) ?? {}).map(([one, value]) => index(one, value, name)),
      sites,
    };
  }

  /** Returns the source of a key attribute; `undefined` if the value is not a strategy. */
  function strategyValue(value) {
    if (typeof value === "string") return { kind: "built" };
    if (!isObject(value)) return undefined;
    if (isColumn(value))
      return { kind: "column", columnType: column(value, "", "a key strategy").columnType };
    if (typeof read(value, "type") === "string" && Array.isArray(read(value, "segments")))
      return { kind: "built" };
    return undefined;
  }

  function strategies(entity, table) {
    const name = read(entity, ENTITY_NAME);
    let declared = read(entity, STRATEGY);
    if (typeof declared === "function") declared = declared(read(entity, COLUMNS));
    const found = [];

    function add(index, role, value) {
      itemsOf(value).forEach((one, position) => {
        const filled = strategyValue(one);
        if (filled !== undefined) found.push({ index, role, position, value: filled });
        else if (one !== undefined && one !== null) {
          throw malformed(
            `entity "${name}": the key strategy of ${index === null ? "the table" : `index "${index}"`} must be a column, a string, or made by prefixKey, staticKey or compositeKey`,
          );
        }
      });
    }

    const own = { pk: "partition", sk: "sort" };
    if (table.partitionKey) own[table.partitionKey.name] ??= "partition";
    if (table.sortKey) own[table.sortKey.name] ??= "sort";
    for (const [key, value] of Object.entries(declared ?? {})) {
      const isIndex = table.indexes.find((one) => one.name === key);
      const direct = Array.isArray(value) || strategyValue(value) !== undefined;
      if (Object.hasOwn(own, key) && (direct || !isIndex)) add(null, own[key], value);
      else if (direct) add(key, isIndex?.kind === "local" ? "sort" : "partition", value);
      else if (isObject(value)) {
        add(key, "partition", read(value, "pk"));
        add(key, "sort", read(value, "sk"));
      } else add(key, "partition", value);
    }
    return found;
  }

  function declareEntity(entity, sites, tableAt, tables) {
    const table = read(entity, PHYSICAL_TABLE);
    const position = tableAt.get(table);
    const name = text(read(entity, ENTITY_NAME), "the name of an entity");
    return {
      name,
      table: position,
      columns: Object.entries(read(entity, COLUMNS) ?? {}).map(([key, value]) =>
        column(value, key, `column "${key}" of entity "${name}"`),
      ),
      strategies: strategies(entity, tables[position]).map(({ index, ...rest }) =>
        index === null ? rest : { index, ...rest },
      ),
      sites,
    };
  }

  const step = (path, key) => {
    if (typeof key === "number") return `${path}[${key}]`;
    return path === "" ? key.toWellFormed() : `${path}.${key.toWellFormed()}`;
  };

  /** Returns the exports of a module: all must exist, so getters are called, and may throw. */
  const exportsOf = (value) => Object.keys(value).map((key) => [key, value[key]]);

  /**
   * Returns the objects in an object or an array, without the results of getters: those may be
   * created on demand only, and their creation may fail here.
   */
  function members(value) {
    const found = [];
    const isArray = Array.isArray(value);
    if (!isArray && !isPlain(value)) return found;
    for (const key of Object.keys(value)) {
      const item = Object.getOwnPropertyDescriptor(value, key).value;
      if (!isObject(item)) continue;
      const position = isArray ? Number(key) : NaN;
      found.push([Number.isNaN(position) ? key : position, item]);
    }
    return found;
  }

  /** Classifies an object: marked as the ORM's, a module, or an object with others in it. */
  function look(value) {
    try {
      if (has(value, ENTITY_NAME) || has(value, TABLE_NAME)) return { isMarked: true };
      if (typeof value === "function") return {};
      if (isNamespace(value)) return { isModule: isPlain(value) };
      return { inside: members(value) };
    } catch (error) {
      // Memory or the stack may run out anywhere. All other errors come from the traps of a
      // proxy, whose content is then not visible.
      const isFull =
        error === null ||
        error instanceof InternalError ||
        error instanceof realm.InternalError ||
        ((error instanceof RangeError || error instanceof realm.RangeError) &&
          error.message === "Maximum call stack size exceeded");
      if (isFull) throw error;
      return {};
    }
  }

  /** Returns the names of created tables that are not declared, each with the stack of its call. */
  function unexported(declared) {
    const names = new Set(declared.map((table) => table.name));
    const found = [];
    for (const { table, stack } of madeTables) {
      const name = isObject(table) ? read(table, TABLE_NAME) : undefined;
      if (typeof name !== "string" || names.has(name.toWellFormed())) continue;
      names.add(name.toWellFormed());
      found.push({ name: name.toWellFormed(), stack });
    }
    return found;
  }

  return function walk(namespaces, files) {
    const tables = new Map();
    const entities = new Map();
    const walks = new Map();

    function find(value, file, path, above) {
      if (!isObject(value) || above.has(value)) return;
      const { isMarked, isModule, inside } = look(value);
      if (isMarked) {
        const found = has(value, ENTITY_NAME) ? entities : tables;
        if (found === tables && !isTable(value)) return;
        if (!found.has(value)) found.set(value, []);
        found.get(value).push({ file, path });
        return;
      }
      // Objects that share their parts have too many paths to these to follow all.
      const walked = walks.get(value) ?? 0;
      if (walked === maxPaths) return;
      walks.set(value, walked + 1);
      const items = isModule ? exportsOf(value) : (inside ?? []);
      if (items.length === 0) return;
      above.add(value);
      for (const [key, item] of items) find(item, file, step(path, key), above);
      above.delete(value);
    }
    itemsOf(namespaces).forEach((namespace, position) => {
      for (const [key, item] of exportsOf(namespace))
        find(item, files[position], step("", key), new Set());
    });

    for (const entity of entities.keys()) {
      const table = read(entity, PHYSICAL_TABLE);
      if (!isTable(table))
        throw malformed(`entity "${String(read(entity, ENTITY_NAME))}" belongs to no table`);
      if (!tables.has(table)) tables.set(table, []);
    }
    const declared = [...tables].map(([table, sites]) => declareTable(table, sites));
    const tableAt = new Map([...tables.keys()].map((table, position) => [table, position]));
    const stacks = new Map(madeTables.map(({ table, stack }) => [table, stack]));
    return JSON.stringify({
      declaration: {
        tables: declared,
        entities: [...entities].map(([entity, sites]) =>
          declareEntity(entity, sites, tableAt, declared),
        ),
      },
      stacks: [...tables.keys()].map((table) => stacks.get(table) ?? null),
      unexported: unexported(declared),
    });
  };
});
