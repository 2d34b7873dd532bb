/**
 * Types for `mizzle.config.ts` and for migration scripts.
 *
 * The `mizzle` binary serves this module while it reads a config or a schema. Elsewhere (Node, Bun,
 * a type checker) only types come from here, which is why scripts say `import type`.
 */

// ---------------------------------------------------------------------------------------------
// The config
// ---------------------------------------------------------------------------------------------

/** An access key that is used as it is, before profiles, environment and the AWS chain. */
export interface Credentials {
  /** The access key's id. DynamoDB Local accepts letters and digits only. */
  accessKeyId: string;
  /** The access key's secret. mizzle never prints it. */
  secretAccessKey: string;
  /** The token that belongs to temporary credentials. */
  sessionToken?: string | undefined;
}

/** What `mizzle.config.ts` exports. Paths are relative to the config file. */
export interface Config {
  /** The schema: a file, a directory, a glob, or several of them. Overridden by `MIZZLE_SCHEMA`. */
  schema?: string | string[] | undefined;
  /** The folder of the migration scripts and snapshots. Overridden by `MIZZLE_OUT`. */
  out?: string | undefined;
  /** The AWS region; `us-east-1` when nothing names one. Overridden by `MIZZLE_REGION`. */
  region?: string | undefined;
  /**
   * Where DynamoDB answers: a URL, or `"local"` for the embedded DynamoDB that is kept beside the
   * config in `.mizzle/local.db`. Without it, AWS in the given region. Overridden by
   * `MIZZLE_ENDPOINT`.
   */
  endpoint?: string | undefined;
  /** Explicit credentials. Prefer a profile, or the AWS chain: a config is often committed. */
  credentials?: Credentials | undefined;
  /** A profile of `~/.aws/config`. Explicit credentials win over it. */
  profile?: string | undefined;
  /** How often a request is tried in all before its error is reported. */
  maxAttempts?: number | undefined;
  /** Shows more of what is being done. Overridden by `MIZZLE_VERBOSE`. */
  verbose?: boolean | undefined;
  /** Asks before every change of a table. Overridden by `MIZZLE_STRICT`. */
  strict?: boolean | undefined;
  /** Accepted for configs that were made for other tools, and ignored. */
  driver?: string | undefined;
  /** The connection in the form of the first CLI. Where both are given, the top level wins. */
  dbCredentials?: DbCredentials | undefined;
  /** Limits for evaluating the config and the schema. */
  evaluation?: EvaluationLimits | undefined;
}

/** The connection in the form of the first CLI. */
export interface DbCredentials {
  /** As `region` at the top level. */
  region?: string | undefined;
  /** As `endpoint` at the top level. */
  endpoint?: string | undefined;
  /** As `credentials` at the top level. */
  credentials?: Credentials | undefined;
  /** As `profile` at the top level. */
  profile?: string | undefined;
}

/** How much time and memory the evaluation of config and schema may take. */
export interface EvaluationLimits {
  /** In seconds; 10 unless stated. */
  timeLimit?: number | undefined;
  /** In megabytes. */
  memoryLimit?: number | undefined;
}

/** A config, or what gives one: a promise, or a function that may be asynchronous. */
export type ConfigSource = Config | Promise<Config> | (() => Config | Promise<Config>);

/**
 * Gives a config its type and returns it unchanged.
 *
 * ```ts
 * import { defineConfig } from "mizzle-cli";
 *
 * export default defineConfig({ schema: "./src/schema.ts", out: "./migrations", endpoint: "local" });
 * ```
 */
export declare function defineConfig<Source extends ConfigSource>(config: Source): Source;

// ---------------------------------------------------------------------------------------------
// Migration scripts
// ---------------------------------------------------------------------------------------------

/**
 * The database that `up` and `down` of a migration script are given.
 *
 * A method is one call of DynamoDB's control plane and takes the request of that call, as in the
 * AWS SDK for JavaScript. It is done when DynamoDB has carried the change out: the table and its
 * indexes are `ACTIVE` again, or the table is gone.
 */
export interface Database {
  /**
   * Creates a table. One that exists already in the wanted form is adopted.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
   */
  createTable(input: CreateTableInput): Promise<void>;
  /**
   * Changes a table. DynamoDB takes one kind of change a call, and one index created or deleted.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
   */
  updateTable(input: UpdateTableInput): Promise<void>;
  /**
   * Deletes a table and every item in it.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteTable.html
   */
  deleteTable(input: DeleteTableInput): Promise<void>;
}

