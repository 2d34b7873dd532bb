//! The commands, one module each: arguments, settings, and a `run` that returns a report. No
//! command uses another one.

pub(crate) mod check;
mod completions;
pub(crate) mod drop;
pub(crate) mod export;
pub(crate) mod generate;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod local;
pub(crate) mod migrate;
pub(crate) mod pull;
pub(crate) mod push;
pub(crate) mod status;
pub(crate) mod unlock;

pub(crate) use completions::CompletionsArgs;
pub(crate) use drop::DropArgs;
pub(crate) use export::ExportArgs;
pub(crate) use generate::GenerateArgs;
pub(crate) use init::InitArgs;
pub(crate) use list::ListArgs;
pub(crate) use local::LocalArgs;
pub(crate) use migrate::{MigrateArgs, ResolveArgs};
pub(crate) use pull::PullArgs;
pub(crate) use push::PushArgs;
pub(crate) use status::StatusArgs;
