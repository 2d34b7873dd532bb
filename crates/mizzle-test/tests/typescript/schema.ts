// Compiles only while the schema functions take every form that they should, and no other.
import {
  binary,
  binarySet,
  boolean,
  compositeKey,
  date,
  defineRelations,
  dynamoEntity,
  dynamoTable,
  gsi,
  json,
  list,
  lsi,
  map,
  number,
  numberSet,
  prefixKey,
  staticKey,
  string,
  stringSet,
  uuid,
} from "mizzle-cli/schema";
import type { Column, Table } from "mizzle-cli/schema";

// --- Tables

export const shop = dynamoTable("Shop", {
  pk: string("pk"),
  sk: string("sk"),
  indexes: {
    byEmail: gsi("email"),
    byStatus: gsi("status", "createdAt"),
    byDate: lsi("createdAt"),
    small: gsi("status", "id", { projection: "KEYS_ONLY" }),
    some: gsi("status", { projection: ["email", "total"] }),
    whole: lsi("total", { projection: "ALL" }),
    wide: gsi(["country", "city"], ["street", "number"]),
    stated: gsi(string("owner"), number("rank")),
  },
});
export const events = dynamoTable("Events", { pk: binary("stream"), sk: number("at") })
  .gsi("ByKind", { pk: string("kind"), sk: number("at"), projection: "KEYS_ONLY" })
  .lsi("ByWeight", { sk: number("weight") });
export const plain = dynamoTable("Plain", { pk: string() });
export const marked = dynamoTable("Marked", {
  id: uuid().partitionKey(),
  at: date("time").$type<Date>().sortKey(),
  indexes: { byOwner: gsi("owner") },
});
export const tables: Table[] = [shop, events, plain, marked];

// @ts-expect-error a table has a partition key
dynamoTable("T", {});
// @ts-expect-error
dynamoTable("T", { sk: string("sk") });
// @ts-expect-error a list is no key
dynamoTable("T", { pk: list("pk") });
// @ts-expect-error
dynamoTable("T", { pk: string("pk"), sk: boolean("sk") });
// @ts-expect-error a column, not its name
dynamoTable("T", { pk: "pk" });
// @ts-expect-error a misspelt field
dynamoTable("T", { pk: string("pk"), indices: { byEmail: gsi("email") } });
// @ts-expect-error what makes an index, not a name
dynamoTable("T", { pk: string("pk"), indexes: { byEmail: "email" } });
// @ts-expect-error no column here is marked as the partition key
dynamoTable("T", { id: string(), at: number().sortKey() });
// @ts-expect-error a set cannot be marked as a key
stringSet().partitionKey();

// --- Indexes

// @ts-expect-error
gsi();
// @ts-expect-error
gsi(5);
// @ts-expect-error a boolean is no key
gsi(boolean("flag"));
// @ts-expect-error
gsi("email", map("body"));
// @ts-expect-error at most four attributes
gsi(["a", "b", "c", "d", "e"]);
// @ts-expect-error
gsi("a", "b", "c");
// @ts-expect-error
gsi("email", { projected: "ALL" });
// @ts-expect-error
gsi("email", { projection: "INCLUDE" });
// @ts-expect-error its partition key is the table's
lsi("a", "b");
// @ts-expect-error
plain.gsi("byEmail", { sk: string("email") });
// @ts-expect-error
plain.gsi("byEmail", { pk: list("emails") });

// --- Entities

