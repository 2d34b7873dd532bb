//! Sends calls that change tables.

use super::{convert::requests, describe::POLICY_NOT_FOUND};
use crate::client::DynamoDb;
use mizzle_core::{
    apply::{ServiceError, ServiceErrorKind},
    plan::{Call, DeleteResourcePolicy, PutResourcePolicy},
};

impl DynamoDb {
    /// Sends the call without waiting for its effect.
    pub(crate) async fn send(&self, call: &Call) -> Result<(), ServiceError> {
        let sent = self.send_once(call).await;
        let is_another_table = matches!(call, Call::CreateTable(_) | Call::DeleteTable(_));
        let is_gone = sent.as_ref().is_err_and(|error| error.kind == ServiceErrorKind::NotFound);
        if is_another_table || is_gone {
            self.arns.forget(call.table());
        }
        sent
    }

    async fn send_once(&self, call: &Call) -> Result<(), ServiceError> {
        let request = self.request(call.operation(), Some(call.table()));
        match call {
            Call::CreateTable(create) => {
                let input = request.built(requests::create_table(create))?;
                request.answered(input.send_with(&self.once).await).map(drop)
            }
            Call::UpdateTable(update) => {
                let input = request.built(requests::update_table(update))?;
                request.answered(input.send_with(&self.once).await).map(drop)
            }
            Call::DeleteTable(delete) => {
                let input = requests::delete_table(delete);
                request.answered(input.send_with(&self.once).await).map(drop)
            }
            Call::UpdateTimeToLive(update) => {
                let input = request.built(requests::update_time_to_live(update))?;
                request.answered(input.send_with(&self.once).await).map(drop)
            }
            Call::UpdateContinuousBackups(update) => {
                let input = request.built(requests::update_continuous_backups(update))?;
                request.answered(input.send_with(&self.once).await).map(drop)
            }
            Call::UpdateContributorInsights(update) => {
                let input = requests::update_contributor_insights(update);
                request.answered(input.send_with(&self.once).await).map(drop)
            }
            Call::EnableKinesisStreamingDestination(enable) => {
                let input = requests::enable_kinesis_destination(enable);
                request.answered(input.send_with(&self.once).await).map(drop)
            }
            Call::UpdateKinesisStreamingDestination(update) => {
                let input = requests::update_kinesis_destination(update);
                request.answered(input.send_with(&self.once).await).map(drop)
            }
            Call::DisableKinesisStreamingDestination(disable) => {
                let input = requests::disable_kinesis_destination(disable);
                request.answered(input.send_with(&self.once).await).map(drop)
            }
            Call::TagResource(tag) => {
                let arn = self.arn(call.table()).await?;
                let input = request.built(requests::tag_resource(tag, arn))?;
                request.answered(input.send_with(&self.once).await).map(drop)
            }
            Call::UntagResource(untag) => {
                let arn = self.arn(call.table()).await?;
                let input = requests::untag_resource(untag, arn);
                request.answered(input.send_with(&self.once).await).map(drop)
            }
            Call::PutResourcePolicy(put) => self.put_resource_policy(call, put).await,
            Call::DeleteResourcePolicy(delete) => self.delete_resource_policy(call, delete).await,
        }
    }

    async fn put_resource_policy(
        &self,
        call: &Call,
        put: &PutResourcePolicy,
    ) -> Result<(), ServiceError> {
        let request = self.request(call.operation(), Some(call.table()));
        let arn = self.arn(call.table()).await?;
        let input = requests::put_resource_policy(put, arn);
        match request.answered(input.send_with(&self.once).await) {
            Err(error) if is_no_policy(&error) && put.expected_revision_id.is_some() => {
                Err(changed_meanwhile(error))
            }
            answer => answer.map(drop),
        }
    }

    async fn delete_resource_policy(
        &self,
        call: &Call,
        delete: &DeleteResourcePolicy,
    ) -> Result<(), ServiceError> {
        let request = self.request(call.operation(), Some(call.table()));
        let arn = self.arn(call.table()).await?;
        let input = requests::delete_resource_policy(delete, arn);
        match request.answered(input.send_with(&self.once).await) {
            // The response is the same for no policy and for a policy with another revision.
            Err(error) if is_no_policy(&error) => {
                let is_gone = delete.expected_revision_id.is_none()
                    || self.resource_policy(call.table()).await?.policy.is_none();
                if is_gone { Ok(()) } else { Err(changed_meanwhile(error)) }
            }
            answer => answer.map(drop),
        }
    }
}

fn is_no_policy(error: &ServiceError) -> bool {
    error.code.as_deref() == Some(POLICY_NOT_FOUND)
}

/// Replaces DynamoDB's message, which reports a missing policy if the revision is not the expected
/// one.
fn changed_meanwhile(error: ServiceError) -> ServiceError {
    ServiceError {
        message: "the policy changed after it was read; run the command again \
                  to compare with what it says now"
            .to_owned(),
        ..error
    }
}
