/**
 * Functions that describe DynamoDB tables: their keys, their indexes, and what they hold.
 *
 * They are those of the Mizzle ORM, for projects that do not use it at run time. The `mizzle` binary
 * serves this module itself while it reads a schema; in Node and Bun it does the same.
 *
 * ```ts
 * import { dynamoEntity, dynamoTable, gsi, prefixKey, staticKey, string, uuid } from "mizzle-cli/schema";
 *
 * export const app = dynamoTable("App", {
 *   pk: string("pk"),
 *   sk: string("sk"),
 *   indexes: { byEmail: gsi("email") },
 * });
 *
 * export const users = dynamoEntity(
 *   app,
 *   "User",
 *   { id: uuid(), email: string(), name: string() },
 *   (user) => ({ pk: prefixKey("USER#", user.id), sk: staticKey("PROFILE") }),
 * );
 * ```
 */

// ---------------------------------------------------------------------------------------------
// Columns
// ---------------------------------------------------------------------------------------------

/**
 * How DynamoDB stores an attribute: string, number, binary, boolean, list, map, and sets of strings,
 * of numbers and of binary values.
 */
export type AttributeType = KeyAttributeType | "BOOL" | "L" | "M" | "SS" | "NS" | "BS";

/** The types that an attribute of a key may have: string, number and binary. */
export type KeyAttributeType = "S" | "N" | "B";

/** What a column says of itself: that it is a key of its table. */
export type KeyMark = "partition" | "sort" | "none";

/** A column as it is being described. Every method gives back the column. */
export interface ColumnBuilder<
  Value = any,
  Type extends AttributeType = AttributeType,
  Name extends string = string,
> {
  /** What is described so far. */
  readonly config: { readonly name: Name; readonly columnType: Type };
  /** The value of an item that is written without one. For the ORM; the table does not change. */
  default(value: Value): this;
  /** Makes the value of an item that is written without one. For the ORM. */
  $defaultFn(make: () => Value): this;
  /** Makes the value whenever an item is updated. For the ORM. */
  $onUpdateFn(make: () => Value): this;
  /** Every item has a value. For the ORM. */
  notNull(): this;
  /** An item may be without a value. For the ORM. */
  nullable(): this;
  /** Gives the values a narrower type. */
  $type<Narrow extends Value>(): ColumnBuilder<Narrow, Type, Name>;
}

/** A column that may be a key: its type is string, number or binary. */
export interface KeyColumnBuilder<
  Value = any,
  Type extends KeyAttributeType = KeyAttributeType,
  Name extends string = string,
  Mark extends KeyMark = KeyMark,
> extends ColumnBuilder<Value, Type, Name> {
  /** What is described so far. */
  readonly config: {
    readonly name: Name;
    readonly columnType: Type;
    readonly partitionKey: Mark extends "partition" ? true : boolean;
    readonly sortKey: Mark extends "sort" ? true : boolean;
  };
  /** Makes it the partition key of its table. */
  partitionKey(): KeyColumnBuilder<Value, Type, Name, "partition">;
  /** Makes it the sort key of its table. */
  sortKey(): KeyColumnBuilder<Value, Type, Name, "sort">;
  /** Gives the values a narrower type. */
  $type<Narrow extends Value>(): KeyColumnBuilder<Narrow, Type, Name, Mark>;
}

/** A column of text. */
export interface StringColumnBuilder<
  Value extends string = string,
  Name extends string = string,
  Mark extends KeyMark = KeyMark,
> extends KeyColumnBuilder<Value, "S", Name, Mark> {
  /** The text has exactly so many characters. For the ORM. */
  length(characters: number): this;
  /** The text has at least so many characters. For the ORM. */
  min(characters: number): this;
  /** The text has at most so many characters. For the ORM. */
  max(characters: number): this;
  /** The text is an e-mail address. For the ORM. */
  email(): this;
  /** Makes it the partition key of its table. */
  partitionKey(): StringColumnBuilder<Value, Name, "partition">;
  /** Makes it the sort key of its table. */
  sortKey(): StringColumnBuilder<Value, Name, "sort">;
  /** Gives the values a narrower type, as in `string().$type<"open" | "paid">()`. */
  $type<Narrow extends Value>(): StringColumnBuilder<Narrow, Name, Mark>;
}

/** A column of numbers. */
export interface NumberColumnBuilder<
  Value extends number = number,
  Name extends string = string,
  Mark extends KeyMark = KeyMark,
