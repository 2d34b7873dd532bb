//! Backups that are taken before tables are deleted: one way for every command.

use super::push::explain_wait;
use crate::{
    clock::{SystemClock, now},
    error::{CommandError, ErrorKind},
    report::TableBackup,
    signal::Interrupts,
    target::{Target, TargetName, explain},
    ui::Ui,
};
use futures_util::{StreamExt, stream};
use mizzle_core::{
    apply::{
        BackupError, BackupPlane, Options, ServiceErrorKind, Stop, WaitError, await_backup,
        begin_backup,
    },
    text,
};
use std::{collections::BTreeSet, fmt::Write, sync::Arc, time::SystemTime};

/// A backup that is to be taken: the table, and the name of the backup.
pub(super) type PlannedBackup = (String, String);

/// A backup of a table that was tried.
pub(super) struct Attempt {
    /// The table.
    pub(super) table: String,
    /// The backup, if one was begun: it goes on, and costs, whether it is waited for or not.
    pub(super) arn: Option<String>,
    /// Whether it can be restored.
    pub(super) result: Result<(), BackupError>,
}

/// Takes backups for a command.
pub(super) struct Backups<'a> {
    /// The server.
    pub(super) target: &'a Target,
    /// The command's clock.
    pub(super) clock: &'a SystemClock,
    /// Ends the waiting.
    pub(super) stop: &'a Arc<Stop>,
    /// Requests that stop when the user interrupts.
    pub(super) interrupts: &'a Interrupts,
    /// The user's side.
    pub(super) ui: &'a Ui,
    /// Tables that are backed up at the same time.
    pub(super) parallel: usize,
}

impl Backups<'_> {
    /// Whether the server can take backups at all. Where it does not tell, trying will.
    pub(super) async fn are_known(&self) -> bool {
        self.target.control.knows_backups().await.unwrap_or(true)
    }

    /// Refuses when the server cannot take backups.
    ///
    /// # Errors
    ///
    /// Names the tables, and the flag that is in the way.
    pub(super) async fn require(&self, tables: &BTreeSet<&str>) -> Result<(), CommandError> {
        if tables.is_empty() || self.are_known().await {
            return Ok(());
        }
        Err(unsupported(tables, &self.target.name))
    }

    /// Takes a backup of each table, and waits until all of them can be restored. The backups that were
    /// begun are added to `taken`, and shown.
    ///
    /// # Errors
    ///
    /// When one of them cannot be relied on.
    pub(super) async fn take_all(
        &self,
        tables: &BTreeSet<&str>,
        taken: &mut Vec<TableBackup>,
    ) -> Result<(), CommandError> {
        let mut failure: Option<CommandError> = None;
        for Attempt { table, arn, result } in self.take(&planned(tables.iter().copied())).await {
            taken.extend(arn.map(|arn| TableBackup { table: table.clone(), arn }));
            let Err(error) = result else { continue };
            let explained = explain_backup(&table, &error, &self.target.name);
            match &mut failure {
                Some(failure) => {
                    failure.add_line(&explained.message);
                    explained.hints.iter().for_each(|hint| failure.hint_once(hint));
                }
                None => failure = Some(explained),
            }
        }
        TableBackup::show(taken, self.ui);
        failure.map_or(Ok(()), Err)
    }

    /// Backs the tables up side by side, and waits until the backups can be restored.
    pub(super) async fn take(&self, backups: &[PlannedBackup]) -> Vec<Attempt> {
        let stop = Arc::clone(self.stop);
        self.interrupts.answer_next(move || stop.request());
        let wait = match backups {
            [] => return Vec::new(),
            [(table, _)] => self.ui.wait(format!("Backing up {table}"), None),
            many => self.ui.wait("Backing up tables", Some(many.len())),
        };
        let wait = wait.announced();
        let attempts = stream::iter(backups).map(async |(table, name)| {
            let (arn, result) = self.take_one(table, name).await;
            wait.advance();
            Attempt { table: table.clone(), arn, result }
        });
        attempts.buffered(self.parallel).collect().await
    }

    async fn take_one(&self, table: &str, name: &str) -> (Option<String>, Result<(), BackupError>) {
        let (plane, clock, stop) = (&self.target.control, self.clock, self.stop);
        let arn = match begin_backup(plane, clock, (table, name), stop).await {
            Ok(arn) => arn,
            Err(error) => return (None, Err(error)),
        };
        let limit = Options::default().step_limit;
        let result = await_backup(plane, clock, (table, &arn), limit, stop).await;
        (Some(arn), result)
    }
}

/// The backups of these tables, named after this moment.
pub(super) fn planned<'a>(tables: impl IntoIterator<Item = &'a str>) -> Vec<PlannedBackup> {
    let moment = now();
    tables.into_iter().map(|table| (table.to_owned(), name(table, moment))).collect()
}

/// Explains why a table has no backup to rely on.
pub(super) fn explain_backup(
    table: &str,
    error: &BackupError,
    target: &TargetName,
) -> CommandError {
    match error {
        BackupError::Service(error) if error.kind == ServiceErrorKind::Unsupported => {
            unsupported(&BTreeSet::from([table]), target)
        }
        BackupError::Service(error) => explain(error, target),
        BackupError::Wait(WaitError::Stopped { .. }) => CommandError::interrupted(),
        BackupError::Wait(error) => explain_wait(error, target),
        BackupError::Vanished { .. } => {
            CommandError::new(ErrorKind::Failed, "conflict", error.to_string())
        }
    }
}

fn unsupported(tables: &BTreeSet<&str>, target: &TargetName) -> CommandError {
    let names: Vec<&&str> = tables.iter().collect();
    let message = format!("{} cannot be backed up: {target} knows no backups", text::list(&names));
    CommandError::new(ErrorKind::Refused, "no-backups", message)
        .hint("leave out --backup to delete without one")
}

/// The name of a backup of a table at a moment: `Orders-mizzle-20260131T120000Z`. As DynamoDB wants
/// it, it has at most 255 characters.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateBackup.html>.
fn name(table: &str, moment: SystemTime) -> String {
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
