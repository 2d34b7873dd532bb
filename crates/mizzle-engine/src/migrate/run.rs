//! The state of a script that runs.

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

    /// The approval.
    pub(super) fn approved(&self) -> &Approved {
        match self {
            Self::Up(up) => &up.approved,
            Self::Down(rollback) => &rollback.approved,
        }
    }

    /// The tables that this run has created, by the names that scripts use.
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
    /// The steps so far, also those that an earlier run has done.
    pub(super) steps: Vec<Step>,
    /// The steps that were left out.
    pub(super) skipped: Vec<(StepId, Skipped)>,
    /// The direction, with its approval and progress.
    pub(super) way: Way<'a>,
    /// The items that it has read and written.
    pub(super) items: Arc<ItemTracker>,
    /// The steps that the server has no operation for.
    pub(super) unsupported: Vec<StepId>,
    /// The differences that the server leaves.
    pub(super) unapplied: Vec<Unapplied>,
    /// The error of the last step, if it failed.
    pub(super) refusal: Option<StepError>,
    /// The tables as the script is to leave them, if a snapshot tells.
    pub(super) tables: Option<&'a Tables>,
    /// Fits its calls to the tables that they meet.
    pub(super) fitter: Fitter,
}