> extends KeyColumnBuilder<Value, "N", Name, Mark> {
  /** The number is at least this. For the ORM. */
  min(least: number): this;
  /** The number is at most this. For the ORM. */
  max(most: number): this;
  /** Makes it the partition key of its table. */
  partitionKey(): NumberColumnBuilder<Value, Name, "partition">;
  /** Makes it the sort key of its table. */
  sortKey(): NumberColumnBuilder<Value, Name, "sort">;
  /** Gives the values a narrower type. */
  $type<Narrow extends Value>(): NumberColumnBuilder<Narrow, Name, Mark>;
}

/** A column of a table or an entity. */
export interface Column<
  Value = any,
  Type extends AttributeType = AttributeType,
  Name extends string = string,
> {
  /** The attribute's name in the items. */
  readonly name: Name;
  /** How DynamoDB stores it. */
  getDynamoType(): Type;
  /** For template strings: `USER#${user.id}`. */
  toString(): string;
  /** For the type checker alone: nothing is there when the program runs. */
  readonly $value?: Value;
}

/** A type that is inferred from what is given alone, and not from where the result goes. */
type Fixed<Given> = [Given][Given extends any ? 0 : never];

/** Text. Without a name, the attribute is called as the key under which the column stands. */
export declare function string<const Name extends string = "">(
  name?: Name,
): StringColumnBuilder<string, Fixed<Name>, "none">;
/** A UUID, stored as text. */
export declare function uuid<const Name extends string = "">(
  name?: Name,
): StringColumnBuilder<string, Fixed<Name>, "none">;
/** A value that is stored as the text of its JSON. */
export declare function json<const Name extends string = "">(
  name?: Name,
): KeyColumnBuilder<any, "S", Fixed<Name>, "none">;
/** A time, stored as text (ISO 8601), so that it sorts. */
export declare function date<const Name extends string = "">(
  name?: Name,
): KeyColumnBuilder<Date, "S", Fixed<Name>, "none">;
/** A number. */
export declare function number<const Name extends string = "">(
  name?: Name,
): NumberColumnBuilder<number, Fixed<Name>, "none">;
/** Bytes. */
export declare function binary<const Name extends string = "">(
  name?: Name,
): KeyColumnBuilder<Uint8Array, "B", Fixed<Name>, "none">;
/** `true` or `false`. It cannot be a key. */
export declare function boolean<const Name extends string = "">(
  name?: Name,
): ColumnBuilder<boolean, "BOOL", Fixed<Name>>;
/** A list of values of any types. It cannot be a key. */
export declare function list<const Name extends string = "">(
  name?: Name,
): ColumnBuilder<any[], "L", Fixed<Name>>;
/** Values by name. It cannot be a key. */
export declare function map<const Name extends string = "">(
  name?: Name,
): ColumnBuilder<Record<string, any>, "M", Fixed<Name>>;
/** A set of texts. It cannot be a key. */
export declare function stringSet<const Name extends string = "">(
  name?: Name,
): ColumnBuilder<Set<string>, "SS", Fixed<Name>>;
/** A set of numbers. It cannot be a key. */
export declare function numberSet<const Name extends string = "">(
  name?: Name,
): ColumnBuilder<Set<number>, "NS", Fixed<Name>>;
/** A set of binary values. It cannot be a key. */
export declare function binarySet<const Name extends string = "">(
  name?: Name,
): ColumnBuilder<Set<Uint8Array>, "BS", Fixed<Name>>;

/** The columns that the function in the third argument of {@link dynamoEntity} is given. */
export interface ColumnTypes {
  /** See {@link string}. */
  readonly string: typeof string;
  /** See {@link uuid}. */
  readonly uuid: typeof uuid;
  /** See {@link json}. */
  readonly json: typeof json;
  /** See {@link date}. */
  readonly date: typeof date;
  /** See {@link number}. */
  readonly number: typeof number;
  /** See {@link binary}. */
  readonly binary: typeof binary;
  /** See {@link boolean}. */
  readonly boolean: typeof boolean;
  /** See {@link list}. */
  readonly list: typeof list;
  /** See {@link map}. */
  readonly map: typeof map;
  /** See {@link stringSet}. */
  readonly stringSet: typeof stringSet;
  /** See {@link numberSet}. */
  readonly numberSet: typeof numberSet;
  /** See {@link binarySet}. */
  readonly binarySet: typeof binarySet;
}

// ---------------------------------------------------------------------------------------------
// Indexes
// ---------------------------------------------------------------------------------------------

