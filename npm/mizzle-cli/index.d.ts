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
  /** Takes warnings about the schema for errors. Overridden by `MIZZLE_STRICT`. */
  strict?: boolean | undefined;
  /** Accepted for configs that were made for other tools, and ignored. */
  driver?: string | undefined;
  /** The connection in the form of the first CLI. Where both are given, the top level wins. */
  dbCredentials?: DbCredentials | undefined;
  /** Limits for evaluating the config and the schema. */
  evaluation?: EvaluationLimits | undefined;
  /**
   * Settings of the tables by table name; `"*"` gives defaults for all tables. What neither says is
   * unmanaged: mizzle does not compare it and does not touch it.
   */
  tables?: Record<string, TableSettings | undefined> | undefined;
  /** The only account whose tables may be changed: 12 digits. */
  accountId?: string | undefined;
  /** `false`: only tables on this machine may be changed. */
  allowRemote?: boolean | undefined;
  /** How many tables are worked on side by side: 1 to 250; 16 unless stated. */
  concurrency?: number | undefined;
}

/**
 * Settings of a table. The entry of a table wins over `"*"`, field by field.
 *
 * What is absent is unmanaged: neither compared nor touched, so that somebody else may set it.
 */
export type TableSettings = TableFields & (OnDemandTable | ProvisionedTable);

/** Settings of a table beside how its reads and writes are paid for. */
export interface TableFields {
  /**
   * What the table is ready for at once. DynamoDB raises it as traffic grows, and it can never be
   * lowered.
   */
  warmThroughput?: Units | undefined;
  /** The attribute with the time (in seconds since 1970) at which an item expires; `false`: off. */
  timeToLive?: string | false | undefined;
  /** What the records of the stream of changes hold; `false`: there is none. */
  stream?: StreamViewType | false | undefined;
  /**
   * Continuous backups, from which the table can be restored to any second of the last `days`, 1 to
   * 35. `true` leaves the days as they are: DynamoDB starts with 35.
   */
  pointInTimeRecovery?: boolean | { days: number } | undefined;
  /** `STANDARD_INFREQUENT_ACCESS` is cheaper to keep, dearer to read and write. */
  tableClass?: TableClass | undefined;
  /**
   * The key of the encryption at rest: one that DynamoDB owns, the one that AWS manages in the
   * account, or a KMS key by its ARN or id (an alias is refused: it could not be compared).
   */
  encryption?: "owned" | "managed" | { kmsKey: string } | undefined;
  /** While it is on, DynamoDB refuses to delete the table. */
  deletionProtection?: boolean | undefined;
  /**
   * All tags that the table is to have, those of `"*"` included; others are removed, except those of
   * AWS (`aws:…`). At most 50, with keys of up to 128 and values of up to 256 characters.
   */
  tags?: Record<string, string | undefined> | undefined;
  /** Who else may use the table: a policy document or its JSON, up to 20 KB; `false`: nobody. */
  resourcePolicy?: PolicyDocument | string | false | undefined;
  /** Settings of the table's indexes by name; `"*"` gives defaults for all of them. */
  indexes?: Record<string, IndexSettings | undefined> | undefined;
}

/** A table that is paid by the request, or whose billing mode is unmanaged. */
export interface OnDemandTable {
  /**
   * `PAY_PER_REQUEST` is on demand. `PROVISIONED` needs `readCapacity` and `writeCapacity`, or
   * `capacity: "autoscaled"`, and follows from them when it is not stated.
   */
  billingMode?: "PAY_PER_REQUEST" | undefined;
  /** What an on-demand table serves at most; `false`: there is no limit. */
  onDemandMaximum?: OnDemandMaximum | undefined;
  readCapacity?: undefined;
  writeCapacity?: undefined;
  capacity?: undefined;
}

/** A table whose capacity is set, by the config or by somebody else. */
export type ProvisionedTable = {
  /** `PROVISIONED` follows from the capacity when it is not stated. */
  billingMode?: "PROVISIONED" | undefined;
  onDemandMaximum?: undefined;
} & ProvisionedCapacity;

/** Provisioned capacity of a table or of a GSI. */
export type ProvisionedCapacity =
  | {
      /**
       * Strongly consistent reads of up to 4 KB a second. A GSI without numbers of its own takes
       * those of its table.
       */
      readCapacity: number;
      /** Writes of up to 1 KB a second. */
      writeCapacity: number;
      /**
       * The capacity is somebody else's, as of Application Auto Scaling: it is not compared, and the
       * numbers beside it are what a new table or index starts with.
       */
      capacity?: "autoscaled" | undefined;
    }
  | {
      readCapacity?: undefined;
      writeCapacity?: undefined;
      /** The capacity is somebody else's, as of Application Auto Scaling: it is not compared. */
      capacity?: "autoscaled" | undefined;
    };

/**
 * Settings of an index. A GSI takes all of them; an LSI has the throughput of its table, and takes
 * `projection` alone. The index's own entry wins over `"*"`, field by field.
 */
