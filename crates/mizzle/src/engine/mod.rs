//! The command line's implementation of the engine's ports.

mod inspect;
mod migrations;
mod scripts;
mod terminal;

pub(crate) use inspect::{Places, inspect, place_of, unreadable};
pub(crate) use migrations::{ProjectMigrations, require_migrations};
pub(crate) use scripts::Scripts;
pub(crate) use terminal::Terminal;

use crate::{
    clock::SystemClock,
    errors::{CommandError, PortError},
    project::IgnoredSettings,
    server::Target,
    signal::Interrupts,
    ui::Ui,
};
use mizzle_aws::DynamoDb;
use mizzle_engine::{Context, ports::World};
use std::{marker::PhantomData, path::Path};
use tokio_util::sync::CancellationToken;

/// The command line as a [`World`].
pub(crate) struct CommandLine<'a>(PhantomData<&'a ()>);

impl<'a> World for CommandLine<'a> {
    type Error = PortError;
    type Server = DynamoDb;
    type Clock = SystemClock;
    type Host = Scripts<'a>;
    type Screen = Terminal<'a>;
    type Ignored = IgnoredSettings;
}

/// The data that a [`Context`] of the engine refers to.
pub(crate) struct Ports<'a> {
    target: &'a Target,
    terminal: Terminal<'a>,
    clock: SystemClock,
    stop: CancellationToken,
    ignored: Option<IgnoredSettings>,
    concurrency: usize,
}

impl<'a> Ports<'a> {
    /// Returns the ports of a command that processes `concurrency` tables at the same time, without
    /// ignored settings.
    pub(crate) fn new(
        target: &'a Target,
        ui: &'a Ui,
        interrupts: &'a Interrupts,
        concurrency: usize,
    ) -> Self {
        Self {
            target,
            terminal: Terminal { ui, interrupts, target: &target.name },
            clock: SystemClock::start(),
            stop: CancellationToken::new(),
            ignored: None,
            concurrency,
        }
    }

    /// Adds the settings that the server is known to ignore, which are stored beside the config in
    /// `root`. AWS ignores none of the settings that it accepts.
    ///
    /// # Errors
    ///
    /// When the ignored settings cannot be read.
    pub(crate) fn with_ignored_settings(self, root: &Path) -> Result<Self, CommandError> {
        if self.target.control.target().is_aws() {
            return Ok(self);
        }
        let ignored = IgnoredSettings::open(root, &self.target.name.server())?;
        Ok(Self { ignored: Some(ignored), ..self })
    }

    /// Returns the context of a run.
    pub(crate) fn context(&self) -> Context<'_, CommandLine<'a>> {
        Context {
            server: &self.target.control,
            is_local: self.target.is_local(),
            options: self.target.apply_options(self.concurrency),
            ignored: self.ignored.as_ref(),
            screen: &self.terminal,
            clock: &self.clock,
            stop: &self.stop,
        }
    }
}