/** What an index has beside its key. */
export interface IndexOptions {
  /**
   * What the index holds beside the keys: everything, nothing, or these attributes (at most 20 an
   * index, 100 a table). `"ALL"` unless stated.
   */
  readonly projection?: "ALL" | "KEYS_ONLY" | readonly string[] | undefined;
}

/** An attribute of a key: its name, or a column with a name, which states its type as well. */
export type KeyAttribute = string | KeyColumnBuilder;

/** A key of one attribute, or of up to four. */
export type KeyAttributes =
  | KeyAttribute
  | readonly [KeyAttribute, KeyAttribute?, KeyAttribute?, KeyAttribute?];

/** A global secondary index: its items are found by another key. */
export interface Gsi<
  PartitionKey extends KeyAttributes = KeyAttributes,
  SortKey extends KeyAttributes | undefined = KeyAttributes | undefined,
> {
  /** The kind of index. */
  readonly type: "gsi";
  /** Its key, and its options. */
  readonly config: IndexOptions & { readonly pk: PartitionKey; readonly sk?: SortKey };
}

/** A local secondary index: items of one partition key are sorted by another attribute. */
export interface Lsi<SortKey extends KeyAttribute = KeyAttribute> {
  /** The kind of index. */
  readonly type: "lsi";
  /** Its key, and its options. */
  readonly config: IndexOptions & { readonly sk: SortKey };
}

/**
 * A global secondary index.
 *
 * ```ts
 * gsi("email")
 * gsi("status", { projection: ["total"] })
 * gsi(["tournament", "region"], { projection: "KEYS_ONLY" })
 * ```
 *
 * The type of a key attribute follows from the columns of that name in the table's entities; a column
 * states it: `gsi(string("email"))`.
 */
export declare function gsi<const PartitionKey extends KeyAttributes>(
  partitionKey: PartitionKey,
  options?: IndexOptions,
): Gsi<PartitionKey, undefined>;
/**
 * A global secondary index with a sort key.
 *
 * ```ts
 * gsi("status", "createdAt")
 * gsi("status", "createdAt", { projection: ["total"] })
 * gsi(["tournament", "region"], ["round"])
 * ```
 */
export declare function gsi<
  const PartitionKey extends KeyAttributes,
  const SortKey extends KeyAttributes,
>(
  partitionKey: PartitionKey,
  sortKey: SortKey,
  options?: IndexOptions,
): Gsi<PartitionKey, SortKey>;

/**
 * A local secondary index: the partition key is the table's. It can only be made together with the
 * table.
 *
 * ```ts
 * lsi("createdAt")
 * lsi("createdAt", { projection: "KEYS_ONLY" })
 * ```
 */
export declare function lsi<const SortKey extends KeyAttribute>(
  sortKey: SortKey,
  options?: IndexOptions,
): Lsi<SortKey>;

// ---------------------------------------------------------------------------------------------
// Tables
// ---------------------------------------------------------------------------------------------

/** The indexes of a table by name. */
export interface Indexes {
  readonly [name: string]: Gsi | Lsi;
}

/** What a table is made of: its key, and its indexes. */
export interface TableConfig {
  /** The partition key. Without a name of its own, the attribute is called `pk`. */
  readonly pk?: KeyColumnBuilder | undefined;
  /** The sort key. Without a name of its own, the attribute is called `sk`. */
  readonly sk?: KeyColumnBuilder | undefined;
  /** The indexes by name. */
  readonly indexes?: Indexes | undefined;
  /** In place of `pk` and `sk`: columns that say themselves what they are. */
  readonly [attribute: string]: KeyColumnBuilder | Indexes | undefined;
}

/** A table as DynamoDB knows it. */
export interface Table<
  Name extends string = string,
  Config extends TableConfig = any,
  More extends Indexes = any,
> {
  /**
   * Adds a global secondary index whose key states its types:
   * `.gsi("byEmail", { pk: string("email") })`.
   */
  gsi<const Index extends string, const Key extends GsiKey>(
    name: Index,
    index: Key & IndexOptions,
  ): Table<Name, Config, More & { readonly [name in Index]: Gsi<Key["pk"], Key["sk"]> }>;
  /** Adds a local secondary index: `.lsi("byDate", { sk: number("date") })`. */
  lsi<const Index extends string, const SortKey extends KeyAttribute>(
    name: Index,
    index: { readonly sk: SortKey } & IndexOptions,
  ): Table<Name, Config, More & { readonly [name in Index]: Lsi<SortKey> }>;
  /** For the type checker alone: nothing is there when the program runs. */
  readonly $table?: { readonly name: Name; readonly config: Config; readonly more: More };
}

