//! The state of a running script.

use super::{
    Migrate, Skipped,
    approved::{Approved, ForwardRun, Rollback},
    items::ItemTracker,
    session::LockedSession,
};
use crate::{
    converge::Unapplied,
    ports::{Direction, World},
};
use mizzle_core::{
    apply::StepError,
    history::Tables,
    ledger::Record,
    plan::{Fitter, Step, StepId},
};
use std::{collections::BTreeSet, sync::Arc};

/// The direction of a run, with its approval and progress.
pub(super) enum Way<'a> {
    /// The script's `up`.
    Up(&'a mut ForwardRun),
    /// The script's `down`.
    Down(&'a mut Rollback),
}

impl Way<'_> {
    pub(super) fn direction(&self) -> Direction {
        match self {
            Self::Up(_) => Direction::Up,
            Self::Down(_) => Direction::Down,
        }
    }

    /// Returns the approval.
    pub(super) fn approved(&self) -> &Approved {
        match self {
            Self::Up(up) => &up.approved,
            Self::Down(rollback) => &rollback.approved,
        }
    }

    /// Returns the tables that this run has created, by their names in scripts.
    pub(super) fn created(&self) -> &BTreeSet<String> {
        match self {
            Self::Up(up) => &up.created,
            Self::Down(rollback) => rollback.scope.made(),
        }
    }
}

/// A script that is running.
pub(super) struct Run<'a, W: World> {
    pub(super) migrate: &'a Migrate<'a, W>,
    pub(super) session: &'a LockedSession<W>,
    pub(super) record: &'a mut Record,
    /// The steps so far, including those that an earlier run has done.
    pub(super) steps: Vec<Step>,
    /// The steps that were skipped.
    pub(super) skipped: Vec<(StepId, Skipped)>,
    /// The direction, with its approval and progress.
    pub(super) way: Way<'a>,
    /// The items that it has read and written.
    pub(super) items: Arc<ItemTracker>,
    /// The steps whose operation the server does not support.
    pub(super) unsupported: Vec<StepId>,
    /// The remaining differences.
    pub(super) unapplied: Vec<Unapplied>,
    /// The error of the last step, if it failed.
    pub(super) refusal: Option<StepError>,
    /// The tables after the script, if there is a snapshot of them.
    pub(super) tables: Option<&'a Tables>,
    /// The fitter of the script's calls.
    pub(super) fitter: Fitter,
}
