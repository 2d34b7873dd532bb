//! Backups that are taken before tables are deleted.

use super::{Dropping, PlannedBackup, failure::Trouble, verdict};
use crate::{
    commands::push::explain_wait,
    error::{CommandError, ErrorKind},
    report::{DropReport, FailedTable, TableBackup},
    target::explain,
};
use futures_util::{StreamExt, stream};
use mizzle_core::apply::{
    BackupError, BackupPlane, Options, ServiceErrorKind, WaitError, await_backup, begin_backup,
};
use std::{collections::BTreeSet, fmt::Write, sync::Arc, time::SystemTime};

impl Dropping<'_> {
    /// Whether backups can be taken at all. Where nobody can tell, trying will.
    pub(super) async fn knows_backups(&self) -> bool {
        self.target.control.knows_backups().await.unwrap_or(true)
    }

    /// Backs the tables up side by side, and waits until the backups can be restored. Returns the
    /// tables that have none to rely on.
    pub(super) async fn back_up(
        &self,
        backups: &[PlannedBackup],
        report: &mut DropReport,
        trouble: &mut Trouble,
    ) -> BTreeSet<String> {
        let stop = Arc::clone(&self.stop);
        self.interrupts.answer_next(move || stop.request());
        let wait = match backups {
            [(table, _)] => self.ui.wait(format!("Backing up {table}"), None),
            many => self.ui.wait("Backing up tables", Some(many.len())),
        };
        let wait = wait.announced();
        let outcomes = stream::iter(backups).map(async |(table, name)| {
            let outcome = self.back_up_one(table, name).await;
            wait.advance();
            (table, outcome)
        });
        let outcomes: Vec<_> = outcomes.buffered(self.settings.concurrency).collect().await;
        drop(wait);
        let mut without = BTreeSet::new();
        for (table, (arn, result)) in outcomes {
            report.backups.extend(arn.map(|arn| TableBackup { table: table.clone(), arn }));
            if let Err(error) = result {
                without.insert(table.clone());
                self.note(table, &error, report, trouble);
            }
        }
        report.show_backups(self.ui);
        without
    }

    /// Backs one table up. The ARN is known as soon as the backup is begun: it goes on, and costs,
    /// whether anybody waits for it or not.
    async fn back_up_one(
        &self,
        table: &str,
        name: &str,
    ) -> (Option<String>, Result<(), BackupError>) {
        let (plane, clock, stop) = (&self.target.control, &self.clock, &self.stop);
        let arn = match begin_backup(plane, clock, (table, name), stop).await {
            Ok(arn) => arn,
            Err(error) => return (None, Err(error)),
        };
        let limit = Options::default().step_limit;
        let result = await_backup(plane, clock, (table, &arn), limit, stop).await;
        (Some(arn), result)
    }

    /// Why a table has no backup to rely on, and so is not deleted.
    fn note(
        &self,
        table: &str,
        error: &BackupError,
        report: &mut DropReport,
        trouble: &mut Trouble,
    ) {
        let target = &self.target.name;
        let explained = match error {
            BackupError::Service(error) if error.kind == ServiceErrorKind::Unsupported => {
                report.skipped.push(verdict::no_backups(table, &target.to_string()));
                return;
            }
            BackupError::Wait(WaitError::Stopped { .. }) => {
                report.skipped.push(verdict::not_begun(table));
                return;
            }
            BackupError::Service(error) => explain(error, target),
            BackupError::Wait(error) => explain_wait(error, target),
            BackupError::Vanished { .. } => {
                CommandError::new(ErrorKind::Failed, "conflict", error.to_string())
            }
        };
        let reason = explained.message.clone();
        report.failed.push(FailedTable { name: table.to_owned(), reason });
        trouble.errors.push(explained);
    }
}

/// The name of a backup of a table at a moment: `Orders-mizzle-20260131T120000Z`. As DynamoDB wants
/// it, it has at most 255 characters.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateBackup.html>.
pub(super) fn name(table: &str, moment: SystemTime) -> String {
    const LONGEST: usize = 255;
    let mut time = String::new();
    // A clock that is that wrong gives no time at all: names need not be unique.
    let _ =
        write!(time, "{}", humantime::format_rfc3339_seconds(moment.max(SystemTime::UNIX_EPOCH)));
    let suffix = format!("-mizzle-{}", time.replace(['-', ':'], ""));
    let table: String = table.chars().take(LONGEST - suffix.len()).collect();
    table + &suffix
}

#[cfg(test)]
mod tests {
    use super::name;
    use mizzle_core::model::rules::is_valid_name;
    use std::time::{Duration, SystemTime};

    #[test]
    fn a_backup_is_named_by_table_and_moment() {
        let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(1_769_860_805);
        assert_eq!(name("Orders", moment), "Orders-mizzle-20260131T120005Z");
        assert_eq!(name("a.b_c-d", SystemTime::UNIX_EPOCH), "a.b_c-d-mizzle-19700101T000000Z");
        let long = name(&"x".repeat(255), moment);
        assert!(long.ends_with("x-mizzle-20260131T120005Z") && is_valid_name(&long), "{long}");
        let before = name("Orders", SystemTime::UNIX_EPOCH - Duration::from_secs(60));
        assert!(is_valid_name(&before), "{before}");
    }
}
