//! moto: the only server that exports to S3 and supports keys of several attributes.

use crate::{guard::Launch, server::Server};
use std::path::Path;

/// Starts moto with the Python that contains it. Access keys that its STS returns for a role in
/// another account lead to that account's database.
pub(crate) fn start(python: &Path, kept: &Path) -> anyhow::Result<Server> {
    Server::start("moto", &kept.join("moto.log"), |port| {
        let port = port.to_string();
        Launch::new(python, kept).args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port])
    })
}