/** The key of an index. */
export interface GsiKey {
  /** The partition key. */
  readonly pk: KeyAttributes;
  /** The sort key. */
  readonly sk?: KeyAttributes | undefined;
}

/**
 * Describes a table: its name, its key, its indexes.
 *
 * ```ts
 * export const shop = dynamoTable("Shop", {
 *   pk: string("pk"),
 *   sk: string("sk"),
 *   indexes: { byStatus: gsi("status", "createdAt"), byDate: lsi("createdAt") },
 * });
 * ```
 *
 * Name it well: DynamoDB cannot rename. What else a table has (billing, streams, backups, tags, …) is
 * in `tables` of the config.
 */
export declare function dynamoTable<const Name extends string, const Config extends TableConfig>(
  name: Name,
  config: Config & WithKey<Config>,
): Table<Name, Config, {}>;

/** What a config must be beside its form. */
type WithKey<Config> = Config extends { readonly pk: KeyColumnBuilder }
  ? {
      readonly [Key in Exclude<
        keyof Config,
        keyof KnownFields
      >]: Mistake<"a table has pk, sk and indexes">;
    }
  : "partition" extends MarkOf<Config[keyof Config]>
    ? {
        readonly [Key in Exclude<keyof Config, "indexes">]: MarkOf<Config[Key]> extends "none"
          ? Mistake<"a column of a table is its partition key or its sort key">
          : unknown;
      }
    : { readonly pk: KeyColumnBuilder };
interface KnownFields {
  pk: unknown;
  sk: unknown;
  indexes: unknown;
}
type MarkOf<Builder> = Builder extends { readonly config: { readonly partitionKey: true } }
  ? "partition"
  : Builder extends { readonly config: { readonly sortKey: true } }
    ? "sort"
    : "none";

// ---------------------------------------------------------------------------------------------
// Entities
// ---------------------------------------------------------------------------------------------

/** What the keys of an entity's items are made of. */
export interface KeyStrategy {
  /** How the parts are put together. */
  readonly type: "static" | "prefix" | "composite";
  /** The parts. */
  readonly segments: readonly (string | Column)[];
  /** What is between them. */
  readonly separator?: string;
}

/** A column whose values can be a part of a key. */
export type SegmentColumn = Column<any, KeyAttributeType | "BOOL">;

/** What fills a key: a strategy, text (also a template string), or a column as it is. */
export type KeyValue = KeyStrategy | string | Column<any, KeyAttributeType>;

/** Always the same text. */
export declare function staticKey(value: string): KeyStrategy;
/** A prefix, and the value of a column: `prefixKey("USER#", user.id)`. */
export declare function prefixKey(prefix: string, column: SegmentColumn | string): KeyStrategy;
/** Several values with a separator between them: `compositeKey("#", order.year, order.id)`. */
export declare function compositeKey(
  separator: string,
  ...segments: (SegmentColumn | string)[]
): KeyStrategy;

/** The columns of an entity before they have names. */
export interface ColumnBuilders {
  readonly [name: string]: ColumnBuilder;
}

/** The columns of an entity. */
export type Columns<Builders extends ColumnBuilders> = {
  readonly [Key in keyof Builders]: Builders[Key] extends ColumnBuilder<
    infer Value,
    infer Type,
    infer Name
  >
    ? Column<Value, Type, Name extends "" ? Key & string : Name>
    : never;
};

/** A kind of item in a table; its columns are its members. */
export type Entity<
  In extends Table = Table,
  Name extends string = string,
  Builders extends ColumnBuilders = any,
> = Columns<Builders> & {
  /** For the type checker alone: nothing is there when the program runs. */
  readonly $entity?: { readonly table: In; readonly name: Name };
};

/**
 * Describes a kind of item: its table, its name, its columns, and what its keys are made of.
 *
 * ```ts
 * export const users = dynamoEntity(
 *   app,
 *   "User",
 *   { id: uuid(), email: string() },
 *   (user) => ({
 *     pk: prefixKey("USER#", user.id),
 *     sk: staticKey("PROFILE"),
 *     byEmail: { pk: user.email },
 *   }),
 * );
 * ```
 *
 * In the strategy, `pk` and `sk` (or the names of these attributes) are the table's own key, and what
 * else there is are its indexes, each with `pk` and `sk` of its own.
 */
