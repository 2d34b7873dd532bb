//! MiniStack: the broadest control plane of the servers, and the most lenient.

use crate::{guard::Launch, server::Server};
use std::path::Path;

/// Starts MiniStack with the Python that contains it. Every access key of twelve digits is an
/// account with a database of its own.
pub(crate) fn start(python: &Path, kept: &Path) -> anyhow::Result<Server> {
    Server::start("MiniStack", &kept.join("ministack.log"), |port| {
        Launch::new(python, kept)
            .args(["-m", "ministack"])
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("SERVICES", "dynamodb,s3,sts")
            // It would open a port of its own, to all machines.
            .env("IOT_MTLS_ENABLED", "0")
            // It leaves a file with its process id in the folder for temporary files.
            .env("TMPDIR", kept.join("ministack"))
            // It deletes containers that it considers its own: keep it away from the developer's
            // Docker.
            .env("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    })
}
