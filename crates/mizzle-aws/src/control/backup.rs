//! On-demand backups.

use crate::{
    client::{DynamoDb, look},
    errors::Unreadable,
    limits::Pages,
};
use aws_sdk_dynamodb::types as sdk;
use mizzle_core::apply::{BackupPlane, BackupStatus, ServiceError, ServiceErrorKind};

impl BackupPlane for DynamoDb {
    async fn knows_backups(&self) -> Result<bool, ServiceError> {
        let request = self.request("ListBackups", None);
        let question = self.client.list_backups().limit(1);
        match request.answered(question.customize().config_override(look()).send().await) {
            Ok(_) => Ok(true),
            Err(error) if error.kind == ServiceErrorKind::Unsupported => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn create_backup(&self, table: &str, name: &str) -> Result<String, ServiceError> {
        let request = self.request("CreateBackup", Some(table));
        let call = self.once.create_backup().table_name(table).backup_name(name);
        let answer = request.answered(call.send().await)?;
        let details = answer.backup_details.ok_or(Unreadable::missing("BackupDetails"));
        Ok(request.read(details)?.backup_arn)
    }

    async fn find_backup(&self, table: &str, name: &str) -> Result<Option<String>, ServiceError> {
        let request = self.request("ListBackups", Some(table));
        let mut pages = Pages::new();
        loop {
            let page = self.client.list_backups().table_name(table);
            let page = page.set_exclusive_start_backup_arn(pages.start());
            let page = request.answered(page.customize().config_override(look()).send().await)?;
            let mut backups = page.backup_summaries.unwrap_or_default().into_iter();
            if let Some(found) = backups.find(|backup| backup.backup_name.as_deref() == Some(name))
            {
                return request
                    .read(found.backup_arn.ok_or(Unreadable::missing("BackupArn")))
                    .map(Some);
            }
            let next = page.last_evaluated_backup_arn.filter(|arn| !arn.is_empty());
            if !request.bounded(pages.go_on(next))? {
                return Ok(None);
            }
        }
    }

    async fn backup_status(
        &self,
        table: &str,
        arn: &str,
    ) -> Result<Option<BackupStatus>, ServiceError> {
        let request = self.request("DescribeBackup", Some(table));
        let question = self.client.describe_backup().backup_arn(arn);
        let answer = question.customize().config_override(look()).send().await;
        let description = match request.answered(answer) {
            Ok(answer) => answer.backup_description,
            Err(error) if error.kind == ServiceErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let details = description.and_then(|description| description.backup_details);
        let details = request.read(details.ok_or(Unreadable::missing("BackupDetails")))?;
        request.read(match details.backup_status {
            sdk::BackupStatus::Creating => Ok(Some(BackupStatus::Creating)),
            sdk::BackupStatus::Available => Ok(Some(BackupStatus::Available)),
            sdk::BackupStatus::Deleted => Ok(Some(BackupStatus::Deleted)),
            other => Err(Unreadable::unknown("BackupStatus", other.as_str())),
        })
    }
}
