// Compiles only while the requests of `mizzle-cli` can be given to the AWS SDK as they are, and
// have no field that the SDK does not know.
import type * as sdk from "@aws-sdk/client-dynamodb";
import type * as mizzle from "mizzle-cli";

/** `true` when a value of `Ours` is one of `Theirs`, and names no other field. */
type Fits<Ours, Theirs> = Ours extends Theirs
  ? keyof Ours extends keyof Theirs
    ? true
    : { unknown: Exclude<keyof Ours, keyof Theirs> }
  : { differs: Ours };

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
] = [true, true, true, true, true, true, true];
