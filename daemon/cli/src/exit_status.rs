//! How a command ends, as the contract numbers it.

use std::process::ExitCode;

/// The exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// Done.
    Done,
    /// Findings, or a negative answer.
    Found,
    /// Wrong usage or input.
    Usage,
    /// Refused by a check.
    Refused,
    /// The daemon or a model is not available.
    Unavailable,
    /// A fault of ours or of the machine.
    Internal,
}

impl ExitStatus {
    /// The number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Found => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::Unavailable => 4,
            Self::Internal => 70,
        }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}
