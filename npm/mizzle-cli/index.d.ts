/**
 * Types for `mizzle.config.ts` and for migration scripts.
 *
 * The `mizzle` binary serves this module while it reads a config. Elsewhere (Node, Bun) there is
 * {@link defineConfig} and nothing else, which is why scripts say `import type`. The functions that
 * describe tables are in `mizzle-cli/schema`.
 */

// ---------------------------------------------------------------------------------------------
// The config: made from the types of the program. Change it there.
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

/** The config of mizzle. Paths are relative to the config file. */
export interface Config {
  /** The schema: a file, a directory, a glob, or several of them. Overridden by `MIZZLE_SCHEMA`. */
  schema?: string | string[] | undefined;
  /** The folder of the migration scripts and snapshots. Overridden by `MIZZLE_OUT`. */
  out?: string | undefined;
  /** The AWS region; `us-east-1` when nothing names one. Overridden by `MIZZLE_REGION`. */
  region?: string | undefined;
  /**
   * The endpoint of DynamoDB: a URL, or `"local"` for the embedded DynamoDB that is kept
   * beside the config in `.mizzle/local.db`. Without it, AWS in the given region. Overridden by
   * `MIZZLE_ENDPOINT`.
   */
  endpoint?: string | undefined;
  /** Explicit credentials. Prefer a profile, or the AWS chain: a config is often committed. */
  credentials?: Credentials | undefined;
  /** A profile of `~/.aws/config`; `"none"` for no profile. Explicit credentials win over it. */
  profile?: string | undefined;
  /** The maximum number of attempts of a request: 1 to 100. */
  maxAttempts?: number | undefined;
  /** Shows more of what is being done. Overridden by `MIZZLE_VERBOSE`. */
  verbose?: boolean | undefined;
  /** Takes warnings about the schema for errors. Overridden by `MIZZLE_STRICT`. */
  strict?: boolean | undefined;
  /** Accepted for configs that were made for other tools, and ignored. */
  driver?: unknown;
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
  /** The maximum number of tables that mizzle works on in parallel: 1 to 250; 16 unless stated. */
  concurrency?: number | undefined;
  /** The ledger of `mizzle migrate`, and its lock. */
  migrations?: Migrations | undefined;
  /** The deployments of the project, by a name that `--env` or `MIZZLE_ENV` chooses. */
  environments?: Record<string, Environment | undefined> | undefined;
}

/** The ledger of `mizzle migrate`, and its lock. */
export interface Migrations {
  /** The ledger's table; `mizzle_migrations` unless stated. An environment's `tableName` counts. */
  table?: string | undefined;
  /**
   * The seconds without a heartbeat after which a lock expires: up to 3600; 30 unless stated.
   * Overridden by `MIZZLE_LOCK_LEASE`.
   */
  lockLease?: number | undefined;
  /**
   * The seconds to wait for the lock of another run: up to 3600; 600 unless stated. Overridden
   * by `MIZZLE_LOCK_WAIT`.
   */
  lockWait?: number | undefined;
}

/**
 * One deployment of the project. All of them share the schema and the migration scripts.
 *
 * A field that is absent is as at the top level; but an environment that names a region, a profile,
 * credentials or an account does not inherit the `endpoint`, and one that names a profile or
 * credentials inherits neither.
 */
export interface Environment {
  /** The AWS region. */
  region?: string | undefined;
  /** The endpoint of DynamoDB: a URL, or `"local"`. */
  endpoint?: string | undefined;
  /** A profile of `~/.aws/config`; `"none"` for no profile. */
  profile?: string | undefined;
  /** Explicit credentials. Prefer a profile. */
  credentials?: Credentials | undefined;
  /** The only account whose tables may be changed: 12 digits. */
  accountId?: string | undefined;
  /** `false`: only tables on this machine may be changed. */
  allowRemote?: boolean | undefined;
  /** The parts before and after the names of the schema's tables, and of the ledger. */
  tableName?: { prefix?: string | undefined; suffix?: string | undefined } | undefined;
  /** Settings that tables have here and not elsewhere. They win over the top level's. */
  tables?: Record<string, EnvironmentTableSettings | undefined> | undefined;
  /** `process.env` of schema and scripts, beside what is there. */
  variables?: Record<string, string | undefined> | undefined;
}

/** Settings of a table in one environment. Projections are the same in all of them. */
export type EnvironmentTableSettings = Omit<TableFields, "indexes"> &
  (OnDemandTable | ProvisionedTable) & {
    /** Settings of the table's indexes by name; `"*"` gives defaults for all of them. */
    indexes?: Record<string, (IndexSettings & { projection?: undefined }) | undefined> | undefined;
  };

/**
 * Settings of a table. The entry of a table wins over `"*"`, field by field.
 *
 * A setting that is absent is unmanaged: neither compared nor touched, so that somebody else may
 * set it.
 */
export type TableSettings = TableFields & (OnDemandTable | ProvisionedTable);

