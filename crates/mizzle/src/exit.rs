//! Exit codes: a contract that scripts rely on (docs/cli.md).

use std::process::ExitCode;

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, or nothing to do.
    Success,
    /// Something failed.
    Failed,
    /// The command line, the config or the schema is wrong.
    Usage,
    /// Something is not as it should be, or still to be done.
    Pending,
    /// Refused: a confirmation or a flag is needed, or DynamoDB cannot do it in place.
    Refused,
    /// Interrupted by the user.
    Interrupted,
}

impl Exit {
    /// The number.
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
