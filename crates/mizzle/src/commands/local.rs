//! `mizzle local`: the embedded DynamoDB for the user's application.

use crate::{error::CommandError, settings::LocalSettings, signal::Interrupts, target, ui::Ui};
use serde_json::json;
use tokio::sync::oneshot;

/// Serves until Ctrl-C, or until the process is asked to end.
///
/// # Errors
///
/// When the port is taken, or the database cannot be opened.
pub(crate) async fn local(settings: &LocalSettings, ui: &Ui) -> Result<(), CommandError> {
    let ready = |endpoint: &str| {
        ui.result(endpoint);
        ui.document(
            &json!({ "schemaVersion": 1, "command": "local", "target": { "endpoint": endpoint } }),
        );
        match &settings.database {
            Some(file) => ui.info(format!("DynamoDB on {endpoint}, kept in {}", ui.shown(file))),
            None => ui.info(format!("DynamoDB on {endpoint}, kept in memory")),
        }
        ui.info("any credentials do; Ctrl-C stops it");
    };
    let (interrupt, interrupted) = oneshot::channel();
    Interrupts::install().answer_next(move || {
        // When nobody waits any more, the server has stopped already.
        let _ = interrupt.send(());
    });
    let shutdown = async {
        let _ = interrupted.await;
    };
    target::serve(settings, ready, shutdown).await?;
    ui.outro("Stopped");
    Ok(())
}