/** Settings of a table beside how its reads and writes are paid for. */
export interface TableFields {
  /**
   * The throughput that the table is ready for at once. DynamoDB raises it as traffic grows, and it
   * can never be lowered.
   */
  warmThroughput?: Units | undefined;
  /** The attribute with the time (in seconds since 1970) at which an item expires; `false`: off. */
  timeToLive?: string | false | undefined;
  /** The contents of the records of the stream of changes; `false`: there is no stream. */
  stream?: "KEYS_ONLY" | "NEW_IMAGE" | "OLD_IMAGE" | "NEW_AND_OLD_IMAGES" | false | undefined;
  /**
   * Continuous backups, from which the table can be restored to any second of the last `days`, 1 to
   * 35. `true` leaves the days as they are: DynamoDB starts with 35.
   */
  pointInTimeRecovery?: boolean | { days: number } | undefined;
  /** `STANDARD_INFREQUENT_ACCESS` is cheaper to keep, dearer to read and write. */
  tableClass?: "STANDARD" | "STANDARD_INFREQUENT_ACCESS" | undefined;
  /**
   * The key of the encryption at rest: one that DynamoDB owns, the one that AWS manages in the
   * account, or a KMS key by its ARN or id (an alias is refused: it could not be compared).
   */
  encryption?: "owned" | "managed" | { kmsKey: string } | undefined;
  /** While it is on, DynamoDB refuses to delete the table. */
  deletionProtection?: boolean | undefined;
  /**
   * All tags that the table is to have, those of `"*"` included; others are removed, except those
   * of AWS (`aws:…`). At most 50, with keys of up to 128 and values of up to 256 characters.
   */
  tags?: Record<string, string | undefined> | undefined;
  /**
   * The resource policy, which lets other principals use the table: a policy document or its JSON,
   * up to 20 KB; `false`: no policy.
   */
  resourcePolicy?: PolicyDocument | string | false | undefined;
  /**
   * The Kinesis data stream that takes the changes of the items: its ARN; `false`: there is none.
   */
  kinesisDestination?: string | { streamArn: string; timestampPrecision?: "MILLISECOND" | "MICROSECOND" | undefined } | false | undefined;
  /**
   * CloudWatch Contributor Insights: the keys that are asked for most, and those that are
   * throttled. `true` leaves the mode as it is: DynamoDB starts with `ACCESSED_AND_THROTTLED_KEYS`.
   */
  contributorInsights?: boolean | { mode: "ACCESSED_AND_THROTTLED_KEYS" | "THROTTLED_KEYS" } | undefined;
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
  /** The upper limits of an on-demand table; `false`: there is no limit. */
  onDemandMaximum?: OnDemandMaximum | undefined;
  readCapacity?: undefined;
  writeCapacity?: undefined;
  capacity?: undefined;
}

/** A table whose capacity is set, by the config or elsewhere. */
export type ProvisionedTable = {
  /**
   * `PAY_PER_REQUEST` is on demand. `PROVISIONED` needs `readCapacity` and `writeCapacity`, or
   * `capacity: "autoscaled"`, and follows from them when it is not stated.
   */
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
       * The capacity is set elsewhere, as by Application Auto Scaling: it is not compared, and the
       * numbers beside it are those that a new table or index starts with.
       */
      capacity?: "autoscaled" | undefined;
    }
  | {
      readCapacity?: undefined;
      writeCapacity?: undefined;
      /**
       * The capacity is set elsewhere, as by Application Auto Scaling: it is not compared, and the
       * numbers beside it are those that a new table or index starts with.
       */
      capacity?: "autoscaled" | undefined;
    };

/**
 * Settings of an index. A GSI takes all of them; an LSI has the throughput of its table, and takes
 * `projection` alone. The index's own entry wins over `"*"`, field by field.
 */
export type IndexSettings = IndexFields & (OnDemandIndex | ProvisionedIndex);

/** Settings of an index beside how its reads and writes are paid for. */
export interface IndexFields {
  /** The throughput that the index is ready for at once. It can never be lowered. */
  warmThroughput?: Units | undefined;
  /**
   * CloudWatch Contributor Insights: the keys that are asked for most, and those that are
   * throttled. `true` leaves the mode as it is: DynamoDB starts with `ACCESSED_AND_THROTTLED_KEYS`.
   */
  contributorInsights?: boolean | { mode: "ACCESSED_AND_THROTTLED_KEYS" | "THROTTLED_KEYS" } | undefined;
  /**
   * The contents of the index beside its keys: everything, nothing, or these attributes (at most
   * 20 an index, 100 a table). A schema that says it itself must agree. A change builds the index
   * again.
   */
  projection?: "ALL" | "KEYS_ONLY" | string[] | undefined;
}

