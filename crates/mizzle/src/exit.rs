//! Exit codes: a contract with scripts (docs/cli.md).

use std::process::ExitCode;

/// The exit status of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, or nothing to do.
    Success,
    /// The run failed.
    Failed,
    /// The command line, the config or the schema is wrong.
    Usage,
    /// The state differs from the expected one, or work is pending.
    Pending,
    /// Refused: a confirmation or a flag is needed, or DynamoDB cannot do it in place.
    Refused,
    /// Interrupted by the user.
    Interrupted,
}

impl Exit {
    /// Returns the exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Pending => 3,
            Self::Refused => 4,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
