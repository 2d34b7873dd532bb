//! `mizzle local`: the embedded DynamoDB for the user's application.

mod settings;

pub(crate) use settings::LocalArgs;

use crate::{
    errors::CommandError,
    render,
    report::{LocalReport, Report},
    server::{self, Serving},
    session::Session,
    signal::Interrupts,
    system,
    ui::Ui,
};
use tokio::sync::oneshot;

/// Serves until Ctrl-C, or until the process is told to terminate.
///
/// # Errors
///
/// When the port is in use, the database cannot be opened, or the system refuses to start a thread.
pub(crate) fn run(args: &LocalArgs, session: &Session<'_>) -> Result<(), CommandError> {
    let serving = args.resolve(session)?;
    // On this thread: starting others fails on a system that refuses threads, and Tokio then
    // panics.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime =
        runtime.map_err(|error| system::refused("Could not start the network", &error))?;
    runtime.block_on(serve(&serving, session.interrupts, session.ui))
}

async fn serve(serving: &Serving, interrupts: &Interrupts, ui: &Ui) -> Result<(), CommandError> {
    let ready = |endpoint: &str| {
        let report = Report::Local(LocalReport { endpoint: endpoint.to_owned() });
        render::show(&report, "local", ui);
        match &serving.database {
            Some(file) => ui.info(format!("DynamoDB on {endpoint}, kept in {}", ui.shown(file))),
            None => ui.info(format!("DynamoDB on {endpoint}, kept in memory")),
        }
        ui.info("any credentials do; Ctrl-C stops it");
    };
    let (interrupt, interrupted) = oneshot::channel();
    interrupts.answer_next(move || {
        // A closed channel means that the server has already stopped.
        let _ = interrupt.send(());
    });
    let shutdown = async {
        let _ = interrupted.await;
    };
    server::serve(serving, ready, shutdown).await?;
    ui.outro("Stopped");
    Ok(())
}
