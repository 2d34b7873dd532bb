// The exports of the schema files → what they declare (the JSON of a SchemaDeclaration).
//
// Tables and entities are known by the symbols they carry, never by their class: several copies of
// the ORM may be loaded, and the built-in one has classes of its own.
(function () {
  const symbol = (name) => Symbol.for(`mizzle:${name}`);
  const TABLE_NAME = symbol("TableName");
  const PARTITION_KEY = symbol("PartitionKey");
  const SORT_KEY = symbol("SortKey");
  const INDEXES = symbol("Indexes");
  const ENTITY_NAME = symbol("EntityName");
  const PHYSICAL_TABLE = symbol("PhysicalTable");
  const COLUMNS = symbol("Columns");
  const STRATEGY = symbol("EntityStrategy");

  const isObject = (value) =>
    value !== null && (typeof value === "object" || typeof value === "function");
  const isTable = (value) =>
    isObject(value) && TABLE_NAME in value && value[TABLE_NAME] !== undefined;
  const isEntity = (value) =>
    isObject(value) && ENTITY_NAME in value && value[ENTITY_NAME] !== undefined;
  const isContainer = (value) => {
    if (!isObject(value) || typeof value === "function") return false;
    if (Array.isArray(value)) return true;
    const prototype = Object.getPrototypeOf(value);
    return prototype === null || prototype === Object.prototype;
  };
  const isColumn = (value) =>
    isObject(value) &&
    (typeof value.getDynamoType === "function" || typeof value.build === "function");

  function malformed(message) {
    return Object.assign(new TypeError(message), { code: "ERR_MIZZLE_SCHEMA" });
  }

  function text(value, what) {
    if (typeof value === "string") return value.toWellFormed();
    throw malformed(`${what} must be a string, but is ${value === null ? "null" : typeof value}`);
  }

  /** A column, also one that is not built yet; `fallback` names it when it has no name. */
  function column(value, fallback, what) {
    const built =
      typeof value?.getDynamoType !== "function" && typeof value?.build === "function"
        ? value.build(fallback)
        : value;
    if (!isObject(built) || typeof built.getDynamoType !== "function")
      throw malformed(`${what} must be a column`);
    const name = built.name === undefined || built.name === "" ? fallback : built.name;
    return {
      name: text(name, `the name of ${what}`),
      columnType: text(built.getDynamoType(), `the type of ${what}`),
    };
  }

  function indexKeys(value, what) {
    if (value === undefined || value === null) return [];
    return [value]
      .flat()
      .map((one) => (isColumn(one) ? column(one, undefined, what) : { name: text(one, what) }));
  }

  const isOptions = (value) => isContainer(value) && !Array.isArray(value) && !isColumn(value);

  function index(name, value, table) {
    const what = `index "${name}" of table "${table}"`;
    const kinds = { gsi: "global", lsi: "local" };
    if (!isObject(value) || !Object.hasOwn(kinds, value.type))
      throw malformed(`${what} must be made by gsi(…) or lsi(…)`);
    // An ORM that does not know our option keeps it where the sort key belongs.
    const { pk, sk, ...config } = value.config ?? {};
    const options = isOptions(sk) ? sk : config;
    const projection = options.projection ?? value.projection;
    const declared = {
      name: text(name, "the name of an index"),
      kind: kinds[value.type],
      partitionKey: value.type === "lsi" ? [] : indexKeys(pk, `the partition key of ${what}`),
      sortKey: isOptions(sk) ? [] : indexKeys(sk, `the sort key of ${what}`),
    };
    if (projection !== undefined && projection !== null) {
      declared.projection = Array.isArray(projection)
        ? projection.map((one) => text(one, `a projected attribute of ${what}`))
        : text(projection, `the projection of ${what}`);
    }
    return declared;
  }

  function declareTable(table, sites) {
    const name = text(table[TABLE_NAME], "the name of a table");
    const key = (value, fallback, which) =>
      value === undefined || value === null
        ? null
        : column(value, fallback, `the ${which} key of table "${name}"`);
    return {
      name,
      partitionKey: key(table[PARTITION_KEY], "pk", "partition"),
      sortKey: key(table[SORT_KEY], "sk", "sort"),
      indexes: Object.entries(table[INDEXES] ?? {}).map(([one, value]) => index(one, value, name)),
      sites,
    };
  }

  /** What fills a key attribute; `undefined` when the value is no strategy. */
  function strategyValue(value) {
    if (typeof value === "string") return { kind: "built" };
    if (!isObject(value)) return undefined;
    if (isColumn(value))
      return { kind: "column", columnType: column(value, "", "a key strategy").columnType };
    if (typeof value.type === "string" && Array.isArray(value.segments)) return { kind: "built" };
    return undefined;
  }

  function strategies(entity, table) {
    const name = entity[ENTITY_NAME];
    let declared = entity[STRATEGY];
    if (typeof declared === "function") declared = declared(entity[COLUMNS]);
    const found = [];

    function add(index, role, value) {
      const values = Array.isArray(value) ? value : [value];
      values.forEach((one, position) => {
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
        add(key, "partition", value.pk);
        add(key, "sort", value.sk);
      } else add(key, "partition", value);
    }
    return found;
  }

  function declareEntity(entity, sites, tableAt, tables) {
    const table = entity[PHYSICAL_TABLE];
    const position = tableAt.get(table);
    const name = text(entity[ENTITY_NAME], "the name of an entity");
    return {
      name,
      table: position,
      columns: Object.entries(entity[COLUMNS] ?? {}).map(([key, value]) =>
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

  return function walk(namespaces, files) {
    const tables = new Map();
    const entities = new Map();

    function find(value, file, path, above) {
      if (!isObject(value)) return;
      const found = isEntity(value) ? entities : isTable(value) ? tables : undefined;
      if (found !== undefined) {
        if (!found.has(value)) found.set(value, []);
        found.get(value).push({ file, path });
      } else if (isContainer(value) && !above.has(value)) {
        above.add(value);
        if (Array.isArray(value))
          value.forEach((item, position) => find(item, file, step(path, position), above));
        else for (const key of Object.keys(value)) find(value[key], file, step(path, key), above);
        above.delete(value);
      }
    }
    namespaces.forEach((namespace, position) => {
      for (const key of Object.keys(namespace))
        find(namespace[key], files[position], step("", key), new Set());
    });

    for (const entity of entities.keys()) {
      const table = entity[PHYSICAL_TABLE];
      if (!isTable(table))
        throw malformed(`entity "${String(entity[ENTITY_NAME])}" belongs to no table`);
      if (!tables.has(table)) tables.set(table, []);
    }
    const declared = [...tables].map(([table, sites]) => declareTable(table, sites));
    const tableAt = new Map([...tables.keys()].map((table, position) => [table, position]));
    return JSON.stringify({
      tables: declared,
      entities: [...entities].map(([entity, sites]) =>
        declareEntity(entity, sites, tableAt, declared),
      ),
    });
  };
});
