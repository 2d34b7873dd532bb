// Compiles only while the requests of `mizzle-cli` can be given to the AWS SDK as they are, and
// have no field that the SDK does not know.
import type * as sdk from "@aws-sdk/client-dynamodb";
import type * as document from "@aws-sdk/lib-dynamodb";
import type * as mizzle from "mizzle-cli";

/** `true` when a value of `Ours` is one of `Theirs`, and names no other field. */
type Fits<Ours, Theirs> = Ours extends Theirs
  ? keyof Ours extends keyof Theirs
    ? true
    : { unknown: Exclude<keyof Ours, keyof Theirs> }
  : { differs: Ours };

/** `true` when a request fits, has every field of the SDK's, and that one, when whole, fits it. */
type Matches<Ours, Theirs> = Fits<Ours, Theirs> extends true
  ? keyof Theirs extends keyof Ours
    ? Whole<Theirs> extends Ours
      ? true
      : { refused: Theirs }
    : { missing: Exclude<keyof Theirs, keyof Ours> }
  : Fits<Ours, Theirs>;

/** Without `undefined` where a field is mandatory: the SDK allows it, the service does not. */
type Whole<Type> = Type extends (infer Element)[]
  ? Whole<Element>[]
  : Type extends object
    ? { [Field in keyof Type]: IsAny<Type[Field]> extends true ? any : Whole<Filled<Type, Field>> }
    : Type;
type Filled<Type, Field extends keyof Type> = {} extends Pick<Type, Field>
  ? Type[Field]
  : Exclude<Type[Field], undefined>;
type IsAny<Type> = 0 extends 1 & Type ? true : false;

/** `true` when an answer of the SDK's, when whole, is one of ours, and both have the same fields. */
type Answers<Theirs, Ours> = Whole<Theirs> extends Ours
  ? Exclude<keyof Theirs, "$metadata"> extends keyof Ours
    ? keyof Ours extends keyof Theirs
      ? true
      : { unknown: Exclude<keyof Ours, keyof Theirs> }
    : { missing: Exclude<keyof Theirs, keyof Ours> }
  : { differs: Theirs };

/** `true` when two unions have the same members. */
type Same<Ours, Theirs> = [Ours, Theirs] extends [Theirs, Ours] ? true : { differs: Ours };

export const requests: [
  Fits<mizzle.CreateTableInput, sdk.CreateTableCommandInput>,
  Fits<mizzle.UpdateTableInput, sdk.UpdateTableCommandInput>,
  Fits<mizzle.DeleteTableInput, sdk.DeleteTableCommandInput>,
  Fits<mizzle.UpdateTimeToLiveInput, sdk.UpdateTimeToLiveCommandInput>,
  Fits<mizzle.UpdateContinuousBackupsInput, sdk.UpdateContinuousBackupsCommandInput>,
  Fits<mizzle.TagResourceInput, sdk.TagResourceCommandInput>,
  Fits<mizzle.UntagResourceInput, sdk.UntagResourceCommandInput>,
  Fits<mizzle.PutResourcePolicyInput, sdk.PutResourcePolicyCommandInput>,
  Fits<mizzle.DeleteResourcePolicyInput, sdk.DeleteResourcePolicyCommandInput>,
] = [true, true, true, true, true, true, true, true, true];

export const parts: [
  Fits<mizzle.AttributeDefinition, sdk.AttributeDefinition>,
  Fits<mizzle.KeySchemaElement, sdk.KeySchemaElement>,
  Fits<mizzle.GlobalSecondaryIndex, sdk.GlobalSecondaryIndex>,
  Fits<mizzle.GlobalSecondaryIndex, sdk.CreateGlobalSecondaryIndexAction>,
  Fits<mizzle.LocalSecondaryIndex, sdk.LocalSecondaryIndex>,
  Fits<mizzle.GlobalSecondaryIndexUpdate, sdk.GlobalSecondaryIndexUpdate>,
  Fits<mizzle.UpdateGlobalSecondaryIndexAction, sdk.UpdateGlobalSecondaryIndexAction>,
  Fits<mizzle.DeleteGlobalSecondaryIndexAction, sdk.DeleteGlobalSecondaryIndexAction>,
  Fits<mizzle.Projection, sdk.Projection>,
  Fits<mizzle.ProvisionedThroughput, sdk.ProvisionedThroughput>,
  Fits<mizzle.OnDemandThroughput, sdk.OnDemandThroughput>,
  Fits<mizzle.WarmThroughput, sdk.WarmThroughput>,
  Fits<mizzle.StreamSpecification, sdk.StreamSpecification>,
  Fits<mizzle.SSESpecification, sdk.SSESpecification>,
  Fits<mizzle.Tag, sdk.Tag>,
  Fits<mizzle.TimeToLiveSpecification, sdk.TimeToLiveSpecification>,
  Fits<mizzle.PointInTimeRecoverySpecification, sdk.PointInTimeRecoverySpecification>,
] = [true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true];

