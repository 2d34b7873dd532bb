//! Backups that are created before tables are deleted, the same way in all commands.

pub use crate::outcome::TableBackup;
use crate::{
    Context, Error,
    ports::{Event, Screen, TimeOfDay, Wait, Waiting, World},
};
use futures_util::{StreamExt, stream};
use mizzle_core::apply::{BackupError, BackupPlane, await_backup, begin_backup};

use std::{collections::BTreeSet, fmt::Write, time::SystemTime};

/// A backup to create: the table, and the name of the backup.
pub type PlannedBackup = (String, String);

/// An attempt to back up a table.
#[derive(Debug)]
pub struct Attempt {
    /// The table.
    pub table: String,
    /// The ARN of the backup, if one was started: it continues, and costs, even if the wait ends
    /// early.
    pub arn: Option<String>,
    /// `Ok` if it can be restored.
    pub result: Result<(), BackupError>,
}

impl<W: World> Context<'_, W> {
    /// True if the server supports backups, or that is not known.
    pub async fn has_backups(&self) -> bool {
        self.server.knows_backups().await.unwrap_or(true)
    }

    /// Refuses if backups of tables are wanted and the server does not support them.
    ///
    /// # Errors
    ///
    /// Names the tables.
    pub async fn require_backups(&self, tables: &BTreeSet<&str>) -> Result<(), Error<W::Error>> {
        if tables.is_empty() || self.has_backups().await {
            return Ok(());
        }
        Err(Error::NoBackups(tables.iter().map(|table| (*table).to_owned()).collect()))
    }

    /// Creates a backup of each table and waits until all of them can be restored. The backups that
    /// were started are added to `taken`, and reported.
    ///
    /// # Errors
    ///
    /// Names the tables whose backup cannot be relied on.
    pub async fn back_up(
        &self,
        tables: &BTreeSet<&str>,
        taken: &mut Vec<TableBackup>,
    ) -> Result<(), Error<W::Error>> {
        let mut failed = Vec::new();
        let planned = self.plan_backups(tables.iter().copied());
        for Attempt { table, arn, result } in self.take_backups(&planned).await {
            taken.extend(arn.map(|arn| TableBackup { table: table.clone(), arn }));
            failed.extend(result.err().map(|error| (table, error)));
        }
        self.screen.event(Event::BackupsTaken(taken));
        if failed.is_empty() { Ok(()) } else { Err(Error::Backups(failed)) }
    }

    /// Returns the backups of these tables, with names that contain the present time.
    pub fn plan_backups<'t>(
        &self,
        tables: impl IntoIterator<Item = &'t str>,
    ) -> Vec<PlannedBackup> {
        let moment = self.clock.time_of_day();
        tables.into_iter().map(|table| (table.to_owned(), name(table, moment))).collect()
    }

    /// Backs tables up in parallel and waits until the backups can be restored.
    pub async fn take_backups(&self, backups: &[PlannedBackup]) -> Vec<Attempt> {
        self.stop_on_interrupt();
        if backups.is_empty() {
            return Vec::new();
        }
        let tables: Vec<&str> = backups.iter().map(|(table, _)| table.as_str()).collect();
        let wait = self.screen.wait(Waiting::BackingUp(&tables));
        let attempts = stream::iter(backups).map(async |(table, name)| {
            let (arn, result) = self.take_backup(table, name).await;
            wait.advance();
            Attempt { table: table.clone(), arn, result }
        });
        attempts.buffered(self.options.parallel.max(1)).collect().await
    }

    async fn take_backup(
        &self,
        table: &str,
        name: &str,
    ) -> (Option<String>, Result<(), BackupError>) {
        let Self { server, clock, stop, .. } = self;
        let arn = match begin_backup(*server, *clock, (table, name), stop).await {
            Ok(arn) => arn,
            Err(error) => return (None, Err(error)),
        };
        let limit = self.options.step_limit;
        let result = await_backup(*server, *clock, (table, &arn), limit, stop).await;
        (Some(arn), result)
    }
}

/// Returns the name of a table's backup at a given time: `Orders-mizzle-20260131T120000Z`. DynamoDB
/// allows 255 characters.
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateBackup.html>.
fn name(table: &str, moment: SystemTime) -> String {
    const LONGEST: usize = 255;
    let mut time = String::new();
    // The time is omitted if it cannot be formatted: names need not be unique.
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
