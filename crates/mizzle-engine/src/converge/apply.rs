//! Applies a plan while the user watches.

use crate::{
    Context,
    ports::{Progress, Screen, World},
};
use mizzle_core::{
    apply::{self, Report, StepError},
    plan::Plan,
};
use std::{sync::Arc, time::Duration};

/// A plan that was applied in part.
#[derive(Debug, Clone)]
pub struct Incomplete {
    /// The plan.
    pub plan: Plan,
    /// The steps that were applied, failed, and were not started.
    pub report: Report,
    /// True if the run was asked to stop.
    pub is_interrupted: bool,
    /// The origin of the plan.
    pub origin: Origin,
}

/// The origin of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The schema, or the migrations that are applied.
    Push,
    /// The settings that an environment has of its own.
    EnvironmentSettings,
}

impl Incomplete {
    /// Returns `None` if everything was applied.
    pub(crate) fn of(
        plan: &Plan,
        report: &Report,
        is_interrupted: bool,
        origin: Origin,
    ) -> Option<Self> {
        if report.failures.is_empty() && (report.not_started.is_empty() || !is_interrupted) {
            return None;
        }
        Some(Self { plan: plan.clone(), report: report.clone(), is_interrupted, origin })
    }

    /// True if the server refuses the rest of a table's steps for good.
    pub fn is_stuck(&self, table: &str) -> bool {
        self.report.failures.iter().any(|failure| {
            failure.table == table && matches!(failure.error, StepError::Stuck { .. })
        })
    }
}

impl<W: World> Context<'_, W> {
    /// Applies a plan on `server`, and returns the time that it took.
    pub(crate) async fn apply(&self, plan: &Plan, server: &W::Server) -> (Report, Duration) {
        let progress = self.screen.progress(plan);
        let report =
            apply::apply(plan, server, self.clock, &progress, self.stop, self.options).await;
        (report, progress.finish())
    }

    /// The same; the next interrupt stops it, which is announced, instead of ending the process.
    pub async fn apply_interruptible(&self, plan: &Plan, server: &W::Server) -> (Report, Duration) {
        let progress = self.screen.progress(plan);
        // Before this an interrupt ends the process: there is nothing to finish.
        let (stop, announce) = (Arc::clone(self.stop), progress.announce_stop());
        self.screen.on_interrupt(Box::new(move || {
            announce();
            stop.request();
        }));
        let report =
            apply::apply(plan, server, self.clock, &progress, self.stop, self.options).await;
        (report, progress.finish())
    }
}