/** An index of a table that is paid by the request. */
export interface OnDemandIndex {
  /** The upper limits of an index of an on-demand table; `false`: there is no limit. */
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
  /** The statements: who may do what. */
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

/** Limits of time and memory for the evaluation of config and schema. */
export interface EvaluationLimits {
  /** In seconds; 10 unless stated. */
  timeLimit?: number | undefined;
  /** In megabytes; 512 unless stated. */
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
export declare function defineConfig(config: ConfigSource): ConfigSource;

// ---------------------------------------------------------------------------------------------
// Migration scripts
// ---------------------------------------------------------------------------------------------

/**
 * The database that `up` and `down` of a migration script are given.
 *
 * The methods for tables are those of the AWS SDK's `DynamoDB` and take the same requests. Each is
 * done when DynamoDB has carried the change out: the table and its indexes are `ACTIVE` again, or
 * the table is gone.
 *
 * The methods for items are those of the AWS SDK's `DynamoDBDocument`, with the same requests and
 * answers in native values (see {@link NativeAttributeValue}). A call that fails throws an `Error`
 * whose `name` is DynamoDB's own, such as `ConditionalCheckFailedException`. A script that fails is
 * run again from its start, so what it writes to items should bear being written twice.
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
  /**
   * Switches the contributor insights of a table, or of one of its GSIs.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContributorInsights.html
   */
  updateContributorInsights(input: UpdateContributorInsightsInput): Promise<void>;
  /**
   * Sends the changes of a table's items to a Kinesis data stream.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_EnableKinesisStreamingDestination.html
   */
  enableKinesisStreamingDestination(input: EnableKinesisStreamingDestinationInput): Promise<void>;
  /**
   * Changes the precision of the timestamps in a Kinesis data stream.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateKinesisStreamingDestination.html
   */
  updateKinesisStreamingDestination(input: UpdateKinesisStreamingDestinationInput): Promise<void>;
  /**
   * Stops sending the changes of a table's items to a Kinesis data stream.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DisableKinesisStreamingDestination.html
   */
  disableKinesisStreamingDestination(input: DisableKinesisStreamingDestinationInput): Promise<void>;

  /**
   * Reads an item by its key. `Item` is absent when there is none.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html
   */
  get<Found extends Item = Item>(input: GetInput): Promise<GetOutput<Found>>;
  /**
   * Writes an item, in place of the one with the same key.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
   */
  put<Returned extends Item = Item>(input: PutInput): Promise<PutOutput<Returned>>;
  /**
   * Changes some attributes of an item, and makes the item when there is none.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
   */
  update<Returned extends Item = Item>(input: UpdateInput): Promise<UpdateOutput<Returned>>;
  /**
   * Deletes an item by its key. It need not exist.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html
   */
  delete<Returned extends Item = Item>(input: DeleteInput): Promise<DeleteOutput<Returned>>;
  /**
   * Reads one page, of up to 1 MB, of the items with a partition key. For all of them, see
   * {@link queryItems}.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
   */
  query<Found extends Item = Item>(input: QueryInput): Promise<QueryOutput<Found>>;
  /**
   * Reads one page, of up to 1 MB, of a table or an index. For all of it, see {@link scanItems}.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html
   */
  scan<Found extends Item = Item>(input: ScanInput): Promise<ScanOutput<Found>>;
  /**
   * Reads items by their keys, as many as you like: 100 are asked for at a time, and those that
   * DynamoDB leaves unprocessed again.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
   */
  batchGet<Found extends Item = Item>(input: BatchGetInput): Promise<BatchGetOutput<Found>>;
  /**
   * Writes and deletes items, as many as you like: 25 are sent at a time, in their order, and those
   * that DynamoDB leaves unprocessed again.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
   */
  batchWrite(input: BatchWriteInput): Promise<BatchWriteOutput>;
  /**
   * Writes up to 100 items, all or none. The error of a transaction that was cancelled has
   * `CancellationReasons`, one for each of the `TransactItems`.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
   */
  transactWrite(input: TransactWriteInput): Promise<TransactWriteOutput>;

  /**
   * All items that a query finds. A page is asked for when the one before it has been used.
   *
   * `Limit` is the size of a page, not the number of items.
   */
  queryItems<Found extends Item = Item>(input: QueryInput): AsyncGenerator<Found, void, undefined>;
  /**
   * All items of a table or an index. A page is asked for when the one before it has been used.
   *
   * `Limit` is the size of a page, not the number of items.
   *
   * ```ts
   * for await (const { pk, sk, name } of db.scanItems({ TableName: "Users" })) {
   *   await db.update({
   *     TableName: "Users",
   *     Key: { pk, sk },
   *     UpdateExpression: "SET nameLower = :name",
   *     ExpressionAttributeValues: { ":name": name.toLowerCase() },
   *   });
   * }
   * ```
   */
  scanItems<Found extends Item = Item>(input: ScanInput): AsyncGenerator<Found, void, undefined>;
  /** All pages of a query. Each is asked for when the one before it has been used. */
  queryPages<Found extends Item = Item>(
    input: QueryInput,
  ): AsyncGenerator<QueryOutput<Found>, void, undefined>;
  /** All pages of a scan. Each is asked for when the one before it has been used. */
  scanPages<Found extends Item = Item>(
    input: ScanInput,
  ): AsyncGenerator<ScanOutput<Found>, void, undefined>;