/** The request of `CreateTable`. */
export interface CreateTableInput {
  /** 3 to 255 characters of `a-z`, `A-Z`, `0-9`, `_`, `-` and `.`. */
  TableName: string;
  /** Exactly the attributes that the keys of the table and of its indexes use. */
  AttributeDefinitions: AttributeDefinition[];
  /** One `HASH` element, then at most one `RANGE` element. */
  KeySchema: KeySchemaElement[];
  /** At most 20. */
  GlobalSecondaryIndexes?: GlobalSecondaryIndex[];
  /** At most 5; they can only be made together with the table. */
  LocalSecondaryIndexes?: LocalSecondaryIndex[];
  /** `PROVISIONED` when absent. */
  BillingMode?: BillingMode;
  /** Mandatory with `PROVISIONED`, forbidden with `PAY_PER_REQUEST`. */
  ProvisionedThroughput?: ProvisionedThroughput;
  /** Upper limits of an on-demand table. */
  OnDemandThroughput?: OnDemandThroughput;
  /** What the table is ready for at once. */
  WarmThroughput?: WarmThroughput;
  /** The stream of changes. */
  StreamSpecification?: StreamSpecification;
  /** Encryption at rest. */
  SSESpecification?: SSESpecification;
  /** `STANDARD` when absent. */
  TableClass?: TableClass;
  /** While it is on, DynamoDB refuses to delete the table. */
  DeletionProtectionEnabled?: boolean;
  /** A policy document in JSON, up to 20 KB. */
  ResourcePolicy?: string;
  /** At most 50. */
  Tags?: Tag[];
}

/** The request of `UpdateTable`. */
export interface UpdateTableInput {
  /** The table to change. */
  TableName: string;
  /** With a new index: exactly the attributes that keys use after the call. */
  AttributeDefinitions?: AttributeDefinition[];
  /** At most one `Create` or one `Delete` a call; several `Update` may share one. */
  GlobalSecondaryIndexUpdates?: GlobalSecondaryIndexUpdate[];
  /** To `PAY_PER_REQUEST` at most four times in 24 hours. */
  BillingMode?: BillingMode;
  /** The table's capacity when it is provisioned. */
  ProvisionedThroughput?: ProvisionedThroughput;
  /** Upper limits of an on-demand table. */
  OnDemandThroughput?: OnDemandThroughput;
  /** Can be raised, never lowered. */
  WarmThroughput?: WarmThroughput;
  /** To change the view type, disable the stream first, in a call of its own. */
  StreamSpecification?: StreamSpecification;
  /** Encryption at rest. */
  SSESpecification?: SSESpecification;
  /** The storage class. */
  TableClass?: TableClass;
  /** While it is on, DynamoDB refuses to delete the table. */
  DeletionProtectionEnabled?: boolean;
}

/** The request of `DeleteTable`. */
export interface DeleteTableInput {
  /** The table to delete. */
  TableName: string;
}

/** An attribute that a key uses. */
export interface AttributeDefinition {
  /** The attribute's name in the items. */
  AttributeName: string;
  /** String, number or binary: nothing else can be a key. */
  AttributeType: ScalarAttributeType;
}

/** `S` string, `N` number, `B` binary. */
export type ScalarAttributeType = "S" | "N" | "B";

/** One attribute of a key; `HASH` elements come before `RANGE` elements. */
export interface KeySchemaElement {
  /** One of the `AttributeDefinitions`. */
  AttributeName: string;
  /** `HASH` for the partition key, `RANGE` for the sort key. */
  KeyType: KeyType;
}

/** `HASH` for the partition key, `RANGE` for the sort key. */
export type KeyType = "HASH" | "RANGE";

/** An index with a key of its own. */
export interface GlobalSecondaryIndex {
  /** Unique among all indexes of the table. */
  IndexName: string;
  /** Up to four `HASH` elements, then up to four `RANGE` elements. */
  KeySchema: KeySchemaElement[];
  /** What the index holds beside the keys. */
  Projection: Projection;
  /** The index's own capacity, in a provisioned table. */
  ProvisionedThroughput?: ProvisionedThroughput;
  /** Upper limits of the index, in an on-demand table. */
  OnDemandThroughput?: OnDemandThroughput;
  /** What the index is ready for at once. */
  WarmThroughput?: WarmThroughput;
}