export const users = dynamoEntity(
  shop,
  "User",
  {
    id: uuid(),
    email: string().email().notNull(),
    status: string().$type<"new" | "active">().default("new"),
    createdAt: date()
      .$defaultFn(() => new Date())
      .$onUpdateFn(() => new Date()),
    name: string("full_name").min(1).max(80).nullable(),
    country: string().length(2),
  },
  (c) => ({
    pk: prefixKey("USER#", c.id),
    sk: staticKey("PROFILE"),
    byEmail: { pk: prefixKey("EMAIL#", c.email) },
    byStatus: { pk: c.status, sk: compositeKey("#", c.createdAt, "x", c.id) },
    byDate: { sk: c.createdAt },
    wide: { pk: [c.country, "city"] },
  }),
);
export const orders = dynamoEntity(
  shop,
  "Order",
  (t) => ({ id: t.uuid(), total: t.number().min(0).max(10), status: t.string().$type<"open" | "paid">() }),
  (c) => ({ pk: `USER#${c.id}`, sk: "ORDER", byStatus: { pk: `STATUS#${c.status}` } }),
);
export const readings = dynamoEntity(
  events,
  "Reading",
  {
    stream: binary(),
    at: number(),
    kind: string(),
    flag: boolean().default(false),
    items: list(),
    body: map(),
    text: json().$type<{ a: number }>(),
    names: stringSet().default(new Set(["a"])),
    counts: numberSet(),
    blobs: binarySet(),
  },
  (c) => ({ stream: c.stream, at: c.at, ByKind: { pk: c.kind, sk: c.at } }),
);
export const notes = dynamoEntity(plain, "Note", { text: string() });
export const owned = dynamoEntity(
  marked,
  "Owned",
  { id: uuid(), owner: string() },
  (c) => ({ id: c.id, time: "now", byOwner: c.owner }),
);
export const relations = defineRelations({ users, orders }, (r) => ({
  users: { orders: r.many.orders() },
}));
// Of a table that is not known by its type, anything may be said.
export const anywhere = (table: Table) =>
  dynamoEntity(table, "Anything", { id: uuid(), tags: list() }, (c) => ({
    pk: c.id,
    hash: c.id,
    byId: { pk: c.id },
  }));

// The columns of an entity are its members, each with its name and type.
export const id: Column<string, "S", "id"> = users.id;
export const renamed: "full_name" = users.name.name;
export const total: "N" = orders.total.getDynamoType();

// @ts-expect-error a table comes first
dynamoEntity("Shop", "User", { id: uuid() });
// @ts-expect-error
dynamoEntity(shop, "User");
// @ts-expect-error a column, not its type
dynamoEntity(shop, "User", { id: "S" });
// @ts-expect-error
dynamoEntity(shop, "User", { id: uuid });
// @ts-expect-error no such column
dynamoEntity(shop, "User", { id: uuid() }, (c) => ({ pk: prefixKey("USER#", c.ID) }));
// @ts-expect-error no such index
dynamoEntity(shop, "User", { id: uuid() }, (c) => ({ pk: c.id, sk: "A", byEmial: { pk: c.id } }));
// @ts-expect-error this table has no sort key
dynamoEntity(plain, "Note", { id: uuid() }, (c) => ({ pk: c.id, sk: "A" }));
// @ts-expect-error an index has pk and sk
dynamoEntity(shop, "User", { id: uuid() }, (c) => ({ byEmail: { hash: c.id } }));
// @ts-expect-error a list is no key
dynamoEntity(shop, "User", { tags: list() }, (c) => ({ pk: c.tags }));
// @ts-expect-error nor a part of one
dynamoEntity(shop, "User", { tags: list() }, (c) => ({ pk: prefixKey("TAG#", c.tags) }));
// @ts-expect-error
dynamoEntity(shop, "User", { id: uuid() }, (c) => ({ pk: 5 }));
dynamoEntity(shop, "User", {
  // @ts-expect-error the index byEmail has this attribute for a key
  email: stringSet(),
});
dynamoEntity(shop, "User", {
  // @ts-expect-error the index wide has the attribute "city" for a key
  town: list("city"),
});
// @ts-expect-error
staticKey(5);
// @ts-expect-error
compositeKey("#", undefined);

// --- Columns

// @ts-expect-error
number().default("5");
// @ts-expect-error
string().$type<"a" | "b">().default("c");
// @ts-expect-error a number has no length
number().length(5);
// @ts-expect-error
date().$defaultFn(() => "today");
// @ts-expect-error
string().$type<number>();
// @ts-expect-error
string(5);