export declare function dynamoEntity<
  In extends Table,
  const Name extends string,
  Builders extends ColumnBuilders,
  Given extends Strategy<In>,
>(
  table: In,
  name: Name,
  columns: (Builders & KeysOf<In, Builders>) | ((types: ColumnTypes) => Builders),
  strategy?: (columns: Columns<Builders>) => Given & OnlyKeysOf<In, Given>,
): Entity<In, Name, Builders>;

/** What fills the keys of a table and of its indexes. */
export type Strategy<In extends Table> = string extends TableKey<In> | IndexName<In>
  ? { readonly [name: string]: IndexStrategy | undefined }
  : { readonly [Key in TableKey<In>]?: KeyValue | undefined } & {
      readonly [Index in Exclude<IndexName<In>, TableKey<In>>]?: IndexStrategy | undefined;
    };

/**
 * What fills the key of an index; a bare value fills the partition key of a GSI, the sort key of an
 * LSI.
 */
export type IndexStrategy =
  | KeyValue
  | readonly KeyValue[]
  | {
      /** The partition key of a GSI. */
      readonly pk?: KeyValue | readonly KeyValue[] | undefined;
      /** The sort key. */
      readonly sk?: KeyValue | readonly KeyValue[] | undefined;
    };

/** What is shown where the type checker finds a mistake. */
export interface Mistake<Message extends string> {
  /** What it is. */
  readonly mistake: Message;
}

type ConfigOf<In> = In extends Table<any, infer Config, any> ? Config : never;
type IndexesOf<In> =
  In extends Table<any, infer Config, infer More>
    ? More & (Config extends { readonly indexes: infer Own extends Indexes } ? Own : {})
    : never;
type IndexName<In> = keyof IndexesOf<In> & string;

/** The name of the attribute of a column that stands under a key. */
type NameOf<Builder, Key> = Builder extends { readonly config: { readonly name: infer Name } }
  ? Name extends ""
    ? Key & string
    : Name & string
  : never;

/** The names that stand for the table's own key: `pk` and `sk`, and those of the attributes. */
type TableKey<In> =
  | "pk"
  | (NameUnder<ConfigOf<In>, "sk"> extends never ? never : "sk")
  | KeyNames<ConfigOf<In>>;
type NameUnder<Config, Key extends string> = Config extends { readonly [key in Key]: infer Builder }
  ? NameOf<Builder, Key>
  : never;
type KeyNames<Config> = Config extends { readonly pk: KeyColumnBuilder }
  ? NameUnder<Config, "pk"> | NameUnder<Config, "sk">
  : { [Key in keyof Config]: NameOf<Config[Key], Key> }[keyof Config] | "sk";

type OnlyKeysOf<In extends Table, Given> = {
  readonly [Key in Exclude<
    keyof Given,
    TableKey<In> | IndexName<In>
  >]: Mistake<"no key and no index of the table has this name">;
};

/** The names in a key of an index. */
type NamesIn<Key> = Key extends string
  ? Key
  : Key extends readonly (infer One)[]
    ? Extract<One, string>
    : never;
type NamesUnder<Config, Key extends string> = Config extends { readonly [key in Key]?: infer Names }
  ? NamesIn<Names>
  : never;
type IndexKeyNames<In> = {
  [Index in IndexName<In>]: IndexesOf<In>[Index] extends { readonly config: infer Config }
    ? NamesUnder<Config, "pk"> | NamesUnder<Config, "sk">
    : never;
}[IndexName<In>];

/** A column that an index of the table has for a key must be of a type that a key can have. */
type KeysOf<In extends Table, Builders extends ColumnBuilders> = {
  readonly [Key in keyof Builders]: NameOf<Builders[Key], Key> extends IndexKeyNames<In>
    ? Builders[Key] extends KeyColumnBuilder
      ? unknown
      : Mistake<"an index has this attribute for a key, so it must be a string, a number or binary">
    : unknown;
};

/**
 * Says how entities belong together. It is for queries of the ORM; the tables do not change.
 *
 * ```ts
 * export const relations = defineRelations({ users, orders }, (r) => ({ … }));
 * ```
 */
export declare function defineRelations(
  subject: object,
  relations: (helpers: any) => object,
): Relations;

/** What {@link defineRelations} gives. */
export interface Relations {
  /** For the type checker alone: nothing is there when the program runs. */
  readonly $relations?: true;
}