  /** Shows values to whoever runs the script, formatted as `console.log` does it. */
  log(...values: unknown[]): void;
  /** The environment that was chosen with `--env` or `MIZZLE_ENV`; `undefined` when none was. */
  readonly env: string | undefined;
  /**
   * Whether calls are only shown and not carried out, as with `migrate --dry-run`. Reads then find
   * nothing.
   */
  readonly dryRun: boolean;
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

/** The request of `UpdateContributorInsights`. */
export interface UpdateContributorInsightsInput {
  /** The table. */
  TableName: string;
  /** The GSI; without it the table itself. */
  IndexName?: string;
  /** On or off. */
  ContributorInsightsAction: "ENABLE" | "DISABLE";
  /** The requests that are counted: all unless stated, or those that are throttled. */
  ContributorInsightsMode?: "ACCESSED_AND_THROTTLED_KEYS" | "THROTTLED_KEYS";
}

/** The request of `DisableKinesisStreamingDestination`. */
export interface DisableKinesisStreamingDestinationInput {
  /** The table. */
  TableName: string;
  /** The ARN of the stream. */
  StreamArn: string;
}

/** The request of `EnableKinesisStreamingDestination`. */
export interface EnableKinesisStreamingDestinationInput {
  /** The table. */
  TableName: string;
  /** The ARN of the stream. */
  StreamArn: string;
  /** The precision of the timestamps: milliseconds unless stated. */
  EnableKinesisStreamingConfiguration?: KinesisStreamingConfiguration;
}

/** The request of `UpdateKinesisStreamingDestination`. */
export interface UpdateKinesisStreamingDestinationInput {
  /** The table. */
  TableName: string;
  /** The ARN of the stream. */
  StreamArn: string;
  /** The precision of the timestamps. */
  UpdateKinesisStreamingConfiguration: KinesisStreamingConfiguration;
}

/** The configuration of a Kinesis destination. */
export interface KinesisStreamingConfiguration {
  /** The precision of the timestamps in the records. */
  ApproximateCreationDateTimePrecision: "MILLISECOND" | "MICROSECOND";
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

// --- Items

/**
 * An item, a key, or values by their placeholders: native values by name. What they may be, see
 * {@link NativeAttributeValue}.
 *
 * A property that is `undefined` is left out. A `Date`, a function or an instance of a class other
 * than those that are named there is refused when the script runs.
 */
export type Item = Record<string, any>;

/**
 * What items hold, as `DynamoDBDocument` of the AWS SDK has it, but with no digit of a number lost.
 *
 * | DynamoDB       | native                                                                   |
 * | -------------- | ------------------------------------------------------------------------ |
 * | S, BOOL, NULL  | `string`, `boolean`, `null`                                              |
 * | N              | `number`; whole beyond 2^53: `bigint`; more digits: `NumberValue`        |
 * | B              | `Uint8Array`; any typed array or `ArrayBuffer` can be stored             |
 * | SS, NS, BS     | `Set` of strings, of numbers or of `Uint8Array`; never empty             |
 * | L, M           | array, plain object; a `Map` can be stored                               |
 *
 * ```ts
 * for await (const item of db.scanItems<Record<string, NativeAttributeValue>>({ TableName })) …
 * ```
 */
export type NativeAttributeValue =
  | string
  | boolean
  | null
  | number
  | bigint
  | NumberValue
  | Uint8Array
  | Set<string>
  | Set<number | bigint | NumberValue>
  | Set<Uint8Array>
  | NativeAttributeValue[]
  | { [name: string]: NativeAttributeValue };

/**
 * A number with more digits than a `number` or a `bigint` can hold, as its text. To make one:
 * `NumberValue.from("0.1000000000000000001")`, with `NumberValue` of `@aws-sdk/lib-dynamodb`.
 */
export interface NumberValue {
  /** The number as decimal text. */
  readonly value: string;
  /** Of a whole number; a `SyntaxError` otherwise. */
  toBigInt(): bigint;
  /** The form that the API has. */
  toAttributeValue(): { N: string };
  /** The number as decimal text. */
  toString(): string;
  /** The number as decimal text. */
  valueOf(): string;
}

/** The request of `get`. */
export interface GetInput {
  /** The table. */
  TableName: string;
  /** The partition key and, where the table has one, the sort key. */
  Key: Item;
  /** The attributes to read, with commas between them; all of them when absent. */
  ProjectionExpression?: string | undefined;
  /** What the `#names` of the expressions stand for. */
  ExpressionAttributeNames?: Record<string, string> | undefined;
  /** Whether the answer is to hold every write that succeeded before it. */
  ConsistentRead?: boolean | undefined;
  /** Whether the answer tells how much capacity the request took. */
  ReturnConsumedCapacity?: ReturnConsumedCapacity | undefined;
  /** @deprecated Use `ProjectionExpression`. */
  AttributesToGet?: string[] | undefined;
}

/** The answer to `get`. */
export interface GetOutput<Found extends Item = Item> {
  /** Absent when there is no item with the key. */
  Item?: Found | undefined;
  /** How much capacity the request took, when it was asked for. */
  ConsumedCapacity?: ConsumedCapacity | undefined;
}

/** The request of `put`. */
export interface PutInput {
  /** The table. */
  TableName: string;
  /** All attributes of the item, those of the key included. */
  Item: Item;
  /** What has to hold for the item that exists, if any; otherwise nothing is written. */
  ConditionExpression?: string | undefined;
  /** What the `#names` of the expressions stand for. */
  ExpressionAttributeNames?: Record<string, string> | undefined;
  /** What the `:values` of the expressions stand for. */
  ExpressionAttributeValues?: Item | undefined;
  /** `ALL_OLD`: the answer has the item that was replaced. */
  ReturnValues?: "NONE" | "ALL_OLD" | undefined;
  /** Whether the error of a failed condition has the `Item` that was found. */
  ReturnValuesOnConditionCheckFailure?: ReturnValuesOnConditionCheckFailure | undefined;
  /** Whether the answer tells how much capacity the request took. */
  ReturnConsumedCapacity?: ReturnConsumedCapacity | undefined;
  /** Whether the answer tells the sizes of the item collections that the request changed. */
  ReturnItemCollectionMetrics?: ReturnItemCollectionMetrics | undefined;
  /** @deprecated Use `ConditionExpression`. */
  Expected?: Record<string, ExpectedAttributeValue> | undefined;
  /** @deprecated Use `ConditionExpression`. */
  ConditionalOperator?: ConditionalOperator | undefined;
}

/** The answer to `put`. */
export interface PutOutput<Returned extends Item = Item> {
  /** The item that was replaced, when it was asked for and there was one. */
  Attributes?: Returned | undefined;
  /** How much capacity the request took, when it was asked for. */
  ConsumedCapacity?: ConsumedCapacity | undefined;
  /** The size of the changed item collection, when it was asked for. */
  ItemCollectionMetrics?: ItemCollectionMetrics | undefined;
}

/** The request of `update`. */
export interface UpdateInput {
  /** The table. */
  TableName: string;
  /** The partition key and, where the table has one, the sort key. */
  Key: Item;
  /** What to do: `SET a = :a, b = b + :n REMOVE c ADD d :n DELETE e :elements`. */
  UpdateExpression?: string | undefined;
  /** What has to hold for the item that exists, if any; otherwise nothing is written. */
  ConditionExpression?: string | undefined;
  /** What the `#names` of the expressions stand for. */
  ExpressionAttributeNames?: Record<string, string> | undefined;
  /** What the `:values` of the expressions stand for. */
  ExpressionAttributeValues?: Item | undefined;
  /** Which attributes the answer has: all or those of the update, before or after it. */
  ReturnValues?: ReturnValue | undefined;
  /** Whether the error of a failed condition has the `Item` that was found. */
  ReturnValuesOnConditionCheckFailure?: ReturnValuesOnConditionCheckFailure | undefined;
  /** Whether the answer tells how much capacity the request took. */
  ReturnConsumedCapacity?: ReturnConsumedCapacity | undefined;
  /** Whether the answer tells the sizes of the item collections that the request changed. */
  ReturnItemCollectionMetrics?: ReturnItemCollectionMetrics | undefined;
  /** @deprecated Use `UpdateExpression`. */
  AttributeUpdates?: Record<string, AttributeValueUpdate> | undefined;
  /** @deprecated Use `ConditionExpression`. */
  Expected?: Record<string, ExpectedAttributeValue> | undefined;
  /** @deprecated Use `ConditionExpression`. */
  ConditionalOperator?: ConditionalOperator | undefined;
}

/** The answer to `update`. */
export interface UpdateOutput<Returned extends Item = Item> {
  /** What `ReturnValues` asked for. */
  Attributes?: Returned | undefined;
  /** How much capacity the request took, when it was asked for. */
  ConsumedCapacity?: ConsumedCapacity | undefined;
  /** The size of the changed item collection, when it was asked for. */
  ItemCollectionMetrics?: ItemCollectionMetrics | undefined;
}

/** The request of `delete`. */
export interface DeleteInput {
  /** The table. */
  TableName: string;
  /** The partition key and, where the table has one, the sort key. */
  Key: Item;
  /** What has to hold for the item that exists, if any; otherwise nothing is written. */
  ConditionExpression?: string | undefined;
  /** What the `#names` of the expressions stand for. */
  ExpressionAttributeNames?: Record<string, string> | undefined;
  /** What the `:values` of the expressions stand for. */
  ExpressionAttributeValues?: Item | undefined;
  /** `ALL_OLD`: the answer has the item that was deleted. */
  ReturnValues?: "NONE" | "ALL_OLD" | undefined;
  /** Whether the error of a failed condition has the `Item` that was found. */
  ReturnValuesOnConditionCheckFailure?: ReturnValuesOnConditionCheckFailure | undefined;
  /** Whether the answer tells how much capacity the request took. */
  ReturnConsumedCapacity?: ReturnConsumedCapacity | undefined;
  /** Whether the answer tells the sizes of the item collections that the request changed. */
  ReturnItemCollectionMetrics?: ReturnItemCollectionMetrics | undefined;
  /** @deprecated Use `ConditionExpression`. */
  Expected?: Record<string, ExpectedAttributeValue> | undefined;
  /** @deprecated Use `ConditionExpression`. */
  ConditionalOperator?: ConditionalOperator | undefined;
}

/** The answer to `delete`. */
export interface DeleteOutput<Returned extends Item = Item> {
  /** The item that was deleted, when it was asked for and there was one. */
  Attributes?: Returned | undefined;
  /** How much capacity the request took, when it was asked for. */
  ConsumedCapacity?: ConsumedCapacity | undefined;
  /** The size of the changed item collection, when it was asked for. */
  ItemCollectionMetrics?: ItemCollectionMetrics | undefined;
}

/** The request of `query`, `queryItems` and `queryPages`. */
export interface QueryInput {
  /** The table. */
  TableName: string;
  /** An index of the table, to read in place of it. */
  IndexName?: string | undefined;
  /** The partition key, and what has to hold for the sort key: `pk = :pk AND sk > :sk`. */
  KeyConditionExpression?: string | undefined;
  /** Which of the items that were read are answered. It saves no capacity. */
  FilterExpression?: string | undefined;
  /** The attributes to read, with commas between them; all of them when absent. */
  ProjectionExpression?: string | undefined;
  /** What the `#names` of the expressions stand for. */
  ExpressionAttributeNames?: Record<string, string> | undefined;
  /** What the `:values` of the expressions stand for. */
  ExpressionAttributeValues?: Item | undefined;
  /** What is answered: attributes, or with `COUNT` the number of items alone. */
  Select?: Select | undefined;
  /** How many items a page reads at most, before the filter. */
  Limit?: number | undefined;
  /** Whether the answer is to hold every write that succeeded before it. */
  ConsistentRead?: boolean | undefined;
  /** `false`: from the last sort key to the first. */
  ScanIndexForward?: boolean | undefined;
  /** Where to go on: the `LastEvaluatedKey` of the page before. */
  ExclusiveStartKey?: Item | undefined;
  /** Whether the answer tells how much capacity the request took. */
  ReturnConsumedCapacity?: ReturnConsumedCapacity | undefined;
  /** @deprecated Use `ProjectionExpression`. */
  AttributesToGet?: string[] | undefined;
  /** @deprecated Use `KeyConditionExpression`. */
  KeyConditions?: Record<string, Condition> | undefined;
  /** @deprecated Use `FilterExpression`. */
  QueryFilter?: Record<string, Condition> | undefined;
  /** @deprecated Use `FilterExpression`. */
  ConditionalOperator?: ConditionalOperator | undefined;
}

/** A page of a query. */
export interface QueryOutput<Found extends Item = Item> {
  /** The items of the page; absent with `Select: "COUNT"`. */
  Items?: Found[] | undefined;
  /** How many items passed the filter. */
  Count?: number | undefined;
  /** How many items were read. */
  ScannedCount?: number | undefined;
  /** Where the next page begins; absent when this is the last. */
  LastEvaluatedKey?: Item | undefined;
  /** How much capacity the request took, when it was asked for. */
  ConsumedCapacity?: ConsumedCapacity | undefined;
}

/** The request of `scan`, `scanItems` and `scanPages`. */
export interface ScanInput {
  /** The table. */
  TableName: string;
  /** An index of the table, to read in place of it. */
  IndexName?: string | undefined;
  /** Which of the items that were read are answered. It saves no capacity. */
  FilterExpression?: string | undefined;
  /** The attributes to read, with commas between them; all of them when absent. */
  ProjectionExpression?: string | undefined;
  /** What the `#names` of the expressions stand for. */
  ExpressionAttributeNames?: Record<string, string> | undefined;
  /** What the `:values` of the expressions stand for. */
  ExpressionAttributeValues?: Item | undefined;
  /** What is answered: attributes, or with `COUNT` the number of items alone. */
  Select?: Select | undefined;
  /** How many items a page reads at most, before the filter. */
  Limit?: number | undefined;
  /** Whether the answer is to hold every write that succeeded before it. */
  ConsistentRead?: boolean | undefined;
  /** Which of the `TotalSegments` to read, from 0. */
  Segment?: number | undefined;
  /** In how many parts the table is read side by side: up to 1,000,000. */
  TotalSegments?: number | undefined;
  /** Where to go on: the `LastEvaluatedKey` of the page before. */
  ExclusiveStartKey?: Item | undefined;
  /** Whether the answer tells how much capacity the request took. */
  ReturnConsumedCapacity?: ReturnConsumedCapacity | undefined;
  /** @deprecated Use `ProjectionExpression`. */
  AttributesToGet?: string[] | undefined;
  /** @deprecated Use `FilterExpression`. */
  ScanFilter?: Record<string, Condition> | undefined;
  /** @deprecated Use `FilterExpression`. */
  ConditionalOperator?: ConditionalOperator | undefined;
}

/** A page of a scan. */
export interface ScanOutput<Found extends Item = Item> {
  /** The items of the page; absent with `Select: "COUNT"`. */
  Items?: Found[] | undefined;
  /** How many items passed the filter. */
  Count?: number | undefined;
  /** How many items were read. */
  ScannedCount?: number | undefined;
  /** Where the next page begins; absent when this is the last. */
  LastEvaluatedKey?: Item | undefined;
  /** How much capacity the request took, when it was asked for. */
  ConsumedCapacity?: ConsumedCapacity | undefined;
}

/** The request of `batchGet`. */
export interface BatchGetInput {
  /** What to read, by table. */
  RequestItems: Record<string, KeysAndAttributes>;
  /** Whether the answer tells how much capacity the request took. */
  ReturnConsumedCapacity?: ReturnConsumedCapacity | undefined;
}

/** Items of a table to read. */
export interface KeysAndAttributes {
  /** Their keys, each of them once. */
  Keys: Item[];
  /** The attributes to read, with commas between them; all of them when absent. */
  ProjectionExpression?: string | undefined;
  /** What the `#names` of the expressions stand for. */
  ExpressionAttributeNames?: Record<string, string> | undefined;
  /** Whether the answer is to hold every write that succeeded before it. */
  ConsistentRead?: boolean | undefined;
  /** @deprecated Use `ProjectionExpression`. */
  AttributesToGet?: string[] | undefined;
}

/** The answer to `batchGet`. */
export interface BatchGetOutput<Found extends Item = Item> {
  /** The items that were found, by table, in no particular order. */
  Responses?: Record<string, Found[]> | undefined;
  /** Empty: what DynamoDB leaves unprocessed is asked for again, and is an error after minutes. */
  UnprocessedKeys?: Record<string, KeysAndAttributes> | undefined;
  /** How much capacity each part of the request took, when it was asked for. */
  ConsumedCapacity?: ConsumedCapacity[] | undefined;
}

/** The request of `batchWrite`. */
export interface BatchWriteInput {
  /** What to write, by table. */
  RequestItems: Record<string, WriteRequest[]>;
  /** Whether the answer tells how much capacity the request took. */
  ReturnConsumedCapacity?: ReturnConsumedCapacity | undefined;
  /** Whether the answer tells the sizes of the item collections that the request changed. */
  ReturnItemCollectionMetrics?: ReturnItemCollectionMetrics | undefined;
}

/** One write of a batch: exactly one of the two. */
export interface WriteRequest {
  /** Writes an item, in place of the one with the same key. */
  PutRequest?: PutRequest | undefined;
  /** Deletes an item. */
  DeleteRequest?: DeleteRequest | undefined;
}

/** An item to write. */
export interface PutRequest {
  /** All attributes of the item, those of the key included. */
  Item: Item;
}

/** An item to delete. */
export interface DeleteRequest {
  /** The partition key and, where the table has one, the sort key. */
  Key: Item;
}

/** The answer to `batchWrite`. */
export interface BatchWriteOutput {
  /** Empty: what DynamoDB leaves unprocessed is sent again, and is an error after minutes. */
  UnprocessedItems?: Record<string, WriteRequest[]> | undefined;
  /** The sizes of the changed item collections by table, when they were asked for. */
  ItemCollectionMetrics?: Record<string, ItemCollectionMetrics[]> | undefined;
  /** How much capacity each part of the request took, when it was asked for. */
  ConsumedCapacity?: ConsumedCapacity[] | undefined;
}

/** The request of `transactWrite`. */
export interface TransactWriteInput {
  /** At most 100, each for another item. */
  TransactItems: TransactWriteItem[];
  /** Requests with the same token within ten minutes are carried out once. */
  ClientRequestToken?: string | undefined;
  /** Whether the answer tells how much capacity the request took. */
  ReturnConsumedCapacity?: ReturnConsumedCapacity | undefined;
  /** Whether the answer tells the sizes of the item collections that the request changed. */
  ReturnItemCollectionMetrics?: ReturnItemCollectionMetrics | undefined;
}

/** One part of a transaction: exactly one of the four. */
export interface TransactWriteItem {
  /** What has to hold for an item that the transaction does not change. */
  ConditionCheck?: TransactWriteConditionCheck | undefined;
  /** Writes an item. */
  Put?: TransactWritePut | undefined;
  /** Changes some attributes of an item. */
  Update?: TransactWriteUpdate | undefined;
  /** Deletes an item. */
  Delete?: TransactWriteDelete | undefined;
}

/** A condition of a transaction. */
export interface TransactWriteConditionCheck {
  /** The table. */
  TableName: string;
  /** The partition key and, where the table has one, the sort key. */
  Key: Item;
  /** What has to hold; otherwise nothing at all is written. */
  ConditionExpression: string;
  /** What the `#names` of the expressions stand for. */
  ExpressionAttributeNames?: Record<string, string> | undefined;
  /** What the `:values` of the expressions stand for. */
  ExpressionAttributeValues?: Item | undefined;
  /** Whether the error of a failed condition has the `Item` that was found. */
  ReturnValuesOnConditionCheckFailure?: ReturnValuesOnConditionCheckFailure | undefined;
}

/** An item that a transaction writes. */
export interface TransactWritePut {
  /** The table. */
  TableName: string;
  /** All attributes of the item, those of the key included. */
  Item: Item;
  /** What has to hold for the item that exists, if any; otherwise nothing at all is written. */
  ConditionExpression?: string | undefined;
  /** What the `#names` of the expressions stand for. */
  ExpressionAttributeNames?: Record<string, string> | undefined;
  /** What the `:values` of the expressions stand for. */
  ExpressionAttributeValues?: Item | undefined;
  /** Whether the error of a failed condition has the `Item` that was found. */
  ReturnValuesOnConditionCheckFailure?: ReturnValuesOnConditionCheckFailure | undefined;
}

/** An item that a transaction changes. */
export interface TransactWriteUpdate {
  /** The table. */
  TableName: string;
  /** The partition key and, where the table has one, the sort key. */
  Key: Item;
  /** What to do: `SET a = :a, b = b + :n REMOVE c ADD d :n DELETE e :elements`. */
  UpdateExpression: string;
  /** What has to hold for the item that exists, if any; otherwise nothing at all is written. */
  ConditionExpression?: string | undefined;
  /** What the `#names` of the expressions stand for. */
  ExpressionAttributeNames?: Record<string, string> | undefined;
  /** What the `:values` of the expressions stand for. */
  ExpressionAttributeValues?: Item | undefined;
  /** Whether the error of a failed condition has the `Item` that was found. */
  ReturnValuesOnConditionCheckFailure?: ReturnValuesOnConditionCheckFailure | undefined;
}

/** An item that a transaction deletes. */
export interface TransactWriteDelete {
  /** The table. */
  TableName: string;
  /** The partition key and, where the table has one, the sort key. */
  Key: Item;
  /** What has to hold for the item that exists, if any; otherwise nothing at all is written. */
  ConditionExpression?: string | undefined;
  /** What the `#names` of the expressions stand for. */
  ExpressionAttributeNames?: Record<string, string> | undefined;
  /** What the `:values` of the expressions stand for. */
  ExpressionAttributeValues?: Item | undefined;
  /** Whether the error of a failed condition has the `Item` that was found. */
  ReturnValuesOnConditionCheckFailure?: ReturnValuesOnConditionCheckFailure | undefined;
}

/** The answer to `transactWrite`. */
export interface TransactWriteOutput {
  /** The sizes of the changed item collections by table, when they were asked for. */
  ItemCollectionMetrics?: Record<string, ItemCollectionMetrics[]> | undefined;
  /** How much capacity it took of each table, when it was asked for. */
  ConsumedCapacity?: ConsumedCapacity[] | undefined;
}

/** Which attributes the answer to a write has: none, all, or those that it changed. */
export type ReturnValue = "NONE" | "ALL_OLD" | "UPDATED_OLD" | "ALL_NEW" | "UPDATED_NEW";

/** Whether the error of a failed condition has the item that was found. */
export type ReturnValuesOnConditionCheckFailure = "NONE" | "ALL_OLD";

/** How much capacity a request took: not told, the total, or also by index. */
export type ReturnConsumedCapacity = "NONE" | "TOTAL" | "INDEXES";

/** Whether the sizes of the changed item collections are told. */
export type ReturnItemCollectionMetrics = "NONE" | "SIZE";

/** What a query or scan answers. */
export type Select =
  | "ALL_ATTRIBUTES"
  | "ALL_PROJECTED_ATTRIBUTES"
  | "SPECIFIC_ATTRIBUTES"
  | "COUNT";

/** The capacity units that a request took. */
export interface ConsumedCapacity extends Capacity {
  /** The table. */
  TableName?: string | undefined;
  /** The part of the table itself. */
  Table?: Capacity | undefined;
  /** The parts of the LSIs by name. */
  LocalSecondaryIndexes?: Record<string, Capacity> | undefined;
  /** The parts of the GSIs by name. */
  GlobalSecondaryIndexes?: Record<string, Capacity> | undefined;
  /** The parts of the vector indexes by name. */
  VectorIndexes?: Record<string, VectorCapacity> | undefined;
}

/** Capacity units. */
export interface Capacity {
  /** Reads and writes together. */
  CapacityUnits?: number | undefined;
  /** Reads. */
  ReadCapacityUnits?: number | undefined;
  /** Writes. */
  WriteCapacityUnits?: number | undefined;
}

/** What a request took of a vector index. */
export interface VectorCapacity {
  /** Bytes of searches. */
  VectorSearchRequestBytes?: number | undefined;
  /** Bytes of writes. */
  VectorWriteRequestBytes?: number | undefined;
}

/** The items of a table with LSIs that share a partition key. */
export interface ItemCollectionMetrics {
  /** Their partition key. */
  ItemCollectionKey?: Item | undefined;
  /** Their size in gigabytes: a lower and an upper bound. At 10 no more can be written. */
  SizeEstimateRangeGB?: number[] | undefined;
}

// The forms from before there were expressions, which DynamoDB still takes.

/** @deprecated Use `ConditionExpression`. */
export interface ExpectedAttributeValue {
  /** The value that is expected. */
  Value?: any;
  /** Whether the attribute has to exist. */
  Exists?: boolean | undefined;
  /** How the attribute is compared with the values. */
  ComparisonOperator?: ComparisonOperator | undefined;
  /** The values that it is compared with. */
  AttributeValueList?: any[] | undefined;
}

/** @deprecated Use `KeyConditionExpression` and `FilterExpression`. */
export interface Condition {
  /** How the attribute is compared with the values. */
  ComparisonOperator: ComparisonOperator;
  /** The values that it is compared with. */
  AttributeValueList?: any[] | undefined;
}

/** @deprecated Use `UpdateExpression`. */
export interface AttributeValueUpdate {
  /** The value to set, add or remove. */
  Value?: any;
  /** `PUT` when absent. */
  Action?: AttributeAction | undefined;
}

/** @deprecated Use `UpdateExpression`. */
export type AttributeAction = "PUT" | "ADD" | "DELETE";

/** @deprecated Use expressions. */
export type ConditionalOperator = "AND" | "OR";

/** @deprecated Use expressions. */
export type ComparisonOperator =
  | "EQ"
  | "NE"
  | "IN"
  | "LE"
  | "LT"
  | "GE"
  | "GT"
  | "BETWEEN"
  | "NOT_NULL"
  | "NULL"
  | "CONTAINS"
  | "NOT_CONTAINS"
  | "BEGINS_WITH";
