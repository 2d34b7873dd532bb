//! Applying a plan with displayed progress.

use super::log::Logged;
use crate::{
    Context,
    ports::{Progress, Screen, World},
};
use mizzle_core::{
    apply::{self, Report},
    plan::Plan,
};
use std::time::Duration;

impl<W: World> Context<'_, W> {
    /// Applies a plan on `server`, and returns the report and the duration.
    pub(crate) async fn apply(&self, plan: &Plan, server: &W::Server) -> (Report, Duration) {
        self.apply_shown(plan, server, self.screen.progress(plan)).await
    }

    /// Applies a plan in the same way. The next interrupt stops it, with an announcement, instead
    /// of ending the process.
    pub async fn apply_interruptible(&self, plan: &Plan, server: &W::Server) -> (Report, Duration) {
        let progress = self.screen.progress(plan);
        // Until here an interrupt ends the process, because there is nothing to finish.
        let (stop, announce) = (self.stop.clone(), progress.announce_stop());
        self.screen.on_interrupt(Box::new(move || {
            announce();
            stop.cancel();
        }));
        self.apply_shown(plan, server, progress).await
    }

    async fn apply_shown(
        &self,
        plan: &Plan,
        server: &W::Server,
        progress: impl Progress,
    ) -> (Report, Duration) {
        let logged = Logged::new(&progress);
        let report = apply::apply(plan, server, self.clock, &logged, self.stop, self.options).await;
        drop(logged);
        (report, progress.finish())
    }
}