export const unions: [
  Same<mizzle.ScalarAttributeType, sdk.ScalarAttributeType>,
  Same<mizzle.KeyType, sdk.KeyType>,
  Same<mizzle.ProjectionType, sdk.ProjectionType>,
  Same<mizzle.BillingMode, sdk.BillingMode>,
  Same<mizzle.StreamViewType, sdk.StreamViewType>,
  Same<mizzle.SSEType, sdk.SSEType>,
  Same<mizzle.TableClass, sdk.TableClass>,
  Same<mizzle.ReturnValue, sdk.ReturnValue>,
  Same<mizzle.ReturnValuesOnConditionCheckFailure, sdk.ReturnValuesOnConditionCheckFailure>,
  Same<mizzle.ReturnConsumedCapacity, sdk.ReturnConsumedCapacity>,
  Same<mizzle.ReturnItemCollectionMetrics, sdk.ReturnItemCollectionMetrics>,
  Same<mizzle.Select, sdk.Select>,
  Same<mizzle.AttributeAction, sdk.AttributeAction>,
  Same<mizzle.ConditionalOperator, sdk.ConditionalOperator>,
  Same<mizzle.ComparisonOperator, sdk.ComparisonOperator>,
] = [true, true, true, true, true, true, true, true, true, true, true, true, true, true, true];

/** The SDK's request, with the `ReturnValues` that `PutItem` and `DeleteItem` take. */
type ReturningOld<Theirs> = Omit<Theirs, "ReturnValues"> & {
  ReturnValues?: "NONE" | "ALL_OLD" | undefined;
};

export const itemRequests: [
  Matches<mizzle.GetInput, document.GetCommandInput>,
  Matches<mizzle.PutInput, ReturningOld<document.PutCommandInput>>,
  Matches<mizzle.UpdateInput, document.UpdateCommandInput>,
  Matches<mizzle.DeleteInput, ReturningOld<document.DeleteCommandInput>>,
  Matches<mizzle.QueryInput, document.QueryCommandInput>,
  Matches<mizzle.ScanInput, document.ScanCommandInput>,
  Matches<mizzle.BatchGetInput, document.BatchGetCommandInput>,
  Matches<mizzle.BatchWriteInput, document.BatchWriteCommandInput>,
  Matches<mizzle.TransactWriteInput, document.TransactWriteCommandInput>,
] = [true, true, true, true, true, true, true, true, true];

export const itemRequestParts: [
  Matches<mizzle.KeysAndAttributes, document.BatchGetKeysAndAttributes>,
  Matches<mizzle.WriteRequest, document.BatchWriteWriteRequest>,
  Matches<mizzle.PutRequest, document.BatchWritePutRequest>,
  Matches<mizzle.DeleteRequest, document.BatchWriteDeleteRequest>,
  Matches<mizzle.TransactWriteItem, document.TransactWriteItem>,
  Matches<mizzle.TransactWriteConditionCheck, document.TransactWriteConditionCheck>,
  Matches<mizzle.TransactWritePut, document.TransactWritePut>,
  Matches<mizzle.TransactWriteUpdate, document.TransactWriteUpdate>,
  Matches<mizzle.TransactWriteDelete, document.TransactWriteDelete>,
  Matches<mizzle.ExpectedAttributeValue, document.PutExpectedAttributeValue>,
  Matches<mizzle.Condition, document.QueryCondition>,
] = [true, true, true, true, true, true, true, true, true, true, true];

export const answers: [
  Answers<document.GetCommandOutput, mizzle.GetOutput>,
  Answers<document.PutCommandOutput, mizzle.PutOutput>,
  Answers<document.UpdateCommandOutput, mizzle.UpdateOutput>,
  Answers<document.DeleteCommandOutput, mizzle.DeleteOutput>,
  Answers<document.QueryCommandOutput, mizzle.QueryOutput>,
  Answers<document.ScanCommandOutput, mizzle.ScanOutput>,
  Answers<document.BatchGetCommandOutput, mizzle.BatchGetOutput>,
  Answers<document.BatchWriteCommandOutput, mizzle.BatchWriteOutput>,
  Answers<document.TransactWriteCommandOutput, mizzle.TransactWriteOutput>,
  Answers<sdk.ConsumedCapacity, mizzle.ConsumedCapacity>,
  Answers<sdk.Capacity, mizzle.Capacity>,
  Answers<sdk.VectorCapacity, mizzle.VectorCapacity>,
  Answers<document.PutItemCollectionMetrics, mizzle.ItemCollectionMetrics>,
] = [true, true, true, true, true, true, true, true, true, true, true, true, true];

export const values: [
  document.NumberValue extends mizzle.NumberValue ? true : false,
  mizzle.NativeAttributeValue extends document.NativeAttributeValue ? true : false,
] = [true, true];

/**
 * What both have: a helper for it can be given the `db` of a script or the SDK's own client. (Not
 * the batches: in the SDK's types, what was left unprocessed may lack its keys.)
 */
type ItemMethods = Pick<
  mizzle.Database,
  "get" | "put" | "update" | "delete" | "query" | "scan" | "transactWrite"
>;

export function helpers(client: document.DynamoDBDocument, db: mizzle.Database): ItemMethods[] {
  return [client, db];
}