/** An index with the table's partition key and another sort key. */
export interface LocalSecondaryIndex {
  /** Unique among all indexes of the table. */
  IndexName: string;
  /** The table's partition key, then the index's sort key. */
  KeySchema: KeySchemaElement[];
  /** What the index holds beside the keys. */
  Projection: Projection;
}

/** One change of the table's GSIs: exactly one of the three. */
export interface GlobalSecondaryIndexUpdate {
  /** Adds an index and fills it from the items that exist. */
  Create?: GlobalSecondaryIndex;
  /** Changes the throughput of an index. */
  Update?: UpdateGlobalSecondaryIndexAction;
  /** Drops an index. */
  Delete?: DeleteGlobalSecondaryIndexAction;
}

/** The throughput of an index that exists. */
export interface UpdateGlobalSecondaryIndexAction {
  /** The index to change. */
  IndexName: string;
  /** Its capacity, in a provisioned table. */
  ProvisionedThroughput?: ProvisionedThroughput;
  /** Its upper limits, in an on-demand table. */
  OnDemandThroughput?: OnDemandThroughput;
  /** Can be raised, never lowered. */
  WarmThroughput?: WarmThroughput;
}

/** The index to drop. */
export interface DeleteGlobalSecondaryIndexAction {
  /** Its name. */
  IndexName: string;
}

/** Which attributes an index holds beside the keys. */
export interface Projection {
  /** Everything, the keys alone, or the keys and `NonKeyAttributes`. */
  ProjectionType: ProjectionType;
  /** With `INCLUDE`: at most 20 an index and 100 a table. */
  NonKeyAttributes?: string[];
}

/** Everything, the keys alone, or the keys and some named attributes. */
export type ProjectionType = "ALL" | "KEYS_ONLY" | "INCLUDE";

/** On demand, or capacity that is set and paid by the hour. */
export type BillingMode = "PAY_PER_REQUEST" | "PROVISIONED";

/** Capacity of a provisioned table or index, in units a second. */
export interface ProvisionedThroughput {
  /** Strongly consistent reads of up to 4 KB a second. */
  ReadCapacityUnits: number;
  /** Writes of up to 1 KB a second. */
  WriteCapacityUnits: number;
}

/** Upper limits of an on-demand table or index; -1 removes a limit. */
export interface OnDemandThroughput {
  /** Read request units a second. */
  MaxReadRequestUnits?: number;
  /** Write request units a second. */
  MaxWriteRequestUnits?: number;
}

/** What a table or index is ready for at once. */
export interface WarmThroughput {
  /** Read units a second. */
  ReadUnitsPerSecond?: number;
  /** Write units a second. */
  WriteUnitsPerSecond?: number;
}

/** The stream of changes of a table. */
export interface StreamSpecification {
  /** Whether there is one. */
  StreamEnabled: boolean;
  /** What a record holds; only together with `StreamEnabled: true`. */
  StreamViewType?: StreamViewType;
}

/** What a record of the stream holds of the changed item. */
export type StreamViewType = "KEYS_ONLY" | "NEW_IMAGE" | "OLD_IMAGE" | "NEW_AND_OLD_IMAGES";

/** Encryption at rest; every table is encrypted, this chooses with whose key. */
export interface SSESpecification {
  /** `true` for a KMS key, `false` for a key that DynamoDB owns. */
  Enabled?: boolean;
  /** `KMS` when the key is one of KMS. */
  SSEType?: SSEType;
  /** The key's id, ARN or alias, when it is not DynamoDB's default key. */
  KMSMasterKeyId?: string;
}

/** Server-side encryption with a key of KMS, or with AES-256 (which DynamoDB no longer offers). */
export type SSEType = "KMS" | "AES256";

/** The storage class of a table. */
export type TableClass = "STANDARD" | "STANDARD_INFREQUENT_ACCESS";

/** A tag of a table. */
export interface Tag {
  /** Up to 128 characters. */
  Key: string;
  /** Up to 256 characters. */
  Value: string;
}
