//! The arguments of `mizzle migrate` and `mizzle resolve`.

use crate::{errors::CommandError, session::Session, settings::MigrationsSettings};
use clap::{ArgGroup, Args};
use mizzle_core::ledger::ResolutionKind;
use mizzle_engine::converge::Policy;

/// `mizzle migrate`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mizzle migrate --dry-run             show the pending steps
  mizzle migrate --env production      apply pending migrations in production
  mizzle migrate --to 3                stop after migration 3
  mizzle migrate --down 1              roll back the last migration
  mizzle migrate --yes                 in a pipeline, also if something is deleted
  mizzle migrate --baseline            adopt existing tables: mark their migrations as applied
  mizzle migrate --repair              bring the tables back to what the applied migrations say")]
pub(crate) struct MigrateArgs {
    /// Show the steps of every pending script and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Stop after this migration, given by its number or name
    #[arg(long, value_name = "MIGRATION")]
    pub(crate) to: Option<String>,
    /// Mark migrations as applied whose effects already exist, and run none
    #[arg(long)]
    pub(crate) baseline: bool,
    /// Bring the tables back to what the applied migrations say, and run no script
    #[arg(long, conflicts_with_all = ["to", "baseline"])]
    pub(crate) repair: bool,
    /// Roll back the last migrations: run the `down` of this many scripts
    #[arg(
        long,
        value_name = "COUNT",
        num_args = 0..=1,
        default_missing_value = "1",
        value_parser = clap::value_parser!(u16).range(1..),
        conflicts_with_all = ["to", "baseline", "repair"]
    )]
    pub(crate) down: Option<u16>,
    /// Delete tables even if they hold items
    #[arg(long, conflicts_with = "baseline")]
    pub(crate) accept_data_loss: bool,
    /// Take a backup of each table that is deleted first, and wait until it can be restored
    #[arg(long, conflicts_with = "baseline")]
    pub(crate) backup: bool,
}

/// `mizzle resolve`
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("resolution").required(true),
    after_help = "\
Examples:
  mizzle resolve 0002 --accept-change      the script changed, but not its effects
  mizzle resolve 0003 --applied            it was applied by hand
  mizzle resolve 0003 --rolled-back        it was rolled back by hand, and will run again
  mizzle resolve 0001_init --forget        its script was deleted on purpose"
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct ResolveArgs {
    /// The migration, by its number or name
    #[arg(value_name = "MIGRATION")]
    pub(crate) migration: String,
    /// Accept the script of an applied migration as it is now
    #[arg(long, group = "resolution")]
    pub(crate) accept_change: bool,
    /// Mark it as applied without running it
    #[arg(long, group = "resolution")]
    pub(crate) applied: bool,
    /// Mark it as pending without running its `down`
    #[arg(long, group = "resolution")]
    pub(crate) rolled_back: bool,
    /// Remove it from the ledger, after its script was deleted
    #[arg(long, group = "resolution")]
    pub(crate) forget: bool,
}

/// The task of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Task {
    /// Runs pending migrations, up to the one with this number or name.
    Run {
        /// The last one.
        to: Option<String>,
    },
    /// Marks pending migrations as applied, up to the one with this number or name.
    Baseline {
        /// The last one.
        to: Option<String>,
    },
    /// Rolls back the last migrations.
    RollBack {
        /// Their number.
        count: usize,
    },
    /// Brings the tables back to the state that the applied migrations leave.
    Repair,
    /// Changes the ledger's entry of a migration.
    Resolve {
        /// Its number or name.
        migration: String,
        /// The resolution.
        kind: ResolutionKind,
    },
}

impl MigrateArgs {
    /// Returns the task, and the settings of the migrations.
    ///
    /// # Errors
    ///
    /// When the migrations folder is a file, or a variable is not a number of seconds.
    pub(super) fn resolve(
        &self,
        session: &Session<'_>,
    ) -> Result<(Task, MigrationsSettings), CommandError> {
        let Self { dry_run, to, baseline, repair, down, accept_data_loss, backup } = self;
        let task = match (down, baseline, repair) {
            (Some(count), ..) => Task::RollBack { count: usize::from(*count) },
            (None, true, _) => Task::Baseline { to: to.clone() },
            (None, false, true) => Task::Repair,
            (None, false, false) => Task::Run { to: to.clone() },
        };
        let policy = Policy {
            dry_run: *dry_run,
            accept_data_loss: *accept_data_loss,
            backup: *backup,
            ..Policy::default()
        };
        Ok((task, session.migrations("mizzle migrate", policy)?))
    }
}

impl ResolveArgs {
    /// Returns the task, and the settings of the migrations.
    ///
    /// # Errors
    ///
    /// As [`MigrateArgs::resolve`].
    pub(super) fn resolve(
        &self,
        session: &Session<'_>,
    ) -> Result<(Task, MigrationsSettings), CommandError> {
        let Self { migration, accept_change, applied, rolled_back, forget: _ } = self;
        // The command line guarantees exactly one of them.
        let kind = match (accept_change, applied, rolled_back) {
            (true, ..) => ResolutionKind::AcceptChange,
            (_, true, _) => ResolutionKind::Applied,
            (_, _, true) => ResolutionKind::RolledBack,
            _ => ResolutionKind::Forget,
        };
        let task = Task::Resolve { migration: migration.clone(), kind };
        Ok((task, session.migrations("mizzle resolve", Policy::default())?))
    }
}