export type IndexSettings = IndexFields & (OnDemandIndex | ProvisionedIndex);

/** Settings of an index beside how its reads and writes are paid for. */
export interface IndexFields {
  /** What the index is ready for at once. It can never be lowered. */
  warmThroughput?: Units | undefined;
  /**
   * What the index holds beside the keys: everything, nothing, or these attributes (at most 20 an
   * index, 100 a table). A schema that says it itself must agree. A change builds the index anew.
   */
  projection?: "ALL" | "KEYS_ONLY" | string[] | undefined;
}

/** An index of a table that is paid by the request. */
export interface OnDemandIndex {
  /** What the index serves at most; `false`: there is no limit. */
  onDemandMaximum?: OnDemandMaximum | undefined;
  readCapacity?: undefined;
  writeCapacity?: undefined;
  capacity?: undefined;
}

/** An index of a provisioned table. */
export type ProvisionedIndex = { onDemandMaximum?: undefined } & ProvisionedCapacity;

/** Upper limits in request units a second; a side that is left out has none. `false`: no limit. */
export type OnDemandMaximum =
  | false
  | { reads?: number | "unlimited" | undefined; writes?: number | "unlimited" | undefined };

/** Units a second. */
export interface Units {
  /** Reads a second. */
  reads: number;
  /** Writes a second. */
  writes: number;
}

/** A resource-based policy in AWS's own form. */
export interface PolicyDocument {
  /** The version of the language: `2012-10-17`. */
  Version?: string | undefined;
  /** A name for the policy. */
  Id?: string | undefined;
  /** Who may do what. */
  Statement: object | object[];
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
  /**
   * Lets items expire, or not any more. DynamoDB takes one change of it an hour.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html
   */
  updateTimeToLive(input: UpdateTimeToLiveInput): Promise<void>;
  /**
   * Switches point-in-time recovery.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContinuousBackups.html
   */
  updateContinuousBackups(input: UpdateContinuousBackupsInput): Promise<void>;
  /**
   * Adds tags, or changes their values.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TagResource.html
   */
  tagResource(input: TagResourceInput): Promise<void>;
  /**
   * Removes tags.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UntagResource.html
   */
  untagResource(input: UntagResourceInput): Promise<void>;
  /**
   * Sets the resource policy, in place of the one before.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutResourcePolicy.html
   */
  putResourcePolicy(input: PutResourcePolicyInput): Promise<void>;
  /**
   * Removes the resource policy.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteResourcePolicy.html
   */
  deleteResourcePolicy(input: DeleteResourcePolicyInput): Promise<void>;
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

/** The request of `UpdateTimeToLive`. */
export interface UpdateTimeToLiveInput {
  /** The table. */
  TableName: string;
  /** On by an attribute, or off. */
  TimeToLiveSpecification: TimeToLiveSpecification;
}

/** When items expire. */
export interface TimeToLiveSpecification {
  /** Whether they do. */
  Enabled: boolean;
  /** The attribute with the time, in seconds since 1970; to end it, the one that was. */
  AttributeName: string;
}

/** The request of `UpdateContinuousBackups`. */
export interface UpdateContinuousBackupsInput {
  /** The table. */
  TableName: string;
  /** On, for how long, or off. */
  PointInTimeRecoverySpecification: PointInTimeRecoverySpecification;
}

/** Continuous backups, from which a table can be restored to any second. */
export interface PointInTimeRecoverySpecification {
  /** Whether they are kept. */
  PointInTimeRecoveryEnabled: boolean;
  /** For how many days: 1 to 35; 35 unless stated. */
  RecoveryPeriodInDays?: number;
}

/** The request of `TagResource`. */
export interface TagResourceInput {
  /** The table's name, or its ARN: with the name, a script does not depend on an account. */
  ResourceArn: string;
  /** The tags to add or to change. */
  Tags: Tag[];
}

/** The request of `UntagResource`. */
export interface UntagResourceInput {
  /** The table's name, or its ARN: with the name, a script does not depend on an account. */
  ResourceArn: string;
  /** The keys of the tags to remove. */
  TagKeys: string[];
}

/** The request of `PutResourcePolicy`. */
export interface PutResourcePolicyInput {
  /** The table's name, or its ARN: with the name, a script does not depend on an account. */
  ResourceArn: string;
  /** A policy document in JSON, up to 20 KB. */
  Policy: string;
  /** The revision that is replaced; `NO_POLICY`: there must be none. Any when absent. */
  ExpectedRevisionId?: string;
  /** For a policy that does not let its author change it again. */
  ConfirmRemoveSelfResourceAccess?: boolean;
}

/** The request of `DeleteResourcePolicy`. */
export interface DeleteResourcePolicyInput {
  /** The table's name, or its ARN: with the name, a script does not depend on an account. */
  ResourceArn: string;
  /** The revision that is removed. Any when absent. */
  ExpectedRevisionId?: string;
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
